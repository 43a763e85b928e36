"""SMOTE around a learner, for tables with categories and missing values."""

import warnings
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from rarebird._errors import DataError
from rarebird._optional import need
from rarebird.counts import ClassCounts

MAX_LEVELS = 500  # SMOTENC's neighbour search holds a column a level


class SmoteClassifier(ClassifierMixin, BaseEstimator):
    """Fits a classifier on the rows and on new rare rows between rare neighbours.

    x_new = x + u (x' - x), u ~ U(0, 1), x' one of the k nearest rows of x's class (Chawla et al.,
    2002); categories are voted by the neighbours. Missing values are filled with the median first.
    The probabilities are not corrected: SMOTE changes p(x | class), so they need a calibrator
    that saw real rows.

    Parameters
    ----------
    estimator : classifier
        Fitted on the enlarged table.
    ratio : float, default=1.0
        Every class smaller than ratio x the largest is raised to that size.
    k_neighbors : int, default=5
        Fewer where a class has fewer rows; a class with a single row is left as it is.
    categorical : tuple of int, default=()
        Columns that hold category codes.
    random_state : int, default=0
        Seed.

    Raises
    ------
    DataError
        If the categorical columns have more than 500 levels in all.
    MissingDependencyError
        If imbalanced-learn is not installed.

    Notes
    -----
    O(n_c^2 d) for a class of n_c rows that is raised.
    """

    def __init__(
        self,
        estimator: Any,
        *,
        ratio: float = 1.0,
        k_neighbors: int = 5,
        categorical: tuple[int, ...] = (),
        random_state: int = 0,
    ):
        self.estimator = estimator
        self.ratio = ratio
        self.k_neighbors = k_neighbors
        self.categorical = categorical
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> "SmoteClassifier":
        """Fit on X of shape (n, d) and labels y of shape (n,)."""
        samplers = need("imblearn.over_sampling", extra="smote", who="SMOTE")
        X, y = np.asarray(X, dtype=float), np.asarray(y)
        counts = ClassCounts.from_labels(y)
        self.classes_ = counts.classes
        goal = int(self.ratio * counts.counts.max())
        wanted = {
            label: goal
            for label, n in zip(counts.classes.tolist(), counts.counts, strict=True)
            if 2 <= n < goal
        }
        self.fill_ = None
        if wanted:
            self.fill_ = self._fill(X)
            X = np.where(np.isnan(X), self.fill_, X)
            smallest = min(int(n) for n in counts.counts if n >= 2)
            common = {
                "sampling_strategy": wanted,
                "k_neighbors": min(self.k_neighbors, smallest - 1),
                "random_state": self.random_state,
            }
            sampler = samplers.SMOTE(**common)
            if self.categorical:
                levels = sum(len(np.unique(X[:, j])) for j in self.categorical)
                if levels > MAX_LEVELS:
                    raise DataError(
                        f"SMOTE: the categorical columns have {levels} levels in all; it is left "
                        f"out above {MAX_LEVELS}."
                    )
                if len(self.categorical) == X.shape[1]:
                    sampler = samplers.SMOTEN(**common)
                else:
                    sampler = samplers.SMOTENC(list(self.categorical), **common)
            X, y = sampler.fit_resample(X, y)
        self.estimator_ = clone(self.estimator).fit(X, y)
        return self

    def _fill(self, X: np.ndarray) -> np.ndarray:
        """Return what fills a gap: the column's median; for categories a level of its own, -1."""
        with warnings.catch_warnings():  # an all-missing column becomes the constant 0
            warnings.simplefilter("ignore", RuntimeWarning)
            fill = np.nan_to_num(np.nanmedian(X, axis=0))
        fill[list(self.categorical)] = -1.0
        return fill

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return probabilities of shape (n, n_classes), in the order of ``classes_``."""
        X = np.asarray(X, dtype=float)
        if self.fill_ is not None:
            X = np.where(np.isnan(X), self.fill_, X)
        return self.estimator_.predict_proba(X)

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable label of each row."""
        return self.classes_[np.argmax(self.predict_proba(X), axis=1)]
