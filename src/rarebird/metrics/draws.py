"""Draws of a metric's population value, with imaginary rows at the bad or good end.

Every row gets a weight drawn from the exponential distribution (the Bayesian bootstrap of Rubin,
1981), so shares of classes vary as well. To each class one imaginary row is added, the worst for
the metric (for the lower bound) or the best (for the upper one); the bounds are quantiles of those
draws. For a proportion this is exactly the interval of Clopper and Pearson
(1934), and for means of bounded values the bound of Gaffke (2005). In a ranking, half a row of
each class is added and a positive sees half of its own weight, which takes away the upward bias
that average precision has with few positives.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .rows import LARGEST, Rows, random_weights

ROW = 1.0  # imaginary rows of each class, for counts and losses
RANKED_ROW = 0.5  # the same in a ranking, where both classes take part at once
TOP, BINS = 200, 400  # groups kept one by one at the head of a long list, and bins for the rest


def _masses(
    rng: np.random.Generator, total: np.ndarray, squares: np.ndarray, size: int
) -> np.ndarray:
    """Draw (size, k) sums of randomly weighted rows, from sums of weights and their squares."""
    scale = np.divide(squares, total, out=np.zeros_like(total), where=total > 0)
    shape = np.divide(total, scale, out=np.zeros_like(total), where=scale > 0)
    shape = np.round(shape, 9)  # the generator's method changes at 1; rounding must not choose it
    return rng.standard_gamma(shape, (size, len(total))) * scale


def cell_draws(
    rng: np.random.Generator, total: np.ndarray, squares: np.ndarray, size: int, *, good: bool
) -> np.ndarray:
    """Draw (size, C, C) confusion matrices from sums of weights (C, C) and of their squares."""
    c = len(total)
    drawn = _masses(rng, total.ravel(), squares.ravel(), size).reshape(size, c, c)
    unit = np.divide(squares.sum(1), total.sum(1), out=np.zeros(c), where=total.sum(1) > 0)
    where = np.eye(c) if good else (1 - np.eye(c)) / (c - 1)
    return drawn + rng.standard_gamma(ROW * where, (size, c, c)) * unit[:, None]


def loss_draws(
    rng: np.random.Generator,
    rows: Rows,
    losses: np.ndarray,
    *,
    best: float,
    worst: float,
    good: bool,
) -> np.ndarray:
    """Draw mean losses; the imaginary row of a class has the best loss, or the largest of its own.

    The ``worst`` loss there can be stands in where a class has fewer than two rows.
    """
    size = 2000
    above, below = np.zeros(size), np.zeros(size)
    for c in rows.present():
        own = rows.y == c
        value, total, squares = _bins(losses[own], rows.weight[own])
        drawn = _masses(rng, total, squares, size)
        edge = best if good else (value[-1] if own.sum() > 1 else worst)
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


def ranking_groups(rows: Rows) -> tuple[np.ndarray, int]:
    """Return the group of every row in a ranking by m distinct scores of positives, and m.

    Groups 0..m-1 are the negatives strictly between one positive score and the next higher one,
    m..2m-1 those tied with a positive score, 2m the negatives below all, then the m positives,
    highest score first. O(n log n).
    """
    positive, score = rows.y == 1, rows.out[:, 0]
    distinct, inverse = np.unique(-score[positive], return_inverse=True)
    m = len(distinct)
    group = np.empty(len(score), dtype=np.intp)
    group[positive] = 2 * m + 1 + inverse.ravel()
    negative = -score[~positive]
    left = np.searchsorted(distinct, negative, side="left")
    tied = np.searchsorted(distinct, negative, side="right") > left
    group[~positive] = np.where(left < m, left + m * tied, 2 * m)
    return group, m


def by_group(sums: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return (positives, between, tied, below) from sums over groups of shape (..., 3m + 1)."""
    return sums[..., 2 * m + 1 :], sums[..., :m], sums[..., m : 2 * m], sums[..., 2 * m]


@dataclass(frozen=True)
class RankedWeights:
    """Many sets of weights of a ranking's groups, shape (B, m), and of imaginary rows, (B,).

    ``own`` is the share of a group's positives that each of them does not see above itself,
    ``inside`` the share of the negatives between that is above them (one half where groups were
    merged). Imaginary positives stand first and negatives last (``good``), or the other way round.
    """

    pos: np.ndarray
    between: np.ndarray
    tied: np.ndarray
    below: np.ndarray
    extra_pos: np.ndarray | float = 0.0
    extra_neg: np.ndarray | float = 0.0
    own: np.ndarray | float = 0.0
    inside: np.ndarray | float = 1.0
    good: bool = False

    @property
    def negatives(self) -> np.ndarray:
        """The weights of the negatives of each group, between and tied."""
        return self.between + self.tied

    @property
    def totals(self) -> tuple[np.ndarray, np.ndarray]:
        """The weights of all positives and of all negatives, shape (B,)."""
        return self.pos.sum(1) + self.extra_pos, self.negatives.sum(1) + self.below + self.extra_neg

    @property
    def above(self) -> np.ndarray:
        """The weights of the negatives above each group, shape (B, m)."""
        head = 0.0 if self.good else np.reshape(self.extra_neg, (-1, 1))
        return np.cumsum(self.negatives, 1) - self.negatives + head


def ranking_draw(rng: np.random.Generator, rows: Rows, size: int, *, good: bool) -> RankedWeights:
    """Draw the weights of a ranking's groups; beyond a few hundred the tail is binned."""
    group, m = ranking_groups(rows)
    order = np.lexsort((rows.weight, group))
    group, w = group[order], rows.weight[order]
    counts = [np.bincount(group, weights, 3 * m + 1) for weights in (w, w**2, None)]
    pos, between, tied, below = by_group(np.stack(counts[:2]), m)
    n_pos = counts[2][2 * m + 1 :]
    unit_pos = pos[1].sum() / pos[0].sum()
    negatives = between.sum(1) + tied.sum(1) + below
    unit_neg = negatives[1] / negatives[0] if negatives[0] > 0 else 0.0
    own, inside = 0.5 / n_pos, np.ones(m)
    if m > TOP + BINS:
        starts = np.concatenate([np.arange(TOP), TOP + np.arange(BINS) * (m - TOP) // BINS])
        pos, between, tied = (np.add.reduceat(x, starts, axis=1) for x in (pos, between, tied))
        merged = np.diff(np.append(starts, m)) > 1
        own, inside = np.where(merged, 0.5, own[starts]), np.where(merged, 0.5, 1.0)
    p, b, t = (_masses(rng, x[0], x[1], size) for x in (pos, between, tied))
    rest = _masses(rng, below[:1], below[1:], size)[:, 0]
    extra_pos = rng.standard_gamma(RANKED_ROW, size) * unit_pos
    extra_neg = rng.standard_gamma(RANKED_ROW, size) * unit_neg
    return RankedWeights(p, b, t, rest, extra_pos, extra_neg, own, inside, good)


def share_draws(
    rng: np.random.Generator, hits: float, trials: float, size: int, *, good: bool
) -> np.ndarray:
    """Draw a proportion from its hits among trials."""
    hit = rng.standard_gamma(max(hits, 0.0), size)
    miss = rng.standard_gamma(max(trials - hits, 0.0), size)
    extra = rng.standard_gamma(ROW, size)
    return (hit + (extra if good else 0.0)) / (hit + miss + extra)


def slow_draws(
    rng: np.random.Generator, value: Callable[[Rows], float], rows: Rows, *, good: bool
) -> np.ndarray:
    """Draw any metric of scores of two classes, one call for each draw."""
    rows = rows.take(np.lexsort((rows.weight, rows.y, rows.out[:, 0])))
    ends = np.array([rows.out.max(), rows.out.min()])
    s = np.append(rows.out[:, 0], ends if good else ends[::-1])[:, None]
    y, w = np.append(rows.y, [1, 0]), rows.weight
    unit = [np.mean(w[rows.y == c]) if (rows.y == c).any() else 1.0 for c in (1, 0)]
    found = []
    for _ in range(int(np.clip(LARGEST // len(w), 200, 1000))):
        drawn = rng.standard_exponential(len(w)) * w
        extra = rng.standard_gamma(RANKED_ROW, 2) * unit
        found.append(value(Rows(y, s, np.append(drawn, extra), 2)))
    return np.array(found, float)


def sum_draws(rng: np.random.Generator, features: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Draw (size, F) sums of features over randomly weighted rows; the last is imaginary."""
    edge, features = features[-1], features[:-1]
    order = np.lexsort([*features.T, w])
    features, w = features[order], w[order]
    sums = np.concatenate([drawn @ features for drawn in random_weights(rng, w)])
    unit = (w**2).sum() / w.sum()
    return sums + rng.standard_gamma(ROW, len(sums))[:, None] * unit * edge
