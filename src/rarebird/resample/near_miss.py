"""NearMiss: the common rows that lie nearest to the rare ones."""

import warnings
from typing import Annotated, Any

import numpy as np
from sklearn.neighbors import NearestNeighbors

from rarebird._errors import DataError
from rarebird._params import Int
from rarebird.neighbors.exact import is_screenable
from rarebird.registry import register
from rarebird.tables.plan import Plan

from .checked import FOR_CLASSES, Checked
from .extremes import BLOCK, distance_sums, extremes, first_few
from .parameters import Backend, Jobs, Neighbors
from .searches import fitted_search, is_number
from .under_sampler import UnderSampler

_SMALL = 2**18  # pairs of rows under which scikit-learn's own call is quickest


@register(
    name="near-miss",
    **FOR_CLASSES,
    summary="Of the common rows those near the rare ones are kept.",
    evidence="imbalanced-learn 0.14.2: identical rows, versions 1 to 3",
    rare_cases="a class with fewer rows than neighbours is refused, but not by version 2",
    example={},
    papers=("Mani2003",),
)
class NearMiss(UnderSampler):
    """Under-samples to the common rows nearest to the rare class.

    Version 1 keeps the rows with the smallest mean distance to their k nearest rare rows, version
    2 those with the smallest mean distance to their k farthest rare rows. Version 3 first keeps,
    for each rare row, its nearest common rows, and of these the ones with the largest mean
    distance to their k nearest rare rows (Mani and Zhang, 2003).

    Parameters
    ----------
    version : {1, 2, 3}, default=1
        What is kept.
    n_neighbors : int or neighbours object, default=3
        k.
    n_neighbors_ver3 : int or neighbours object, default=3
        Common rows that version 3 looks at for each rare row.
    n_jobs : int or None, default=None
        Threads; the rows do not depend on it.

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

    version: Annotated[int, Int(min=1, max=3)] = 1
    n_neighbors: Neighbors = 3
    n_neighbors_ver3: Neighbors = 3
    n_jobs: Jobs = None
    neighbors: Backend = None

    def _plan(self, data: Checked) -> Plan:
        self.nn_ = data.once("rare rows", lambda: self._rare_rows(data))[1]
        return super()._plan(data)

    def _rare_rows(self, data: Checked) -> tuple[Any, Any]:
        """Return the rare rows, and the search among them."""
        # Of classes level in number the one seen first is the rare one, as in imbalanced-learn.
        smallest = np.flatnonzero(data.counts == data.counts.min())
        code = int(smallest[np.argmin([np.argmax(data.codes == code) for code in smallest])])
        if self.version != 2:
            self._enough(data, code, "n_neighbors")
        rare = data.X[data.rows_of(code)]
        return rare, fitted_search(self, rare, self.n_neighbors, extra=0)

    def _shrink(self, data: Checked, code: int, n_keep: int) -> np.ndarray:
        if self.version == 3:
            self._enough(data, code, "n_neighbors_ver3")
        rare, search = data.memory["rare rows"]
        members = data.rows_of(code)
        members = members[self._chosen(data.X[members], rare, n_keep, search)]
        if len(members) < n_keep:
            warnings.warn(
                f"NearMiss: version 3 finds {len(members)} rows of class {data.name(code)} where "
                f"{n_keep} were asked; all of them are kept. Use a larger n_neighbors_ver3 to find "
                "more.",
                stacklevel=7,
            )
        return members

    def _enough(self, data: Checked, code: int, parameter: str) -> None:
        n, k = int(data.counts[code]), _count(getattr(self, parameter))
        if n < k:
            raise DataError(
                f"NearMiss: class {data.name(code)} is too small: {parameter}={k} needs at least "
                f"{k} rows (Expected n_neighbors <= n_samples_fit, but n_neighbors = {k}, "
                f"n_samples_fit = {n}). Use {parameter}<={n}, or RandomUnderSampler, which needs "
                "no neighbours."
            )

    def _chosen(self, Q: Any, R: Any, n_keep: int, search: Any) -> np.ndarray:
        """Return the positions in Q of the kept rows, in imbalanced-learn's order."""
        sign, k = 1, min(_count(self.n_neighbors), R.shape[0])
        rows = np.arange(Q.shape[0])
        if n_keep == 0:
            return rows[:0]
        if self.version == 3:
            sign, k_3 = -1, _count(self.n_neighbors_ver3)
            third = fitted_search(self, Q, self.n_neighbors_ver3, extra=0)
            rows = np.unique(third.kneighbors(R, k_3, return_distance=False))
            Q = Q[rows]

        def settle(positions: np.ndarray) -> np.ndarray:
            return sign * self._their_sums(Q[positions], R, k, search)

        small = Q.shape[0] * R.shape[0] <= _SMALL
        if not self._own_search or small or not (is_screenable(Q) and is_screenable(R)):
            few = np.argsort(settle(np.arange(len(rows))), kind="stable")
            return rows[few[:n_keep]]
        if self.version != 2 and search.search_.prefers_tree(Q, k):
            found = search.kneighbors(Q, k, return_distance=False)
        else:
            found = extremes(Q, R, k, far=self.version == 2, n_jobs=self.n_jobs)
        sums, slack = distance_sums(Q, R, found)
        return rows[first_few(sign * sums, slack, n_keep, settle)]

    @property
    def _own_search(self) -> bool:
        return is_number(self.n_neighbors) and self.neighbors is None

    def _their_sums(self, Q: Any, R: Any, k: int, search: Any) -> np.ndarray:
        """Return the summed distances by the call that imbalanced-learn makes."""
        if self._own_search:
            search = NearestNeighbors(n_neighbors=int(self.n_neighbors), n_jobs=self.n_jobs).fit(R)
        k_all = R.shape[0] if self.version == 2 else k
        step = max(1, 16 * BLOCK // k_all)
        pieces = [
            search.kneighbors(Q[start : start + step], k_all, return_distance=True)[0]
            for start in range(0, Q.shape[0], step)
        ]
        return np.concatenate([np.sum(piece[:, -k:], axis=1) for piece in pieces])


def _count(wanted: Any) -> int:
    return int(wanted if is_number(wanted) else wanted.n_neighbors)
