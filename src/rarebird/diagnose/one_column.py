"""How well one column alone ranks a class, on rows it was not fitted on."""

from typing import Any

import numpy as np

__all__ = ["auc_of_counts", "column_auc", "rate_auc"]

GIVES_AWAY = 0.995  # an area under the ROC curve from which a column is suspected
N_BINS = 256


def auc_of_counts(positive: Any, negative: Any) -> float:
    """Return the area under the ROC curve of values in rising order, from their counts.

    AUC = sum_v pos_v (neg_{<v} + neg_v / 2) / (pos neg); 0.5 where a side is empty.

    Examples
    --------
    >>> auc_of_counts([0, 1, 1], [1, 1, 0])
    0.875
    """
    positive, negative = np.asarray(positive, dtype=float), np.asarray(negative, dtype=float)
    pairs = positive.sum() * negative.sum()
    if pairs == 0:
        return 0.5
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / pairs)


def rate_auc(codes: Any, positive: Any, half: Any) -> float:
    """Return the out-of-sample AUC of the target rate per level, each half scored by the other.

    A level's score is (pos + p) / (n + 1) with p the rate of the half it is fitted on; that of a
    level that was not seen there is p.

    Parameters
    ----------
    codes : int array of shape (n,)
        Levels, 0 and up.
    positive, half : bool arrays of shape (n,)
        The class, and two halves of the rows.

    Examples
    --------
    >>> rate_auc([0, 0, 1, 1], np.array([False, False, True, True]), np.array([True, False] * 2))
    1.0
    """
    codes, positive, half = np.asarray(codes), np.asarray(positive), np.asarray(half)
    return (_scored(codes, positive, half) + _scored(codes, positive, ~half)) / 2


def _scored(codes: np.ndarray, positive: np.ndarray, fit: np.ndarray) -> float:
    """Fit the rates on the rows ``fit`` and return their AUC on the others."""
    size = int(codes.max(initial=0)) + 1
    ones = np.bincount(codes[fit & positive], minlength=size)
    rows = np.bincount(codes[fit], minlength=size)
    rate = (ones + ones.sum() / max(rows.sum(), 1)) / (rows + 1)
    score = np.unique(rate, return_inverse=True)[1][codes]
    return auc_of_counts(*counts_of(score, positive, ~fit))


def counts_of(
    codes: np.ndarray, positive: np.ndarray, chosen: np.ndarray | bool = True
) -> list[np.ndarray]:
    """Return how many positive and how many other chosen rows each code has."""
    size = int(codes.max(initial=0)) + 1
    return [np.bincount(codes[side & chosen], minlength=size) for side in (positive, ~positive)]


def column_auc(values: Any, positive: Any, half: Any) -> float:
    """Return how well one numeric column alone ranks a class on rows it was not fitted on.

    It is the larger of the AUC of the values themselves (either direction, missing values lowest)
    and that of the target rate in bins, cut at quantiles of the fitting half (`rate_auc`).

    Parameters
    ----------
    values : float array of shape (n,)
        The column, NaN where missing.
    positive, half : bool arrays of shape (n,)
        As of `rate_auc`.

    Examples
    --------
    >>> x = np.arange(40.0)
    >>> column_auc(x, x >= 30, np.arange(40) % 2 == 0)
    1.0
    """
    values, positive = np.asarray(values, dtype=float), np.asarray(positive)
    known = ~np.isnan(values)
    distinct, place = np.unique(values[known], return_inverse=True)
    rank = np.zeros(len(values), dtype=np.int64)
    rank[known] = place + 1
    straight = auc_of_counts(*counts_of(rank, positive))
    straight = max(straight, 1 - straight)
    if straight >= GIVES_AWAY or len(distinct) < 2:
        return straight
    if len(distinct) <= N_BINS:
        return max(straight, rate_auc(rank, positive, half))
    areas = [_scored(_bins(rank, positive, fit), positive, fit) for fit in (half, ~half)]
    return max(straight, (areas[0] + areas[1]) / 2)


def _bins(rank: np.ndarray, positive: np.ndarray, fit: np.ndarray) -> np.ndarray:
    """Cut at quantiles of the fitting rows, and of the class among them; 0 (missing) is apart."""
    edges = np.quantile(rank[fit], np.linspace(0, 1, N_BINS + 1), method="lower")
    inside = rank[fit & positive]
    if inside.size:
        inside = np.quantile(inside, np.linspace(0, 1, 17), method="lower")
    return np.searchsorted(np.unique(np.r_[0, edges, inside - 1, inside]), rank)
