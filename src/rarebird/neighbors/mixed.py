"""Distances between rows with numbers, categories and missing values, in blocks, never one-hot."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from rarebird._threads import parallel_map

BLOCK_BYTES = 1 << 23  # of distances a thread holds at a time; its other arrays are no larger
_CROWD = 16  # candidates for each wanted row from which ties are settled row by row


class Numbers:
    """Squared differences of numeric columns, summed; missing values are NaN.

    A column adds ``missing`` where either value is missing. By default the sum over the columns
    that both rows have is scaled by d / their number, and rows that share no column are ``apart``:
    as far as two rows are on average, 2 sum_j var_j.
    """

    def __init__(self, X: np.ndarray, missing: float | None = None, apart: float | None = None):
        X = np.asarray(X, dtype=float)
        partial = np.isnan(X).any(axis=0)
        self.full = np.ascontiguousarray(X[:, ~partial])
        self.partial = np.ascontiguousarray(X[:, partial].T)
        self.missing = missing
        self.width = X.shape[1]
        self.apart = 2 * float((deviations(X)[0] ** 2).sum()) if apart is None else apart

    def block(self, rows: slice, columns: slice) -> np.ndarray:
        """Return the squared distances of the first rows to the second."""
        out = cdist(self.full[rows], self.full[columns], "sqeuclidean")
        if not len(self.partial):
            return out
        missing = np.zeros(out.shape, dtype=np.uint16)
        for column in self.partial:
            difference = np.subtract.outer(column[rows], column[columns])
            unknown = np.isnan(difference)
            missing += unknown
            difference[unknown] = 0
            difference *= difference
            out += difference
        if self.missing is not None:
            out += self.missing * missing
            return out
        scale = self.width / np.maximum(self.width - np.arange(self.width + 1), 1)
        out *= scale[missing]
        out[missing == self.width] = self.apart
        return out


class Overlap:
    """A weight for each category in which two rows differ; codes of shape (n, c), -1 is missing.

    With ``unknown`` a missing value differs from everything, itself included; else it is a level.
    """

    def __init__(self, codes: np.ndarray, weight: float, *, unknown: bool = False):
        self.codes = np.ascontiguousarray(codes.T, dtype=np.int32)
        self.weight, self.unknown = weight, unknown

    def add(self, rows: slice, columns: slice, out: np.ndarray) -> None:
        """Add the squared distances of the first rows to the second to ``out``."""
        count = np.zeros(out.shape, dtype=np.uint8 if len(self.codes) < 256 else np.uint16)
        for column in self.codes:
            differ = np.not_equal.outer(column[rows], column[columns])
            if self.unknown:
                differ[column[rows] < 0] = True
            count += differ.view(np.uint8)
        out += self.weight * count


class _ValueDifference:
    """How much the classes differ between two categories, summed over columns.

    p are the `class_shares` over all rows. ``kind`` "cityblock" is (sum_c |p_c - q_c|)^2,
    "sqeuclidean" sum_c (p_c - q_c)^2. With ``unknown`` a missing value is at distance 1 from
    everything, itself included; else it is a level of its own.
    """

    def __init__(
        self,
        codes: np.ndarray,
        labels: np.ndarray,
        rows: np.ndarray,
        kind: str,
        *,
        unknown: bool = False,
    ):
        self.kind, self.unknown = kind, unknown
        self.columns: list[Any] = []
        for column in codes.T:
            levels, index = np.unique(column[rows], return_inverse=True)
            table = class_shares(column, labels)[levels]
            self.columns.append((index, np.ascontiguousarray(table), levels < 0))

    def add(self, rows: slice, columns: slice, out: np.ndarray) -> None:
        """Add the squared distances of the first rows to the second to ``out``."""
        for index, table, missing in self.columns:
            differences = cdist(table[index[rows]], table, self.kind)
            if self.kind == "cityblock":
                differences *= differences
            if self.unknown:
                differences[:, missing] = 1
                differences[missing[index[rows]]] = 1
            out += differences.take(index[columns], axis=1)


@dataclass(frozen=True)
class MixedDistance:
    """Squared distances between n rows, a block at a time."""

    n: int
    numbers: Numbers | None = None
    categories: Overlap | _ValueDifference | None = None

    def block(self, rows: slice, columns: slice = slice(None)) -> np.ndarray:
        """Return the squared distances of the first rows to the second, by default all."""
        if self.numbers is None:
            out = np.zeros([len(range(*side.indices(self.n))) for side in (rows, columns)])
        else:
            out = self.numbers.block(rows, columns)
        if self.categories is not None:
            self.categories.add(rows, columns, out)
        return out


def deviations(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the population standard deviation and the number of values of each column."""
    counts = (~np.isnan(X)).sum(axis=0)
    if counts.size and counts.min() == len(X):
        return X.std(axis=0), counts
    known = np.maximum(counts, 1)
    mean = np.nansum(X, axis=0) / known
    return np.sqrt(np.nansum((X - mean) ** 2, axis=0) / known), counts


def median_deviation(X: np.ndarray) -> float:
    """Return M, the median of the columns' standard deviations; 1 where no column has a value."""
    spread, counts = deviations(X)
    return float(np.median(spread[counts > 0])) if (counts > 0).any() else 1.0


def class_shares(codes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return P(class | category) of one column: a row for each code, the missing value's last."""
    levels, n_classes = int(codes.max()) + 2, int(labels.max()) + 1
    cells = np.where(codes < 0, levels - 1, codes) * n_classes + labels
    counts = np.bincount(cells, minlength=levels * n_classes).reshape(levels, n_classes)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def nominal_continuous(
    X: np.ndarray, codes: np.ndarray, labels: np.ndarray, rows: np.ndarray
) -> MixedDistance:
    """Return SMOTE-NC's distance: squared differences, and M^2 for each category that differs.

    M is the median over the numeric columns of their standard deviation in ``rows``. Missing
    numbers: see `Numbers`; a missing category is a level of its own. Chawla et al. (2002).

    X (n, d) and codes (n, c) hold all rows, missing values NaN and -1; labels (n,) are their class
    codes, and distances are wanted between ``rows``.
    """
    part = np.asarray(X[rows], dtype=float)
    categories = Overlap(codes[rows], median_deviation(part) ** 2)
    return MixedDistance(len(rows), Numbers(part), categories)


def heom(X: np.ndarray, codes: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> MixedDistance:
    """Return HEOM: differences over the column's range, 1 for categories that differ.

    Where either value is missing, or both, a column adds 1. Ranges are those of all rows. Wilson
    and Martinez (1997), section 2.3. Parameters as `nominal_continuous`.
    """
    reach = np.fmax.reduce(X, axis=0) - np.fmin.reduce(X, axis=0)
    numbers = Numbers(X[rows] / np.where(reach > 0, reach, 1), missing=1)
    return MixedDistance(len(rows), numbers, Overlap(codes[rows], 1, unknown=True))


def hvdm(X: np.ndarray, codes: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> MixedDistance:
    """Return HVDM: differences over 4 standard deviations, sum_c (p_c - q_c)^2 for categories.

    Where either value is missing, or both, a column adds 1. Deviations and class shares are those
    of all rows. Wilson and Martinez (1997), section 3. Parameters as `nominal_continuous`.
    """
    spread = 4 * deviations(X)[0]
    numbers = Numbers(X[rows] / np.where(spread > 0, spread, 1), missing=1)
    categories = _ValueDifference(codes, labels, rows, "sqeuclidean", unknown=True)
    return MixedDistance(len(rows), numbers, categories)


def value_difference(codes: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> MixedDistance:
    """Return SMOTE-N's distance: (sum_c |p_c - q_c|)^2 summed over the columns.

    p and q are P(class | category) over all rows; a missing value is a level of its own. Chawla et
    al. (2002), section 6.2. Parameters as `nominal_continuous`.
    """
    categories = _ValueDifference(codes, labels, rows, "cityblock")
    return MixedDistance(len(rows), categories=categories)


def nearest_rows(
    distance: MixedDistance, k: int, *, n_jobs: int | None = None, block_bytes: int = BLOCK_BYTES
) -> np.ndarray:
    """Return the k nearest other rows of each row, nearest first.

    Among rows at the same distance those that follow the row come first, going round at the end:
    no choice depends on threads or blocks of ``block_bytes``, and no row is everybody's neighbour.
    O(n^2 (d + c)) time; k is at most n - 1.
    """
    height = max(1, block_bytes // (8 * distance.n))
    pieces = [slice(low, min(low + height, distance.n)) for low in range(0, distance.n, height)]

    def nearest(rows: slice) -> np.ndarray:
        return nearest_others(distance.block(rows), np.arange(rows.start, rows.stop), k)

    return np.concatenate(parallel_map(nearest, pieces, n_jobs))


def nearest_others(block: np.ndarray, own: np.ndarray, k: int) -> np.ndarray:
    """Return the k columns nearest to each row of a block, its own column left out.

    Columns at the same distance come in the order in which they follow the own one, going round.
    The block is overwritten. O(q n): candidates are picked by a bound, and only these are sorted.
    """
    height, n = block.shape
    block[np.arange(height), own] = np.inf
    # The k-th smallest of the least distances of groups is no less than the k-th smallest of all.
    least = np.minimum.reduceat(block, np.arange(0, n, max(1, n // (8 * k))), axis=1)
    near = block <= np.partition(least, k - 1, axis=1)[:, k - 1 : k]
    near[np.arange(height), own] = False
    counts = np.count_nonzero(near, axis=1)
    found = np.empty((height, k), dtype=np.intp)
    crowded = counts > _CROWD * k
    for i in np.flatnonzero(crowded):
        found[i] = _first(block[i], own[i], k)
    near[crowded], counts[crowded] = False, 0
    row, column = np.divmod(np.flatnonzero(near), n)
    order = np.lexsort(((column - own[row]) % n, block[row, column], row))
    starts = (np.cumsum(counts) - counts)[~crowded]
    found[~crowded] = column[order[starts[:, None] + np.arange(k)]]
    return found


def _first(distances: np.ndarray, own: int, k: int) -> np.ndarray:
    """Return the nearest k of one row among many that may be tied."""
    n = len(distances)
    limit = np.partition(distances, k - 1)[k - 1]
    nearer, tied = np.flatnonzero(distances < limit), np.flatnonzero(distances == limit)
    tied = tied[tied != own]
    tied = np.roll(tied, -int(np.searchsorted(tied, own)))
    nearer = nearer[np.lexsort(((nearer - own) % n, distances[nearer]))]
    return np.concatenate([nearer, tied[: k - len(nearer)]])
