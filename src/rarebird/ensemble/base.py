"""Draw x fit x combine: the one ensemble of which the named ones are presets."""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from sklearn.base import BaseEstimator, clone

from rarebird._params import Instance, Int, Rule, check_params
from rarebird._random import seed_of
from rarebird.decide.probability_model import ProbabilityModel

__all__ = ["Balanced", "Draw", "Natural", "ResampledEnsemble"]


class Draw(Protocol):
    """How a member's rows are drawn."""

    def sizes(self, counts: np.ndarray) -> np.ndarray:
        """Return the rows drawn of each class, given the rows it has."""
        ...

    def rows(self, y: np.ndarray, counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return row numbers, given class codes y of shape (n,)."""
        ...


@dataclass(frozen=True)
class Balanced:
    """Every class is cut to ``ratio`` times the reference class; smaller classes stay whole.

    The reference is the smaller of two classes and the lower median of many, so that one tiny
    class among many does not throw the rest of the table away.

    Parameters
    ----------
    ratio : float
        Rows of a larger class for each row of the reference class.
    replace : bool
        Draw with replacement within each class (a balanced bootstrap).
    """

    ratio: float = 1.0
    replace: bool = False

    def sizes(self, counts: np.ndarray) -> np.ndarray:
        """Return the rows drawn of each class, min(n_c, round(ratio * n_reference))."""
        present = np.sort(counts[counts > 0])
        reference = present[(len(present) - 1) // 2]
        return np.minimum(counts, max(1, round(self.ratio * reference))).astype(int)

    def rows(self, y: np.ndarray, counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return row numbers; without replacement a class that stays whole costs no draw."""
        parts = []
        for code, size in enumerate(self.sizes(counts)):
            members = np.flatnonzero(y == code)
            if self.replace:
                parts.append(rng.choice(members, size, replace=True) if size else members)
            elif size < len(members):
                parts.append(rng.choice(members, size, replace=False))
            else:
                parts.append(members)
        return np.sort(np.concatenate(parts))


@dataclass(frozen=True)
class Natural:
    """A part of the rows with the classes in their own shares.

    Parameters
    ----------
    fraction : float
        Rows drawn over rows there are.
    replace : bool
        Draw with replacement (``Natural(1.0, replace=True)`` is the bootstrap, within classes).
    max_rows : int or None
        Upper bound on the rows drawn in all (reached within one row a class).
    """

    fraction: float = 0.5
    replace: bool = False
    max_rows: int | None = None

    def sizes(self, counts: np.ndarray) -> np.ndarray:
        """Return the rows drawn of each class, round(fraction * n_c), at least 1 of each."""
        fraction = self.fraction
        if self.max_rows is not None:
            fraction = min(fraction, self.max_rows / max(counts.sum(), 1))
        return np.maximum(np.round(fraction * counts), counts > 0).astype(int)

    def rows(self, y: np.ndarray, counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return row numbers, class by class."""
        parts = []
        for code, size in enumerate(self.sizes(counts)):
            members = np.flatnonzero(y == code)
            if size:
                parts.append(rng.choice(members, size, replace=self.replace))
        return np.sort(np.concatenate(parts))


class ResampledEnsemble(ProbabilityModel, BaseEstimator):
    """Fits each member on its own draw of the rows and averages the members' probabilities.

    p(c | x) = mean over members of p_m(c | x), then corrected from the drawn class shares to the
    true ones: p'(c) proportional to p(c) * pi_c / pi_c(drawn).

    Parameters
    ----------
    estimator : classifier
        Cloned for each member; its ``random_state``, if it has one, is set from the seed.
    draw : Draw
        `Balanced` or `Natural`, or any object with their two methods.
    n_estimators : int, default=10
        Members.
    correct_prior : bool, default=True
        Whether probabilities refer to the true class shares.
    random_state : int, default=0
        Seed; member m depends on the seed and m only.

    Raises
    ------
    ParameterError
        If a parameter is outside its rule.
    DataError
        If there are no rows.

    Notes
    -----
    n_estimators fits of the drawn size; O(n) per draw. Members hold fitted models, never rows.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X, y = np.arange(20.0)[:, None], np.repeat(["no", "yes"], [15, 5])
    >>> model = ResampledEnsemble(DecisionTreeClassifier(), draw=Balanced(), n_estimators=3)
    >>> model.fit(X, y).fitted_prior_.tolist()
    [0.5, 0.5]
    """

    rules: ClassVar[dict[str, Rule]] = {
        "n_estimators": Int(min=1),
        "random_state": Int(min=0),
        "draw": Instance("a draw such as Balanced() or Natural()", methods=("sizes", "rows")),
    }

    def __init__(
        self,
        estimator: Any,
        *,
        draw: Draw = Balanced(),
        n_estimators: int = 10,
        correct_prior: bool = True,
        random_state: int = 0,
    ):
        self.estimator = estimator
        self.draw = draw
        self.n_estimators = n_estimators
        self.correct_prior = correct_prior
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "ResampledEnsemble":
        """Fit on X of shape (n, d) and labels y of shape (n,)."""
        check_params(type(self).__name__, self.rules, self.get_params(deep=False))
        X = np.asarray(X)
        self.n_features_in_ = X.shape[1]
        y, codes, weight = self._begin(X, y, sample_weight, least=1)
        counts = np.bincount(codes, minlength=len(self.classes_))
        shifted = self.draw.sizes(counts) * self.training_prior_ / counts
        self.fitted_prior_ = shifted / shifted.sum()
        if not self.correct_prior:
            self.prior_ = None
        self.estimators_ = []
        for member in range(self.n_estimators):
            rng = np.random.default_rng(seed_of(self.random_state, "member", member))
            rows = self.draw.rows(codes, counts, rng)
            model = clone(self.estimator)
            if "random_state" in model.get_params():
                model.set_params(random_state=seed_of(self.random_state, "fit", member))
            part = {} if weight is None else {"sample_weight": weight[rows]}
            self.estimators_.append(model.fit(X[rows], y[rows], **part))
        return self

    def _proba(self, X: Any) -> np.ndarray:
        total = np.zeros((len(X), len(self.classes_)))
        for model in self.estimators_:  # every class present is drawn, so the columns agree
            total += model.predict_proba(X)
        return self._at_training_prior(total / len(self.estimators_))
