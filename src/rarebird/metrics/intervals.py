"""Intervals that hold with few positives."""

from functools import partial
from typing import Any

import numpy as np
from scipy import stats

from rarebird._errors import DataError
from rarebird._params import Real, check_params
from rarebird._random import RandomState, as_rng

from . import _checks, draws, groups
from . import cells as cm
from . import functions as fn
from .estimate import Estimate
from .table import Metric, _columns

__all__ = ["clopper_pearson", "interval", "paired_difference", "wilson"]

LEVEL = {"level": Real(0, 1, open_low=True, open_high=True)}


def wilson(hits: Any, trials: Any, *, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of Wilson's interval (1927) for a proportion; (0, 1) with no trials.

    Examples
    --------
    >>> low, high = wilson(5, 10)
    >>> round(float(low), 3), round(float(high), 3)
    (0.237, 0.763)
    """
    hits, trials = np.asarray(hits, float), np.asarray(trials, float)
    z2 = stats.norm.ppf((1 + level) / 2) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        share = hits / trials
        centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
        half = np.sqrt(z2 * share * (1 - share) / trials + (z2 / (2 * trials)) ** 2)
        half = half / (1 + z2 / trials)
    low = np.where(trials > 0, np.where(hits <= 0, 0.0, centre - half), 0.0)
    high = np.where(trials > 0, np.where(hits >= trials, 1.0, centre + half), 1.0)
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def clopper_pearson(
    hits: Any, trials: Any, *, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of Clopper and Pearson's interval (1934); counts need not be whole.

    Examples
    --------
    >>> low, high = clopper_pearson(5, 5)
    >>> round(float(low), 3), float(high)
    (0.478, 1.0)
    """
    hits, trials = np.broadcast_arrays(np.asarray(hits, float), np.asarray(trials, float))
    tail, missed = (1 - level) / 2, np.maximum(trials - hits, 0)
    tiny = 1e-12
    low = stats.beta.ppf(tail, np.maximum(hits, tiny), missed + 1)
    high = stats.beta.ppf(1 - tail, hits + 1, np.maximum(missed, tiny))
    return np.where(hits > tiny, low, 0.0), np.where(missed > tiny, high, 1.0)


def interval(
    metric: Metric,
    y: Any,
    output: Any,
    *,
    level: float = 0.95,
    sample_weight: Any = None,
    random_state: RandomState = 0,
    n_classes: int | None = None,
) -> Estimate:
    """Return a metric with an interval for its value on the population the rows come from.

    Proportions (precision, recall, specificity, at-k) of two classes have the interval of Clopper
    and Pearson. All others have quantiles of seeded draws in which rows are weighted at random and
    an imaginary row of every class stands at the bad end (lower bound) or good end (upper): perfect
    scores have an interval of some width, and five positives a wide one. With more than two
    classes, the classes' one-against-rest draws are averaged as if independent.

    Parameters
    ----------
    metric : Metric
        One of the table, or a `cost_metric`.
    y, output, sample_weight, n_classes
        As for the metric itself. Weights count as effective rows, (sum w)^2 / sum w^2.
    level : float
        Confidence, between 0 and 1.
    random_state : int, Generator, RandomState or None
        Seed of the draws.

    Raises
    ------
    DataError
        If y or output is not what the metric needs.
    ParameterError
        If level is outside its rule, or the metric is not of the table.

    Notes
    -----
    O(n log n) time; the draws cost the same beyond a few hundred positives. Clopper and Pearson
    (1934), Rubin (1981), Gaffke (2005). The logit interval of Boyd, Eng and Page (2013) was
    simulated beside it and covers less with heavy-tailed scores.

    Examples
    --------
    >>> from rarebird.metrics import get_metric
    >>> found = interval(get_metric("recall"), [0] * 95 + [1] * 5, [0] * 95 + [1] * 5)
    >>> found.value, round(found.low, 3), found.high
    (1.0, 0.478, 1.0)
    """
    check_params("interval", LEVEL, {"level": level})
    value = metric(y, output, sample_weight=sample_weight, n_classes=n_classes)
    y = _checks.codes(metric.title, "y", y)
    w = _checks.weights(metric.title, sample_weight, len(y))
    w = np.ones(len(y)) if w is None else w
    if np.isnan(value):
        return Estimate(np.nan, np.nan, np.nan, level, "undefined: a class it needs has no rows")
    ends = _proportion(metric, y, output, w, level, n_classes)
    if ends is not None:
        low, high, method = *ends, "Clopper-Pearson"
    else:
        sides = _draws(metric, y, output, w, as_rng(random_state), n_classes)
        tail = (1 - level) / 2
        low, high = np.nanquantile(sides[0], tail), np.nanquantile(sides[1], 1 - tail)
        method = "Bayesian bootstrap with imaginary rows"
    return Estimate(value, min(low, value), max(high, value), level, method)


# Which two cells (of tp, fp, fn, tn) are the hits and the misses of a proportion.
_TRIALS = {
    cm.precision_of_cells: (0, 1),
    cm.recall_of_cells: (0, 2),
    cm.specificity_of_cells: (3, 1),
}


def _effective(w: np.ndarray) -> float:
    return float(w.sum() ** 2 / (w**2).sum()) if w.any() else 0.0


def _proportion(
    metric: Metric, y: np.ndarray, output: Any, w: np.ndarray, level: float, n_classes: int | None
) -> tuple[float, float] | None:
    """Return the ends of a proportion's interval, or ``None`` if the metric is not one."""
    if metric.needs == "labels" and metric.fn in _TRIALS:
        predicted = np.asarray(output).astype(np.intp)
        if max(y.max(), predicted.max(), (n_classes or 2) - 1) > 1:
            return None
        cell = np.select([y & predicted == 1, predicted == 1, y == 1], [0, 1, 2], 3)
        hit, miss = _TRIALS[metric.fn]
        n = _effective(w[(cell == hit) | (cell == miss)])
        share = float(metric.fn(*np.bincount(cell, w, 4)))
    elif isinstance(metric.fn, partial) and metric.fn.func in (fn.recall_at_k, fn.precision_at_k):
        columns = _columns(metric.title, y, output, n_classes)
        if len(columns) > 1:
            return None
        hits, n = _at_k_trials(metric, y == 1, columns[0], w)
        share = hits / n if n else 0.0
    else:
        return None
    low, high = clopper_pearson(share * n, n, level=level)
    return float(low), float(high)


def _at_k_trials(
    metric: Metric, positive: np.ndarray, score: np.ndarray, w: np.ndarray
) -> tuple[float, float]:
    """Return (hits, trials) in effective rows of recall or precision at k."""
    hits, room, positives = fn.hits_at_k(positive, score, metric.fn.keywords["k"], w)  # type: ignore[attr-defined]
    of_alerts = metric.fn.func is fn.precision_at_k  # type: ignore[attr-defined]
    unit = (w**2).sum() / w.sum() if of_alerts else (w**2 @ positive) / (w @ positive)
    return hits / unit, (room if of_alerts else positives) / unit


def _draws(
    metric: Metric,
    y: np.ndarray,
    output: Any,
    w: np.ndarray,
    rng: np.random.Generator,
    n_classes: int | None,
) -> list[np.ndarray]:
    """Return the draws for the lower bound and for the upper one."""
    low_is_good = not metric.greater_is_better
    ends = (low_is_good, not low_is_good)
    if metric.needs == "labels":
        total = cm.confusion(y, output, n_classes, w)
        squares = cm.confusion(y, output, n_classes, w**2)
        size = 4000 if total.size < 100 else 1000
        return [
            metric.from_confusion(draws.cell_draws(rng, total, squares, size, good=good))
            for good in ends
        ]
    if metric.needs == "probabilities":
        p = _checks.probabilities(metric.title, output, len(y))
        losses, keep = groups.row_losses(metric, y, p), w > 0
        # the loss of a row whose own class was given nothing
        worst = -np.log(fn.EPS) if metric.fn is fn.log_loss else float(min(p.shape[1] - 1, 2))
        return [
            draws.loss_draws(rng, losses[keep], w[keep], y[keep], 2000, worst=worst, good=good)
            for good in ends
        ]
    columns = _columns(metric.title, y, output, n_classes)
    classes = [1] if len(columns) == 1 else np.unique(y[w > 0]).tolist()
    sides = []
    for good in ends:
        rows = []
        for c in classes:
            s, positive = columns[0 if len(columns) == 1 else c][w > 0], (y == c)[w > 0]
            size = 2000 if len(classes) < 4 else 1000
            if metric.fn in (fn.average_precision, fn.roc_auc):
                if positive.all() and metric.fn is fn.roc_auc:
                    continue
                curve = "ap" if metric.fn is fn.average_precision else "roc-auc"
                rank = groups.ranking(positive, s)
                rows.append(draws.ranking_draws(rng, rank, w[w > 0], size, curve=curve, good=good))
            elif groups.of_ranking(metric) is None:
                few = int(np.clip(4e7 // len(s), 200, 1000))
                rows.append(draws.slow_draws(rng, metric.fn, positive, s, w[w > 0], few, good=good))
            else:
                hits, n = _at_k_trials(metric, positive, s, w[w > 0])
                rows.append(draws.share_draws(rng, hits, n, size, good=good))
        sides.append(np.mean(rows, axis=0))
    return sides


def paired_difference(
    metric: Metric,
    y: Any,
    output_a: Any,
    output_b: Any,
    *,
    level: float = 0.95,
    sample_weight: Any = None,
    random_state: RandomState = 0,
    n_classes: int | None = None,
) -> Estimate:
    """Return metric(a) - metric(b) on the same rows, with an interval.

    The standard error is that of seeded draws which weigh the rows at random, the same for a and
    b; to it half a row of the smallest class is added on which a and b disagree wholly (labels and
    scores), and the quantile is Student's with that class's rows less one.

    Parameters
    ----------
    metric : Metric
        One of the table, or a `cost_metric`.
    y, sample_weight, n_classes, level, random_state
        As in `interval`.
    output_a, output_b : array-like of shape (n,) or (n, C)
        Two outputs for the same rows.

    Raises
    ------
    DataError
        If a class has a single row, or an input is not what the metric needs.

    Notes
    -----
    O(n log n + B n) time, B from 200 to 2000. Rubin (1981).

    Examples
    --------
    >>> from rarebird.metrics import get_metric
    >>> y, s = [0] * 20 + [1] * 5, list(range(25))
    >>> paired_difference(get_metric("ap"), y, s, s).high
    0.0
    """
    check_params("paired_difference", LEVEL, {"level": level})
    options: dict[str, Any] = {"sample_weight": sample_weight, "n_classes": n_classes}
    value = metric(y, output_a, **options) - metric(y, output_b, **options)
    y = _checks.codes(metric.title, "y", y)
    a, b = np.asarray(output_a), np.asarray(output_b)
    w = _checks.weights(metric.title, sample_weight, len(y))
    w = np.ones(len(y)) if w is None else w
    method = "paired Bayesian bootstrap, Student's t"
    if np.isnan(value):
        return Estimate(np.nan, np.nan, np.nan, level, "undefined: a class it needs has no rows")
    if np.array_equal(a, b):
        return Estimate(0.0, 0.0, 0.0, level, "the outputs are equal")
    keys = [*a.reshape(len(y), -1).T, *b.reshape(len(y), -1).T, w, y]
    order = np.lexsort(keys)
    order = order[w[order] > 0]
    y, a, b, w = y[order], a[order], b[order], w[order]
    rows = {int(c): _effective(w[y == c]) for c in np.unique(y)}
    rarest = min(rows, key=rows.__getitem__)
    if rows[rarest] < 2 - 1e-9:
        raise DataError(
            f"paired_difference: class {rarest} has {rows[rarest]:g} rows; a difference needs 2 to "
            "vary."
        )
    ends = [groups.sums_of(metric, y, out, n_classes) for out in (a, b)]
    rng = as_rng(random_state)
    size, found = int(np.clip(4e7 // len(y), 200, 2000)), []
    step = max(1, int(4e6 // len(y)))
    for start in range(0, size, step):
        drawn = rng.standard_exponential((min(step, size - start), len(y))) * w
        found.append(groups.reweighted(ends[0], drawn) - groups.reweighted(ends[1], drawn))
    n = rows[rarest]
    variance = np.nanvar(np.concatenate(found)) * (n + 1) / (n - 1)
    if metric.needs != "probabilities":
        variance += (0.5 / (n + 1)) ** 2
    half = stats.t.ppf((1 + level) / 2, n - 1) * np.sqrt(variance)
    return Estimate(value, value - half, value + half, level, method)
