"""Agreement of prediction and truth beyond chance: Matthews correlation and Cohen's kappa."""

from typing import Any

import numpy as np
from sklearn import metrics as sk

from rarebird.registry import register

from .cells import ratio
from .label_kinds import ClassSums, ConfusionMetric


def _pairs(hits: Any, predicted: Any, true: Any, n: Any) -> np.ndarray:
    return np.stack([hits, predicted * true, predicted**2])


def _mcc(sums: np.ndarray, true: np.ndarray) -> np.ndarray:
    n = true.sum(-1)
    spread = (n**2 - sums[2]) * (n**2 - (true**2).sum(-1))
    value = ratio(sums[0] * n - sums[1], np.sqrt(np.maximum(spread, 0)))
    return np.where((true > 0).sum(-1) > 1, value, np.nan)


def _kappa(sums: np.ndarray, true: np.ndarray) -> np.ndarray:
    n = true.sum(-1)
    chance = ratio(sums[1], n)
    return np.where((true > 0).sum(-1) > 1, ratio(sums[0] - chance, n - chance), np.nan)


matthews_corrcoef = ConfusionMetric(
    "mcc", "Matthews correlation", requires=(0, 1), averaging="the formula for many classes",
    matrix=ClassSums(_pairs, _mcc), score=sk.matthews_corrcoef,
)  # fmt: skip
cohen_kappa_score = ConfusionMetric(
    "kappa", "Cohen's kappa", requires=(0, 1), averaging="the formula for many classes",
    matrix=ClassSums(_pairs, _kappa), score=sk.cohen_kappa_score,
)  # fmt: skip

_ABSENT = "nan where one class has all rows; a class with no rows changes nothing"
_MCC = "Correlation of truth and prediction, for two classes and many (Gorodkin, 2004)."
_KAPPA = "Agreement beyond chance, (observed - chance) / (1 - chance) (Cohen, 1960)."
_NONE = f"{_ABSENT}; 0 where one class is predicted"
register(**matthews_corrcoef.card_fields(_MCC, rare_cases=_NONE))(matthews_corrcoef)
register(**cohen_kappa_score.card_fields(_KAPPA, rare_cases=_ABSENT))(cohen_kappa_score)
