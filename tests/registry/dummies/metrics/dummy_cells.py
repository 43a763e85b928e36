"""A metric of the cells of one threshold in one file: the Jaccard index."""

import numpy as np

from rarebird.metrics.cells import ratio
from rarebird.metrics.label_kinds import CellMetric
from rarebird.registry import register


def _jaccard(tp: np.ndarray, fp: np.ndarray, fn: np.ndarray, tn: np.ndarray) -> np.ndarray:
    return np.where(tp + fn > 0, ratio(tp, tp + fp + fn), np.nan)


dummy_jaccard = CellMetric("dummy-jaccard", "Jaccard index", cells=_jaccard, requires=(1,))
register(**dummy_jaccard.card_fields("Hits among all that is alerted or true.", "closed form"))(
    dummy_jaccard
)
