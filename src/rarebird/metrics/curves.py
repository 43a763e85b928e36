"""Curves: exact over all thresholds, then thinned to what a plot can show."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rarebird._errors import DataError
from rarebird._params import Int, Real, Rule, check_params

from . import _checks
from ._checks import LEVEL
from .cells import threshold_counts
from .estimate import Estimate
from .proportion import wilson

__all__ = [
    "CalibrationBin",
    "CostCurve",
    "Gain",
    "PrecisionRecall",
    "calibration_bins",
    "cost_curve",
    "gain",
    "precision_recall",
]

_POINTS = {"max_points": Int(min=2)}


@dataclass(frozen=True)
class PrecisionRecall:
    """Precision and recall when rows with score >= threshold alert; ``alerts`` is their share."""

    threshold: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    alerts: np.ndarray


@dataclass(frozen=True)
class Gain:
    """Share of the positives found (``recall``) in the highest-scored ``alerts`` of the rows."""

    alerts: np.ndarray
    recall: np.ndarray


@dataclass(frozen=True)
class CalibrationBin:
    """Mean probability and observed share of positives of ``n`` rows."""

    mean_proba: float
    share: Estimate
    n: int


@dataclass(frozen=True)
class CostCurve:
    """Mean cost of a row when rows with p >= threshold alert; at infinity there is no alert."""

    threshold: np.ndarray
    cost: np.ndarray


def _thin(n: int, most: int, *keep: int) -> np.ndarray:
    """Return at most ``most`` of the indices 0..n-1, evenly spread, with both ends and ``keep``."""
    if n <= most:
        return np.arange(n)
    even = np.linspace(0, n - 1, most - len(keep)).round().astype(int)
    return np.unique(np.concatenate([even, np.asarray(keep, int)]))


def _counts(
    who: str, y_true: Any, y_score: Any, sample_weight: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, float]:
    positive, s, weight = _checks.binary(who, y_true, y_score, sample_weight)
    total, positives = float(weight.sum()), float(weight[positive].sum())
    if positives == 0:
        raise DataError(f"{who}: class 1 has 0 of {len(s)} rows; a curve needs at least one.")
    return *threshold_counts(positive, s, weight), positives, total


def precision_recall(
    y_true: Any, y_score: Any, *, sample_weight: Any = None, max_points: int = 500
) -> PrecisionRecall:
    """Return precision, recall and share of alerts at every distinct score, highest first.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        0 or 1.
    y_score : array-like of shape (n,)
        Larger means more likely positive.
    sample_weight : array-like of shape (n,), optional
        Weights of the rows.
    max_points : int
        Points kept, the ends among them.

    Raises
    ------
    DataError
        If there are no positives, or a score is missing.

    Notes
    -----
    O(n log n).

    Examples
    --------
    >>> precision_recall([0, 1, 0, 1], [0.1, 0.9, 0.8, 0.7]).recall
    array([0.5, 0.5, 1. , 1. ])
    """
    check_params("precision_recall", _POINTS, {"max_points": max_points})
    t, tp, fp, positives, total = _counts("precision_recall", y_true, y_score, sample_weight)
    keep = _thin(len(t), max_points)
    t, tp, fp = t[keep], tp[keep], fp[keep]
    return PrecisionRecall(t, tp / (tp + fp), tp / positives, (tp + fp) / total)


def gain(y_true: Any, y_score: Any, *, sample_weight: Any = None, max_points: int = 500) -> Gain:
    """Return the share of positives found by the share of rows looked at, from (0, 0) to (1, 1).

    Parameters
    ----------
    y_true, y_score, sample_weight, max_points
        As in `precision_recall`.

    Examples
    --------
    >>> gain([0, 1, 0, 1], [0.1, 0.9, 0.8, 0.7]).alerts
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    check_params("gain", _POINTS, {"max_points": max_points})
    _, tp, fp, positives, total = _counts("gain", y_true, y_score, sample_weight)
    keep = _thin(len(tp) + 1, max_points)
    found, seen = np.append(0.0, tp)[keep], np.append(0.0, tp + fp)[keep]
    return Gain(np.minimum(seen / total, 1.0), np.minimum(found / positives, 1.0))


def calibration_bins(
    y_true: Any, y_proba: Any, *, sample_weight: Any = None, n_bins: int = 10, level: float = 0.95
) -> list[CalibrationBin]:
    """Return predicted against observed shares in bins of equal numbers of rows.

    Equal probabilities stay in one bin, so there may be fewer bins than asked for.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        0 or 1.
    y_proba : array-like of shape (n,)
        Probabilities of class 1.
    sample_weight : array-like of shape (n,), optional
        Weights of the rows; the intervals count effective rows, (sum w)^2 / sum w^2.
    n_bins : int
        Bins wanted.
    level : float
        Confidence of the Wilson (1927) interval of each bin.

    Raises
    ------
    DataError
        If y_proba does not hold probabilities.

    Notes
    -----
    O(n log n).

    Examples
    --------
    >>> [b.share.value for b in calibration_bins([0, 1, 0, 1], [0.1, 0.9, 0.2, 0.7], n_bins=2)]
    [0.0, 1.0]
    """
    rules: dict[str, Rule] = {**LEVEL, "n_bins": Int(min=1)}
    check_params("calibration_bins", rules, {"n_bins": n_bins, "level": level})
    who = "calibration_bins"
    positive, p, w = _checks.binary(who, y_true, y_proba, sample_weight)
    _checks.probabilities(who, p, len(p))
    _, owner, rows = np.unique(p, return_inverse=True, return_counts=True)
    middle = np.cumsum(rows) - rows / 2
    wanted = np.minimum((middle * n_bins / max(len(p), 1)).astype(int), n_bins - 1)
    owner = np.unique(wanted, return_inverse=True)[1].ravel()[owner.ravel()]
    count = np.bincount(owner)
    total, squares = np.bincount(owner, w), np.bincount(owner, w**2)
    observed = np.bincount(owner, w * positive) / total
    effective = total**2 / squares
    low, high = wilson(observed * effective, effective, level=level)
    mean = np.bincount(owner, w * p) / total
    ends = zip(observed, low, high, strict=True)
    shares = [Estimate(*three, level, "Wilson") for three in ends]
    return [CalibrationBin(*one) for one in zip(mean.tolist(), shares, count.tolist(), strict=True)]


def cost_curve(
    y_true: Any,
    y_proba: Any,
    *,
    fp: float,
    fn: float,
    sample_weight: Any = None,
    max_points: int = 500,
) -> CostCurve:
    """Return the mean cost of a row by threshold, from no alerts to alerts on every row.

    Parameters
    ----------
    y_true, sample_weight
        As in `precision_recall`.
    y_proba : array-like of shape (n,)
        Of class 1, or any score.
    fp, fn : float
        What a false alarm and a miss cost, in the user's unit.
    max_points : int
        Points kept, the ends and the cheapest among them.

    Examples
    --------
    >>> cost_curve([0, 1, 0, 1], [0.1, 0.9, 0.8, 0.7], fp=1, fn=20).cost
    array([10.  ,  5.  ,  5.25,  0.25,  0.5 ])
    """
    check_params("cost_curve", {"max_points": Int(min=3)}, {"max_points": max_points})
    check_params("cost_curve", {"fp": Real(), "fn": Real()}, {"fp": fp, "fn": fn})
    t, tp, false, positives, total = _counts("cost_curve", y_true, y_proba, sample_weight)
    hits, false = np.append(0.0, tp), np.append(0.0, false)
    cost = (fp * false + fn * np.maximum(positives - hits, 0.0)) / total
    keep = _thin(len(cost), max_points, int(np.argmin(cost)))
    return CostCurve(np.append(np.inf, t)[keep], cost[keep])
