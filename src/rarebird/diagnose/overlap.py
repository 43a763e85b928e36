"""Where the rare rows lie among the others: safe, borderline, rare or outlier."""

from typing import Any

import numpy as np

from rarebird._errors import DataError
from rarebird._random import RandomState, as_rng

from .check import Check, check, register_check
from .evidence import rare_class

__all__ = ["rarity_types"]

TYPES = ("safe", "borderline", "rare", "outlier")
N_NEIGHBORS = 5
MAX_QUERIES = 2_000
MAX_PAIRS = 40_000_000  # 2,000 queries against 20,000 rows, or fewer queries against more rows


def rarity_types(n_same: Any, neighbour_same: Any) -> np.ndarray:
    """Return the type of rare rows, as indices of ``TYPES``, from their five neighbours.

    Safe: 4 or 5 of the same class; borderline: 2 or 3; outlier: 0. With exactly 1 the row is rare
    if that neighbour itself has at most 1 neighbour of the class, else borderline. Source: see
    `overlap_check`.

    Parameters
    ----------
    n_same, neighbour_same : int arrays of shape (m,)
        Neighbours of the same class, 0 to 5; where it is 1, the same count of that neighbour.

    Examples
    --------
    >>> [TYPES[t] for t in rarity_types([5, 3, 1, 1, 0], [0, 0, 1, 2, 0])]
    ['safe', 'borderline', 'rare', 'borderline', 'outlier']
    """
    n_same, neighbour_same = np.asarray(n_same), np.asarray(neighbour_same)
    types = np.select([n_same >= 4, n_same >= 2, n_same == 1], [0, 1, 2], default=3)
    return np.where((n_same == 1) & (neighbour_same > 1), 1, types)


@register_check(
    name="overlap",
    inputs=("table",),
    summary="Shares of safe, borderline, rare and outlying rare rows among five neighbours.",
    evidence="slow reference: all distances by a loop, identical shares",
    rare_cases="One rare row is an outlier; an absent rare class is refused.",
    example={"X": [[float(i)] for i in range(20)], "y": [0] * 14 + [1] * 6},
    papers=("napierala2016types",),
)
def overlap_check(
    X: Any,
    y: Any,
    *,
    classes: Any = None,
    rare: int | None = None,
    random_state: RandomState = 0,
) -> Check:
    """Return RB003: where the rare rows lie, by their five nearest neighbours.

    Columns are standardised and missing values put at the mean. At most 2,000 rare rows are looked
    at; where the table is so large that all pairs would be too many, all classes are thinned alike,
    so that the local shares of the classes stay what they are.

    Parameters
    ----------
    X, y : float array of shape (n, d), int array of shape (n,)
        Features, NaN where missing; codes.
    classes, rare : sequence and int, optional
        Labels for the message; the code looked at, by default 1 of two, else the smallest class.
    random_state : int, Generator, RandomState or None
        For the sample.

    Raises
    ------
    DataError
        If the rare class has no rows, or there are fewer than two rows.

    Notes
    -----
    O(q b d) time for q queries and b rows, q b <= 40 million; O(b d) memory.

    References
    ----------
    .. [napierala2016types] Napierala, K.; Stefanowski, J. Types of minority class examples and
       their influence on learning classifiers from imbalanced data. Journal of Intelligent
       Information Systems 46, 2016.

    Examples
    --------
    >>> X = np.r_[np.arange(20.0), 100 + np.arange(10.0)][:, None]
    >>> overlap_check(X, np.repeat([0, 1], [20, 10])).details["shares"]["safe"]
    1.0
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    code, label = rare_class(y, classes, rare)
    n_rare = int((y == code).sum())
    if n_rare == 0 or len(y) < 2:
        raise DataError(f"overlap: class {label!r} has {n_rare} of {len(y)} rows; 1 of 2 is least.")
    rng = as_rng(random_state)
    queries = np.flatnonzero(y == code)
    if len(queries) > MAX_QUERIES:
        queries = np.sort(rng.choice(queries, MAX_QUERIES, replace=False))
    base = _thin(y, MAX_PAIRS // len(queries), rng)
    rows = np.union1d(base, queries)
    Z = np.zeros((len(y), 0)) if X.shape[1] == 0 else _standard(X[rows])
    n_same, second = _count_same(Z, y[rows] == code, np.isin(rows, base), np.isin(rows, queries))
    counts = np.bincount(rarity_types(n_same, second), minlength=4)
    shares = dict(zip(TYPES, (counts / counts.sum()).tolist(), strict=True))
    hard = shares["rare"] + shares["outlier"]
    sampled = "" if len(base) == len(y) else f" (a sample of {len(base):,} rows)"
    text = (
        f"Of the {label!r} rows {shares['safe']:.0%} are safe, {shares['borderline']:.0%} "
        f"borderline, {shares['rare']:.0%} rare and {shares['outlier']:.0%} outliers among their "
        f"{N_NEIGHBORS} neighbours{sampled}."
    )
    details = {"n_queries": len(queries), "n_base": len(base), "n_rows": len(y)}
    return check("RB003", "warning" if hard >= 0.5 else "info", text, shares=shares, **details)


def _thin(y: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """Return at most about ``most`` row numbers, the same share of every class, none left empty."""
    if len(y) <= most:
        return np.arange(len(y))
    kept = []
    for rows in (np.flatnonzero(y == code) for code in np.unique(y)):
        size = max(1, round(len(rows) * most / len(y)))
        kept.append(rng.choice(rows, size, replace=False))
    return np.sort(np.concatenate(kept))


def _standard(X: np.ndarray) -> np.ndarray:
    from sklearn.preprocessing import StandardScaler

    return np.nan_to_num(StandardScaler().fit_transform(np.where(np.isfinite(X), X, np.nan)))


def _count_same(
    Z: np.ndarray, same: np.ndarray, in_base: np.ndarray, asked: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the same-class neighbours of the asked rows, and those of an only such neighbour."""
    from sklearn.neighbors import NearestNeighbors

    base = np.flatnonzero(in_base)
    k = min(N_NEIGHBORS, len(base) - 1)
    if k == 0 or Z.shape[1] == 0:
        zeros = np.zeros(int(asked.sum()), dtype=int)
        return zeros, zeros
    search = NearestNeighbors(n_neighbors=k + 1, algorithm="brute").fit(Z[base])

    def neighbours(rows: np.ndarray) -> np.ndarray:
        found = base[search.kneighbors(Z[rows], return_distance=False)]
        itself = found == rows[:, None]
        itself[~itself.any(axis=1), -1] = True  # not among the k + 1: leave out the farthest
        return found[~itself].reshape(len(rows), k)

    rows = np.flatnonzero(asked)
    near = neighbours(rows)
    n_same = same[near].sum(axis=1)
    second = np.zeros_like(n_same)
    one = np.flatnonzero(n_same == 1)
    if one.size:
        only = near[one, same[near[one]].argmax(axis=1)]
        second[one] = same[neighbours(only)].sum(axis=1)
    return n_same, second
