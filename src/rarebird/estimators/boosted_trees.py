"""Gradient boosted trees by LightGBM, which bin the rows of many fits once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from scipy import sparse
from sklearn.base import ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils import Tags

from rarebird._compat import lightgbm
from rarebird._errors import DataError, ModelFileError
from rarebird._params import Int, Real, check_params
from rarebird._random import RandomState, as_seed
from rarebird._typing import LabelsLike, TableLike
from rarebird.decide.base import as_labels
from rarebird.registry import StudyUse, register
from rarebird.resample.parameters import Declared, Flag, Positive

from . import trees
from .checks import check_columns, labels_of, shape_of

_MOST_LEVELS = 255  # of a column of categories, in scikit-learn's trees


@dataclass(frozen=True, eq=False)
class _Bins:
    """Rows in LightGBM's bins, a byte a value, and their labels."""

    data: Any
    y: np.ndarray


# every setting names every parameter, so that a report says in what they differ
_PLAIN: dict[str, Any] = {
    "n_estimators": 100,
    "num_leaves": 15,
    "learning_rate": 0.1,
    "min_child_samples": 20,
    "feature_fraction": 1.0,
    "subsample": 1.0,
    "reg_lambda": 0.0,
    "extra_trees": False,
    "path_smooth": 0.0,
}
_SHRUNK = _PLAIN | {
    "num_leaves": 31,
    "learning_rate": 0.05,
    "min_child_samples": 5,
    "feature_fraction": 0.5,
    "subsample": 0.7,
    "reg_lambda": 1.0,
}


@register(
    name="lightgbm",
    role="learner",
    place="around",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Gradient boosted histogram trees; categories and missing values natively.",
    evidence="LightGBM 4: the same trees; the saved arrays predict identically",
    rare_cases="an absent class is left out; a single class gives a constant",
    example={"n_estimators": 3},
    papers=("Ke2017",),
    study=StudyUse(
        after="kernel",
        effort=None,
        strengths=(
            _SHRUNK | {"n_estimators": 200, "num_leaves": 7, "min_child_samples": 20},
            _SHRUNK | {"n_estimators": 300, "extra_trees": True, "path_smooth": 2.0},
            _PLAIN,
        ),
    ),
)
class BoostedTrees(ClassifierMixin, Declared):
    """Boost histogram trees by LightGBM, kept as checked arrays when saved.

    Where LightGBM's shared library cannot be loaded, scikit-learn's histogram gradient boosting
    takes its place; a column of categories then has at most 255 levels.

    Parameters
    ----------
    categorical : tuple of int, default=()
        Columns that hold category codes 0, 1, ... (missing: NaN).
    n_estimators, num_leaves, learning_rate, min_child_samples, reg_lambda
        As in LightGBM.
    feature_fraction, subsample : float, default=1.0
        Share of the columns, and of the rows, that a tree gets, drawn for each tree.
    extra_trees : bool, default=False
        Whether each column is cut at random; path_smooth : float pulls a leaf towards its parent.
    n_threads : int, default=1
        Threads; the result does not depend on it.

    Notes
    -----
    O(n_estimators n d) per fit, after binning in O(n d log n).

    References
    ----------
    .. [Ke2017] Ke, G.; Meng, Q.; Finley, T.; Wang, T.; Chen, W.; Ma, W.; Ye, Q.; Liu, T.-Y.
       LightGBM: A Highly Efficient Gradient Boosting Decision Tree. Advances in Neural Information
       Processing Systems 30, 2017.

    Examples
    --------
    >>> X, y = np.arange(200.0)[:, None], np.repeat([0, 1], 100)
    >>> BoostedTrees(n_estimators=5).fit(X, y).predict([[3.0], [190.0]]).tolist()
    [0, 1]
    """

    categorical: tuple[int, ...] = ()
    n_estimators: Positive = 100
    num_leaves: Annotated[int, Int(min=2)] = 15
    learning_rate: Annotated[float, Real(min=0, open_low=True)] = 0.1
    min_child_samples: Annotated[int, Int(min=0)] = 20
    reg_lambda: Annotated[float, Real(min=0)] = 0.0
    feature_fraction: Annotated[float, Real(min=0, max=1, open_low=True)] = 1.0
    subsample: Annotated[float, Real(min=0, max=1, open_low=True)] = 1.0
    extra_trees: Flag = False
    path_smooth: Annotated[float, Real(min=0)] = 0.0
    n_threads: Positive = 1
    random_state: RandomState = 0

    def _start(self, y: np.ndarray) -> np.ndarray:
        """Forget what was learned, and return class codes."""
        check_params("BoostedTrees", self.rules, self.get_params())
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.booster_: Any = None  # LightGBM's; None where there is one class, and in a saved model
        self.trees_: Any = None  # its trees as arrays, in a saved model
        self.hist_: Any = None  # what stands in where LightGBM cannot be loaded
        self.levels_: list[np.ndarray] = []  # of each of its columns of categories
        return codes

    def fit(
        self, X: TableLike, y: LabelsLike, sample_weight: Any = None, *, bins: _Bins | None = None
    ) -> "BoostedTrees":
        """Fit on X of shape (n, d) and labels y of shape (n,).

        Parameters
        ----------
        X : array, sparse matrix or data frame of numbers, shape (n, d)
            Rows; a missing value is NaN.
        y : array-like of shape (n,)
            Labels.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows.
        bins : object, optional
            Of `bind`: the rows go into these bins instead of bins of their own.

        Raises
        ------
        DataError
            If there is not one label for each row; where LightGBM cannot be loaded, also if a
            column of categories has more than 255 levels.
        """
        X = _matrix(X)
        codes = self._start(labels_of(X, y, "BoostedTrees"))
        self.n_features_in_ = shape_of(X, "BoostedTrees")[1]
        if len(self.classes_) > 1 and lightgbm() is None:
            self.levels_ = [self._levels(X, j) for j in self.categorical]
            self.hist_ = HistGradientBoostingClassifier(
                categorical_features=list(range(len(self.levels_))),
                max_iter=self.n_estimators,
                max_leaf_nodes=self.num_leaves,
                learning_rate=self.learning_rate,
                min_samples_leaf=self.min_child_samples,
                l2_regularization=self.reg_lambda,
                max_features=self.feature_fraction,
                early_stopping=False,
                random_state=as_seed(self.random_state),
            ).fit(self._levels_first(X), codes, sample_weight=sample_weight)
            self.hist_._preprocessor = None  # `_levels_first` did its work; files hold no functions
        elif len(self.classes_) > 1:
            self._train(self._dataset(X, codes, bins), codes, sample_weight)
        return self

    def bind(self, X: TableLike, y: LabelsLike) -> _Bins | None:
        """Return the rows in bins, for any number of fits on some of them by `fit_rows`.

        None where LightGBM cannot be loaded. The numbers that say how finely are those of all the
        rows, and so are the bins of every fit.
        """
        if lightgbm() is None:
            return None
        X = _matrix(X)
        y = labels_of(X, y, "BoostedTrees")
        return _Bins(self._dataset(X, np.zeros(len(y)), None).construct(), y)

    def fit_rows(self, bins: _Bins, rows: np.ndarray, sample_weight: Any = None) -> "BoostedTrees":
        """Fit on some of the rows that `bind` got, repeats allowed, without a copy of any value.

        The trees are those of ``fit(X[rows], y[rows], sample_weight, bins=bins)`` with ascending
        row numbers: trees on the bins of all rows.

        Parameters
        ----------
        bins : object
            Of `bind`.
        rows : ndarray of int of shape (m,)
            Row numbers.
        sample_weight : array-like of shape (m,), optional
            Weights of these rows, in their order.
        """
        order = np.argsort(rows, kind="stable")
        rows = np.asarray(rows)[order]
        weight = None if sample_weight is None else np.asarray(sample_weight)[order]
        codes = self._start(as_labels(bins.y[rows], "BoostedTrees"))
        self.n_features_in_ = bins.data.num_feature()
        if len(self.classes_) > 1:
            self._train(bins.data.subset(rows).construct(), codes, weight)
        return self

    @property
    def _settings(self) -> dict[str, Any]:
        return {
            "num_leaves": self.num_leaves,
            "learning_rate": self.learning_rate,
            "min_child_samples": self.min_child_samples,
            "lambda_l2": self.reg_lambda,
            "feature_fraction": self.feature_fraction,
            "bagging_fraction": self.subsample,
            "bagging_freq": int(self.subsample < 1),
            "extra_trees": self.extra_trees,
            "path_smooth": self.path_smooth,
            "feature_pre_filter": False,  # else bins depend on min_child_samples
            "num_threads": self.n_threads,
            "deterministic": True,
            "force_row_wise": True,
            "verbose": -1,
        }

    def _dataset(self, X: TableLike, codes: np.ndarray, bins: _Bins | None) -> Any:
        columns = {"categorical_feature": list(self.categorical), "params": self._settings}
        if bins is not None:
            columns = {"reference": bins.data, "params": bins.data.params}
        module: Any = lightgbm()
        return module.Dataset(X, codes, **columns)

    def _train(self, data: Any, codes: np.ndarray, weight: Any) -> None:
        many = len(self.classes_) > 2
        params = {
            **self._settings,
            "objective": "multiclass" if many else "binary",
            "seed": as_seed(self.random_state),
        }
        if many:
            params["num_class"] = len(self.classes_)
        data.set_label(codes)
        data.set_weight(None if weight is None else np.asarray(weight, dtype=float))
        module: Any = lightgbm()
        self.booster_ = module.train(params, data, num_boost_round=self.n_estimators)

    def _levels(self, X: np.ndarray, column: int) -> np.ndarray:
        """Return the levels of a column of categories, ascending, for scikit-learn's trees."""
        found = np.unique(X[:, column])
        found = found[~np.isnan(found)]
        if len(found) > _MOST_LEVELS:
            raise DataError(
                f"BoostedTrees: column {column} has {len(found)} levels; where LightGBM cannot be "
                f"loaded, a column of categories has at most {_MOST_LEVELS}. Merge its rare "
                "levels, leave the column out of categorical, or install LightGBM."
            )
        return found

    def _levels_first(self, X: Any) -> Any:
        """Return X for scikit-learn's trees: numbers of levels (others: NaN), then the rest."""
        if not self.levels_ or sparse.issparse(X):  # scikit-learn says that it takes no sparse ones
            return X
        pairs = zip(X[:, list(self.categorical)].T, self.levels_, strict=True)
        codes = [np.where(np.isin(x, of), np.searchsorted(of, x), np.nan) for x, of in pairs]
        return np.column_stack([*codes, np.delete(X, list(self.categorical), axis=1)])

    def predict_proba(self, X: TableLike) -> np.ndarray:
        """Return probabilities of shape (n, n_classes), in the order of ``classes_``."""
        return self.staged_proba(X, [self.n_estimators])[0]

    def staged_proba(self, X: TableLike, stages: Sequence[int]) -> list[np.ndarray]:
        """Return the probabilities after so many trees, for each number of trees in ``stages``.

        They are those of models of so many trees, so that one fit of the most trees serves as
        several settings, and the number of trees can be chosen by scores on rows held out.

        Parameters
        ----------
        X : array, sparse matrix or data frame of numbers, shape (n, d)
            Rows.
        stages : sequence of int
            Numbers of trees, each at least 1; beyond those there are it is all of them.
        """
        X = _matrix(X)
        n_rows = check_columns(self, X)
        if len(self.classes_) < 2:
            return [np.ones((n_rows, 1)) for _ in stages]
        if self.hist_ is not None:
            wanted = [min(stage, self.hist_.n_iter_) for stage in stages]
            each = enumerate(self.hist_.staged_predict_proba(self._levels_first(X)), start=1)
            after = {n: proba for n, proba in each if n in wanted}
            return [after[n] for n in wanted]
        if self.booster_ is None:
            self.booster_ = trees.to_booster(self.trees_)
        found = [
            self.booster_.predict(X, num_iteration=stage, num_threads=self.n_threads)
            for stage in stages
        ]
        return [p if p.ndim == 2 else np.column_stack([1 - p, p]) for p in found]

    def predict(self, X: TableLike) -> np.ndarray:
        """Return the most probable label of each row."""
        codes = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[codes]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = lightgbm() is not None
        return tags

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


def _matrix(X: TableLike) -> Any:
    return sparse.csr_matrix(X) if sparse.issparse(X) else np.asarray(X, dtype=float)
