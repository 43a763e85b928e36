"""One-sided selection: rows that one neighbour misjudges, without Tomek links."""

from typing import Any

import numpy as np
from sklearn.base import clone

from .editing import Targets, drawn_seeds, is_search, smallest_class, targeted_classes
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
    nearest neighbours. The rows drawn and the rows misjudged stay, then Tomek links go. Parameters
    are those of `condensed_nearest_neighbour`.

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
    small = np.flatnonzero(codes == smallest_class(codes))
    chosen = targeted_classes(targets, codes)
    pieces = []
    for own, drawn in drawn_seeds(codes, chosen, n_seeds_S, random_state):
        if drawn is None:
            pieces.append(own)
            continue
        seeds, others = own[drawn], np.delete(own, drawn)
        wrong = _misjudged(X, codes, others, np.append(small, seeds), n_neighbors, n_jobs)
        pieces += [seeds, others[wrong]]
    rows = np.concatenate(pieces)
    return rows[tomek_links(X[rows], codes[rows], chosen, n_jobs=n_jobs)]


def _misjudged(
    X: Any, codes: np.ndarray, rows: np.ndarray, judges: np.ndarray, k: Any, n_jobs: int | None
) -> np.ndarray:
    """Say which rows, all of one class, the nearest of the judges put into another class."""
    if not len(rows):
        return np.zeros(0, dtype=bool)
    if is_search(k):
        judge = clone(k).fit(X[judges], codes[judges])
        return judge.predict(X[rows]) != codes[rows]
    k = 1 if k is None else k
    own = codes[rows[0]]
    labels = codes[judges]
    wrong = np.zeros(len(rows), dtype=bool)
    if (labels == own).all() and k <= len(judges):
        return wrong
    open_ = np.arange(len(rows))
    exact, table = ExactNeighbors(X, n_jobs=n_jobs), ExactNeighbors(X[judges], n_jobs=n_jobs)
    if k == 1 and not exact.plain and not table.prefers_tree(X[rows], k):
        radius, _ = exact.screen.lower_minima(rows, judges[labels == own])
        other = judges[labels != own]
        for part in (other[:256], other[256:]):
            wrong[open_] = exact.screen.upper_minima(rows[open_], part) < radius[open_]
            open_ = np.flatnonzero(~wrong)
    if len(open_):
        near = table.kneighbors(X[rows[open_]], k, labels=labels)
        wrong[open_] = vote(labels[near], int(codes.max()) + 1) != own
    return wrong
