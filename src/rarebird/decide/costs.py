"""Decisions of least expected cost."""

from collections.abc import Mapping
from itertools import permutations
from typing import Any, ClassVar

import numpy as np

from rarebird._errors import DataError, ParameterError, format_label
from rarebird._params import OneOf, Real, Rule

from .actions import Actions
from .base import Decision, as_codes, as_weights, register_decision
from .cost_names import NAMES, named_costs

__all__ = ["cost_matrix", "cost_threshold"]


def _costs(
    values: Any, what: str, shapes: list[tuple], error: type[Exception] = DataError
) -> np.ndarray:
    """Return a copy of costs as finite numbers of one of the shapes."""
    try:
        cost = np.array(values, dtype=float)
    except (TypeError, ValueError) as wrong:
        raise error(f"CostRule: {what} is not numbers ({wrong}).") from wrong
    if cost.shape not in shapes:
        raise error(f"CostRule: {what} has the shape {cost.shape}; expected {shapes[-1]}.")
    if not np.all(np.isfinite(cost)):
        raise error(f"CostRule: {what} is not finite: a number is missing or infinite.")
    return cost


def cost_matrix(costs: Any, n_classes: int) -> np.ndarray:
    """Return costs as a checked matrix ``cost[predicted, true]`` of shape (C, C).

    Parameters
    ----------
    costs : mapping or array-like of shape (C, C)
        The matrix; or costs by name. For two classes ``{"fp": 1, "fn": 50}`` with optional
        ``"tp"`` and ``"tn"`` (0 unless given; negative is a gain). For more ``"fn:2"`` is what
        missing class 2 costs, ``"fp:2"`` what predicting it wrongly costs, ``"2>0"`` what
        predicting 2 where 0 is true costs; ``"fn"`` is any other mistake, 1 unless given.
    n_classes : int
        C.

    Raises
    ------
    ParameterError
        If a cost is missing or not finite, a mistake costs less than being right, or a class is
        never worth predicting.

    Examples
    --------
    >>> cost_matrix({"fp": 1, "fn": 50}, 2).tolist()
    [[0.0, 50.0], [1.0, 0.0]]
    >>> cost_matrix({"fn:2": 20}, 3).tolist()
    [[0.0, 1.0, 20.0], [1.0, 0.0, 20.0], [1.0, 1.0, 0.0]]
    """
    given = named_costs(costs, range(n_classes))[0] if isinstance(costs, Mapping) else costs
    cost = _costs(given, "the cost matrix", [(n_classes, n_classes)], ParameterError)
    right = np.diag(cost)
    if np.any(cost < right):
        i, j = np.argwhere(cost < right)[0]
        raise ParameterError(
            f"CostRule: predicting class {format_label(i)} where {format_label(j)} is true costs "
            f"{cost[i, j]:g}, less than being right ({right[j]:g}), so savings are negative. Rows "
            "are predicted classes, columns true ones: is the matrix transposed?"
        )
    for i, m in permutations(range(n_classes), 2):
        if np.all(cost[m] <= cost[i]):
            raise ParameterError(
                f"CostRule: predicting class {format_label(i)} never pays: whatever is true, "
                f"predicting class {format_label(m)} costs no more. Check the costs of missing "
                f"class {format_label(i)}, or leave it out."
            )
    return cost


def cost_threshold(cost: np.ndarray) -> np.ndarray:
    """Return the probability from which alerting costs no more, of shape (...) for (..., 2, 2).

    t* = (C_fp - C_tn) / ((C_fp - C_tn) + (C_fn - C_tp)); infinity where a miss costs no more than
    a hit (Elkan 2001, equation 2).

    Examples
    --------
    >>> float(cost_threshold(np.array([[0, 50], [1, 0]]))) == 1 / 51
    True
    """
    alarm, miss = cost[..., 1, 0] - cost[..., 0, 0], cost[..., 0, 1] - cost[..., 1, 1]
    pays = miss > 0
    return np.where(pays, alarm / np.where(pays, alarm + miss, 1.0), np.inf)


@register_decision(
    name="costs",
    tasks=("binary", "multiclass"),
    summary="The class of least expected cost, by Bayes' rule; costs per class or per row.",
    evidence="closed form: Elkan's threshold and Chow's rule; slow reference",
    rare_cases="labels are not used, so absent and tiny classes work",
    example={"costs": {"fp": 1, "fn": 10}},
    papers=("elkan2001foundations",),
    follows_prior=True,
)
class CostRule(Decision):
    """Predict the class of least expected cost, argmin_i sum_j p_j cost[i, j].

    For two classes that is an alert where p >= t* = (C_fp - C_tn) / ((C_fp - C_tn) + (C_fn -
    C_tp)). With ``reject`` a row whose least expected cost is more than that is left to a person:
    Chow's rule. Nothing is tuned: the probabilities need to be calibrated.

    Parameters
    ----------
    costs : mapping or array-like of shape (C, C)
        ``{"fp": 1, "fn": 50}``, ``{"fn:2": 20}``, or the matrix cost[predicted, true]: see
        `cost_matrix`.
    reject : float, optional
        Cost of leaving a row to a person; every row is decided unless given.

    Attributes
    ----------
    cost_, threshold_ : ndarray of shape (C, C), float
        cost[predicted, true]; t*, for two classes only.

    Raises
    ------
    ParameterError
        If the costs are degenerate.

    Notes
    -----
    O(n C^2). For many classes, the lowest code of equal costs. In the context of `act` the costs
    of each row are ``"costs"`` of shape (n, C, C), or for two classes ``"fp"``, ``"fn"``, ``"tp"``
    and ``"tn"``, which replace those of the rule; and ``"reject"``. A number stands for all rows.
    Source of reject: Chow, "On optimum recognition error and reject tradeoff", IEEE Transactions
    on Information Theory 16, 1970.

    References
    ----------
    .. [elkan2001foundations] Elkan, C. The foundations of cost-sensitive learning. International
       Joint Conference on Artificial Intelligence, 2001.

    Examples
    --------
    >>> rule = CostRule({"fp": 1, "fn": 50}).fit([0.1, 0.9], [0, 1])
    >>> rule.predict([0.01, 0.03]).tolist(), round(rule.threshold_, 4)
    ([0, 1], 0.0196)
    >>> rule.act([0.03, 0.03], context={"fn": [50, 5]}).codes.tolist()
    [1, 0]
    >>> CostRule({"fp": 1, "fn": 2}, reject=0.5).fit([0.5], [1]).predict([0.2, 0.3, 0.6]).tolist()
    [0, -1, 1]
    """

    kind = "cost"
    takes = ("costs", *NAMES, "reject")
    rules: ClassVar[dict[str, Rule]] = {"reject": OneOf(None, Real(min=0))}

    def __init__(self, costs: Any, *, reject: float | None = None) -> None:
        self.costs = costs
        self.reject = reject

    def _fit(self, y_proba: np.ndarray, y: np.ndarray, weight: np.ndarray) -> None:
        self.cost_ = cost_matrix(self.costs, self.n_classes_)
        if self.n_classes_ == 2:
            self.threshold_ = float(cost_threshold(self.cost_))

    def _act(self, y_proba: np.ndarray, context: dict[str, Any]) -> Actions:
        reject = self._reject(context, len(y_proba))
        cost = self._row_matrix(context, len(y_proba)) if context else self.cost_
        expected = np.einsum("nj,nij->ni", y_proba, cost) if cost.ndim == 3 else y_proba @ cost.T
        codes = expected.argmin(axis=1)
        if self.n_classes_ == 2:
            codes = (y_proba[:, 1] >= cost_threshold(cost)).astype(np.intp)
        if reject is None:
            return Actions(codes)
        abstained = expected.min(axis=1) > reject
        return Actions(np.where(abstained, -1, codes), abstained=abstained)

    def _reject(self, context: dict[str, Any], n_rows: int) -> np.ndarray | None:
        reject = context.pop("reject", self.reject)
        return None if reject is None else _costs(reject, "row cost 'reject'", [(), (n_rows,)])

    def _row_matrix(self, context: Mapping[str, Any], n_rows: int) -> np.ndarray:
        shape = (n_rows, self.n_classes_, self.n_classes_)
        named = [name for name in context if name != "costs"]
        if named and self.n_classes_ != 2:
            raise DataError(
                f"CostRule: row costs {named} for {self.n_classes_} classes; fp, fn, tp and tn are "
                "for two classes, an array (n, C, C) for more."
            )
        given = context.get("costs", np.broadcast_to(self.cost_, shape))
        cost = _costs(given, "row costs", [shape])
        for name in named:
            one = _costs(context[name], f"row cost {name!r}", [(), (n_rows,)])
            cost[(slice(None), *NAMES[name])] = one
        negative = cost[:, 1, 0] < cost[:, 0, 0]
        if self.n_classes_ == 2 and negative.any():
            row = negative.argmax()
            raise DataError(
                f"CostRule: in row {row} a false alarm costs {cost[row, 1, 0]:g}, less than no "
                f"alarm ({cost[row, 0, 0]:g}); savings are negative."
            )
        return cost

    def mean_cost(
        self,
        y_true: Any,
        y_pred: Any,
        sample_weight: Any = None,
        *,
        context: Mapping[str, Any] | None = None,
    ) -> float:
        """Return the weighted mean of cost[predicted, true], in the unit of the costs.

        Parameters
        ----------
        y_true, y_pred : array-like of int of shape (n,)
            Class codes; of the predicted ones -1 is a row that is left to a person.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows.
        context : mapping, optional
            Costs of each row, as of `act`.
        """
        given, n_rows = dict(context or {}), len(np.asarray(y_true))
        reject = self._reject(given, n_rows)
        y_pred = np.asarray(y_pred)
        left = y_pred == -1 if reject is not None else np.zeros(n_rows, dtype=bool)
        true = as_codes(y_true, n_rows, self.n_classes_, "CostRule")
        chosen = as_codes(np.where(left, 0, y_pred), n_rows, self.n_classes_, "CostRule")
        cost = self._row_matrix(given, n_rows)[np.arange(n_rows), chosen, true]
        if reject is not None:
            cost = np.where(left, reject, cost)
        return float(np.average(cost, weights=as_weights(sample_weight, n_rows, "CostRule")))

    def describe(self) -> str:
        """Return the rule as one plain sentence."""
        text = "predict the class with the least expected cost"
        if self.n_classes_ == 2:
            text = f"alert when the probability is at least {self.threshold_:.3g}, from which an "
            text += "alert costs no more than silence"
        if self.reject is not None:
            text += f"; leave to a person what is expected to cost more than {self.reject:g}"
        return text
