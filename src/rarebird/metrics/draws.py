"""Draws of a metric's population value, with imaginary rows at the bad or good end.

Every row gets a weight drawn from the exponential distribution (the Bayesian bootstrap of Rubin,
1981), so shares of classes vary as well. To each class one imaginary row is added at the place
that is worst for the metric (for the lower bound) or best (for the upper one); the bounds are
quantiles of those draws. For a proportion this is exactly the interval of Clopper and Pearson
(1934), and for means of bounded values the bound of Gaffke (2005). In a ranking, half a row of
each class is added and a positive sees half of its own weight, which takes away the upward bias
that average precision has with few positives.
"""

from collections.abc import Callable

import numpy as np

from . import cells as cm
from .groups import Ranking

ROW = 1.0  # imaginary rows of each class, for counts and losses
RANKED_ROW = 0.5  # the same in a ranking, where both classes take part at once
TOP, BINS = 200, 400  # places kept one by one at the head of a long ranking, and bins for the rest


def masses(
    rng: np.random.Generator, total: np.ndarray, squares: np.ndarray, size: int
) -> np.ndarray:
    """Draw (size, k) sums of randomly weighted rows, from sums of weights and their squares."""
    scale = np.divide(squares, total, out=np.zeros_like(total), where=total > 0)
    shape = np.divide(total, scale, out=np.zeros_like(total), where=scale > 0)
    shape = np.round(shape, 9)  # a draw takes another road at 1, and rounding must not choose it
    return rng.standard_gamma(shape, (size, len(total))) * scale


def cell_draws(
    rng: np.random.Generator, total: np.ndarray, squares: np.ndarray, size: int, *, good: bool
) -> np.ndarray:
    """Draw (size, C, C) confusion matrices from sums of weights (C, C) and of their squares."""
    c = len(total)
    drawn = masses(rng, total.ravel(), squares.ravel(), size).reshape(size, c, c)
    unit = np.divide(squares.sum(1), total.sum(1), out=np.zeros(c), where=total.sum(1) > 0)
    where = np.eye(c) if good else (1 - np.eye(c)) / (c - 1)
    return drawn + rng.standard_gamma(ROW * where, (size, c, c)) * unit[:, None]


def loss_draws(
    rng: np.random.Generator,
    losses: np.ndarray,
    w: np.ndarray,
    classes: np.ndarray,
    size: int,
    *,
    worst: float,
    good: bool,
) -> np.ndarray:
    """Draw mean losses; the imaginary row of a class has the loss 0, or the larger of its losses.

    The ``worst`` loss there can be stands in where a class has fewer than two rows.
    """
    above, below = np.zeros(size), np.zeros(size)
    for c in np.unique(classes):
        own = classes == c
        value, total, squares = _bins(losses[own], w[own])
        drawn = masses(rng, total, squares, size)
        edge = 0.0 if good else (value[-1] if own.sum() > 1 else worst)
        extra = rng.standard_gamma(ROW, size) * squares.sum() / total.sum()
        above += drawn @ value + extra * edge
        below += drawn.sum(1) + extra
    return above / below


def _bins(losses: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (mean loss, sum of weights, sum of squares), the largest losses one by one."""
    order = np.lexsort((w, losses))
    losses, w = losses[order], w[order]
    if len(losses) <= TOP + BINS:
        return losses, w, w**2
    body = len(losses) - TOP
    starts = np.concatenate([np.arange(BINS) * body // BINS, np.arange(body, len(losses))])
    total = np.add.reduceat(w, starts)
    return np.add.reduceat(w * losses, starts) / total, total, np.add.reduceat(w**2, starts)


def ranking_draws(
    rng: np.random.Generator,
    rank: Ranking,
    w: np.ndarray,
    size: int,
    *,
    curve: str,
    good: bool,
) -> np.ndarray:
    """Draw average precision (``curve="ap"``) or ROC AUC (``"roc-auc"``) of a ranking."""
    order = np.lexsort((w, rank.place))
    place, w = rank.place[order], w[order]
    total = np.bincount(place, w, rank.size)
    squares = np.bincount(place, w**2, rank.size)
    rows = np.bincount(place, minlength=rank.size)[2 * rank.m + 1 :]
    pos, between, tied, below = rank.split(np.stack([total, squares]))
    unit_pos = pos[1].sum() / pos[0].sum()
    negatives = between.sum(1) + tied.sum(1) + below
    unit_neg = negatives[1] / negatives[0] if negatives[0] > 0 else 0.0
    half, whole = 0.5 / rows, np.ones(rank.m)  # own share seen; share of the gap that is above
    if rank.m > TOP + BINS:
        starts = np.concatenate([np.arange(TOP), TOP + np.arange(BINS) * (rank.m - TOP) // BINS])
        pos, between, tied = (np.add.reduceat(x, starts, axis=1) for x in (pos, between, tied))
        merged = np.diff(np.append(starts, rank.m)) > 1
        half, whole = np.where(merged, 0.5, half[starts]), np.where(merged, 0.5, 1.0)
    p, b, t = (masses(rng, x[0], x[1], size) for x in (pos, between, tied))
    rest = masses(rng, below[:1], below[1:], size)[:, 0]
    extra_pos = rng.standard_gamma(RANKED_ROW, size) * unit_pos
    extra_neg = rng.standard_gamma(RANKED_ROW, size) * unit_neg
    gap = b + t
    above = np.cumsum(gap, 1) - gap
    all_pos = p.sum(1) + extra_pos
    all_neg = gap.sum(1) + rest + extra_neg
    if curve == "roc-auc":
        share = np.where(whole < 1, 0.5 * gap, b + t / 2)
        lost = above + share + (0.0 if good else extra_neg[:, None])
        won = (p * (all_neg[:, None] - lost)).sum(1) + (extra_pos * all_neg if good else 0.0)
        return won / (all_pos * all_neg)
    fp = above + whole * gap + (0.0 if good else extra_neg[:, None])
    tp = np.cumsum(p, 1) - half * p + (extra_pos[:, None] if good else 0.0)
    end = extra_pos if good else extra_pos * all_pos / (all_pos + all_neg)
    return ((p * cm.ratio(tp, tp + fp)).sum(1) + end) / all_pos


def share_draws(
    rng: np.random.Generator, hits: float, trials: float, size: int, *, good: bool
) -> np.ndarray:
    """Draw a proportion from its hits among trials."""
    hit = rng.standard_gamma(max(hits, 0.0), size)
    miss = rng.standard_gamma(max(trials - hits, 0.0), size)
    extra = rng.standard_gamma(ROW, size)
    return (hit + (extra if good else 0.0)) / (hit + miss + extra)


def slow_draws(
    rng: np.random.Generator,
    fn: Callable[..., float],
    positive: np.ndarray,
    score: np.ndarray,
    w: np.ndarray,
    size: int,
    *,
    good: bool,
) -> np.ndarray:
    """Draw any metric fn(y, score, sample_weight=) of two classes, one call for each draw."""
    order = np.lexsort((w, positive, score))
    positive, score, w = positive[order], score[order], w[order]
    ends = [score.max(), score.min()]
    y = np.append(positive, [True, False])
    s = np.append(score, ends if good else ends[::-1])
    unit = [np.mean(w[positive]) if positive.any() else 1.0]
    unit.append(np.mean(w[~positive]) if (~positive).any() else 1.0)
    found = []
    for _ in range(size):
        drawn = rng.standard_exponential(len(w)) * w
        extra = rng.standard_gamma(RANKED_ROW, 2) * unit
        found.append(fn(y, s, sample_weight=np.append(drawn, extra)))
    return np.array(found, float)
