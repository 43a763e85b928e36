"""Condensed nearest neighbours."""

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.neighbors import KNeighborsClassifier

from .editing import Targets, drawn_seeds, is_search, smallest_class, targeted_classes
from .exact import is_screenable

__all__ = ["condensed_nearest_neighbour"]

_BLOCK = 512


def condensed_nearest_neighbour(
    X: Any,
    codes: np.ndarray,
    targets: Targets,
    *,
    n_neighbors: Any = None,
    n_seeds_S: int = 1,
    random_state: Any = None,
    n_jobs: int | None = None,
) -> np.ndarray:
    """Return a subset that judges the rows passed over by nearest neighbours as they are.

    For each targeted class a store holds the smallest class and some rows drawn; one row after
    the other joins the store if the store misjudges it.

    Parameters
    ----------
    X, codes, targets, n_jobs
        Those of `edited`.
    n_neighbors : int or KNeighborsClassifier, optional
        Neighbours that judge; one by default.
    n_seeds_S : int
        Rows drawn from each targeted class, with repeats.
    random_state : int, RandomState or None
        One draw of ``randint`` a targeted class, in the order of the codes.

    Notes
    -----
    O(n_c m d) for a store of m rows at the end. As in imbalanced-learn 0.14.2, a row is passed over
    unjudged if its index within its class equals the index in X of a row of the store. Hart (1968).

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [5.0], [9.0]])
    >>> condensed_nearest_neighbour(X, np.array([0, 0, 0, 1, 1]), [0], random_state=0).tolist()
    [0, 2, 3, 4]
    """
    small = np.flatnonzero(codes == smallest_class(codes))
    chosen = targeted_classes(targets, codes)
    pieces = []
    for own, drawn in drawn_seeds(codes, chosen, n_seeds_S, random_state):
        if drawn is None:
            pieces.append(own)
            continue
        seeds = own[drawn]
        if codes[small[0]] == codes[own[0]]:
            pieces.append(seeds)  # a store of one class misjudges nothing
            continue
        if is_search(n_neighbors):
            judge = clone(n_neighbors)
        else:
            judge = KNeighborsClassifier(n_neighbors=n_neighbors or 1, n_jobs=n_jobs)
        screened = judge.n_neighbors == 1 and is_screenable(X) and not is_search(n_neighbors)
        condense = _condense if screened else _condense_plainly
        pieces.append(condense(X, codes, own, small, seeds, judge))
    return np.concatenate(pieces)


def _condense(
    X: np.ndarray,
    codes: np.ndarray,
    own: np.ndarray,
    small: np.ndarray,
    seeds: np.ndarray,
    judge: KNeighborsClassifier,
) -> np.ndarray:
    """Let the store grow, with the distances of a block of rows kept up to date."""
    Z = X - X.astype(float).mean(axis=0)
    norms = np.einsum("ij,ij->i", Z, Z)
    raw = np.einsum("ij,ij->i", X.astype(float), X.astype(float))
    slack = 4 * (Z.shape[1] + 8) * 2.0**-52 * (raw[own] + raw.max())
    store, passed = list(seeds), set(seeds.tolist())
    for start in range(0, len(own), _BLOCK):
        part = own[start : start + _BLOCK]
        against = _minima(Z, norms, part, small)
        beside = _minima(Z, norms, part, np.array(store))
        for i, row in enumerate(part):
            if start + i in passed:
                continue
            edge = beside[i] - against[i]
            if abs(edge) <= slack[start + i]:
                members = np.append(small, np.array(store))
                judge.fit(X[members], codes[members])
                wrong = judge.predict(X[row : row + 1])[0] != codes[row]
            else:
                wrong = edge > 0
            if wrong:
                store.append(row)
                passed.add(int(row))
                step = Z[part[i:]] - Z[row]
                beside[i:] = np.minimum(beside[i:], np.einsum("ij,ij->i", step, step))
    return np.array(store)


def _minima(Z: np.ndarray, norms: np.ndarray, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    low = np.full(len(rows), np.inf)
    for start in range(0, len(cols), 2048):
        there = cols[start : start + 2048]
        values = norms[there] - 2 * Z[rows] @ Z[there].T
        np.minimum(low, values.min(axis=1), out=low)
    return low + norms[rows]


def _condense_plainly(
    X: Any, codes: np.ndarray, own: np.ndarray, small: np.ndarray, seeds: np.ndarray, judge: Any
) -> np.ndarray:
    """Let the store grow with a new fit each time, for any judge and any matrix."""
    store, passed = list(seeds), set(seeds.tolist())
    members = np.append(small, seeds)
    judge.fit(X[members], codes[members])
    right = np.zeros(len(own), dtype=bool)
    for i, row in enumerate(own):
        if i in passed or right[i]:
            continue
        if judge.predict(X[[row]])[0] != codes[row]:
            store.append(row)
            passed.add(int(row))
            members = np.append(members, row)
            judge.fit(X[members], codes[members])
            right = judge.predict(X[own]) == codes[own]
    return np.array(store)
