"""Metrics that are the mean of a loss of each row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from . import _checks
from .cells import ratio
from .draws import ROW, bins, masses
from .kinds import Metric
from .rows import Rows, Sums

__all__ = ["LossMetric"]


def mean_of_sums(sums: np.ndarray) -> np.ndarray:
    """Return the mean from the sums (..., 2) of losses and of weights."""
    return ratio(sums[..., 0], sums[..., 1], np.nan)


@dataclass(frozen=True)
class MeanOfRows(Metric):
    """The weighted mean of a loss that each row has; a subclass says which."""

    greater_is_better: bool = False

    _disagreement: ClassVar[float] = 0.0  # a loss has no unit in which to disagree wholly

    def _losses(self, rows: Rows) -> np.ndarray:
        raise NotImplementedError

    def _edges(self, rows: Rows) -> tuple[float, float]:
        """Return the smallest and the largest loss that a row can have."""
        raise NotImplementedError

    def sums(self, rows: Rows) -> list[Sums]:
        """Return the metric as a function of the sums of losses and of weights."""
        features = np.column_stack([self._losses(rows), np.ones(len(rows.y))])
        return [Sums(sparse.csr_array(features), mean_of_sums)]

    def _draws(self, rng: np.random.Generator, rows: Rows, good: bool) -> np.ndarray:
        losses, (best, worst), size = self._losses(rows), self._edges(rows), 2000
        above, below = np.zeros(size), np.zeros(size)
        for c in rows.present():
            own = rows.y == c
            value, total, squares = bins(losses[own], rows.weight[own], rows.squares()[own])
            drawn = masses(rng, total, squares, size)
            edge = best if good else (value[-1] if own.sum() > 1 else worst)  # the largest seen
            extra = rng.standard_gamma(ROW, size) * squares.sum() / total.sum()
            above += drawn @ value + extra * edge
            below += drawn.sum(1) + extra
        return above / below


@dataclass(frozen=True, kw_only=True)
class LossMetric(MeanOfRows):
    """The weighted mean of a loss of each row's probabilities; smaller is better.

    Parameters
    ----------
    name, title, tasks, averaging, score
        See `Metric`.
    loss : callable
        ``loss(y_true, y_proba)`` of codes (n,) and probabilities (n, C): the losses (n,), from 0 to
        that of a sure mistake.

    Examples
    --------
    >>> def error(y_true, y_proba):
    ...     return abs(y_true - y_proba[:, 1])
    >>> LossMetric("error", "absolute error", tasks=("binary",), loss=error)([0, 1], [0.0, 0.5])
    0.25
    """

    loss: Callable[[np.ndarray, np.ndarray], np.ndarray]

    needs: ClassVar[str] = "probabilities"
    purpose: ClassVar[str] = "probability"
    _example: ClassVar = {"y_true": [0, 1], "y_proba": [0.1, 0.6]}

    def __call__(
        self, y_true: Any, y_proba: Any, *, sample_weight: Any = None, n_classes: int | None = None
    ) -> float:
        """Return the mean loss of probabilities (n, C), or (n,) of class 1; nan with no rows.

        Rows that sum to 1 within 0.001 are made to.
        """
        return self.value(self.check(y_true, y_proba, sample_weight, n_classes))

    def _read(self, y_true: Any, y_pred: Any, n_classes: int | None) -> tuple[Any, Any, int]:
        p = _checks.probabilities(self.title, y_pred)
        c = _checks.columns(self.title, "y_proba", p, n_classes)
        return _checks.codes(self.title, "y_true", y_true, c), p, c

    def _losses(self, rows: Rows) -> np.ndarray:
        return self.loss(rows.y, rows.out)

    def _edges(self, rows: Rows) -> tuple[float, float]:
        sure_mistake = self.loss(np.array([0]), np.eye(rows.n_classes)[[1]])
        return 0.0, float(sure_mistake[0])

    def _own(self, rows: Rows, c: int) -> np.ndarray:
        return np.column_stack([1 - rows.out[:, c], rows.out[:, c]])
