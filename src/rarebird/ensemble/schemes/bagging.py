"""Bagging: members that know nothing of each other."""

from typing import Any, ClassVar

import numpy as np

from rarebird.ensemble.training import FOR_CLASSES
from rarebird.registry import register

from .base import Scheme, Update


@register(
    name="bagging",
    role="scheme",
    **FOR_CLASSES,
    summary="Members are independent, and each has one vote.",
    evidence="slow reference: members fitted one by one",
    rare_cases="learns nothing, so every case works",
    example={},
    papers=("Breiman1996",),
    keeps_conditional=True,
)
class Bagging(Scheme):
    """Let every member learn with the weights as they were given, and vote like all others.

    References
    ----------
    .. [Breiman1996] Breiman, L. Bagging Predictors. Machine Learning 24:123-140, 1996.

    Examples
    --------
    >>> Bagging().start(np.array([0, 1])) is None
    True
    """

    sequential: ClassVar[bool] = False

    def start(self, y: np.ndarray, sample_weight: np.ndarray | None = None) -> np.ndarray | None:
        """Return the weights as they are."""
        self.weights_ = sample_weight
        return sample_weight

    def update(self, round: int, member: Any, scores: np.ndarray) -> Update:
        """Return the same weights, and one vote."""
        return Update(self.weights_, 1.0, False)
