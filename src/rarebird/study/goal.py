"""The goal of a study: the metric that candidates are compared by, and the decision it asks for.

This module and `stated` are the only ones of the study that know metrics and decisions by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np

from rarebird.decide.alert_budget import AlertBudget
from rarebird.decide.argmax import Argmax
from rarebird.decide.base import Decision
from rarebird.decide.constraint import MinimumPrecision, MinimumRecall
from rarebird.decide.costs import CostRule
from rarebird.decide.decision_weights import METRICS as WEIGHT_METRICS
from rarebird.decide.decision_weights import DecisionWeights
from rarebird.decide.threshold import TunedThreshold
from rarebird.metrics.table import Metric, cost_metric, get_metric

_THRESHOLD_METRIC = "f1"  # where the goal ranks or estimates, and states no decision


class _Own(NamedTuple):
    """What a goal compares by where no other metric is named, and how it is called."""

    metric: Metric
    name: str
    title: str
    sentence: str = ""
    headline: Metric | None = None  # reported from the test set, where it is not the metric
    class_metric: Metric | None = None  # reported for each class of many, where it is not that


@dataclass(frozen=True)
class Goal:
    """What candidates are compared by, and how probabilities become actions.

    Parameters
    ----------
    rank_by : str
        Name of the metric that candidates are compared by; empty for the goal's own.
    """

    rank_by: str = field(default="", kw_only=True)
    kind: ClassVar[str]

    def _own(self) -> _Own:
        metric = get_metric(self.rank_by)
        return _Own(metric, metric.name, metric.title)

    def decision(self, n_classes: int, *, n_boot: int = 0, whole: bool = False) -> Decision:
        """Return the unfitted rule from probabilities to actions.

        Parameters
        ----------
        n_classes : int
            Classes.
        n_boot : int
            Bootstrap replicates for the interval of a threshold.
        whole : bool
            The rule for whole files, whose alert budget may be a number of rows.
        """
        raise NotImplementedError

    @property
    def _used(self) -> _Own:
        return Goal._own(self) if self.rank_by else self._own()

    @property
    def metric(self) -> Metric:
        """The metric that candidates are compared by."""
        return self._used.metric

    @property
    def name(self) -> str:
        """What is compared, for programs."""
        return self._used.name

    @property
    def title(self) -> str:
        """What is compared, in a sentence."""
        return self._used.title

    @property
    def headline(self) -> Metric:
        """The metric that is reported from the test set."""
        return self._used.headline or self.metric

    @property
    def class_metric(self) -> Metric:
        """The metric that is reported for each class of many."""
        return self._used.class_metric or self.headline

    @property
    def sentence(self) -> str:
        """What the decision must keep, as the user stated it; empty where nothing was."""
        return self._own().sentence

    @property
    def tunes_threshold(self) -> bool:
        """Whether the compared value depends on the threshold."""
        return self.metric.objective == "decision"

    @property
    def sign(self) -> float:
        """1 where more is better, -1 where less is."""
        return 1.0 if self.metric.greater_is_better else -1.0

    @property
    def cost(self) -> np.ndarray | None:
        """The matrix cost[predicted, true], where costs were stated."""
        return None

    @property
    def counts_alerts(self) -> bool:
        """Whether the decision for whole files is another than for part of them."""
        return False

    def output(self, proba: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Return what the metric is computed from."""
        return output_for(self.metric, proba, predicted)

    def value(
        self,
        y: np.ndarray,
        proba: np.ndarray,
        predicted: np.ndarray,
        sample_weight: np.ndarray | None = None,
    ) -> float:
        """Return the metric on rows with codes y, probabilities (n, C) and decided codes."""
        output = self.output(proba, predicted)
        return self.metric(y, output, sample_weight=sample_weight, n_classes=proba.shape[1])

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True)
class RankBy(Goal):
    """The best value of the metric ``rank_by``."""

    kind: ClassVar[str] = "metric"

    def decision(self, n_classes: int, *, n_boot: int = 0, whole: bool = False) -> Decision:
        """Return the cut at k of a metric at k, else the rule with the metric's best value."""
        _, at, k = self.rank_by.partition("@")
        if at and n_classes == 2:
            return AlertBudget(k)
        metric = self.rank_by if self.tunes_threshold else _THRESHOLD_METRIC
        if n_classes == 2:
            return TunedThreshold(metric, n_boot=n_boot)
        tunable = self.tunes_threshold and metric in WEIGHT_METRICS
        return DecisionWeights(metric) if tunable else Argmax()


@dataclass(frozen=True)
class Minimise(Goal):
    """The least mean cost per row.

    Parameters
    ----------
    costs : sequence of sequences of float
        cost[predicted, true].
    text : str
        The costs as the user stated them.
    """

    costs: Sequence[Sequence[float]]
    text: str
    kind: ClassVar[str] = "cost"

    def _own(self) -> _Own:
        title, f1 = "mean cost per row", get_metric("f1")  # a cost belongs to a pair of classes
        return _Own(cost_metric(self.costs), "cost", title, f"costs {self.text}", class_metric=f1)

    @property
    def cost(self) -> np.ndarray:
        """The matrix cost[predicted, true]."""
        return np.asarray(self.costs, dtype=float)

    def decision(self, n_classes: int, *, n_boot: int = 0, whole: bool = False) -> Decision:
        """Return the rule of least expected cost."""
        return CostRule(self.costs)


@dataclass(frozen=True)
class AtLeast(Goal):
    """The best recall at a minimum precision, or the other way round.

    Parameters
    ----------
    kept : {"precision", "recall"}
        What must be kept.
    share : float
        The minimum.
    """

    kept: str
    share: float
    kind: ClassVar[str] = "at-least"

    def _own(self) -> _Own:
        best = "recall" if self.kept == "precision" else "precision"
        name, title = f"{best}@{self.kept}", f"{best} at {self.kept} >= {self.share:g}"
        value = partial(_best_at, minimum=self.share, kept=self.kept)
        metric = Metric(name, value, True, "scores", "ranking", title)
        # the threshold was set on other rows than the test set's, so there: what it reaches
        reached = get_metric(best)
        return _Own(metric, name, title, f"{self.kept} at least {self.share:g}", reached)

    def decision(self, n_classes: int, *, n_boot: int = 0, whole: bool = False) -> Decision:
        """Return the threshold that keeps the constraint."""
        rule = MinimumPrecision if self.kept == "precision" else MinimumRecall
        return rule(self.share, n_boot=n_boot)


@dataclass(frozen=True)
class Budget(Goal):
    """The best recall within a number of alerts.

    Parameters
    ----------
    rate : float
        Alerts per row.
    count : int or None
        Alerts per file, where the user stated a number.
    n_rows : int
        Rows of the file.
    """

    rate: float
    count: int | None
    n_rows: int
    kind: ClassVar[str] = "alert-budget"

    def _own(self) -> _Own:
        metric = get_metric(f"recall@{max(self.rate, 1e-9):.12f}".rstrip("0"))
        text = f"{self.rate:.3%} of rows"
        if self.count is not None:
            text = f"{self.count:,} alerts per file of {self.n_rows:,} rows"
        return _Own(metric, metric.name, f"recall within {text}", text)

    @property
    def counts_alerts(self) -> bool:
        """Whether the decision for whole files is another than for part of them."""
        return self.count is not None

    def decision(self, n_classes: int, *, n_boot: int = 0, whole: bool = False) -> Decision:
        """Return the cut; on part of the rows a number of alerts is the same rate of them."""
        return AlertBudget(self.count if whole and self.count is not None else self.rate)


_GOALS: dict[str, type[Goal]] = {kind.kind: kind for kind in (RankBy, Minimise, AtLeast, Budget)}


def goal_from_dict(values: Mapping[str, Any]) -> Goal:
    """Return the goal that `Goal.as_dict` was called on."""
    fields = dict(values)
    return _GOALS[fields.pop("kind")](**fields)


def output_for(metric: Metric, proba: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return what a metric is computed from: decided codes, or probabilities."""
    return predicted if metric.needs == "labels" else proba


def _best_at(
    y: np.ndarray,
    p: np.ndarray,
    *,
    minimum: float,
    kept: str,
    sample_weight: np.ndarray | None = None,
) -> float:
    """Return the best recall at a minimum precision, or the other way round; 0 if unmet."""
    weight = np.ones(len(y)) if sample_weight is None else sample_weight
    order = np.argsort(-p, kind="stable")
    last = np.append(np.diff(p[order]) != 0, True)
    tp = np.cumsum((weight * y)[order])[last]
    alerts = np.cumsum(weight[order])[last]
    if not tp[-1] > 0:
        return float("nan")
    precision, recall = tp / alerts, tp / tp[-1]
    held, best = (precision, recall) if kept == "precision" else (recall, precision)
    return float(best[held >= minimum - 1e-12].max(initial=0.0))
