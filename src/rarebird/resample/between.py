"""New rows between a base row and a partner: base weights x partners x steps, SMOTE's parts.

x_new = x + u (x' - x). The methods differ in how the base row x is drawn, among which rows its
partner x' is, and how long the step u may be.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from rarebird.tables.sources import Interpolated


def draw_pairs(
    rng: Any, neighbors: np.ndarray, n_new: int, *, step_size: float = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw, for each new row, a base row, one of its neighbours and a step ~ step_size U(0, 1).

    Base and neighbour are uniform over all pairs; the pairs are drawn first, then the steps.

    Parameters
    ----------
    rng : RandomState
        Draws ``randint`` of all pairs, then ``uniform``.
    neighbors : ndarray of shape (n, k)
        The neighbours of each of n possible base rows.
    n_new : int
        New rows.
    step_size : float, default=1.0
        The longest step.

    Examples
    --------
    >>> near = np.array([[1, 2], [0, 2], [1, 0]])
    >>> base, other, step = draw_pairs(np.random.RandomState(0), near, 3)
    >>> base.tolist(), other.tolist(), step.round(2).tolist()
    ([2, 2, 0], [1, 0, 1], [0.6, 0.54, 0.42])
    """
    pairs = rng.randint(low=0, high=neighbors.size, size=n_new)
    steps = step_size * rng.uniform(size=n_new)
    base, column = np.divmod(pairs, neighbors.shape[1])
    return base, neighbors[base, column], steps


def to_neighbors(
    rng: Any, bases: np.ndarray, near: np.ndarray, n_new: int, *, step_size: float = 1.0
) -> Interpolated:
    """Return new rows from ``bases`` (n,) towards their neighbours ``near`` (n, k): SMOTE's."""
    base, other, steps = draw_pairs(rng, near, n_new, step_size=step_size)
    return Interpolated(bases[base], other, steps)


def to_partners(
    rng: Any,
    members: np.ndarray,
    weights: np.ndarray,
    partner: Callable[[np.ndarray], np.ndarray],
    n_new: int,
) -> Interpolated:
    """Return new rows from members drawn by weight towards partners drawn for them.

    Parameters
    ----------
    rng : RandomState or Generator
        Draws the bases, then ``partner`` draws, then the steps ~ U(0, 1).
    members : ndarray of shape (n,)
        Rows of the class.
    weights : ndarray of shape (n,)
        Not negative, not all 0.
    partner : callable
        Positions among the members to positions of their partners.
    n_new : int
        New rows.
    """
    base = rng.choice(len(members), size=n_new, p=weights / weights.sum())
    other = partner(base)
    return Interpolated(members[base], members[other], rng.uniform(size=n_new))


def draw_partners(groups: np.ndarray, base: np.ndarray, rng: Any) -> np.ndarray:
    """Draw for each base row another row of its group; a row alone in its group gets itself.

    Examples
    --------
    >>> groups, base = np.array([1, 1, 2]), np.array([0, 1, 2])
    >>> draw_partners(groups, base, np.random.RandomState(0)).tolist()
    [1, 0, 2]
    """
    order = np.argsort(groups, kind="stable")
    _, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    start = np.cumsum(sizes) - sizes
    rank = np.empty(len(groups), dtype=np.intp)
    rank[order] = np.arange(len(groups)) - np.repeat(start, sizes)
    size = sizes[place[base]]
    other = (rank[base] + 1 + rng.randint(0, np.maximum(size - 1, 1))) % size
    return order[start[place[base]] + other]


def even_bases(n_rows: int, n_new: int, rng: Any) -> np.ndarray:
    """Return the base row of each new row: every row as often, the remainder drawn.

    Examples
    --------
    >>> even_bases(3, 7, np.random.RandomState(0)).tolist()
    [0, 1, 2, 0, 1, 2, 2]
    """
    rest = rng.permutation(n_rows)[: n_new % n_rows]
    return np.concatenate([np.tile(np.arange(n_rows), n_new // n_rows), np.sort(rest)])
