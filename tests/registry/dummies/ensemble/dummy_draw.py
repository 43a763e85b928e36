"""A draw in one file: half of each class."""

import numpy as np

from rarebird.ensemble.draws.base import ClassDraw
from rarebird.registry import register


@register(
    name="dummy-draw",
    role="draw",
    place="ensemble",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Half of the rows of each class.",
    evidence="closed form",
    rare_cases="one row suffices",
    example={},
    keeps_conditional=True,
)
class DummyDraw(ClassDraw):
    """Draw half of the rows of each class, at least one.

    Examples
    --------
    >>> DummyDraw().sizes(np.array([7, 1])).tolist()
    [4, 1]
    """

    def sizes(self, counts: np.ndarray) -> np.ndarray:
        return (counts + 1) // 2
