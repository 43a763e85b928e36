"""Edited nearest neighbours: once, repeatedly, and with growing neighbourhoods."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from rarebird._errors import DataError

from .purity import Purity, agrees

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
            verdict[part] = agrees(labels, own[part], self.kind_sel)
        return verdict


def neighbor_count(n_neighbors: Any) -> int:
    """Return k of an int, or of an object that counts the row itself among its neighbours."""
    return n_neighbors.n_neighbors - 1 if is_search(n_neighbors) else n_neighbors


def is_search(n_neighbors: Any) -> bool:
    """Say whether it is an object that finds neighbours rather than their number."""
    return hasattr(n_neighbors, "kneighbors")


def _checker(X: Any, codes: np.ndarray, n_neighbors: Any, kind_sel: str, n_jobs: int | None) -> Any:
    if is_search(n_neighbors):
        return _Plain(X, codes, n_neighbors, kind_sel)
    return Purity(X, codes, n_neighbors, kind_sel=kind_sel, n_jobs=n_jobs)


def _one_pass(
    checker: Any, codes: np.ndarray, among: np.ndarray, targets: Targets, k: int
) -> np.ndarray:
    """Return what is left of ``among``, class by class."""
    if len(among) <= k:
        small = smallest_class(np.sort(codes[among]))
        raise DataError(
            f"edited neighbours: {len(among)} rows are left (class code {small} has "
            f"{np.count_nonzero(codes[among] == small)}), and n_neighbors={k} needs at least "
            f"{k + 1}. Use n_neighbors<={len(among) - 1}."
        )
    labels = codes[among]
    rows = among[np.isin(labels, targeted_classes(targets, codes, among))]
    stays = np.ones(len(codes), dtype=bool)
    if len(rows):
        stays[rows] = checker.keep(rows, k, among)
    grouped = among[np.argsort(labels, kind="stable")]
    return grouped[stays[grouped]]


def smallest_class(codes: np.ndarray) -> int:
    """Return the class with the fewest rows; of several, the one that comes first."""
    counts = np.bincount(codes)
    least = counts[counts > 0].min()
    return int(codes[np.argmax(counts[codes] == least)])


def targeted_classes(targets: Targets, codes: np.ndarray, rows: Any = slice(None)) -> list[int]:
    """Return the targeted classes, asking ``targets`` for the present rows if it is callable."""
    if callable(targets):
        targets = targets(np.bincount(codes[rows], minlength=int(codes.max()) + 1))
    return [int(code) for code in targets]


def drawn_seeds(
    codes: np.ndarray, chosen: Sequence[int], n_seeds: int, random_state: Any
) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Yield the rows of each class and indices drawn among them, None where it loses no rows."""
    random_state = check_random_state(random_state)
    for code in np.unique(codes):
        own = np.flatnonzero(codes == code)
        drawn = random_state.randint(low=0, high=len(own), size=n_seeds) if code in chosen else None
        yield own, drawn


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
    return _one_pass(checker, codes, np.arange(len(codes)), targets, neighbor_count(n_neighbors))


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

    The other parameters are those of `edited`. A class is too small with fewer rows than the
    smallest had at first, or none.

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
    kept = np.arange(len(codes))
    n_iter, before = 0, -1
    while n_iter < max_iter and len(kept) != before:
        before = len(kept)
        kept = _one_pass(checker, codes, kept, targets, neighbor_count(n_neighbors))
        n_iter += 1
        if _stopped(codes, codes[kept]):
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

    The other parameters are those of `edited`; of an object only its number of neighbours is used,
    as in imbalanced-learn. With ``allow_minority`` a class may get smaller than the smallest was.

    Notes
    -----
    Witnesses for the largest k serve every k. Tomek (1976).

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [3.5], [9.0]])
    >>> all_knn(X, np.array([0, 0, 0, 1, 1]), [0], n_neighbors=1).tolist()
    [0, 1, 3, 4]
    """
    most = neighbor_count(n_neighbors)
    checker = Purity(X, codes, most, kind_sel=kind_sel, n_jobs=n_jobs)
    kept = np.arange(len(codes))
    for k in range(1, most + 1):
        kept = _one_pass(checker, codes, kept, targets, k)
        if _stopped(codes, codes[kept], allow_minority):
            break
    return kept
