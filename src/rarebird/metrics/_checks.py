"""What a metric may be given: aligned, finite, coded; each rule is stated in one place."""

from typing import Any

import numpy as np

from rarebird._errors import DataError
from rarebird._params import Real

LEVEL = {"level": Real(0, 1, open_low=True, open_high=True)}


def weights(who: str, sample_weight: Any, n: int) -> np.ndarray:
    """Return the weights as floats of shape (n,), ones for ``None``; all are finite and >= 0."""
    if sample_weight is None:
        return np.ones(n)
    w = np.asarray(sample_weight, dtype=float)
    if w.shape != (n,):
        raise DataError(f"{who}: sample_weight has shape {w.shape} for {n} rows; give (n,).")
    if not np.isfinite(w).all() or (w < 0).any():
        raise DataError(f"{who}: a weight is negative or not finite; weights are numbers >= 0.")
    return w


def codes(who: str, what: str, values: Any, n_classes: int | None = None) -> np.ndarray:
    """Return class codes as integers of shape (n,), each from 0 to n_classes - 1."""
    y = np.asarray(values)
    if y.ndim != 1:
        raise DataError(f"{who}: {what} has shape {y.shape}; it must hold one class code per row.")
    if y.dtype.kind not in "biu":
        whole = y.dtype.kind == "f" and np.isfinite(y).all() and (y == np.floor(y)).all()
        if not whole:
            raise DataError(
                f"{who}: {what} must hold class codes 0, 1, ... (whole numbers, none missing); "
                f"got {y.dtype}. rarebird.metrics.score takes labels of any kind."
            )
    y = y.astype(np.intp)
    if y.size and (y.min() < 0 or (n_classes is not None and y.max() >= n_classes)):
        bad = y.min() if y.min() < 0 else y.max()
        top = "C - 1" if n_classes is None else n_classes - 1
        raise DataError(
            f"{who}: {what} holds {bad}; class codes run from 0 to {top}. "
            "rarebird.metrics.score takes labels of any kind."
        )
    return y


def scores(who: str, values: Any, n: int) -> np.ndarray:
    """Return scores as floats with n rows; a missing one is refused, an infinite one is a rank."""
    s = np.asarray(values)
    if s.dtype.kind not in "biuf":
        raise DataError(f"{who}: scores must be numbers; got {s.dtype}.")
    if s.ndim not in (1, 2) or len(s) != n:
        raise DataError(f"{who}: scores have shape {s.shape} for {n} rows of y_true.")
    s = s.astype(np.float64 if s.dtype != np.longdouble else s.dtype, copy=False)
    missing = int(np.isnan(s).sum())
    if missing:
        raise DataError(f"{who}: {missing} scores are missing (NaN); such a row has no rank.")
    return s


def probabilities(who: str, values: Any, n: int) -> np.ndarray:
    """Return probabilities as an (n, C) array whose rows sum to one; (n,) is that of class 1."""
    p = scores(who, values, n)
    if p.size and (p.min() < 0 or p.max() > 1):
        raise DataError(
            f"{who}: needs probabilities, and y_proba runs from {p.min():g} to {p.max():g}; "
            "calibrate the scores first."
        )
    if p.ndim == 1:
        return np.column_stack([1 - p, p])
    total = p.sum(axis=1, keepdims=True)
    worst = np.abs(total - 1).max(initial=0.0)
    if worst > 1e-3:
        raise DataError(f"{who}: a row of probabilities is {worst:.3g} away from the sum 1.")
    return p / total if worst > 1e-9 else p


def numbers(who: str, what: str, values: Any) -> np.ndarray:
    """Return finite numbers as floats of shape (n,)."""
    v = np.asarray(values)
    if v.dtype.kind not in "biuf" or v.ndim != 1:
        raise DataError(
            f"{who}: {what} has shape {v.shape} and dtype {v.dtype}; give numbers (n,)."
        )
    v = v.astype(float)
    bad = int((~np.isfinite(v)).sum())
    if bad:
        raise DataError(f"{who}: {bad} values of {what} are missing or infinite; leave them out.")
    return v


def binary(
    who: str, y_true: Any, y_score: Any, sample_weight: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (is positive, score, weight) with rows of weight zero left out."""
    y = codes(who, "y_true", y_true, 2).astype(bool)
    s = scores(who, y_score, len(y))
    if s.ndim != 1:
        raise DataError(f"{who}: scores have shape {s.shape}; give (n,), those of class 1.")
    w = weights(who, sample_weight, len(y))
    keep = w > 0
    return y[keep], s[keep], w[keep]
