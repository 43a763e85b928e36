"""NearMiss: the common rows that lie nearest to the rare ones."""

import warnings
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from sklearn.neighbors import NearestNeighbors

from rarebird._errors import DataError
from rarebird._params import Int, OneOf
from rarebird._threads import parallel_map
from rarebird.neighbors.exact import is_screenable
from rarebird.registry import register
from rarebird.tables.plan import Kept, Plan

from .base import BackendRule, Checked, NeighborsRule, Resampler

_SMALL = 2**18  # pairs of rows under which scikit-learn's own call is quickest
_BLOCK = 2**20  # distances that one thread holds


def extremes(
    Q: np.ndarray, R: np.ndarray, k: int, *, far: bool = False, n_jobs: int | None = None
) -> np.ndarray:
    """Return the k rows of R nearest to (or farthest from) each row of Q; shape (q, k), any order.

    argmin_r |r|^2 - 2 q r, over blocks of products in float32; rows whose choice float32 cannot
    make sure are chosen in float64, up to its rounding.

    Examples
    --------
    >>> Q, R = np.array([[0.0], [9.0]]), np.array([[1.0], [4.0], [6.0]])
    >>> extremes(Q, R, 1).tolist(), extremes(Q, R, 1, far=True).tolist()
    ([[0], [2]], [[2], [0]])
    """
    centre = R.mean(axis=0, dtype=float)
    scale = max(np.abs(Q - centre).max(), np.abs(R - centre).max()) or 1.0
    left = np.column_stack([(Q - centre) / scale, np.ones(len(Q))])
    R = (R - centre) / scale
    norms = np.einsum("ij,ij->i", R, R)
    right = np.vstack([-2 * R.T, norms]) * (-1 if far else 1)
    longest = np.sqrt(norms.max())
    error = np.finfo(np.float32).eps * (Q.shape[1] + 8)
    quick_left, quick_right = left.astype(np.float32), right.astype(np.float32)
    step = max(1, _BLOCK // len(R))

    def task(start: int) -> np.ndarray:
        parts = []
        space = np.empty((step, len(R)), dtype=np.float32)  # made once: fresh memory is slow
        for low in range(start, min(start + 16 * step, len(Q)), step):
            part = quick_left[low : low + step]
            found, gap = _least(np.matmul(part, quick_right, out=space[: len(part)]), k)
            part = left[low : low + step]
            length = np.sqrt(np.einsum("ij,ij->i", part[:, :-1], part[:, :-1])) + longest
            doubtful = np.flatnonzero(gap <= error * length**2)
            if len(doubtful):
                found[doubtful] = _least(part[doubtful] @ right, k)[0]
            parts.append(found)
        return np.concatenate(parts)

    return np.concatenate(parallel_map(task, range(0, len(Q), 16 * step), n_jobs))


def _least(values: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns of each row's k least values, and how far the next one is; spoils them."""
    count, more = np.arange(len(values)), min(k + 1, values.shape[1])
    if more > 16:
        found = np.argpartition(values, (k - 1, more - 1), axis=1)[:, :more]
        edge = np.take_along_axis(values, found[:, k - 1 :], axis=1)
    else:
        found = np.empty((len(values), more), dtype=np.intp)
        least = np.empty((len(values), more))
        for place in range(more):
            found[:, place] = values.argmin(axis=1)
            least[:, place] = values[count, found[:, place]]
            values[count, found[:, place]] = np.inf
        edge = least[:, k - 1 :]
    gap = (
        np.subtract(edge[:, -1], edge[:, 0], dtype=float)
        if more > k
        else np.full(len(values), np.inf)
    )
    return found[:, :k], gap


def first_few(
    sums: np.ndarray, slack: np.ndarray, n_keep: int, settle: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Return the places of the n_keep smallest sums, smallest first, equal ones in their order.

    Parameters
    ----------
    sums, slack : ndarray of shape (n,)
        The true sum, as somebody else computed it, is within ``slack`` of ours.
    n_keep : int
        How many; all if there are fewer.
    settle : callable
        Gives that somebody's sums of the places it gets; asked only where ours cannot decide.

    Examples
    --------
    >>> sums, slack = np.array([3.0, 1.0, 2.0, 1.05]), np.full(4, 0.1)
    >>> first_few(sums, slack, 3, lambda places: -places).tolist()
    [3, 1, 2]
    """
    low, high = sums - slack, sums + slack
    order = np.argsort(low, kind="stable")
    apart = low[order[1:]] > np.maximum.accumulate(high[order])[:-1]
    group = np.concatenate([[0], np.cumsum(apart)])
    wanted = group <= group[min(n_keep, len(order)) - 1]
    places, group = order[wanted], group[wanted]
    doubtful = (np.bincount(group) > 1)[group]
    if doubtful.any():
        rows = np.sort(places[doubtful])
        sums = sums.copy()
        sums[rows] = settle(rows)
    return places[np.lexsort((places, sums[places], group))][:n_keep]


@register(
    name="near-miss",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Of the common rows those near the rare ones are kept.",
    evidence="imbalanced-learn 0.14.2: identical rows, versions 1 to 3",
    rare_cases="a class with fewer rows than neighbours is refused, but not by version 2",
    example={},
    papers=("Mani2003",),
)
class NearMiss(Resampler):
    """Under-samples to the common rows nearest to the rare class.

    Version 1 keeps the rows with the smallest mean distance to their k nearest rare rows, version
    2 those with the smallest mean distance to their k farthest rare rows. Version 3 first keeps,
    for each rare row, its nearest common rows, and of these the ones with the largest mean
    distance to their k nearest rare rows (Mani and Zhang, 2003).

    Parameters
    ----------
    sampling_strategy : str, float, dict or callable, default="auto"
        See `sampling_targets`.
    version : {1, 2, 3}, default=1
        What is kept.
    n_neighbors : int or neighbours object, default=3
        k.
    n_neighbors_ver3 : int or neighbours object, default=3
        Common rows that version 3 looks at for each rare row.
    n_jobs : int or None, default=None
        Threads; the rows do not depend on it.
    neighbors : str, backend or None, default=None
        See `rarebird.neighbors.backend`; ``None`` is exact.

    Raises
    ------
    DataError
        If a class has fewer rows than neighbours are looked for in it.

    Warns
    -----
    UserWarning
        If version 3 finds fewer rows than are to be kept; it keeps those that it finds.

    Notes
    -----
    O(n m d) for n common and m rare rows, in blocks of products that find the distances that
    count; only these are measured exactly and summed. Rows that are level up to rounding are
    settled by the call that imbalanced-learn makes.

    References
    ----------
    .. [Mani2003] Mani, Inderjeet; Zhang, Jianping. kNN approach to unbalanced data distributions: a
       case study involving information extraction. Proceedings of the ICML 2003 Workshop on
       Learning from Imbalanced Datasets, 2003.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1], [2], [3], [4], [5]]), np.array([1, 0, 0, 0, 0, 1])
    >>> sampler = NearMiss(n_neighbors=1)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> sampler.sample_indices_.tolist()
    [1, 4, 0, 5]
    """

    kind = "under"
    rules: ClassVar = {
        "version": Int(min=1, max=3),
        "n_neighbors": NeighborsRule,
        "n_neighbors_ver3": NeighborsRule,
        "n_jobs": OneOf(None, Int()),
        "neighbors": BackendRule,
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        version: int = 1,
        n_neighbors: Any = 3,
        n_neighbors_ver3: Any = 3,
        n_jobs: int | None = None,
        neighbors: Any = None,
    ):
        self.sampling_strategy = sampling_strategy
        self.version = version
        self.n_neighbors = n_neighbors
        self.n_neighbors_ver3 = n_neighbors_ver3
        self.n_jobs = n_jobs
        self.neighbors = neighbors

    def _plan(self, data: Checked) -> Plan:
        # Of classes level in number the one seen first is the rare one, as in imbalanced-learn.
        smallest = np.flatnonzero(data.counts == data.counts.min())
        first = [int(np.argmax(data.codes == code)) for code in smallest]
        code_rare = int(smallest[np.argmin(first)])
        rare = data.X[data.rows_of(code_rare)]
        k = _count(self.n_neighbors)
        if self.version == 2:
            k = min(k, rare.shape[0])
        else:
            self._enough(data, code_rare, "n_neighbors", k)
        search = self.nn_ = self._neighbors(rare, self.n_neighbors, extra=0)
        parts = []
        for code in range(len(data.classes)):
            members = data.rows_of(code)
            if code in data.targets:
                if self.version == 3:
                    self._enough(data, code, "n_neighbors_ver3", _count(self.n_neighbors_ver3))
                n_keep = data.targets[code]
                members = members[self._chosen(data.X[members], rare, k, n_keep, search)]
                if len(members) < n_keep:
                    warnings.warn(
                        f"NearMiss: version 3 finds {len(members)} rows of class "
                        f"{data.name(code)} where {n_keep} were asked; all of them are kept. Use "
                        "a larger n_neighbors_ver3 to find more.",
                        stacklevel=4,
                    )
            parts.append(members)
        return Plan((Kept(np.concatenate(parts)),))

    def _enough(self, data: Checked, code: int, parameter: str, k: int) -> None:
        n = int(data.counts[code])
        if n < k:
            raise DataError(
                f"NearMiss: class {data.name(code)} is too small: {parameter}={k} needs at least "
                f"{k} rows (Expected n_neighbors <= n_samples_fit, but n_neighbors = {k}, "
                f"n_samples_fit = {n}). Use {parameter}<={n}, or RandomUnderSampler, which needs "
                "no neighbours."
            )

    def _chosen(self, Q: Any, R: Any, k: int, n_keep: int, search: Any) -> np.ndarray:
        """Return the places in Q of the kept rows, in imbalanced-learn's order."""
        sign = 1
        rows = np.arange(Q.shape[0])
        if n_keep == 0:
            return rows[:0]
        if self.version == 3:
            sign = -1
            third = self._neighbors(Q, self.n_neighbors_ver3, extra=0)
            k_3 = _count(self.n_neighbors_ver3)
            rows = np.unique(third.kneighbors(R, k_3, return_distance=False))
            Q = Q[rows]

        def settle(places: np.ndarray) -> np.ndarray:
            return sign * self._their_sums(Q[places], R, k, search)

        own = isinstance(self.n_neighbors, (int, np.integer)) and self.neighbors is None
        small = Q.shape[0] * R.shape[0] <= _SMALL
        if not own or small or not (is_screenable(Q) and is_screenable(R)):
            few = np.argsort(settle(np.arange(len(rows))), kind="stable")
            return rows[few[:n_keep]]
        if self.version != 2 and search.search_.prefers_tree(Q, k):
            found = search.kneighbors(Q, k, return_distance=False)
        else:
            found = extremes(Q, R, k, far=self.version == 2, n_jobs=self.n_jobs)
        sums, slack = _sums(Q, R, found)
        return rows[first_few(sign * sums, slack, n_keep, settle)]

    def _their_sums(self, Q: Any, R: Any, k: int, search: Any) -> np.ndarray:
        """Return the summed distances by the call that imbalanced-learn makes."""
        if isinstance(self.n_neighbors, (int, np.integer)) and self.neighbors is None:
            search = NearestNeighbors(n_neighbors=int(self.n_neighbors), n_jobs=self.n_jobs).fit(R)
        k_all = R.shape[0] if self.version == 2 else k
        step = max(1, 16 * _BLOCK // k_all)
        pieces = [
            search.kneighbors(Q[start : start + step], k_all, return_distance=True)[0]
            for start in range(0, Q.shape[0], step)
        ]
        return np.concatenate([np.sum(piece[:, -k:], axis=1) for piece in pieces])


def _count(wanted: Any) -> int:
    return int(wanted if isinstance(wanted, (int, np.integer)) else wanted.n_neighbors)


def _sums(Q: np.ndarray, R: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's summed distance to its found rows, and how far scikit-learn's may be."""
    # |q|^2 - 2 q r + |r|^2 errs by a share of the squared lengths, in theirs and in our choice.
    q, r = np.einsum("ij,ij->i", Q, Q, dtype=float), np.einsum("ij,ij->i", R, R, dtype=float)
    squared = (Q.shape[1] + 8) * 2.0**-51 * (q + r.max())
    sums, slack = np.zeros(len(Q)), np.zeros(len(Q))
    for near in found.T:
        gap = Q - R[near].astype(float)
        gap = np.sqrt(np.einsum("ij,ij->i", gap, gap))
        sums += gap
        slack += squared / np.maximum(np.maximum(gap, np.sqrt(squared)), 1e-300)
    return sums, 2 * slack + 2.0**-50 * len(found.T) * sums
