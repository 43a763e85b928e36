"""Comparison on pooled predictions whose rows depend on each other: blocks of time, or groups."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import sparse

from rarebird._errors import DataError, ParameterError, suggest
from rarebird._params import Int, check_params
from rarebird._random import RandomState, as_rng

from ._checks import LEVEL
from .kinds import Metric
from .lookup import get_metric
from .rows import reweighted
from .significance import Difference, adjusted, student

__all__ = ["block_bootstrap"]

METHOD = "bootstrap of blocks, Student's t"


def block_bootstrap(
    metric: str | Metric,
    y_true: Any,
    predictions: Mapping[str, Any],
    *,
    baseline: str,
    blocks: Any,
    sample_weight: Any = None,
    n_classes: int | None = None,
    level: float = 0.95,
    n_boot: int = 500,
    random_state: RandomState = 0,
) -> list[Difference]:
    """Test every model against the baseline by drawing whole blocks of rows with replacement.

    Returned are the differences of the models without the baseline, in order, positive where the
    model is better, whatever the metric's direction. All models see the same draws. The standard
    error is that of the difference over the draws, times sqrt(G / (G - 1)) for G blocks; t has
    G - 1 degrees of freedom; p is one-sided (better than the baseline) and adjusted as in
    `family_wise`. Draws in which the metric is undefined are left out.

    Parameters
    ----------
    metric : str or Metric
        Any metric, or its name.
    y_true, sample_weight, n_classes
        As for the metric.
    predictions : mapping of str to array-like
        What the metric needs, of each model: pooled out-of-fold predictions.
    baseline : str
        The name to compare with.
    blocks : array-like of shape (n,)
        The block (stretch of time, customer, ...) of every row.
    level : float
        Confidence of the intervals.
    n_boot : int
        Draws, at least 100.
    random_state : int, Generator, RandomState or None
        Seed.

    Raises
    ------
    DataError, ParameterError
        If there is one block only, too few draws have rows of the classes needed, or the baseline
        is not among the predictions.

    Notes
    -----
    O(n log n + n_boot n) time per model. Davison and Hinkley (1997); Westfall and Young (1993).

    Examples
    --------
    >>> y, s = [0, 0, 1] * 10, [0.1, 0.6, 0.5, 0.2, 0.3, 0.9] * 5
    >>> [found] = block_bootstrap(
    ...     "ap", y, {"a": s, "same": s}, baseline="a", blocks=[0, 1, 2] * 10
    ... )
    >>> found.value, found.p
    (0.0, 1.0)
    """
    who, rules = "block_bootstrap", {**LEVEL, "n_boot": Int(min=100)}
    check_params(who, rules, {"level": level, "n_boot": n_boot})
    metric = get_metric(metric)
    if baseline not in predictions:
        raise ParameterError(
            f"{who}: baseline={baseline!r} is not among the predictions {list(predictions)}."
            f"{suggest(baseline, predictions)}"
        )
    names = [baseline, *(name for name in predictions if name != baseline)]
    rows = [metric.check(y_true, predictions[name], sample_weight, n_classes) for name in names]
    n = len(rows[0].y)
    found, owner = np.unique(np.asarray(blocks), return_inverse=True)
    g = len(found)
    if owner.shape != (n,):
        raise DataError(f"{who}: blocks have shape {owner.shape} for {n} rows.")
    if g < 2:
        raise DataError(f"{who}: {g} block of {n} rows; at least 2 are needed.")
    rng, sign = as_rng(random_state), 1.0 if metric.greater_is_better else -1.0
    counts = rng.multinomial(g, np.full(g, 1 / g), size=n_boot).astype(float)
    by_block = sparse.csr_array((rows[0].weight, (owner, np.arange(n))), shape=(g, n))
    draws = sign * np.stack(
        [reweighted([part.summed(by_block) for part in metric.sums(own)], counts) for own in rows]
    )
    draws = draws[:, ~np.isnan(draws).any(axis=0)]
    if draws.shape[1] < max(50, n_boot // 10):
        raise DataError(
            f"{who}: {metric.title} is defined in {draws.shape[1]} of {n_boot} draws of {g} "
            "blocks: a class it needs is in too few blocks. Use more, smaller blocks."
        )
    values = sign * np.array([metric.value(own) for own in rows])
    steps = draws[1:] - draws[0]
    errors = steps.std(axis=1) * np.sqrt(g / (g - 1))
    single = [
        student(float(value), float(error), g - 1, level=level, two_sided=False, method=METHOD)
        for value, error in zip(values[1:] - values[0], errors, strict=True)
    ]
    return adjusted(single, steps, g - 1, n_draws=20000, rng=rng)
