"""Clusters of equal size, centres of other people's clusterings, and rows drawn from clusters."""

from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from sklearn.base import clone

from rarebird._errors import ParameterError
from rarebird._params import Instance, OneOf

ClusteringRule = OneOf(
    None, Instance("a clustering with fit and predict", methods=("fit", "predict"))
)


def balanced_assignment(costs: np.ndarray) -> np.ndarray:
    """Return a cluster for each row: sizes floor(n/k) or ceil(n/k), and no cheaper way exists.

    ``costs`` (n, k), n >= k, of each row in each cluster. An assignment problem over n rows and
    seats in clusters: each cluster has floor(n/k) seats that must be filled and, if k does not
    divide n, one that may be (Malinen and Franti, 2014, fix which clusters are the larger ones).

    Examples
    --------
    >>> costs = np.array([[0.0, 9.0], [1.0, 5.0], [2.0, 3.0], [1.0, 9.0]])
    >>> balanced_assignment(costs).tolist()
    [0, 1, 1, 0]
    """
    n, k = costs.shape
    size, rest = divmod(n, k)
    seats = np.tile(np.arange(k), size)
    if rest:
        nobody = np.full((k - rest, n + k - rest), np.inf)
        nobody[:, len(seats) :] = 0  # takes the seats that may stay free
        seats = np.concatenate([seats, np.arange(k)])
        costs = np.vstack([costs[:, seats], nobody])
    else:
        costs = costs[:, seats]
    return seats[linear_sum_assignment(costs)[1][:n]]


def balanced_halves(X: np.ndarray, centres: np.ndarray, n_left: int) -> np.ndarray:
    """Return 0 for the n_left rows that belong to the first of two centres, else 1.

    The total of squared distances is least when the first takes the rows with the smallest
    |x - c_0|^2 - |x - c_1|^2 = 2 x (c_1 - c_0) + const.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [2.0], [9.0]])
    >>> balanced_halves(X, np.array([[8.0], [1.0]]), 2).tolist()
    [1, 1, 0, 0]
    """
    cells = np.ones(len(X), dtype=np.intp)
    cells[np.argsort(X @ (centres[1] - centres[0]), kind="stable")[:n_left]] = 0
    return cells


def balanced_kmeans(
    X: np.ndarray, k: int, rng: np.random.Generator, *, exact_rows: int = 256
) -> np.ndarray:
    """Return the cluster of each row: k clusters of floor(n/k) or ceil(n/k) rows.

    Up to ``exact_rows`` rows this is k-means with `balanced_assignment` (Malinen and Franti,
    2014): assign, move the centres to their rows' means, repeat; no step raises the total of
    squared distances. More rows are first divided in two, again and again, by 2-means with
    `balanced_halves`: each division is the best one for its two centres, and sizes stay exact,
    but not the best k clusters for the whole. ``rng`` draws the rows of X (n, d) where the centres
    start; O(exact_rows^3) time.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [2.0], [50.0], [51.0], [99.0]])
    >>> balanced_kmeans(X, 2, np.random.default_rng(0)).tolist()
    [1, 1, 1, 0, 0, 0]
    """
    cells = np.empty(len(X), dtype=np.intp)
    todo = [(np.arange(len(X)), k, 0)]
    while todo:
        rows, k, first = todo.pop()
        size, rest = divmod(len(rows), k)
        if k == 1 or (size == 1 and rest == 0):
            cells[rows] = first + np.arange(len(rows)) // size
        elif len(rows) <= exact_rows:
            cells[rows] = first + _settled(X[rows], k, rng, None)
        else:
            k_left = k // 2
            n_left = size * k_left + rest * k_left // k
            side = _settled(X[rows], 2, rng, n_left)
            todo.append((rows[side == 1], k - k_left, first + k_left))
            todo.append((rows[side == 0], k_left, first))
    return cells


def _settled(X: np.ndarray, k: int, rng: np.random.Generator, n_left: int | None) -> np.ndarray:
    """Return the cells at which balanced k-means (of two halves, if n_left is given) stops."""
    centres = X[rng.choice(len(X), k, replace=False)]
    gain = 1e-12 if n_left is None else 1e-3  # a division need not be polished: it is divided on
    cells, total = None, np.inf
    for _ in range(100):
        if n_left is None:
            new = balanced_assignment(cdist(X, centres, "sqeuclidean"))
        else:
            new = balanced_halves(X, centres, n_left)
        centres = np.stack([X[new == cell].mean(axis=0) for cell in range(k)])
        cost = ((X - centres[new]) ** 2).sum()
        if cells is not None and cost >= total * (1 - gain):
            break
        cells, total = new, cost
    return np.asarray(cells)


def cluster_means(X: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Return the mean of the rows X (n, d) of each of the ``clusters`` 0, 1, ... of shape (n,).

    Examples
    --------
    >>> cluster_means(np.array([[0.0], [1.0], [9.0]]), np.array([0, 0, 1])).tolist()
    [[0.5], [9.0]]
    """
    sizes = np.bincount(clusters)
    sums = np.zeros((len(sizes), X.shape[1]))
    np.add.at(sums, clusters, X)
    return sums / np.maximum(sizes, 1)[:, None]


def first_of_each(cells: np.ndarray, key: np.ndarray, quota: np.ndarray) -> np.ndarray:
    """Return the positions of the ``quota[c]`` rows with the smallest key in each cell c, in order.

    Examples
    --------
    >>> cells, key = np.array([0, 1, 0, 1]), np.array([0.3, 0.1, 0.2, 0.4])
    >>> first_of_each(cells, key, np.array([1, 2])).tolist()
    [1, 2, 3]
    """
    order = np.lexsort((key, cells))
    sizes = np.bincount(cells, minlength=len(quota))
    rank = np.arange(len(cells)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.sort(order[rank < np.repeat(quota, sizes)])


def centres_of(
    estimator: Any, X: Any, n_clusters: int, owner: str, *, weights: Any = None
) -> np.ndarray:
    """Return the centres that a clustering, fitted here, finds in rows X (n, d) of weights (n,).

    Raises
    ------
    ParameterError
        If the fitted clustering has no ``cluster_centers_``.

    Examples
    --------
    >>> from sklearn.cluster import KMeans
    >>> X = np.array([[0.0], [1.0], [8.0], [9.0]])
    >>> np.sort(centres_of(KMeans(random_state=0), X, 2, "KMeans").ravel()).tolist()
    [0.5, 8.5]
    """
    estimator.set_params(n_clusters=n_clusters)
    if weights is None:
        estimator.fit(X)
    else:
        estimator.fit(X, sample_weight=weights)
    if not hasattr(estimator, "cluster_centers_"):
        raise ParameterError(
            f"{owner}: estimator={estimator!r} is not allowed; after fit it must have "
            "cluster_centers_, as KMeans and MiniBatchKMeans do."
        )
    return estimator.cluster_centers_


def check_clustering(estimator: Any, owner: str) -> Any:
    """Return a copy of a clustering that can be told a number of clusters.

    Raises
    ------
    ParameterError
        If it has no parameter ``n_clusters``.

    Examples
    --------
    >>> from sklearn.cluster import KMeans
    >>> check_clustering(KMeans(n_clusters=3), "ClusterCentroids")
    KMeans(n_clusters=3)
    """
    if "n_clusters" not in estimator.get_params():
        raise ParameterError(
            f"{owner}: estimator={estimator!r} is not allowed; it must be a clustering with the "
            "parameter n_clusters, such as KMeans or MiniBatchKMeans."
        )
    return clone(estimator)
