"""Test rows that lie on a line through training rows, as rows made by interpolation do."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.linalg import qr
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import gen_batches

from rarebird._errors import DataError
from rarebird._random import RandomState, as_rng

from .check import Check, check, register_check
from .duplicates import duplicate_groups

__all__ = ["interpolated_rows"]

DIGITS = {np.float64: 9, np.float32: 5}  # a value with more significant digits is no typed-in one
FALSE_ALARMS = 1e-3  # expected number of rows on lines by chance, in the whole search
SAMPLE = 5000  # training rows that tell what a column's values are like
MAX_TRAIN, MAX_WORK = 100_000, 2e9  # training rows and multiplications of a study's search


@dataclass(frozen=True, eq=False)
class _OnLines:
    """What `interpolated_rows` returns."""

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
) -> _OnLines:
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
        The two sides; missing values are filled with the median and are no evidence.
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

    Returns
    -------
    object
        ``rows``, the h test rows found; ``through`` of shape (h, 2), the training rows that each is
        in line with; ``n_searched``, the test rows looked at; ``columns``, those in which
        interpolation shows: with fewer than two nothing can be found.

    Raises
    ------
    DataError
        If the two sides have different columns.

    Notes
    -----
    A search for neighbours, and O(m k^2 d) for k of them. Seen are interpolations of two rows
    that differ in at least two evident columns (SMOTE and its variants, mixup); not seen: noise
    added to rows, whole numbers, and rows whose parents are both on the test side. Two columns of
    which one is a piecewise linear function of the other, with no third evident one, and smooth
    curves in single precision can look like interpolation.

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
    if y_train is None or y_test is None:  # as if all rows were of one class
        y_train, y_test = np.zeros(len(train)), np.zeros(len(test))
    y_train, y_test = np.asarray(y_train), np.asarray(y_test)
    classes, rng = np.unique(y_test), as_rng(random_state)
    chosen = [np.flatnonzero(y_test == c) for c in classes]
    if max_rows is not None:
        most = max_rows // max(len(classes), 1)
        chosen = [
            part if len(part) <= most else rng.choice(part, max(1, most), replace=False)
            for part in chosen
        ]
    rows = np.sort(np.concatenate([np.zeros(0, int), *chosen]))
    none = _OnLines(rows[:0], np.zeros((0, 2), int), len(rows), rows[:0])
    if not len(rows) or len(train) < 2 or train.shape[1] < 2:
        return none
    look = _Look(train, test[rows], tolerance)
    if len(look.columns) < 2:
        return replace(none, columns=look.columns)
    found = [none.rows], [none.through]
    for c, others in zip(classes, chosen, strict=True):
        mine = np.flatnonzero(y_train == c)
        for hits, through in look.search(mine, np.searchsorted(rows, others), n_neighbors):
            found[0].append(rows[hits])
            found[1].append(through)
    hit, first = np.unique(np.concatenate(found[0]), return_index=True)
    return _OnLines(hit, np.concatenate(found[1])[first], len(rows), look.columns)


def _numbers(X: Any) -> np.ndarray:
    X = np.asarray(X, dtype=float)
    return np.where(np.isfinite(X), X, np.nan)


def _median(column: np.ndarray) -> float:
    known = column[~np.isnan(column)]
    return float(np.median(known)) if known.size else 0.0


def _typed(X: np.ndarray, single: np.ndarray) -> np.ndarray:
    """Say which values are decimals of few significant digits."""
    digits = np.where(single, DIGITS[np.float32], DIGITS[np.float64])
    size = np.floor(np.log10(np.where(X == 0, 1, np.abs(X))))
    up = 10.0 ** np.clip(digits - 1 - size, 0, 300)
    down = 10.0 ** np.clip(size - digits + 1, 0, 300)
    whole = np.round(X * up / down)
    near = np.where(down > 1, whole * down, whole / up)
    with np.errstate(over="ignore"):
        return (near == X) | (single & (near.astype(np.float32) == X.astype(np.float32)))


def _independent(X: np.ndarray) -> np.ndarray:
    """Say which columns to keep so that none is a linear function of the others."""
    Z = X - X.mean(axis=0)
    Z = Z / np.maximum(Z.std(axis=0), 1e-300)
    R = np.linalg.qr(Z, mode="r")  # of the same lengths and angles, and soon pivoted
    R, order = qr(R, mode="r", pivoting=True)
    size = np.abs(np.diag(R))
    kept = np.zeros(X.shape[1], dtype=bool)
    kept[order[: len(size)][size > 1e-6 * size[0]]] = True
    return kept


class _Look:
    """Both sides, and what is known of their columns."""

    def __init__(self, train: np.ndarray, test: np.ndarray, tolerance: float | None):
        missing = np.isnan(test)
        gaps = np.isnan(train)
        if missing.any() or gaps.any():
            fill = [_median(column) for column in train.T]
            train, test = np.where(gaps, fill, train), np.where(missing, fill, test)
        part = train[:: max(1, len(train) // SAMPLE)]
        with np.errstate(over="ignore"):
            single = np.all(
                [(X.astype(np.float32) == X).all(axis=0) for X in (train, test)], axis=0
            )
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
        self.evident = ~(typed | missing)[:, self.columns] & _independent(part)
        self.grain = np.zeros(len(self.columns))
        for j, column in enumerate(self.columns):
            anchor, step, self.grain[j] = _grid(part[~typed_part[:, column], j])
            self.evident[:, j] &= ~np.isin(self.B[:, j], self.A[:, j])
            if step:
                steps = (self.B[:, j] - anchor) / step
                self.evident[:, j] &= np.abs(steps - np.round(steps)) > 1e-3

    def search(self, mine: np.ndarray, others: np.ndarray, k: int) -> Iterator:
        """Yield test rows among ``others`` in line with two rows of ``mine``, and those two."""
        others = others[self.evident[others].sum(axis=1) >= 2]
        copies = duplicate_groups({str(j): col for j, col in enumerate(self.train[mine].T)})
        mine = mine[np.unique(copies, return_index=True)[1]]
        k = min(k, len(mine))
        if k < 2 or not len(others):
            return
        nearest = NearestNeighbors(n_neighbors=k).fit(self.train[mine])
        i, j = np.triu_indices(k, 1)
        for batch in gen_batches(len(others), 256):
            x = others[batch]
            near = mine[nearest.kneighbors(self.test[x], return_distance=False)]
            away = (self.A[near] - self.B[x][:, None]) / self.scale
            size = np.linalg.norm(away, axis=2, keepdims=True)
            away /= np.where(size > 0, size, 1)
            cosine = np.matmul(away, away.transpose(0, 2, 1))[:, i, j]
            row, pair = np.nonzero(np.abs(cosine) > 1 - 1e-6)
            if len(row):
                a, b = near[row, i[pair]], near[row, j[pair]]
                sure = self.in_line(x[row], a, b, len(others) * len(i))
                yield x[row[sure]], np.column_stack([a, b])[sure]

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
    """Return a point and the step of the grid on which values lie, or step 0 and their grain."""
    # Two random values of a grid of G points agree with probability 1 / G. Where each point is met
    # ten times and more, the step is the least distance of values met twice; else the grain is
    # 1 / G of the range.
    n = len(values)
    found, counts = np.unique(values, return_counts=True)
    agree = float((counts * (counts - 1.0)).sum()) / max(n * (n - 1.0), 1.0)
    if n * agree < 10:
        return 0.0, 0.0, agree * float(np.ptp(values)) if n else 0.0
    points = found[counts > 1]
    steps = np.diff(points)
    steps = steps[steps > 1e-9 * np.ptp(points)]
    return float(points[0]), float(steps.min()) if len(steps) else 0.0, 0.0


@register_check(
    name="interpolated-rows",
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
    train, test, y_train, y_test
        As of `interpolated_rows`.

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
    text = (
        f"{h:,} of {m:,} test rows looked at ({h / m:.1%}) lie in line with two training rows, as "
        "rows made by SMOTE do: the table was resampled before it was split."
    )
    details = {"n_rows": h, "n_searched": m, "share": h / m, "rows": found.rows[:100]}
    return check("RB023", "danger" if h > 0.01 * m else "warning", text, **details)
