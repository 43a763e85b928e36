"""The neutral calibrator: probabilities as they are."""

import numpy as np

from .base import Calibrator, register_calibrator


@register_calibrator(
    name="identity",
    tasks=("binary", "multiclass"),
    summary="Leave the probabilities as they are.",
    evidence="closed form",
    rare_cases="learns nothing, so every case works",
    example={},
)
class Identity(Calibrator):
    """Return the probabilities unchanged, in columns.

    Examples
    --------
    >>> Identity().fit([0.5], [1]).transform([0.25]).tolist()
    [[0.75, 0.25]]
    """

    def _transform(self, y_proba: np.ndarray) -> np.ndarray:
        return y_proba
