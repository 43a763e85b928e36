"""What a metric may be given: aligned, finite, coded; each rule is stated in one place."""

from typing import Any

import numpy as np

from rarebird._errors import DataError


def weights(who: str, sample_weight: Any, n: int) -> np.ndarray | None:
    """Return the weights as floats of shape (n,), or ``None``; all are finite and >= 0."""
    if sample_weight is None:
        return None
    w = np.asarray(sample_weight, dtype=float)
    if w.shape != (n,):
        raise DataError(
            f"{who}: sample_weight has shape {w.shape}; one weight a row, for {n} rows."
        )
    if not np.isfinite(w).all() or (w < 0).any():
        raise DataError(f"{who}: a weight is negative or not finite; weights are numbers >= 0.")
    return w


def codes(who: str, what: str, values: Any, n_classes: int | None = None) -> np.ndarray:
    """Return class codes as integers of shape (n,), each from 0 to n_classes - 1."""
    y = np.asarray(values)
    if y.ndim != 1:
        raise DataError(f"{who}: {what} has shape {y.shape}; it must hold one class code a row.")
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
        raise DataError(f"{who}: {what} holds {bad}; class codes run from 0 to {top}.")
    return y


def scores(who: str, values: Any, n: int) -> np.ndarray:
    """Return scores as floats with n rows; a missing one is refused, an infinite one is a rank."""
    s = np.asarray(values)
    if s.dtype.kind not in "biuf":
        raise DataError(f"{who}: scores must be numbers; got {s.dtype}.")
    if s.ndim not in (1, 2) or len(s) != n:
        raise DataError(f"{who}: scores have shape {s.shape} for {n} rows of y.")
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
            f"{who}: needs probabilities, and the output runs from {p.min():g} to {p.max():g}; "
            "calibrate the scores first."
        )
    if p.ndim == 1:
        return np.column_stack([1 - p, p])
    worst = np.abs(p.sum(axis=1) - 1).max() if p.size else 0.0
    if worst > 1e-3:
        raise DataError(f"{who}: a row of probabilities is {worst:.3g} away from the sum 1.")
    return p


def binary(
    who: str, y: Any, score: Any, sample_weight: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (is positive, score, weight) with rows of weight zero left out."""
    y = codes(who, "y", y, 2).astype(bool)
    s = scores(who, score, len(y))
    if s.ndim != 1:
        raise DataError(f"{who}: scores have shape {s.shape}; one score a row for two classes.")
    w = weights(who, sample_weight, len(y))
    if w is None:
        return y, s, np.ones(len(y))
    keep = w > 0
    return y[keep], s[keep], w[keep]
