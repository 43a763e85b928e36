"""Thresholds that keep a minimum precision or recall."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rarebird._params import Real

from .base import register_decision
from .cuts import Counts
from .threshold import SweptThreshold

_SLACK = 1e-12


def _precision_recall(counts: Counts) -> tuple[np.ndarray, np.ndarray]:
    """Return tp / (tp + fp) and tp / (tp + fn); -1 where the ratio has no rows."""
    tp, fp, fn, _ = counts
    none = np.full_like(tp, -1.0)
    precision = np.divide(tp, tp + fp, out=none.copy(), where=tp + fp > 0)
    return precision, np.divide(tp, tp + fn, out=none, where=tp + fn > 0)


@dataclass(eq=False, repr=False)
class _Constraint(SweptThreshold):
    """Sweep, choose and say it in words; a subclass says which of the two is kept."""

    minimum: float
    rules: ClassVar = {"minimum": Real(0, 1, open_low=True), **SweptThreshold.rules}
    keeps: ClassVar[str]

    def _choose(self, counts: Counts) -> int:
        """Return the cut of the largest free value that meets the minimum, else the nearest one."""
        precision, recall = _precision_recall(counts)
        kept, free = (precision, recall) if self.keeps == "precision" else (recall, precision)
        met = kept >= self.minimum - _SLACK
        first, second = (np.where(met, free, -2.0), kept) if met.any() else (kept, free)
        return int(np.lexsort((-np.arange(len(kept)), second, first))[-1])  # ties: fewer alerts

    def _fit(self, y_proba: np.ndarray, y: np.ndarray, weight: np.ndarray) -> None:
        score, rows = y_proba[:, 1], self._enough(y, weight)
        counts = self._sweep(score, y if self.tuned_ else score, weight, self._choose)
        reached = [max(float(part[0]), 0.0) for part in _precision_recall(counts)]
        self.precision_, self.recall_ = reached
        kept, free = reached if self.keeps == "precision" else reached[::-1]
        other = "recall" if self.keeps == "precision" else "precision"
        self.met_ = kept >= self.minimum - _SLACK
        unmet = f"{self.keeps} {self.minimum:g} is not reached on the folds; the best is"
        self.why_ = f"{self.keeps if self.met_ else unmet} {kept:.3g} at {other} {free:.3g}"
        self.why_ += " on the folds" if self.met_ else ""
        if not self.tuned_:
            self.why_ = f"{rows}; expected from the probabilities: {self.why_}"


@register_decision(
    name="minimum-precision",
    tasks=("binary",),
    summary="The largest recall among the thresholds whose precision keeps a constraint.",
    evidence="scikit-learn 1.9: precision_recall_curve; slow reference",
    rare_cases="below min_positives rows of a class the counts are expected from the probabilities",
    example={"minimum": 0.5, "n_boot": 10},
)
class MinimumPrecision(_Constraint):
    """Choose the threshold of the largest recall with precision >= ``minimum`` on the given rows.

    Where none keeps the constraint, the one of the largest precision is used and ``met_`` is False.
    Of equally good ones the one with fewer alerts is taken.

    Parameters
    ----------
    minimum : float
        Smallest precision, in (0, 1].
    min_positives : int
        With fewer rows of a class, expected counts (the sums of the calibrated probabilities)
        replace the labels: ``tuned_`` is False, and there is no interval.
    n_boot, level : int, float
        Redraws of the rows, within each class, for the interval; the share of them inside it.
    random_state : int, Generator, RandomState or None
        Seed of the redraws.

    Attributes
    ----------
    threshold_, low_, high_ : float
        The threshold and its interval (NaN where it is not tuned).
    precision_, recall_ : float
        What the threshold reaches on the rows of ``fit``.
    met_, tuned_, why_ : bool, bool, str
        Whether the constraint is kept, whether labels decided, and both in words.

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


@register_decision(
    name="minimum-recall",
    tasks=("binary",),
    summary="The largest precision among the thresholds whose recall keeps a constraint.",
    evidence="scikit-learn 1.9: precision_recall_curve; slow reference",
    rare_cases="below min_positives rows of a class the counts are expected from the probabilities",
    example={"minimum": 0.5, "n_boot": 10},
)
class MinimumRecall(_Constraint):
    """Choose the threshold of the largest precision with recall >= ``minimum`` on the given rows.

    The one with fewer alerts is taken of equal ones. Parameters, attributes and costs are those of
    `MinimumPrecision`, with ``minimum`` the smallest recall.

    Examples
    --------
    >>> p, y = [0.9, 0.8, 0.3, 0.1] * 30, [1, 0, 1, 0] * 30
    >>> rule = MinimumRecall(0.8).fit(p, y)
    >>> rule.recall_, round(rule.precision_, 3)
    (1.0, 0.667)
    """

    keeps = "recall"
