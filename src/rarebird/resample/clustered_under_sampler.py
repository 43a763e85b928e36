"""Clustered under-sampling: rows from clusters of equal size, so that a class is covered evenly."""

from typing import Annotated, Any

import numpy as np

from rarebird._params import Int, OneOf
from rarebird.registry import register
from rarebird.tables.plan import Plan

from .checked import FOR_CLASSES, Checked
from .clusters import balanced_kmeans, cluster_means, first_of_each
from .under_sampler import UnderSampler


@register(
    name="clustered-under",
    **FOR_CLASSES,
    summary="The common rows are cut into clusters of equal size, and each gives as many rows.",
    evidence="linear programming, enumeration of all assignments: equal totals; slow reference",
    rare_cases="one row suffices; a single class is refused",
    example={"random_state": 0},
    papers=("Malinen2014",),
)
class ClusteredUnderSampler(UnderSampler):
    """Under-samples to rows from clusters of equal size, so that each class is covered evenly.

    Each targeted class is cut into clusters whose sizes differ by at most one, by balanced
    k-means, and each cluster gives the same number of rows, plus or minus one: what is left has the
    shape of the class with less chance in it than a random draw.

    Parameters
    ----------
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

    sparse_too = False
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
        if n_keep == 0:
            return members[:0]
        X, rng = data.X[members].astype(float), data.rng
        k = n_keep if self.n_clusters is None else min(self.n_clusters, n_keep)
        clusters = balanced_kmeans(X, k, rng, exact_rows=self.exact_rows)
        data.memory["clusters"][members] = clusters
        larger = np.argsort(-np.bincount(clusters), kind="stable")
        quota = np.full(k, n_keep // k)
        quota[larger[: n_keep % k]] += 1
        if self.selection == "random":
            return members[first_of_each(clusters, rng.random(len(X)), quota)]
        away = ((X - cluster_means(X, clusters)[clusters]) ** 2).sum(axis=1)
        return members[first_of_each(clusters, away, quota)]
