"""``score``: any metric on a user's own labels."""

from typing import Any

import numpy as np

from rarebird._errors import DataError, ParameterError

from .table import Metric, get_metric

__all__ = ["score"]

_PAIRS = ([0, 1], [-1, 1], [False, True])  # the last of each is the positive class by custom


def score(
    metric: str | Metric,
    y_true: Any,
    output: Any,
    *,
    labels: Any = None,
    pos_label: Any = None,
    sample_weight: Any = None,
) -> float:
    """Return a metric on labels of any kind: text, negative numbers, numbers with gaps.

    Parameters
    ----------
    metric : str or Metric
        A name of `metric_names`, such as ``"ap"`` or ``"recall@1%"``.
    y_true : array-like of shape (n,)
        The true labels.
    output : array-like of shape (n,) or (n, C)
        Predicted labels, or scores or probabilities; (n,) is the score of the positive class.
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
        If a label is missing or unknown, or the output is not what the metric needs.

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
    metric = metric if isinstance(metric, Metric) else get_metric(metric)
    y = _labels("y_true", y_true)
    predicted = _labels("output", output) if metric.needs == "labels" else None
    order, positive = _order(metric, y, predicted, labels, pos_label)
    codes = _encode("y_true", y, order)
    if predicted is not None:
        found: Any = _encode("output", predicted, order)
    else:
        found = np.asarray(output)
        if found.ndim == 2 and found.shape[1] != len(order):
            raise DataError(
                f"{metric.title}: the output has {found.shape[1]} columns and there are "
                f"{len(order)} labels {order}; give labels= in the order of the columns."
            )
    if positive == 0 and len(order) == 2:  # the internal convention: class 1 is the positive one
        codes = 1 - codes
        if predicted is not None:
            found = 1 - found
        elif found.ndim == 2:
            found = found[:, ::-1]
    return metric(codes, found, sample_weight=sample_weight, n_classes=len(order))


def _labels(what: str, values: Any) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1:
        raise DataError(f"score: {what} has shape {array.shape}; it must hold one label a row.")
    kind = array.dtype.kind
    missing = np.zeros(len(array), bool)
    if kind == "f":
        missing = np.isnan(array)
    elif kind == "O":
        missing = np.array([v is None or v != v for v in array], bool)
    if missing.any():
        raise DataError(
            f"score: {int(missing.sum())} labels of {what} are missing; leave them out."
        )
    return array


def _order(
    metric: Metric, y: np.ndarray, predicted: np.ndarray | None, labels: Any, pos_label: Any
) -> tuple[list[Any], int]:
    """Return the labels in column order and the place of the positive one (-1 with many)."""
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
    place = {label: i for i, label in enumerate(order)}
    found, inverse = np.unique(values, return_inverse=True)
    unknown = [label for label in found.tolist() if label not in place]
    if unknown:
        raise DataError(f"score: label {unknown[0]!r} of {what} is not among {order}.")
    codes = np.array([place[label] for label in found.tolist()], dtype=np.intp)
    return codes[inverse.ravel()] if len(values) else np.empty(0, np.intp)
