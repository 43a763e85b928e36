"""Counts that metrics are computed from, for many confusion matrices or thresholds at once."""

from typing import Any

import numpy as np


def ratio(above: Any, below: Any, otherwise: float = 0.0) -> np.ndarray:
    """Return above / below, and ``otherwise`` where below is not positive."""
    above, below = np.broadcast_arrays(np.asarray(above, float), np.asarray(below, float))
    return np.divide(above, below, out=np.full(below.shape, otherwise), where=below > 0)


def nanmean(values: np.ndarray) -> np.ndarray:
    """Return the mean over the last axis of what is not nan; nan where nothing is left."""
    known = ~np.isnan(values)
    return ratio(np.where(known, values, 0).sum(-1), known.sum(-1), np.nan)


def matrix_of_cells(tp: Any, fp: Any, fn: Any, tn: Any) -> np.ndarray:
    """Return [[tn, fp], [fn, tp]] of shape (..., 2, 2) from four arrays of one shape."""
    tp, fp, fn, tn = np.broadcast_arrays(*(np.asarray(x, float) for x in (tp, fp, fn, tn)))
    return np.stack([np.stack([tn, fp], -1), np.stack([fn, tp], -1)], -2)


def one_against_rest(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return tp, fp, fn, tn of every class against the rest, each of shape (..., C)."""
    tp = np.diagonal(matrix, axis1=-2, axis2=-1)
    fp, fn = matrix.sum(-2) - tp, matrix.sum(-1) - tp
    return tp, fp, fn, matrix.sum((-2, -1))[..., None] - tp - fp - fn


def threshold_counts(
    positive: np.ndarray, score: np.ndarray, w: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (threshold, tp, fp) at each distinct score, highest first; a row alerts at >=.

    O(n log n); tied rows are one threshold, so the order of the rows does not matter.
    """
    order = np.argsort(-score, kind="stable")
    s = score[order]
    last = np.append(np.flatnonzero(s[1:] != s[:-1]), len(s) - 1) if len(s) else np.empty(0, int)
    hits = np.where(positive, w, 0.0)[order]
    return s[last], np.cumsum(hits)[last], np.cumsum(w[order] - hits)[last]
