"""What a draw may look at."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["Training"]

# what the cards of ensembles and their parts say that they are for
FOR_CLASSES: dict[str, Any] = {
    "place": "ensemble",
    "tasks": ("binary", "multiclass"),
    "inputs": ("table",),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Training:
    """The training data of an ensemble, and where the ensemble stands.

    Parameters
    ----------
    X : array, sparse matrix, list or data frame of shape (n, d)
        The rows as they were given.
    y : ndarray of int of shape (n,)
        Class codes 0..C-1.
    classes : ndarray of shape (C,)
        The labels; each has a row at least.
    counts : ndarray of int of shape (C,)
        Rows of each class.
    rows : tuple of ndarray
        For each class the numbers of its rows, ascending.
    n_rounds : int
        Members there will be, at most.
    weights : ndarray of shape (n,) or None
        Current weights of the rows; None: all count the same.
    scores : ndarray of shape (n, C) or None
        Mean of the probabilities that the members so far give the rows, weighted by their votes.
        None in the first round, and where members are independent of each other.
    memory : dict
        For a draw whose ``sequential`` is true: what it keeps from round to round.

    Examples
    --------
    >>> training = Training.of([[0.0], [1.0], [2.0]], np.array([1, 0, 1]), ["no", "yes"])
    >>> training.counts.tolist(), training.rows[1].tolist()
    ([1, 2], [0, 2])
    """

    X: Any
    y: np.ndarray
    classes: np.ndarray
    counts: np.ndarray
    rows: tuple[np.ndarray, ...]
    n_rounds: int = 1
    weights: np.ndarray | None = None
    scores: np.ndarray | None = None
    memory: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, X: Any, y: np.ndarray, classes: Any, **more: Any) -> "Training":
        """Return the value for rows and their class codes; ``more`` are further fields."""
        counts = np.bincount(y, minlength=len(classes))
        rows = np.split(np.argsort(y, kind="stable"), np.cumsum(counts)[:-1])
        return cls(X=X, y=y, classes=np.asarray(classes), counts=counts, rows=tuple(rows), **more)
