"""Metrics that are the mean of a loss of each row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from rarebird._errors import DataError

from . import _checks, draws
from .cells import ratio
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

    def _value(self, rows: Rows) -> float:
        return float(np.average(self._losses(rows), weights=rows.weight))

    def sums(self, rows: Rows) -> list[Sums]:
        """Return the metric as a function of the sums of losses and of weights."""
        features = np.column_stack([self._losses(rows), np.ones(len(rows.y))])
        return [Sums(sparse.csr_array(features), mean_of_sums)]

    def _draws(self, rng: np.random.Generator, rows: Rows, good: bool) -> np.ndarray:
        best, worst = self._edges(rows)
        return draws.loss_draws(rng, rows, self._losses(rows), best=best, worst=worst, good=good)


@dataclass(frozen=True, kw_only=True)
class LossMetric(MeanOfRows):
    """The weighted mean of a loss of each row's probabilities; smaller is better.

    Parameters
    ----------
    name, title, tasks, averaging
        See `Metric`.
    loss : callable
        ``loss(y_true, y_proba)`` of codes (n,) and probabilities (n, C): the losses, shape (n,), at
        least 0.
    worst : callable
        ``worst(n_classes)``: the largest loss that a row can have.
    score : callable, optional
        Scikit-learn's function of the same value, ``score(y_true, y_proba, sample_weight=)``;
        without it the value is the mean of ``loss``.

    Examples
    --------
    >>> import numpy as np
    >>> def absolute(y_true, y_proba):
    ...     return 1 - y_proba[np.arange(len(y_true)), y_true]
    >>> mine = LossMetric("absolute", "absolute error", loss=absolute, worst=lambda c: 1.0)
    >>> round(mine([0, 1], [0.1, 0.6]), 3)
    0.25
    """

    loss: Callable[[np.ndarray, np.ndarray], np.ndarray]
    worst: Callable[[int], float]
    score: Callable[..., float] | None = None

    needs: ClassVar[str] = "probabilities"
    purpose: ClassVar[str] = "probability"
    _example: ClassVar = {"y_true": [0, 1], "y_proba": [0.1, 0.6]}

    def __call__(
        self, y_true: Any, y_proba: Any, *, sample_weight: Any = None, n_classes: int | None = None
    ) -> float:
        """Return the mean loss of probabilities; nan with no rows.

        Parameters
        ----------
        y_true, sample_weight, n_classes
            As for every metric; by default C is the number of columns.
        y_proba : array-like of shape (n,) or (n, C)
            Of class 1 of two, or of every class; rows that sum to 1 within 0.001 are made to.
        """
        return self.value(self.check(y_true, y_proba, sample_weight, n_classes))

    def _read(self, y_true: Any, y_pred: Any, n_classes: int | None) -> tuple[Any, Any, int]:
        y = _checks.codes(self.title, "y_true", y_true)
        p = _checks.probabilities(self.title, y_pred, len(y))
        if n_classes not in (None, p.shape[1]):
            raise DataError(
                f"{self.title}: y_proba has {p.shape[1]} columns for {n_classes} classes."
            )
        return _checks.codes(self.title, "y_true", y, p.shape[1]), p, p.shape[1]

    def _losses(self, rows: Rows) -> np.ndarray:
        return self.loss(rows.y, rows.out)

    def _edges(self, rows: Rows) -> tuple[float, float]:
        return 0.0, self.worst(rows.n_classes)

    def _value(self, rows: Rows) -> float:
        if self.score is None:
            return super()._value(rows)
        return self.score(rows.y, rows.out, sample_weight=rows.weight)

    def against_rest(self, rows: Rows, c: int) -> Rows:
        """Return the rows as two classes: class ``c`` and the rest."""
        p = np.column_stack([1 - rows.out[:, c], rows.out[:, c]])
        return Rows((rows.y == c).astype(np.intp), p, rows.weight, 2)
