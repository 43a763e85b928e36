"""Metrics of predicted values: regression."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from . import _checks
from .draws import ROW
from .groups import independent
from .kinds import Metric
from .rows import Rows, Sums, random_weights

__all__ = ["ValueMetric"]

LARGER = 1.5  # times the largest error seen: the error of the imaginary row


@dataclass(frozen=True, kw_only=True)
class ValueMetric(Metric):
    """A metric of predicted values that is a formula of weighted sums over the rows.

    Parameters
    ----------
    name, title, greater_is_better, score
        See `Metric`.
    features : callable
        ``features(y_true, y_pred)``: what is summed over the rows, shape (n, F).
    of_sums : callable
        The value from the weighted sums of the features, (..., F); nan where it is undefined.

    Notes
    -----
    Errors have no bound. In an interval the imaginary row stands at the mean of the target with
    1.5 times the largest error (bad end), or at the target farthest from its mean with none (good
    end). Simulated with normal errors, intervals at 95% cover at least that from 15 rows on; those
    of squared errors less (0.88 to 0.94) where errors have heavy tails (Student's t, 3 degrees).

    Examples
    --------
    >>> from rarebird.metrics import mean_absolute_error
    >>> mean_absolute_error([1.0, 2.0], [1.0, 3.0])
    0.5
    """

    features: Callable[[np.ndarray, np.ndarray], np.ndarray]
    of_sums: Callable[[np.ndarray], np.ndarray]
    tasks: tuple[str, ...] = ("regression",)
    averaging: str = ""

    needs: ClassVar[str] = "values"
    purpose: ClassVar[str] = "regression"
    _disagreement: ClassVar[float] = 0.0
    _example: ClassVar = {"y_true": [1.0, 2.0, 4.0], "y_pred": [1.5, 2.0, 3.0]}

    def _read(self, y_true: Any, y_pred: Any, n_classes: int | None) -> tuple[Any, Any, int]:
        if n_classes is not None:
            self.require("n_classes", task="multiclass" if n_classes > 2 else "binary")
        y = _checks.numbers(self.title, "y_true", y_true)
        p = _checks.numbers(self.title, "y_pred", y_pred)
        return y, p, 0

    def _defined(self, rows: Rows) -> bool:
        return not np.isnan(self.of_sums(rows.weight @ self.features(rows.y, rows.out)))

    def sums(self, rows: Rows) -> list[Sums]:
        """Return the metric as a function of the sums of its features."""
        return [Sums(sparse.csr_array(self.features(rows.y, rows.out)), self.of_sums)]

    def _draws(self, rng: np.random.Generator, rows: Rows, good: bool) -> np.ndarray:
        y, error = rows.y, rows.out - rows.y
        middle = np.average(y, weights=rows.weight)
        if good:
            at, extra = y[np.abs(y - middle).argmax()], 0.0
        else:
            at, extra = middle, LARGER * error[np.abs(error).argmax()]
        features = self.features(np.append(y, at), np.append(rows.out, at + extra))
        features, edge = features[:-1], features[-1]
        order = np.lexsort([*features.T, rows.weight])
        features, w = features[order], rows.weight[order]
        sums = np.concatenate([drawn @ features for drawn in random_weights(rng, w, rows.repeats)])
        unit = rows.squares().sum() / w.sum()
        return self.of_sums(sums + rng.standard_gamma(ROW, len(sums))[:, None] * unit * edge)

    def _scarcest(self, rows: Rows, owner: np.ndarray | None = None) -> tuple[str, float]:
        return "the table", independent(rows.weight, owner)
