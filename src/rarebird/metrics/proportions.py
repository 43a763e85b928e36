"""Precision, recall and specificity: metrics that are one proportion."""

from typing import Any

import numpy as np
from sklearn import metrics as sk

from rarebird.registry import register

from .cells import ratio
from .label_kinds import CellMetric


def _precision(tp: Any, fp: Any, fn: Any, tn: Any) -> np.ndarray:
    return ratio(tp, tp + fp)


def _recall(tp: Any, fp: Any, fn: Any, tn: Any) -> np.ndarray:
    return ratio(tp, tp + fn, np.nan)


def _specificity(tp: Any, fp: Any, fn: Any, tn: Any) -> np.ndarray:
    return ratio(tn, tn + fp, np.nan)


precision_score = CellMetric(
    "precision", "precision", cells=_precision, score=sk.precision_score, proportion=(0, 1),
    trivially_maximised=True,
)  # fmt: skip
recall_score = CellMetric(
    "recall", "recall", cells=_recall, score=sk.recall_score, proportion=(0, 2), requires=(1,),
    trivially_maximised=True,
)  # fmt: skip
specificity = CellMetric(
    "specificity", "specificity", cells=_specificity, proportion=(3, 1), requires=(0,),
    trivially_maximised=True,
)  # fmt: skip

_PRECISION = "Precision tp / (tp + fp), the share of alerts that are right; 0 with no alerts."
_RECALL = "Recall tp / (tp + fn), the share of positives that are found."
_SPECIFICITY = "Specificity tn / (tn + fp), the share of negatives without an alert."
_PEER = "scikit-learn 1.9: equal to the recall of class 0"
register(**precision_score.card_fields(_PRECISION))(precision_score)
register(**recall_score.card_fields(_RECALL))(recall_score)
register(**specificity.card_fields(_SPECIFICITY, _PEER))(specificity)
