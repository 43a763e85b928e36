"""A metric on a user's own labels, and a metric of every class."""

from typing import Any

import numpy as np

from rarebird._errors import DataError, ParameterError

from .kinds import Metric
from .lookup import get_metric

__all__ = ["per_class", "score"]

_PAIRS = ([0, 1], [-1, 1], [False, True])  # the last of each is the positive class by custom


def per_class(
    metric: str | Metric,
    y_true: Any,
    y_pred: Any,
    *,
    sample_weight: Any = None,
    n_classes: int | None = None,
) -> np.ndarray:
    """Return the metric of every class against the rest, shape (C,); nan for a class with no rows.

    Parameters
    ----------
    metric : str or Metric
        A metric of classes, or its name.
    y_true, y_pred, sample_weight, n_classes
        As for the metric itself: ``y_pred`` is what it needs. A mean cost is that of the class's
        own rows.

    Raises
    ------
    ParameterError
        If the metric is one of values.

    Notes
    -----
    C times the time of the metric.

    Examples
    --------
    >>> per_class("recall", [0, 0, 0, 1], [0, 0, 1, 1]).round(3)
    array([0.667, 1.   ])
    """
    metric = get_metric(metric).require("per_class", task="binary")
    rows = metric.check(y_true, y_pred, sample_weight, n_classes).used()
    values = np.full(rows.n_classes, np.nan)
    for c in rows.present():
        values[c] = metric.value(metric.against_rest(rows, c))
    return values


def score(
    metric: str | Metric,
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    pos_label: Any = None,
    sample_weight: Any = None,
) -> float:
    """Return a metric on labels of any kind: text, negative or other numbers.

    Parameters
    ----------
    metric : str or Metric
        A metric, or a name of `metric_names`, such as ``"ap"`` or ``"recall@1%"``.
    y_true : array-like of shape (n,)
        The true labels (or values, for a metric of values).
    y_pred : array-like of shape (n,) or (n, C)
        What the metric needs: predicted labels, scores, probabilities or values; scores or
        probabilities of shape (n,) are those of the positive class.
    labels : array-like of shape (C,), optional
        The labels in the order of the columns; by default those found, sorted. Of two given
        labels the second is the positive one, unless ``pos_label`` says otherwise.
    pos_label : label, optional
        The positive one of two classes; needed unless the labels are 0/1, -1/1 or booleans.
    sample_weight : array-like of shape (n,), optional
        Weights of the rows.

    Returns
    -------
    float
        The value; nan where it needs a class that has no rows.

    Raises
    ------
    ParameterError
        If it is not known which of two classes is the positive one.
    DataError
        If a label is missing or unknown, or y_pred is not what the metric needs.

    Notes
    -----
    O(n log n) time for the labels, plus the metric's own.

    Examples
    --------
    >>> score("f1", ["no", "no", "yes", "yes"], ["no", "yes", "yes", "yes"], pos_label="yes")
    0.8
    >>> score("ap", [-1, 1, -1, 1], [0.1, 0.9, 0.8, 0.7])
    0.8333333333333333
    """
    metric = get_metric(metric)
    if metric.needs == "values":
        if labels is not None or pos_label is not None:
            raise ParameterError(f"score: {metric.name} ({metric.title}) is of values, not labels.")
        return metric.value(metric.check(y_true, y_pred, sample_weight))
    y = _labels("y_true", y_true)
    predicted = _labels("y_pred", y_pred) if metric.needs == "labels" else None
    order, positive = _order(metric, y, predicted, labels, pos_label)
    found: Any = np.asarray(y_pred)
    if predicted is None and found.ndim == 2 and found.shape[1] != len(order):
        raise DataError(
            f"{metric.title}: y_pred has {found.shape[1]} columns and there are {len(order)} "
            f"labels {order}; give labels= in the order of the columns."
        )
    if positive == 0:  # codes have the positive class last
        order = order[::-1]
        found = found[:, ::-1] if found.ndim == 2 else found
    if predicted is not None:
        found = _encode("y_pred", predicted, order)
    return metric.value(
        metric.check(_encode("y_true", y, order), found, sample_weight, max(2, len(order)))
    )


def _labels(what: str, values: Any) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1:
        raise DataError(f"score: {what} has shape {array.shape}; it must hold one label per row.")
    missing = (
        int(sum(v is None or v != v for v in array.tolist())) if array.dtype.kind in "fO" else 0
    )
    if missing:
        raise DataError(f"score: {missing} labels of {what} are missing; leave them out.")
    return array


def _order(
    metric: Metric, y: np.ndarray, predicted: np.ndarray | None, labels: Any, pos_label: Any
) -> tuple[list[Any], int]:
    """Return the labels in column order and the index of the positive one (-1 with many)."""
    if labels is not None:
        order = np.asarray(labels).tolist()
        if len(set(order)) != len(order):
            raise ParameterError(f"score: labels={order} names a label twice.")
    else:
        seen = set(y.tolist()) | (set() if predicted is None else set(predicted.tolist()))
        if pos_label is not None and len(seen) < 2:
            seen.add(pos_label)
        pairs = [pair for pair in _PAIRS if seen <= set(pair)]
        order = list(pairs[0]) if pairs and len(seen) < 2 else sorted(seen)
    if len(order) > 2:
        if pos_label is not None:
            raise ParameterError(
                f"score: pos_label={pos_label!r} is for two classes, and there are {len(order)}: "
                f"{order}. Leave it out for the average, or see per_class."
            )
        return order, -1
    if len(order) == 1 and (labels is not None or pos_label in order):
        order = [None, *order]  # the only label is the positive one; the other has no rows
    if pos_label is not None:
        if pos_label not in order:
            raise ParameterError(f"score: pos_label={pos_label!r} is not among the labels {order}.")
        return order, order.index(pos_label)
    if labels is not None or order in [list(pair) for pair in _PAIRS]:
        return order, len(order) - 1
    counts = ", ".join(f"{label!r} ({int(np.sum(y == label))} rows)" for label in order)
    raise ParameterError(
        f"score: {metric.name} needs to know which class is the positive one of {counts}; "
        f"say so with pos_label={order[-1]!r}, say."
        if order
        else "score: y_true holds no labels, so no class is the positive one; give labels=."
    )


def _encode(what: str, values: np.ndarray, order: list[Any]) -> np.ndarray:
    code = {label: i for i, label in enumerate(order)}
    found, inverse = np.unique(values, return_inverse=True)
    unknown = [label for label in found.tolist() if label not in code]
    if unknown:
        raise DataError(f"score: label {unknown[0]!r} of {what} is not among {order}.")
    return np.array([code[label] for label in found.tolist()], dtype=np.intp)[inverse.ravel()]
