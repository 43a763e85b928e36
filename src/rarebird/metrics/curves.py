"""Curves: exact over all thresholds, then thinned to what a plot can show."""

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from rarebird._errors import DataError
from rarebird._params import Int, OneOf, Real, check_params

from . import _checks
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


Curve = TypeVar("Curve", PrecisionRecall, Gain, CostCurve)


def _thin(who: str, curve: Curve, most: int, *keep: int) -> Curve:
    """Return at most ``most`` points, evenly spread, with both ends and those to ``keep``."""
    check_params(who, {"max_points": Int(min=2 + len(keep))}, {"max_points": most})
    columns = list(vars(curve).values())
    n = len(columns[0])
    if n <= most:
        return curve
    even = np.linspace(0, n - 1, most - len(keep)).round().astype(int)
    index = np.union1d(even, np.asarray(keep, int))
    return type(curve)(*(column[index] for column in columns))


def _counts(who: str, y_true: Any, y_score: Any, sample_weight: Any) -> list[np.ndarray]:
    """Return thresholds and the tp and fp at each, from no alerts to alerts on every row."""
    positive, s, weight = _checks.binary(who, y_true, y_score, sample_weight)
    if not positive.any():
        raise DataError(f"{who}: class 1 has 0 of {len(s)} rows; a curve needs at least one.")
    counts = threshold_counts(positive, s, weight)
    return [np.append(start, column) for start, column in zip((np.inf, 0, 0), counts, strict=True)]


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
    O(n log n), as all curves here.

    Examples
    --------
    >>> precision_recall([0, 1, 0, 1], [0.1, 0.9, 0.8, 0.7]).recall
    array([0.5, 0.5, 1. , 1. ])
    """
    who = "precision_recall"
    t, tp, fp = (column[1:] for column in _counts(who, y_true, y_score, sample_weight))
    alerts = tp + fp
    found = PrecisionRecall(t, tp / alerts, tp / tp[-1], alerts / alerts[-1])
    return _thin(who, found, max_points)


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
    _, tp, fp = _counts("gain", y_true, y_score, sample_weight)
    return _thin("gain", Gain((tp + fp) / (tp + fp)[-1], tp / tp[-1]), max_points)


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
    y_true, y_proba, sample_weight, max_points
        As in `precision_recall`; any score will do. The cheapest point is kept.
    fp, fn : float
        What a false alarm and a miss cost, in the user's unit.

    Examples
    --------
    >>> cost_curve([0, 1, 0, 1], [0.1, 0.9, 0.8, 0.7], fp=1, fn=20).cost
    array([10.  ,  5.  ,  5.25,  0.25,  0.5 ])
    """
    check_params("cost_curve", {"fp": Real(), "fn": Real()}, {"fp": fp, "fn": fn})
    t, hits, false = _counts("cost_curve", y_true, y_proba, sample_weight)
    cost = (fp * false + fn * (hits[-1] - hits)) / (hits[-1] + false[-1])
    return _thin("cost_curve", CostCurve(t, cost), max_points, int(np.argmin(cost)))


def calibration_bins(
    y_true: Any,
    y_proba: Any,
    *,
    sample_weight: Any = None,
    n_bins: int = 10,
    level: float = 0.95,
    equal: str = "rows",
) -> list[CalibrationBin]:
    """Return predicted against observed shares in bins that are equally large.

    Equal probabilities stay in one bin, so there may be fewer bins than asked for.

    Parameters
    ----------
    y_true, sample_weight
        As in `precision_recall`; the intervals count effective rows, (sum w)^2 / sum w^2.
    y_proba : array-like of shape (n,)
        Probabilities of class 1.
    n_bins : int
        Bins wanted.
    level : float
        Confidence of the Wilson (1927) interval of each bin.
    equal : {"rows", "expected"}
        What is equal: rows, or the expected positives (the sum of y_proba), so that of a rare
        class more than the last bin has positives.

    Raises
    ------
    DataError
        If y_proba does not hold probabilities.

    Examples
    --------
    >>> [b.share.value for b in calibration_bins([0, 1, 0, 1], [0.1, 0.9, 0.2, 0.7], n_bins=2)]
    [0.0, 1.0]
    """
    who, ways = "calibration_bins", OneOf("rows", "expected")
    rules = {**_checks.LEVEL, "n_bins": Int(min=1), "equal": ways}
    check_params(who, rules, {"n_bins": n_bins, "level": level, "equal": equal})
    positive, p, w = _checks.binary(who, y_true, y_proba, sample_weight)
    _checks.probabilities(who, p)
    values, distinct, rows = np.unique(p, return_inverse=True, return_counts=True)
    size = rows * values if equal == "expected" and p.any() else rows
    middle = np.cumsum(size) - size / 2
    wanted = np.minimum((middle * n_bins / max(size.sum(), 1e-300)).astype(int), n_bins - 1)
    owner = np.unique(wanted, return_inverse=True)[1].ravel()[distinct.ravel()]
    total, squares, hits, mass = (np.bincount(owner, x) for x in (w, w**2, w * positive, w * p))
    observed, effective = hits / total, total**2 / squares
    ends = wilson(observed * effective, effective, level=level)
    found = zip(mass / total, observed, *ends, np.bincount(owner), strict=True)
    return [
        CalibrationBin(float(mean), Estimate(value, low, high, level, "Wilson"), int(n))
        for mean, value, low, high, n in found
    ]
