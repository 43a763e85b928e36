"""Scores of probabilities: the Brier score and the log loss."""

from typing import Any

import numpy as np
from sklearn import metrics as sk

from rarebird.registry import register

from .loss_kind import LossMetric

EPS = float(np.finfo(np.float64).eps)


def _brier_rows(y_true: np.ndarray, y_proba: np.ndarray) -> np.ndarray:
    if y_proba.shape[1] == 2:
        return (y_proba[:, 1] - y_true) ** 2
    own = y_proba[np.arange(len(y_true)), y_true]
    return (y_proba**2).sum(axis=1) - 2 * own + 1


def _brier(y_true: np.ndarray, y_proba: np.ndarray, *, sample_weight: Any) -> float:
    # brier_score_loss takes many classes from scikit-learn 1.7 on; this is the same in all versions
    c = y_proba.shape[1]
    mean = sk.mean_squared_error(np.eye(c)[y_true], y_proba, sample_weight=sample_weight)
    return mean * (c if c > 2 else 1)


def _log_loss_rows(y_true: np.ndarray, y_proba: np.ndarray) -> np.ndarray:
    return -np.log(np.clip(y_proba[np.arange(len(y_true)), y_true], EPS, 1 - EPS))


def _log_loss(y_true: np.ndarray, y_proba: np.ndarray, *, sample_weight: Any) -> float:
    labels = np.arange(y_proba.shape[1])
    return sk.log_loss(y_true, y_proba, labels=labels, sample_weight=sample_weight)


brier_score_loss = LossMetric(
    "brier", "Brier score", averaging="squared errors summed over the classes", loss=_brier_rows,
    score=_brier,
)  # fmt: skip
log_loss = LossMetric(
    "logloss", "log loss", averaging="-log of the own class's probability", loss=_log_loss_rows,
    score=_log_loss,
)  # fmt: skip

_BRIER = "The mean of (p - y)^2, in [0, 1]; for many classes the sum over classes, in [0, 2]."
_LOG = "The mean of -log p(own class), with p clipped to [eps, 1 - eps], eps = 2.2e-16."
_ABSENT = "nan with no rows; a class with no rows adds nothing of its own"
_SURE = f"{_ABSENT}; a sure mistake costs 36"
register(**brier_score_loss.card_fields(_BRIER, rare_cases=_ABSENT))(brier_score_loss)
register(**log_loss.card_fields(_LOG, rare_cases=_SURE))(log_loss)
