"""How much the table can tell about its rare class."""

import math
from statistics import NormalDist
from typing import Any

import numpy as np

from rarebird._params import Real, check_params
from rarebird.counts import ClassCounts

from .check import Check, check, register_check, some

__all__ = ["effective_sample", "needed_positives", "rare_code", "smallest_difference"]

_INSIDE = Real(0, 1, open_low=True, open_high=True)
_RULES = {
    "difference": Real(0, 1, open_low=True),
    "n_positives": Real(0),
    "value": _INSIDE,
    "correlation": Real(0, 1, open_high=True),
    "alpha": _INSIDE,
    "power": _INSIDE,
}


def needed_positives(
    difference: float = 0.05,
    *,
    value: float = 0.5,
    correlation: float = 0.8,
    alpha: float = 0.05,
    power: float = 0.8,
) -> int:
    """Return how many tested rare rows show a difference of two methods in average precision.

    Average precision over m rare rows has a variance of about p (1 - p) / m (Boyd, Eng and Page,
    ECML 2013); two methods tested on the same rows have correlated scores, so

        m = 2 p (1 - p) (1 - r) (z_{1 - alpha / 2} + z_{power})^2 / difference^2

    Parameters
    ----------
    difference : float in (0, 1]
        The difference to be seen.
    value : float in (0, 1)
        The average precision p around which it lies; 0.5 asks for the most rows.
    correlation : float in [0, 1)
        The correlation r of the two methods' scores; an assumption.
    alpha, power : float in (0, 1)
        The two-sided level of the test, and the chance to see the difference.

    Raises
    ------
    ParameterError
        If a parameter is outside its range.

    Examples
    --------
    >>> needed_positives(0.05), needed_positives(0.1)
    (314, 79)
    """
    check_params("needed_positives", _RULES, locals())
    return math.ceil(_per_square(value, correlation, alpha, power) / difference**2)


def smallest_difference(
    n_positives: float,
    *,
    value: float = 0.5,
    correlation: float = 0.8,
    alpha: float = 0.05,
    power: float = 0.8,
) -> float:
    """Return the smallest difference that ``n_positives`` rare rows show; see `needed_positives`.

    Raises
    ------
    ParameterError
        If a parameter is outside its range.

    Examples
    --------
    >>> round(smallest_difference(314), 3)
    0.05
    """
    check_params("smallest_difference", _RULES, locals())
    if n_positives == 0:
        return math.inf
    return math.sqrt(_per_square(value, correlation, alpha, power) / n_positives)


def _per_square(value: float, correlation: float, alpha: float, power: float) -> float:
    z = NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(power)
    return 2 * value * (1 - value) * (1 - correlation) * z**2


def effective_sample(weights: Any) -> float:
    """Return how many rows of equal weight say as much, (sum w)^2 / sum w^2 (Kish, 1965).

    Examples
    --------
    >>> effective_sample([1, 1, 1, 1]), effective_sample([1, 0, 0, 0])
    (4.0, 1.0)
    """
    weights = np.asarray(weights, dtype=float)
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


@register_check(
    name="evidence",
    inputs=("labels",),
    summary="Rare rows, their effective number, the ratio, and the rows a comparison needs.",
    evidence="closed form; simulation of correlated binomial scores: power 0.8 at the number given",
    rare_cases="An absent class counts 0 rows and is named; a single class has the ratio 1.",
    example={"y": [0] * 30 + [1] * 10},
)
def evidence_checks(
    y: Any,
    *,
    classes: Any = None,
    sample_weight: Any = None,
    difference: float = 0.05,
    n_folds: int = 5,
) -> tuple[Check, ...]:
    """Return what the class counts alone say: RB001, RB002, RB006 and RB014.

    Parameters
    ----------
    y, sample_weight : arrays of shape (n,)
        Integer codes 0..C-1, and weights (optional).
    classes : sequence of length C, optional
        The labels, in the order of the codes.
    difference, n_folds : float, int
        The difference in average precision to be seen, and the folds of the cross-validation.

    Notes
    -----
    O(n + C) time and memory.

    Examples
    --------
    >>> [found.code for found in evidence_checks([0] * 90 + [1] * 10)]
    ['RB001', 'RB002', 'RB006', 'RB014']
    """
    y = np.asarray(y)
    size = (int(y.max()) + 1 if y.size else 0) if classes is None else len(classes)
    labels = np.arange(size) if classes is None else np.asarray(classes)
    counts = ClassCounts(np.bincount(y, minlength=size), labels)
    code, rare = rare_class(y, labels, n_classes=size)
    n_rare = int(counts.counts[code])
    effective = float(n_rare)
    if sample_weight is not None:
        effective = effective_sample(np.asarray(sample_weight, dtype=float)[y == code])
    margin = min(1.96 * 0.5 / math.sqrt(effective), 1.0) if effective else 1.0
    weighted = "" if effective == n_rare else f" (worth {effective:,.0f} of equal weight)"
    severity = "danger" if effective < 20 else "warning" if effective < 100 else "info"
    text = (
        f"{n_rare:,} of {len(y):,} rows are {rare!r}{weighted}: a recall near one half is known "
        f"to within {margin:.0%}."
    )
    details = {"n_rows": len(y), "effective": effective, "margin": margin}
    found = [check("RB001", severity, text, n_rare=n_rare, **details)]
    ratio = counts.imbalance_ratio
    text = f"The largest class has {ratio:,.4g} times the rows of {rare!r}."
    by_label = dict(zip(map(str, labels), counts.counts.tolist(), strict=True))
    severity = "warning" if ratio >= 10 else "info"
    found.append(check("RB002", severity, text, ratio=ratio, counts=by_label))
    needed = needed_positives(difference)
    if effective < needed:
        seen = smallest_difference(effective)
        reach = f"differences from {seen:.2g} on" if seen < 1 else "no difference at all"
        text = (
            f"About {needed} rows of {rare!r} are needed to see a difference of {difference:g} in "
            f"average precision; {effective:,.0f} show {reach}."
        )
        details = {"needed": needed, "difference": difference, "smallest_difference": seen}
        severity = "danger" if 4 * effective < needed else "warning"
        found.append(check("RB006", severity, text, n_rare=n_rare, **details))
    small = {str(labels[i]): int(counts.counts[i]) for i in np.flatnonzero(counts.counts < 20)}
    if small:
        n_unfit = sum(count < n_folds for count in small.values())
        listed = some(small, lambda name: f"{name!r} ({small[name]})")
        text = f"Classes with fewer than 20 rows: {listed}"
        text += f"; {n_unfit} cannot be in each of {n_folds} folds." if n_unfit else "."
        severity = "danger" if n_unfit else "warning"
        found.append(check("RB014", severity, text, counts=small, n_folds=n_folds))
    return tuple(found)


def rare_code(y: Any, n_classes: int | None = None) -> int:
    """Return the code of the rare class: 1 of two, else that of the smallest class with rows.

    Examples
    --------
    >>> rare_code([0, 0, 1]), rare_code([0, 0, 1, 1, 1, 2, 2])
    (1, 2)
    """
    counts = np.bincount(np.asarray(y), minlength=n_classes or 0)
    if len(counts) <= 2:
        return len(counts) - 1
    present = np.flatnonzero(counts)[::-1]
    return int(present[np.argmin(counts[present])])


def rare_class(
    y: np.ndarray, classes: Any = None, rare: int | None = None, n_classes: int | None = None
) -> tuple[int, str]:
    """Return the code ``rare``, by default that of `rare_code`, and its label as text."""
    code = rare_code(y, n_classes) if rare is None else rare
    return code, str(code if classes is None else classes[code])
