"""Means of the classes' recalls: balanced accuracy and the geometric mean."""

from typing import Any

import numpy as np
from sklearn import metrics as sk

from rarebird.registry import register

from .cells import ratio
from .label_kinds import ClassSums, ConfusionMetric, mean_of_classes


def _recall(hits: Any, predicted: Any, true: Any, n: Any) -> np.ndarray:
    return ratio(hits, true)[None]


def _mean_recall(y_true: np.ndarray, y_pred: np.ndarray, *, sample_weight: Any) -> float:
    # balanced_accuracy_score warns where a class without rows is predicted; this is the same number
    labels, w = np.unique(y_true), sample_weight
    return sk.recall_score(y_true, y_pred, labels=labels, average="macro", sample_weight=w)


def _log_recall(hits: Any, predicted: Any, true: Any, n: Any) -> np.ndarray:
    recall = ratio(hits, true)
    never = (recall <= 0) & (true > 0)
    return np.stack([np.log(np.where(recall > 0, recall, 1.0)), never.astype(float)])


def _geometric(sums: np.ndarray, true: np.ndarray) -> np.ndarray:
    return np.where(sums[1] > 0.5, 0.0, np.exp(mean_of_classes(sums, true)))


balanced_accuracy_score = ConfusionMetric(
    "balanced-accuracy", "balanced accuracy", averaging="mean recall over the classes",
    matrix=ClassSums(_recall, mean_of_classes), score=_mean_recall, best_at_prior=True,
)  # fmt: skip
geometric_mean = ConfusionMetric(
    "gmean", "geometric mean of recalls", averaging="geometric mean of the classes' recalls",
    matrix=ClassSums(_log_recall, _geometric), best_at_prior=True,
)  # fmt: skip

_BALANCED = "Balanced accuracy: the mean recall of the classes that have rows."
_GEOMETRIC = "Geometric mean of the classes' recalls (Kubat and Matwin, 1997); 0 where one is 0."
_PEER = "imbalanced-learn 0.14: equal values"
register(**balanced_accuracy_score.card_fields(_BALANCED))(balanced_accuracy_score)
register(**geometric_mean.card_fields(_GEOMETRIC, _PEER))(geometric_mean)
