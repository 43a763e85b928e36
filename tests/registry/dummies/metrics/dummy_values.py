"""A metric of predicted values in one file: the mean squared error."""

import numpy as np
from sklearn.metrics import mean_squared_error

from rarebird.metrics.loss_kind import mean_of_sums
from rarebird.metrics.value_kind import ValueMetric
from rarebird.registry import register


def _squares(y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    return np.column_stack([(y_true - y_pred) ** 2, np.ones(len(y_true))])


dummy_mse = ValueMetric(
    "dummy-mse",
    "squared error",
    greater_is_better=False,
    score=mean_squared_error,
    features=_squares,
    of_sums=mean_of_sums,
)
register(**dummy_mse.card_fields("The mean of (y - prediction)^2.", "closed form"))(dummy_mse)
