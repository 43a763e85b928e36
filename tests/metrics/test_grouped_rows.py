"""Intervals of rows that come in groups, as copies do, and the width for average precision."""

import numpy as np
import pytest
from scipy import stats

from rarebird import metrics as rm
from rarebird._errors import DataError

LABELS = ["recall", "precision", "specificity", "f1", "mcc"]
ALL = [*LABELS, "ap", "roc-auc", "recall@20%", "brier", "logloss", "mae", "r2"]


def case(name, n=240, seed=3):
    """Return the truth and what two models give for it, as the metric needs it."""
    rng = np.random.default_rng(seed)
    y = (np.arange(n) < n // 6).astype(int)
    metric = rm.get_metric(name)
    if metric.needs == "values":
        value = rng.normal(size=n)
        return metric, value, *(value + rng.normal(size=(2, n)) * [[0.4], [0.8]])
    scores = [rng.normal(size=n) + gap * y for gap in (2.0, 1.2)]
    if metric.needs == "labels":
        return metric, y, *((s > 1).astype(int) for s in scores)
    if metric.needs == "probabilities":
        return metric, y, *(1 / (1 + np.exp(2.0 - s)) for s in scores)
    return metric, y, *scores


def ends(found):
    return found.low, found.high


@pytest.mark.parametrize("name", ALL)
def test_three_copies_of_every_row_say_no_more_than_the_rows(name):
    metric, y, a, b = case(name)
    rows = np.repeat(np.arange(len(y)), 3)
    once, thrice = metric.interval(y, a), metric.interval(y[rows], a[rows], groups=rows)
    width = once.high - once.low
    assert ends(thrice) == pytest.approx(ends(once), abs=0.15 * width)
    assert "group" in thrice.method and "group" not in once.method
    blind = metric.interval(y[rows], a[rows])
    assert blind.high - blind.low < 0.75 * width
    once, thrice = (
        metric.difference(y, a, b),
        metric.difference(y[rows], a[rows], b[rows], groups=rows),
    )
    width = once.high - once.low
    assert ends(thrice) == pytest.approx(ends(once), abs=0.1 * width)
    assert "group" in thrice.method


@pytest.mark.parametrize("name", ["recall", "ap", "brier"])
def test_groups_of_one_row_change_nothing_and_order_does_not_count(name):
    metric, y, a, b = case(name)
    alone = [f"row {i}" for i in range(len(y))]
    assert metric.interval(y, a, groups=alone) == metric.interval(y, a)
    assert metric.difference(y, a, b, groups=alone) == metric.difference(y, a, b)
    groups = np.arange(len(y)) // 4
    order = np.random.default_rng(0).permutation(len(y))
    one = metric.interval(y, a, groups=groups)
    two = metric.interval(y[order], a[order], groups=groups[order])
    assert ends(two) == pytest.approx(ends(one), abs=1e-9)


def test_copies_of_hits_alone_count_once():
    """Where the value does not vary, all rows of a group count as alike."""
    y = np.repeat([0, 1], [60, 36])
    groups = np.r_[np.arange(60), 100 + np.arange(36) // 3]
    found = rm.recall_score.interval(y, y, groups=groups)
    exact = stats.binomtest(12, 12).proportion_ci(method="exact")
    assert ends(found) == pytest.approx((exact.low, 1.0))


def test_groups_that_say_nothing_are_refused():
    metric, y, a, b = case("ap")
    with pytest.raises(DataError, match=r"groups have shape \(3,\) for 240 rows"):
        metric.interval(y, a, groups=[1, 2, 3])
    with pytest.raises(DataError, match="class 1 has 1 independent rows in its groups"):
        metric.difference(y, a, b, groups=np.where(y == 1, -1, np.arange(len(y))))


@pytest.mark.parametrize("name", ["recall", "precision"])
def test_the_interval_with_copies_covers(name):
    metric, rng = rm.get_metric(name), np.random.default_rng(0)
    hit, alarm = stats.norm.sf([-0.5, 1.5])
    truth = hit if name == "recall" else hit / (hit + 6 * alarm)
    held = np.zeros(2)
    for _ in range(120):
        y = (rng.random(240) < 1 / 7).astype(int)
        out = (rng.normal(size=240) + 2 * y > 1.5).astype(int)
        rows = np.repeat(
            np.arange(240), np.where(rng.random(240) < 0.2, rng.integers(2, 7, 240), 1)
        )
        for i, groups in enumerate((None, rows)):
            found = metric.interval(y[rows], out[rows], groups=groups)
            held[i] += found.low <= truth <= found.high
    assert held[0] / 120 < 0.92  # rows counted one by one
    assert held[1] / 120 >= 0.93


def test_average_precision_of_35_positives_near_one_is_half_as_wide():
    """With an imaginary negative at the head it was from .769 to .996."""
    order = [1] * 29 + [0, 1, 0, 1, 0, 0, 1] + [0, 1] * 3
    y, s = np.r_[order, np.zeros(360 - len(order), int)], -np.arange(360.0)
    found = rm.average_precision_score.interval(y, s)
    assert y.sum() == 35 and found.value == pytest.approx(0.981, abs=0.002)
    assert 0.86 < found.low < 0.91 and 0.99 < found.high < 1
    assert "logit" in found.method
