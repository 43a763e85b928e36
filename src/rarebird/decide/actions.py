"""What a decision answers with."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Actions"]


@dataclass(frozen=True, eq=False)
class Actions:
    """One action for each row: a class, a set of classes, or none.

    Parameters
    ----------
    codes : ndarray of int of shape (n,)
        The chosen class code; -1 where the decision abstained.
    sets, abstained : ndarray of bool of shape (n, C) and (n,), optional
        The classes that are not ruled out; where a row is left to a person. For decisions that
        answer with sets, or may abstain.

    Examples
    --------
    >>> acted = Actions(np.array([1, -1]), abstained=np.array([False, True]))
    >>> acted.labels(np.array(["no", "yes"])).tolist()
    ['yes', None]
    """

    codes: np.ndarray
    sets: np.ndarray | None = None
    abstained: np.ndarray | None = None

    def labels(self, classes: np.ndarray) -> np.ndarray:
        """Return the chosen labels, shape (n,); objects, if the decision may leave one ``None``."""
        if self.abstained is None:
            return classes[self.codes]
        labels = classes.astype(object)[self.codes]
        labels[self.abstained] = None
        return labels
