"""One-sided selection: rows that one neighbour misjudges, without Tomek links."""

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from .editing import Targets, is_search, smallest_class, targeted_classes
from .exact import ExactNeighbors
from .purity import vote
from .tomek import tomek_links

__all__ = ["one_sided_selection"]


def one_sided_selection(
    X: Any,
    codes: np.ndarray,
    targets: Targets,
    *,
    n_neighbors: Any = None,
    n_seeds_S: int = 1,
    random_state: Any = None,
    n_jobs: int | None = None,
) -> np.ndarray:
    """Return the rows left by one-sided selection.

    Of each targeted class some rows are drawn; with the smallest class they judge the others by
    nearest neighbours. The rows drawn and the rows misjudged stay, then Tomek links go.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n, d)
        The rows.
    codes : ndarray of int of shape (n,)
        Class of each row, from 0.
    targets : sequence of int, or callable
        The classes that may lose rows; a callable gets the rows per class and returns them.
    n_neighbors : int or KNeighborsClassifier, optional
        Neighbours that judge; one by default.
    n_seeds_S : int
        Rows drawn from each targeted class, with repeats.
    random_state : int, RandomState or None
        One draw of ``randint`` a targeted class, in the order of the codes.
    n_jobs : int, optional
        Threads; None is what the linear algebra may use now.

    Notes
    -----
    A row is misjudged as soon as one row of the smallest class is nearer than its nearest seed,
    which mostly shows at first sight. Kubat and Matwin (1997).

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [5.0], [9.0]])
    >>> one_sided_selection(X, np.array([0, 0, 0, 1, 1]), [0], random_state=0).tolist()
    [0, 3, 4]
    """
    random_state = check_random_state(random_state)
    n_classes = int(codes.max()) + 1
    chosen = [int(c) for c in targeted_classes(targets, codes, n_classes)]
    small = np.flatnonzero(codes == smallest_class(codes))
    pieces = []
    for code in np.unique(codes):
        own = np.flatnonzero(codes == code)
        if code not in chosen:
            pieces.append(own)
            continue
        drawn = random_state.randint(low=0, high=len(own), size=n_seeds_S)
        seeds, others = own[drawn], np.delete(own, drawn)
        wrong = _misjudged(X, codes, others, np.append(small, seeds), n_neighbors, n_jobs)
        pieces += [seeds, others[wrong]]
    rows = np.concatenate(pieces)
    return rows[tomek_links(X[rows], codes[rows], chosen, n_jobs=n_jobs)]


def _misjudged(
    X: Any, codes: np.ndarray, rows: np.ndarray, judges: np.ndarray, k: Any, n_jobs: int | None
) -> np.ndarray:
    """Say which rows the nearest of the judges put into another class."""
    if not len(rows):
        return np.zeros(0, dtype=bool)
    if is_search(k):
        judge = clone(k).fit(X[judges], codes[judges])
        return judge.predict(X[rows]) != codes[rows]
    k = 1 if k is None else k
    if (codes[judges] == codes[rows[0]]).all() and k <= len(judges):
        return np.zeros(len(rows), dtype=bool)
    exact = ExactNeighbors(X, n_jobs=n_jobs)
    wrong = np.zeros(len(rows), dtype=bool)
    open_ = np.arange(len(rows))
    table = ExactNeighbors(X[judges], n_jobs=n_jobs)
    if k == 1 and not exact.plain and not table.prefers_tree(X[rows], k):
        same = judges[codes[judges] == codes[rows[0]]]
        other = judges[codes[judges] != codes[rows[0]]]
        screen = exact.screen
        radius, _ = screen.lower_minima(rows, same)
        for part in (other[:256], other[256:]):
            upper = screen.upper_minima(rows[open_], part)
            wrong[open_] = upper < radius[open_]
            open_ = np.flatnonzero(~wrong)
    if len(open_):
        labels = codes[judges]
        labels = labels[table.kneighbors(X[rows[open_]], k, labels=labels)]
        wrong[open_] = vote(labels, int(codes.max()) + 1) != codes[rows[open_]]
    return wrong
