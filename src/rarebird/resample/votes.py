"""Votes of neighbours on a category: the leaders, and how one of several is taken."""

import numpy as np


def leaders(levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which of k voters stand for the most frequent levels of each row.

    Parameters
    ----------
    levels : ndarray of shape (n, k)
        The voters' levels, the nearest voter first.

    Returns
    -------
    voters : ndarray of shape (n, k)
        Positions of the voters, by level; among equal levels the nearest first.
    leads : ndarray of bool of shape (n, k)
        Whether that voter is the first of a level that no other level beats.

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

    Parameters
    ----------
    rng : RandomState
        Permutes the leaders of all new rows at once; a row takes its first.
    levels : ndarray of shape (n, k)
        The levels of the neighbours of each possible base row.
    base : ndarray of shape (n_new,)
        The base row of each new row.

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
