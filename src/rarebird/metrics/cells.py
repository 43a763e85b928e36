"""The confusion matrix and the metrics that are functions of it, for many matrices at once.

One rule for what is undefined: a value that needs a class with no rows is nan; a ratio over
predictions that nobody made is 0.
"""

from typing import Any

import numpy as np

from . import _checks

__all__ = ["confusion"]


def ratio(above: Any, below: Any, otherwise: float = 0.0) -> np.ndarray:
    """Return above / below, and ``otherwise`` where below is zero."""
    above, below = np.broadcast_arrays(np.asarray(above, float), np.asarray(below, float))
    return np.divide(above, below, out=np.full(below.shape, otherwise), where=below > 0)


def confusion(
    y: Any, predicted: Any, n_classes: int | None = None, sample_weight: Any = None
) -> np.ndarray:
    """Return the confusion matrix: entry (i, j) is the weight of rows of class i predicted as j.

    Parameters
    ----------
    y, predicted : array-like of shape (n,)
        Class codes 0..C-1.
    n_classes : int, optional
        C; by default the largest code plus one, at least 2.
    sample_weight : array-like of shape (n,), optional
        Weights of the rows.

    Returns
    -------
    ndarray of shape (C, C)
        Weights as floats.

    Raises
    ------
    DataError
        If the shapes differ or a code is out of range.

    Notes
    -----
    O(n + C^2).

    Examples
    --------
    >>> confusion([0, 0, 0, 1, 1], [0, 0, 1, 1, 0])
    array([[2., 1.],
           [1., 1.]])
    """
    y = _checks.codes("confusion", "y", y, n_classes)
    p = _checks.codes("confusion", "predicted", predicted, n_classes)
    if len(y) != len(p):
        raise _checks.DataError(f"confusion: {len(p)} predictions for {len(y)} rows of y.")
    w = _checks.weights("confusion", sample_weight, len(y))
    if n_classes is None:
        n_classes = int(max(y.max(initial=1), p.max(initial=1))) + 1
    flat = np.bincount(y * n_classes + p, weights=w, minlength=n_classes**2)
    return flat.reshape(n_classes, n_classes).astype(float)


def matrix_of_cells(tp: Any, fp: Any, fn: Any, tn: Any) -> np.ndarray:
    """Return [[tn, fp], [fn, tp]] of shape (..., 2, 2) from four arrays of one shape."""
    tp, fp, fn, tn = np.broadcast_arrays(*(np.asarray(x, float) for x in (tp, fp, fn, tn)))
    return np.stack([np.stack([tn, fp], -1), np.stack([fn, tp], -1)], -2)


def one_against_rest(matrix: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return tp, fp, fn, tn of every class against the rest, each of shape (..., C)."""
    m = np.asarray(matrix, float)
    tp = np.diagonal(m, axis1=-2, axis2=-1)
    fp, fn = m.sum(-2) - tp, m.sum(-1) - tp
    return tp, fp, fn, m.sum((-2, -1))[..., None] - tp - fp - fn


def precision_of_cells(tp: Any, fp: Any, fn: Any, tn: Any) -> np.ndarray:
    """Precision tp / (tp + fp); 0 with no alerts."""
    return ratio(tp, np.add(tp, fp))


def recall_of_cells(tp: Any, fp: Any, fn: Any, tn: Any) -> np.ndarray:
    """Recall tp / (tp + fn); nan with no positives."""
    return ratio(tp, np.add(tp, fn), np.nan)


def specificity_of_cells(tp: Any, fp: Any, fn: Any, tn: Any) -> np.ndarray:
    """Specificity tn / (tn + fp); nan with no negatives."""
    return ratio(tn, np.add(tn, fp), np.nan)


def f_beta_of_cells(tp: Any, fp: Any, fn: Any, tn: Any, *, beta: float = 1.0) -> np.ndarray:
    """F_beta (1 + b^2) tp / ((1 + b^2) tp + b^2 fn + fp); nan with no positives."""
    hit = (1 + beta**2) * np.asarray(tp, float)
    value = ratio(hit, hit + beta**2 * np.asarray(fn) + fp)
    return np.where(np.add(tp, fn) > 0, value, np.nan)


def recalls_of_matrix(matrix: np.ndarray) -> np.ndarray:
    """Recall of every class, shape (..., C); nan for a class with no rows."""
    return ratio(np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(-1), np.nan)


def balanced_accuracy_of_matrix(matrix: np.ndarray) -> np.ndarray:
    """Mean recall over the classes that have rows; nan with no rows at all."""
    rows = matrix.sum(-1) > 0
    return ratio(np.where(rows, recalls_of_matrix(matrix), 0).sum(-1), rows.sum(-1), np.nan)


def geometric_mean_of_matrix(matrix: np.ndarray) -> np.ndarray:
    """Geometric mean of the recalls of the classes that have rows; nan with no rows at all."""
    rows = matrix.sum(-1) > 0
    product = np.where(rows, recalls_of_matrix(matrix), 1).prod(-1)
    return np.where(rows.any(-1), product ** ratio(1.0, rows.sum(-1), 1.0), np.nan)


def mcc_of_matrix(matrix: np.ndarray) -> np.ndarray:
    """Matthews correlation; nan where y has one class, 0 where the predictions have one."""
    n = matrix.sum((-2, -1))
    true, said = matrix.sum(-1), matrix.sum(-2)
    hits = np.diagonal(matrix, axis1=-2, axis2=-1).sum(-1)
    spread_true = n**2 - (true**2).sum(-1)
    spread_said = n**2 - (said**2).sum(-1)
    value = ratio(
        hits * n - (true * said).sum(-1), np.sqrt(np.maximum(spread_true * spread_said, 0))
    )
    return np.where((true > 0).sum(-1) > 1, value, np.nan)


def kappa_of_matrix(matrix: np.ndarray) -> np.ndarray:
    """Cohen's kappa (observed - chance) / (1 - chance); nan where y has one class."""
    n = matrix.sum((-2, -1))
    true, said = matrix.sum(-1), matrix.sum(-2)
    hits = np.diagonal(matrix, axis1=-2, axis2=-1).sum(-1)
    chance = ratio((true * said).sum(-1), n)
    return np.where((true > 0).sum(-1) > 1, ratio(hits - chance, n - chance), np.nan)
