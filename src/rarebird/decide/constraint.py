"""Thresholds that keep a constraint under precision or recall."""

from typing import ClassVar

import numpy as np

from rarebird._params import Int, Real, Rule
from rarebird._random import RandomState, as_rng
from rarebird.registry import register

from .base import ThresholdDecision
from .cuts import Counts, Cuts, bootstrap_interval

_SLACK = 1e-12


def precision_recall(counts: Counts) -> tuple[np.ndarray, np.ndarray]:
    """Return tp / (tp + fp) and tp / (tp + fn); -1 where the ratio has no rows."""
    tp, fp, fn, _ = counts
    none = np.full_like(tp, -1.0)
    precision = np.divide(tp, tp + fp, out=none.copy(), where=tp + fp > 0)
    return precision, np.divide(tp, tp + fn, out=none, where=tp + fn > 0)


def floored(kept: np.ndarray, free: np.ndarray, minimum: float) -> int:
    """Return the cut of the largest ``free`` with ``kept >= minimum``, else of the best ``kept``.

    Ties go to the larger other value, then to fewer alerts.
    """
    met = kept >= minimum - _SLACK
    first, second = (np.where(met, free, -2.0), kept) if met.any() else (kept, free)
    return int(np.lexsort((-np.arange(len(kept)), second, first))[-1])


class _Floor(ThresholdDecision):
    """Sweep, choose, bootstrap and say it in words; a subclass says which of the two is kept."""

    rules: ClassVar[dict[str, Rule]] = {
        "minimum": Real(0, 1, open_low=True),
        "min_positives": Int(1),
        "n_boot": Int(0),
        "level": Real(0, 1, open_low=True, open_high=True),
    }
    keeps: ClassVar[str]

    def __init__(
        self,
        minimum: float,
        *,
        min_positives: int = 20,
        n_boot: int = 200,
        level: float = 0.95,
        random_state: RandomState = 0,
    ) -> None:
        self.minimum = minimum
        self.min_positives = min_positives
        self.n_boot = n_boot
        self.level = level
        self.random_state = random_state

    def _choose(self, counts: Counts) -> int:
        precision, recall = precision_recall(counts)
        pair = (precision, recall) if self.keeps == "precision" else (recall, precision)
        return floored(*pair, self.minimum)

    def _fit(self, proba: np.ndarray, y: np.ndarray, weight: np.ndarray) -> None:
        score = proba[:, 1]
        rows = np.bincount(y[weight > 0], minlength=2)
        self.tuned_ = bool(rows.min() >= self.min_positives)
        hit = y == 1 if self.tuned_ else score
        cuts = Cuts.of(score, weight * hit, weight * (1.0 - hit))
        cut = self._choose(cuts.counts)
        self.threshold_ = float(cuts.threshold[cut])
        precision, recall = (float(part[cut]) for part in precision_recall(cuts.counts))
        self.precision_, self.recall_ = max(precision, 0.0), max(recall, 0.0)
        kept = self.precision_ if self.keeps == "precision" else self.recall_
        self.met_ = kept >= self.minimum - _SLACK
        self.why_ = self._words(rows)
        self.low_ = self.high_ = float("nan")
        if self.tuned_:
            self.low_, self.high_ = bootstrap_interval(
                cuts,
                score,
                y,
                weight,
                self._choose,
                n_boot=self.n_boot,
                level=self.level,
                rng=as_rng(self.random_state),
            )

    def _words(self, rows: np.ndarray) -> str:
        other = "recall" if self.keeps == "precision" else "precision"
        kept, free = getattr(self, f"{self.keeps}_"), getattr(self, f"{other}_")
        if self.met_:
            text = f"{self.keeps} {kept:.3g} at {other} {free:.3g} on the folds"
        else:
            text = (
                f"{self.keeps} {self.minimum:g} is not reached on the folds; the best is "
                f"{kept:.3g} at {other} {free:.3g}"
            )
        if self.tuned_:
            return text
        return (
            f"{rows[1]} positive and {rows[0]} negative rows are too few to tune on (it takes "
            f"{self.min_positives} of each); expected from the probabilities: {text}"
        )


@register(
    name="minimum-precision",
    role="decision",
    place="decision",
    tasks=("binary",),
    inputs=("probabilities",),
    summary="The largest recall among the thresholds whose precision keeps a constraint.",
    evidence="scikit-learn 1.9: precision_recall_curve; slow reference",
    rare_cases="below min_positives rows of a class the counts are expected from the probabilities",
    example={"minimum": 0.5, "n_boot": 10},
)
class MinimumPrecision(_Floor):
    """Choose the threshold of the largest recall with precision >= ``minimum`` on the given rows.

    Where no threshold keeps the constraint, the one of the largest precision is used, ``met_`` is
    False and ``why_`` says what was reached. Of equals the one with fewer alerts is taken.

    Parameters
    ----------
    minimum : float
        Smallest precision, in (0, 1].
    min_positives : int
        With fewer rows of a class, expected counts (the sums of the calibrated probabilities) take
        the place of the labels: ``tuned_`` is False, and there is no interval.
    n_boot : int
        Redraws of the rows, within each class, for the interval on the threshold.
    level : float
        Share of the redraws inside the interval.
    random_state : int, Generator, RandomState or None
        Seed of the redraws.

    Attributes
    ----------
    threshold_, low_, high_ : float
        The threshold and its interval (NaN where it is not tuned).
    precision_, recall_ : float
        What the threshold reaches on the rows of ``fit``.
    met_, tuned_ : bool
        Whether the constraint is kept, and whether labels decided.
    why_ : str
        The same in words.

    Notes
    -----
    O(n log n), and O(n_boot * positives) for the interval (O(n_boot * n) with unequal weights).

    Examples
    --------
    >>> p, y = [0.9, 0.8, 0.3, 0.1] * 30, [1, 1, 0, 0] * 30
    >>> rule = MinimumPrecision(0.9).fit(p, y)
    >>> rule.describe(), rule.why_
    ('alert when the probability is at least 0.55', 'precision 1 at recall 1 on the folds')
    """

    keeps = "precision"


@register(
    name="minimum-recall",
    role="decision",
    place="decision",
    tasks=("binary",),
    inputs=("probabilities",),
    summary="The largest precision among the thresholds whose recall keeps a constraint.",
    evidence="scikit-learn 1.9: precision_recall_curve; slow reference",
    rare_cases="below min_positives rows of a class the counts are expected from the probabilities",
    example={"minimum": 0.5, "n_boot": 10},
)
class MinimumRecall(_Floor):
    """Choose the threshold of the largest precision with recall >= ``minimum`` on the given rows.

    Of equals the one with fewer alerts is taken. Parameters, attributes and costs are those of
    `MinimumPrecision`, with ``minimum`` the smallest recall.

    Examples
    --------
    >>> p, y = [0.9, 0.8, 0.3, 0.1] * 30, [1, 0, 1, 0] * 30
    >>> rule = MinimumRecall(0.8).fit(p, y)
    >>> rule.recall_, round(rule.precision_, 3)
    (1.0, 0.667)
    """

    keeps = "recall"
