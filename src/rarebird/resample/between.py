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

    Base and neighbour are uniform over all pairs of ``neighbors`` (n, k), the neighbours of each of
    n possible base rows; ``rng``, a RandomState, draws the pairs first and then the steps.

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

    ``rng`` draws the bases from ``members`` (n,) with ``weights`` (n,), which are not negative and
    not all 0; then ``partner`` draws for them (positions to positions); then the steps ~ U(0, 1).
    """
    base = rng.choice(len(members), size=n_new, p=weights / weights.sum())
    other = partner(base)
    return Interpolated(members[base], members[other], rng.uniform(size=n_new))


def draw_neighbors(rng: Any, near: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Draw for each base row one of its neighbours ``near`` (n, k).

    Examples
    --------
    >>> draw_neighbors(np.random.default_rng(0), np.array([[1, 2], [0, 2]]), np.array([0, 1]))
    array([2, 2])
    """
    return near[base, rng.integers(near.shape[1], size=len(base))]


def draw_partners(rng: Any, groups: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Draw for each base row another row of its group; a row alone in its group gets itself.

    Examples
    --------
    >>> groups, base = np.array([1, 1, 2]), np.array([0, 1, 2])
    >>> draw_partners(np.random.default_rng(0), groups, base).tolist()
    [1, 0, 2]
    """
    order = np.argsort(groups, kind="stable")
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    start = np.cumsum(sizes) - sizes
    rank = np.empty(len(groups), dtype=np.intp)
    rank[order] = np.arange(len(groups)) - np.repeat(start, sizes)
    size = sizes[group[base]]
    other = (rank[base] + 1 + rng.integers(0, np.maximum(size - 1, 1))) % size
    return order[start[group[base]] + other]


def safe_steps(u: np.ndarray, own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return steps in the part of [0, 1] that the safe levels of the two parents leave.

    With r = own / other: [0, 1 / r] if r >= 1 (only 0 if other = 0), [1 - r, 1] if r < 1. ``u``
    (n, d) is uniform on [0, 1), ``own`` and ``other`` (n,) are the levels, not both 0.

    Examples
    --------
    >>> u = np.full((4, 1), 0.5)
    >>> safe_steps(u, np.array([4, 4, 2, 3]), np.array([4, 2, 4, 0])).ravel().tolist()
    [0.5, 0.25, 0.75, 0.0]
    """
    width = np.minimum(own, other) / np.maximum(own, other)
    return np.where(own < other, 1 - width, 0.0)[:, None] + width[:, None] * u


def even_bases(rng: Any, n_rows: int, n_new: int) -> np.ndarray:
    """Return the base row of each new row: every row as often, the remainder drawn.

    Examples
    --------
    >>> even_bases(np.random.default_rng(0), 3, 7).tolist()
    [0, 1, 2, 0, 1, 2, 2]
    """
    rest = rng.permutation(n_rows)[: n_new % n_rows]
    return np.concatenate([np.tile(np.arange(n_rows), n_new // n_rows), np.sort(rest)])
