"""Rows that come in groups, as copies do: how many of them say as much as one independent row."""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from .cells import ratio
from .rows import Rows, Sums, effective, fixed_order, random_weights, reweighted


def members(weight: np.ndarray, owner: np.ndarray) -> sparse.csr_array:
    """Return the weights as an array (groups, rows) that sums over the rows of each group."""
    return sparse.csr_array((weight, (owner, np.arange(len(owner)))))


def independent(
    weight: np.ndarray, owner: np.ndarray | None, where: np.ndarray | None = None
) -> float:
    """Return the effective number of rows, or of groups as if those of a group were all alike."""
    where = np.ones(len(weight), bool) if where is None else where
    return effective(weight[where] if owner is None else np.bincount(owner[where], weight[where]))


def _shared(rows: Rows, owner: np.ndarray) -> float:
    """Return the rows for one independent row if those of a group and class are all alike.

    This is the mean size of a row's group in its class, in the class where it is largest.
    """
    classes = [rows.y == c for c in rows.present()] if rows.n_classes else [rows.weight > 0]
    return max(
        effective(rows.weight[own]) / independent(rows.weight, owner, own) for own in classes
    )


def repeats(
    sums: Callable[[Rows], list[Sums]],
    rng: np.random.Generator,
    rows: Rows,
    owner: np.ndarray,
    one: float,
) -> float:
    """Return the design effect (Korn and Graubard, 1998): the rows for one independent row.

    It is the variance of the metric when whole groups are weighted at random, over that when rows
    are. One imaginary row, which moves the value by ``one`` and of whose group all are alike, keeps
    it defined where the value does not vary.
    """
    order = fixed_order(rows)
    rows, owner = rows.take(order), owner[order]
    parts = sums(rows)
    member, alike = members(rows.weight, owner), _shared(rows, owner)
    by_group = [part.summed(member) for part in parts]
    single, whole = (
        _variance(some, rng, weight)
        for some, weight in ((parts, rows.weight), (by_group, np.ones(member.shape[0])))
    )
    return max(1.0, float(ratio(whole + alike * one**2, single + one**2, alike)))


def _variance(parts: list[Sums], rng: np.random.Generator, weight: np.ndarray) -> float:
    found = np.concatenate([reweighted(parts, w) for w in random_weights(rng, weight)])
    n = len(weight)
    return float(np.nanvar(found)) * (n + 1) / (n - 1) if n > 1 else 0.0
