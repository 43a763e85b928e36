"""The learners a study fits: they take missing values and category codes as they are."""

import warnings
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from rarebird._compat import lightgbm
from rarebird._errors import ModelFileError
from rarebird.ensemble.base import Natural, ResampledEnsemble
from rarebird.registry import StudyUse, register

from . import trees

__all__ = ["TableEncoder"]

_LEARNER: dict[str, Any] = {
    **{"role": "learner", "place": "around"},
    **{"tasks": ("binary", "multiclass"), "inputs": ("table",)},
    "rare_cases": "an absent class is left out; a single class gives a constant",
}


@register(
    name="lightgbm",
    summary="Gradient boosted histogram trees; categories and missing values natively.",
    evidence="LightGBM 4: the same trees; the saved arrays predict identically",
    example={"n_estimators": 3},
    study=StudyUse(
        after="logistic",
        effort=None,
        strengths=(
            {"n_estimators": 100},
            {"num_leaves": 31, "learning_rate": 0.05, "n_estimators": 200},
        ),
    ),
    **_LEARNER,
)
class BoostedTrees(ClassifierMixin, BaseEstimator):
    """Gradient boosted histogram trees by LightGBM, kept as checked arrays when saved.

    Where LightGBM's shared library cannot be loaded, scikit-learn's histogram gradient boosting
    takes its place.

    Parameters
    ----------
    categorical : tuple of int, default=()
        Columns that hold category codes 0, 1, ... (missing: NaN).
    n_estimators, num_leaves, learning_rate, min_child_samples
        As in LightGBM.
    n_threads : int, default=1
        Threads; the result does not depend on it.
    random_state : int, default=0
        Seed.

    Notes
    -----
    O(n_estimators n d) per fit, after binning in O(n d log n). Ke et al. (2017).

    Examples
    --------
    >>> X, y = np.arange(200.0)[:, None], np.repeat([0, 1], 100)
    >>> BoostedTrees(n_estimators=5).fit(X, y).predict([[3.0], [190.0]]).tolist()
    [0, 1]
    """

    def __init__(
        self,
        *,
        categorical: tuple[int, ...] = (),
        n_estimators: int = 100,
        num_leaves: int = 15,
        learning_rate: float = 0.1,
        min_child_samples: int = 20,
        n_threads: int = 1,
        random_state: int = 0,
    ):
        self.categorical = categorical
        self.n_estimators = n_estimators
        self.num_leaves = num_leaves
        self.learning_rate = learning_rate
        self.min_child_samples = min_child_samples
        self.n_threads = n_threads
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "BoostedTrees":
        """Fit on X of shape (n, d) and labels y of shape (n,)."""
        X = np.asarray(X, dtype=float)
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.n_features_in_ = X.shape[1]
        self.booster_ = self.trees_ = self.hist_ = None
        if len(self.classes_) < 2:
            return self
        module = lightgbm()
        if module is None:
            self.hist_ = HistGradientBoostingClassifier(
                max_iter=self.n_estimators,
                max_leaf_nodes=self.num_leaves,
                learning_rate=self.learning_rate,
                min_samples_leaf=self.min_child_samples,
                early_stopping=False,
                random_state=self.random_state,
            ).fit(X, codes, sample_weight=sample_weight)
            return self
        many = len(self.classes_) > 2
        params = {
            "objective": "multiclass" if many else "binary",
            "num_leaves": self.num_leaves,
            "learning_rate": self.learning_rate,
            "min_child_samples": self.min_child_samples,
            "num_threads": self.n_threads,
            "seed": self.random_state,
            "deterministic": True,
            "force_row_wise": True,
            "verbose": -1,
        }
        if many:
            params["num_class"] = len(self.classes_)
        data = module.Dataset(
            X,
            codes,
            weight=None if sample_weight is None else np.asarray(sample_weight, dtype=float),
            categorical_feature=list(self.categorical),
            params={"verbose": -1, "num_threads": self.n_threads},
        )
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=UserWarning, module="lightgbm")
            self.booster_ = module.train(params, data, num_boost_round=self.n_estimators)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return probabilities of shape (n, n_classes), in the order of ``classes_``."""
        X = np.asarray(X, dtype=float)
        if len(self.classes_) < 2:
            return np.ones((len(X), 1))
        if self.hist_ is not None:
            return self.hist_.predict_proba(X)
        if self.booster_ is None:
            self.booster_ = trees.to_booster(self.trees_)
        proba = self.booster_.predict(X, num_threads=self.n_threads)
        return proba if proba.ndim == 2 else np.column_stack([1 - proba, proba])

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable label of each row."""
        return self.classes_[np.argmax(self.predict_proba(X), axis=1)]

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        if state.get("booster_") is not None:
            state["trees_"] = trees.from_text(self.booster_.model_to_string())
            state["booster_"] = None
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if state.get("trees_") is not None:
            trees.check(state["trees_"])
            n_classes = len(state["classes_"])
            wanted = [1 if n_classes == 2 else n_classes, state["n_features_in_"]]
            if state["trees_"]["shape"].tolist() != wanted:
                raise ModelFileError("The trees of this model are for other columns or classes.")
        self.__dict__.update(state)


class TableEncoder(BaseEstimator):
    """Turns a matrix with category codes and missing values into a plain, scaled one.

    Numbers are clipped to their 0.1 % and 99.9 % quantiles, filled with the median, scaled to unit
    variance, with an indicator where values were missing; categories with at least ``min_rows``
    rows (the ``max_levels`` most frequent) get a column each.

    Parameters
    ----------
    categorical : tuple of int, default=()
        Columns that hold category codes.
    min_rows, max_levels : int
        See above.

    Notes
    -----
    O(n d log n) to fit, O(n d) to transform.

    Examples
    --------
    >>> TableEncoder().fit_transform(np.array([[1.0], [3.0], [np.nan]])).shape
    (3, 2)
    """

    def __init__(
        self, *, categorical: tuple[int, ...] = (), min_rows: int = 10, max_levels: int = 50
    ):
        self.categorical = categorical
        self.min_rows = min_rows
        self.max_levels = max_levels

    def fit(self, X: np.ndarray, y: Any = None) -> "TableEncoder":
        """Learn quantiles, medians, scales and levels from X of shape (n, d)."""
        is_cat = np.isin(np.arange(X.shape[1]), self.categorical)
        self.numeric_ = np.flatnonzero(~is_cat)
        numbers = X[:, self.numeric_]
        with warnings.catch_warnings():  # an all-missing column becomes the constant 0
            warnings.simplefilter("ignore", RuntimeWarning)
            cuts = [0.001, 0.5, 0.999]
            found = np.nanquantile(numbers, cuts, axis=0) if numbers.size else np.zeros((3, 0))
        low, mid, high = self.low_, self.median_, self.high_ = np.nan_to_num(found)
        missing = np.isnan(numbers)
        self.indicated_ = np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0))
        filled = np.clip(np.where(missing, mid, numbers), low, high)
        self.mean_ = filled.mean(axis=0)
        scale = filled.std(axis=0)
        self.scale_ = np.where(scale > 1e-12 * (1 + np.abs(self.mean_)), scale, 1.0)
        self.levels_ = {}
        for j in np.flatnonzero(is_cat):
            levels, counts = np.unique(X[:, j], return_counts=True)  # NaN counts as a level
            order = np.lexsort((levels, -counts))[: self.max_levels]
            kept = np.sort(levels[order][counts[order] >= self.min_rows])
            self.levels_[str(j)] = kept
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return a float32 matrix of shape (n, columns after encoding)."""
        numbers = X[:, self.numeric_]
        missing = np.isnan(numbers)
        filled = np.clip(np.where(missing, self.median_, numbers), self.low_, self.high_)
        parts = [(filled - self.mean_) / self.scale_, missing[:, self.indicated_]]
        for j, levels in self.levels_.items():
            column = X[:, int(j), None]
            parts.append((column == levels) | (np.isnan(column) & np.isnan(levels)))
        return np.concatenate([part.astype(np.float32) for part in parts], axis=1)

    def fit_transform(self, X: np.ndarray, y: Any = None) -> np.ndarray:
        """Fit, then transform."""
        return self.fit(X).transform(X)


@register(
    name="logistic",
    summary="Logistic regression on scaled numbers and one-hot categories.",
    evidence="scikit-learn 1.9: equal coefficients on numeric tables without clipping",
    example={},
    study=StudyUse(after="", effort=None, strengths=({}, {"C": 0.05})),
    **_LEARNER,
)
class Logistic(ClassifierMixin, BaseEstimator):
    """Penalised logistic regression on an encoded table.

    Minimises sum_i w_i log(1 + exp(-y_i f(x_i))) + |beta|^2 / (2 C), f linear in the columns of
    `TableEncoder`.

    Parameters
    ----------
    categorical : tuple of int, default=()
        Columns that hold category codes.
    C : float, default=1.0
        Inverse strength of the penalty.

    Notes
    -----
    O(n d) per iteration of L-BFGS, at most 200 of them.

    Examples
    --------
    >>> X, y = np.arange(20.0)[:, None], np.repeat([0, 1], 10)
    >>> Logistic().fit(X, y).predict([[2.0]]).tolist()
    [0]
    """

    def __init__(self, *, categorical: tuple[int, ...] = (), C: float = 1.0):
        self.categorical = categorical
        self.C = C

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "Logistic":
        """Fit on X of shape (n, d) and labels y of shape (n,)."""
        X = np.asarray(X, dtype=float)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            return self
        self.encoder_ = TableEncoder(categorical=self.categorical)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = LogisticRegression(C=self.C, max_iter=200).fit(
                self.encoder_.fit_transform(X), y, sample_weight=sample_weight
            )
        self.coef_ = model.coef_.astype(float)
        self.intercept_ = model.intercept_.astype(float)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return probabilities of shape (n, n_classes), in the order of ``classes_``."""
        X = np.asarray(X, dtype=float)
        if len(self.classes_) < 2:
            return np.ones((len(X), 1))
        logits = self.encoder_.transform(X) @ self.coef_.T + self.intercept_
        if logits.shape[1] == 1:
            logits = np.concatenate([np.zeros_like(logits), logits], axis=1)
        logits -= logits.max(axis=1, keepdims=True)
        proba = np.exp(logits)
        return proba / proba.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable label of each row."""
        return self.classes_[np.argmax(self.predict_proba(X), axis=1)]


@register(
    name="forest",
    summary="Random forest on at most 20,000 rows a tree; class shares as they are.",
    evidence="scikit-learn 1.9: the ranking quality of its forest over seeds",
    example={"n_estimators": 3},
    study=StudyUse(
        after="lightgbm",
        effort=None,
        strengths=({"n_estimators": 60}, {"n_estimators": 60, "min_samples_leaf": 1}),
    ),
    **_LEARNER,
)
class Forest(ResampledEnsemble):
    """Averages trees, each grown on a bootstrap of the rows as they are (Breiman, 2001).

    Parameters
    ----------
    n_estimators : int, default=100
        Trees.
    max_features : {"sqrt", "log2"}, int, float or None, default="sqrt"
        Columns tried at a split.
    min_samples_leaf : int, default=3
        Rows a leaf must hold.
    max_rows : int, default=20000
        Rows drawn for a tree, at most.
    random_state : int, default=0
        Seed.

    Notes
    -----
    O(n_estimators m d' log^2 m) for m drawn rows and d' columns tried at a split.

    Examples
    --------
    >>> X, y = np.arange(20.0)[:, None], np.repeat([0, 1], 10)
    >>> Forest(n_estimators=5).fit(X, y).predict([[2.0]]).tolist()
    [0]
    """

    def __init__(
        self,
        *,
        n_estimators: int = 100,
        max_features: Any = "sqrt",
        min_samples_leaf: int = 3,
        max_rows: int = 20_000,
        correct_prior: bool = True,
        random_state: int = 0,
    ):
        self.n_estimators = n_estimators
        self.max_features = max_features
        self.min_samples_leaf = min_samples_leaf
        self.max_rows = max_rows
        self.correct_prior = correct_prior
        self.random_state = random_state

    @property
    def draw(self) -> Natural:
        """How the rows of a tree are drawn."""
        return Natural(1.0, replace=True, max_rows=self.max_rows)

    @property
    def estimator(self) -> DecisionTreeClassifier:
        """The tree that is cloned for each member."""
        return DecisionTreeClassifier(
            max_features=self.max_features, min_samples_leaf=self.min_samples_leaf
        )
