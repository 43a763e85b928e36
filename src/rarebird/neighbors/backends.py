"""Ways to find neighbours, by name: ours, scikit-learn's, and those of faiss."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.neighbors import NearestNeighbors

from rarebird._errors import ParameterError, ParameterTypeError, suggest
from rarebird._optional import need

from .exact import ExactNeighbors, level_pairs
from .screen import squared_distances

__all__ = ["BACKENDS", "ExactBackend", "FaissBackend", "FaissHnswBackend", "backend"]


class ExactBackend(BaseEstimator):
    """`ExactNeighbors` behind scikit-learn's ``fit`` and ``kneighbors``.

    Parameters
    ----------
    n_neighbors : int
        Neighbours by default; a row of the fitted data counts itself.
    n_jobs : int, optional
        Threads; None is what the linear algebra may use now.

    Examples
    --------
    >>> found = ExactBackend(2).fit(np.array([[0.0], [1.0], [3.0]])).kneighbors(np.array([[2.5]]))
    >>> found[1].tolist()
    [[2, 1]]
    """

    approximate = False

    def __init__(self, n_neighbors: int = 5, *, n_jobs: int | None = None) -> None:
        self.n_neighbors = n_neighbors
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> "ExactBackend":
        """Keep the rows that will be searched."""
        self.search_ = ExactNeighbors(X, n_jobs=self.n_jobs)
        return self

    def kneighbors(
        self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True
    ) -> Any:
        """Return distances and indices of the nearest rows of queries, or the indices only."""
        k = self.n_neighbors if n_neighbors is None else n_neighbors
        if X is None:
            raise ParameterTypeError(
                f"{type(self).__name__}: kneighbors needs the queries; pass the fitted rows "
                "themselves to have each counted among its neighbours."
            )
        return self._search(X, k, return_distance)

    def _search(self, X: Any, k: int, return_distance: bool) -> Any:
        return self.search_.kneighbors(X, k, return_distance=return_distance)


class FaissBackend(ExactBackend):
    """faiss's flat index: float32 finds more than is needed, float64 confirms.

    Parameters are those of `ExactBackend`; faiss itself uses its own threads.

    Notes
    -----
    O(n d) a query. k + 16 candidates are measured in float64 and put in order. Queries for which
    float32 could have hidden a nearer row behind those are given to `ExactNeighbors`.
    """

    def _index(self, d: int) -> Any:
        return need("faiss", extra="faiss", who=type(self).__name__).IndexFlatL2(d)

    def fit(self, X: Any, y: Any = None) -> "FaissBackend":
        """Build the index."""
        super().fit(np.asarray(X, dtype=float))
        rows = self.search_.X
        self.centre_ = rows.mean(axis=0)
        self.index_ = self._index(rows.shape[1])
        self.index_.add(np.ascontiguousarray(rows - self.centre_, dtype=np.float32))
        return self

    def _search(self, X: Any, k: int, return_distance: bool) -> Any:
        rows, Q = self.search_.X, np.asarray(X, dtype=float)
        if k > len(rows):
            return self.search_.kneighbors(Q, k, return_distance=return_distance)
        near = np.ascontiguousarray(Q - self.centre_, dtype=np.float32)
        rough, found = self.index_.search(near, min(k + 16, len(rows)))
        both = np.concatenate([rows, Q])
        i = np.repeat(np.arange(len(rows), len(both)), found.shape[1])
        missing = found.ravel() < 0  # an approximate index may find fewer
        squared = squared_distances(both, i, np.maximum(found.ravel(), 0))
        squared[missing] = np.inf
        squared = squared.reshape(found.shape)
        order = np.argsort(squared, axis=1, kind="stable")[:, : k + 1]
        found = np.take_along_axis(found, order, axis=1)
        squared = np.take_along_axis(squared, order, axis=1)
        doubt = self._doubtful(Q, near, rough, found, squared, k)
        found, distances = found[:, :k], np.sqrt(squared[:, :k])
        if doubt.any():
            again = self.search_.kneighbors(Q[doubt], k, return_distance=True)
            distances[doubt], found[doubt] = again
        return (distances, found) if return_distance else found

    def _doubtful(self, Q: Any, near: Any, rough: Any, found: Any, squared: Any, k: int) -> Any:
        rows = self.search_.X
        doubt = level_pairs(rows, Q, found, squared, k).any(axis=1)
        if rough.shape[1] < len(rows):
            far = ((rows - self.centre_) ** 2).sum(axis=1).max() + (near**2).sum(axis=1)
            error = 4 * (rows.shape[1] + 10) * 2.0**-24 * far
            doubt |= squared[:, k - 1] >= rough[:, -1] - error
        return doubt


class FaissHnswBackend(FaissBackend):
    """faiss's navigable small-world graph (HNSW): approximate, by choice only.

    Parameters
    ----------
    n_neighbors, n_jobs
        Those of `FaissBackend`.
    m : int
        Links a row.
    ef_search : int
        Candidates kept during a search; more is slower and finds more.

    Notes
    -----
    About O(d log n) a query. Malkov and Yashunin (2018). The order of the rows found is exact;
    some may be missed.
    """

    approximate = True

    def __init__(
        self, n_neighbors: int = 5, *, m: int = 32, ef_search: int = 64, n_jobs: int | None = None
    ) -> None:
        super().__init__(n_neighbors, n_jobs=n_jobs)
        self.m = m
        self.ef_search = ef_search

    def _index(self, d: int) -> Any:
        index = need("faiss", extra="faiss", who=type(self).__name__).IndexHNSWFlat(d, self.m)
        index.hnsw.efSearch = self.ef_search
        return index

    def _doubtful(self, Q: Any, near: Any, rough: Any, found: Any, squared: Any, k: int) -> Any:
        return ~np.isfinite(squared[:, :k]).all(axis=1)


BACKENDS: dict[str, Callable[..., Any]] = {
    "exact": ExactBackend,
    "sklearn": NearestNeighbors,
    "faiss": FaissBackend,
    "faiss-hnsw": FaissHnswBackend,
}


def neighbor_labels(search: Any, X: Any, labels: np.ndarray) -> np.ndarray:
    """Return the labels of each query's nearest rows, nearest first.

    `ExactBackend` need not settle which of two rows with one label and at one distance comes first.
    """
    if type(search) is ExactBackend:
        return labels[search.search_.kneighbors(X, search.n_neighbors, labels=labels)]
    return labels[search.kneighbors(X, return_distance=False)]


def backend(name: Any, n_neighbors: int = 5, *, n_jobs: int | None = None) -> Any:
    """Return a way to find neighbours: one of `BACKENDS` by name, or the object itself.

    Parameters
    ----------
    name : str or object
        A name, or anything with ``fit`` and ``kneighbors``, which is returned as it is.
    n_neighbors : int
        Neighbours by default, of a named backend.
    n_jobs : int, optional
        Threads of a named backend.

    Raises
    ------
    ParameterError
        If no backend has the name.
    ParameterTypeError
        If the object cannot find neighbours.

    Examples
    --------
    >>> backend("exact", 3)
    ExactBackend(n_neighbors=3)
    """
    if isinstance(name, str):
        if name not in BACKENDS:
            raise ParameterError(
                f"backend: {name!r} is not known; use one of {', '.join(BACKENDS)}."
                + suggest(name, BACKENDS)
            )
        return BACKENDS[name](n_neighbors=n_neighbors, n_jobs=n_jobs)
    if hasattr(name, "fit") and hasattr(name, "kneighbors"):
        return name
    raise ParameterTypeError(
        f"backend: {type(name).__name__} cannot find neighbours; "
        f"pass one of {', '.join(BACKENDS)} or an object with fit and kneighbors."
    )
