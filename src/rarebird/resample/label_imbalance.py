"""How imbalanced the labels of multi-label data are, and rows drawn until they are less so."""

from typing import Any

import numpy as np

from rarebird.tables.label_sets import LabelSets

__all__ = ["cvir", "irlbl", "mean_ir", "scumble"]


def irlbl(Y: Any) -> np.ndarray:
    """Return the imbalance ratio of each label: rows of the most frequent one / rows of the label.

    Parameters
    ----------
    Y : array, sparse matrix, list of rows or data frame of shape (n, L)
        Label sets of 0 and 1.

    Returns
    -------
    ndarray of shape (L,)
        At least 1; NaN for a label without rows (Charte et al., 2015).

    Raises
    ------
    DataError
        If Y is no matrix of 0 and 1.

    Examples
    --------
    >>> irlbl([[1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0]]).tolist()
    [1.0, 2.0, nan]
    """
    return ratios(LabelSets(Y, "irlbl").matrix.sum(axis=0))


def mean_ir(Y: Any) -> float:
    """Return MeanIR, the mean of `irlbl` over the labels that have rows; NaN if there are none.

    Parameters
    ----------
    Y : array-like of shape (n, L)
        As in `irlbl`.

    Examples
    --------
    >>> mean_ir([[1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0]])
    1.5
    """
    found = irlbl(Y)
    found = found[~np.isnan(found)]
    return float(found.mean()) if len(found) else float("nan")


def cvir(Y: Any) -> float:
    """Return CVIR, the standard deviation of `irlbl` (over L - 1) / `mean_ir`.

    NaN if fewer than two labels have rows.

    Parameters
    ----------
    Y : array-like of shape (n, L)
        As in `irlbl`.

    Examples
    --------
    >>> round(cvir([[1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0]]), 3)
    0.471
    """
    found = irlbl(Y)
    found = found[~np.isnan(found)]
    return float(found.std(ddof=1) / found.mean()) if len(found) > 1 else float("nan")


def scumble(Y: Any) -> float:
    """Return SCUMBLE, the mean over the rows of 1 - geometric / arithmetic mean of their IRLbl.

    The means are over the labels that a row has; a row without labels counts 0. In [0, 1): the
    larger, the more often frequent and rare labels come together, which resampling of whole rows
    cannot undo (Charte et al., 2014).

    Parameters
    ----------
    Y : array-like of shape (n, L)
        As in `irlbl`.

    Examples
    --------
    >>> round(scumble([[1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0]]), 4)
    0.0286
    """
    matrix = LabelSets(Y, "scumble").matrix
    ratio = np.nan_to_num(ratios(matrix.sum(axis=0)), nan=1.0)
    size = np.maximum(matrix.sum(axis=1), 1)
    geometric = np.exp(matrix @ np.log(ratio) / size)
    arithmetic = np.where(matrix.any(axis=1), matrix @ ratio / size, 1.0)
    return float(np.mean(1 - geometric / arithmetic))


def ratios(counts: np.ndarray) -> np.ndarray:
    """Return the largest count / each count, NaN for a count of 0.

    Examples
    --------
    >>> ratios(np.array([4, 2, 0])).tolist()
    [1.0, 2.0, nan]
    """
    return np.max(counts) / np.where(counts > 0, counts, np.nan)


def draw_clones(rng: np.random.Generator, Y: np.ndarray, n_clones: int) -> np.ndarray:
    """Return the rows to be repeated: in turns one of each rare label, until it is rare no more.

    ``Y`` (n, L) holds the label sets. At most ``n_clones`` rows, fewer if no label stays rare. A
    label is rare while its ratio, clones counted, is above the mean ratio of the input.

    Examples
    --------
    >>> Y = np.array([[1, 0], [1, 0], [1, 0], [1, 0], [1, 0], [0, 1]]) == 1
    >>> draw_clones(np.random.default_rng(0), Y, 9).tolist()
    [5]
    """
    counts = Y.sum(axis=0)
    ratio = ratios(counts)
    limit = np.nanmean(ratio)
    bags = {label: np.flatnonzero(Y[:, label]) for label in np.flatnonzero(ratio > limit)}
    clones: list[int] = []
    while bags and len(clones) < n_clones:
        for label, bag in list(bags.items())[: n_clones - len(clones)]:
            row = bag[rng.integers(len(bag))]
            clones.append(row)
            counts = counts + Y[row]
            if counts.max() / counts[label] <= limit:
                del bags[label]
    return np.array(clones, dtype=np.intp)


def draw_deletions(
    rng: np.random.Generator, Y: np.ndarray, n_deleted: int, *, keep_rare: bool = True
) -> np.ndarray:
    """Return the rows to be dropped: in turns one of each frequent label, until it is rarer.

    ``Y`` (n, L) holds the label sets. At most ``n_deleted`` rows, fewer if no label stays frequent
    or its rows run out; ``keep_rare`` spares rows with a rare label. A label is frequent while its
    ratio in what is left is below the mean ratio of the input.

    Examples
    --------
    >>> Y = np.array([[1, 0], [1, 0], [1, 0], [1, 1], [0, 1]]) == 1
    >>> draw_deletions(np.random.default_rng(0), Y, 2).tolist()
    [1, 2]
    """
    counts = Y.sum(axis=0)
    ratio = ratios(counts)
    limit = np.nanmean(ratio)
    free = ~(Y & (ratio > limit)).any(axis=1) if keep_rare else np.ones(len(Y), dtype=bool)
    bags = {
        label: np.flatnonzero(Y[:, label] & free).tolist()
        for label in np.flatnonzero(ratio < limit)
    }
    deleted: set[int] = set()
    while bags and len(deleted) < n_deleted:
        for label, bag in list(bags.items()):
            if len(deleted) == n_deleted:
                break
            row = _take(bag, deleted, rng)
            if row is not None:
                deleted.add(row)
                counts = counts - Y[row]
            if row is None or not counts[label] or counts.max() / counts[label] >= limit:
                del bags[label]
    return np.array(sorted(deleted), dtype=np.intp)


def _take(bag: list[int], deleted: set[int], rng: np.random.Generator) -> int | None:
    """Take a random row out of the bag that is not deleted; None if there is none left."""
    while bag:
        drawn = rng.integers(len(bag))
        bag[drawn], bag[-1] = bag[-1], bag[drawn]
        row = bag.pop()
        if row not in deleted:
            return row
    return None
