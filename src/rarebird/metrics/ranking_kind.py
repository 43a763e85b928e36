"""Metrics of a ranking: of scores whose order alone counts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from scipy import sparse, special, stats

from . import _checks
from .cells import ratio
from .draws import RANKED_ROW, ROW, RankedWeights, by_group, ranking_draw, ranking_groups
from .kinds import Metric
from .label_kinds import one_hot
from .rows import LARGEST, Rows, Sums

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
    logit : bool
        Whether intervals are made on the logit scale: for a value in [0, 1] that a few positives
        decide, as average precision. It needs ``weighted``.

    Examples
    --------
    >>> from sklearn.metrics import roc_auc_score
    >>> mine = RankingMetric("own-auc", "my AUC", score=roc_auc_score, requires=(0, 1))
    >>> mine([0, 1, 0, 1], [0.1, 0.9, 0.3, 0.7])
    1.0
    """

    weighted: Callable[[RankedWeights], np.ndarray] | None = None
    logit: bool = False

    needs: ClassVar[str] = "scores"
    purpose: ClassVar[str] = "ranking"
    _example: ClassVar = {"y_true": [0, 1, 0, 1], "y_score": [0.1, 0.9, 0.8, 0.7]}

    def __call__(
        self, y_true: Any, y_score: Any, *, sample_weight: Any = None, n_classes: int | None = None
    ) -> float:
        """Return the value of scores (n, C), or (n,) of class 1 of two; larger is more likely."""
        return self.value(self.check(y_true, y_score, sample_weight, n_classes))

    def _read(self, y_true: Any, y_pred: Any, n_classes: int | None) -> tuple[Any, Any, int]:
        s = _checks.scores(self.title, y_pred)
        c = _checks.columns(self.title, "y_score", s, n_classes)
        y = _checks.codes(self.title, "y_true", y_true, c)
        return y, s[:, 1:] if s.shape[1] == 2 else s, c

    def _own(self, rows: Rows, c: int) -> np.ndarray:
        if rows.n_classes == 2:
            return rows.out if c else -rows.out
        return rows.out[:, c : c + 1]

    def _classes(self, rows: Rows) -> list[Rows]:
        """Return the rows as two classes, for class 1 of two or for every class that has rows."""
        if rows.n_classes == 2:
            return [rows]
        return [self.against_rest(rows, c) for c in rows.present()]

    def _score(self, rows: Rows) -> float:
        s = rows.out[:, 0]
        if s.dtype == np.longdouble or not np.isfinite(s).all():  # the order is all that counts
            s = np.unique(s, return_inverse=True)[1].reshape(len(s))
        assert self.score is not None
        return float(self.score(rows.y, s, sample_weight=rows.weight))

    def _value(self, rows: Rows) -> float:
        known = [self._score(one) for one in self._classes(rows) if self._defined(one)]
        return float(np.mean(known)) if known else float("nan")

    def sums(self, rows: Rows) -> list[Sums]:
        """Return the metric as functions of sums over rows, one for each class that is averaged."""
        return [self._sums(one) for one in self._classes(rows)]

    def _sums(self, rows: Rows) -> Sums:
        weighted = self._weighted()
        if weighted is None:
            return Sums(
                sparse.eye_array(len(rows.y), format="csr"),
                lambda weights: np.array([self.value(replace(rows, weight=w)) for w in weights]),
            )
        group, m = ranking_groups(rows)
        features = one_hot(group, 3 * m + 1)
        return Sums(features, lambda sums: weighted(RankedWeights(*by_group(sums, m))))

    def _weighted(self) -> Callable[[RankedWeights], np.ndarray] | None:
        return self.weighted

    def _ends(self, rng: np.random.Generator, rows: Rows, level: float) -> tuple[float, float, str]:
        if not self.logit:
            return super()._ends(rng, rows, level)
        fewest = min(one.effective(1) for one in self._classes(rows) if self._defined(one))
        # the imaginary positive at the bad end is one row more: as many degrees as positives
        t = stats.t.ppf((1 + level) / 2, max(fewest, 1.0))
        bad, plain = (
            special.logit(np.clip(self._mean(rng, rows, **how), 1e-9, 1 - 1e-9))
            for how in ({"imaginary": (ROW, 0.0)}, {"imaginary": (0.0, 0.0), "unseen": 0.0})
        )
        # of a few perfect positives the scale has no end: the draws themselves bound it
        low = max(bad.mean() - t * bad.std(), np.quantile(bad, (1 - level) / 8))
        high = plain.mean() + t * plain.std()
        method = "Bayesian bootstrap on the logit scale"
        return float(special.expit(low)), float(special.expit(high)), method

    def _draws(self, rng: np.random.Generator, rows: Rows, good: bool) -> np.ndarray:
        return self._mean(rng, rows, good=good)

    def _mean(self, rng: np.random.Generator, rows: Rows, **how: Any) -> np.ndarray:
        """Return draws of the mean over the classes, the imaginary rows being as given."""
        classes = self._classes(rows)
        size = 2000 if len(classes) < 4 else 1000
        known = [self._draw(rng, one, size, **how) for one in classes if self._defined(one)]
        return np.mean(known, axis=0)

    def _draw(
        self, rng: np.random.Generator, rows: Rows, size: int, *, good: bool = False, **how: Any
    ) -> np.ndarray:
        if self.weighted is not None:
            return self.weighted(ranking_draw(rng, rows, size, good=good, **how))
        rows = rows.take(np.lexsort((rows.weight, rows.y, rows.out[:, 0])))
        ends = [rows.out.max(), rows.out.min()][:: 1 if good else -1]
        s, y = np.append(rows.out, ends)[:, None], np.append(rows.y, [1, 0])
        unit = [ratio(rows.weight[rows.y == c].sum(), (rows.y == c).sum(), 1.0) for c in (1, 0)]
        found = []
        for _ in range(int(np.clip(LARGEST // len(rows.y), 200, 1000))):  # a call for each
            drawn = rng.standard_gamma(1 / rows.repeats, len(rows.y)) * rows.weight
            extra = rng.standard_gamma(RANKED_ROW, 2) * unit
            found.append(self._score(Rows(y, s, np.append(drawn, extra), 2)))
        return np.array(found, float)
