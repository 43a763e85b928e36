"""Values of new rows in a column of categories: votes of neighbours, and a roulette."""

import numpy as np


def leaders(levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which of k voters stand for the most frequent levels of each row.

    Of ``levels`` (n, k), the nearest voter first: the positions of the voters by level, among equal
    levels the nearest first, and whether each is the first of a level that no other level beats.

    Examples
    --------
    >>> voters, leads = leaders(np.array([[7, 2, 7, 2, 5]]))
    >>> voters[leads].tolist()
    [1, 0]
    """
    voters = np.argsort(levels, axis=1, kind="stable")
    levels = np.take_along_axis(levels, voters, axis=1)
    votes = sum((levels == levels[:, [j]]).astype(int) for j in range(levels.shape[1]))
    leads = votes == np.max(votes, axis=1, keepdims=True)
    leads[:, 1:] &= levels[:, 1:] != levels[:, :-1]
    return voters, leads


def lowest_leader(levels: np.ndarray) -> np.ndarray:
    """Return for each row the position of a voter for the most frequent level, the lowest if tied.

    Examples
    --------
    >>> lowest_leader(np.array([[7, 2, 7, 2, 5]])).tolist()
    [1]
    """
    voters, leads = leaders(levels)
    return voters[np.arange(len(voters)), leads.argmax(axis=1)]


def drawn_leader(rng: np.random.RandomState, levels: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Draw for each new row the position of a voter for one of the most frequent levels.

    ``levels`` (n, k) are those of the neighbours of each possible base row, ``base`` (n_new,) the
    base rows. The leaders of all new rows are permuted at once; a row takes its first.

    Examples
    --------
    >>> levels = np.array([[7, 2, 7, 2, 5], [3, 4, 4, 4, 4]])
    >>> drawn_leader(np.random.RandomState(0), levels, np.array([0, 1, 0, 0])).tolist()
    [0, 1, 1, 0]
    """
    voters, leads = leaders(levels)
    sizes = leads.sum(axis=1)
    starts = np.cumsum(sizes[base]) - sizes[base]
    drawn = rng.permutation(int(sizes[base].sum()))
    turn = np.empty_like(drawn)
    turn[drawn] = np.arange(len(drawn))
    first = drawn[np.minimum.reduceat(turn, starts)]
    return voters[leads][(np.cumsum(sizes) - sizes)[base] + first - starts]


def roulette(rng: np.random.Generator, codes: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Return the row whose value each new row takes, so that a level comes as often as it is there.

    ``codes`` (n,): the levels of a class's rows in one column, -1 where the value is missing. A new
    row whose base row has no value takes none; any other a uniform row of those that have one.

    Examples
    --------
    >>> codes = np.array([0, -1, 1])
    >>> roulette(np.random.default_rng(1), codes, np.array([0, 1, 2, 0])).tolist()
    [0, 1, 2, 2]
    """
    there = np.flatnonzero(codes >= 0)
    if not len(there):
        return base
    drawn = there[rng.integers(len(there), size=len(base))]
    return np.where(codes[base] < 0, base, drawn)
