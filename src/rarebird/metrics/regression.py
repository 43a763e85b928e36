"""Errors of predicted values."""

import numpy as np
from sklearn import metrics as sk

from rarebird.registry import register

from .cells import ratio
from .loss_kind import mean_of_sums
from .value_kind import ValueMetric


def _absolute(y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    return np.column_stack([np.abs(y_true - y_pred), np.ones(len(y_true))])


def _squared(y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    return np.column_stack([(y_true - y_pred) ** 2, np.ones(len(y_true))])


def _root(sums: np.ndarray) -> np.ndarray:
    return np.sqrt(mean_of_sums(sums))


def _moments(y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    centred = y_true - y_true.min(initial=np.inf)  # exactly 0 where the target is constant
    return np.column_stack([_squared(y_true, y_pred), centred, centred**2])


def _r2(sums: np.ndarray) -> np.ndarray:
    errors, n, total, squares = np.moveaxis(sums, -1, 0)
    return 1 - ratio(errors, squares - ratio(total**2, n), np.nan)


mean_absolute_error = ValueMetric(
    "mae", "mean absolute error", greater_is_better=False, score=sk.mean_absolute_error,
    features=_absolute, of_sums=mean_of_sums,
)  # fmt: skip
root_mean_squared_error = ValueMetric(
    "rmse", "root mean squared error", greater_is_better=False, score=sk.root_mean_squared_error,
    features=_squared, of_sums=_root,
)  # fmt: skip
r2_score = ValueMetric("r2", "R2", score=sk.r2_score, features=_moments, of_sums=_r2)

_RMSE = "The root of the mean squared error, in the target's unit."
for _metric, _text, _rare in (
    (mean_absolute_error, "The mean of |y - prediction|, in the target's unit.", "no rows"),
    (root_mean_squared_error, _RMSE, "no rows"),
    (r2_score, "R squared: 1 - squared errors / squared deviations.", "a constant target"),
):
    register(**_metric.card_fields(_text, rare_cases=f"nan with {_rare}"))(_metric)
