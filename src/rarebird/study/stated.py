"""The goal of a study, read from what the user stated."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rarebird._errors import ParameterError, about
from rarebird.decide.alert_budget import parse_alert_budget
from rarebird.decide.costs import cost_matrix
from rarebird.decide.stated_costs import parse_costs
from rarebird.metrics.table import get_metric

from .goal import AtLeast, Budget, Goal, Minimise, RankBy
from .run import TRIVIAL


def parse_goal(
    classes: list[str],
    *,
    objective: str | None = None,
    cost: Any = None,
    min_precision: Any = None,
    min_recall: Any = None,
    alert_budget: Any = None,
    n_rows: int = 0,
) -> Goal:
    """Turn what the user stated into a goal.

    Parameters
    ----------
    classes : list of str
        Labels in code order; of two classes the second is the rare one.
    objective : str, optional
        A metric's name; average precision where nothing else is stated.
    cost, min_precision, min_recall, alert_budget : optional
        At most one of them: costs per row, a constraint, or alerts per file or per row. With an
        ``objective`` that ranks or estimates, candidates are compared by that.
    n_rows : int
        Rows of the file, to turn a number of alerts into a rate.

    Raises
    ------
    ParameterError
        If a value does not parse or makes no sense for these classes, or two set the threshold.

    Examples
    --------
    >>> parse_goal(["no", "yes"], cost="fp=1,fn=50").title
    'mean cost per row'
    """
    read: dict[str, tuple[Any, Callable[[Any], Goal]]] = {
        "cost": (cost, lambda value: _minimise(value, classes)),
        "min_precision": (min_precision, lambda value: AtLeast("precision", _share(value))),
        "min_recall": (min_recall, lambda value: AtLeast("recall", _share(value))),
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
    option = stated[0]
    if rank_by and get_metric(rank_by).objective == "decision":
        with about("objective", option):
            raise ParameterError(
                f"both set the threshold ({rank_by} would tune it); give one of them."
            )
    with about(option):
        if len(classes) > 2 and option != "cost":
            raise ParameterError(
                f"only for two classes, and the target has {len(classes)}; give costs as "
                "'predicted>true=cost' pairs, or a metric."
            )
        value, reader = read[option]
        return replace(reader(value), rank_by=rank_by)


def _metric_name(objective: str, classes: list[str]) -> str:
    with about("objective"):
        metric = get_metric(objective)
        if metric.name in TRIVIAL:
            raise ParameterError(
                f"{metric.name} alone is won by a trivial rule (alert on everything, "
                "or on one row). Give a minimum precision, a minimum recall, an alert budget, or a "
                "metric such as f1."
            )
        if len(classes) > 2 and "multiclass" not in metric.tasks:
            raise ParameterError(
                f"{metric.name} is for two classes; the target has {len(classes)}."
            )
    return metric.name


def _minimise(value: Any, classes: list[str]) -> Goal:
    stated = isinstance(value, str)
    matrix = parse_costs(value, classes) if stated else cost_matrix(value, len(classes))
    return Minimise(matrix.tolist(), str(value))


def _share(value: Any) -> float:
    text = str(value).strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = float("nan")
    if not 0 < share <= 1:
        raise ParameterError(f"{value!r} is not allowed; it must be between 0 and 1, like 0.9.")
    return share


def _budget(value: Any, n_rows: int) -> Goal:
    count, rate = parse_alert_budget(value)
    if count is None:
        return Budget(rate or 0.0, None, n_rows)
    if n_rows and count >= n_rows:
        raise ParameterError(
            f"{value} is as many alerts as the file has rows ({n_rows:,}); then no model is "
            "needed. Give fewer, or a rate such as 5/1000."
        )
    return Budget(count / max(n_rows, 1), count, n_rows)
