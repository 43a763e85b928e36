"""The slider's data: out-of-fold scores as a short list that counts the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

_LOGIT_STEP = 0.02  # scores whose odds differ by less than 2% share an entry of the list


@dataclass(frozen=True)
class Slider:
    """What the page's script needs to move a threshold and a prior.

    ``positive`` and ``negative`` are weights of rare and common rows at the scores ``p``
    (ascending); ``ends`` are the ends of both controls as log-odds.
    """

    p: list[float]
    positive: list[float]
    negative: list[float]
    threshold: float
    prior: float
    own: bool  # whether the threshold is the study's; otherwise it is the prior
    costs: Mapping[str, float] | None
    ends: Mapping[str, tuple[float, float]]


def make_slider(
    p: Any,
    y: Any,
    weight: Any,
    *,
    threshold: float | None,
    prior: float,
    costs: Mapping[str, float] | None = None,
    step: float = _LOGIT_STEP,
) -> Slider | None:
    """Return the slider of out-of-fold scores, or None where a class has no row.

    ``y`` is 1 for the rare class and ``p`` its probability; ``costs`` are those of a false alarm
    ("fp") and of a miss ("fn"). Without a threshold of the study, the prior is the starting point.
    Scores whose log-odds differ by less than ``step`` count as one.
    """
    own = threshold is not None and 0 < threshold < 1
    start = float(threshold) if threshold is not None and own else float(prior)
    scores, positive, negative = compress(p, y, weight, start, step)
    if not 0 < prior < 1 or not sum(positive) or not sum(negative):
        return None
    at, base = _logit(np.array([start, prior])).tolist()
    seen = _logit(np.array(scores))
    low = max(min(float(seen.min()), at) - 0.1, -12.0)
    high = min(max(float(seen.max()), at) + 0.1, 12.0)
    ends = {
        "threshold": (min(low, at - 1), max(high, at + 1)),
        "prior": (base - 3.4, min(base + 3.4, max(base + 1, 2.2))),
    }
    return Slider(scores, positive, negative, start, float(prior), own, costs, ends)


def _logit(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return np.log(p) - np.log1p(-p)


def compress(
    p: Any, y: Any, weight: Any, threshold: float, step: float = _LOGIT_STEP
) -> tuple[list[float], list[float], list[float]]:
    """Add up the weights of rare and common rows over scores that are nearly equal.

    No bin holds scores from both sides of ``threshold``, so the counts there are exact. O(n log n).

    >>> compress([0.2, 0.2, 0.9], [0, 1, 1], None, 0.5)
    ([0.2, 0.9], [1.0, 1.0], [1.0, 0.0])
    """
    p, y = np.asarray(p, dtype=float), np.asarray(y, dtype=float)
    w = np.ones_like(p) if weight is None else np.asarray(weight, dtype=float)
    keep = np.isfinite(p) & np.isfinite(y) & np.isfinite(w) & (w > 0)
    p, y, w = p[keep], y[keep], w[keep]
    above = p >= threshold
    keys, index = np.unique(np.round(_logit(p) / step) * 2 + above, return_inverse=True)
    total, positive = (np.bincount(index, x, len(keys)) for x in (w, w * y))
    mean = np.bincount(index, w * p, len(keys)) / total
    side = np.bincount(index, above, len(keys)) > 0
    scores = np.array([float(f"{value:.6g}") for value in mean])
    below = np.nextafter(threshold, 0)  # rounding moves no score to the other side
    scores = np.where(side, np.maximum(scores, threshold), np.minimum(scores, below))
    negative = total - positive
    return scores.tolist(), *([float(f"{v:.9g}") for v in x] for x in (positive, negative))
