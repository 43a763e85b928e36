"""Is the model any good? Against chance, and against no model under the user's goal."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rarebird._errors import DataError
from rarebird.metrics.estimate import Estimate
from rarebird.metrics.lookup import get_metric
from rarebird.metrics.significance import Difference

from .compare import Comparison
from .goal import Goal
from .outcome import TestSet
from .report.content import Worth
from .scores import Seen
from .tester import Tester

SURE, CLEAR = 0.01, 0.05  # p below the first: better than none; above the second: not shown
FEW = 30  # training rows of the rare class, below which no signal may mean too few rows
_OF_GAIN = 0.2  # of what the model gains over none: gains beyond it should be provable


@dataclass(frozen=True)
class NoModel:
    """What is known without a model: the class shares, and the goal's best constant decision."""

    shares: np.ndarray
    code: int

    @classmethod
    def of(cls, goal: Goal, y: np.ndarray, weight: Any, n_classes: int) -> "NoModel":
        """Return the best one for some rows."""
        shares = np.bincount(y, weight, n_classes)
        shares = shares / shares.sum()
        proba = np.tile(shares, (len(y), 1))
        values = [
            goal.sign * goal.value(y, proba, np.full(len(y), code), weight)
            for code in range(n_classes)
        ]
        return cls(shares, int(np.nanargmax(np.nan_to_num(values, nan=-np.inf))))

    def proba(self, n: int) -> np.ndarray:
        """Return the probabilities of n rows."""
        return np.tile(self.shares, (n, 1))


def worth_of(
    tester: Tester, found: Comparison, test: TestSet, goal: Goal, tried: int
) -> tuple[Worth | None, NoModel]:
    """Return what the shipped model is worth; None where its scores cannot be tested.

    Out of fold, p-values allow for the ``tried`` arms that it was chosen from; the test set was
    not chosen by.
    """
    scores, seen = tester.scores, found.choice.seen
    rows, s = scores.rows, scores.schedule
    kept = ~np.isin(rows.y[seen[0].rows], s.unassessed)
    where = seen[0].rows[kept]
    weight = None if rows.weight is None else rows.weight[where]
    none = NoModel.of(goal.on(rows.costs_of(where)), rows.y[where], weight, rows.n_classes)
    n = len(seen[0].rows)
    flat = Seen(none.proba(n), np.full(n, none.code), seen[0].rows, seen[0].fold)
    ranks = Tester(scores, "ap")
    [chance] = ranks.differences([(seen, [flat] * len(seen))])
    [under_goal] = tester.differences([(seen, [flat] * len(seen))])
    if chance is None or under_goal is None:
        return None, none
    chance, under_goal = (
        replace(each, p_adjusted=min(1.0, each.p * max(tried, 1))) for each in (chance, under_goal)
    )
    on_test = _on_test(test, goal, none)
    answers = [
        _answer(chance, on_test[0], 1.0),
        _answer(under_goal, on_test[1], goal.sign),
    ]
    answer = "no" if "no" in answers else "unclear" if "unclear" in answers else "yes"
    return Worth(answer, chance, under_goal, *on_test), none


def _on_test(test: TestSet, goal: Goal, none: NoModel) -> list[Estimate | None]:
    n, found = len(test.y), list[Estimate | None]()
    goal = goal.on(test.costs)
    for metric in (get_metric("ap"), goal.headline):
        outputs = (
            metric.choose(test.proba, test.predicted),
            metric.choose(none.proba(n), np.full(n, none.code)),
        )
        try:
            step = metric.difference(test.y, *outputs, **test.how(test.n_classes))
            if metric.greater_is_better:  # values up to 1; Student's t of a few rows goes beyond
                step = replace(step, low=max(step.low, -1.0), high=min(step.high, 1.0))
            found.append(step)
        except DataError:  # one row of a class: it cannot vary
            found.append(None)
    return found


def _answer(oof: Difference, test: Estimate | None, sign: float) -> str:
    p = oof.p_adjusted
    if test is not None and (test.low if sign > 0 else -test.high) > 0:
        return "yes"
    if p < SURE and (test is None or sign * test.value > 0):
        return "yes"
    return "no" if p >= CLEAR else "unclear"


def headline_of(
    worth: Worth | None, found: Comparison, value: float, none: float, rare: int
) -> str:
    """Return which of the headlines is true: ship, cannot_tell, too_few or no_signal."""
    if worth is None or _no_signal(worth):
        return "too_few" if rare < FEW else "no_signal"
    if found.detectable is None or "proven" in found.evidence.values():
        return "ship"
    return "cannot_tell" if found.detectable > _OF_GAIN * abs(value - none) else "ship"


def _no_signal(worth: Worth) -> bool:
    test = worth.test_chance
    return worth.answer == "no" and worth.chance.p_adjusted >= SURE and not (test and test.low > 0)
