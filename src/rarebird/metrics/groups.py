"""Every metric as a function of sums of weights: count once, then re-weigh the rows at will.

A bootstrap that re-weighs rows needs only the sums over a few groups of rows: cells of the
confusion matrix, places in a ranking, or classes and their losses.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse

from rarebird._errors import ParameterError

from . import _checks
from . import cells as cm
from . import functions as fn
from .table import Metric, _columns


@dataclass(frozen=True)
class Ranking:
    """Places of rows in a ranking: m distinct scores of positives, highest first.

    Groups 0..m-1 are the negatives strictly between one positive score and the next higher one,
    m..2m-1 those tied with a positive score, 2m the negatives below all, then the m positives.
    """

    place: np.ndarray
    m: int

    @property
    def size(self) -> int:
        """Number of groups, 3m + 1."""
        return 3 * self.m + 1

    def split(self, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return (positives, between, tied, below) from sums of shape (..., 3m + 1)."""
        m = self.m
        return (
            sums[..., 2 * m + 1 :],
            sums[..., :m],
            sums[..., m : 2 * m],
            sums[..., 2 * m],
        )


def ranking(positive: np.ndarray, score: np.ndarray) -> Ranking:
    """Return the place of every row; O(n log n)."""
    distinct, inverse = np.unique(-score[positive], return_inverse=True)
    m = len(distinct)
    place = np.empty(len(score), dtype=np.intp)
    place[positive] = 2 * m + 1 + inverse.ravel()
    below = -score[~positive]
    gap = np.searchsorted(distinct, below, side="left")
    inside = gap < m
    tied = np.zeros(len(below), bool)
    tied[inside] = distinct[gap[inside]] == below[inside]
    place[~positive] = np.where(inside, gap + m * tied, 2 * m)
    return Ranking(place, m)


def ap_of_sums(pos: Any, between: Any, tied: Any, below: Any) -> np.ndarray:
    """Average precision from group sums of shape (..., m)."""
    tp, fp = np.cumsum(pos, -1), np.cumsum(between + tied, -1)
    return cm.ratio((pos * cm.ratio(tp, tp + fp)).sum(-1), tp[..., -1], np.nan)


def auc_of_sums(pos: Any, between: Any, tied: Any, below: Any) -> np.ndarray:
    """ROC AUC from group sums of shape (..., m)."""
    fp = np.cumsum(between + tied, -1)
    negatives = fp[..., -1] + below
    won = (pos * (negatives[..., None] - fp + tied / 2)).sum(-1)
    return cm.ratio(won, pos.sum(-1) * negatives, np.nan)


def at_k_of_sums(
    pos: Any, between: Any, tied: Any, below: Any, *, k: float, of_alerts: bool
) -> np.ndarray:
    """Recall (or precision, ``of_alerts``) at k from group sums of shape (..., m)."""
    pairs = np.stack([between, pos + tied], -1).reshape(*pos.shape[:-1], -1)
    alerts = np.cumsum(np.concatenate([pairs, np.asarray(below)[..., None]], -1), -1)
    total, positives = alerts[..., -1], pos.sum(-1)
    room = np.minimum(k * total if k < 1 else k, total)
    tp = np.repeat(np.cumsum(pos, -1), 2, axis=-1)
    tp = np.concatenate([np.zeros_like(tp[..., :1]), tp], -1)  # tp after each place of `alerts`
    cut = np.minimum((alerts < room[..., None]).sum(-1), alerts.shape[-1] - 1)
    pick = partial(_pick, cut=cut)
    high = pick(alerts)
    low = np.where(cut > 0, _pick(alerts, np.maximum(cut - 1, 0)), 0.0)
    before = np.where(cut > 0, _pick(tp, np.maximum(cut - 1, 0)), 0.0)
    hits = before + (pick(tp) - before) * cm.ratio(room - low, high - low)
    return cm.ratio(hits, room) if of_alerts else cm.ratio(hits, positives, np.nan)


def _pick(values: np.ndarray, cut: np.ndarray) -> np.ndarray:
    return np.take_along_axis(values, cut[..., None], -1)[..., 0]


def of_ranking(metric: Metric) -> Callable[..., np.ndarray] | None:
    """Return the function of group sums that is this metric, or ``None`` for one of the user's."""
    call = metric.fn
    if call is fn.average_precision:
        return ap_of_sums
    if call is fn.roc_auc:
        return auc_of_sums
    if isinstance(call, partial) and call.func in (fn.recall_at_k, fn.precision_at_k):
        k = call.keywords["k"]
        return partial(at_k_of_sums, k=k, of_alerts=call.func is fn.precision_at_k)
    return None


def row_losses(metric: Metric, y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return the loss of each row, whose mean is the metric.

    Raises
    ------
    ParameterError
        If it is not a metric of the table.
    """
    if metric.fn is fn.brier:
        return fn.brier_rows(y, p)
    if metric.fn is fn.log_loss:
        return fn.log_loss_rows(y, p)
    raise ParameterError(
        f"{metric.name}: an interval of a mean loss needs the loss of each row, which "
        "is known for brier and logloss."
    )


@dataclass(frozen=True)
class Sums:
    """A metric as ``finish(weights @ features)`` for weights of shape (B, n)."""

    features: sparse.csr_array
    finish: Callable[[np.ndarray], np.ndarray]


def sums_of(metric: Metric, y: np.ndarray, output: Any, n_classes: int | None) -> list[Sums]:
    """Return the metric as functions of sums, one for each class that is averaged."""
    n = len(y)
    if metric.needs == "labels":
        predicted = _checks.codes(metric.title, "output", output, n_classes)
        c = n_classes or int(max(y.max(initial=1), predicted.max(initial=1))) + 1

        def cells(sums: np.ndarray) -> np.ndarray:
            return metric.from_confusion(sums.reshape(*sums.shape[:-1], c, c))

        return [Sums(_one_hot(y * c + predicted, c * c), cells)]
    if metric.needs == "probabilities":
        losses = row_losses(metric, y, _checks.probabilities(metric.title, output, n))

        def mean(sums: np.ndarray) -> np.ndarray:
            return cm.ratio(sums[..., 0], sums[..., 1], np.nan)

        return [Sums(sparse.csr_array(np.column_stack([losses, np.ones(n)])), mean)]
    columns = _columns(metric.title, y, output, n_classes)
    wanted = [1] if len(columns) == 1 else np.unique(y).tolist()
    found, value = [], of_ranking(metric)
    for c in wanted:
        score = columns[0] if len(columns) == 1 else columns[c]
        if value is None:
            slow = partial(_reweigh, metric=metric, positive=y == c, score=score)
            found.append(Sums(sparse.eye_array(n, format="csr"), slow))
            continue
        rank = ranking(y == c, score)
        if rank.m:
            finish = partial(_finish_ranking, rank=Ranking(np.empty(0), rank.m), value=value)
            found.append(Sums(_one_hot(rank.place, rank.size), finish))
    return found


def _finish_ranking(
    sums: np.ndarray, *, rank: Ranking, value: Callable[..., np.ndarray]
) -> np.ndarray:
    return value(*rank.split(sums))


def _reweigh(
    weights: np.ndarray, *, metric: Metric, positive: np.ndarray, score: np.ndarray
) -> np.ndarray:
    """Call the user's metric for each row of weights; the slow road."""
    rows = weights.reshape(-1, weights.shape[-1])
    values = [metric.fn(positive[w > 0], score[w > 0], sample_weight=w[w > 0]) for w in rows]
    return np.array(values, float).reshape(weights.shape[:-1])


def _one_hot(place: np.ndarray, size: int) -> sparse.csr_array:
    n = len(place)
    return sparse.csr_array((np.ones(n), place, np.arange(n + 1)), shape=(n, size))


def reweighted(found: list[Sums], weights: np.ndarray) -> np.ndarray:
    """Return the metric under each row of weights (B, n), classes averaged; nan where undefined."""
    if not found:
        return np.full(len(weights), np.nan)
    values = np.stack([part.finish((part.features.T @ weights.T).T) for part in found])
    known = ~np.isnan(values)
    return cm.ratio(np.where(known, values, 0).sum(0), known.sum(0), np.nan)
