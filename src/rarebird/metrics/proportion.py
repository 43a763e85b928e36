"""Intervals of one proportion, from its hits and its trials, which need not be whole numbers."""

from typing import Any

import numpy as np
from scipy import stats

from .cells import ratio

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
    z = stats.norm.ppf((1 + level) / 2)

    def low(k: np.ndarray) -> np.ndarray:
        spread = np.sqrt(np.maximum(ratio(k * (trials - k), trials), 0) + z**2 / 4)
        return np.clip((k + z**2 / 2 - z * spread) / (trials + z**2), 0, 1)

    return low(hits), 1 - low(trials - hits)


def clopper_pearson(
    hits: Any, trials: Any, *, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of Clopper and Pearson's interval (1934).

    Examples
    --------
    >>> low, high = clopper_pearson(5, 5)
    >>> round(float(low), 3), float(high)
    (0.478, 1.0)
    """
    hits, trials = np.asarray(hits, float), np.asarray(trials, float)

    def low(k: np.ndarray) -> np.ndarray:
        end = stats.beta.ppf((1 - level) / 2, np.maximum(k, 1e-12), trials - k + 1)
        return np.where(k > 1e-12, end, 0.0)

    return low(hits), 1 - low(trials - hits)
