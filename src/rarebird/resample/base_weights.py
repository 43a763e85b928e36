"""How much each row of a class counts as a base of new rows, and where its weight comes from.

The formulas of SMOTE's kin: ADASYN, Borderline-SMOTE, MWMOTE, ProWSyn and SMOBD. `between` draws
bases by these weights, their partners and the steps.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.neighbors import NearestNeighbors

MIB = 64  # of distances at a time


def share_of_others(near: np.ndarray, codes: np.ndarray, code: int) -> np.ndarray:
    """Return the share of each row's neighbours ``near`` (n, k) that are not of the class.

    Examples
    --------
    >>> share_of_others(np.array([[0, 1], [1, 2]]), np.array([1, 1, 0]), 1).tolist()
    [0.0, 0.5]
    """
    return np.mean(codes[near] != code, axis=1)


def rows_to_make(n_foreign: np.ndarray, k: int, n_new: int) -> np.ndarray:
    """Return ADASYN's new rows for each row: rint(n_new r_i / sum r), r_i = n_foreign_i / k.

    ``n_foreign`` (n,), not all 0: how many of a row's k neighbours belong to other classes.

    Examples
    --------
    >>> rows_to_make(np.array([0, 1, 3]), 5, 10).tolist()
    [0, 2, 7]
    """
    share = n_foreign / k
    share /= np.sum(share)
    return np.rint(share * n_new).astype(int)


def in_danger(n_foreign: np.ndarray, m: int) -> np.ndarray:
    """Say which rows are in danger: m/2 <= m' < m of their m neighbours are of other classes.

    Examples
    --------
    >>> in_danger(np.array([4, 5, 9, 10]), 10).tolist()
    [False, True, True, False]
    """
    return (n_foreign >= m / 2) & (n_foreign < m)


def closeness(distances: np.ndarray, n_columns: int, cf_th: float, cmax: float) -> np.ndarray:
    """Return MWMOTE's Cf = min(n_columns / distance, cf_th) / cf_th * cmax; cmax at distance 0.

    Examples
    --------
    >>> closeness(np.array([0.0, 0.4, 4.0]), 2, 5.0, 2.0).tolist()
    [2.0, 2.0, 0.2]
    """
    with np.errstate(divide="ignore"):
        return np.minimum(n_columns / distances, cf_th) / cf_th * cmax


def selection_weights(factors: np.ndarray, near: np.ndarray, n_rows: int) -> np.ndarray:
    """Return MWMOTE's S_w(x) = sum_y Cf(y, x) Df(y, x), Df(y, x) = Cf(y, x) / sum_q Cf(y, q).

    ``factors`` (m, k) is Cf of each border row y and the k rows next to it of a class of
    ``n_rows``, whose positions are ``near`` (m, k); of all other rows it is 0.

    Examples
    --------
    >>> factors, near = np.array([[1.0, 1.0], [2.0, 0.5]]), np.array([[0, 1], [1, 2]])
    >>> selection_weights(factors, near, 3).tolist()
    [0.5, 2.1, 0.1]
    """
    weights = factors**2 / factors.sum(axis=1, keepdims=True)
    return np.bincount(near.ravel(), weights.ravel(), minlength=n_rows)


def average_linkage(X: np.ndarray, cp: float) -> np.ndarray:
    """Return a cluster for each row: clusters merge while their mean distance is at most cp d_avg.

    d_avg is the mean over the rows of the distance to the nearest other row.

    Examples
    --------
    >>> average_linkage(np.array([[0.0], [1.0], [10.0], [11.0]]), 3.0).tolist()
    [1, 1, 2, 2]
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist, squareform

    if len(X) == 1:
        return np.ones(1, dtype=int)
    distances = pdist(X)
    square = squareform(distances)
    np.fill_diagonal(square, np.inf)
    d_avg = square.min(axis=1).mean()
    return fcluster(linkage(distances, "average"), cp * d_avg, criterion="distance")


def _exact(X: Any, k: int) -> Any:
    return NearestNeighbors(n_neighbors=k).fit(X)


def proximity_levels(
    X: Any, others: Any, k: int, n_levels: int, search: Callable[[Any, int], Any] = _exact
) -> np.ndarray:
    """Return how near each row of a class is to the ``others``: 1 (nearest) .. n_levels (ProWSyn).

    Level j holds the rows that are among the k nearest of some other row once the levels before
    are taken away; the last level holds the rest. ``search``: rows and k to a fitted search.

    Examples
    --------
    >>> proximity_levels(np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([[0.0]]), 1, 3).tolist()
    [1, 2, 3, 3]
    """
    levels = np.full(X.shape[0], n_levels)
    left = np.arange(X.shape[0])
    for level in range(1, n_levels):
        if not len(left):
            break
        fitted = search(X[left], min(k, len(left)))
        near = np.unique(fitted.kneighbors(others, return_distance=False))
        levels[left[near]] = level
        left = np.delete(left, near)
    return levels


def core_distances(X: Any, min_samples: int) -> np.ndarray:
    """Return each row's distance to its ``min_samples``-th nearest row, itself the first (OPTICS).

    Examples
    --------
    >>> core_distances(np.array([[0.0], [1.0], [3.0]]), 2).tolist()
    [1.0, 1.0, 2.0]
    """
    k = min_samples - 1
    return _by_pieces(X, lambda D, start: np.partition(D, k, axis=1)[:, k])


def reach(X: Any, core: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's reachability distance, and how many rows are within the radius.

    The reachability of i is min over j != i of max(core_j, |x_i - x_j|), the least that OPTICS
    can give it; infinite if no core row is within the radius. A row counts itself.

    Examples
    --------
    >>> near, count = reach(np.array([[0.0], [1.0], [3.0]]), np.array([1.0, 1.0, 2.0]), 1.5)
    >>> near.tolist(), count.tolist()
    ([1.0, 1.0, inf], [2, 2, 1])
    """

    def reduce(D: np.ndarray, start: int) -> np.ndarray:
        within = radius >= D
        far = np.where(within & (core <= radius), np.maximum(core, D), np.inf)
        far[np.arange(len(D)), start + np.arange(len(D))] = np.inf
        return np.column_stack([far.min(axis=1), within.sum(axis=1)])

    found = _by_pieces(X, reduce)
    return found[:, 0], found[:, 1].astype(int)


def _by_pieces(X: Any, reduce: Callable[[np.ndarray, int], np.ndarray]) -> np.ndarray:
    """Return what ``reduce`` makes of the distances between all rows, some rows at a time."""
    from sklearn.metrics import pairwise_distances_chunked

    return np.concatenate(
        list(pairwise_distances_chunked(X, reduce_func=reduce, working_memory=MIB))
    )


def density_weights(
    core: np.ndarray, reachability: np.ndarray, count: np.ndarray, *, eta: float, t: float
) -> np.ndarray:
    """Return SMOBD's eta core / max core + (1 - eta) count / max count, 0 for noise; sum 1.

    Noise is a row whose core and reachability distances are both more than t times their (finite)
    means. An infinite core distance stands for 1.1 times the largest finite one, of which there
    must be one. Weights that are all 0 become equal.

    Examples
    --------
    >>> core, reachability = np.array([1.0, 2.0, 9.0]), np.array([1.0, 1.0, 9.0])
    >>> density_weights(core, reachability, np.array([3, 3, 1]), eta=0.5, t=1.8).round(3).tolist()
    [0.476, 0.524, 0.0]
    """
    finite = core[np.isfinite(core)]
    reached = reachability[np.isfinite(reachability)]
    noise = (core > t * finite.mean()) & (reachability > t * reached.mean())
    core = np.where(np.isfinite(core), core, 1.1 * finite.max())
    weights = (1 - eta) * count / count.max() + (eta * core / core.max() if core.any() else 0)
    weights = np.where(noise, 0.0, weights)
    return weights / weights.sum() if weights.any() else np.full(len(core), 1 / len(core))


def with_propensity(X: np.ndarray, is_rare: np.ndarray) -> np.ndarray:
    """Return X with columns scaled to [0, 1] and the chance of being rare as one column more.

    The chance is that of a logistic regression of ``is_rare`` on the scaled columns.

    Examples
    --------
    >>> found = with_propensity(np.array([[1.0], [2.0], [4.0], [5.0]]), np.array([0, 0, 1, 1]) > 0)
    >>> found.round(2).tolist()
    [[0.0, 0.42], [0.25, 0.46], [0.75, 0.54], [1.0, 0.58]]
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import minmax_scale

    X = minmax_scale(np.asarray(X, dtype=float))
    model = LogisticRegression(max_iter=1000).fit(X, is_rare)
    return np.column_stack([X, model.predict_proba(X)[:, 1]])
