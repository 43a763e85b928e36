"""From what a person stated to a goal: the one place where it is read."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rarebird._errors import ParameterError, about, class_names
from rarebird.decide.alert_budget import parse_alert_budget
from rarebird.decide.costs import cost_matrix
from rarebird.decide.stated_costs import number_or_name, parse_costs, stated_costs
from rarebird.metrics.lookup import get_metric

from .goal import AtLeast, Budget, Goal, Minimise, RankBy


def parse_goal(
    classes: list[str],
    *,
    objective: str | None = None,
    cost: Any = None,
    min_precision: Any = None,
    min_recall: Any = None,
    alert_budget: Any = None,
    n_rows: int = 0,
    frame: Any = None,
) -> Goal:
    """Turn what the user stated into a goal, for labels in code order (of two the rare one last).

    Without any the goal is average precision. ``n_rows`` turn a number of alerts into a rate, and
    costs may name columns of ``frame``.

    >>> parse_goal(["no", "yes"], cost="fp=1,fn=50").metric.title
    'mean cost per row'
    """
    read: dict[str, tuple[Any, Callable[[Any], Goal]]] = {
        "cost": (cost, lambda value: _minimise(value, classes, frame)),
        "min_precision": (min_precision, lambda value: _at_least("precision", value)),
        "min_recall": (min_recall, lambda value: _at_least("recall", value)),
        "alert_budget": (alert_budget, lambda value: _budget(value, n_rows)),
    }
    stated = [name for name, (value, _) in read.items() if value is not None]
    if len(stated) > 1:
        with about(*stated):
            raise ParameterError(
                "mutually exclusive; one threshold cannot keep both. Give the one that binds, and "
                "read the other off the report's slider."
            )
    rank_by = "" if objective is None else _metric_name(objective, classes)
    if not stated:
        return RankBy(rank_by=rank_by or "ap")
    if rank_by and get_metric(rank_by).purpose == "decision":
        with about("objective", *stated):
            raise ParameterError(f"both set the threshold ({rank_by} tunes it); give one of them.")
    with about(*stated):
        if len(classes) > 2 and cost is None:
            raise ParameterError(
                f"only for two classes, and the target has {len(classes)}; give costs, like "
                f"'fn:{classes[-1]}=20' for what missing a class costs, or a metric."
            )
        value, reader = read[stated[0]]
        return replace(reader(value), rank_by=rank_by)


def _metric_name(objective: str, classes: list[str]) -> str:
    with about("objective"):
        metric = get_metric(objective)
        metric.require("study", task="binary" if len(classes) == 2 else "multiclass")
        if metric.trivially_maximised:
            raise ParameterError(
                f"{metric.name} alone is won by a trivial rule (alert on everything, or on one "
                "row). Give a minimum precision, a minimum recall, an alert budget, or a metric "
                "such as f1."
            )
    return metric.name


def _minimise(value: Any, classes: list[str], frame: Any) -> Goal:
    if isinstance(value, str):
        costs = parse_costs(value, classes)
    elif isinstance(value, Mapping):
        given = {name: number_or_name(str(cost)) for name, cost in value.items()}
        costs = stated_costs(str(dict(value)), given, classes)
    else:
        with class_names(classes):
            matrix = cost_matrix(value, len(classes))
        return Minimise(matrix.tolist(), sentence=f"costs {value}")
    stated = [list(row) for row in costs.cells] if costs.columns else []
    with class_names(classes):
        matrix = costs.matrix(frame)
    return Minimise(matrix.tolist(), stated, sentence=f"costs {costs.text}")


def _at_least(kept: str, value: Any) -> Goal:
    text = str(value).strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = float("nan")
    if not 0 < share <= 1:
        raise ParameterError(f"{value!r} is not allowed; it must be between 0 and 1, like 0.9.")
    return AtLeast(kept, share, sentence=f"{kept} at least {share:g}")


def _budget(value: Any, n_rows: int) -> Goal:
    count, rate = parse_alert_budget(value)
    if count is None:
        return Budget(rate or 0.0, sentence=f"{rate:.3%} of rows")
    if n_rows and count >= n_rows:
        raise ParameterError(
            f"{value} is as many alerts as the file has rows ({n_rows:,}); then no model is "
            "needed. Give fewer, or a rate such as 5/1000."
        )
    text = f"{count:,} alerts per file of {n_rows:,} rows"
    return Budget(count / max(n_rows, 1), count, sentence=text)
