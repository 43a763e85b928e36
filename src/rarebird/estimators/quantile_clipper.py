"""A transformer that takes the edge off outliers."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

__all__ = ["QuantileClipper"]


class QuantileClipper(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Clip each column to two quantiles of the training rows.

    A linear model behind a plain scaler leaves the scale, and then the prediction, to a few
    extreme values. Missing values stay missing, but a column without any value becomes 0.

    Parameters
    ----------
    share : float, default=0.001
        Clip to the quantiles ``share`` and ``1 - share``.

    Notes
    -----
    O(n d) time to fit and to transform.

    Examples
    --------
    >>> X = np.arange(11.0)[:, None]
    >>> QuantileClipper(share=0.1).fit(X).transform([[-5.0], [5.0], [50.0]]).ravel().tolist()
    [1.0, 5.0, 9.0]
    """

    def __init__(self, share: float = 0.001):
        self.share = share

    def fit(self, X: Any, y: Any = None) -> "QuantileClipper":
        """Learn the quantiles of X of shape (n, d)."""
        X = validate_data(self, X, ensure_all_finite="allow-nan", dtype=float)
        self.empty_ = np.isnan(X).all(axis=0)
        known = np.where(self.empty_, 0.0, X)
        self.low_, self.high_ = np.nanquantile(known, [self.share, 1 - self.share], axis=0)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return X of shape (n, d) with each value inside its column's bounds."""
        check_is_fitted(self)
        X = validate_data(self, X, ensure_all_finite="allow-nan", dtype=float, reset=False)
        return np.where(self.empty_, 0.0, np.clip(X, self.low_, self.high_))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
