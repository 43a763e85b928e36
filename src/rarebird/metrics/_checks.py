"""What a metric may be given: aligned, finite, coded; each rule is stated in one place."""

from typing import Any

import numpy as np

from rarebird._errors import DataError
from rarebird._params import Real, Rule

LEVEL: dict[str, Rule] = {"level": Real(0, 1, open_low=True, open_high=True)}
OTHERWISE = "rarebird.metrics.score takes labels of any kind."


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


def groups(who: str, values: Any, n: int) -> np.ndarray | None:
    """Return the group of every row as numbers 0, 1, ..., or ``None`` where rows are alone."""
    if values is None:
        return None
    g = np.asarray(values)
    if g.shape != (n,):
        raise DataError(f"{who}: groups have shape {g.shape} for {n} rows; give (n,).")
    owner = np.unique(g, return_inverse=True)[1].reshape(n)
    return owner if len(owner) and owner.max() + 1 < n else None


def codes(who: str, what: str, values: Any, n_classes: int | None = None) -> np.ndarray:
    """Return class codes as integers of shape (n,), each from 0 to n_classes - 1."""
    y = np.asarray(values)
    if y.ndim != 1:
        raise DataError(f"{who}: {what} has shape {y.shape}; it must hold one class code per row.")
    whole = y.dtype.kind == "f" and np.isfinite(y).all() and (y == np.floor(y)).all()
    if y.dtype.kind not in "biu" and not whole:
        raise DataError(
            f"{who}: {what} must hold class codes 0, 1, ... (whole numbers, none missing); "
            f"got {y.dtype}. {OTHERWISE}"
        )
    y = y.astype(np.intp)
    bad = y[(y < 0) | (y >= (np.inf if n_classes is None else n_classes))]
    if bad.size:
        top = "C - 1" if n_classes is None else n_classes - 1
        raise DataError(f"{who}: {what} holds {bad[0]}; class codes are 0 to {top}. {OTHERWISE}")
    return y


def scores(who: str, values: Any) -> np.ndarray:
    """Return scores as floats of shape (n, columns); a missing one is refused, infinity is not."""
    s = np.asarray(values)
    if s.dtype.kind not in "biuf" or s.ndim not in (1, 2):
        raise DataError(
            f"{who}: scores have shape {s.shape} and dtype {s.dtype}; give numbers (n,) or (n, C)."
        )
    s = s.astype(np.float64 if s.dtype != np.longdouble else s.dtype, copy=False)
    missing = int(np.isnan(s).sum())
    if missing:
        raise DataError(f"{who}: {missing} scores are missing (NaN); such a row has no rank.")
    return s[:, None] if s.ndim == 1 else s


def probabilities(who: str, values: Any) -> np.ndarray:
    """Return probabilities (n, C) whose rows sum to one; a single column is that of class 1."""
    p = scores(who, values)
    if p.size and (p.min() < 0 or p.max() > 1):
        raise DataError(
            f"{who}: needs probabilities, and y_proba runs from {p.min():g} to {p.max():g}; "
            "calibrate the scores first."
        )
    if p.shape[1] == 1:
        return np.hstack([1 - p, p])
    total = p.sum(axis=1, keepdims=True)
    worst = np.abs(total - 1).max(initial=0.0)
    if worst > 1e-3:
        raise DataError(f"{who}: a row of probabilities is {worst:.3g} away from the sum 1.")
    return p / total if worst > 1e-9 else p


def columns(who: str, what: str, given: np.ndarray, n_classes: int | None) -> int:
    """Return the number of classes that scores are of; a single column is that of class 1."""
    found = max(2, given.shape[1])
    if n_classes not in (None, found):
        raise DataError(
            f"{who}: {what} has shape {given.shape} for {n_classes} classes; give a column for "
            "each class (for two, (n,) are the scores of class 1)."
        )
    return found


def numbers(who: str, what: str, values: Any) -> np.ndarray:
    """Return finite numbers as floats of shape (n,)."""
    v = np.asarray(values)
    if v.dtype.kind not in "biuf" or v.ndim != 1:
        raise DataError(f"{who}: {what} is {v.dtype} of shape {v.shape}; give numbers (n,).")
    v = v.astype(float)
    bad = int((~np.isfinite(v)).sum())
    if bad:
        raise DataError(f"{who}: {bad} values of {what} are missing or infinite; leave them out.")
    return v


def binary(who: str, y_true: Any, y_score: Any, sample_weight: Any) -> list[np.ndarray]:
    """Return (is positive, score, weight) with rows of weight zero left out."""
    y, s = codes(who, "y_true", y_true, 2) == 1, scores(who, y_score)
    if s.shape != (len(y), 1):
        raise DataError(f"{who}: scores have shape {s.shape}; give ({len(y)},), those of class 1.")
    w = weights(who, sample_weight, len(y))
    return [column[w > 0] for column in (y, s[:, 0], w)]
