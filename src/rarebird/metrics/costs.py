"""The mean cost of a row, from one cost matrix or from each row's own costs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np

from rarebird._errors import DataError, ParameterError, suggest

from .cells import ratio
from .kinds import Metric
from .label_kinds import ConfusionMetric, read_labels
from .loss_kind import MeanOfRows
from .rows import Rows

__all__ = ["cost_array", "cost_metric"]

CELLS = ("tn", "fn", "fp", "tp")  # of the matrix by rows


def cost_array(costs: Any) -> np.ndarray:
    """Return costs as cost[predicted, true], one matrix or one for each row.

    Parameters
    ----------
    costs : mapping, or array-like of shape (C, C) or (n, C, C)
        ``{"fp": 1, "fn": 50}`` for two classes, with ``"tp"`` and ``"tn"`` where they are not 0; a
        value is a number, or an array (n,) with one for each row.

    Raises
    ------
    ParameterError
        If a cost is missing, unknown or not finite, or the shape is not one of these.

    Examples
    --------
    >>> cost_array({"fp": 1, "fn": [50, 20]}).tolist()
    [[[0.0, 50.0], [1.0, 0.0]], [[0.0, 20.0], [1.0, 0.0]]]
    """
    if isinstance(costs, Mapping):
        for key in {**costs, "fp": 0, "fn": 0}:
            if key not in CELLS or key not in costs:
                what = "missing" if key in CELLS else f"unknown.{suggest(key, CELLS)}"
                raise ParameterError(
                    f"costs: give fp and fn, and tp or tn where they are not 0; {key!r} is {what}"
                )
        values = np.broadcast_arrays(*(np.asarray(costs.get(key, 0), float) for key in CELLS))
        array = np.stack(values, -1).reshape(*values[0].shape, 2, 2)
    else:
        array = np.asarray(costs, dtype=float)
    square = array.ndim in (2, 3) and array.shape[-1] == array.shape[-2] > 1
    if not square or not np.isfinite(array).all():
        raise ParameterError(
            f"costs has shape {array.shape}; give finite numbers in a square matrix (C, C) or one "
            "for each row (n, C, C), cost[predicted, true]."
        )
    return array


def _mean_cost(matrix: np.ndarray, *, by_true: np.ndarray) -> np.ndarray:
    if matrix.shape[-2:] != by_true.shape:
        raise DataError(f"mean cost: {by_true.shape} costs for {matrix.shape[-1]} classes.")
    return ratio((matrix * by_true).sum((-2, -1)), matrix.sum((-2, -1)), np.nan)


class _OwnRows(Metric):
    """A mean cost, which of a class is that of the class's own rows."""

    def against_rest(self, rows: Rows, c: int) -> Rows:
        """Return the rows of class ``c``."""
        return rows.take(rows.y == c)


class _MatrixCost(_OwnRows, ConfusionMetric):
    """The mean of costs that all rows share."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _RowCost(_OwnRows, MeanOfRows):
    """The mean of each row's own cost; ``take`` goes with a subset of the rows."""

    costs: np.ndarray

    needs: ClassVar[str] = "labels"
    purpose: ClassVar[str] = "decision"

    def _read(self, y_true: Any, y_pred: Any, n_classes: int | None) -> tuple[Any, Any, int]:
        n, c = self.costs.shape[:2]
        y, p, classes = read_labels(self.title, y_true, y_pred, n_classes or c)
        if (len(y), len(p), classes) != (n, n, c):
            raise DataError(
                f"mean cost: costs of {n} rows and {c} classes, for {len(y)} rows ({len(p)} "
                f"predicted) and {classes} classes; metric.take(index) keeps those of some rows."
            )
        return y, self.costs[np.arange(n), p, y], c

    def take(self, index: Any) -> "_RowCost":
        """Return the metric for some of the rows."""
        return replace(self, costs=self.costs[index])

    def _losses(self, rows: Rows) -> np.ndarray:
        return rows.out

    def _edges(self, rows: Rows) -> tuple[float, float]:
        return float(self.costs.min()), float(self.costs.max())


def cost_metric(costs: Any) -> Metric:
    """Return the metric of labels "mean cost of a row"; smaller is better.

    Parameters
    ----------
    costs : mapping, or array-like of shape (C, C) or (n, C, C)
        What it costs, in the user's unit, to predict class i where j is true: as in `cost_array`.
        With costs for each row, the metric belongs to those n rows in their order;
        ``metric.take(index)`` is the metric of some of them, such as those of a fold.

    Examples
    --------
    >>> cost_metric({"fp": 1, "fn": 20})([0, 1, 0, 1], [0, 1, 1, 0])
    5.25
    >>> rows = cost_metric({"fp": 1, "fn": [0, 10, 0, 30]})
    >>> rows([0, 1, 0, 1], [0, 1, 1, 0]), rows.take([2, 3])([0, 1], [1, 0])
    (7.75, 15.5)
    """
    array = cost_array(costs)
    named: dict[str, Any] = {"averaging": "the mean over all rows", "greater_is_better": False}
    if array.ndim == 3:
        return _RowCost("mean-cost", "mean cost", costs=array, **named)
    mean = partial(_mean_cost, by_true=array.T)
    return _MatrixCost("mean-cost", "mean cost", matrix=mean, **named)
