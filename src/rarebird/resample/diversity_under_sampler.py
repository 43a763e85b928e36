"""Diversity under-sampling: rows from every ring of every cluster of a class (DeepCluster++)."""

from typing import Annotated, Any

import numpy as np
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from rarebird._params import Int, OneOf
from rarebird.registry import register
from rarebird.tables.plan import Plan

from .checked import FOR_CLASSES, Checked
from .clusters import cluster_means, first_of_each
from .parameters import Positive
from .under_sampler import UnderSampler

_ONE_CLUSTER = 256  # rows up to which a class is one cluster, and columns that clustering sees


def rings(X: np.ndarray, clusters: np.ndarray, n_groups: int) -> np.ndarray:
    """Return, for each row, its group by distance from its cluster's mean: 0 is the innermost.

    The rows of each of the ``clusters`` (n,) in X (n, d), in order of distance, are cut into groups
    of equal size; of s rows the first s mod n_groups groups have one more.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [10.0]])
    >>> rings(X, np.zeros(5, int), 2).tolist()
    [1, 0, 0, 0, 1]
    """
    sizes = np.bincount(clusters)
    away = ((X - cluster_means(X, clusters)[clusters]) ** 2).sum(axis=1)
    order = np.lexsort((away, clusters))
    rank = np.arange(len(X)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    size, rest = np.divmod(np.repeat(sizes, sizes), n_groups)
    wide = rest * (size + 1)  # rows in the groups that have one more
    group = np.empty(len(X), dtype=np.intp)
    group[order] = np.where(
        rank < wide, rank // (size + 1), rest + (rank - wide) // np.maximum(size, 1)
    )
    return group


def shares(sizes: np.ndarray, n_keep: int) -> np.ndarray:
    """Return how many rows each cell gives: at least one, else in proportion, n_keep in all.

    ``sizes`` (m,): rows in each cell, none empty; ``n_keep`` is from m to their sum.

    Examples
    --------
    >>> shares(np.array([10, 5, 1]), 8).tolist()
    [4, 3, 1]
    """
    spare, wanted = sizes - 1, n_keep - len(sizes)
    if wanted == 0:
        return np.ones_like(sizes)
    part, rest = np.divmod(spare * wanted, spare.sum())
    part[np.argsort(-rest, kind="stable")[: wanted - part.sum()]] += 1
    return 1 + part


@register(
    name="diversity-under",
    **FOR_CLASSES,
    summary="Common rows are drawn from every ring of every cluster of their class.",
    evidence="slow reference; the paper's rules: every group gives, sizes within 1, share 1 is all",
    rare_cases="one row suffices; a single class is refused",
    example={"random_state": 0},
    papers=("starc-9",),
)
class DiversityUnderSampler(UnderSampler):
    """Under-samples evenly over the clusters of a class and over the distance from their centres.

    Each targeted class is standardised and clustered; the rows of a cluster, in order of their
    distance from its mean in the columns as they are, are cut into groups of equal size; and from
    each group a share of the rows is drawn, at least one (DeepCluster++, Subramanian et al.,
    2025). So the odd rows far out are kept as surely as the typical ones.

    Parameters
    ----------
    n_groups : int, default=5
        Groups of a cluster.
    n_clusters : int or None, default=None
        Clusters of a class; ``None``: ceil(sqrt(n)) of more than 256 rows, else one. There are
        fewer if not every group could give a row otherwise.

    Attributes
    ----------
    clusters_, groups_ : ndarray of shape (n,)
        Cluster of each row within its class, and its group there; -1 in classes that keep all.

    Notes
    -----
    The paper's share of 0.2 of class c is ``sampling_strategy={c: 0.2}``.
    O(n d sqrt(n)) for a class of n rows, with mini-batch k-means; beyond 256 columns it works on
    the first 256 principal components. The released code takes int(0.2 s) rows of a group of s;
    here the remainders are given out, the largest first, so that the number asked for is met.

    Examples
    --------
    >>> X, y = np.r_[np.arange(10.0), 20, 21][:, None], np.repeat([0, 1], [10, 2])
    >>> sampler = DiversityUnderSampler(random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> sampler.groups_.tolist(), sampler.groups_[sampler.sample_indices_].tolist()
    ([1, 1, 0, 0, 0, 0, 0, 1, 1, 1, -1, -1], [1, 0, -1, -1])
    """

    sparse_too = False
    random_state: Any = None
    n_groups: Positive = 5
    n_clusters: Annotated[int | None, OneOf(None, Int(min=1))] = None

    def _plan(self, data: Checked) -> Plan:
        found = data.once("found", lambda: np.full((2, len(data.codes)), -1))
        self.clusters_, self.groups_ = found
        return super()._plan(data)

    def _shrink(self, data: Checked, code: int, n_keep: int) -> np.ndarray:
        members, rng = data.rows_of(code), data.rng
        if n_keep >= len(members) or n_keep == 0:
            return members[:n_keep]
        X = data.X[members].astype(float)
        n_groups = min(self.n_groups, n_keep)
        clusters = self._clusters(X, n_keep // n_groups, rng)
        groups = rings(X, clusters, n_groups)
        data.memory["found"][:, members] = clusters, groups
        _, cells, sizes = np.unique(
            clusters * n_groups + groups, return_inverse=True, return_counts=True
        )
        return members[first_of_each(cells, rng.random(len(X)), shares(sizes, n_keep))]

    def _clusters(self, X: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
        """Return the cluster of each row of a class, at most ``most`` clusters."""
        n, d = X.shape
        seed = int(rng.integers(2**31 - 1))
        wanted = self.n_clusters
        if wanted is None:
            wanted = int(np.ceil(np.sqrt(n))) if n > _ONE_CLUSTER else 1
        k = min(wanted, most)
        if k <= 1:
            return np.zeros(n, dtype=np.intp)
        Z = StandardScaler().fit_transform(X)
        if d > _ONE_CLUSTER:
            Z = PCA(min(_ONE_CLUSTER, n), random_state=seed).fit_transform(Z)
        kmeans = MiniBatchKMeans(
            k, batch_size=min(2048, n), max_iter=100, n_init=3, random_state=seed
        )
        with threadpool_limits(1):  # threads add up in any order
            return kmeans.fit_predict(Z).astype(np.intp)
