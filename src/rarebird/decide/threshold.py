"""The threshold that maximises a metric, exactly."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rarebird._errors import ParameterError
from rarebird._params import Int, Real, Rule
from rarebird._random import RandomState, as_rng
from rarebird.metrics.kinds import Metric
from rarebird.metrics.lookup import get_metric

from .base import ThresholdDecision, register_decision
from .cuts import Counts, Cuts, bootstrap_interval, plateau_middle


def _base_rate_cut(score: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """Return the threshold at which about as many rows alert as are positive, and one at least.

    Rows of equal score are not split; of two cuts equally near, the one with fewer alerts is taken.

    Examples
    --------
    >>> score = np.array([0.1, 0.2, 0.3, 0.4])
    >>> round(_base_rate_cut(score, np.array([0, 1, 0, 0]), np.ones(4)), 3)
    0.35
    """
    cuts = Cuts.of(score, weight, np.zeros(len(weight)))
    alerted = cuts.tp[1:]
    reached = alerted > 0  # by rows that count
    far = np.where(reached, np.abs(alerted - weight @ (y == 1)), np.inf)
    return float(cuts.threshold[1 + int(np.argmin(far))])


@dataclass(eq=False, repr=False, kw_only=True)
class SweptThreshold(ThresholdDecision):
    """A threshold chosen among all cuts of the rows of ``fit``, with a bootstrap interval."""

    min_positives: int = 20
    n_boot: int = 200
    level: float = 0.95
    random_state: RandomState = 0
    rules: ClassVar[dict[str, Rule]] = {
        "min_positives": Int(1),
        "n_boot": Int(0),
        "level": Real(0, 1, open_low=True, open_high=True),
    }

    def _enough(self, y: np.ndarray, weight: np.ndarray) -> str:
        """Set ``tuned_``: whether the rows are enough to tune on; return them in words."""
        rows = np.bincount(y[weight > 0], minlength=2)
        self.tuned_ = bool(rows.min() >= self.min_positives)
        self.low_ = self.high_ = float("nan")
        few = f" are too few to tune on (it takes {self.min_positives} of each)"
        return f"{rows[1]} positive and {rows[0]} negative rows" + few * (not self.tuned_)

    def _sweep(
        self, score: np.ndarray, hit: np.ndarray, weight: np.ndarray, choose: Callable
    ) -> Counts:
        """Take the cut that ``choose`` takes by the labels (or their probabilities) ``hit``."""
        cuts = Cuts.of(score, weight * hit, weight * (1.0 - hit))
        cut = choose(cuts.counts)
        self.threshold_ = float(cuts.threshold[cut])
        if self.tuned_:
            rng = as_rng(self.random_state)
            self.low_, self.high_ = bootstrap_interval(
                cuts, score, hit, weight, choose, n_boot=self.n_boot, level=self.level, rng=rng
            )
        tp, fp, fn, tn = (part[[cut]] for part in cuts.counts)
        return tp, fp, fn, tn


@register_decision(
    name="tuned-threshold",
    tasks=("binary",),
    summary="The threshold that maximises a metric over all cuts, with a bootstrap interval.",
    evidence="slow reference: every cut with scikit-learn 1.9's metric; closed form at the share",
    rare_cases="below min_positives rows of a class as many rows alert as are positive: see why_",
    example={"n_boot": 10},
)
@dataclass(eq=False, repr=False)
class TunedThreshold(SweptThreshold):
    """Alert where the probability reaches the threshold that maximises a metric on rows of ``fit``.

    All distinct cuts are compared. Between two neighbouring scores the threshold is halfway; of
    equally good cuts the middle of their longest run is taken. At least the rows of the largest
    score alert, unless the metric (of costs) is better where none does: ``why_`` then says so.

    Parameters
    ----------
    metric : str or Metric
        A metric of labels: f1, f2, f0.5, balanced-accuracy, gmean, mcc, kappa.
    min_positives : int
        With fewer rows of a class (either) nothing is tuned. Balanced accuracy and the geometric
        mean, which are best there on calibrated probabilities (Elkan 2001 with costs 1/n_c), then
        have the positive share as threshold, if a row reaches it; any other metric has the base
        rate: about as many rows alert as are positive, and at least one.
    n_boot, level : int, float
        Redraws of the rows, within each class, for the interval; the share of them inside it.
    random_state : int, Generator, RandomState or None
        Seed of the redraws.

    Attributes
    ----------
    threshold_, low_, high_ : float
        The threshold and its interval (NaN where it is not tuned).
    value_ : float
        The metric on the rows of ``fit``: optimistic, since it was maximised there.
    tuned_, why_ : bool, str
        Whether the threshold was tuned, in words too.

    Raises
    ------
    ParameterError
        If the metric is unknown, does not judge labels, or is best at one end (precision, recall).

    Notes
    -----
    O(n log n), and O(n_boot * positives) for the interval (O(n_boot * n) with unequal weights).

    Examples
    --------
    >>> p, y = [0.6, 0.4, 0.2, 0.1] * 30, [1, 1, 0, 0] * 30
    >>> rule = TunedThreshold("f1").fit(p, y)
    >>> round(rule.threshold_, 3), rule.value_, rule.predict([0.25, 0.35]).tolist()
    (0.3, 1.0, [0, 1])
    """

    metric: Any = "f1"

    def _metric(self) -> Metric:
        metric = get_metric(self.metric).require("TunedThreshold", task="binary", counted=True)
        if metric.trivially_maximised:
            raise ParameterError(
                f"TunedThreshold: {metric.name} alone is largest where nobody or everybody is "
                "alerted. Use MinimumPrecision or MinimumRecall."
            )
        return metric

    def _fit(self, y_proba: np.ndarray, y: np.ndarray, weight: np.ndarray) -> None:
        metric, score, rows = self._metric(), y_proba[:, 1], self._enough(y, weight)
        if not self.tuned_:
            share = float(weight @ (y == 1) / weight.sum())
            if metric.best_at_prior and 0 < share < 1 and score[weight > 0].max() >= share:
                self.threshold_, told = share, "the positive share"
            else:
                self.threshold_ = _base_rate_cut(score, y, weight)
                told = "the base rate: it alerts on about as many rows as are positive"
            self.value_ = metric(y, score >= self.threshold_, sample_weight=weight, n_classes=2)
            self.why_ = f"{rows}; the threshold is {told}"
            return
        sign = 1.0 if metric.greater_is_better else -1.0

        def choose(counts: Counts) -> int:
            value = sign * metric.from_cells(*counts)
            value[np.isnan(value)] = -np.inf
            tp, fp = counts[:2]
            nobody = tp + fp <= 0
            some = value[~nobody].max(initial=-np.inf)
            return plateau_middle(np.where(nobody & (value <= some), -np.inf, value))

        at = self._sweep(score, y, weight, choose)
        self.value_ = float(metric.from_cells(*at)[0])
        self.why_ = f"tuned for {metric.name} on {rows}"
        if at[0] + at[1] <= 0:
            self.why_ += "; best where no row alerts"
