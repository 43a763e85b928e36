"""The neutral decision: the most probable class."""

import numpy as np

from .base import Decision, register_decision


@register_decision(
    name="argmax",
    tasks=("binary", "multiclass"),
    summary="Predict the most probable class; for two classes a threshold of one half.",
    evidence="numpy.argmax: equal codes",
    rare_cases="learns nothing, so every case works",
    example={},
    follows_prior=True,
)
class Argmax(Decision):
    """Predict the most probable class, argmax_c p_c; the lowest code of several.

    Notes
    -----
    O(n C).

    Examples
    --------
    >>> Argmax().fit([[0.6, 0.4]], [0]).predict([[0.1, 0.9], [0.8, 0.2]]).tolist()
    [1, 0]
    """

    kind = "argmax"

    def _predict(self, y_proba: np.ndarray) -> np.ndarray:
        return y_proba.argmax(axis=1)

    def describe(self) -> str:
        """Return the rule as one plain sentence."""
        return "predict the most probable class"
