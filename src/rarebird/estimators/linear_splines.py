"""A transformer that lets a linear model bend."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

__all__ = ["LinearSplines"]

_MOST_COLUMNS = 500  # of all splines: a wide table gets fewer knots a column


class LinearSplines(TransformerMixin, BaseEstimator):
    """Give each column a tent function for each of its inner knots.

    A tent is 1 at its knot, 0 at the next ones and linear between. The knots are quantiles of the
    training rows, each once, so that a column and its tents span the piecewise linear functions
    with these knots. All tents of a missing value are 0.

    Parameters
    ----------
    knots : int, default=7
        Inner knots of a column, at most; fewer where all columns would have more than 500.

    Notes
    -----
    O(n d knots) time and memory.

    Examples
    --------
    >>> X = np.arange(5.0)[:, None]
    >>> LinearSplines(knots=1).fit(X).transform([[0.0], [1.0], [2.0], [3.0]]).ravel().tolist()
    [0.0, 0.5, 1.0, 0.5]
    """

    def __init__(self, knots: int = 7):
        self.knots = knots

    def fit(self, X: Any, y: Any = None) -> "LinearSplines":
        """Learn the knots of X of shape (n, d)."""
        X = validate_data(self, X, ensure_all_finite="allow-nan", dtype=float)
        inner = min(self.knots, _MOST_COLUMNS // X.shape[1])
        at = np.linspace(0, 1, inner + 2)
        known = [column[~np.isnan(column)] for column in X.T]
        found = [np.unique(np.quantile(values, at)) for values in known if len(values)]
        self.column_ = np.flatnonzero([len(values) > 0 for values in known])
        # knots at rounding distance would make tents of arbitrary height
        found = [each[np.append(True, np.diff(each) > 1e-9 * np.ptp(each))] for each in found]
        self.size_ = np.array([len(each) for each in found], dtype=int)
        self.knots_ = np.concatenate([np.zeros(0), *found])
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the tents of X of shape (n, d)."""
        check_is_fitted(self)
        X = validate_data(self, X, ensure_all_finite="allow-nan", dtype=float, reset=False)
        each = np.split(self.knots_, np.cumsum(self.size_)[:-1]) if len(self.size_) else []
        tents = [np.zeros((len(X), 0))]
        for j, knots in zip(self.column_, each, strict=True):
            heights = np.eye(len(knots))[1:-1]
            tents += [np.nan_to_num(np.interp(X[:, j], knots, top))[:, None] for top in heights]
        return np.hstack(tents)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
