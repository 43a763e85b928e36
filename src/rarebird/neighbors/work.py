"""Predicted work of a search: what a tree would visit, counted on a sample, beside all pairs.

Costs are nanoseconds of one core, fitted once on real and made tables. They are constants: no
prediction depends on the machine, its load or the number of threads.
"""

from typing import Any

import numpy as np
from scipy.spatial import cKDTree

LEAF = 32  # rows of a leaf of our trees, at most

_BOX = 16  # rows of a counted box
_QUERIES = 32
_BOXES = 1024  # boxes that are looked at
_ROWS = 8192  # of the sample
_NUMBERS = 2**19  # of the sample


def pairs_cost(n: int, d: int, k: int) -> float:
    """Return what a query costs that is compared with all n rows."""
    return 1000 + 700 * k + n * (1 + 0.027 * d)


def minima_cost(n: float, d: int) -> float:
    """Return what a query costs of which only the nearest of n rows is bounded."""
    return n * (0.8 + 0.022 * d)


def tree_cost(boxes: float, d: int) -> float:
    """Return what a query costs that visits so many boxes of a tree; many leave the caches."""
    return 1000 + boxes * (25 + 12 * d) * (1 + boxes / 600)


def build_cost(n: int, d: int) -> float:
    """Return what it costs to build a tree over n rows."""
    return n * (150.0 + 15 * d)


def sliding_tree(X: np.ndarray) -> cKDTree:
    """Return a k-d tree cut at the middles of tight boxes; O(n log n) unless scales are extreme."""
    return cKDTree(X, leafsize=LEAF, balanced_tree=False)


def visited_boxes(X: np.ndarray, Q: np.ndarray, k: int) -> float:
    """Predict how many boxes of 16 rows a tree over X visits for the k nearest rows of a query.

    A tree must visit a box that is nearer than the k-th neighbour. Such boxes are counted for 32
    queries in trees over two samples of X, one four times the other; the mean count grows with a
    power of the number of rows between 0 (few dimensions) and 1 (many), and is carried on to n
    rows. O(m log m d) for a sample of m = min(n / 8, 8192, 2^19 / d) rows.
    """
    n, d = X.shape
    S = np.asarray(Q[:: max(1, len(Q) // _QUERIES)][:_QUERIES], dtype=float)
    S = np.unique(S, axis=0)
    many = max(1, min(n // 8, _ROWS, _NUMBERS // d))
    few = max(1, many // 4)
    rng = np.random.default_rng(0)
    counts = []
    for m in (few, many):
        step = n / m  # one row of each stretch, for rows that come in classes or runs
        rows = np.minimum(((np.arange(m) + rng.random(m)) * step).astype(int), n - 1)
        counts.append(_boxes_within(np.asarray(X[rows], dtype=float), S, min(k, m)))
    power = np.clip(np.log(counts[1] / counts[0]) / np.log(many / few), 0, 1) if many > few else 1
    return float(min(counts[1] * (n / many) ** power, n / _BOX + 1))


def _boxes_within(X: np.ndarray, S: np.ndarray, k: int) -> float:
    """Return how many boxes over X are no farther than the k-th neighbour, the mean over S."""
    tree = sliding_tree(X)
    limit = tree.query(S, [k])[0] ** 2 * (1 + 1e-9)
    n_boxes = -(-len(X) // _BOX)
    order = np.resize(tree.indices, n_boxes * _BOX).reshape(n_boxes, _BOX)
    some = X[order[:: max(1, n_boxes // _BOXES)]]
    low, high = some.min(axis=1), some.max(axis=1)
    near: Any = 0
    for query, reach in zip(S, limit, strict=True):
        beyond = np.maximum(low - query, 0) + np.maximum(query - high, 0)
        near += np.count_nonzero(np.einsum("ij,ij->i", beyond, beyond) <= reach)
    return max(1.0, near / len(S) * n_boxes / len(some))
