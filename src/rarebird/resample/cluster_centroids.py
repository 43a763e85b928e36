"""Cluster centroids: the centres of common rows in their place."""

from typing import Annotated, Any

import numpy as np
from scipy import sparse
from sklearn.cluster import KMeans

from rarebird._params import OneOf
from rarebird.registry import register
from rarebird.tables.plan import Plan
from rarebird.tables.sources import Explicit

from .checked import FOR_CLASSES, Checked
from .clusters import ClusteringRule, centres_of, check_clustering
from .searches import fitted_search
from .under_sampler import UnderSampler


@register(
    name="cluster-centroids",
    **FOR_CLASSES,
    summary="The common rows become the centres of as many clusters as rows are wanted.",
    evidence="imbalanced-learn 0.14.2: identical rows, with k-means on one thread",
    rare_cases="one row suffices; a single class is refused",
    example={"random_state": 0},
)
class ClusterCentroids(UnderSampler):
    """Under-samples to the centres of clusters of each targeted class.

    Parameters
    ----------
    random_state : int, RandomState or None, default=None
        Seed of the default clustering; an integer gives the rows that imbalanced-learn gives.
    estimator : clustering or None, default=None
        Has the parameter ``n_clusters`` and, fitted, ``cluster_centers_``; ``None`` is ``KMeans``.
        ``MiniBatchKMeans`` is faster.
    voting : {"auto", "hard", "soft"}, default="auto"
        ``"soft"`` gives the centres, ``"hard"`` the row of the class nearest to each (a row may
        come more than once); ``"auto"`` is hard for sparse tables, else soft.

    Raises
    ------
    ParameterError
        If ``estimator`` is no such clustering.

    Notes
    -----
    O(n m d) for each of k-means' passes from n rows to m. In a soft vote the lineage names the
    row nearest to the centre, whose values aligned arrays take. Threads add up k-means' sums in
    any order, so the last bits, and now and then a cluster, depend on them.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1], [8], [9], [4], [5]]), np.array([0, 0, 0, 0, 1, 1])
    >>> X_new, y_new = ClusterCentroids(random_state=0).fit_resample(X, y)
    >>> sorted(X_new[:2].ravel().tolist()), y_new.tolist()
    ([0.5, 8.5], [0, 0, 1, 1])
    """

    legacy_rng = True
    random_state: Any = None
    estimator: Annotated[Any, ClusteringRule] = None
    voting: Annotated[str, OneOf("auto", "hard", "soft")] = "auto"

    def _plan(self, data: Checked) -> Plan:
        auto = "hard" if sparse.issparse(data.X) else "soft"
        self.voting_ = auto if self.voting == "auto" else self.voting
        self.estimator_ = data.once("clustering", self._clustering)
        return super()._plan(data)

    def _clustering(self) -> Any:
        if self.estimator is None:
            return KMeans()
        return check_clustering(self.estimator, type(self).__name__)

    def _shrink(self, data: Checked, code: int, n_keep: int) -> np.ndarray | Explicit:
        if n_keep == 0:
            return np.arange(0)
        members, clustering = data.rows_of(code), data.memory["clustering"]
        if self.estimator is None:
            clustering.set_params(random_state=data.start())
        X = data.X[members]
        centres = centres_of(clustering, X, n_keep, type(self).__name__)
        search = fitted_search(self, X, 1, extra=0)
        nearest = members[search.kneighbors(centres, return_distance=False)[:, 0]]
        return nearest if self.voting_ == "hard" else Explicit(centres, nearest[:, None])
