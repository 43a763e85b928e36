"""The metrics of two classes as plain functions: y holds 0 and 1, and 1 is the rare class.

One rule for what is undefined: a value that needs a class with no rows is nan; a ratio over
predictions that nobody made is 0. Rows of weight zero count as absent.
"""

import numbers
from typing import Any

import numpy as np

from rarebird._errors import ParameterError
from rarebird._params import Real, check_params

from . import _checks
from . import cells as cm

__all__ = [
    "average_precision",
    "balanced_accuracy",
    "brier",
    "cohen_kappa",
    "f_beta",
    "geometric_mean",
    "log_loss",
    "mcc",
    "mean_cost",
    "precision",
    "precision_at_k",
    "recall",
    "recall_at_k",
    "roc_auc",
    "specificity",
    "total_cost",
]

EPS = float(np.finfo(np.float64).eps)


def threshold_counts(
    y: np.ndarray, score: np.ndarray, w: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (threshold, tp, fp) at each distinct score, highest first; a row alerts at >=.

    O(n log n); tied rows are one threshold, so the order of the rows does not matter.
    """
    order = np.argsort(-score, kind="stable")
    s = score[order]
    last = np.append(np.flatnonzero(s[1:] != s[:-1]), len(s) - 1) if len(s) else np.empty(0, int)
    hits = np.where(y, w, 0.0)[order]
    tp = np.cumsum(hits)[last]
    return s[last], tp, np.cumsum(w[order] - hits)[last]


def average_precision(y: Any, score: Any, *, sample_weight: Any = None) -> float:
    """Average precision: the mean, over positives, of the precision at the positive's own score.

    AP = sum_t (recall_t - recall_(t-1)) * precision_t over the distinct scores t, highest first.

    Parameters
    ----------
    y : array-like of shape (n,)
        0 or 1 (or booleans).
    score : array-like of shape (n,)
        Larger means more likely positive.
    sample_weight : array-like of shape (n,), optional
        Weights of the rows.

    Returns
    -------
    float
        In (0, 1]; nan with no positives.

    Raises
    ------
    DataError
        If a score is missing or the shapes differ.

    Notes
    -----
    O(n log n) time. No interpolation (Davis and Goadrich, 2006).

    Examples
    --------
    >>> average_precision([0, 1, 0, 1], [0.1, 0.9, 0.8, 0.7])
    0.8333333333333333
    """
    positive, s, w = _checks.binary("average precision", y, score, sample_weight)
    if not positive.any():
        return float("nan")
    _, tp, fp = threshold_counts(positive, s, w)
    return float(np.sum(np.diff(tp, prepend=0.0) * tp / (tp + fp)) / tp[-1])


def roc_auc(y: Any, score: Any, *, sample_weight: Any = None) -> float:
    """Area under the ROC curve: the chance that a positive outranks a negative, ties counting half.

    Parameters
    ----------
    y, score, sample_weight
        As in `average_precision`.

    Returns
    -------
    float
        In [0, 1]; nan unless both classes have rows.

    Raises
    ------
    DataError
        If a score is missing or the shapes differ.

    Notes
    -----
    O(n log n) time (Mann and Whitney, 1947).

    Examples
    --------
    >>> roc_auc([0, 1, 0, 1], [0.1, 0.9, 0.8, 0.7])
    0.75
    """
    positive, s, w = _checks.binary("ROC AUC", y, score, sample_weight)
    if positive.all() or not positive.any():
        return float("nan")
    _, tp, fp = threshold_counts(positive, s, w)
    before = np.concatenate([[0.0], fp[:-1]])
    won = np.diff(tp, prepend=0.0) * (fp[-1] - (fp + before) / 2)
    return float(won.sum() / (tp[-1] * fp[-1]))


def brier_rows(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Squared error of each row: (p1 - y)^2 for two classes, the sum over the classes for more."""
    if p.shape[1] == 2:
        return (p[:, 1] - y) ** 2
    own = p[np.arange(len(y)), y]
    return (p**2).sum(axis=1) - 2 * own + 1


def log_loss_rows(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return -log of the probability of each row's own class, clipped to [eps, 1 - eps]."""
    return -np.log(np.clip(p[np.arange(len(y)), y], EPS, 1 - EPS))


def _mean(rows: np.ndarray, w: np.ndarray | None) -> float:
    total = float(len(rows)) if w is None else float(w.sum())
    if total == 0:
        return float("nan")
    return float(rows.sum() / total) if w is None else float(rows @ w / total)


def brier(y: Any, probability: Any, *, sample_weight: Any = None) -> float:
    """Brier score: the mean of (p - y)^2; for C > 2 classes the sum over the classes in each row.

    Parameters
    ----------
    y : array-like of shape (n,)
        Class codes.
    probability : array-like of shape (n,) or (n, C)
        Of class 1, or of every class.
    sample_weight : array-like of shape (n,), optional
        Weights of the rows.

    Returns
    -------
    float
        In [0, 1] for two classes, [0, 2] for more; nan with no rows. Smaller is better.

    Raises
    ------
    DataError
        If the output does not hold probabilities.

    Notes
    -----
    O(n C) time (Brier, 1950).

    Examples
    --------
    >>> round(brier([0, 1], [0.1, 0.6]), 3)
    0.085
    """
    y = _checks.codes("Brier score", "y", y)
    p = _checks.probabilities("Brier score", probability, len(y))
    y = _checks.codes("Brier score", "y", y, p.shape[1])
    return _mean(brier_rows(y, p), _checks.weights("Brier score", sample_weight, len(y)))


def log_loss(y: Any, probability: Any, *, sample_weight: Any = None) -> float:
    """Log loss: the mean of -log p(own class), with p clipped to [eps, 1 - eps], eps = 2.2e-16.

    Parameters
    ----------
    y, probability, sample_weight
        As in `brier`.

    Returns
    -------
    float
        In [0, 36.1]; nan with no rows. Smaller is better.

    Raises
    ------
    DataError
        If the output does not hold probabilities.

    Notes
    -----
    O(n) time (Good, 1952).

    Examples
    --------
    >>> round(log_loss([0, 1], [0.1, 0.6]), 3)
    0.308
    """
    y = _checks.codes("log loss", "y", y)
    p = _checks.probabilities("log loss", probability, len(y))
    y = _checks.codes("log loss", "y", y, p.shape[1])
    return _mean(log_loss_rows(y, p), _checks.weights("log loss", sample_weight, len(y)))


def budget_rows(k: float, total: float) -> float:
    """Return how many rows (or how much weight) k stands for, at most all of it.

    Raises
    ------
    ParameterError
        If k is neither a whole number >= 1 nor a share between 0 and 1.
    """
    if not isinstance(k, bool) and isinstance(k, numbers.Real):
        if 0 < k < 1:
            return float(k * total)
        if k >= 1 and float(k).is_integer():
            return float(min(k, total))
    raise ParameterError(
        f"k={k!r} is not allowed; it must be a whole number >= 1 or a share in (0, 1)."
    )


def hits_at_k(
    y: Any, score: Any, k: float, sample_weight: Any = None
) -> tuple[float, float, float]:
    """Return (expected positives among the k highest scores, k as rows, positives in all).

    Rows tied at the cut enter in equal parts, so the answer does not depend on their order.
    """
    positive, s, w = _checks.binary("top k", y, score, sample_weight)
    room = budget_rows(k, w.sum())
    if not len(s):
        return 0.0, room, 0.0
    _, tp, fp = threshold_counts(positive, s, w)
    hits = np.interp(room, np.append(0.0, tp + fp), np.append(0.0, tp))
    return float(hits), room, float(tp[-1])


def recall_at_k(y: Any, score: Any, k: float, *, sample_weight: Any = None) -> float:
    """Share of the positives among the k highest scores, its expected value over ties at the cut.

    Parameters
    ----------
    y, score, sample_weight
        As in `average_precision`.
    k : int or float
        Rows (>= 1), or a share of the rows (0 < k < 1); with weights, both are in weight.

    Returns
    -------
    float
        In [0, 1]; nan with no positives.

    Raises
    ------
    ParameterError
        If k is neither.

    Notes
    -----
    O(n log n) time; McSherry and Najork (2008) on ties.

    Examples
    --------
    >>> recall_at_k([0, 1, 0, 1], [0.1, 0.9, 0.8, 0.8], 2)
    0.75
    """
    hits, _, positives = hits_at_k(y, score, k, sample_weight)
    return hits / positives if positives else float("nan")


def precision_at_k(y: Any, score: Any, k: float, *, sample_weight: Any = None) -> float:
    """Share of positives among the k highest scores, its expected value over ties at the cut.

    Parameters
    ----------
    y, score, k, sample_weight
        As in `recall_at_k`; k beyond all rows stands for all rows.

    Returns
    -------
    float
        In [0, 1]; 0 with no rows.

    Raises
    ------
    ParameterError
        If k is neither a number of rows nor a share.

    Notes
    -----
    O(n log n) time; McSherry and Najork (2008) on ties.

    Examples
    --------
    >>> precision_at_k([0, 1, 0, 1], [0.1, 0.9, 0.8, 0.8], 2)
    0.75
    """
    hits, room, _ = hits_at_k(y, score, k, sample_weight)
    return hits / room if room else 0.0


def _matrix(y: Any, predicted: Any, sample_weight: Any) -> np.ndarray:
    return cm.confusion(y, predicted, 2, sample_weight)


def _cells(y: Any, predicted: Any, sample_weight: Any) -> tuple[float, float, float, float]:
    (tn, fp), (fn, tp) = _matrix(y, predicted, sample_weight)
    return tp, fp, fn, tn


def precision(y: Any, predicted: Any, *, sample_weight: Any = None) -> float:
    """Precision tp / (tp + fp); 0 with no alerts.

    Examples
    --------
    >>> precision([0, 1, 0, 1], [0, 1, 1, 0])
    0.5
    """
    return float(cm.precision_of_cells(*_cells(y, predicted, sample_weight)))


def recall(y: Any, predicted: Any, *, sample_weight: Any = None) -> float:
    """Recall tp / (tp + fn); nan with no positives.

    Examples
    --------
    >>> recall([0, 1, 0, 1], [0, 1, 1, 0])
    0.5
    """
    return float(cm.recall_of_cells(*_cells(y, predicted, sample_weight)))


def specificity(y: Any, predicted: Any, *, sample_weight: Any = None) -> float:
    """Specificity tn / (tn + fp); nan with no negatives.

    Examples
    --------
    >>> specificity([0, 1, 0, 1], [0, 1, 1, 0])
    0.5
    """
    return float(cm.specificity_of_cells(*_cells(y, predicted, sample_weight)))


def f_beta(y: Any, predicted: Any, *, beta: float = 1.0, sample_weight: Any = None) -> float:
    """F_beta: recall counts beta times as much as precision (van Rijsbergen, 1979).

    F = (1 + b^2) tp / ((1 + b^2) tp + b^2 fn + fp); nan with no positives.

    Examples
    --------
    >>> f_beta([0, 1, 0, 1], [0, 1, 1, 0], beta=2)
    0.5
    """
    check_params("f_beta", {"beta": Real(0, open_low=True)}, {"beta": beta})
    return float(cm.f_beta_of_cells(*_cells(y, predicted, sample_weight), beta=beta))


def balanced_accuracy(y: Any, predicted: Any, *, sample_weight: Any = None) -> float:
    """Mean of the recalls of the classes that have rows; nan with no rows.

    Examples
    --------
    >>> balanced_accuracy([0, 0, 0, 1], [0, 0, 1, 1])
    0.8333333333333333
    """
    return float(cm.balanced_accuracy_of_matrix(_matrix(y, predicted, sample_weight)))


def geometric_mean(y: Any, predicted: Any, *, sample_weight: Any = None) -> float:
    """Geometric mean of the recalls of the classes that have rows (Kubat and Matwin, 1997).

    Examples
    --------
    >>> round(geometric_mean([0, 0, 0, 0, 1], [0, 0, 0, 1, 1]), 3)
    0.866
    """
    return float(cm.geometric_mean_of_matrix(_matrix(y, predicted, sample_weight)))


def mcc(y: Any, predicted: Any, *, sample_weight: Any = None) -> float:
    """Matthews correlation of y and predicted (1975); nan with one class in y, 0 in predicted.

    Examples
    --------
    >>> round(mcc([0, 0, 0, 1], [0, 0, 1, 1]), 3)
    0.577
    """
    return float(cm.mcc_of_matrix(_matrix(y, predicted, sample_weight)))


def cohen_kappa(y: Any, predicted: Any, *, sample_weight: Any = None) -> float:
    """Agreement beyond chance (Cohen, 1960); nan with one class in y.

    Examples
    --------
    >>> cohen_kappa([0, 0, 0, 1], [0, 0, 1, 1])
    0.5
    """
    return float(cm.kappa_of_matrix(_matrix(y, predicted, sample_weight)))


def total_cost(
    y: Any, predicted: Any, *, false_alarm: float, miss: float, sample_weight: Any = None
) -> float:
    """Total cost: false_alarm * fp + miss * fn, in the user's unit.

    Examples
    --------
    >>> total_cost([0, 1, 0, 1], [0, 1, 1, 0], false_alarm=1, miss=20)
    21.0
    """
    _, fp, fn, _ = _cells(y, predicted, sample_weight)
    return float(false_alarm * fp + miss * fn)


def mean_cost(
    y: Any, predicted: Any, *, false_alarm: float, miss: float, sample_weight: Any = None
) -> float:
    """Cost for each row: (false_alarm * fp + miss * fn) / n; nan with no rows.

    Examples
    --------
    >>> mean_cost([0, 1, 0, 1], [0, 1, 1, 0], false_alarm=1, miss=20)
    5.25
    """
    tp, fp, fn, tn = _cells(y, predicted, sample_weight)
    return float(cm.ratio(false_alarm * fp + miss * fn, tp + fp + fn + tn, np.nan))
