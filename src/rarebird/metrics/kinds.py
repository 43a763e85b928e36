"""What every metric is: a value, an interval for it, and a difference with an interval.

A metric belongs to a kind by what it is computed from: the cells of one threshold (`CellMetric`),
the confusion matrix (`ConfusionMetric`), a ranking (`RankingMetric`), a mean loss (`LossMetric`) or
predicted values (`ValueMetric`). Nothing asks which metric it is.

One rule for input: metrics of classes take class codes 0..C-1 (0/1 or booleans for two classes,
where 1 is the positive class); `rarebird.metrics.score` takes labels of any kind. One rule for what
is undefined: a value that needs a class with no rows is nan; a ratio over predictions that nobody
made is 0. Rows of weight zero count as absent.
"""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, ClassVar

import numpy as np
from scipy import stats

from rarebird._errors import DataError, ParameterError, format_label
from rarebird._params import check_params
from rarebird._random import RandomState, as_rng

from . import _checks
from .cells import matrix_of_cells
from .estimate import Estimate
from .groups import independent, members, repeats
from .proportion import clopper_pearson
from .rows import Rows, Sums, fixed_order, random_weights, reweighted

__all__ = ["Metric"]
UNDEFINED = "undefined: a class it needs has no rows"
PAIRED = "paired Bayesian bootstrap, Student's t"
TOGETHER = "; rows of a group counted as drawn together"
ABSENT = "nan where a class it needs has no rows; a class with no rows leaves the mean"


@dataclass(frozen=True)
class Metric:
    """What all kinds of metric share; a kind adds what it is computed from.

    Parameters
    ----------
    name, title : str
        The name on the command line, and in a sentence.
    greater_is_better : bool
        The good direction.
    requires : tuple of int
        Of a class (1) and the rest (0), those without which the value is nan.
    tasks : tuple of str
        Of ``"binary"``, ``"multiclass"`` and ``"regression"``; others are refused.
    averaging : str
        What happens with more than two classes, in words.
    trivially_maximised : bool
        Whether one answer for all rows reaches the best value, so that nothing is tuned for it.
    best_at_prior : bool
        Whether, with true probabilities, a threshold at the class's share is (near) the best.
    score : callable, optional
        Scikit-learn's function, called with ``sample_weight=``; without it the value is computed
        from what the kind computes intervals from.
    """

    name: str
    title: str
    _: KW_ONLY
    greater_is_better: bool = True
    requires: tuple[int, ...] = ()
    tasks: tuple[str, ...] = ("binary", "multiclass")
    averaging: str = "macro, one against the rest"
    trivially_maximised: bool = False
    best_at_prior: bool = False
    score: Callable[..., float] | None = None

    needs: ClassVar[str] = ""  # "labels", "scores", "probabilities" or "values"
    purpose: ClassVar[str] = ""  # "decision", "ranking", "probability" or "regression"
    counted: ClassVar[bool] = False  # whether it is a function of the confusion matrix
    _disagreement: ClassVar[float] = 0.5  # of half a row on which two models disagree wholly
    _example: ClassVar[dict[str, Any]] = {}

    def __call__(
        self, y_true: Any, y_pred: Any, *, sample_weight: Any = None, n_classes: int | None = None
    ) -> float:
        """Return the value; nan where a class it needs has no rows.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n,)
            True and predicted class codes 0..C-1 (of two classes 1 is the positive one), or values.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows.
        n_classes : int, optional
            C; by default the largest code plus one, at least 2.

        Raises
        ------
        DataError, ParameterError
            If the rows are not what the metric needs, or it does not serve C classes.
        """
        return self.value(self.check(y_true, y_pred, sample_weight, n_classes))

    def _read(self, y_true: Any, y_pred: Any, n_classes: int | None) -> tuple[Any, Any, int]:
        """Return the truth, what is judged, and the number of classes."""
        raise NotImplementedError

    def _defined(self, rows: Rows) -> bool:
        """Say whether every class that the metric requires has rows."""
        present = set(rows.present())
        if rows.n_classes == 2:
            return set(self.requires) <= present
        return 0 not in self.requires or len(present) > 1

    def _value(self, rows: Rows) -> float:
        """Return the value of rows of positive weight where it is defined."""
        if self.score is None:
            return reweighted(self.sums(rows), rows.weight[None])[0]
        return self.score(rows.y, rows.out, sample_weight=rows.weight)

    def _draws(self, rng: np.random.Generator, rows: Rows, good: bool) -> np.ndarray:
        """Draw population values, with imaginary rows at the good end or at the bad one."""
        raise NotImplementedError

    def _ends(self, rng: np.random.Generator, rows: Rows, level: float) -> tuple[float, float, str]:
        """Return the ends of the interval and how they were made."""
        trials = self._trials(rows)
        if trials is not None:
            low, high = map(float, clopper_pearson(*trials, level=level))
            return low, high, "Clopper-Pearson"
        up, tail = self.greater_is_better, (1 - level) / 2
        low = float(np.nanquantile(self._draws(rng, rows, not up), tail))
        high = float(np.nanquantile(self._draws(rng, rows, up), 1 - tail))
        return low, high, "Bayesian bootstrap with imaginary rows"

    def _trials(self, rows: Rows) -> tuple[float, float] | None:
        """Return (hits, trials) in effective rows where the metric is one proportion."""
        return None

    def sums(self, rows: Rows) -> list[Sums]:
        """Return the metric as functions of sums over rows, one for each class that is averaged."""
        raise NotImplementedError

    def _own(self, rows: Rows, c: int) -> np.ndarray:
        """Return what is judged of class ``c`` against the rest."""
        raise NotImplementedError

    def against_rest(self, rows: Rows, c: int) -> Rows:
        """Return the rows as two classes: class ``c`` and the rest."""
        y = (rows.y == c).astype(np.intp)
        return replace(rows, y=y, out=self._own(rows, c), n_classes=2)

    def from_confusion(self, matrix: Any) -> np.ndarray:
        """Return the values for confusion matrices of shape (..., C, C), true class in rows."""
        raise ParameterError(
            f"{self.name} ({self.title}) is computed from {self.needs}, not a confusion matrix."
        )

    def from_cells(self, tp: Any, fp: Any, fn: Any, tn: Any) -> np.ndarray:
        """Return the values of two classes, one for each set of counts."""
        return self.from_confusion(matrix_of_cells(tp, fp, fn, tn))

    def class_sums(self) -> Any:
        """Return the metric as a `ClassSums`, or ``None`` if it is not one."""
        return None

    def take(self, index: Any) -> "Metric":
        """Return the metric for some of the rows; itself, unless it holds something per row."""
        return self

    def at(self, text: str) -> "Metric":
        """Return the member of the metric's family that is called ``family@text``."""
        raise ParameterError(f"{self.name} takes no parameter, and {text!r} was given after @.")

    def choose(self, y_proba: Any, y_pred: Any) -> Any:
        """Return the one of probabilities and predicted labels that the metric is computed from."""
        return y_pred if self.needs == "labels" else y_proba

    def require(self, who: str, *, task: str | None = None, counted: bool = False) -> "Metric":
        """Return the metric if it serves ``task`` and, for ``counted``, is one of counts."""
        named = f"{self.name} ({self.title})"
        if task is not None and task not in self.tasks:
            raise ParameterError(
                f"{who}: {named} is for {' and '.join(self.tasks)} targets, and this target is "
                f"{task}. Give a metric of {task} targets."
            )
        if counted and not self.counted:
            raise ParameterError(
                f"{who}: {named} is not a function of the confusion matrix. Give one that is, such "
                "as f1, balanced-accuracy, gmean or mcc."
            )
        return self

    def check(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None, n_classes: int | None = None
    ) -> Rows:
        """Return the checked rows, or say what is wrong with them."""
        y, out, c = self._read(y_true, y_pred, n_classes)
        if len(out) != len(y):
            raise DataError(f"{self.title}: {len(out)} predictions for {len(y)} rows of y_true.")
        if c > 2:
            self.require("y_true", task="multiclass")
        return Rows(y, out, _checks.weights(self.title, sample_weight, len(y)), c)

    def value(self, rows: Rows) -> float:
        """Return the value of checked rows; nan where a class it needs has no rows."""
        rows = rows.used()
        return float(self._value(rows)) if len(rows.y) and self._defined(rows) else float("nan")

    def interval(
        self,
        y_true: Any,
        y_pred: Any,
        /,
        *,
        level: float = 0.95,
        sample_weight: Any = None,
        groups: Any = None,
        random_state: RandomState = 0,
        n_classes: int | None = None,
    ) -> Estimate:
        """Return the value with an interval for the population that the rows come from.

        A proportion of two classes has the interval of Clopper and Pearson. Others have quantiles
        of seeded draws in which rows are weighted at random and an imaginary row of every class
        stands at the bad end (lower bound) or the good end (upper bound): five perfect positives
        have a wide interval. Average precision has mean and deviation of such draws on the logit
        scale. Where classes are averaged, their draws are independent.

        Parameters
        ----------
        y_true, y_pred, sample_weight, n_classes
            As for the metric; weights count as effective rows, (sum w)^2 / sum w^2.
        level : float
            Confidence, in (0, 1).
        groups : array-like of shape (n,), optional
            The group of every row, where rows of a group depend on each other (copies, a customer):
            the rows count for fewer, by the variance under draws of whole groups.
        random_state : int, Generator, RandomState or None
            Seed of the draws.

        Notes
        -----
        O(n log n) time; the draws cost the same beyond a few hundred positives. Clopper and Pearson
        (1934), Rubin (1981), Gaffke (2005), Korn and Graubard (1998) for groups.

        Examples
        --------
        >>> from rarebird.metrics import recall_score
        >>> found = recall_score.interval([0] * 95 + [1] * 5, [0] * 95 + [1] * 5)
        >>> found.value, round(found.low, 3), found.high
        (1.0, 0.478, 1.0)
        """
        check_params(f"{self.name}: interval", _checks.LEVEL, {"level": level})
        rows = self.check(y_true, y_pred, sample_weight, n_classes)
        owner = _checks.groups(self.title, groups, len(rows.y))
        value = self.value(rows)
        if np.isnan(value):
            return Estimate(value, value, value, level, UNDEFINED)
        rng = as_rng(random_state)
        if owner is not None:
            one = 2 * self._disagreement / self._scarcest(rows.used())[1]
            rows = replace(rows, repeats=repeats(self.sums, rng, rows, owner, one))
        low, high, method = self._ends(rng, rows.used(), level)
        method += "" if owner is None else TOGETHER
        return Estimate(value, min(low, value), max(high, value), level, method)

    def difference(
        self,
        y_true: Any,
        y_pred: Any,
        y_pred_other: Any,
        /,
        *,
        level: float = 0.95,
        sample_weight: Any = None,
        groups: Any = None,
        random_state: RandomState = 0,
        n_classes: int | None = None,
    ) -> Estimate:
        """Return the value of one model minus that of another on the same rows, with an interval.

        The standard error is that of seeded draws that weigh the rows (or groups) of both at random
        alike, with half a row of the smallest class on which two labels or scores disagree wholly.
        The quantile is Student's with the smallest class's rows (groups) less one.

        Parameters
        ----------
        y_true, sample_weight, n_classes, level, groups, random_state
            As in `interval`.
        y_pred, y_pred_other : array-like
            What two models give for the same rows.

        Raises
        ------
        DataError
            If a class has a single row or group.

        Notes
        -----
        O(B n) time, B from 200 to 2000. Rubin (1981).

        Examples
        --------
        >>> from rarebird.metrics import roc_auc_score
        >>> roc_auc_score.difference([0, 0, 1, 1], [1, 2, 3, 4], [2, 1, 4, 3]).value
        0.0
        """
        check_params(f"{self.name}: difference", _checks.LEVEL, {"level": level})
        a = self.check(y_true, y_pred, sample_weight, n_classes)
        b = self.check(y_true, y_pred_other, sample_weight, n_classes)
        value = self.value(a) - self.value(b)
        if np.isnan(value):
            return Estimate(value, value, value, level, UNDEFINED)
        if np.array_equal(a.out, b.out):
            return Estimate(0.0, 0.0, 0.0, level, "the two are equal")
        owner = _checks.groups(self.title, groups, len(a.y))
        order = fixed_order(a, b)
        a, b, owner = a.take(order), b.take(order), None if owner is None else owner[order]
        of_a, of_b, weight = self.sums(a), self.sums(b), a.weight
        if owner is not None:
            member = members(a.weight, owner)
            of_a, of_b = ([part.summed(member) for part in parts] for parts in (of_a, of_b))
            weight = np.ones(member.shape[0])
        fewest, n = self._scarcest(a, owner)
        if n < 2 - 1e-9:
            what = "rows" if owner is None else "independent rows in its groups"
            raise DataError(
                f"{self.title}: {fewest} has {n:g} {what}; a difference needs at least 2 to vary."
            )
        rng = as_rng(random_state)
        found = np.concatenate(
            [reweighted(of_a, w) - reweighted(of_b, w) for w in random_weights(rng, weight)]
        )
        variance = np.nanvar(found) * (n + 1) / (n - 1) + (self._disagreement / (n + 1)) ** 2
        half = stats.t.ppf((1 + level) / 2, n - 1) * np.sqrt(variance)
        method = PAIRED + ("" if owner is None else TOGETHER)
        return Estimate(value, value - half, value + half, level, method)

    def _scarcest(self, rows: Rows, owner: np.ndarray | None = None) -> tuple[str, float]:
        """Return the name and the effective rows (or groups) of what limits what they can say."""
        found = {int(c): independent(rows.weight, owner, rows.y == c) for c in rows.present()}
        rarest = min(found, key=found.__getitem__)
        return f"class {format_label(rarest)}", found[rarest]

    def card_fields(
        self, summary: str, evidence: str = "scikit-learn 1.9: equal values", **more: Any
    ) -> dict[str, Any]:
        """Return the fields of a card for `register`: what the metric says of itself, and these."""
        own = {"name": self.name, "title": self.title, "tasks": self.tasks, "inputs": (self.needs,)}
        fixed = {"role": "metric", "place": "around", "rare_cases": ABSENT}
        texts = {"summary": summary, "evidence": evidence, "example": self._example}
        return {**own, **fixed, **texts, **more}
