"""Edited nearest neighbours: once, repeatedly, and with growing neighbourhoods."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import clone

from rarebird._errors import DataError

from .purity import Purity, vote

__all__ = ["all_knn", "edited", "repeated_edited"]

Targets = Sequence[int] | Callable[[np.ndarray], Sequence[int]]


class _Plain:
    """The verdict of `Purity` by plain calls of an object that the user has chosen."""

    def __init__(self, X: Any, codes: np.ndarray, neighbors: Any, kind_sel: str) -> None:
        self.X, self.codes, self.neighbors, self.kind_sel = X, codes, neighbors, kind_sel

    def keep(self, rows: np.ndarray, n_neighbors: int | None, among: np.ndarray) -> np.ndarray:
        fitted = clone(self.neighbors).fit(self.X[among])
        own = self.codes[rows]
        verdict = np.zeros(len(rows), dtype=bool)
        for code in np.unique(own):  # one call a class, as imbalanced-learn makes them
            part = own == code
            found = fitted.kneighbors(self.X[rows[part]], return_distance=False)[:, 1:]
            labels = self.codes[among][found]
            if self.kind_sel == "all":
                verdict[part] = (labels == code).all(axis=1)
            else:
                verdict[part] = vote(labels, int(self.codes.max()) + 1) == code
        return verdict


def neighbor_count(n_neighbors: Any) -> int:
    """Return k of an int, or of an object that counts the row itself among its neighbours.

    Examples
    --------
    >>> neighbor_count(3)
    3
    """
    return n_neighbors.n_neighbors - 1 if is_search(n_neighbors) else n_neighbors


def is_search(n_neighbors: Any) -> bool:
    """Say whether it is an object that finds neighbours rather than their number.

    Examples
    --------
    >>> is_search(3)
    False
    """
    return hasattr(n_neighbors, "kneighbors")


def _checker(X: Any, codes: np.ndarray, n_neighbors: Any, kind_sel: str, n_jobs: int | None) -> Any:
    if is_search(n_neighbors):
        return _Plain(X, codes, n_neighbors, kind_sel)
    return Purity(X, codes, n_neighbors, kind_sel=kind_sel, n_jobs=n_jobs)


def _one_pass(
    checker: Any, codes: np.ndarray, among: np.ndarray, targets: Sequence[int], k: int
) -> np.ndarray:
    """Return what is left of ``among``, class by class."""
    if len(among) <= k:
        counts = np.bincount(codes[among])
        small = int(np.argmin(np.where(counts > 0, counts, len(codes) + 1)))
        raise DataError(
            f"edited neighbours: {len(among)} rows are left (class code {small} has "
            f"{counts[small]}), and n_neighbors={k} needs at least {k + 1}. "
            f"Use n_neighbors<={len(among) - 1}."
        )
    labels = codes[among]
    rows = among[np.isin(labels, np.asarray(targets, dtype=int))]
    stays = np.ones(len(codes), dtype=bool)
    if len(rows):
        stays[rows] = checker.keep(rows, k, among)
    grouped = among[np.argsort(labels, kind="stable")]
    return grouped[stays[grouped]]


def smallest_class(codes: np.ndarray) -> int:
    """Return the class with the fewest rows; of several, the one that comes first.

    Examples
    --------
    >>> smallest_class(np.array([2, 0, 0, 1]))
    2
    """
    counts = np.bincount(codes)
    least = counts[counts > 0].min()
    return int(codes[np.argmax(counts[codes] == least)])


def targeted_classes(targets: Targets, labels: np.ndarray, n_classes: int) -> Sequence[int]:
    """Return the targeted classes, asking ``targets`` for the present rows if it is callable.

    Examples
    --------
    >>> targeted_classes(lambda counts: [int(counts.argmax())], np.array([0, 1, 1]), 2)
    [1]
    """
    return targets(np.bincount(labels, minlength=n_classes)) if callable(targets) else targets


def _stopped(before: np.ndarray, labels: np.ndarray, allow_minority: bool = False) -> bool:
    """Say whether a class has fallen below what the smallest one had, or has vanished."""
    old = np.bincount(before)
    new = np.bincount(labels, minlength=len(old))
    small = smallest_class(before)
    others = (new > 0) & (np.arange(len(new)) != small)
    fell = not allow_minority and bool((new[others] < old[small]).any())
    return fell or bool(((old > 0) & (new == 0)).any())


def edited(
    X: Any,
    codes: np.ndarray,
    targets: Targets,
    *,
    n_neighbors: Any = 3,
    kind_sel: str = "all",
    n_jobs: int | None = None,
) -> np.ndarray:
    """Return the rows that are left when rows at odds with their neighbours are removed.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n, d)
        The rows.
    codes : ndarray of int of shape (n,)
        Class of each row, from 0.
    targets : sequence of int, or callable
        The classes that may lose rows; a callable gets the rows per class and returns them.
    n_neighbors : int or object
        Other rows that are looked at; or an object with ``fit`` and ``kneighbors`` (which counts
        the row itself), used plainly on a clone.
    kind_sel : {"all", "mode"}
        Whether all neighbours, or most of them, must be of the row's class.
    n_jobs : int, optional
        Threads; None is what the linear algebra may use now.

    Returns
    -------
    kept : ndarray of int
        Class by class in the order of the codes, as imbalanced-learn gives them.

    Raises
    ------
    DataError
        If there are not more than ``n_neighbors`` rows.

    Notes
    -----
    The cost is that of `Purity`. Wilson (1972).

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [3.5], [9.0]])
    >>> edited(X, np.array([0, 0, 0, 1, 1]), [0], n_neighbors=1).tolist()
    [0, 1, 3, 4]
    """
    checker = _checker(X, codes, n_neighbors, kind_sel, n_jobs)
    chosen = targeted_classes(targets, codes, int(codes.max()) + 1)
    k = neighbor_count(n_neighbors)
    return _one_pass(checker, codes, np.arange(len(codes)), chosen, k)


def repeated_edited(
    X: Any,
    codes: np.ndarray,
    targets: Targets,
    *,
    n_neighbors: Any = 3,
    max_iter: int = 100,
    kind_sel: str = "all",
    n_jobs: int | None = None,
) -> tuple[np.ndarray, int]:
    """Repeat `edited` until nothing changes, a class gets too small, or ``max_iter`` is reached.

    Parameters are those of `edited`, and ``max_iter``, the most repeats. It ends as well when a
    class has fewer rows left than the smallest had at first, or none.

    Returns
    -------
    kept : ndarray of int
        Class by class in the order of the codes.
    n_iter : int
        Repeats made.

    Notes
    -----
    From the second repeat on only rows that lost a witness are looked at. Tomek (1976).

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [3.5], [9.0]])
    >>> kept, n_iter = repeated_edited(X, np.array([0, 0, 0, 1, 1]), [0], n_neighbors=1)
    >>> kept.tolist(), n_iter
    ([0, 1, 3, 4], 2)
    """
    checker = _checker(X, codes, n_neighbors, kind_sel, n_jobs)
    k, n_classes = neighbor_count(n_neighbors), int(codes.max()) + 1
    kept = np.arange(len(codes))
    n_iter = 0
    while n_iter < max_iter:
        before = len(kept)
        chosen = targeted_classes(targets, codes[kept], n_classes)
        kept = _one_pass(checker, codes, kept, chosen, k)
        n_iter += 1
        if len(kept) == before or _stopped(codes, codes[kept]):
            break
    return kept, n_iter


def all_knn(
    X: Any,
    codes: np.ndarray,
    targets: Targets,
    *,
    n_neighbors: Any = 3,
    kind_sel: str = "all",
    allow_minority: bool = False,
    n_jobs: int | None = None,
) -> np.ndarray:
    """Repeat `edited` with 1, 2, ... ``n_neighbors`` neighbours.

    Parameters are those of `edited`; of an object only its number of neighbours is used, as in
    imbalanced-learn. With ``allow_minority`` a class may get smaller than the smallest was.

    Notes
    -----
    Witnesses for the largest k serve every k. Tomek (1976).

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [3.5], [9.0]])
    >>> all_knn(X, np.array([0, 0, 0, 1, 1]), [0], n_neighbors=1).tolist()
    [0, 1, 3, 4]
    """
    most, n_classes = neighbor_count(n_neighbors), int(codes.max()) + 1
    checker = Purity(X, codes, most, kind_sel=kind_sel, n_jobs=n_jobs)
    kept = np.arange(len(codes))
    for k in range(1, most + 1):
        chosen = targeted_classes(targets, codes[kept], n_classes)
        kept = _one_pass(checker, codes, kept, chosen, k)
        if _stopped(codes, codes[kept], allow_minority):
            break
    return kept
