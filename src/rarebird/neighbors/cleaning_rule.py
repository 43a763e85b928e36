"""The neighbourhood cleaning rule."""

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors

from .editing import Targets, edited, is_search, neighbor_count, smallest_class, targeted_classes
from .exact import ExactNeighbors
from .purity import vote

__all__ = ["neighbourhood_cleaning"]


def neighbourhood_cleaning(
    X: Any,
    codes: np.ndarray,
    targets: Targets,
    *,
    n_neighbors: Any = 3,
    threshold_cleaning: float = 0.5,
    edited_rows: np.ndarray | None = None,
    n_jobs: int | None = None,
) -> np.ndarray:
    """Return what is left by the vote of neighbours and by clearing around the smallest class.

    Removed are the rows that lose the vote of their neighbours (`edited` with ``"mode"``), and
    the neighbours of those rows of the smallest class that their neighbours, themselves included,
    vote out, if these are of a targeted class with more than ``threshold_cleaning`` times the rows
    of the smallest one.

    Parameters
    ----------
    X, codes, targets, n_jobs
        Those of `edited`.
    n_neighbors : int or object
        Neighbours in both votes. A ``NearestNeighbors``, which counts the row itself, finds them
        for the first vote and gives its number to the second, as in imbalanced-learn; any other
        object with ``kneighbors`` serves both.
    threshold_cleaning : float
        Above 0.
    edited_rows : ndarray of int, optional
        What another editing rule left, in place of the first vote.

    Returns
    -------
    kept : ndarray of int
        In their order.

    Notes
    -----
    The cost of `edited` and n_s n d for the n_s rows of the smallest class. Laurikkala (2001).
    imbalanced-learn 0.14.2 does the same for labels that are 0, 1, ...; on others it compares
    labels with indices.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [3.4], [9.0]])
    >>> neighbourhood_cleaning(X, np.array([0, 0, 0, 1, 1]), [0], n_neighbors=3).tolist()
    [3, 4]
    """
    n_classes, chosen = int(codes.max()) + 1, targeted_classes(targets, codes)
    if edited_rows is None:
        edited_rows = edited(
            X, codes, chosen, n_neighbors=n_neighbors, kind_sel="mode", n_jobs=n_jobs
        )
    keep = np.zeros(len(codes), dtype=bool)
    keep[edited_rows] = True

    counts, small = np.bincount(codes), smallest_class(codes)
    cleaned = [c for c in chosen if counts[c] > counts[small] * threshold_cleaning]
    rows = np.flatnonzero(codes == small)
    if is_search(n_neighbors) and not isinstance(n_neighbors, NearestNeighbors):
        judge = clone(n_neighbors).fit(X, codes)
        votes = hasattr(judge, "predict")  # a classifier does not count the row itself
        k = n_neighbors.n_neighbors - (not votes)
        found = judge.kneighbors(X[rows], k + 1, return_distance=False)
        judged = judge.predict(X[rows]) if votes else vote(codes[found[:, :k]], n_classes)
    else:
        k = neighbor_count(n_neighbors)
        found = ExactNeighbors(X, n_jobs=n_jobs).kneighbors_of(rows, k + 1)
        judged = vote(codes[found[:, :k]], n_classes)
    around = np.unique(found[judged != small, 1:])
    keep[around[np.isin(codes[around], cleaned)]] = False
    return np.flatnonzero(keep)
