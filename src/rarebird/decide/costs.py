"""Decisions of least expected cost."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rarebird._errors import DataError, ParameterError, suggest
from rarebird.registry import register

from .base import Decision, as_codes, as_weights

__all__ = ["cost_matrix", "cost_threshold"]

NAMES = {"tn": (0, 0), "fn": (0, 1), "fp": (1, 0), "tp": (1, 1)}


def cost_matrix(costs: Any, n_classes: int) -> np.ndarray:
    """Return costs as a checked matrix ``cost[predicted, true]`` of shape (C, C).

    Parameters
    ----------
    costs : mapping or array-like of shape (C, C)
        ``{"fp": 1, "fn": 50}`` with optional ``"tp"`` and ``"tn"`` (0 unless given; negative is a
        gain) for two classes, or the matrix.
    n_classes : int
        C.

    Raises
    ------
    ParameterError
        If a cost is missing or not finite, a mistake costs less than being right (negative
        savings), or a class is never worth predicting.

    Examples
    --------
    >>> cost_matrix({"fp": 1, "fn": 50}, 2).tolist()
    [[0.0, 50.0], [1.0, 0.0]]
    """
    if isinstance(costs, Mapping):
        if n_classes != 2:
            raise ParameterError(
                f"CostRule: costs by fp and fn are for two classes, and there are {n_classes}. "
                f"Give a {n_classes} x {n_classes} matrix cost[predicted, true]."
            )
        unknown = [key for key in costs if key not in NAMES]
        if unknown:
            raise ParameterError(
                f"CostRule: cost {unknown[0]!r} is unknown; give fp and fn, and tp or tn where "
                f"they are not 0.{suggest(unknown[0], NAMES)}"
            )
        missing = [key for key in ("fp", "fn") if key not in costs]
        if missing:
            raise ParameterError(f"CostRule: the cost {missing[0]!r} is missing; give fp and fn.")
        given = [[costs.get("tn", 0), costs["fn"]], [costs["fp"], costs.get("tp", 0)]]
    else:
        given = costs
    try:
        cost = np.array(given, dtype=float)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"CostRule: costs={costs!r} are not numbers.") from error
    if cost.shape != (n_classes, n_classes):
        raise ParameterError(
            f"CostRule: a cost matrix of shape {cost.shape} for {n_classes} classes; expected "
            f"({n_classes}, {n_classes}), cost[predicted, true]."
        )
    if not np.all(np.isfinite(cost)):
        raise ParameterError("CostRule: a cost is not finite.")
    right = np.diag(cost)
    if np.any(cost < right):
        i, j = np.argwhere(cost < right)[0]
        raise ParameterError(
            f"CostRule: predicting class {i} where {j} is true costs {cost[i, j]:g}, less than "
            f"being right ({right[j]:g}), so savings are negative. Rows are predicted classes, "
            "columns true ones: is the matrix transposed?"
        )
    for i in range(n_classes):
        for m in range(n_classes):
            if i != m and np.all(cost[m] <= cost[i]):
                raise ParameterError(
                    f"CostRule: predicting class {i} never pays: whatever is true, predicting "
                    f"class {m} costs no more. Check the costs of missing class {i}, or leave it "
                    "out."
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


@register(
    name="costs",
    role="decision",
    place="decision",
    tasks=("binary", "multiclass"),
    inputs=("probabilities",),
    summary="The class of least expected cost, by Bayes' rule; costs per class or per row.",
    evidence="closed form; slow reference",
    rare_cases="labels are not used, so absent and tiny classes work",
    example={"costs": {"fp": 1, "fn": 10}},
    papers=("elkan2001foundations",),
    follows_prior=True,
)
class CostRule(Decision):
    """Predict the class of least expected cost, argmin_i sum_j p_j cost[i, j].

    For two classes that is an alert where p >= t* = (C_fp - C_tn) / ((C_fp - C_tn) + (C_fn -
    C_tp)). Nothing is tuned: the probabilities need to be calibrated.

    Parameters
    ----------
    costs : mapping or array-like of shape (C, C)
        ``{"fp": 1, "fn": 50}``, or the matrix cost[predicted, true]: see `cost_matrix`.

    Attributes
    ----------
    cost_ : ndarray of shape (C, C)
        cost[predicted, true].
    threshold_ : float
        t*; two classes only.

    Raises
    ------
    ParameterError
        If the costs are degenerate.

    Notes
    -----
    O(n C^2). For many classes, of equals the lowest code.
    Source: Elkan, "The foundations of cost-sensitive learning", IJCAI 2001.

    References
    ----------
    .. [elkan2001foundations] Elkan, C. The foundations of cost-sensitive learning. International
       Joint Conference on Artificial Intelligence, 2001.

    Examples
    --------
    >>> rule = CostRule({"fp": 1, "fn": 50}).fit([0.1, 0.9], [0, 1])
    >>> rule.predict([0.01, 0.03]).tolist(), round(rule.threshold_, 4)
    ([0, 1], 0.0196)
    """

    kind = "cost"

    def __init__(self, costs: Any) -> None:
        self.costs = costs

    def _fit(self, proba: np.ndarray, y: np.ndarray, weight: np.ndarray) -> None:
        self.cost_ = cost_matrix(self.costs, self.n_classes_)
        if self.n_classes_ == 2:
            self.threshold_ = float(cost_threshold(self.cost_))

    def predict(self, proba: Any, row_costs: Any = None) -> np.ndarray:
        """Return the codes of least expected cost, shape (n,).

        Parameters
        ----------
        proba : array-like of shape (n, C) or (n,)
            Calibrated probabilities.
        row_costs : array-like of shape (n, C, C), or mapping of arrays (n,), optional
            Costs of each row; a mapping (two classes) replaces fp, fn, tp or tn, a number stands
            for all rows.
        """
        proba = self._checked(proba)
        if row_costs is None:
            return self._predict(proba).astype(np.intp)
        cost = self._row_matrix(row_costs, len(proba))
        if self.n_classes_ == 2:
            return (proba[:, 1] >= cost_threshold(cost)).astype(np.intp)
        return np.einsum("nj,nij->ni", proba, cost).argmin(axis=1)

    def _predict(self, proba: np.ndarray) -> np.ndarray:
        if self.n_classes_ == 2:
            return proba[:, 1] >= self.threshold_
        return (proba @ self.cost_.T).argmin(axis=1)

    def _row_matrix(self, row_costs: Any, n_rows: int) -> np.ndarray:
        shape = (n_rows, self.n_classes_, self.n_classes_)
        if isinstance(row_costs, Mapping):
            unknown = [key for key in row_costs if key not in NAMES]
            if unknown or self.n_classes_ != 2:
                raise DataError(
                    f"CostRule: row costs {list(row_costs)} for {self.n_classes_} classes; fp, fn, "
                    "tp and tn are for two classes, an array (n, C, C) for more."
                )
            cost = np.broadcast_to(self.cost_, shape).copy()
            for name, value in row_costs.items():
                value = np.asarray(value, dtype=float)
                if value.shape not in ((), (n_rows,)):
                    raise DataError(
                        f"CostRule: row cost {name!r} of shape {value.shape} for {n_rows} rows."
                    )
                cost[(slice(None), *NAMES[name])] = value
        else:
            cost = np.asarray(row_costs, dtype=float)
        if cost.shape != shape:
            raise DataError(f"CostRule: row costs of shape {cost.shape}; expected {shape}.")
        if not np.all(np.isfinite(cost)):
            raise DataError("CostRule: a row's cost is missing or infinite.")
        if self.n_classes_ == 2 and np.any(cost[:, 1, 0] < cost[:, 0, 0]):
            row = int(np.argmax(cost[:, 1, 0] < cost[:, 0, 0]))
            raise DataError(
                f"CostRule: in row {row} a false alarm costs {cost[row, 1, 0]:g}, less than no "
                f"alarm ({cost[row, 0, 0]:g}); savings are negative."
            )
        return cost

    def mean_cost(
        self, predicted: Any, y: Any, sample_weight: Any = None, row_costs: Any = None
    ) -> float:
        """Return the weighted mean of cost[predicted, true], in the unit of the costs."""
        n_rows = len(np.asarray(y))
        true = as_codes(y, n_rows, self.n_classes_, "CostRule")
        predicted = as_codes(predicted, n_rows, self.n_classes_, "CostRule")
        weight = as_weights(sample_weight, n_rows, "CostRule")
        if row_costs is None:
            cost = self.cost_[predicted, true]
        else:
            cost = self._row_matrix(row_costs, n_rows)[np.arange(n_rows), predicted, true]
        return float(np.average(cost, weights=weight))

    def describe(self) -> str:
        """Return the rule as one plain sentence."""
        if self.n_classes_ == 2:
            return (
                f"alert when the probability is at least {self.threshold_:.3g}, from which an "
                "alert costs no more than silence"
            )
        return "predict the class with the least expected cost"
