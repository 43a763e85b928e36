"""Recall and precision among the k highest scores, a family of metrics for every k."""

import numbers
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rarebird._errors import ParameterError
from rarebird.registry import register

from .cells import ratio, threshold_counts
from .draws import ROW, RankedWeights
from .ranking_kind import RankingMetric
from .rows import Rows

__all__ = ["TopKMetric", "precision_at_k", "recall_at_k"]


def _rows_of(k: float, total: float) -> float:
    """Return how many rows (or how much weight) k stands for, at most all of it."""
    if not isinstance(k, bool) and isinstance(k, numbers.Real):
        if 0 < k < 1:
            return float(k * total)
        if k >= 1 and float(k).is_integer():
            return float(min(k, total))
    raise ParameterError(
        f"k={k!r} is not allowed; it must be a whole number >= 1 or a share in (0, 1)."
    )


@dataclass(frozen=True, kw_only=True)
class TopKMetric(RankingMetric):
    """Recall or precision among the k highest scores, as a metric.

    Parameters
    ----------
    name, title, requires, averaging
        See `Metric`; the name is ``family@k``.
    k : int or float
        Rows (>= 1), or a share of the rows (0 < k < 1); with weights, both are in weight.
    of_alerts : bool
        True for precision (a share of the k rows), False for recall (of the positives).

    Examples
    --------
    >>> from rarebird.metrics import get_metric
    >>> get_metric("recall@5/1000").title
    'recall in the top 5/1000'
    """

    k: float = 1
    of_alerts: bool = False

    def __post_init__(self) -> None:
        _rows_of(self.k, 1.0)

    def at(self, text: str) -> "TopKMetric":
        """Return the metric of the same family at another k: ``100``, ``1%``, ``5/1000``."""
        family = self.name.partition("@")[0]
        part, _, whole = text.removesuffix("%").partition("/")
        try:
            share = float(part) / float(whole or 1) / (100 if text.endswith("%") else 1)
            if text.isdigit() or share < 1:
                title, k = f"{family} in the top {text}", int(text) if text.isdigit() else share
                return replace(self, name=f"{family}@{text}", title=title, k=k)
        except (ValueError, ZeroDivisionError):
            pass
        raise ParameterError(
            f"{family}@{text}: {text!r} after @ is not allowed; it must be a number of rows (100), "
            "a percentage (1%) or a share (5/1000), above nothing and below everything."
        )

    def _hits(self, rows: Rows) -> tuple[float, float, float]:
        """Return (expected hits, what they are a share of, the unit of weight).

        Rows tied at the cut enter in equal parts, so the answer does not depend on their order.
        """
        positive, w = rows.y == 1, rows.weight
        room = _rows_of(self.k, w.sum())
        _, tp, fp = threshold_counts(positive, rows.out[:, 0], w)
        hits = np.interp(room, np.append(0.0, tp + fp), np.append(0.0, tp))
        counted = w > 0 if self.of_alerts else positive
        of = w[counted].sum()
        return float(hits), room if self.of_alerts else of, rows.squares()[counted].sum() / of

    def _score(self, rows: Rows) -> float:
        hits, of, _ = self._hits(rows)
        return hits / of

    def _trials(self, rows: Rows) -> tuple[float, float] | None:
        return self._effective(rows) if rows.n_classes == 2 else None

    def _effective(self, rows: Rows) -> tuple[float, float]:
        hits, of, unit = self._hits(rows)
        return hits / unit, of / unit

    def _draw(
        self, rng: np.random.Generator, rows: Rows, size: int, *, good: bool = False, **how: Any
    ) -> np.ndarray:
        hits, trials = self._effective(rows)
        hit = rng.standard_gamma(max(hits, 0.0), size)
        miss = rng.standard_gamma(max(trials - hits, 0.0), size)
        extra = rng.standard_gamma(ROW, size)
        return (hit + (extra if good else 0.0)) / (hit + miss + extra)

    def _weighted(self) -> Callable[[RankedWeights], np.ndarray]:
        return self._of_weights

    def _of_weights(self, w: RankedWeights) -> np.ndarray:
        pairs = np.stack([w.between, w.pos + w.tied], -1).reshape(len(w.pos), -1)
        zero = np.zeros((len(pairs), 1))
        alerts = np.cumsum(np.concatenate([zero, pairs, w.below[:, None]], 1), 1)
        tp = np.concatenate([zero, zero, np.repeat(np.cumsum(w.pos, 1), 2, axis=1)], 1)
        total = alerts[:, -1:]
        room = np.minimum(self.k * total if self.k < 1 else self.k, total)
        cut = np.clip((alerts < room).sum(1, keepdims=True), 1, alerts.shape[1] - 1)
        (seen, hits), (next_seen, next_hits) = (
            [np.take_along_axis(x, at, 1) for x in (alerts, tp)] for at in (cut - 1, cut)
        )
        hits = hits + (next_hits - hits) * ratio(room - seen, next_seen - seen)
        of = room if self.of_alerts else w.pos.sum(1, keepdims=True)
        return ratio(hits, of, np.nan)[:, 0]


def recall_at_k(y_true: Any, y_score: Any, k: float, *, sample_weight: Any = None) -> float:
    """Return the share of the positives among the k highest scores; nan with no positives.

    Rows tied at the cut count by the mean over their orders (McSherry and Najork, 2008).

    Parameters
    ----------
    y_true : array-like of shape (n,)
        0 or 1 (or booleans).
    y_score : array-like of shape (n,)
        Larger means more likely positive.
    k : int or float
        Rows (>= 1), or a share of the rows (0 < k < 1); with weights, both are in weight.
    sample_weight : array-like of shape (n,), optional
        Weights of the rows.

    Raises
    ------
    ParameterError
        If k is neither.

    Notes
    -----
    O(n log n) time.

    Examples
    --------
    >>> recall_at_k([0, 1, 0, 1], [0.1, 0.9, 0.8, 0.8], 2)
    0.75
    """
    metric = TopKMetric("recall@k", "recall_at_k", k=k, requires=(1,))
    return metric(y_true, y_score, sample_weight=sample_weight)


def precision_at_k(y_true: Any, y_score: Any, k: float, *, sample_weight: Any = None) -> float:
    """Return the share of positives among the k highest scores; nan with no rows.

    Parameters
    ----------
    y_true, y_score, k, sample_weight
        As in `recall_at_k`; k beyond all rows stands for all rows.

    Examples
    --------
    >>> precision_at_k([0, 1, 0, 1], [0.1, 0.9, 0.8, 0.8], 2)
    0.75
    """
    metric = TopKMetric("precision@k", "precision_at_k", k=k, of_alerts=True)
    return metric(y_true, y_score, sample_weight=sample_weight)


recall_at_1_percent = TopKMetric("recall@1%", "recall in the top 1%", requires=(1,), k=0.01)
precision_at_1_percent = TopKMetric(
    "precision@1%", "precision in the top 1%", k=0.01, of_alerts=True
)
for _metric, _share, _family in (
    (recall_at_1_percent, "the positives", "recall"),
    (precision_at_1_percent, "positives", "precision"),
):
    _text = (
        f"Share of {_share} in the top 1% by score, its mean over tied orders; other k by name: "
        f"{_family}@100, {_family}@5/1000."
    )
    register(**_metric.card_fields(_text, "slow reference: all orders of the ties"))(_metric)
