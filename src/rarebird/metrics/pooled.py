"""Differences of pooled out-of-fold predictions of repeated cross-validation, tested together."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from rarebird._errors import DataError
from rarebird._params import Int, check_params
from rarebird._random import RandomState, as_rng

from ._checks import LEVEL
from .cells import ratio
from .kinds import Metric
from .lookup import get_metric
from .rows import CHUNK, Rows, effective, reweighted
from .significance import ROUNDING, Difference, adjusted, student

__all__ = ["pooled_differences"]

METHOD = "bootstrap of pooled predictions, Student's t"
# What training adds to the variance of the rows, where one repeat does not show it: scores, labels.
ONE_REPEAT = 0.3, 1.0
SKEWNESS = 0.5  # of the estimated one: all of it is right on average, and too much in the far tail


def pooled_differences(
    metric: str | Metric,
    y_true: Any,
    pairs: Sequence[tuple[Any, Any]],
    *,
    blocks: Any = None,
    sample_weight: Any = None,
    n_classes: int | None = None,
    entered: int | None = None,
    level: float = 0.95,
    n_boot: int = 1000,
    random_state: RandomState = 0,
) -> list[Difference]:
    """Test pairs of models on pooled out-of-fold predictions; return a difference for each pair.

    Value is the mean over the R repeats of treated minus plain, positive where the treated model is
    better, whatever the metric's direction. Its variance is that over draws which weigh whole
    blocks at random, the same for all pairs and repeats, times (n + 1) / (n - 1), plus the variance
    between repeats divided by R: the randomness of folds and training. With one repeat this part is
    taken as 0.3 of the first; as all of it for labels, whose thresholds vary too. Student's t has
    the degrees of freedom of Satterthwaite, n - 1 for the rows and R - 1 for the repeats; n is the
    effective number of blocks that hold the scarcest class. Half of the skewness of the draws is
    taken out of t (Hall, 1992).

    ``p`` is one-sided (treated better), ``p_adjusted`` for all pairs together: the share of normal
    draws with the correlations of the pairs whose least p is below. With S of M = ``entered`` pairs
    left it becomes 1 - (1 - p)^(M / S). That bounds the p of all M, as a race drops pairs by their
    scores, those with the smaller differences, and equal parts of a family are no more alike than
    independent ones.

    Parameters
    ----------
    metric : str or Metric
        Any metric, or its name.
    y_true, sample_weight, n_classes
        As for the metric.
    pairs : sequence of (treated, plain)
        What the metric needs of each model: its out-of-fold predictions in each repeat, shape
        (R, n) or (R, n, C), row i for row i of ``y_true``. Repeats beyond those of the other are
        not used. An array that is in several pairs is drawn once.
    blocks : array-like of shape (n,), optional
        What is drawn as a whole: copies of a row, a customer, a stretch of time. Default: rows.
    entered : int, optional
        Pairs before the race dropped any; default ``len(pairs)``.
    level : float
        Confidence of the two-sided intervals, which are not adjusted.
    n_boot : int
        Draws, at least 100.
    random_state : int, Generator, RandomState or None
        Seed.

    Raises
    ------
    DataError
        If there is one block only, the metric is undefined for a pair (a class without rows), or
        an array has a wrong shape.

    Notes
    -----
    O(n_boot n) time per model and repeat. Level and power were simulated: see the guide "How sure
    is a difference". Rubin (1981); Hall (1992); Westfall and Young (1993).

    Examples
    --------
    >>> y, s = [0, 0, 1] * 10, [0.1, 0.6, 0.5, 0.2, 0.3, 0.9] * 5
    >>> [found] = pooled_differences("ap", y, [([s], [s])], blocks=[0, 1, 2] * 10)
    >>> found.value, found.p
    (0.0, 1.0)
    """
    who, rules = "pooled_differences", {**LEVEL, "n_boot": Int(min=100)}
    check_params(who, rules, {"level": level, "n_boot": n_boot})
    if entered is not None:
        check_params(who, {"entered": Int(min=len(pairs))}, {"entered": entered})
    if not pairs:
        return []
    metric, rng = get_metric(metric), as_rng(random_state)
    models = {id(model): model for pair in pairs for model in pair}
    repeats = dict.fromkeys(models, 0)
    for i, pair in enumerate(pairs):
        r = min(len(model) for model in pair)
        if r < 1:
            raise DataError(f"{who}: pair {i} has no repeat; give arrays (R, n) or (R, n, C).")
        for model in pair:
            repeats[id(model)] = max(repeats[id(model)], r)
    outputs = [
        metric.check(y_true, np.asarray(model[r]), sample_weight, n_classes)
        for key, model in models.items()
        for r in range(repeats[key])
    ]
    n = len(outputs[0].y)
    owner = np.arange(n) if blocks is None else np.unique(blocks, return_inverse=True)[1].ravel()
    if owner.shape != (n,):
        raise DataError(f"{who}: blocks have shape {np.shape(blocks)} for {n} rows.")
    if n < 2 or owner.max() == 0:
        raise DataError(f"{who}: 1 block of {n} rows; at least 2 are needed.")
    sign = 1.0 if metric.greater_is_better else -1.0
    values = sign * np.array([metric.value(own) for own in outputs])
    draws = sign * pooled_draws(metric, outputs, owner, n_boot, rng)
    if np.isnan(values).any() or np.isnan(draws).any():
        raise DataError(f"{who}: {metric.title} is undefined: a class it needs has no rows.")
    ends = np.cumsum(list(repeats.values()))
    at = {key: np.arange(end - repeats[key], end) for key, end in zip(repeats, ends, strict=True)}
    blocks_of_scarcest = _scarcest(outputs[0], owner)
    single, means = [], []
    for treated, plain in pairs:
        r = min(len(treated), len(plain))
        a, b = at[id(treated)][:r], at[id(plain)][:r]
        found, mean = tested(
            metric, values[a] - values[b], draws[a] - draws[b], blocks_of_scarcest, level
        )
        single.append(found)
        means.append(mean)
    return adjusted(
        single, np.stack(means), n_draws=20000, rng=rng, share=(entered or len(pairs)) / len(pairs)
    )


def tested(
    metric: Metric, values: np.ndarray, draws: np.ndarray, n: float, level: float
) -> tuple[Difference, np.ndarray]:
    """Return the test of differences (R,) with draws (R, B), and the draws of their mean."""
    r, mean = len(values), draws.mean(axis=0)
    rows = float(mean.var()) * (n + 1) / (n - 1) if n > 1 else 0.0
    training = values.var(ddof=1) / r if r > 1 else ONE_REPEAT[metric.needs == "labels"] * rows
    spread = rows**2 / max(n - 1, ROUNDING) + (training**2 / (r - 1) if r > 1 else 0.0)
    df = n - 1 if r == 1 else float(ratio((rows + training) ** 2, spread, n - 1))
    error = float(np.sqrt(rows + training))
    third = ((mean - mean.mean()) ** 3).mean() / 2  # of exponential weights: twice that of the rows
    found = student(
        float(values.mean()),
        error,
        df,
        level=level,
        two_sided=False,
        method=METHOD,
        skewness=float(SKEWNESS * third / max(error, ROUNDING) ** 3),
    )
    return found, mean


def _scarcest(rows: Rows, owner: np.ndarray) -> float:
    """Return the effective number of blocks of the scarcest class (of all, for values).

    Of many classes, one in a single block is left out: it could not be drawn without the others.
    """
    if not rows.n_classes:
        return effective(np.bincount(owner, rows.weight))
    found = [effective(np.bincount(owner, rows.weight * (rows.y == c))) for c in rows.present()]
    several = [n for n in found if n > 1 + ROUNDING]
    return min(several if len(found) > 2 and several else found)


def pooled_draws(
    metric: Metric,
    outputs: Sequence[Rows],
    owner: np.ndarray,
    n_boot: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the metric of each output under shared random weights of the blocks, (m, n_boot)."""
    g, weight = int(owner.max()) + 1, outputs[0].weight.astype(np.float32)
    member = sparse.csr_array((weight, (owner, np.arange(len(owner)))), shape=(g, len(owner)))
    parts = [[part.summed(member) for part in metric.sums(own)] for own in outputs]
    widest = max([g, *(part.features.shape[1] for own in parts for part in own)])
    step, found = int(np.clip(CHUNK // widest, 1, 64)), np.empty((len(outputs), n_boot))
    for start in range(0, n_boot, step):
        drawn = rng.standard_exponential((g, min(step, n_boot - start)), dtype=np.float32)
        drawn /= drawn.mean(axis=0)  # the total stays, for metrics of a number of rows
        for i, own in enumerate(parts):
            found[i, start : start + step] = reweighted(own, drawn.T)
    return found
