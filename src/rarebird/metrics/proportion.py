"""Intervals of one proportion, from its hits and its trials."""

from typing import Any

import numpy as np
from scipy import stats

__all__ = ["clopper_pearson", "wilson"]


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
