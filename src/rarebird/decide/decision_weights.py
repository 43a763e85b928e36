"""Decision weights: thresholds for many classes."""

from typing import ClassVar

import numpy as np

from rarebird._errors import ParameterError
from rarebird._params import Int
from rarebird.metrics.kinds import Metric
from rarebird.metrics.lookup import get_metric

from .base import Decision, register_decision
from .cuts import plateau_middle


def best_factor(
    proba: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    factors: np.ndarray,
    c: int,
    metric: str | Metric,
) -> tuple[float, float]:
    """Return the best decision weight of class ``c``, others fixed, and the metric it reaches.

    A row is predicted ``c`` once m_c >= (best of the others) / p_c, so that one sort gives every
    value that the metric can take; the middle of the longest plateau is taken. O(n log n + n C).
    """
    n, sums = weight.sum(), get_metric(metric).class_sums()
    others = proba * factors
    others[:, c] = -1.0
    rival = others.argmax(axis=1)
    best = others[np.arange(len(y)), rival]
    with np.errstate(divide="ignore", over="ignore"):
        needed = np.where(proba[:, c] > 0, best / np.maximum(proba[:, c], 1e-300), np.inf)
    order = np.argsort(needed, kind="stable")
    order = order[: np.searchsorted(needed[order], np.finfo(float).max)]
    n_classes, n_switch = len(factors), len(order)
    true = np.bincount(y, weight, n_classes)
    hits = np.bincount(rival, weight * (rival == y), n_classes)
    predicted = np.bincount(rival, weight, n_classes)

    start = sums.terms(hits, predicted, true, n)
    total = np.zeros((len(start), n_switch + 1))
    total[:, 0] = start.sum(axis=1)
    w, rows, from_class = weight[order], y[order], rival[order]
    for d in range(n_classes):
        at = np.flatnonzero(from_class == d) if d != c else np.arange(n_switch)
        if not at.size:
            continue
        sign = 1.0 if d == c else -1.0
        hit = hits[d] + sign * np.concatenate([[0.0], np.cumsum(w[at] * (rows[at] == d))])
        number = predicted[d] + sign * np.concatenate([[0.0], np.cumsum(w[at])])
        # A class that all its rows left has 0 of each, and not what rounding leaves.
        hit, number = np.where(np.abs(hit) < 1e-9, 0.0, hit), np.maximum(number, 0.0)
        steps = np.diff(sums.terms(hit, number, true[d], n), axis=1)
        total[:, at + 1] += steps
    value = sums.formula(np.cumsum(total, axis=1), true)

    edge = needed[order]
    last = np.append(edge[1:] != edge[:-1], True) if n_switch else np.zeros(0, dtype=bool)
    cuts = np.concatenate([[0], np.flatnonzero(last) + 1])
    if n_switch and edge[0] == 0:  # rows that no positive weight can keep from c
        cuts = cuts[1:]
    cut = cuts[plateau_middle(value[cuts])]
    low = edge[cut - 1] if cut > 0 else 0.0
    high = edge[cut] if cut < n_switch else np.inf
    return _between(low, high, factors[c]), float(value[cut])


def _between(low: float, high: float, now: float) -> float:
    if low < now < high:
        return float(now)
    if low > 0 and np.isfinite(high):
        return float(np.sqrt(low) * np.sqrt(high))
    return float(2 * low) if low > 0 else float(high / 2)


def _coordinate_search(
    proba: np.ndarray, y: np.ndarray, weight: np.ndarray, start: np.ndarray, metric: str | Metric
) -> tuple[np.ndarray, float]:
    """Improve one weight after the other until none improves (at most 20 rounds)."""
    factors, reached = start.astype(float), -np.inf
    present = np.flatnonzero(np.bincount(y, weight, proba.shape[1]) > 0)
    for _ in range(20):
        before = reached
        for c in present.tolist():
            candidate, value = best_factor(proba, y, weight, factors, c, metric)
            if value > reached + 1e-12:
                factors[c], reached = candidate, value
        if reached <= before + 1e-12:
            break
    return factors, reached


@register_decision(
    name="decision-weights",
    tasks=("binary", "multiclass"),
    summary="Predict the largest weight times probability; weights tuned for a metric.",
    evidence="scikit-learn 1.9: equal metric values; slow reference over a grid of weights",
    rare_cases="below min_positives rows weights are 1 or 1/prior; an absent class has weight 1",
    example={},
)
class DecisionWeights(Decision):
    """Predict argmax_c m_c p_c with weights that maximise a metric of labels on the given rows.

    One weight after the other is set to its exact optimum, starting from all 1 and from 1/prior;
    the better end is kept: a local optimum, exact along each coordinate.

    Parameters
    ----------
    metric : str or Metric
        What is maximised: f1, f2, f0.5, balanced-accuracy, gmean, mcc, kappa, or another metric
        of labels that is a formula of sums over classes (`ClassSums`); F scores are averaged over
        the classes present.
    min_positives : int
        With fewer rows in a class that is present nothing is tuned: weights are 1/prior for
        balanced-accuracy and gmean, and 1 otherwise.

    Attributes
    ----------
    weights_ : ndarray of shape (C,)
        m_c; the most common class has 1.
    value_ : float
        The metric on the rows of ``fit``.
    tuned_, why_ : bool, str
        Whether the weights were tuned, and the same in words.

    Raises
    ------
    ParameterError
        If the metric is no such formula, or is best where one class alone is predicted.

    Notes
    -----
    O(C n log n + C^2 n) a round, 20 rounds at most.
    Source: for 1/prior, Collell, Prelec and Patil, Neurocomputing 275 (2018).

    Examples
    --------
    >>> p, y = [[0.8, 0.2], [0.6, 0.4], [0.6, 0.4]] * 30, [0, 1, 1] * 30
    >>> rule = DecisionWeights("f1").fit(p, y)
    >>> rule.predict([[0.8, 0.2], [0.6, 0.4]]).tolist(), rule.value_
    ([0, 1], 1.0)
    """

    kind = "weights"
    rules: ClassVar = {"min_positives": Int(1)}

    def __init__(self, metric: str | Metric = "f1", *, min_positives: int = 20) -> None:
        self.metric = metric
        self.min_positives = min_positives

    def _fit(self, y_proba: np.ndarray, y: np.ndarray, weight: np.ndarray) -> None:
        metric = get_metric(self.metric)
        tunable = metric.greater_is_better and not metric.trivially_maximised
        if not tunable or metric.class_sums() is None:
            raise ParameterError(
                f"DecisionWeights: metric={metric.name!r} is not allowed; it must be a metric of "
                "labels such as 'f1', 'balanced-accuracy', 'gmean' or 'mcc'."
            )
        used = weight > 0
        proba, y, weight = y_proba[used], y[used], weight[used]
        rows, share = np.bincount(y, minlength=self.n_classes_), np.ones(self.n_classes_)
        present = np.flatnonzero(rows)
        share[present] = np.bincount(y, weight, self.n_classes_)[present] / weight.sum()
        common = int(np.argmax(np.where(rows > 0, share, 0.0)))
        inverse = np.where(rows > 0, share[common] / share, 1.0)
        fewest = present[np.argmin(rows[present])]
        self.tuned_ = bool(len(present) > 1 and rows[fewest] >= self.min_positives)
        if self.tuned_:
            ends = [
                _coordinate_search(proba, y, weight, start, self.metric)
                for start in (np.ones(self.n_classes_), inverse)
            ]
            factors = max(ends, key=lambda end: end[1])[0]
            self.weights_ = factors / factors[common]
            self.why_ = f"tuned for {metric.name} on {len(y)} rows"
        else:
            self.weights_ = inverse if metric.best_at_prior else np.ones(self.n_classes_)
            few = f"class {fewest} has {rows[fewest]} rows, too few to tune on (it takes "
            few = (
                f"{few}{self.min_positives})"
                if len(present) > 1
                else f"only class {fewest} has rows"
            )
            self.why_ = (
                f"{few}; the weights are {'1 / class share' if metric.best_at_prior else '1'}"
            )
        acted = self._predict(proba)
        self.value_ = metric(y, acted, sample_weight=weight, n_classes=self.n_classes_)

    def _predict(self, y_proba: np.ndarray) -> np.ndarray:
        return (y_proba * self.weights_).argmax(axis=1)

    def describe(self) -> str:
        """Return the rule as one plain sentence."""
        shown = ", ".join(f"{c}: {m:.3g}" for c, m in enumerate(self.weights_[:10]))
        more = ", ..." if self.n_classes_ > 10 else ""
        return f"predict the class with the largest weight × probability ({shown}{more})"
