"""Tomek links, from the rows outside the largest class only."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import clone

from .exact import ExactNeighbors
from .purity import Purity

__all__ = ["tomek_links"]


def tomek_links(
    X: Any,
    codes: np.ndarray,
    targets: Sequence[int],
    *,
    neighbors: Any = None,
    n_jobs: int | None = None,
) -> np.ndarray:
    """Return the rows that are left when the targeted ends of Tomek links are removed.

    x and z are linked if their classes differ and each is the other's nearest neighbour. One end
    lies outside the largest class: only those rows and the rows that they point to are searched.

    Parameters
    ----------
    X, codes, n_jobs
        Those of `edited`.
    targets : sequence of int
        The classes that may lose rows.
    neighbors : object, optional
        With ``fit`` and ``kneighbors``; a clone of it is used instead of our search.

    Returns
    -------
    kept : ndarray of int
        In their order.

    Notes
    -----
    At most 2 n_o n d for n_o rows outside the largest class; where n_o is more than a quarter of
    n, rows with a witness nearer than any other class are passed over. Tomek (1976).

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [3.5], [9.0]])
    >>> tomek_links(X, np.array([0, 0, 0, 1, 1]), [0]).tolist()
    [0, 1, 3, 4]
    """
    n = len(codes)
    outside = np.flatnonzero(codes != np.bincount(codes).argmax())
    if neighbors is None:
        exact = ExactNeighbors(X, n_jobs=n_jobs)
        if 4 * len(outside) > n:
            pure = Purity(X, codes, 1, n_jobs=n_jobs)
            exact = pure.exact
            outside = outside[~pure.keep(outside)]
    else:
        fitted = clone(neighbors).fit(X)

    def nearest(rows: np.ndarray) -> np.ndarray:
        if not len(rows):
            return rows
        if neighbors is None:
            return exact.kneighbors_of(rows, 2)[:, 1]
        return fitted.kneighbors(X[rows], 2, return_distance=False)[:, 1]

    to = nearest(outside)
    apart = codes[to] != codes[outside]
    outside, to = outside[apart], to[apart]
    back = np.full(n, -1)
    back[outside] = to
    unknown = np.unique(to[back[to] < 0])
    back[unknown] = nearest(unknown)
    linked = back[to] == outside
    goes = np.zeros(n, dtype=bool)
    goes[outside[linked]] = goes[to[linked]] = True
    return np.flatnonzero(~goes | ~np.isin(codes, targets))
