"""A decision that keeps to the number of alerts that people can work through."""

from typing import Any

import numpy as np

from rarebird._errors import ParameterError
from rarebird._params import Int, Real

from .base import ThresholdDecision, register_decision
from .cuts import Cuts

__all__ = ["parse_alert_budget"]


def parse_alert_budget(alerts: int | float | str) -> tuple[int | None, float | None]:
    """Return (alerts per file, None) or (None, alerts per row) from 500, 0.005, "5/1000" or "0.5%".

    Raises
    ------
    ParameterError
        If the text or the number is neither.

    Examples
    --------
    >>> parse_alert_budget("5/1000"), parse_alert_budget(500)
    ((None, 0.005), (500, None))
    """
    value: Any = alerts
    if isinstance(alerts, str):
        text = alerts.strip()
        try:
            if "/" in text:
                per, rows = map(float, text.split("/"))
                value = per / rows
            elif text.endswith("%"):
                value = float(text[:-1]) / 100
            else:
                value = float(text) if "." in text else int(text)
        except (ValueError, ZeroDivisionError):
            pass  # it stays a text, which no rule allows
    if Int(1).allows(value):
        return int(value), None
    if Real(0, 1, open_low=True, open_high=True).allows(value):
        return None, float(value)
    raise ParameterError(
        f"AlertBudget: alerts={alerts!r} is not allowed; it must be a whole number >= 1 "
        '(alerts per file), or a rate between 0 and 1 such as 0.005, "0.5%" or "5/1000".'
    )


@register_decision(
    name="alert-budget",
    tasks=("binary",),
    summary="Alert on the highest scores, as many as can be worked through.",
    evidence="slow reference: a stable sort",
    rare_cases="labels are not used, so absent and tiny classes work",
    example={"alerts": 5},
)
class AlertBudget(ThresholdDecision):
    """Alert on the ``alerts`` highest-scored rows of a file, or on a rate of all rows.

    A whole number holds for each call of ``predict``, which needs the whole file; of equal scores
    the earlier rows are taken. A rate sets the lowest threshold under which no more than that share
    of the (weighted) rows of ``fit`` alerts; groups of equal scores are not split.

    Parameters
    ----------
    alerts : int, float or str
        500 (alerts per file), or 0.005, "0.5%" or "5/1000" (alerts per row).

    Attributes
    ----------
    alerts_, rate_ : int or None, float
        Alerts per file; alerts per row (for a whole number, of the rows of ``fit``).
    threshold_ : float
        The threshold that keeps ``rate_`` on the rows of ``fit``.
    why_ : str
        That no row of ``fit`` reaches the threshold, where it is so.

    Raises
    ------
    ParameterError
        If ``alerts`` is neither.

    Notes
    -----
    O(n log n).

    Examples
    --------
    >>> rule = AlertBudget(1).fit([0.1, 0.2, 0.7], [0, 0, 1])
    >>> rule.predict([0.3, 0.6, 0.5, 0.6]).tolist(), rule.describe()
    ([0, 1, 0, 0], 'alert on the highest-scored row of each file')
    """

    kind = "alert-budget"

    def __init__(self, alerts: int | float | str) -> None:
        self.alerts = alerts

    def _fit(self, y_proba: np.ndarray, y: np.ndarray, weight: np.ndarray) -> None:
        self.alerts_, rate = parse_alert_budget(self.alerts)
        if self.alerts_ is not None:
            weight = np.ones(len(weight))
        self.rate_: float = rate or min((self.alerts_ or 0) / len(y), 1.0)
        cuts = Cuts.of(y_proba[:, 1], weight, np.zeros(len(weight)))
        room = self.rate_ * weight.sum() * (1 + 1e-12)
        cut = np.searchsorted(cuts.tp, room, side="right") - 1
        self.threshold_ = float(cuts.threshold[cut])
        self.why_ = ""
        if self.alerts_ is None and cuts.tp[cut] == 0:
            self.why_ = "no row alerts: those that share the largest score are more than the budget"

    def _predict(self, y_proba: np.ndarray) -> np.ndarray:
        if self.alerts_ is None:
            return super()._predict(y_proba)
        alert = np.zeros(len(y_proba), dtype=bool)
        alert[np.argsort(-y_proba[:, 1], kind="stable")[: self.alerts_]] = True
        return alert

    def describe(self) -> str:
        """Return the rule as one plain sentence."""
        if self.alerts_ is None:
            return f"{super().describe()} ({self.rate_ * 1000:.3g} alerts per 1,000 rows)"
        if self.alerts_ == 1:
            return "alert on the highest-scored row of each file"
        return f"alert on the {self.alerts_:,} highest-scored rows of each file"
