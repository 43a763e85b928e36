"""Draw x scheme x vote: the one ensemble of which the named ones are presets."""

from collections.abc import Iterator
from dataclasses import field, replace
from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.utils import Tags, get_tags

from rarebird._errors import DataError, format_label
from rarebird._params import Instance, OneOf, check_params
from rarebird._random import RandomState, as_seed, seed_of
from rarebird._typing import LabelsLike, TableLike
from rarebird.decide.bias_corrected_temperature import BiasCorrectedTemperature
from rarebird.decide.cross_fitting import align_proba, held_out_scores
from rarebird.decide.folds import FoldsRule
from rarebird.decide.probability_model import ProbabilityModel
from rarebird.resample.parameters import Declared, Flag, Jobs, Positive
from rarebird.tables.convert import as_table

from .fitting import Fitting
from .schemes.bagging import Bagging
from .schemes.base import Scheme
from .training import Training

__all__ = ["Ensemble"]


class Parts(NamedTuple):
    """What an ensemble is made of; ``vote=None`` is the scheme's own."""

    estimator: Any
    draw: Any
    scheme: Scheme = Bagging()
    vote: Any = None


class BaseEnsemble(ProbabilityModel, Declared):
    """Base of all ensembles: a subclass says by ``_parts`` what it is made of."""

    texts: ClassVar[dict[str, str]] = {
        "estimator": """\
estimator : classifier
    Cloned for each member; every ``random_state`` in it is set from the seed.""",
        "n_estimators": """\
n_estimators : int, default=?
    Members.""",
        "correct_prior": """\
correct_prior : bool, default=?
    Whether probabilities refer to the training data's class shares.""",
        "cv": """\
cv : int, splitter or iterable, default=?
    Folds of the calibration.""",
        "n_jobs": """\
n_jobs : int or None, default=?
    Threads, as in joblib; the result does not depend on it.""",
    }
    n_estimators: Positive = 10
    correct_prior: Flag = True
    n_jobs: Jobs = None
    random_state: RandomState = None

    def _parts(self) -> Parts:
        raise NotImplementedError

    def fit(self, X: TableLike, y: LabelsLike, sample_weight: Any = None) -> Any:
        """Fit on rows X of shape (n, d) and labels y of shape (n,).

        Parameters
        ----------
        X : array, sparse matrix, list or data frame of shape (n, d)
            Training rows; the members get the same kind.
        y : array-like of shape (n,)
            Labels.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows; one of weight 0 counts as absent.

        Raises
        ------
        DataError
            If the rows cannot be used, or the first member is no better than chance.
        ParameterError, ParameterTypeError
            If a parameter is outside its rule, or the estimator lacks what is needed.
        """
        who, (estimator, draw, scheme, _) = type(self).__name__, self._parts()
        check_params(who, self.rules, self.get_params(deep=False))
        scheme = clone(scheme)
        for part in (draw, scheme):
            check_params(type(part).__name__, getattr(part, "rules", {}), vars(part))
        y, codes, weight = self._begin(X, y, sample_weight, least=1)
        cv = getattr(self, "cv", 5)
        X, y, codes, weight, cv = self._without_weightless(X, y, codes, weight, cv)
        table = as_table(X, who)
        self._set_names(table)
        start, spent = scheme.start(codes, weight), getattr(draw, "by_weight", False)
        self._check_estimator(estimator, start is not None and not spent)
        self.estimators_: list[Any] = []
        self.alphas_ = np.ones(0)
        if len(self.classes_) < 2:
            return self
        seed = as_seed(self.random_state)
        bins = clone(estimator).bind(X, y) if hasattr(estimator, "bind") else None
        training = Training.of(X, codes, self.classes_, n_rounds=self.n_estimators, weights=start)
        self._fit_members(Fitting(estimator, draw, table, seed, bins), training, scheme)
        if not self.correct_prior:
            self.prior_ = None
        elif not (getattr(draw, "keeps_conditional", False) and scheme.keeps_conditional):
            part = clone(self).set_params(correct_prior=False, random_state=seed_of(seed, "folds"))
            cause = f"{type(draw).__name__} in {type(scheme).__name__}"
            held = held_out_scores(part, X, y, codes, weight, cv, seed, cause=cause)
            self.calibrator_ = BiasCorrectedTemperature().fit(held.proba, held.y, held.weight)
            self.fitted_prior_ = None
        return self

    def _fit_members(self, fitting: Fitting, training: Training, scheme: Scheme) -> None:
        """Set the members, their votes and the mean of the shares they learned from."""
        numbers = range(self.n_estimators)
        if not (scheme.sequential or getattr(fitting.draw, "sequential", False)):
            threads = Parallel(self.n_jobs, require="sharedmem")
            found = threads(delayed(fitting.member)(training, m) for m in numbers)
            alphas = [1.0] * len(found)
        else:
            found, alphas = [], []
            total = np.zeros((len(training.y), len(self.classes_)))
            for m in numbers:
                model, shares = fitting.member(training, m)
                scores = align_proba(model, training.X, self.classes_)
                weights, alpha, stop = scheme.update(m, model, scores)
                if alpha > 0:
                    found.append((model, shares))
                    alphas.append(alpha)
                    total = total + alpha * scores
                if stop:
                    break
                mean = total / sum(alphas) if found else None
                training = replace(training, weights=weights, scores=mean)
        if not found:
            code = int(training.counts.argmin())
            raise DataError(
                f"{type(self).__name__}: the first member, {type(fitting.estimator).__name__}, is "
                f"no better than chance on the {len(training.y)} rows with their weights; class "
                f"{format_label(self.classes_[code])} has {training.counts[code]} rows. Take a "
                "stronger estimator, or UnderBaggingClassifier."
            )
        self.estimators_ = [model for model, _ in found]
        self.alphas_ = np.array(alphas)
        self.fitted_prior_ = np.average([shares for _, shares in found], axis=0, weights=alphas)

    def _probas(self, X: TableLike) -> Iterator[np.ndarray]:
        """Yield each member's probabilities, in order."""
        threads = Parallel(self.n_jobs, require="sharedmem", return_as="generator")
        return threads(
            delayed(align_proba)(member, X, self.classes_) for member in self.estimators_
        )

    def _proba(self, X: TableLike) -> np.ndarray:
        if len(self.classes_) < 2:
            return np.ones((as_table(X, type(self).__name__).n_rows, 1))
        parts = self._parts()
        vote = parts.scheme.vote if parts.vote is None else parts.vote
        return self._at_training_prior(vote(self._probas, self.alphas_, X))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self._parts().estimator).input_tags
        return tags


class Ensemble(BaseEnsemble):
    """Fit members, each on its own draw of the rows, and let them vote.

    Where draw and scheme keep p(x | class), the vote's probabilities are moved from the class
    shares that the members learned from to those of the training data, p'(c) proportional to
    p(c) pi_c / pi_c(drawn): after the vote, as those of one grown tree are 0 or 1 and would not
    move. Otherwise the vote is calibrated on held-out rows.

    Parameters
    ----------
    draw : Draw
        The rows of a member: `Balanced`, `Natural`, `Resampled`, or any function
        ``draw(training, round, rng)`` that returns a plan.
    scheme : Scheme or None, default=None
        What follows from a member for the next one; None is `Bagging`.
    vote : vote or None, default=None
        How the members' answers become one, ``vote(members, alphas, X)``; None is the scheme's.

    Attributes
    ----------
    estimators_ : list of classifier
        The fitted members; of an integer seed member m depends on it and on m only.
    alphas_ : ndarray of shape (n_members,)
        Their votes.
    fitted_prior_ : ndarray of shape (n_classes,) or None
        Weighted class shares of the rows they learned from, the mean of the members'; None where
        the vote is calibrated.

    Notes
    -----
    n_estimators fits of the drawn size, cv + 1 times that many where the vote is calibrated. Rows
    are taken for one member at a time and not kept; a learner with ``bind`` and ``fit_rows``
    (`BoostedTrees`) bins them once, and a draw of rows as they are then copies none.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from rarebird.ensemble import Balanced
    >>> X, y = np.arange(20.0)[:, None], np.repeat(["no", "yes"], [15, 5])
    >>> model = Ensemble(DecisionTreeClassifier(), Balanced(), n_estimators=3, random_state=0)
    >>> model.fit(X, y).fitted_prior_.tolist()
    [0.5, 0.5]
    """

    estimator: Any = field(kw_only=False)
    draw: Annotated[Any, Instance("a draw such as Balanced()", methods=("__call__",))] = field(
        kw_only=False
    )
    scheme: Annotated[Any, OneOf(None, Instance("a scheme", types=(Scheme,)))] = field(
        default=None, kw_only=False
    )
    vote: Annotated[Any, OneOf(None, Instance("a vote", methods=("__call__",)))] = field(
        default=None, kw_only=False
    )
    cv: Annotated[Any, FoldsRule] = 5

    def _parts(self) -> Parts:
        scheme = Bagging() if self.scheme is None else self.scheme
        return Parts(self.estimator, self.draw, scheme, self.vote)
