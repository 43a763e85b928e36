"""Which neighbours are as far away as others, up to the rounding of scikit-learn's call."""

from collections.abc import Callable

import numpy as np

# indices of queries and a number of neighbours to the neighbours' indices and squared distances
Search = Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray]]


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


def tied_queries(
    X: np.ndarray,
    Q: np.ndarray,
    part: np.ndarray,
    found: np.ndarray,
    squared: np.ndarray,
    k: int,
    search: Search,
    labels: np.ndarray | None = None,
) -> np.ndarray:
    """Say of which queries a choice among level rows may change the k nearest, or their labels.

    ``found`` and ``squared`` are the k + 1 nearest rows (all n for k = n) of the queries ``part``
    and their squared distances; indices of -1 are unknown. Where labels are given and more rows
    may be level with the k-th, ``search`` finds 2 k + 4; a group that goes on is undecided.
    """
    level = level_pairs(X, Q[part], found, squared, k)
    tied: np.ndarray = np.any(level, axis=1)
    if labels is None or not tied.any():
        return tied
    tied = _differ(level, labels[found]) | (found[:, 0] < 0)
    open_ = np.flatnonzero(level[:, k - 1 : k].any(axis=1) & ~tied)
    if len(open_):
        wide = min(2 * k + 4, len(X))
        found, squared = search(part[open_], wide)
        level = level_pairs(X, Q[part[open_]], found, squared, k)
        level[:, k - 1 :] = np.logical_and.accumulate(level[:, k - 1 :], axis=1)
        goes_on = level[:, -1] & (wide < len(X))
        tied[open_] = _differ(level, labels[found]) | (found[:, 0] < 0) | goes_on
    return tied


def _differ(level: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Say in which rows two level neighbours side by side have different labels."""
    differ: np.ndarray = np.any(level & (labels[:, 1:] != labels[:, :-1]), axis=1)
    return differ
