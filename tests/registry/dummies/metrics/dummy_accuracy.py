"""A metric in one file: the share of right answers."""

import numpy as np

from rarebird.metrics.table import Metric
from rarebird.registry import register


def _share_right(matrix: np.ndarray) -> np.ndarray:
    return np.trace(matrix, axis1=-2, axis2=-1) / matrix.sum((-2, -1))


dummy_share = register(
    name="dummy-share",
    role="metric",
    place="around",
    tasks=("binary", "multiclass"),
    inputs=("labels",),
    summary="The share of right answers.",
    evidence="closed form",
    rare_cases="works",
    example={},
)(Metric("dummy-share", _share_right, True, "labels", "decision", "share right", False))
