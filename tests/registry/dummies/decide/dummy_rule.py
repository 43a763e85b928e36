"""A decision in one file: the least probable class."""

import numpy as np

from rarebird.decide.base import Decision
from rarebird.registry import register


@register(
    name="dummy-rule",
    role="decision",
    place="decision",
    tasks=("binary", "multiclass"),
    inputs=("probabilities",),
    summary="Predict the least probable class.",
    evidence="numpy.argmin: equal codes",
    rare_cases="learns nothing, so every case works",
    example={},
    papers=("encouraging-loss",),
)
class DummyRule(Decision):
    """Predict the least probable class.

    Examples
    --------
    >>> DummyRule().fit([[0.6, 0.4]], [0]).predict([[0.1, 0.9]]).tolist()
    [0]
    """

    kind = "dummy-rule"

    def _fit(self, proba: np.ndarray, y: np.ndarray, weight: np.ndarray) -> None:
        pass

    def _predict(self, proba: np.ndarray) -> np.ndarray:
        return proba.argmin(axis=1)

    def describe(self) -> str:
        return "predict the least probable class"
