"""Metrics of predicted labels: of the cells of one threshold, or of the whole confusion matrix."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from rarebird._errors import DataError

from . import _checks
from . import cells as cm
from .draws import ROW, masses
from .kinds import Metric
from .rows import Rows, Sums, effective

__all__ = ["CellMetric", "ClassSums", "ConfusionMetric"]


@dataclass(frozen=True)
class ClassSums:
    """A formula of sums over the classes, so that one class can change without the others.

    Parameters
    ----------
    terms : callable
        ``terms(hits, predicted, true, n)`` of each class's weights, shape (...), and of the weight
        of all rows: an array of shape (T, ...).
    formula : callable
        ``formula(sums, true)`` of the terms' sums over the classes, (T, ...), and of the weight of
        every class, (..., C); nan where it is undefined.
    """

    terms: Callable[..., np.ndarray]
    formula: Callable[[np.ndarray, np.ndarray], np.ndarray]

    def __call__(self, matrix: np.ndarray) -> np.ndarray:
        """Return the values of confusion matrices of shape (..., C, C)."""
        hits, true = np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(-1)
        sums = self.terms(hits, matrix.sum(-2), true, true.sum(-1, keepdims=True)).sum(-1)
        return self.formula(sums, true)


def mean_of_classes(sums: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Return a sum over classes divided by the number of classes that have rows."""
    return cm.ratio(sums[0], (true > 0).sum(-1), np.nan)


def one_hot(column: np.ndarray, size: int) -> sparse.csr_array:
    """Return an (n, size) array with a one per row."""
    n = len(column)
    return sparse.csr_array((np.ones(n), column, np.arange(n + 1)), shape=(n, size))


def read_labels(
    who: str, y_true: Any, y_pred: Any, n_classes: int | None
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return true and predicted codes and the number of classes."""
    if np.ndim(y_pred) != 1:
        raise DataError(
            f"{who}: needs predicted labels of shape (n,), and y_pred has shape "
            f"{np.shape(y_pred)}; decide first (argmax, or a threshold)."
        )
    y = _checks.codes(who, "y_true", y_true, n_classes)
    p = _checks.codes(who, "y_pred", y_pred, n_classes)
    return y, p, n_classes or int(max(y.max(initial=1), p.max(initial=1))) + 1


@dataclass(frozen=True)
class _LabelMetric(Metric):
    needs: ClassVar[str] = "labels"
    purpose: ClassVar[str] = "decision"
    counted: ClassVar[bool] = True
    _example: ClassVar = {"y_true": [0, 1, 0, 1, 1], "y_pred": [0, 1, 1, 0, 1]}

    def _read(self, y_true: Any, y_pred: Any, n_classes: int | None) -> tuple[Any, Any, int]:
        return read_labels(self.title, y_true, y_pred, n_classes)

    def sums(self, rows: Rows) -> list[Sums]:
        """Return the metric as a function of the confusion matrix."""
        c = rows.n_classes
        features = one_hot(rows.y * c + rows.out, c * c)
        return [Sums(features, lambda sums: self.from_confusion(sums.reshape(-1, c, c)))]

    def _draws(self, rng: np.random.Generator, rows: Rows, good: bool) -> np.ndarray:
        c, w, cell = rows.n_classes, rows.weight, rows.y * rows.n_classes + rows.out
        total, squares = (np.bincount(cell, weight, c * c) for weight in (w, rows.squares()))
        shape = 4000 if c < 10 else 1000, c, c
        drawn = masses(rng, total, squares, shape[0]).reshape(shape)
        unit = cm.ratio(*(sums.reshape(c, c).sum(1) for sums in (squares, total)))[:, None]
        where = np.eye(c) if good else (1 - np.eye(c)) / (c - 1)
        return self.from_confusion(drawn + rng.standard_gamma(ROW * where, shape) * unit)

    def _own(self, rows: Rows, c: int) -> np.ndarray:
        return (rows.out == c).astype(np.intp)


@dataclass(frozen=True, kw_only=True)
class CellMetric(_LabelMetric):
    """A metric of tp, fp, fn and tn; with many classes their mean over the classes that have rows.

    Parameters
    ----------
    name, title, greater_is_better, requires, tasks, averaging, trivially_maximised, best_at_prior
        See `Metric`.
    cells : callable
        ``cells(tp, fp, fn, tn)`` of float arrays of one shape: an array of that shape.
    score : callable, optional
        See `Metric`; called with ``labels=``, ``average="macro"`` and ``zero_division=0`` as well.
    proportion : tuple of two int, optional
        For a proportion: which of (tp, fp, fn, tn) are its hits, and which its misses.

    Examples
    --------
    >>> def jaccard(tp, fp, fn, tn):
    ...     return tp / (tp + fp + fn)
    >>> mine = CellMetric("jaccard", "Jaccard index", cells=jaccard, requires=(1,))
    >>> mine.interval([0, 0, 1, 1], [0, 1, 1, 1]).low < mine([0, 0, 1, 1], [0, 1, 1, 1])
    True
    """

    cells: Callable[..., np.ndarray]
    proportion: tuple[int, int] | None = None

    def _value(self, rows: Rows) -> float:
        if self.score is None:
            return super()._value(rows)
        labels, w = [1] if rows.n_classes == 2 else rows.present(), rows.weight
        macro: dict[str, Any] = {"average": "macro", "zero_division": 0, "sample_weight": w}
        return self.score(rows.y, rows.out, labels=labels, **macro)

    def from_cells(self, tp: Any, fp: Any, fn: Any, tn: Any) -> np.ndarray:
        """Return the values of two classes, one for each set of counts."""
        return self.cells(*(np.asarray(x, float) for x in (tp, fp, fn, tn)))

    def from_confusion(self, matrix: Any) -> np.ndarray:
        """Return the values for confusion matrices of shape (..., C, C), true class in rows."""
        counts = cm.one_against_rest(np.asarray(matrix, float))
        values = self.cells(*counts)
        if values.shape[-1] == 2:
            return values[..., 1]
        return cm.nanmean(np.where(counts[0] + counts[2] > 0, values, np.nan))

    def _trials(self, rows: Rows) -> tuple[float, float] | None:
        if self.proportion is None or rows.n_classes > 2:
            return None
        cell = np.array([3, 1, 2, 0])[2 * rows.y + rows.out]  # tn, fp, fn, tp by codes
        n = effective(rows.weight[np.isin(cell, self.proportion)]) / rows.repeats
        return float(self.cells(*np.bincount(cell, rows.weight, 4))) * n, n

    def class_sums(self) -> ClassSums:
        """Return the mean over classes as a formula of sums over classes."""
        return ClassSums(self._terms, mean_of_classes)

    def _terms(self, hits: Any, predicted: Any, true: Any, n: Any) -> np.ndarray:
        values = self.cells(hits, predicted - hits, true - hits, n - predicted - true + hits)
        return np.nan_to_num(values)[None]


@dataclass(frozen=True, kw_only=True)
class ConfusionMetric(_LabelMetric):
    """A metric of the whole confusion matrix, of two classes or many.

    Parameters
    ----------
    name, title, greater_is_better, tasks, averaging, trivially_maximised, best_at_prior, score
        See `Metric`.
    requires : tuple of int
        Empty, or (0, 1) where the value is nan unless two classes have rows.
    matrix : callable
        Of confusion matrices (..., C, C), true class in rows: an array (...). A `ClassSums` lets
        `DecisionWeights` maximise the metric.

    Examples
    --------
    >>> import numpy as np
    >>> def accuracy(matrix):
    ...     return np.trace(matrix, axis1=-2, axis2=-1) / matrix.sum((-2, -1))
    >>> mine = ConfusionMetric("accuracy", "accuracy", matrix=accuracy)
    >>> mine([0, 1, 2, 2], [0, 1, 1, 2])
    0.75
    """

    matrix: Callable[[np.ndarray], np.ndarray]

    def from_confusion(self, matrix: Any) -> np.ndarray:
        """Return the values for confusion matrices of shape (..., C, C), true class in rows."""
        return self.matrix(np.asarray(matrix, float))

    def class_sums(self) -> ClassSums | None:
        """Return the metric as a formula of sums over classes, or ``None`` if it is not one."""
        return self.matrix if isinstance(self.matrix, ClassSums) else None
