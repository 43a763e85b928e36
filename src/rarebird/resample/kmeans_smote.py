"""K-means SMOTE: SMOTE inside the clusters that hold enough of the rare class."""

import math
from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
from sklearn.base import clone
from sklearn.cluster import MiniBatchKMeans
from sklearn.metrics import pairwise_distances_chunked

from rarebird._errors import DataError
from rarebird._params import Instance, Int, OneOf, Real
from rarebird.registry import register
from rarebird.tables.sources import Interpolated

from .between import to_neighbors
from .checked import FOR_CLASSES, Checked
from .over_sampler import OverSampler
from .parameters import Backend, Jobs, Neighbors
from .searches import is_number, near_among, others_of

_MEGABYTES = 64  # of distances at a time
ClusteringRule = OneOf(None, Int(min=1), Instance("a cluster estimator", methods=("fit_predict",)))


def sparsity(X: Any, exponent: float | None = None, *, n_jobs: int | None = None) -> float:
    """Return (mean distance of two different rows)^e / n, e = 0.16 (log_1.6 n)^1.8 by default.

    ``X`` (n, d) has at least two rows; ``exponent`` is e, ``n_jobs`` the threads.

    Examples
    --------
    >>> sparsity(np.array([[0.0], [3.0]]), 2.0)
    4.5
    """
    n = X.shape[0]
    blocks = pairwise_distances_chunked(X, n_jobs=n_jobs, working_memory=_MEGABYTES)
    mean = sum(block.sum() for block in blocks) / (n**2 - n)
    if exponent is None:
        exponent = math.log(n, 1.6) ** 1.8 * 0.16
    return float(mean**exponent / n)


def allot(sparsities: np.ndarray, n_new: int) -> np.ndarray:
    """Return ceil(n_new s / sum s) for each cluster; even parts where no cluster is sparse.

    Examples
    --------
    >>> allot(np.array([1.0, 2.0]), 10).tolist(), allot(np.zeros(3), 10).tolist()
    ([4, 7], [4, 4, 4])
    """
    total = sparsities.sum()
    even = np.full(len(sparsities), 1 / len(sparsities))
    return np.ceil(n_new * (sparsities / total if total > 0 else even)).astype(int)


@register(
    name="kmeans-smote",
    **FOR_CLASSES,
    summary="SMOTE inside clusters with enough of the rare class, more where it is sparse.",
    evidence="imbalanced-learn 0.14.2: identical rows for identical clusters",
    rare_cases="a class of which no cluster holds enough rows is refused",
    example={"cluster_balance_threshold": 0.01},
)
class KMeansSMOTE(OverSampler):
    """Over-samples with SMOTE inside clusters.

    All rows are clustered. A cluster counts for a class if it holds more than ``k_neighbors`` of
    its rows and their share there reaches the threshold. With s the `sparsity` of the class in a
    cluster, ceil(n_new s / sum s) rows are made there as SMOTE makes them, of the class's rows in
    the cluster alone; so a class gets slightly more rows than asked for.

    Parameters
    ----------
    k_neighbors : int or neighbours object, default=2
        Neighbours to choose from.
    n_jobs : int or None, default=None
        Threads; the clusters do not depend on it.
    kmeans_estimator : int, cluster estimator or None, default=None
        Number of clusters of ``MiniBatchKMeans``, 8 if ``None``, or an estimator with
        ``fit_predict``. Fitted once for all classes.
    cluster_balance_threshold : float or "auto", default="auto"
        Least share of the class in a cluster; ``"auto"``: half the class's part of all new rows.
        A single cluster always counts.
    density_exponent : float or "auto", default="auto"
        The exponent e of `sparsity`.

    Raises
    ------
    DataError
        If no cluster counts for a targeted class, or there are fewer rows than clusters.

    Notes
    -----
    O(n d) a step of k-means for each cluster, and O(n_c^2 d) for n_c rows of a class in one
    cluster, in constant memory: Last et al. (2017). Rows equal imbalanced-learn's where k-means
    itself is reproducible, on one thread.

    Examples
    --------
    >>> X = np.concatenate([np.arange(20.0), np.arange(40.0, 46.0)])[:, None]
    >>> y = np.array(["no"] * 20 + ["yes"] * 6)
    >>> sampler = KMeansSMOTE(kmeans_estimator=2, random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> len(X_new), X_new[26:].min() >= 40
    (40, np.True_)
    """

    legacy_rng = True
    k_neighbors: Neighbors = 2
    n_jobs: Jobs = None
    kmeans_estimator: Annotated[Any, ClusteringRule] = None
    cluster_balance_threshold: Annotated[Any, OneOf("auto", Real())] = "auto"
    density_exponent: Annotated[Any, OneOf("auto", Real())] = "auto"
    neighbors: Backend = None

    def _grow(self, data: Checked, code: int, n_new: int) -> Iterator[Interpolated]:
        groups, share = data.once("clusters", lambda: self._clusters(data, code))
        if isinstance(share, str):
            share = n_new / sum(data.targets.values()) / 2
        found = self._counting(data, code, groups, share)
        exponent = None if self.density_exponent == "auto" else self.density_exponent
        sparsities = [sparsity(data.X[rows], exponent, n_jobs=self.n_jobs) for rows in found]
        for rows, n in zip(found, allot(np.array(sparsities), n_new), strict=True):
            near = near_among(self, data.X, rows, self.k_neighbors)
            # the generator starts again for each cluster, as imbalanced-learn's
            yield to_neighbors(data.start(), rows, near, n)

    def _clusters(self, data: Checked, code: int) -> tuple[np.ndarray, Any]:
        """Return the cluster of each row, and the share that counts."""
        wanted, n = self.kmeans_estimator, data.table.n_rows
        if wanted is None or is_number(wanted):
            k: Any = 8 if wanted is None else int(wanted)
            found: Any = MiniBatchKMeans(k, random_state=data.start())
        else:
            found = clone(wanted)
        k = getattr(found, "n_clusters", None)
        if k is not None and k > n:
            raise DataError(
                f"KMeansSMOTE: class {data.name(code)} cannot be clustered with the others: {k} "
                f"clusters need as many rows, and there are {n} of all classes. Use "
                f"kmeans_estimator<={n}, or SMOTE."
            )
        share = self.cluster_balance_threshold if k != 1 else -np.inf
        self.kmeans_estimator_, self.cluster_balance_threshold_ = found, share
        return found.fit_predict(data.X), share

    def _counting(
        self, data: Checked, code: int, groups: np.ndarray, share: float
    ) -> list[np.ndarray]:
        """Return the rows of the class in each cluster that counts for it."""
        least = others_of(self.k_neighbors) + 1
        own = data.codes == code
        found = []
        for cluster in np.unique(groups[groups >= 0]):  # below 0: an estimator's noise
            inside = groups == cluster
            size, rows = np.count_nonzero(inside), np.flatnonzero(inside & own)
            held = len(rows) / size
            # held * size may round to less than its rows: imbalanced-learn drops the cluster then
            if held >= share and held * size >= least:
                found.append(rows)
        if not found:
            raise DataError(
                f"KMeansSMOTE: no clusters found with sufficient samples of class "
                f"{data.name(code)}: at least {least} of its rows, and {share:.3g} of the cluster. "
                "Use a smaller cluster_balance_threshold or another number of clusters "
                "(kmeans_estimator), or SMOTE."
            )
        return found
