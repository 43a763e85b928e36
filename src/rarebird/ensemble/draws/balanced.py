"""A draw of as many rows of every class."""

from typing import Annotated

import numpy as np

from rarebird._params import Real
from rarebird.ensemble.training import FOR_CLASSES
from rarebird.registry import register

from .base import ClassDraw


@register(
    name="balanced",
    role="draw",
    **FOR_CLASSES,
    summary="Every class is cut to the size of the reference class; smaller ones stay whole.",
    evidence="slow reference: sizes counted class by class; each row of a class equally often",
    rare_cases="an absent class is left out; one row suffices; a tiny class among many stays tiny",
    example={},
    keeps_conditional=True,
)
class Balanced(ClassDraw):
    """Cut every class to ``ratio`` times the reference class; smaller classes stay whole.

    n_c' = min(n_c, round(ratio * n_reference)). The reference is the smaller of two classes and
    the lower median of many, so that one tiny class does not cut all others to its size.

    Parameters
    ----------
    ratio : float, default=1.0
        Rows of a larger class for each row of the reference class.
    replacement : bool, default=False
        Draw with replacement within each class (a balanced bootstrap).

    Notes
    -----
    O(n) time.

    Examples
    --------
    >>> Balanced().sizes(np.array([1000, 200, 100, 2])).tolist()
    [100, 100, 100, 2]
    """

    ratio: Annotated[float, Real(min=0, open_low=True)] = 1.0

    def sizes(self, counts: np.ndarray) -> np.ndarray:
        """Return the rows drawn of each class, given the rows it has, both of shape (C,)."""
        present = np.sort(counts[counts > 0])
        reference = present[(len(present) - 1) // 2]
        return np.minimum(counts, max(1, round(self.ratio * reference))).astype(int)
