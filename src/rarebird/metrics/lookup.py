"""Metrics by name: every registered one, and the members of its family."""

from rarebird._errors import ParameterError, suggest
from rarebird.registry import cards, method

from .kinds import Metric

__all__ = ["get_metric", "metric_names"]


def metric_names(task: str | None = None) -> list[str]:
    """Return the names of the registered metrics, a family (``recall@1%``) by one member.

    Parameters
    ----------
    task : {"binary", "multiclass", "regression"}, optional
        Keep those that serve this task.

    Examples
    --------
    >>> metric_names("regression")
    ['mae', 'r2', 'rmse']
    """
    return [card.name for card in cards(role="metric", task=task)]


def get_metric(metric: str | Metric) -> Metric:
    """Return the metric of that name, importing its own module only, or the given metric itself.

    Parameters
    ----------
    metric : str or Metric
        A name of `metric_names`, or ``family@parameter`` for a family, such as ``recall@100``,
        ``precision@1%`` or ``recall@5/1000``.

    Raises
    ------
    ParameterError
        If there is none; near names are suggested.

    Examples
    --------
    >>> get_metric("recall@5/1000").title
    'recall in the top 5/1000'
    """
    if isinstance(metric, Metric):
        return metric
    name, known = str(metric).strip().lower().replace("_", "-"), metric_names()
    if name in known:
        return method("metric", name)
    family, at, text = name.partition("@")
    members = [one for one in known if at and one.startswith(f"{family}@")]
    if members:
        return method("metric", members[0]).at(text)
    raise ParameterError(
        f"No metric is called {metric!r}.{suggest(name, known)} The names are {', '.join(known)}; "
        "after @ any number of rows, percentage or share."
    )
