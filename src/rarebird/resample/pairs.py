"""Pairs of a base row and one of its neighbours, and how many neighbours a class may have."""

from typing import Any

import numpy as np

from .base import Checked, too_few


def draw_pairs(
    rng: np.random.RandomState, neighbors: np.ndarray, n_new: int, *, step_size: float = 1.0
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
    base, place = np.divmod(pairs, neighbors.shape[1])
    return base, neighbors[base, place], steps


def own_neighbors(owner: str, wanted: Any, data: Checked, code: int) -> Any:
    """Return k for a class, or refuse a class that is too small for it."""
    n = int(data.counts[code])
    if isinstance(wanted, str):
        wanted = min(5, n - 1)
        k = max(wanted, 1)
    else:
        k = int(wanted) if isinstance(wanted, (int, np.integer)) else wanted.n_neighbors - 1
    if n <= k:
        way_out = "RandomOverSampler, which needs no neighbours"
        if n > 1:
            way_out = f"k_neighbors='auto', or {way_out}"
        raise too_few(owner, data.name(code), n, "k_neighbors", k, way_out=way_out)
    return wanted
