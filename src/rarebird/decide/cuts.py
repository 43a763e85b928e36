"""Every operating point of a score, from one sort; and their bootstrap."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

_CORNERS = 4096  # a bootstrap looks at no more cuts than this
Counts = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Cuts:
    """The confusion counts of "alert when score >= threshold" at every distinct threshold.

    Cut 0 alerts on nobody, cut k on the rows with the k largest distinct scores. The thresholds
    fall; each is halfway between the last score that alerts and the next one (between the largest
    score and 1, and between 0 and the smallest, at the ends). ``tp`` and ``fp`` are weights.
    """

    threshold: np.ndarray
    tp: np.ndarray
    fp: np.ndarray

    @classmethod
    def of(cls, score: np.ndarray, tp_weight: np.ndarray, fp_weight: np.ndarray) -> "Cuts":
        """Count from scores in [0, 1] and what each row adds to the hits and the false alarms."""
        order = np.argsort(-score, kind="stable")
        score = score[order]
        last = np.append(np.flatnonzero(score[1:] != score[:-1]), len(score) - 1)
        edge = np.concatenate([[np.nextafter(1, 2)], score[last], [0.0]])
        middle = edge[1:] + (edge[:-1] - edge[1:]) / 2
        # Halfway between neighbouring floats is one of them: take the upper, which still alerts.
        middle = np.where((middle > edge[1:]) | (edge[:-1] == 0), middle, edge[:-1])
        tp, fp = (
            np.concatenate([[0.0], np.cumsum(part[order])[last]]) for part in (tp_weight, fp_weight)
        )
        return cls(middle, tp, fp)

    @property
    def counts(self) -> Counts:
        """Return tp, fp, fn and tn of every cut."""
        return self.tp, self.fp, self.tp[-1] - self.tp, self.fp[-1] - self.fp


def plateau_middle(value: np.ndarray) -> int:
    """Return the middle of the longest run of largest values; of equal runs the first.

    Examples
    --------
    >>> plateau_middle(np.array([1.0, 3.0, 0.0, 3.0, 3.0, 3.0, 2.0]))
    4
    """
    best = np.max(value)
    tied = value >= best - 1e-12 * max(1.0, abs(best))
    change = np.flatnonzero(np.diff(np.concatenate([[0], tied.astype(np.int8), [0]])))
    start, stop = change[::2], change[1::2]
    run = int(np.argmax(stop - start))
    return int((start[run] + stop[run] - 1) // 2)


def _redraws(
    rng: np.random.Generator, segment: np.ndarray, weight: np.ndarray, size: int, n_boot: int
) -> Iterator[np.ndarray]:
    """Yield the weight in each segment when rows are drawn with replacement."""
    n = len(segment)
    if np.all(weight == 1):  # the same law without touching the rows
        share = np.bincount(segment, minlength=size) / n
        for _ in range(n_boot):
            yield rng.multinomial(n, share).astype(float)
        return
    for _ in range(n_boot):
        drawn = rng.integers(n, size=n)
        yield np.bincount(segment[drawn], weight[drawn], minlength=size)


def bootstrap_interval(
    cuts: Cuts,
    score: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    choose: Callable[[Counts], int],
    *,
    n_boot: int,
    level: float,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Return a percentile interval of the chosen threshold under class-stratified redraws of rows.

    A redraw looks at the cuts that end at a positive row, where a rule that rewards hits and
    punishes false alarms has its optimum (at most 4,096 of them, evenly spaced): O(positives).
    """
    if not n_boot:
        return float("nan"), float("nan")
    corner = np.flatnonzero(np.diff(cuts.tp, prepend=0.0) > 0)
    if len(corner) > _CORNERS:
        corner = corner[np.linspace(0, len(corner) - 1, _CORNERS).round().astype(int)]
    # The segment of a row: the first corner whose threshold it reaches; beyond the last, one more.
    segment = np.searchsorted(-cuts.threshold[corner], -score, side="left")
    size = len(corner) + 1
    hits = _redraws(rng, segment[y == 1], weight[y == 1], size, n_boot)
    alarms = _redraws(rng, segment[y == 0], weight[y == 0], size, n_boot)
    chosen = np.empty(n_boot)
    for i, (hit, alarm) in enumerate(zip(hits, alarms, strict=True)):
        tp, fp = np.cumsum(hit), np.cumsum(alarm)
        counts = tp[:-1], fp[:-1], tp[-1] - tp[:-1], fp[-1] - fp[:-1]
        chosen[i] = cuts.threshold[corner[choose(counts)]]
    low, high = np.quantile(chosen, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
