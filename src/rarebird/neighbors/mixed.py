"""Nearest rows of a table with numbers, categories and gaps, block by block, never one-hot."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from rarebird._threads import parallel_map

BLOCK_BYTES = 1 << 23  # of distances a thread holds at a time; its other arrays are no larger
_CROWD = 16  # candidates for each wanted row from which ties are settled row by row


class Numbers:
    """Squared differences of numeric columns, summed.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Gaps are NaN.
    gap : float, optional
        What a column adds where either value is missing. By default the sum over the columns that
        both rows have is scaled by d / their number; rows that share no column are as far apart as
        two rows are on average, 2 sum_j var_j.
    """

    def __init__(self, X: np.ndarray, gap: float | None = None):
        X = np.asarray(X, dtype=float)
        gappy = np.isnan(X).any(axis=0)
        self.full = np.ascontiguousarray(X[:, ~gappy])
        self.gappy = np.ascontiguousarray(X[:, gappy].T)
        self.gap = gap
        self.width = X.shape[1]
        self.apart = 2 * float((deviations(X)[0] ** 2).sum())

    def block(self, rows: slice) -> np.ndarray:
        """Return the squared distances of these rows to all rows."""
        out = cdist(self.full[rows], self.full, "sqeuclidean")
        if not len(self.gappy):
            return out
        missing = np.zeros(out.shape, dtype=np.uint16)
        for column in self.gappy:
            difference = np.subtract.outer(column[rows], column)
            gaps = np.isnan(difference)
            missing += gaps
            difference[gaps] = 0
            difference *= difference
            out += difference
        if self.gap is not None:
            out += self.gap * missing
            return out
        scale = self.width / np.maximum(self.width - np.arange(self.width + 1), 1)
        out *= scale[missing]
        out[missing == self.width] = self.apart
        return out


class Overlap:
    """A weight for each category in which two rows differ.

    Parameters
    ----------
    codes : ndarray of shape (n, c)
        Whole numbers; -1 is a gap.
    weight : float
        What a difference adds.
    unknown : bool, default=False
        Whether a gap differs from everything, itself included, or is a level of its own.
    """

    def __init__(self, codes: np.ndarray, weight: float, *, unknown: bool = False):
        self.codes = np.ascontiguousarray(codes.T, dtype=np.int32)
        self.weight, self.unknown = weight, unknown

    def add(self, rows: slice, out: np.ndarray) -> None:
        """Add the squared distances of these rows to all rows to ``out``."""
        count = np.zeros(out.shape, dtype=np.uint8 if len(self.codes) < 256 else np.uint16)
        for column in self.codes:
            differ = np.not_equal.outer(column[rows], column)
            if self.unknown:
                differ[column[rows] < 0] = True
            count += differ.view(np.uint8)
        out += self.weight * count


class ValueDifference:
    """How much the classes differ between two categories, summed over columns.

    Parameters
    ----------
    codes : ndarray of shape (n, c)
        Whole numbers; -1 is a gap.
    shares : list of c ndarrays of shape (levels + 1, C)
        P(class | category) of each column, the gap's last; see `class_shares`.
    kind : "cityblock" or "sqeuclidean"
        (sum_c |p_c - q_c|)^2, or sum_c (p_c - q_c)^2.
    unknown : bool, default=False
        Whether a gap is at distance 1 from everything, itself included, or a level of its own.
    """

    def __init__(
        self, codes: np.ndarray, shares: list[np.ndarray], kind: str, *, unknown: bool = False
    ):
        self.kind, self.unknown = kind, unknown
        self.columns: list[Any] = []
        for column, table in zip(codes.T, shares, strict=True):
            levels, places = np.unique(column, return_inverse=True)
            self.columns.append((places, np.ascontiguousarray(table[levels]), levels < 0))

    def add(self, rows: slice, out: np.ndarray) -> None:
        """Add the squared distances of these rows to all rows to ``out``."""
        for places, table, gap in self.columns:
            differences = cdist(table[places[rows]], table, self.kind)
            if self.kind == "cityblock":
                differences *= differences
            if self.unknown:
                differences[:, gap] = 1
                differences[gap[places[rows]]] = 1
            out += differences.take(places, axis=1)


@dataclass(frozen=True)
class MixedDistance:
    """Squared distances between all rows of a class, a block at a time."""

    n: int
    numbers: Numbers | None = None
    categories: Overlap | ValueDifference | None = None

    def block(self, rows: slice) -> np.ndarray:
        """Return the squared distances of these rows to all rows, shape (rows, n)."""
        if self.numbers is None:
            low, high, _ = rows.indices(self.n)
            out = np.zeros((high - low, self.n))
        else:
            out = self.numbers.block(rows)
        if self.categories is not None:
            self.categories.add(rows, out)
        return out


def deviations(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the population standard deviation and the number of values of each column.

    Examples
    --------
    >>> deviations(np.array([[1.0, np.nan], [3.0, np.nan]]))
    (array([1., 0.]), array([2, 0]))
    """
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
    """Return P(class | category) of one column: a row for each code, the gap's last.

    Examples
    --------
    >>> class_shares(np.array([0, 0, 1, -1]), np.array([0, 1, 1, 1])).tolist()
    [[0.5, 0.5], [0.0, 1.0], [0.0, 1.0]]
    """
    levels, n_classes = int(codes.max()) + 2, int(labels.max()) + 1
    cells = np.where(codes < 0, levels - 1, codes) * n_classes + labels
    counts = np.bincount(cells, minlength=levels * n_classes).reshape(levels, n_classes)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def nominal_continuous(
    X: np.ndarray, codes: np.ndarray, labels: np.ndarray, rows: np.ndarray
) -> MixedDistance:
    """Return SMOTE-NC's distance: squared differences, and M^2 for each category that differs.

    M is the median over the numeric columns of their standard deviation in ``rows``. Numbers with
    gaps: see `Numbers`; a missing category is a level of its own. Chawla et al. (2002).

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Numbers of all rows, gaps NaN.
    codes : ndarray of shape (n, c)
        Categories of all rows, gaps -1.
    labels : ndarray of shape (n,)
        Class codes.
    rows : ndarray of shape (m,)
        The rows between which distances are wanted.
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
    numbers = Numbers(X[rows] / np.where(reach > 0, reach, 1), gap=1)
    return MixedDistance(len(rows), numbers, Overlap(codes[rows], 1, unknown=True))


def hvdm(X: np.ndarray, codes: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> MixedDistance:
    """Return HVDM: differences over 4 standard deviations, sum_c (p_c - q_c)^2 for categories.

    Where either value is missing, or both, a column adds 1. Deviations and class shares are those
    of all rows. Wilson and Martinez (1997), section 3. Parameters as `nominal_continuous`.
    """
    spread = 4 * deviations(X)[0]
    numbers = Numbers(X[rows] / np.where(spread > 0, spread, 1), gap=1)
    shares = [class_shares(column, labels) for column in codes.T]
    categories = ValueDifference(codes[rows], shares, "sqeuclidean", unknown=True)
    return MixedDistance(len(rows), numbers, categories)


def value_difference(codes: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> MixedDistance:
    """Return SMOTE-N's distance: (sum_c |p_c - q_c|)^2 summed over the columns.

    p and q are P(class | category) over all rows; a gap is a level of its own. Chawla et al.
    (2002), section 6.2. Parameters as `nominal_continuous`.
    """
    shares = [class_shares(column, labels) for column in codes.T]
    return MixedDistance(len(rows), categories=ValueDifference(codes[rows], shares, "cityblock"))


def nearest_rows(
    distance: MixedDistance, k: int, *, n_jobs: int | None = None, block_bytes: int = BLOCK_BYTES
) -> np.ndarray:
    """Return the k nearest other rows of each row, nearest first.

    Among rows at the same distance those that follow the row come first, going round at the end:
    no choice depends on threads or blocks, and no row is everybody's neighbour.

    Parameters
    ----------
    distance : MixedDistance
        Between n rows.
    k : int
        At most n - 1.
    n_jobs : int, optional
        Threads; None is what the linear algebra may use now.
    block_bytes : int
        Of distances a thread holds at a time, at least one row of them.

    Returns
    -------
    indices : ndarray of shape (n, k)
        Places among the distance's rows.

    Notes
    -----
    O(n^2 (d + c)) time.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [1.0]])
    >>> nearest_rows(MixedDistance(4, Numbers(X)), 2).tolist()
    [[1, 3], [3, 0], [3, 1], [1, 0]]
    """
    height = max(1, block_bytes // (8 * distance.n))
    pieces = [slice(low, min(low + height, distance.n)) for low in range(0, distance.n, height)]
    return np.concatenate(
        parallel_map(lambda rows: _nearest_of(distance.block(rows), rows, k), pieces, n_jobs)
    )


def _nearest_of(block: np.ndarray, rows: slice, k: int) -> np.ndarray:
    """Return the nearest k of each row of a block of squared distances."""
    height, n = block.shape
    own = np.arange(rows.start, rows.stop)
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
    place, column = np.divmod(np.flatnonzero(near), n)
    order = np.lexsort(((column - own[place]) % n, block[place, column], place))
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
