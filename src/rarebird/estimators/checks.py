"""Checks of the tables that a learner gets, with errors in words."""

from typing import Any

import numpy as np
from sklearn.utils import check_consistent_length

from rarebird._errors import DataError, NotFittedError
from rarebird._typing import LabelsLike, TableLike
from rarebird.decide.base import as_labels


def shape_of(X: TableLike, who: str) -> tuple[int, int]:
    """Return the numbers of rows and columns."""
    shape = X.shape if hasattr(X, "shape") else np.shape(X)
    if len(shape) != 2:
        raise DataError(f"{who}: X of shape {shape} is no table. Give it the shape (n, d).")
    return shape[0], shape[1]


def labels_of(X: TableLike, y: LabelsLike, who: str) -> np.ndarray:
    """Return labels as an array, one for each row."""
    y = as_labels(y, who)
    try:
        check_consistent_length(X, y)
    except ValueError as error:
        raise DataError(f"{who}: {error}. Give one label for each row.") from error
    return y


def check_columns(model: Any, X: TableLike) -> int:
    """Check that the model is fitted, on as many columns as X has, and return the number of rows.

    Raises
    ------
    NotFittedError, DataError
        If it is not.
    """
    who = type(model).__name__
    if not hasattr(model, "classes_"):
        raise NotFittedError(f"{who}: it is not fitted yet. Call fit(X, y) first.")
    n_rows, n_columns = shape_of(X, who)
    if n_columns != model.n_features_in_:
        raise DataError(
            f"{who}: X has {n_columns} features, but {who} is expecting {model.n_features_in_} "
            "features as input. Give the columns that fit got, in their order."
        )
    return n_rows
