"""Cluster centroids: the centres of common rows in their place."""

from typing import Annotated, Any, ClassVar

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.cluster import KMeans

from rarebird._errors import ParameterError
from rarebird._params import Instance, OneOf
from rarebird.registry import register
from rarebird.tables.plan import Plan
from rarebird.tables.sources import Explicit

from .base import Checked
from .searches import fitted_search
from .under_sampler import UnderSampler

ClusteringRule = OneOf(
    None, Instance("a clustering with fit and predict", methods=("fit", "predict"))
)


def centres_of(
    estimator: Any, X: Any, n_clusters: int, owner: str, *, weights: Any = None
) -> np.ndarray:
    """Return the centres that a clustering finds in X, shape (n_clusters, d).

    Parameters
    ----------
    estimator : clustering
        Is fitted.
    X : ndarray or sparse matrix of shape (n, d)
        Rows.
    n_clusters : int
        At most n.
    owner : str
        For messages.
    weights : ndarray of shape (n,), optional
        Weight of each row.

    Raises
    ------
    ParameterError
        If the fitted clustering has no ``cluster_centers_``.

    Examples
    --------
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
    >>> check_clustering(KMeans(n_clusters=3), "ClusterCentroids")
    KMeans(n_clusters=3)
    """
    if "n_clusters" not in estimator.get_params():
        raise ParameterError(
            f"{owner}: estimator={estimator!r} is not allowed; it must be a clustering with the "
            "parameter n_clusters, such as KMeans or MiniBatchKMeans."
        )
    return clone(estimator)


@register(
    name="cluster-centroids",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="The common rows become the centres of as many clusters as rows are wanted.",
    evidence="imbalanced-learn 0.14.2: identical rows, with k-means on one thread",
    rare_cases="one row suffices; a single class is refused",
    example={"random_state": 0},
)
class ClusterCentroids(UnderSampler):
    """Under-samples to the centres of clusters of each targeted class.

    Parameters
    ----------
    {sampling_strategy}
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

    legacy_rng: ClassVar[bool] = True
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
