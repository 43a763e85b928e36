"""Exact nearest neighbours, in scikit-learn's order, in less time."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import issparse
from scipy.spatial import cKDTree
from sklearn.neighbors import NearestNeighbors

from rarebird._threads import n_threads, single_threaded

from .screen import Screen, squared_distances
from .work import build_cost, pairs_cost, sliding_tree, tree_cost, visited_boxes

__all__ = ["ExactNeighbors"]

_FEW_COLUMNS = 9  # up to here a tree is used for searches too small to look at the data first
_LOOK = 2**19  # pairs from which looking at the data costs little beside the search
_LOOK_LATER = 2**22  # the same in columns so few that a tree is the likely answer
_SMALL = 2**18  # pairs under which scikit-learn's own call is quickest in more columns
_TINY = 2**16  # pairs under which nothing is looked at first
_ALONE = 1000  # queries of a tree that are done before a thread has started
_FEW = 4096  # queries from which scikit-learn's result no longer depends on its threads
_SAMPLE = 16  # one query of so many is searched first, to see how many are tied
_TIED = 0.5  # share of tied queries from which scikit-learn's own call is quickest


# indices of queries and a number of neighbours to the neighbours' indices and squared distances
Search = Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray]]


class ExactNeighbors:
    """The k nearest rows of X under the Euclidean distance, as scikit-learn orders them.

    The indices equal those of ``NearestNeighbors(n_neighbors=k).fit(X).kneighbors(Q)``: a query of
    which two of the k + 1 smallest distances lie within that call's rounding is given to it.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n, d)
        Finite numbers; sparse input is left to scikit-learn.
    n_jobs : int, optional
        Threads; None is what the linear algebra may use now.

    Notes
    -----
    Either a k-d tree answers, O(log n) a query where the data have few intrinsic dimensions, or
    blocks of products in float32 screen all rows, O(n d) a query, and the few candidates are
    measured in float64: whichever has less work as counted on a sample (`visited_boxes`). Where
    half of a sample of the queries is tied, all are given to scikit-learn.

    Examples
    --------
    >>> neighbors = ExactNeighbors(np.array([[0.0], [1.0], [3.0], [7.0]]))
    >>> neighbors.kneighbors(np.array([[2.2]]), 2).tolist()
    [[2, 1]]
    >>> neighbors.kneighbors_of(np.array([3]), 2).tolist()
    [[3, 2]]
    """

    def __init__(self, X: Any, *, n_jobs: int | None = None) -> None:
        self.X = X if issparse(X) else np.asarray(X)
        self.n_jobs = n_jobs
        self.plain = not is_screenable(self.X)
        self._tree: cKDTree | None = None
        self._peers: dict[bool, NearestNeighbors] = {}
        self._boxes: float | None = None

    @cached_property
    def screen(self) -> Screen:
        """The screen over the rows, made on first use."""
        return Screen(self.X, n_jobs=self.n_jobs)

    def kneighbors(
        self,
        Q: Any,
        n_neighbors: int,
        *,
        return_distance: bool = False,
        labels: np.ndarray | None = None,
    ) -> Any:
        """Return the indices of the nearest rows of each query, (q, n_neighbors), nearest first.

        Parameters
        ----------
        Q : array-like of shape (q, d)
            The queries.
        n_neighbors : int
            How many, at most n.
        return_distance : bool
            Also return the distances, of shape (q, n_neighbors), before the indices.
        labels : ndarray of shape (n,), optional
            A label of each row of X, where only labels are counted: of rows at one distance and
            with one label any may be returned, which spares settling them.
        """
        if self.plain or not is_screenable(Q):
            return self._settle(Q, n_neighbors, return_distance)
        Q = np.asarray(Q)
        own = Q.shape == self.X.shape and np.array_equal(Q, self.X)  # most often asked
        rows = np.arange(len(Q)) if own else None
        return self._answer(Q, rows, n_neighbors, return_distance, labels)

    def kneighbors_of(
        self,
        rows: np.ndarray,
        n_neighbors: int,
        *,
        return_distance: bool = False,
        labels: np.ndarray | None = None,
    ) -> Any:
        """Return the same for rows of X, given by their indices; each counts itself."""
        rows = np.asarray(rows)
        if self.plain:
            return self._settle(self.X[rows], n_neighbors, return_distance)
        return self._answer(self.X[rows], rows, n_neighbors, return_distance, labels)

    def prefers_tree(self, Q: np.ndarray, n_neighbors: int, *, own: bool = False) -> bool:
        """Say whether a tree is predicted to find k neighbours of Q, (q, d), with less work.

        ``own`` says that Q are rows of X, whose sample is looked at only once.
        """
        n, d = self.X.shape
        if len(Q) * n <= (_LOOK if d > _FEW_COLUMNS - 3 else _LOOK_LATER):
            return d <= _FEW_COLUMNS
        build = build_cost(n, d) if self._tree is None else 0.0
        screened = len(Q) * pairs_cost(n, d, n_neighbors)
        if build + len(Q) * tree_cost(2, d) >= screened:
            return False
        return build + len(Q) * tree_cost(self.boxes(Q, n_neighbors, own=own), d) < screened

    def boxes(self, Q: np.ndarray, n_neighbors: int, *, own: bool = False) -> float:
        """Return `visited_boxes` of a tree over X, remembered for queries that are rows of X."""
        if not own:
            return visited_boxes(self.X, Q, n_neighbors)
        if self._boxes is None:
            self._boxes = visited_boxes(self.X, Q, n_neighbors)
        return self._boxes

    def _has_copies(self) -> bool:
        """Say whether a sample of X has equal rows: ties then fall as in one call for all."""
        some = self.X[:: max(1, len(self.X) // 256)]
        return len({row.tobytes() for row in some}) < 0.95 * len(some)

    def _answer(
        self, Q: np.ndarray, rows: Any, k: int, return_distance: bool, labels: np.ndarray | None
    ) -> Any:
        """Search a sample of the queries, then the others, and settle what is tied."""
        (n, d), q = self.X.shape, len(Q)
        few = d > _FEW_COLUMNS and q * n <= _SMALL
        if few or k > n or (_TINY <= q * n <= _LOOK_LATER and self._has_copies()):
            return self._settle(Q, k, return_distance)
        search = self._way(Q, rows, k)
        found, squared = np.empty((q, k), dtype=np.intp), np.empty((q, k))
        tied = np.ones(q, dtype=bool)
        first = np.arange(q) % _SAMPLE == 0
        for part in (first, ~first) if q > 16 * _SAMPLE else (first | ~first,):
            part = np.flatnonzero(part)
            near, far = search(part, min(k + 1, n))
            found[part], squared[part] = near[:, :k], far[:, :k]
            tied[part] = self._tied(Q, part, near, far, k, search, labels)
            if tied[part].mean() > _TIED:
                break
        if tied.any():
            doubtful = np.flatnonzero(tied)
            each, copy_of = np.arange(len(doubtful)), np.arange(len(doubtful))
            if d <= 15:  # beyond, products of blocks round by a query's position
                each, copy_of = _once(Q[doubtful])
            found[doubtful] = self._settle(Q[doubtful[each]], k)[copy_of]
            if return_distance:
                both = np.concatenate([self.X, Q[doubtful]])
                i = np.repeat(np.arange(n, len(both)), k)
                exact = squared_distances(both, i, found[doubtful].ravel())
                squared[doubtful] = exact.reshape(-1, k)
        return (np.sqrt(squared), found) if return_distance else found

    def _tied(
        self,
        Q: np.ndarray,
        part: np.ndarray,
        found: np.ndarray,
        squared: np.ndarray,
        k: int,
        search: Search,
        labels: np.ndarray | None,
    ) -> np.ndarray:
        """Say of which queries a choice among level rows may change the k nearest, or their labels.

        ``found`` and ``squared`` are the k + 1 nearest rows (all n for k = n) of the queries
        ``part``; indices of -1 are unknown. Where labels are given and more rows may be level with
        the k-th, ``search`` finds 2 k + 4; a group that goes on is undecided.
        """
        level = level_pairs(self.X, Q[part], found, squared, k)
        tied: np.ndarray = np.any(level, axis=1)
        if labels is None or not tied.any():
            return tied
        tied = _differ(level, labels[found]) | (found[:, 0] < 0)
        open_ = np.flatnonzero(level[:, k - 1 : k].any(axis=1) & ~tied)
        if len(open_):
            wide = min(2 * k + 4, len(self.X))
            found, squared = search(part[open_], wide)
            level = level_pairs(self.X, Q[part[open_]], found, squared, k)
            level[:, k - 1 :] = np.logical_and.accumulate(level[:, k - 1 :], axis=1)
            goes_on = level[:, -1] & (wide < len(self.X))
            tied[open_] = _differ(level, labels[found]) | (found[:, 0] < 0) | goes_on
        return tied

    def _way(self, Q: np.ndarray, rows: Any, k: int) -> Search:
        """Return a function of indices into Q and a number of neighbours: tree or screen."""
        n = len(self.X)
        if self.prefers_tree(Q, k, own=rows is not None):
            if self._tree is None:
                self._tree = sliding_tree(self.X)
            return lambda part, k: self._by_tree(Q[part], k)
        if rows is not None:
            return lambda part, k: self.screen.nearest(rows[part], np.arange(n), k)
        screen = Screen(np.concatenate([self.X, Q]), n_jobs=self.n_jobs)
        return lambda part, k: screen.nearest(n + part, np.arange(n), k)

    def _by_tree(self, Q: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Ask the tree, near queries one after the other: they visit the same leaves."""
        assert self._tree is not None
        each, copy_of = _once(Q)
        workers = n_threads(self.n_jobs) if len(each) > _ALONE else 1
        distance, found = self._tree.query(Q[each], np.arange(1, k + 1), workers=workers)
        return found[copy_of], distance[copy_of] ** 2

    def _settle(self, Q: Any, k: int, return_distance: bool = False) -> Any:
        """Make scikit-learn's call, in such a way that threads cannot change its result."""
        many = Q.shape[0] > _FEW
        half = k >= self.X.shape[0] // 2  # from here on scikit-learn builds no tree
        if half not in self._peers:
            self._peers[half] = NearestNeighbors(n_neighbors=k).fit(self.X)
        search = self._peers[half]
        search.set_params(n_jobs=n_threads(self.n_jobs) if many else None)  # few: threads wait
        with nullcontext() if many else single_threaded():
            return search.kneighbors(Q, k, return_distance=return_distance)


def level_pairs(
    X: np.ndarray, Q: np.ndarray, found: np.ndarray, squared: np.ndarray, k: int
) -> np.ndarray:
    """Say which neighbours are as far away as the next one, up to rounding; shape (q, found - 1).

    scikit-learn uses |x|^2 - 2 x y + |y|^2 beyond 15 columns (or for k >= n / 2), whose error
    grows with the lengths of the rows; below, its tree sums squared differences, whose error
    grows with the distance only.
    """
    n, d = X.shape
    unit = (d + 8) * 2.0**-51
    if d > 15 or k >= n // 2:
        far = X[found.ravel()].astype(float)
        far = np.einsum("ij,ij->i", far, far).reshape(found.shape)
        near = Q.astype(float)
        slack = unit * (far + np.einsum("ij,ij->i", near, near)[:, None])
    else:
        slack = unit * squared
    return np.diff(squared, axis=1) <= slack[:, 1:] + slack[:, :-1]


def _differ(level: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Say in which rows two level neighbours side by side have different labels."""
    differ: np.ndarray = np.any(level & (labels[:, 1:] != labels[:, :-1]), axis=1)
    return differ


def _once(Q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows without copies, near ones together, and where each row is among them."""
    if len(Q) <= _ALONE:
        return np.arange(len(Q)), np.arange(len(Q))
    order = sliding_tree(Q).indices
    new = np.append(True, (Q[order[1:]] != Q[order[:-1]]).any(axis=1))
    copy_of = np.empty(len(Q), dtype=np.intp)
    copy_of[order] = np.cumsum(new) - 1
    return order[new], copy_of


def is_screenable(X: Any) -> bool:
    """Say whether rows can be screened: dense numbers, finite, with squares in range."""
    if issparse(X):
        return False
    X = np.asarray(X)
    if X.ndim != 2 or X.dtype.kind not in "fiu" or X.size == 0:
        return False
    low, high = float(X.min()), float(X.max())
    largest = max(-low, high)
    return bool(largest == 0 or 1e-120 < largest < 1e140)  # also False for a NaN
