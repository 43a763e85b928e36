"""The goal of a study: the metric that candidates are compared by, and the decision it asks for."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np

from rarebird.decide.alert_budget import AlertBudget
from rarebird.decide.argmax import Argmax
from rarebird.decide.base import Decision
from rarebird.decide.constraint import MinimumPrecision, MinimumRecall
from rarebird.decide.costs import CostRule
from rarebird.decide.decision_weights import DecisionWeights
from rarebird.decide.stated_costs import StatedCosts
from rarebird.decide.threshold import TunedThreshold
from rarebird.metrics.costs import cost_metric
from rarebird.metrics.kinds import Metric
from rarebird.metrics.lookup import get_metric
from rarebird.metrics.ranking_kind import RankingMetric

_THRESHOLD_METRIC = "f1"  # where the goal ranks or estimates, and states no decision


@dataclass(frozen=True)
class Goal:
    """What candidates are compared by, and how probabilities become actions.

    ``rank_by`` names the metric that candidates are compared by (empty: the goal's own);
    ``sentence`` is what the decision must keep, in words (empty: nothing was stated).
    """

    rank_by: str = field(default="", kw_only=True)
    sentence: str = field(default="", kw_only=True)
    kind: ClassVar[str]
    row_costs: ClassVar[np.ndarray | None] = None  # of the rows that the goal is `on`

    def _own(self) -> tuple[Metric, Metric]:
        """Return the metric to compare by, and the one to report from the test set."""
        return get_metric(self.rank_by), get_metric(self.rank_by)

    @property
    def metric(self) -> Metric:
        """The metric that candidates are compared by."""
        return get_metric(self.rank_by) if self.rank_by else self._own()[0]

    @property
    def headline(self) -> Metric:
        """The metric that is reported from the test set."""
        return get_metric(self.rank_by) if self.rank_by else self._own()[1]

    @property
    def tunes_threshold(self) -> bool:
        """Whether the compared value depends on the threshold."""
        return self.metric.purpose == "decision"

    @property
    def sign(self) -> float:
        """1 where more is better, -1 where less is."""
        return 1.0 if self.metric.greater_is_better else -1.0

    @property
    def cost(self) -> np.ndarray | None:
        """The matrix cost[predicted, true], where costs were stated."""
        return None

    @property
    def columns(self) -> StatedCosts | None:
        """The costs by column, where some differ from row to row."""
        return None

    @property
    def counts_alerts(self) -> bool:
        """Whether the decision for whole files is another than for part of them."""
        return False

    def on(self, costs: np.ndarray | None) -> "Goal":
        """Return the goal for some rows, of shape (n, C, C) their own costs, if they have such."""
        found = copy(self)
        object.__setattr__(found, "row_costs", costs)
        return found

    @property
    def context(self) -> dict[str, np.ndarray] | None:
        """What the decision gets beside the probabilities of the rows that the goal is `on`."""
        return None if self.row_costs is None else {"costs": self.row_costs}

    def decision(self, n_classes: int, *, n_boot: int = 0, whole: bool = False) -> Decision:
        """Return the unfitted rule from probabilities to actions.

        ``n_boot`` are replicates for the interval of a threshold; ``whole`` asks for the rule for
        whole files, whose alert budget may be a number of rows.
        """
        raise NotImplementedError

    def value(
        self, y: np.ndarray, proba: np.ndarray, predicted: np.ndarray, weight: Any = None
    ) -> float:
        """Return the metric on rows with codes y, probabilities (n, C) and decided codes."""
        output = self.metric.choose(proba, predicted)
        return self.metric(y, output, sample_weight=weight, n_classes=proba.shape[1])

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
        tunable = get_metric(metric).class_sums() is not None
        return DecisionWeights(metric) if tunable else Argmax()


@dataclass(frozen=True)
class Minimise(Goal):
    """The least mean cost per row, by ``costs[predicted][true]``.

    ``stated`` has the same shape and holds names of columns where costs differ from row to row;
    then ``costs`` are their means.
    """

    costs: Sequence[Sequence[float]]
    stated: Sequence[Sequence[float | str]] = ()
    kind: ClassVar[str] = "cost"

    def _own(self) -> tuple[Metric, Metric]:
        metric = cost_metric(self.costs if self.row_costs is None else self.row_costs)
        return replace(metric, name="cost", title="mean cost per row"), metric

    @property
    def columns(self) -> StatedCosts | None:
        """The costs by column, where some differ from row to row."""
        rows = tuple(tuple(row) for row in self.stated)
        return StatedCosts(self.sentence, rows) if rows else None

    @property
    def cost(self) -> np.ndarray:
        """The matrix cost[predicted, true]."""
        return np.asarray(self.costs, dtype=float)

    def decision(self, n_classes: int, *, n_boot: int = 0, whole: bool = False) -> Decision:
        """Return the rule of least expected cost."""
        return CostRule(self.costs)


@dataclass(frozen=True)
class AtLeast(Goal):
    """The best recall where precision is ``kept`` at a ``share`` at least, or the other way."""

    kept: str
    share: float
    kind: ClassVar[str] = "at-least"

    def _own(self) -> tuple[Metric, Metric]:
        best = "recall" if self.kept == "precision" else "precision"
        value = partial(_best_at, minimum=self.share, kept=self.kept)
        title = f"{best} at {self.kept} >= {self.share:g}"
        metric = RankingMetric(
            f"{best}@{self.kept}", title, score=value, requires=(1,), tasks=("binary",)
        )
        # the threshold was set on other rows than the test set's; there, what it reaches counts
        return metric, get_metric(best)

    def decision(self, n_classes: int, *, n_boot: int = 0, whole: bool = False) -> Decision:
        """Return the threshold that keeps the constraint."""
        rule = MinimumPrecision if self.kept == "precision" else MinimumRecall
        return rule(self.share, n_boot=n_boot)


@dataclass(frozen=True)
class Budget(Goal):
    """The best recall within alerts at a ``rate`` per row, or a ``count`` of them per file."""

    rate: float
    count: int | None = None
    kind: ClassVar[str] = "alert-budget"

    def _own(self) -> tuple[Metric, Metric]:
        metric = get_metric(f"recall@{max(self.rate, 1e-9):.12f}".rstrip("0"))
        told = replace(metric, title=f"recall within {self.sentence}")
        return told, told

    @property
    def counts_alerts(self) -> bool:
        """Whether the decision for whole files is another than for part of them."""
        return self.count is not None

    def decision(self, n_classes: int, *, n_boot: int = 0, whole: bool = False) -> Decision:
        """Return the cut; on part of the rows a number of alerts is the same rate of them."""
        return AlertBudget(self.count if whole and self.count is not None else self.rate)


def goal_from_dict(values: Mapping[str, Any]) -> Goal:
    """Return the goal that `Goal.as_dict` was called on."""
    goals: tuple[type[Goal], ...] = (RankBy, Minimise, AtLeast, Budget)
    fields = dict(values)
    kind = fields.pop("kind")
    return next(goal for goal in goals if goal.kind == kind)(**fields)


def _best_at(
    y: np.ndarray, p: np.ndarray, *, minimum: float, kept: str, sample_weight: Any = None
) -> float:
    """Return the best recall at a minimum precision, or the other way round; 0 if unmet."""
    weight = np.ones(len(y)) if sample_weight is None else sample_weight
    order = np.argsort(-p, kind="stable")
    last = np.append(np.diff(p[order]) != 0, True)
    tp = np.cumsum((weight * y)[order])[last]
    alerts = np.cumsum(weight[order])[last]
    if not tp[-1] > 0:
        return float("nan")
    precision = np.divide(tp, alerts, out=np.zeros_like(tp), where=alerts > 0)
    recall = tp / tp[-1]
    held, best = (precision, recall) if kept == "precision" else (recall, precision)
    return float(best[held >= minimum - 1e-12].max(initial=0.0))
