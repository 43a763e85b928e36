"""Metrics of a ranking: of scores whose order alone counts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from rarebird._errors import DataError

from . import _checks
from .draws import RankedWeights, by_group, ranking_draw, ranking_groups, slow_draws
from .kinds import Metric
from .label_kinds import one_hot
from .rows import Rows, Sums

__all__ = ["RankingMetric"]


@dataclass(frozen=True)
class RankingMetric(Metric):
    """A metric of scores of two classes; with many, the mean over the classes that have rows.

    Parameters
    ----------
    name, title, greater_is_better, requires, tasks, averaging
        See `Metric`.
    score : callable
        ``score(y_true, y_score, sample_weight=)`` for two classes, as in scikit-learn.
    weighted : callable, optional
        The same as a function of `RankedWeights`, for many sets of weights of the rows at once;
        without it ``score`` is called for each set.

    Examples
    --------
    >>> from sklearn.metrics import ndcg_score
    >>> def ndcg(y_true, y_score, sample_weight=None):
    ...     return ndcg_score([y_true], [y_score])
    >>> mine = RankingMetric("ndcg", "NDCG", score=ndcg, requires=(1,))
    >>> mine([0, 1, 0, 1], [0.1, 0.9, 0.3, 0.7])
    1.0
    """

    score: Callable[..., float] | None = None
    weighted: Callable[[RankedWeights], np.ndarray] | None = None

    needs: ClassVar[str] = "scores"
    purpose: ClassVar[str] = "ranking"
    _example: ClassVar = {"y_true": [0, 1, 0, 1], "y_score": [0.1, 0.9, 0.8, 0.7]}

    def __call__(
        self, y_true: Any, y_score: Any, *, sample_weight: Any = None, n_classes: int | None = None
    ) -> float:
        """Return the value of scores; nan where a class it needs has no rows.

        Parameters
        ----------
        y_true, sample_weight, n_classes
            As for every metric; by default C is the number of columns.
        y_score : array-like of shape (n,) or (n, C)
            Larger means more likely: of class 1 of two, or a column for each class.
        """
        return self.value(self.check(y_true, y_score, sample_weight, n_classes))

    def _read(self, y_true: Any, y_pred: Any, n_classes: int | None) -> tuple[Any, Any, int]:
        y = _checks.codes(self.title, "y_true", y_true)
        s = _checks.scores(self.title, y_pred, len(y))
        s = s[:, None] if s.ndim == 1 else s
        columns = max(2, s.shape[1])
        if n_classes is not None and columns != n_classes:
            raise DataError(
                f"{self.title}: y_score has shape {np.shape(y_pred)} for {n_classes} classes; give "
                "a column for each class (for two, (n,) are the scores of class 1)."
            )
        y = _checks.codes(self.title, "y_true", y, columns)
        return y, s[:, 1:] if s.shape[1] == 2 else s, columns

    def against_rest(self, rows: Rows, c: int) -> Rows:
        """Return the rows as two classes: class ``c`` and the rest."""
        binary = rows.n_classes == 2
        own = rows.out[:, :1] * (1 if c else -1) if binary else rows.out[:, c : c + 1]
        return Rows((rows.y == c).astype(np.intp), own, rows.weight, 2)

    def _classes(self, rows: Rows) -> list[Rows]:
        """Return the rows as two classes, for class 1 of two or for every class that has rows."""
        if rows.n_classes == 2:
            return [rows]
        return [self.against_rest(rows, c) for c in rows.present()]

    def _of_two(self, rows: Rows) -> float:
        if not set(self.requires) <= set(rows.present()):
            return float("nan")
        return self._score(rows)

    def _score(self, rows: Rows) -> float:
        s = rows.out[:, 0]
        if s.dtype == np.longdouble or not np.isfinite(s).all():  # the order is all that counts
            s = np.unique(s, return_inverse=True)[1].reshape(len(s))
        assert self.score is not None
        return float(self.score(rows.y, s, sample_weight=rows.weight))

    def _value(self, rows: Rows) -> float:
        values = np.array([self._of_two(one) for one in self._classes(rows)])
        known = values[~np.isnan(values)]
        return float(known.mean()) if known.size else float("nan")

    def sums(self, rows: Rows) -> list[Sums]:
        """Return the metric as functions of sums over rows, one for each class that is averaged."""
        return [self._sums(one) for one in self._classes(rows)]

    def _sums(self, rows: Rows) -> Sums:
        weighted = self._weighted()
        if weighted is None:
            return Sums(sparse.eye_array(len(rows.y), format="csr"), lambda w: self._each(rows, w))
        group, m = ranking_groups(rows)
        features = one_hot(group, 3 * m + 1)
        return Sums(features, lambda sums: weighted(RankedWeights(*by_group(sums, m))))

    def _weighted(self) -> Callable[[RankedWeights], np.ndarray] | None:
        return self.weighted

    def _each(self, rows: Rows, weights: np.ndarray) -> np.ndarray:
        """Return the value for each row of weights, one call each."""
        return np.array([self.value(replace(rows, weight=w)) for w in weights])

    def _draws(self, rng: np.random.Generator, rows: Rows, good: bool) -> np.ndarray:
        classes = self._classes(rows)
        size = 2000 if len(classes) < 4 else 1000
        known = [one for one in classes if not np.isnan(self._of_two(one))]
        return np.mean([self._draw(rng, one, size, good) for one in known], axis=0)

    def _draw(self, rng: np.random.Generator, rows: Rows, size: int, good: bool) -> np.ndarray:
        if self.weighted is None:
            return slow_draws(rng, self._of_two, rows, good=good)
        return self.weighted(ranking_draw(rng, rows, size, good=good))
