"""Calibrated probabilities of rows that the calibrator has not seen."""

from typing import Any

import numpy as np
from sklearn.base import clone

from rarebird._errors import DataError

from .base import Calibrator, as_codes, as_columns, as_weights

__all__ = ["cross_fitted"]


def cross_fitted(
    calibrator: Calibrator, proba: Any, y: Any, folds: Any, sample_weight: Any = None
) -> np.ndarray:
    """Calibrate each fold's rows by a clone fitted on the rows of the other folds.

    Parameters
    ----------
    calibrator : Calibrator
        Not fitted; it is cloned for each fold.
    proba : array-like of shape (n, C) or (n,)
        Out-of-fold probabilities.
    y : array-like of shape (n,)
        Codes 0..C-1.
    folds : array-like of shape (n,)
        The fold number of each row.
    sample_weight : array-like of shape (n,), optional
        Weights of the rows.

    Returns
    -------
    ndarray of shape (n, C)

    Raises
    ------
    DataError
        If there are fewer than two folds, or a fold number is missing for a row.

    Notes
    -----
    One fit of the calibrator a fold.

    Examples
    --------
    >>> from rarebird.decide import Identity
    >>> cross_fitted(Identity(), [0.2, 0.4], [0, 1], folds=[0, 1])[:, 1].tolist()
    [0.2, 0.4]
    """
    proba = as_columns(proba, "cross_fitted")
    codes = as_codes(y, len(proba), proba.shape[1], "cross_fitted")
    weight = as_weights(sample_weight, len(proba), "cross_fitted")
    folds = np.asarray(folds)
    if folds.shape != (len(proba),):
        raise DataError(f"cross_fitted: folds of shape {folds.shape} for {len(proba)} rows.")
    names = np.unique(folds)
    if len(names) < 2:
        raise DataError(
            f"cross_fitted: {len(names)} fold; at least 2 are needed, so that no row is calibrated "
            "by itself."
        )
    out = np.empty_like(proba)
    for name in names:
        held = folds == name
        part = clone(calibrator).fit(proba[~held], codes[~held], weight[~held])
        out[held] = part.transform(proba[held])
    return out
