"""Decision weights: thresholds for many classes."""

from typing import ClassVar

import numpy as np

from rarebird._errors import ParameterError, format_label
from rarebird._params import Int
from rarebird.metrics.kinds import Metric
from rarebird.metrics.lookup import get_metric

from .base import Decision, register_decision
from .cuts import plateau_middle

_MOST_WORK = 1e9  # n C^2 times the rounds of a search, of which there are 2 at least
_MOST_NAMES = 5


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
    return _best_factor(proba * factors, proba[:, c], y, weight, factors[c], c, metric)


def _best_factor(
    scaled: np.ndarray,
    p: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    now: float,
    c: int,
    metric: str | Metric,
) -> tuple[float, float]:
    n, sums, n_classes = weight.sum(), get_metric(metric).class_sums(), scaled.shape[1]
    scaled[:, c] = -1.0
    rival = scaled.argmax(axis=1)
    best = scaled[np.arange(len(y)), rival]
    scaled[:, c] = now * p
    with np.errstate(divide="ignore", over="ignore"):
        needed = np.where(p > 0, best / np.maximum(p, 1e-300), np.inf)
    order = np.argsort(needed, kind="stable")
    order = order[: np.searchsorted(needed[order], np.finfo(float).max)]
    n_switch = len(order)
    true = np.bincount(y, weight, n_classes)
    hits = np.bincount(rival, weight * (rival == y), n_classes)
    predicted = np.bincount(rival, weight, n_classes)
    w, rows, left = weight[order], y[order], rival[order]

    # what each row brings to class c
    hit = hits[c] + np.concatenate([[0.0], np.cumsum(w * (rows == c))])
    number = predicted[c] + np.concatenate([[0.0], np.cumsum(w)])
    total = sums.terms(hit, number, true[c], n)
    total += (sums.terms(hits, predicted, true, n).sum(axis=1) - total[:, 0])[:, None]
    if n_switch:  # and takes from the class it leaves, whose rows are side by side here
        side = np.argsort(left, kind="stable")
        d, first = left[side], np.append(True, np.diff(left[side]) != 0)
        (hit_before, hit), (before, number) = (
            _falling(start[d], change[side], first)
            for start, change in ((hits, w * (rows == left)), (predicted, w))
        )
        steps = sums.terms(hit, number, true[d], n) - sums.terms(hit_before, before, true[d], n)
        lost = np.empty_like(steps)
        lost[:, side] = steps
        total[:, 1:] += np.cumsum(lost, axis=1)
    value = sums.formula(total, true)

    edge = needed[order]
    last = np.append(edge[1:] != edge[:-1], True) if n_switch else np.zeros(0, dtype=bool)
    cuts = np.concatenate([[0], np.flatnonzero(last) + 1])
    if n_switch and edge[0] == 0:  # rows that no positive weight can keep from c
        cuts = cuts[1:]
    cut = cuts[plateau_middle(value[cuts])]
    low = edge[cut - 1] if cut > 0 else 0.0
    high = edge[cut] if cut < n_switch else np.inf
    return _between(low, high, now), float(value[cut])


def _falling(
    start: np.ndarray, change: np.ndarray, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return what is left of ``start`` before and after each change, run by run.

    A run begins where ``first`` says so. What all its rows left is 0, and not what rounding leaves.
    """
    gone = np.cumsum(change)
    begin = np.flatnonzero(first)
    base = np.repeat(gone[begin] - change[begin], np.diff(np.append(begin, len(first))))
    after = start - (gone - base)
    after = np.where(after < 1e-9, 0.0, after)
    before = np.append(0.0, after[:-1])
    return np.where(first, start, before), after


def _between(low: float, high: float, now: float) -> float:
    if low < now < high:
        return float(now)
    if low > 0 and np.isfinite(high):
        return float(np.sqrt(low) * np.sqrt(high))
    return float(2 * low) if low > 0 else float(high / 2)


def _coordinate_search(
    proba: np.ndarray, y: np.ndarray, weight: np.ndarray, start: np.ndarray, metric: str | Metric
) -> tuple[np.ndarray, float]:
    """Improve one weight after the other until a round gains less than 0.0001."""
    factors, reached = start.astype(float), -np.inf
    scaled = np.asfortranarray(proba * factors)
    n, n_classes = proba.shape
    for _ in range(int(np.clip(_MOST_WORK / (n * n_classes**2), 2, 20))):
        before = reached
        for c in range(n_classes):
            found = _best_factor(scaled, proba[:, c], y, weight, factors[c], c, metric)
            if found[1] > reached + 1e-12:
                factors[c], reached = found
                scaled[:, c] = factors[c] * proba[:, c]
        if reached <= before + 1e-4:
            break
    return factors, reached


@register_decision(
    name="decision-weights",
    tasks=("binary", "multiclass"),
    summary="Predict the largest weight times probability; weights tuned for a metric.",
    evidence="scikit-learn 1.9: equal metric values; slow reference over a grid of weights",
    rare_cases="a class below min_positives rows keeps 1 or 1/prior; an absent class has weight 1",
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
        A class with fewer rows is not tuned: it keeps the weight that theory gives it, 1/prior for
        balanced-accuracy and gmean and 1 otherwise, and its rows are left out of the tuned metric.

    Attributes
    ----------
    weights_ : ndarray of shape (C,)
        m_c; the most common class has 1.
    value_ : float
        The metric on the rows of ``fit``, of all classes: optimistic, since it was maximised there.
    tuned_, why_ : bool, str
        Whether weights were tuned (it takes two classes with enough rows), and in words which
        classes were left out.

    Raises
    ------
    ParameterError
        If the metric is no such formula, or is best where one class alone is predicted.

    Notes
    -----
    O(C n log n + C^2 n) a round, 20 rounds at most, and fewer (not below 2) where n C^2 is large.
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

    def __init__(self, metric: str | Metric = "f1", *, min_positives: int = 8) -> None:
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
        tuned = np.flatnonzero(rows >= self.min_positives)
        self.tuned_ = len(tuned) > 1
        held = tuned if self.tuned_ else present
        common = held[np.argmax(share[held])]
        inverse = np.where(rows > 0, share[common] / share, 1.0)
        self.weights_ = inverse.copy() if metric.best_at_prior else np.ones(self.n_classes_)
        if self.tuned_:
            part = np.isin(y, tuned)
            sub = proba[np.ix_(part, tuned)], np.searchsorted(tuned, y[part]), weight[part]
            starts = np.ones(len(tuned)), inverse[tuned]
            ends = [_coordinate_search(*sub, start, metric) for start in starts]
            factors = max(ends, key=lambda end: end[1])[0]
            self.weights_[tuned] = factors / factors[np.searchsorted(tuned, common)]
        self.why_ = self._why(rows, present[rows[present] < self.min_positives], metric)
        acted = self._predict(proba)
        self.value_ = metric(y, acted, sample_weight=weight, n_classes=self.n_classes_)

    def _why(self, rows: np.ndarray, few: np.ndarray, metric: Metric) -> str:
        """Return what was tuned, and the classes that were not, the smallest first."""
        told = f"tuned for {metric.name} on {rows.sum()} rows"
        theory = "1 / class share" if metric.best_at_prior else "1"
        present = np.flatnonzero(rows)
        if len(present) == 1:
            return f"only class {format_label(present[0])} has rows; the weights are {theory}"
        if not len(few):
            return told
        few = few[np.argsort(rows[few], kind="stable")]
        names = [
            f"{format_label(code)} has {rows[code]} row{'s' if rows[code] > 1 else ''}"
            for code in few[:_MOST_NAMES]
        ]
        more = [f"{len(few) - _MOST_NAMES} more are as small"] * (len(few) > _MOST_NAMES)
        named = "class " + ", ".join(names + more)
        named += f", too few to tune on (it takes {self.min_positives})"
        if self.tuned_:
            return f"{told}; {named}, and keeps the weight {theory}"
        return f"{named}; the weights are {theory}"

    def _predict(self, y_proba: np.ndarray) -> np.ndarray:
        return (y_proba * self.weights_).argmax(axis=1)

    def describe(self) -> str:
        """Return the rule as one plain sentence."""
        shown = ", ".join(f"{format_label(c)}: {m:.3g}" for c, m in enumerate(self.weights_[:10]))
        more = ", ..." if self.n_classes_ > 10 else ""
        return f"predict the class with the largest weight × probability ({shown}{more})"
