"""Comparison on pooled predictions whose rows depend on each other: blocks of time, or groups."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import sparse

from rarebird._errors import DataError, ParameterError, suggest
from rarebird._params import Int, check_params
from rarebird._random import RandomState, as_rng

from . import _checks, groups
from .intervals import LEVEL
from .significance import Difference, adjusted, student
from .table import Metric

__all__ = ["block_bootstrap"]


def block_bootstrap(
    metric: Metric,
    y: Any,
    outputs: Mapping[str, Any],
    *,
    baseline: str,
    blocks: Any,
    sample_weight: Any = None,
    n_classes: int | None = None,
    level: float = 0.95,
    n_boot: int = 500,
    random_state: RandomState = 0,
) -> list[Difference]:
    """Test every output against the baseline by drawing whole blocks of rows with replacement.

    All outputs see the same draws. The standard error is that of the difference over the draws,
    times sqrt(G / (G - 1)) for G blocks; t has G - 1 degrees of freedom; p is one-sided (better
    than the baseline) and adjusted as in `family_wise`. Draws in which the metric is undefined are
    left out.

    Parameters
    ----------
    metric : Metric
        One of the table, a `cost_metric`, or a user's own.
    y : array-like of shape (n,)
        Class codes.
    outputs : mapping of str to array-like of shape (n,) or (n, C)
        Pooled out-of-fold outputs, the baseline's among them.
    baseline : str
        The name to compare with.
    blocks : array-like of shape (n,)
        The block (stretch of time, customer, ...) of every row.
    sample_weight : array-like of shape (n,), optional
        Weights of the rows.
    n_classes : int, optional
        C; see the metric.
    level : float
        Confidence of the intervals.
    n_boot : int
        Draws, at least 100.
    random_state : int, Generator, RandomState or None
        Seed.

    Returns
    -------
    list of Difference
        For the outputs without the baseline, in order; positive where the output is better,
        whatever the metric's direction.

    Raises
    ------
    DataError
        If there is one block only, or too few draws have rows of the classes needed.
    ParameterError
        If the baseline is not among the outputs.

    Notes
    -----
    O(n log n + n_boot n) time for an output. Davison and Hinkley (1997); Westfall and Young (1993).

    Examples
    --------
    >>> from rarebird.metrics import get_metric
    >>> y, s = [0, 0, 1] * 10, [0.1, 0.6, 0.5, 0.2, 0.3, 0.9] * 5
    >>> [found] = block_bootstrap(
    ...     get_metric("ap"), y, {"a": s, "same": s}, baseline="a", blocks=[0, 1, 2] * 10
    ... )
    >>> found.value, found.p
    (0.0, 1.0)
    """
    check_params(
        "block_bootstrap", {**LEVEL, "n_boot": Int(min=100)}, {"level": level, "n_boot": n_boot}
    )
    if baseline not in outputs:
        raise ParameterError(
            f"block_bootstrap: baseline={baseline!r} is not among the outputs "
            f"{list(outputs)}.{suggest(baseline, outputs)}"
        )
    y = _checks.codes("block_bootstrap", "y", y, n_classes)
    w = _checks.weights("block_bootstrap", sample_weight, len(y))
    names, owner = np.unique(np.asarray(blocks), return_inverse=True)
    g = len(names)
    if owner.shape != y.shape:
        raise DataError(f"block_bootstrap: blocks have shape {owner.shape} for {len(y)} rows.")
    if g < 2:
        raise DataError(f"block_bootstrap: {g} block of {len(y)} rows; at least 2 are needed.")
    rng = as_rng(random_state)
    counts = rng.multinomial(g, np.full(g, 1 / g), size=n_boot).astype(float)
    weight = np.ones(len(y)) if w is None else w
    member = sparse.csr_array((weight, (owner, np.arange(len(y)))), shape=(g, len(y)))
    sign = 1.0 if metric.greater_is_better else -1.0
    values, draws = {}, {}
    for name, output in outputs.items():
        values[name] = sign * metric(y, output, sample_weight=w, n_classes=n_classes)
        found = groups.sums_of(metric, y, output, n_classes)
        draws[name] = sign * groups.reweighted([_by_block(part, member) for part in found], counts)
    others = [name for name in outputs if name != baseline]
    known = ~np.isnan(np.stack(list(draws.values()))).any(axis=0)
    if known.sum() < max(50, n_boot // 10):
        raise DataError(
            f"block_bootstrap: {metric.title} is defined in {int(known.sum())} of {n_boot} draws "
            f"of {g} blocks: a class it needs is in too few blocks. Use more, smaller blocks."
        )
    gaps = np.array([draws[name][known] - draws[baseline][known] for name in others])
    alone = [
        student(
            values[name] - values[baseline], float(gap.std() * np.sqrt(g / (g - 1))), g - 1,
            level=level, two_sided=False,
        )
        for name, gap in zip(others, gaps, strict=True)
    ]  # fmt: skip
    if not others:
        return []
    return adjusted(alone, gaps, g - 1, n_draws=20000, rng=rng)


def _by_block(part: groups.Sums, member: sparse.csr_array) -> groups.Sums:
    return groups.Sums(sparse.csr_array(member @ part.features), part.finish)
