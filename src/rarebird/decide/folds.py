"""Folds that any class survives."""

from typing import Any

import numpy as np

from rarebird._params import Instance, Int, OneOf
from rarebird._random import RandomState, as_rng
from rarebird._typing import TableLike

FoldsRule = OneOf(
    Int(2),
    Instance("a splitter", methods=("split", "get_n_splits")),
    Instance("(train, test) pairs", methods=("__next__",), types=(list, tuple)),
)


def stratified_folds(codes: np.ndarray, n_folds: int, random_state: RandomState) -> np.ndarray:
    """Return a fold number for each row, the classes dealt evenly; some folds may lack a class.

    Examples
    --------
    >>> np.sort(stratified_folds(np.array([0, 0, 0, 0, 1]), 2, 0)[:4]).tolist()
    [0, 0, 1, 1]
    """
    rng = as_rng(random_state)
    folds, dealt = np.empty(len(codes), dtype=np.intp), 0
    for c in np.unique(codes):
        rows = rng.permutation(np.flatnonzero(codes == c))
        folds[rows] = (dealt + np.arange(len(rows))) % n_folds
        dealt += len(rows)
    return folds


def as_folds(
    cv: Any, X: TableLike, y: np.ndarray, codes: np.ndarray, random_state: RandomState
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (train, test) row numbers of a number of stratified folds, a splitter or of pairs."""
    if isinstance(cv, int | np.integer):
        folds = stratified_folds(codes, int(cv), random_state)
        return [(np.flatnonzero(folds != k), np.flatnonzero(folds == k)) for k in np.unique(folds)]
    return list(cv.split(X, y) if hasattr(cv, "split") else cv)


def folds_within(cv: Any, kept: np.ndarray) -> Any:
    """Return ``cv`` for the kept rows alone: pairs of row numbers are those among these.

    Examples
    --------
    >>> pairs = folds_within([([0, 1], [2])], np.array([True, False, True]))
    >>> [(train.tolist(), test.tolist()) for train, test in pairs]
    [([0], [1])]
    """
    if cv is None or isinstance(cv, int | np.integer) or hasattr(cv, "split"):
        return cv
    every, number = np.arange(len(kept)), np.cumsum(kept) - 1

    def among(rows: Any) -> np.ndarray:
        taken = every[rows]
        return number[taken[kept[taken]]]

    return [(among(train), among(test)) for train, test in cv]
