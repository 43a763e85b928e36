"""A draw with the classes in their own shares."""

from typing import Annotated

import numpy as np

from rarebird._params import Int, OneOf, Real
from rarebird.ensemble.training import FOR_CLASSES
from rarebird.registry import register

from .base import ClassDraw


@register(
    name="natural",
    role="draw",
    **FOR_CLASSES,
    summary="A part of the rows, with the classes in their own shares.",
    evidence="slow reference: sizes counted class by class; each row of a class equally often",
    rare_cases="an absent class is left out; of every other at least one row is drawn",
    example={},
    keeps_conditional=True,
)
class Natural(ClassDraw):
    """Draw a part of the rows of every class, at least one.

    n_c' = max(1, round(fraction * n_c)).

    Parameters
    ----------
    fraction : float, default=0.5
        Rows drawn over rows there are.
    replacement : bool, default=False
        Draw with replacement; with ``fraction=1`` that is a bootstrap within classes.
    max_rows : int or None, default=None
        Most rows drawn in all, but for one a class.

    Notes
    -----
    O(n) time.

    Examples
    --------
    >>> Natural(max_rows=10).sizes(np.array([90, 10, 1])).tolist()
    [9, 1, 1]
    """

    fraction: Annotated[float, Real(min=0, max=1, open_low=True)] = 0.5
    max_rows: Annotated[int | None, OneOf(None, Int(min=1))] = None

    def sizes(self, counts: np.ndarray) -> np.ndarray:
        """Return the rows drawn of each class, given the rows it has, both of shape (C,)."""
        most = self.max_rows or counts.sum()
        fraction = min(self.fraction, most / max(counts.sum(), 1))
        return np.maximum(np.round(fraction * counts), counts > 0).astype(int)
