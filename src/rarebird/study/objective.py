"""What the user states, and what follows from it: a value to compare by and a decision to take."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from rarebird._errors import ParameterError
from rarebird.decide.alert_budget import AlertBudget, parse_alert_budget
from rarebird.decide.argmax import Argmax
from rarebird.decide.base import Decision
from rarebird.decide.constraint import MinimumPrecision, MinimumRecall
from rarebird.decide.costs import CostRule, cost_matrix
from rarebird.decide.decision_weights import DecisionWeights
from rarebird.decide.stated_costs import parse_costs
from rarebird.decide.threshold import TunedThreshold
from rarebird.metrics.costs import cost_metric
from rarebird.metrics.kinds import Metric
from rarebird.metrics.lookup import get_metric
from rarebird.metrics.ranking_kind import RankingMetric

_DEFAULT_DECISION = "f1"  # for objectives that rank or estimate, and state no decision


@dataclass(frozen=True)
class Objective:
    """What candidates are compared by, and how scores become actions.

    Parameters
    ----------
    name : str
        A metric's name, ``"cost"``, ``"recall@precision"`` or ``"precision@recall"``.
    wish : dict or None
        ``kind`` ("cost", "min-precision", "min-recall", "alert-budget"), ``text`` and ``value``.
    """

    name: str
    title: str
    greater_is_better: bool
    family: str
    averaging: str = ""
    wish: dict[str, Any] | None = None

    @property
    def sign(self) -> float:
        """1 where more is better, -1 where less is."""
        return 1.0 if self.greater_is_better else -1.0

    @property
    def metric(self) -> Metric:
        """The metric behind the name."""
        if self.name == "cost":
            return cost_metric(self.wish["value"])  # type: ignore[index]
        if self.name in ("recall@precision", "precision@recall"):
            at_floor = partial(_at_floor, minimum=self.wish["value"], kind=self.wish["kind"])  # type: ignore[index]
            return RankingMetric(
                name=self.name, title=self.title, score=at_floor, requires=(1,), tasks=("binary",)
            )
        return get_metric(self.name)

    def output(self, proba: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Return what the metric looks at."""
        return self.metric.choose(proba, predicted)

    def value(
        self,
        y: np.ndarray,
        proba: np.ndarray,
        predicted: np.ndarray,
        sample_weight: np.ndarray | None = None,
    ) -> float:
        """Return the objective on rows with codes y, probabilities (n, C) and decided codes."""
        output = self.output(proba, predicted)
        return self.metric(y, output, sample_weight=sample_weight, n_classes=proba.shape[1])

    def decision(self, n_classes: int, *, n_boot: int = 0, whole: bool = False) -> Decision:
        """Return the unfitted rule from probabilities to actions.

        With ``whole`` it is the rule for whole files, whose alert budget may be a number of rows.
        """
        kind = self.wish["kind"] if self.wish else None
        if kind == "cost":
            return CostRule(self.wish["value"])  # type: ignore[index]
        if kind == "min-precision":
            return MinimumPrecision(self.wish["value"], n_boot=n_boot)  # type: ignore[index]
        if kind == "min-recall":
            return MinimumRecall(self.wish["value"], n_boot=n_boot)  # type: ignore[index]
        if (
            kind == "alert-budget"
        ):  # on part of the rows a number of alerts is the same rate of them
            shipped = self.wish.get("count") if whole else None  # type: ignore[union-attr]
            return AlertBudget(shipped or self.wish["value"])  # type: ignore[index]
        at = self.name.partition("@")
        if at[1] and n_classes == 2:
            rows = at[2]
            return AlertBudget(rows)
        metric = self.name if self.family == "decision" else _DEFAULT_DECISION
        if n_classes > 2:
            tunable = self.family == "decision" and get_metric(metric).class_sums() is not None
            return DecisionWeights(metric) if tunable else Argmax()
        return TunedThreshold(metric, n_boot=n_boot)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        wish = self.wish
        if wish is not None:
            wish = {**wish, "value": np.asarray(wish["value"]).tolist()}
        return {**self.__dict__, "wish": wish}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Objective":
        """Return the objective that `as_dict` was called on."""
        return cls(**values)


def _at_floor(
    y: np.ndarray,
    p: np.ndarray,
    *,
    minimum: float,
    kind: str,
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
    held, best = (precision, recall) if kind == "min-precision" else (recall, precision)
    return float(best[held >= minimum - 1e-12].max(initial=0.0))


def _share(text: Any, flag: str) -> float:
    try:
        value = float(str(text).strip().rstrip("%")) / (
            100 if str(text).strip().endswith("%") else 1
        )
    except ValueError:
        value = float("nan")
    if not 0 < value <= 1:
        raise ParameterError(
            f"{flag}={text!r} is not allowed; it must be between 0 and 1, like 0.9."
        )
    return value


def parse_objective(
    classes: list[str],
    *,
    objective: str | None = None,
    cost: Any = None,
    min_precision: Any = None,
    min_recall: Any = None,
    alert_budget: Any = None,
    n_rows: int = 0,
) -> Objective:
    """Turn what the user stated into an objective.

    Parameters
    ----------
    classes : list of str
        Labels in code order; of two classes the second is the rare one.
    objective : str, optional
        A metric's name; average precision without it and without a wish.
    cost, min_precision, min_recall, alert_budget : optional
        One wish at most; costs are per row, an alert budget is alerts a file or a rate.
    n_rows : int
        Rows of the file, to turn a whole number of alerts into a rate.

    Raises
    ------
    ParameterError
        For two wishes, or one that does not parse or makes no sense for these classes.

    Examples
    --------
    >>> parse_objective(["no", "yes"], cost="fp=1,fn=50").title
    'mean cost a row'
    """
    wishes = {
        "--cost": cost,
        "--min-precision": min_precision,
        "--min-recall": min_recall,
        "--alert-budget": alert_budget,
    }
    given = {flag: value for flag, value in wishes.items() if value is not None}
    if len(given) > 1:
        raise ParameterError(
            f"{' and '.join(given)} are two wishes at once; one threshold cannot promise both. "
            "Give the one that binds, and read the other off the report's slider."
        )
    many = len(classes) > 2
    flag, value = next(iter(given.items()), ("", None))
    if many and flag in ("--min-precision", "--min-recall", "--alert-budget"):
        raise ParameterError(
            f"{flag} is for two classes and the target has {len(classes)}; give --cost as "
            "'predicted>true=cost' pairs, or an --objective."
        )
    wish: dict[str, Any] | None = None
    stated: Objective | None = None
    if flag == "--cost":
        stated_costs = (
            parse_costs(cost, classes).matrix()
            if isinstance(cost, str)
            else cost_matrix(cost, len(classes))
        )
        matrix = stated_costs.tolist()
        wish = {"kind": "cost", "text": f"costs {cost}", "value": matrix}
        stated = Objective("cost", "mean cost a row", False, "decision", wish=wish)
    elif flag == "--min-precision":
        share = _share(value, flag)
        wish = {"kind": "min-precision", "text": f"precision at least {share:g}", "value": share}
        stated = Objective(
            "recall@precision", f"recall at precision >= {share:g}", True, "ranking", wish=wish
        )
    elif flag == "--min-recall":
        share = _share(value, flag)
        wish = {"kind": "min-recall", "text": f"recall at least {share:g}", "value": share}
        stated = Objective(
            "precision@recall", f"precision at recall >= {share:g}", True, "ranking", wish=wish
        )
    elif flag == "--alert-budget":
        count, rate = parse_alert_budget(value)
        if count is not None and n_rows and count >= n_rows:
            raise ParameterError(
                f"--alert-budget={value} is as many alerts as the file has rows ({n_rows:,}); then "
                "no model is needed. Give fewer, or a rate such as 5/1000."
            )
        rate = count / max(n_rows, 1) if count is not None else rate
        text = f"{count:,} alerts a file of {n_rows:,} rows" if count else f"{rate:.3%} of rows"
        wish = {"kind": "alert-budget", "text": text, "value": rate, "count": count}
        base = get_metric(f"recall@{max(rate, 1e-9):.12f}".rstrip("0"))
        stated = Objective(base.name, f"recall within {text}", True, "ranking", wish=wish)
    if objective is None and stated is not None:
        return stated
    metric = get_metric("ap" if objective is None else objective)
    metric.require("--objective", task="multiclass" if many else "binary")
    if metric.trivially_maximised:
        raise ParameterError(
            f"--objective {metric.name} alone is won by a trivial rule (alert on everything, or on "
            "one row). Give --min-precision, --min-recall, --alert-budget, or one such as f1."
        )
    found = Objective(
        metric.name,
        metric.title,
        metric.greater_is_better,
        metric.purpose,
        averaging=metric.averaging if many else "",
    )
    if wish is None:
        return found
    if metric.purpose == "decision":
        raise ParameterError(
            f"--objective {metric.name} and {flag} both set the threshold; give one of them."
        )
    return replace(found, wish=wish)
