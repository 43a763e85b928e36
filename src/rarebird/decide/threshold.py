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

__all__ = ["default_threshold"]


def default_threshold(metric: str | Metric, prior: float) -> float:
    """Return the threshold that theory gives a metric on calibrated probabilities.

    Balanced accuracy is largest at the prior (Elkan 2001 with costs 1/n_c), the geometric mean
    near it, accuracy at one half; metrics without a closed form get one half too.

    Examples
    --------
    >>> default_threshold("gmean", 0.02), default_threshold("f1", 0.02)
    (0.02, 0.5)
    """
    return prior if get_metric(metric).best_at_prior and 0 < prior < 1 else 0.5


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
    evidence="slow reference: every cut with scikit-learn 1.9's metric; closed form of the default",
    rare_cases="below min_positives rows of a class it is the theoretical threshold: see why_",
    example={"n_boot": 10},
)
@dataclass(eq=False, repr=False)
class TunedThreshold(SweptThreshold):
    """Alert where the probability reaches the threshold that maximises a metric on rows of ``fit``.

    All distinct cuts are compared. Between two neighbouring scores the threshold is halfway; of
    equally good cuts the middle of their longest run is taken.

    Parameters
    ----------
    metric : str or Metric
        A metric of labels: f1, f2, f0.5, balanced-accuracy, gmean, mcc, kappa.
    min_positives : int
        With fewer rows of a class (either) nothing is tuned: see `default_threshold`.
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
            prior = float(weight @ (y == 1) / weight.sum())
            self.threshold_ = default_threshold(metric, prior)
            self.value_ = metric(y, score >= self.threshold_, sample_weight=weight, n_classes=2)
            named = "the class share" if self.threshold_ == prior else "one half"
            self.why_ = f"{rows}; the threshold is {named}"
            return
        sign = 1.0 if metric.greater_is_better else -1.0

        def choose(counts: Counts) -> int:
            value = sign * metric.from_cells(*counts)
            return plateau_middle(np.where(np.isnan(value), -np.inf, value))

        self.value_ = float(metric.from_cells(*self._sweep(score, y, weight, choose))[0])
        self.why_ = f"tuned for {metric.name} on {rows}"
