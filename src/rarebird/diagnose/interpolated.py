"""Test rows that lie on a line through training rows, as rows made by interpolation do."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import qr
from sklearn.neighbors import NearestNeighbors

from rarebird._errors import DataError
from rarebird._random import RandomState, as_rng
from rarebird.registry import register

from .check import Check, check
from .duplicates import duplicate_groups

__all__ = ["interpolated_rows"]

DIGITS = {np.float64: 9, np.float32: 5}  # a value with more significant digits is no typed-in one
FALSE_ALARMS = 1e-3  # expected number of rows on lines by chance, in the whole search
SAMPLE = 5000  # training rows that tell what a column's values are like
MAX_TRAIN, MAX_WORK = 100_000, 2e9  # training rows and multiplications of a study's search


@dataclass(frozen=True, eq=False)
class OnLines:
    """Rows found on lines.

    Parameters
    ----------
    rows : ndarray of int of shape (h,)
        Test rows.
    through : ndarray of int of shape (h, 2)
        The two training rows that each is in line with.
    n_searched : int
        Test rows looked at.
    columns : ndarray of int
        Columns in which interpolation shows; with fewer than two nothing can be found.
    """

    rows: np.ndarray
    through: np.ndarray
    n_searched: int
    columns: np.ndarray


def interpolated_rows(
    train: Any,
    test: Any,
    *,
    y_train: Any = None,
    y_test: Any = None,
    n_neighbors: int = 20,
    tolerance: float | None = None,
    max_rows: int | None = 2000,
    random_state: RandomState = 0,
) -> OnLines:
    """Find test rows x in line with two near training rows a and b: one of the three between.

    For the middle one m of three rows p, m, q, with u of least squares,

        |m_j - p_j - u (q_j - p_j)| <= tolerance * max(|p_j|, |q_j|, s_j)   in every column j,

    and chance does not explain it: the number of pairs looked at, times the product over all
    evident columns but the best one of 2 g_j / |q_j - p_j|, is at most 0.001. A column is evident
    where it is no linear function of others and x has a value there that no training row has, of
    more digits than people type (9; 5 in single precision), and off the grid on which the values
    of the column lie, if they do. g_j is the tolerance, or the step of a grid too fine to be known.

    Parameters
    ----------
    train, test : array-likes of numbers of shape (n, d) and (m, d)
        The two sides; gaps are filled with the median and are no evidence.
    y_train, y_test : array-likes of shape (n,) and (m,), optional
        Labels; with them only lines through rows of x's own class are looked at.
    n_neighbors : int, default=20
        The training rows nearest to x (Euclidean distance, columns as they are), in pairs.
    tolerance : float, optional
        1e-12 by default, 1e-6 for a column of single precision. Where values were rounded after
        they were interpolated, the rounding relative to the values.
    max_rows : int or None, default=2000
        Test rows looked at, the classes in equal parts; ``None`` for all.
    random_state : int, Generator, RandomState or None, default=0
        Chooses them.

    Raises
    ------
    DataError
        If the two sides have different columns.

    Notes
    -----
    A search for neighbours, and O(m k^2 d) for k of them. Seen are interpolations of two rows
    that differ in at least two evident columns (SMOTE and its kin, mixup); not seen: noise added
    to rows, whole numbers (rounded or cut), and rows whose parents are both on the test side.
    What can look like interpolation: two columns of which one is a piecewise linear function of
    the other, with no third evident one, and smooth curves in single precision.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> train, test = rng.normal(size=(50, 3)), rng.normal(size=(9, 3))
    >>> test[4] = train[7] + 0.3 * (train[8] - train[7])
    >>> found = interpolated_rows(train, test, n_neighbors=49)
    >>> found.rows.tolist(), sorted(found.through[0].tolist())
    ([4], [7, 8])
    """
    train, test = _numbers(train), _numbers(test)
    if train.shape[1] != test.shape[1]:
        raise DataError(
            f"interpolated_rows: {train.shape[1]} columns in training, {test.shape[1]} in test."
        )
    chosen, rng = [], as_rng(random_state)
    sides = _sides(len(train), len(test), y_train, y_test)
    for _, others in sides:
        if max_rows is not None and len(others) > max_rows // len(sides):
            others = rng.choice(others, max(1, max_rows // len(sides)), replace=False)
        chosen.append(others)
    rows = np.sort(np.concatenate([np.zeros(0, int), *chosen]))
    if not len(rows) or len(train) < 2:
        return OnLines(rows[:0], np.zeros((0, 2), int), len(rows), rows[:0])
    look = _Look(train, test[rows], tolerance)
    hits, through = [np.zeros(0, int)], [np.zeros((0, 2), int)]
    for (mine, _), others in zip(sides, chosen, strict=True):
        if len(look.columns) >= 2:
            found, pairs = look.search(mine, np.searchsorted(rows, others), n_neighbors)
            hits.append(rows[found])
            through.append(pairs)
    hit, first = np.unique(np.concatenate(hits), return_index=True)
    return OnLines(hit, np.concatenate(through)[first], len(rows), look.columns)


def _numbers(X: Any) -> np.ndarray:
    X = np.array(X, dtype=float)
    X[~np.isfinite(X)] = np.nan
    return X


def _sides(n: int, m: int, y_train: Any, y_test: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (training rows, test rows) of each class, or of all where labels are not known."""
    if y_train is None or y_test is None:
        return [(np.arange(n), np.arange(m))]
    y_train, y_test = np.asarray(y_train), np.asarray(y_test)
    return [(np.flatnonzero(y_train == c), np.flatnonzero(y_test == c)) for c in np.unique(y_test)]


def _fill(train: np.ndarray, test: np.ndarray) -> None:
    """Fill gaps of both sides with the training medians, in place."""
    for j in np.flatnonzero(np.isnan(train).any(axis=0) | np.isnan(test).any(axis=0)):
        known = train[~np.isnan(train[:, j]), j]
        middle = np.median(known) if len(known) else 0.0
        for X in (train, test):
            X[np.isnan(X[:, j]), j] = middle


def _not_among(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Say which values are none of the others; quick for few values and many others."""
    known = np.unique(values)
    place = np.minimum(np.searchsorted(known, others), len(known) - 1)
    met = np.zeros(len(known), dtype=bool)
    met[place[known[place] == others]] = True
    return ~met[np.searchsorted(known, values)]


def _typed(X: np.ndarray, single: np.ndarray) -> np.ndarray:
    """Say which values are decimals of few significant digits."""
    digits = np.where(single, DIGITS[np.float32], DIGITS[np.float64])
    size = np.floor(np.log10(np.where(X == 0, 1, np.abs(X))))
    up, down = (
        10.0 ** np.clip(digits - 1 - size, 0, 300),
        10.0 ** np.clip(size - digits + 1, 0, 300),
    )
    whole = np.round(X * up / down)
    near = np.where(down > 1, whole * down, whole / up)
    with np.errstate(over="ignore"):
        return (near == X) | (single & (near.astype(np.float32) == X.astype(np.float32)))


def _independent(X: np.ndarray) -> np.ndarray:
    """Say which columns to keep so that none is a linear function of the others."""
    Z = X - X.mean(axis=0)
    Z = Z / np.maximum(Z.std(axis=0), 1e-300)
    R, order = qr(Z, mode="r", pivoting=True)
    size = np.abs(np.diag(R))
    kept = np.zeros(X.shape[1], dtype=bool)
    kept[order[: len(size)][size > 1e-6 * size[0]]] = True
    return kept


class _Look:
    """Both sides, and what is known of their columns."""

    def __init__(self, train: np.ndarray, test: np.ndarray, tolerance: float | None):
        gaps = np.isnan(test)
        _fill(train, test)
        part = train[:: max(1, len(train) // SAMPLE)]
        with np.errstate(over="ignore"):
            single = [(X.astype(np.float32) == X).all(axis=0) for X in (train, test)]
        single = single[0] & single[1]
        typed, typed_part = _typed(test, single), _typed(part, single)
        moves = np.ptp(train, axis=0) > 0
        self.columns = np.flatnonzero(moves & ~(typed.all(axis=0) & typed_part.all(axis=0)))
        self.train, self.test = train, test
        if len(self.columns) < 2:
            return
        self.A, self.B, part = (X[:, self.columns] for X in (train, test, part))
        self.scale = self.A.std(axis=0)
        default = np.where(single[self.columns], 1e-6, 1e-12)
        self.tolerance = default if tolerance is None else np.full(len(default), tolerance)
        self.evident = ~(typed | gaps)[:, self.columns] & _independent(part)
        self.grain = np.zeros(len(self.columns))
        for j in range(len(self.columns)):
            long = part[~typed_part[:, self.columns[j]], j]
            anchor, step, self.grain[j] = _grid(long)
            self.evident[:, j] &= _not_among(self.B[:, j], self.A[:, j])
            if step:
                places = (self.B[:, j] - anchor) / step
                self.evident[:, j] &= np.abs(places - np.round(places)) > 1e-3

    def search(self, mine: np.ndarray, others: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the test rows among ``others`` in line with two rows of ``mine``, and those."""
        others = others[self.evident[others].sum(axis=1) >= 2]
        copies = duplicate_groups({str(j): col for j, col in enumerate(self.train[mine].T)})
        mine = mine[np.unique(copies, return_index=True)[1]]
        k = min(k, len(mine))
        if k < 2 or not len(others):
            return np.zeros(0, int), np.zeros((0, 2), int)
        nearest = NearestNeighbors(n_neighbors=k).fit(self.train[mine])
        i, j = np.triu_indices(k, 1)
        n_pairs = len(others) * len(i)
        rows, pairs = [], []
        for start in range(0, len(others), 256):
            x = others[start : start + 256]
            near = mine[nearest.kneighbors(self.test[x], return_distance=False)]
            away = (self.A[near] - self.B[x][:, None]) / self.scale
            size = np.linalg.norm(away, axis=2, keepdims=True)
            away /= np.where(size > 0, size, 1)
            cosine = np.matmul(away, away.transpose(0, 2, 1))[:, i, j]
            row, pair = np.nonzero(np.abs(cosine) > 1 - 1e-6)
            if len(row):
                a, b = near[row, i[pair]], near[row, j[pair]]
                sure = self.in_line(x[row], a, b, n_pairs)
                rows.append(x[row[sure]])
                pairs.append(np.column_stack([a, b])[sure])
        if not rows:
            return np.zeros(0, int), np.zeros((0, 2), int)
        return np.concatenate(rows), np.concatenate(pairs)

    def in_line(self, x: np.ndarray, a: np.ndarray, b: np.ndarray, n_pairs: int) -> np.ndarray:
        """Say for which triples the rows are in line, and not by chance."""
        three = np.stack([self.B[x], self.A[a], self.A[b]], axis=1)
        turned = three[:, [1, 2, 0]], three[:, [2, 0, 1]]
        opposite = (((turned[0] - turned[1]) / self.scale) ** 2).sum(axis=2)
        middle, each = opposite.argmax(axis=1), np.arange(len(x))
        m, p, q = three[each, middle], turned[0][each, middle], turned[1][each, middle]
        span = q - p
        weighted = span / self.scale**2
        u = ((m - p) * weighted).sum(axis=1) / np.maximum((span * weighted).sum(axis=1), 1e-300)
        size = np.maximum(np.maximum(np.abs(p), np.abs(q)), self.scale)
        slack = self.tolerance * size
        fits = (np.abs(m - p - u[:, None] * span) <= slack).all(axis=1)
        apart = np.minimum(np.minimum(np.abs(m - p), np.abs(q - m)), np.abs(span)) > 2 * slack
        evident = self.evident[x] & apart
        chance = 2 * np.maximum(slack, self.grain) / np.where(evident, np.abs(span), 1)
        chance = np.sort(np.where(evident, np.minimum(chance, 1), 1), axis=1)
        return fits & (n_pairs * chance[:, 1:].prod(axis=1) <= FALSE_ALARMS)


def _grid(values: np.ndarray) -> tuple[float, float, float]:
    """Return a place and the step of the grid on which values lie, or step 0 and their grain.

    Two random values of a grid of G places agree with probability 1 / G. Where each place is met
    ten times and more, the step is the least distance of values met twice; where it is less, the
    grain is 1 / G of the range.
    """
    n = len(values)
    found, counts = np.unique(values, return_counts=True)
    agree = float((counts * (counts - 1.0)).sum()) / max(n * (n - 1.0), 1.0)
    if n * agree < 10:
        return 0.0, 0.0, agree * float(np.ptp(values)) if n else 0.0
    places = found[counts > 1]
    steps = np.diff(places)
    steps = steps[steps > 1e-9 * np.ptp(places)]
    return float(places[0]), float(steps.min()) if len(steps) else 0.0, 0.0


@register(
    name="interpolated-rows",
    role="check",
    place="around",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Test rows in line with two training rows: the table was resampled before the split.",
    evidence="imbalanced-learn 0.14.2: SMOTE before the split is found in 109 of 110 real tables, "
    "in 86 if scaled first; no row is suspected in 912 searches of 114 real tables as they are",
    rare_cases="A class with fewer than two training rows is not looked at.",
    example={"train": [[0.0], [1.0], [4.0]], "test": [[2.0], [3.5]]},
)
def interpolated_rows_check(
    train: Any, test: Any, y_train: Any = None, y_test: Any = None
) -> Check | None:
    """Return RB023 where test rows are in line with two training rows, else ``None``.

    Parameters
    ----------
    train, test : array-likes of numbers of shape (n, d) and (m, d)
        The two sides.
    y_train, y_test : array-likes of shape (n,) and (m,), optional
        Labels.

    Notes
    -----
    At most 2,000 test rows and 100,000 training rows are looked at, and fewer test rows where the
    table is large: about a second.

    Examples
    --------
    >>> train = np.random.default_rng(0).normal(size=(50, 3))
    >>> test = (train[:20] + 2 * train[20:40]) / 3
    >>> interpolated_rows_check(train, test).severity
    'danger'
    """
    train, test = np.asarray(train), np.asarray(test)
    if len(train) > MAX_TRAIN:
        rows = np.sort(as_rng(0).choice(len(train), MAX_TRAIN, replace=False))
        train, y_train = train[rows], None if y_train is None else np.asarray(y_train)[rows]
    most = int(np.clip(MAX_WORK / max(train.size, 1), 50, 2000))
    found = interpolated_rows(train, test, y_train=y_train, y_test=y_test, max_rows=most)
    h, m = len(found.rows), found.n_searched
    if not h:
        return None
    return check(
        "RB023",
        "danger" if h > 0.01 * m else "warning",
        f"{h:,} of {m:,} test rows looked at ({h / m:.1%}) lie in line with two training rows, as "
        "rows made by SMOTE do: the table was resampled before it was split.",
        n_rows=h,
        n_searched=m,
        share=h / m,
        rows=found.rows[:100],
    )
