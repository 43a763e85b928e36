"""A metric on a user's own labels, and a metric of every class."""

from typing import Any

import numpy as np

from rarebird._errors import DataError, ParameterError
from rarebird.counts import encode

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
        As for the metric, which must be one of classes; a mean cost is that of the class's rows.

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
    """Return a metric on labels of any kind; nan where it needs a class that has no rows.

    Parameters
    ----------
    metric : str or Metric
        A metric, or its name, as for `get_metric`.
    y_true : array-like of shape (n,)
        The true labels (or values, for a metric of values).
    y_pred : array-like of shape (n,) or (n, C)
        What the metric needs; scores or probabilities (n,) are those of the positive class.
    labels : array-like of shape (C,), optional
        The labels in the order of the columns; by default those found, sorted. Of two given
        labels the second is the positive one, unless ``pos_label`` says otherwise.
    pos_label : label, optional
        The positive one of two classes; needed unless the labels are 0/1, -1/1 or booleans.
    sample_weight : array-like of shape (n,), optional
        Weights of the rows.

    Raises
    ------
    ParameterError, DataError
        If it is not known which of two classes is the positive one, a label is missing or unknown,
        or y_pred is not what the metric needs.

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
    y, of_labels = _labels("y_true", y_true), metric.needs == "labels"
    given = _labels("y_pred", y_pred) if of_labels else np.asarray(y_pred)
    order = _order({*y.tolist(), *(given.tolist() if of_labels else ())}, labels, pos_label)
    if not of_labels and given.ndim == 2 and given.shape[1] != len(order):
        raise DataError(
            f"{metric.title}: y_pred has {given.shape[1]} columns and there are {len(order)} "
            f"labels {order}; give labels= in the order of the columns."
        )
    if len(order) > 2:
        if pos_label is not None:
            raise ParameterError(
                f"score: pos_label={pos_label!r} is for two classes, and there are {len(order)}: "
                f"{order}. Leave it out for the average, or see per_class."
            )
    elif _positive(metric, y, order, labels, pos_label) == 0:  # codes have the positive class last
        order = order[::-1]
        given = given[:, ::-1] if given.ndim == 2 else given
    out = _encode("y_pred", given, order) if of_labels else given
    codes = _encode("y_true", y, order)
    return metric.value(metric.check(codes, out, sample_weight, max(2, len(order))))


def _labels(what: str, values: Any) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1:
        raise DataError(f"score: {what} has shape {array.shape}; it must hold one label per row.")
    missing = sum(v is None or v != v for v in array.tolist()) if array.dtype.kind in "fO" else 0
    if missing:
        raise DataError(f"score: {missing} labels of {what} are missing; leave them out.")
    return array


def _order(seen: set[Any], labels: Any, pos_label: Any) -> list[Any]:
    """Return the labels in column order; a single one is positive, and None has no rows."""
    if labels is not None:
        order = np.asarray(labels).tolist()
        if len(set(order)) != len(order):
            raise ParameterError(f"score: labels={order} names a label twice.")
    else:
        if pos_label is not None and len(seen) < 2:
            seen.add(pos_label)
        pairs = [pair for pair in _PAIRS if seen <= set(pair)]
        order = list(pairs[0]) if pairs and len(seen) < 2 else sorted(seen)
    single = len(order) == 1 and (labels is not None or pos_label in order)
    return [None, *order] if single else order


def _positive(metric: Metric, y: np.ndarray, order: list[Any], labels: Any, pos_label: Any) -> int:
    """Return the index of the positive one of two labels."""
    if pos_label is not None:
        if pos_label not in order:
            raise ParameterError(f"score: pos_label={pos_label!r} is not among the labels {order}.")
        return order.index(pos_label)
    if labels is not None or order in _PAIRS:
        return len(order) - 1
    counts = ", ".join(f"{label!r} ({int(np.sum(y == label))} rows)" for label in order)
    raise ParameterError(
        f"score: {metric.name} needs to know which class is the positive one of {counts}; "
        f"say so with pos_label={order[-1]!r}, say."
    )


def _encode(what: str, values: np.ndarray, order: list[Any]) -> np.ndarray:
    found, inverse = encode(values)
    unknown = [label for label in found.tolist() if label not in order]
    if unknown:
        raise DataError(f"score: label {unknown[0]!r} of {what} is not among {order}.")
    return np.array([order.index(label) for label in found.tolist()], dtype=np.intp)[inverse]
