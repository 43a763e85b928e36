"""Exact nearest neighbours, in scikit-learn's order, in less time."""

from typing import Any

import numpy as np
from scipy.sparse import issparse
from scipy.spatial import cKDTree
from sklearn.neighbors import NearestNeighbors

from rarebird._threads import n_threads, single_threaded

from .screen import Screen, squared_distances

__all__ = ["ExactNeighbors"]

_TREE_DIMENSIONS = 9  # from here on products of blocks are quicker than a tree
_SMALL = 2**18  # multiplications under which scikit-learn's own call is quickest
_ALONE = 1000  # queries of a tree that are done before a thread has started
_FEW = 4096  # queries from which scikit-learn's result no longer depends on its threads


class ExactNeighbors:
    """The k nearest rows of X under the Euclidean distance, as scikit-learn orders them.

    The indices equal those of ``NearestNeighbors(n_neighbors=k).fit(X).kneighbors(Q)``. Where two
    of the k + 1 smallest distances of a query lie within the rounding of that call, the query is
    given to that very call, so that ties fall the same way for any number of threads.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n, d)
        Finite numbers; sparse input is left to scikit-learn.
    n_jobs : int, optional
        Threads; None is what the linear algebra may use now.

    Notes
    -----
    Up to nine columns a k-d tree answers (O(log n) a query if the data are kind); beyond, blocks
    of products in float32 screen all rows, O(n d) a query with a small constant, and the few
    candidates are measured in float64.

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
        self._screen: Screen | None = None
        self._tree: cKDTree | None = None
        self.plain = not is_screenable(self.X)
        self.by_tree = not self.plain and self.X.shape[1] <= _TREE_DIMENSIONS

    @property
    def screen(self) -> Screen:
        """The screen over the rows, made on first use."""
        if self._screen is None:
            self._screen = Screen(self.X, n_jobs=self.n_jobs)
        return self._screen

    def kneighbors(self, Q: Any, n_neighbors: int, *, return_distance: bool = False) -> Any:
        """Return the nearest rows of each query.

        Parameters
        ----------
        Q : array-like of shape (q, d)
            The queries.
        n_neighbors : int
            How many, at most n.
        return_distance : bool
            Also return the distances, of shape (q, n_neighbors), before the indices.

        Returns
        -------
        indices : ndarray of int of shape (q, n_neighbors)
            Nearest first.
        """
        n = self.X.shape[0]
        small = self._is_small(Q.shape[0]) and not self.by_tree
        if self.plain or small or not is_screenable(Q):
            return self._settle(Q, n_neighbors, return_distance)
        Q = np.asarray(Q)
        if self.by_tree:
            return self._by_tree(Q, None, n_neighbors, return_distance)
        if Q.shape == self.X.shape and np.array_equal(Q, self.X):  # most often asked
            return self.kneighbors_of(np.arange(n), n_neighbors, return_distance=return_distance)
        joined = ExactNeighbors(np.concatenate([self.X, Q]), n_jobs=self.n_jobs)
        rows = np.arange(n, n + len(Q))
        return self._by_screen(joined.screen, Q, rows, n_neighbors, return_distance)

    def kneighbors_of(
        self, rows: np.ndarray, n_neighbors: int, *, return_distance: bool = False
    ) -> Any:
        """Return the nearest rows of rows of X themselves; each counts among its neighbours.

        Parameters
        ----------
        rows : ndarray of int of shape (q,)
            Places in X.
        n_neighbors : int
            How many, the row itself included.
        return_distance : bool
            Also return the distances, before the indices.
        """
        rows = np.asarray(rows)
        if self.plain or (self._is_small(len(rows)) and not self.by_tree):
            return self._settle(self.X[rows], n_neighbors, return_distance)
        if self.by_tree:
            return self._by_tree(self.X[rows], rows, n_neighbors, return_distance)
        return self._by_screen(self.screen, self.X[rows], rows, n_neighbors, return_distance)

    def _is_small(self, queries: int) -> bool:
        return self.X.shape[0] * queries <= _SMALL

    def _settle(self, Q: Any, k: int, return_distance: bool = False) -> Any:
        """Make scikit-learn's call, in such a way that threads cannot change its result."""
        many = Q.shape[0] > _FEW
        jobs = n_threads(self.n_jobs) if many else None  # for a few, threads only wait
        search = NearestNeighbors(n_neighbors=k, n_jobs=jobs).fit(self.X)
        if many:
            return search.kneighbors(Q, return_distance=return_distance)
        with single_threaded():
            return search.kneighbors(Q, return_distance=return_distance)

    def _by_tree(self, Q: np.ndarray, rows: Any, k: int, return_distance: bool) -> Any:
        if self._tree is None:
            self._tree = cKDTree(self.X, compact_nodes=False)
        k_more = min(k + 1, len(self.X))
        workers = n_threads(self.n_jobs) if len(Q) > _ALONE else 1
        gaps, found = self._tree.query(Q, np.arange(1, k_more + 1), workers=workers)
        return self._checked(Q, found, gaps**2, k, return_distance)

    def _by_screen(
        self, screen: Screen, Q: np.ndarray, rows: np.ndarray, k: int, return_distance: bool
    ) -> Any:
        n = len(self.X)
        found, gaps = screen.nearest(rows, np.arange(n), min(k + 1, n))
        return self._checked(Q, found, gaps, k, return_distance)

    def _checked(
        self, Q: np.ndarray, found: np.ndarray, gaps: np.ndarray, k: int, return_distance: bool
    ) -> Any:
        """Give queries with distances too close to tell apart to scikit-learn."""
        close = too_close(self.X, Q, found, gaps, k)
        found, gaps = found[:, :k], np.sqrt(gaps[:, :k])
        if close.any():
            doubtful = np.flatnonzero(close)
            found[doubtful] = self._settle(Q[doubtful], k)
            if return_distance:
                there = np.concatenate([self.X, Q[doubtful]])
                i = np.repeat(np.arange(len(self.X), len(there)), k)
                exact = squared_distances(there, i, found[doubtful].ravel())
                gaps[doubtful] = np.sqrt(exact).reshape(-1, k)
        return (gaps, found) if return_distance else found


def is_screenable(X: Any) -> bool:
    """Say whether rows can be screened: dense numbers, finite, with squares in range.

    Examples
    --------
    >>> is_screenable(np.eye(2)), is_screenable(np.full((2, 2), np.inf))
    (True, False)
    """
    if issparse(X):
        return False
    X = np.asarray(X)
    if X.ndim != 2 or X.dtype.kind not in "fiu" or X.size == 0:
        return False
    low, high = float(X.min()), float(X.max())
    largest = max(-low, high)
    return bool(largest == 0 or 1e-120 < largest < 1e140)  # also False for a NaN


def too_close(
    X: np.ndarray, Q: np.ndarray, found: np.ndarray, gaps: np.ndarray, k: int
) -> np.ndarray:
    """Say of which queries two of the squared distances differ by no more than rounding.

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
        slack = unit * gaps
    return (np.diff(gaps, axis=1) <= slack[:, 1:] + slack[:, :-1]).any(axis=1)
