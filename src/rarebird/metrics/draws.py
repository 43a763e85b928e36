"""Draws of a metric's population value, with imaginary rows at the bad or good end.

Every row gets a weight drawn from the exponential distribution (the Bayesian bootstrap of Rubin,
1981), so shares of classes vary as well. To each class one imaginary row is added, the worst for
the metric (for the lower bound) or the best (for the upper one); the bounds are quantiles of those
draws. For a proportion this is exactly the interval of Clopper and Pearson
(1934), and for means of bounded values the bound of Gaffke (2005). In a ranking, half a row of
each class is added and a positive sees half of its own weight, which takes away the upward bias
that average precision has with few positives. For average precision itself a negative at the head
would count far too much: its draws have a positive at the end only, and make an interval on the
logit scale.
"""

from dataclasses import dataclass

import numpy as np

from .cells import ratio
from .rows import Rows

ROW = 1.0  # imaginary rows of each class, for counts and losses
RANKED_ROW = 0.5  # the same in a ranking, where both classes take part at once
TOP, BINS = 200, 400  # groups kept one by one at the head of a long list, and bins for the rest


def masses(
    rng: np.random.Generator, total: np.ndarray, squares: np.ndarray, size: int
) -> np.ndarray:
    """Draw (size, k) sums of randomly weighted rows, from sums of weights and their squares."""
    scale = ratio(squares, total)
    shape = np.round(ratio(total, scale), 9)  # the generator's method changes at 1
    return rng.standard_gamma(shape, (size, len(total))) * scale


def bins(
    losses: np.ndarray, w: np.ndarray, squares: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (mean loss, sum of weights, sum of squares), the largest losses one by one."""
    order = np.lexsort((w, losses))
    losses, w, squares = losses[order], w[order], squares[order]
    if len(losses) <= TOP + BINS:
        return losses, w, squares
    body = len(losses) - TOP
    starts = np.concatenate([np.arange(BINS) * body // BINS, np.arange(body, len(losses))])
    total = np.add.reduceat(w, starts)
    return np.add.reduceat(w * losses, starts) / total, total, np.add.reduceat(squares, starts)


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


def ranking_draw(
    rng: np.random.Generator,
    rows: Rows,
    size: int,
    *,
    good: bool = False,
    imaginary: tuple[float, float] = (RANKED_ROW, RANKED_ROW),
    unseen: float = 0.5,
) -> RankedWeights:
    """Draw the weights of a ranking's groups; beyond a few hundred the tail is binned.

    ``imaginary`` are the rows added to the positives and to the negatives, ``unseen`` is the share
    of its own weight that a positive does not see.
    """
    group, m = ranking_groups(rows)
    order = np.lexsort((rows.weight, group))
    group, w, squares = group[order], rows.weight[order], rows.squares()[order]
    counts = [np.bincount(group, weights, 3 * m + 1) for weights in (w, squares, None)]
    pos, between, tied, below = by_group(np.stack(counts[:2]), m)
    negatives = between.sum(1) + tied.sum(1) + below
    units = ratio(pos[1].sum(), pos[0].sum()), ratio(negatives[1], negatives[0])
    own, inside = unseen / counts[2][2 * m + 1 :], np.ones(m)
    if m > TOP + BINS:
        starts = np.concatenate([np.arange(TOP), TOP + np.arange(BINS) * (m - TOP) // BINS])
        pos, between, tied = (np.add.reduceat(x, starts, axis=1) for x in (pos, between, tied))
        merged = np.diff(np.append(starts, m)) > 1
        own, inside = np.where(merged, 0.5, own[starts]), np.where(merged, 0.5, 1.0)
    p, b, t = (masses(rng, x[0], x[1], size) for x in (pos, between, tied))
    rest = masses(rng, below[:1], below[1:], size)[:, 0]
    extra_pos, extra_neg = (
        rng.standard_gamma(shape, size) * unit for shape, unit in zip(imaginary, units, strict=True)
    )
    return RankedWeights(p, b, t, rest, extra_pos, extra_neg, own, inside, good)
