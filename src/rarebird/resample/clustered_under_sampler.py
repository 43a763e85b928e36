"""Clustered under-sampling: rows from clusters of equal size, so that a class is covered evenly."""

from typing import Annotated, Any, ClassVar

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from rarebird._params import Int, OneOf
from rarebird.registry import register
from rarebird.tables.plan import Plan

from .base import Checked
from .under_sampler import UnderSampler


def balanced_assignment(costs: np.ndarray) -> np.ndarray:
    """Return a cluster for each row: sizes floor(n/k) or ceil(n/k), and no cheaper way exists.

    An assignment problem over n rows and places in clusters: each cluster has floor(n/k) places
    that must be filled and, if k does not divide n, one that may be (Malinen and Franti, 2014,
    fix beforehand which clusters are the larger ones).

    Parameters
    ----------
    costs : ndarray of shape (n, k)
        Of each row in each cluster; n >= k.

    Examples
    --------
    >>> costs = np.array([[0.0, 9.0], [1.0, 5.0], [2.0, 3.0], [1.0, 9.0]])
    >>> balanced_assignment(costs).tolist()
    [0, 1, 1, 0]
    """
    n, k = costs.shape
    size, rest = divmod(n, k)
    places = np.tile(np.arange(k), size)
    if rest:
        nobody = np.full((k - rest, n + k - rest), np.inf)
        nobody[:, len(places) :] = 0  # stands in the places that may stay free
        places = np.concatenate([places, np.arange(k)])
        costs = np.vstack([costs[:, places], nobody])
    else:
        costs = costs[:, places]
    return places[linear_sum_assignment(costs)[1][:n]]


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
    but not the best k clusters for the whole.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Numbers.
    k : int
        Clusters, at most n.
    rng : Generator
        Draws the rows where the centres start.
    exact_rows : int, default=256
        Rows up to which all clusters are assigned at once; O(exact_rows^3) time.

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
    return cells


def first_of_each(cells: np.ndarray, key: np.ndarray, quota: np.ndarray) -> np.ndarray:
    """Return the places of the ``quota[c]`` rows with the smallest key in each cell c, in order.

    Examples
    --------
    >>> cells, key = np.array([0, 1, 0, 1]), np.array([0.3, 0.1, 0.2, 0.4])
    >>> first_of_each(cells, key, np.array([1, 2])).tolist()
    [1, 2, 3]
    """
    order = np.lexsort((key, cells))
    sizes = np.bincount(cells, minlength=len(quota))
    place = np.arange(len(cells)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.sort(order[place < np.repeat(quota, sizes)])


@register(
    name="clustered-under",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="The common rows are cut into clusters of equal size, and each gives as many rows.",
    evidence="linear programming, enumeration of all assignments: equal totals; slow reference",
    rare_cases="one row suffices; a single class is refused",
    example={"random_state": 0},
    papers=("Malinen2014",),
)
class ClusteredUnderSampler(UnderSampler):
    """Under-samples to rows from clusters of equal size, so that each class is covered evenly.

    Each targeted class is cut into clusters whose sizes differ by at most one, by balanced
    k-means, and each cluster gives the same number of rows, plus or minus one. As the clusters
    hold equal numbers of rows, what is left has the shape of the class with less chance in it
    than a random draw.

    Parameters
    ----------
    {sampling_strategy}
    {random_state}
    n_clusters : int or None, default=None
        Clusters of a class; ``None``, and at most, as many as rows are kept of it.
    selection : {"nearest", "random"}, default="nearest"
        The rows of a cluster nearest to its centre, or any.
    exact_rows : int, default=256
        Rows up to which clusters are assigned all at once; see `balanced_kmeans`.

    Attributes
    ----------
    clusters_ : ndarray of shape (n,)
        Cluster of each row within its class; -1 in classes that keep all rows.

    Raises
    ------
    DataError, ParameterError
        As `Resampler.fit_resample`.

    Notes
    -----
    O(n d log k + n exact_rows^2) for a class of n rows; columns count by their scale.

    References
    ----------
    .. [Malinen2014] Malinen, Mikko I.; Fränti, Pasi. Balanced K-Means for Clustering. Structural,
       Syntactic, and Statistical Pattern Recognition (S+SSPR), 2014.

    Examples
    --------
    >>> X = np.array([[0.0], [1], [2], [50], [51], [52], [7], [8]])
    >>> y = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    >>> sampler = ClusteredUnderSampler(random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> X_new.ravel().tolist(), sampler.clusters_.tolist()
    ([1.0, 51.0, 7.0, 8.0], [1, 1, 1, 0, 0, 0, -1, -1])
    """

    sparse_too: ClassVar[bool] = False
    legacy_rng: ClassVar[bool] = False
    random_state: Any = None
    n_clusters: Annotated[int | None, OneOf(None, Int(min=1))] = None
    selection: Annotated[str, OneOf("nearest", "random")] = "nearest"
    exact_rows: Annotated[int, Int(min=2)] = 256

    def _plan(self, data: Checked) -> Plan:
        self.clusters_ = data.once("clusters", lambda: np.full(len(data.codes), -1))
        return super()._plan(data)

    def _shrink(self, data: Checked, code: int, n_keep: int) -> np.ndarray:
        members = data.rows_of(code)
        if n_keep >= len(members):
            return members
        chosen, found = self._chosen(data.X[members].astype(float), n_keep, data.rng)
        data.memory["clusters"][members] = found
        return members[chosen]

    def _chosen(
        self, X: np.ndarray, n_keep: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, Any]:
        """Return the positions in X of the rows that are kept, and the cluster of every row."""
        if n_keep == 0:
            return np.arange(0), -1
        k = n_keep if self.n_clusters is None else min(self.n_clusters, n_keep)
        clusters = balanced_kmeans(X, k, rng, exact_rows=self.exact_rows)
        sizes = np.bincount(clusters)
        quota = np.full(k, n_keep // k)
        quota[np.argsort(-sizes, kind="stable")[: n_keep % k]] += 1  # the larger ones give more
        if self.selection == "random":
            return first_of_each(clusters, rng.random(len(X)), quota), clusters
        sums = np.zeros((k, X.shape[1]))
        np.add.at(sums, clusters, X)
        away = ((X - (sums / sizes[:, None])[clusters]) ** 2).sum(axis=1)
        return first_of_each(clusters, away, quota), clusters
