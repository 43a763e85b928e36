"""Witnesses that enough rows are nearer than a radius, looked for in leaves around a row."""

from itertools import pairwise

import numpy as np
from scipy.spatial import cKDTree

from rarebird._threads import parallel_map

from .screen import Screen

_QUERIES = 256  # rows of a group that looks into leaves together
_LEAF = 256
_SHARE = 0.15  # of the leaves around a row; what is not certified there is searched for exactly


def certify(
    screen: Screen, rows: np.ndarray, cols: np.ndarray, radius: np.ndarray, need: int
) -> np.ndarray:
    """Return ``need`` columns that are surely nearer than the squared radius, or a row of -1.

    Columns are cut into leaves that lie together. Groups of rows look into the leaves around them,
    nearest first, until a row has enough or a share of all leaves has been seen: -1 means "not
    found", not "not there". A row is not its own witness. O(256 d) for a row certified in its own
    leaf, O(0.15 m d) at most for m columns.

    Examples
    --------
    >>> screen = Screen(np.array([[0.0], [1.0], [9.0]]))
    >>> certify(screen, np.array([0, 2]), np.arange(3), np.array([4.0, 4.0]), 1).tolist()
    [[1], [-1]]
    """
    witness = np.full((len(rows), need), -1)
    if len(cols) < need:
        return witness
    tree = cKDTree(screen.Z[cols], leafsize=_LEAF // 2, compact_nodes=False)
    cols = cols[np.asarray(tree.indices)]
    n_leaves = max(1, len(cols) // _LEAF)
    edges = np.linspace(0, len(cols), n_leaves + 1).astype(int)
    centres = np.add.reduceat(screen.Z[cols], edges[:-1], axis=0)
    centres /= np.diff(edges)[:, None].astype(screen.dtype)
    right, limits = screen.right(cols, 1), screen.round_down(radius)
    budget = min(max(16, int(_SHARE * n_leaves)), n_leaves)
    steps = [step for step in (0, 1, 4, *range(10, budget, 10)) if step < budget]
    rank = np.zeros(len(screen.Z), int)
    rank[cols] = np.arange(len(cols))
    along = np.argsort(rank[rows])

    def task(start: int) -> None:
        group = along[start : start + _QUERIES]
        own, found = rows[group], np.zeros(len(group), int)
        left, limit = screen.left(own, 1), limits[group]
        away = ((centres - screen.Z[own].mean(axis=0)) ** 2).sum(axis=1)
        turn = np.argsort(away, kind="stable")
        active = np.arange(len(group))
        for first, last in pairwise([*steps, budget]):
            leaves = turn[first:last]
            there = np.concatenate([np.arange(edges[i], edges[i + 1]) for i in leaves])
            values = left[active] @ right[there].T
            lines = np.arange(len(active))
            for _ in range(need + 1):  # one more, as the row may meet itself
                best = values.argmin(axis=1)
                near = values[lines, best] < limit[active]
                if not near.any():
                    break
                values[lines, best] = np.inf
                j = cols[there[best]]
                near &= (j != own[active]) & (found[active] < need)
                witness[group[active[near]], found[active[near]]] = j[near]
                found[active[near]] += 1
            active = active[found[active] < need]
            if not len(active):
                break
        witness[group[active]] = -1

    parallel_map(task, range(0, len(rows), _QUERIES), screen.n_jobs)
    return witness
