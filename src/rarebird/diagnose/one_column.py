"""How well one column alone ranks each class, on rows it was not fitted on."""

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["Halves", "auc_of_counts", "column_aucs", "level_aucs"]

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


class Halves:
    """Two halves of the rows, by class: each is scored by what the other one says.

    Parameters
    ----------
    y : int array of shape (n,)
        Class codes.
    classes : sequence of int
        The classes that are told from the rest, one after the other.
    half : bool array of shape (n,)
        The first half.

    Examples
    --------
    >>> [rows.tolist() for rows in Halves([0, 1, 1], [1], [True, False, True]).of_class[0]]
    [[2], [1]]
    """

    def __init__(self, y: Any, classes: Sequence[int] | np.ndarray, half: Any):
        y, half = np.asarray(y), np.asarray(half, dtype=bool)
        self.n = len(y)
        self.rows = np.flatnonzero(half), np.flatnonzero(~half)
        self.of_class = [
            (np.flatnonzero((y == code) & half), np.flatnonzero((y == code) & ~half))
            for code in classes
        ]


def level_aucs(codes: Any, halves: Halves) -> np.ndarray:
    """Return the out-of-sample AUC of the rate per level, for each class against the rest.

    A level's score is (pos + p) / (n + 1) with p the rate of the half it is fitted on; that of a
    level that was not seen there is p. It is the mean over the two halves.

    Parameters
    ----------
    codes : int array of shape (n,)
        Levels, 0 and up.
    halves : Halves
        The classes, and the halves of the rows.

    Notes
    -----
    O(n + C K log K) for C classes and K levels.

    Examples
    --------
    >>> level_aucs([0, 0, 1, 1], Halves([0, 0, 1, 1], [1], [True, False, True, False])).tolist()
    [1.0]
    """
    codes = np.asarray(codes)
    size = int(codes.max(initial=0)) + 1
    every = [np.bincount(codes[rows], minlength=size) for rows in halves.rows]

    def area(parts: tuple[np.ndarray, ...]) -> float:
        ones = [np.bincount(codes[rows], minlength=size) for rows in parts]
        return (_scored(ones, every) + _scored(ones[::-1], every[::-1])) / 2

    return np.array([area(parts) for parts in halves.of_class])


def _scored(ones: Sequence[np.ndarray], every: Sequence[np.ndarray]) -> float:
    """Fit rates on the first half's counts and return their AUC on the second's."""
    prior = ones[0].sum() / max(every[0].sum(), 1)
    rate = (ones[0] + prior) / (every[0] + 1)
    order = np.argsort(rate, kind="stable")
    starts = np.flatnonzero(np.diff(rate[order], prepend=-1.0))  # of levels with one rate
    positive = np.add.reduceat(ones[1][order], starts)
    return auc_of_counts(positive, np.add.reduceat(every[1][order], starts) - positive)


def counts_of(codes: np.ndarray, positive: np.ndarray) -> list[np.ndarray]:
    """Return how many positive and how many other rows each code has."""
    size = int(codes.max(initial=0)) + 1
    return [np.bincount(codes[side], minlength=size) for side in (positive, ~positive)]


def column_aucs(values: Any, halves: Halves) -> np.ndarray:
    """Return how well one numeric column alone ranks each class on rows it was not fitted on.

    It is the larger of the AUC of the values themselves (either direction, missing values lowest)
    and that of the rate in bins, cut at quantiles of the fitting half and of the class in it
    (`level_aucs`).

    Parameters
    ----------
    values : float array of shape (n,)
        The column, NaN where missing.
    halves : Halves
        The classes, and the halves of the rows.

    Notes
    -----
    The values are sorted once: O(n log n + C B) for C classes and B = 273 bins.

    Examples
    --------
    >>> x = np.arange(40.0)
    >>> column_aucs(x, Halves(x >= 30, [1], np.arange(40) % 2 == 0)).tolist()
    [1.0]
    """
    rank, size = _ranks(np.asarray(values, dtype=float))
    counts = np.bincount(rank, minlength=size)
    middle = np.cumsum(counts) - (counts - 1) / 2  # the mean place of the rows of a rank, from 1
    straight = np.array(
        [_of_places(middle[rank[np.concatenate(parts)]], halves.n) for parts in halves.of_class]
    )
    straight = np.maximum(straight, 1 - straight)
    if size < 3 or (straight >= GIVES_AWAY).all():
        return straight
    if size <= N_BINS + 1:
        return np.maximum(straight, level_aucs(rank, halves))
    upto = [np.cumsum(np.bincount(rank[rows], minlength=size)) for rows in halves.rows]
    levels = np.linspace(0, 1, N_BINS + 1)
    edges = [np.searchsorted(each, _places(levels, each[-1]), "right") for each in upto]

    def area(fit: int, parts: tuple[np.ndarray, ...]) -> float:
        inside = np.sort(rank[parts[fit]])
        cuts = [np.zeros(1, dtype=int), edges[fit]]  # 0 (missing) is apart
        if inside.size:
            inside = inside[_places(np.linspace(0, 1, 17), inside.size)]
            cuts += [inside - 1, inside]
        ends = np.unique(np.concatenate(cuts))
        ends = ends[ends >= 0]
        ones, every = [], []
        for side in (fit, 1 - fit):
            below = np.append(upto[side][ends], upto[side][-1])
            every.append(np.diff(below, prepend=0))
            bins = np.searchsorted(ends, rank[parts[side]])
            ones.append(np.bincount(bins, minlength=len(ends) + 1))
        return _scored(ones, every)

    binned = [(area(0, parts) + area(1, parts)) / 2 for parts in halves.of_class]
    return np.maximum(straight, binned)


def _ranks(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Return dense ranks, 0 for missing values and else 1 and up, and how many there may be."""
    order = np.argsort(values, kind="stable")  # fast where values repeat; NaN comes last
    n_known = len(values) - int(np.isnan(values).sum())
    rank = np.zeros(len(values), dtype=np.int64)
    new = np.diff(values[order[:n_known]], prepend=np.nan) != 0
    rank[order[:n_known]] = np.cumsum(new)
    return rank, int(new.sum()) + 1


def _of_places(places: np.ndarray, n: int) -> float:
    """Return the AUC of rows that have these places among n; 0.5 where a side is empty."""
    m = len(places)
    return float((places.sum() - m * (m + 1) / 2) / (m * (n - m))) if 0 < m < n else 0.5


def _places(levels: np.ndarray, n: int) -> np.ndarray:
    """Return the numbers, from 0, of the sorted values of n at quantiles, the lower ones."""
    return np.floor(levels * (n - 1)).astype(int)
