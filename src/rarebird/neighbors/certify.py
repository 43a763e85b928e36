"""Witnesses that enough rows are nearer than a radius, looked for in leaves around a row."""

from itertools import pairwise

import numpy as np
from scipy.spatial import cKDTree

from rarebird._threads import parallel_map

from .screen import Screen

_QUERIES = 256  # rows of a group that looks into leaves together
_LEAF = 256
_SHARE = 0.15  # of the leaves around a row; what is not certified there is searched for exactly


class Partition:
    """Rows in an order that keeps near rows together, cut into leaves.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        All rows, centred.
    order : ndarray of int of shape (m,)
        Indices into ``Z``, near ones together.

    Examples
    --------
    >>> Partition(np.zeros((4, 1), np.float32), np.array([2, 0])).members(np.array([0])).tolist()
    [0, 1]
    """

    def __init__(self, Z: np.ndarray, order: np.ndarray) -> None:
        self._Z = Z
        self.order = order
        self.edges = np.linspace(0, len(order), max(1, len(order) // _LEAF) + 1).astype(int)
        self.rank = np.zeros(len(Z), int)
        self.rank[order] = np.arange(len(order))
        sizes = np.diff(self.edges)[:, None].astype(Z.dtype)
        self.centres = np.add.reduceat(Z[order], self.edges[:-1], axis=0) / sizes

    def members(self, leaves: np.ndarray) -> np.ndarray:
        """Return the indices into ``order`` that belong to the leaves."""
        return np.concatenate([np.arange(self.edges[i], self.edges[i + 1]) for i in leaves])

    def without(self, gone: np.ndarray) -> "Partition":
        """Return the partition of the rows for which the mask ``gone`` is false."""
        return Partition(self._Z, self.order[~gone[self.order]])


def partition(screen: Screen, cols: np.ndarray) -> Partition:
    """Return the columns in leaves of about 256 that lie together; O(m log m d) for m columns."""
    tree = cKDTree(screen.Z[cols], leafsize=_LEAF // 2, compact_nodes=False)
    return Partition(screen.Z, cols[np.asarray(tree.indices)])


def certify(
    screen: Screen, rows: np.ndarray, cols: Partition, radius: np.ndarray, need: int
) -> np.ndarray:
    """Return ``need`` columns that are surely nearer than the radius, or a row of -1.

    Rows are taken in groups that lie together, and each group looks into the leaves around it,
    nearest first, until a row has enough or a share of all leaves has been seen: -1 therefore
    means "not found", not "not there".

    ``rows`` and ``cols`` are rows of the screen, ``radius`` squared distances; a row is not its own
    witness. O(256 d) for a row certified in its own leaf, O(0.15 m d) at most for m columns.

    Examples
    --------
    >>> screen = Screen(np.array([[0.0], [1.0], [9.0]]))
    >>> every = partition(screen, np.arange(3))
    >>> certify(screen, np.array([0, 2]), every, np.array([4.0, 4.0]), 1).tolist()
    [[1], [-1]]
    """
    witness = np.full((len(rows), need), -1)
    if len(cols.order) < need:
        return witness
    right = screen.right(cols.order, 1)
    limits = screen.round_down(radius)
    n_leaves = len(cols.edges) - 1
    budget = min(max(16, int(_SHARE * n_leaves)), n_leaves)
    # Most rows are certified in their own leaf; the others are then grouped again.
    wider = [step for step in (1, 4, *range(10, budget, 10)) if step < budget]
    for steps in ([0, 1], [*wider, budget]):
        open_ = np.flatnonzero(witness[:, -1] < 0)
        along = open_[np.argsort(cols.rank[rows[open_]])]

        def task(start: int, along: np.ndarray = along, steps: list[int] = steps) -> None:
            part = along[start : start + _QUERIES]
            witness[part] = _look(screen, rows[part], cols, right, limits[part], steps, need)

        parallel_map(task, range(0, len(along), _QUERIES), screen.n_jobs)
    return witness


def _look(
    screen: Screen,
    rows: np.ndarray,
    cols: Partition,
    right: np.ndarray,
    limits: np.ndarray,
    steps: list[int],
    need: int,
) -> np.ndarray:
    """Return the witnesses found in the leaves from step to step around a group of rows."""
    left = screen.left(rows, 1)
    found = np.zeros(len(rows), int)
    witness = np.full((len(rows), need), -1)
    active = np.arange(len(rows))
    away = ((cols.centres - screen.Z[rows].mean(axis=0)) ** 2).sum(axis=1)
    turn = np.argsort(away, kind="stable")
    for first, last in pairwise(steps):
        there = cols.members(turn[first:last])
        values = left[active] @ right[there].T
        lines = np.arange(len(active))
        for _ in range(need + 1):  # one more, as the row may meet itself
            best = values.argmin(axis=1)
            near = values[lines, best] < limits[active]
            if not near.any():
                break
            values[lines, best] = np.inf
            j = cols.order[there[best]]
            near &= (j != rows[active]) & (found[active] < need)
            witness[active[near], found[active[near]]] = j[near]
            found[active[near]] += 1
        active = active[found[active] < need]
        if not len(active):
            break
    witness[found < need] = -1
    return witness
