"""Intervals: closed forms, properties that must hold, and coverage by simulation."""

import time

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

from rarebird import metrics as rm
from rarebird._errors import DataError, ParameterError
from rarebird.metrics.rows import reweighted

ALL = [*rm.metric_names("binary"), "recall@20", "precision@20", "cost"]


def metric_of(name):
    return rm.cost_metric([[0, 20], [1, 0]]) if name == "cost" else rm.get_metric(name)


def rows(n=400, share=0.05, gap=2.0, seed=0):
    rng = np.random.default_rng(seed)
    y = (np.arange(n) < max(2, round(n * share))).astype(int)
    return y, rng.normal(size=n) + gap * y


def out(metric, s):
    if metric.needs == "labels":
        return (s > 1.5).astype(int)
    return s if metric.needs == "scores" else 1 / (1 + np.exp(3 - 2 * s))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("gap", [0.0, 2.0, 100.0])
@pytest.mark.parametrize("n", [14, 400])
def test_the_value_is_inside_and_the_width_is_never_zero(name, gap, n):
    metric = metric_of(name)
    y, s = rows(n, gap=gap)
    found = metric.interval(y, out(metric, s))
    assert found.low <= found.value <= found.high
    assert found.high - found.low > 1e-6
    assert found.value == metric(y, out(metric, s))
    wide = metric.interval(y, out(metric, s), level=0.99)
    assert wide.high - wide.low >= found.high - found.low


def test_proportions_are_clopper_pearson():
    y, s = rows()
    d = (s > 1.5).astype(int)
    (tn, fp), (fn, tp) = sk.confusion_matrix(y, d)
    cases = {"recall": (tp, tp + fn), "precision": (tp, tp + fp), "specificity": (tn, tn + fp)}
    top = y[np.argsort(-s)[:20]].sum()
    cases |= {"recall@20": (top, y.sum()), "precision@20": (top, 20)}
    for name, (hits, trials) in cases.items():
        metric = rm.get_metric(name)
        found = metric.interval(y, out(metric, s), level=0.9)
        exact = stats.binomtest(int(hits), int(trials)).proportion_ci(0.9, method="exact")
        assert (found.low, found.high) == pytest.approx((exact.low, exact.high)), name


def test_draws_of_a_proportion_are_clopper_pearson_too():
    """Balanced accuracy with a perfect negative class is (1 + recall) / 2."""
    y = np.repeat([0, 1], [10**6, 8])
    d = y.copy()
    d[-3:] = 0
    found = rm.balanced_accuracy_score.interval(y, d)
    exact = stats.binomtest(5, 8).proportion_ci(method="exact")
    expected = ((1 + exact.low) / 2, (1 + exact.high) / 2)
    assert (found.low, found.high) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("trials", [0, 1, 7, 50])
def test_wilson_equals_scipy(trials):
    for hits in range(trials + 1):
        low, high = rm.wilson(hits, trials, level=0.9)
        if trials == 0:
            assert (low, high) == (0, 1)
        else:
            theirs = stats.binomtest(hits, trials).proportion_ci(0.9, method="wilson")
            assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_five_perfect_positives_are_not_proof():
    y, s = rows(500, 0.01, 100)
    found = rm.average_precision_score.interval(y, s)
    assert found.value == found.high == 1
    assert 0.2 < found.low < 0.7
    assert 0.3 < rm.roc_auc_score.interval(y, s).low < 0.9


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("weighted", [False, True])
def test_neither_order_nor_a_second_call_changes_anything(name, weighted):
    metric = metric_of(name)
    y, s = rows(seed=4)
    s = np.round(s, 1)
    w = np.random.default_rng(0).integers(1, 4, len(y)) * 0.5 if weighted else np.ones(len(y))
    order = np.random.default_rng(1).permutation(len(y))
    a = metric.interval(y, out(metric, s), sample_weight=w)
    b = metric.interval(y[order], out(metric, s)[order], sample_weight=w[order])
    assert (a.low, a.high) == pytest.approx((b.low, b.high), abs=1e-9)
    t = s[::-1].copy()
    a = metric.difference(y, out(metric, s), out(metric, t), sample_weight=w)
    b = metric.difference(
        y[order], out(metric, s)[order], out(metric, t)[order], sample_weight=w[order]
    )
    assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), abs=1e-9)


@pytest.mark.parametrize("name", [n for n in ALL if "@20" not in n])  # k is in unit of weight
def test_equal_weights_count_as_rows_whatever_their_unit(name):
    metric = metric_of(name)
    y, s = rows(seed=2)
    a = metric.interval(y, out(metric, s))
    b = metric.interval(y, out(metric, s), sample_weight=np.full(len(y), 0.1))
    assert (a.low, a.high) == pytest.approx((b.low, b.high), abs=1e-9)


@pytest.mark.parametrize(
    "name", [n for n in rm.metric_names("binary") if "@" not in n] + ["recall@30"]
)
def test_many_classes(name):
    metric = rm.get_metric(name)
    rng = np.random.default_rng(5)
    y = rng.choice(4, 300, p=[0.7, 0.2, 0.08, 0.02])
    p = rng.dirichlet(np.ones(4), 300) + 0.2 * np.eye(4)[y]
    p /= p.sum(1, keepdims=True)
    found = metric.interval(y, p.argmax(1) if metric.needs == "labels" else p, n_classes=4)
    assert found.low < found.value < found.high


@pytest.mark.parametrize("name", [n for n in ALL if n != "logloss"])
def test_group_sums_under_weights_equal_the_metric_itself(name):
    metric = metric_of(name)
    y, s = rows(60, 0.2, seed=3)
    s = np.round(s, 0)
    w = np.random.default_rng(0).integers(0, 4, (7, 60)).astype(float)
    w[:, :1] = 1
    found = reweighted(metric.sums(metric.check(y, out(metric, s), None, 2)), w)
    slow = [metric(y, out(metric, s), sample_weight=row, n_classes=2) for row in w]
    assert found == pytest.approx(np.array(slow))


def test_a_metric_of_the_users_own_has_an_interval():
    mine = rm.RankingMetric("mine", "mine", score=sk.average_precision_score, requires=(1,))
    y, s = rows()
    a, b = mine.interval(y, s), rm.average_precision_score.interval(y, s)
    assert (a.low, a.high) == pytest.approx((b.low, b.high), abs=0.12)
    assert mine.difference(y, s, -s).low > 0


def test_a_metric_of_no_rows_of_its_class_is_undefined():
    found = rm.average_precision_score.interval([0, 0, 0], [0.1, 0.2, 0.3])
    assert np.isnan(found.low) and "no rows" in found.method
    with pytest.raises(ParameterError, match="level"):
        rm.average_precision_score.interval([0, 1], [0.1, 0.2], level=1.0)


def test_paired_difference_of_equal_outputs_is_zero_and_of_one_row_refused():
    y, s = rows()
    found = rm.average_precision_score.difference(y, s, s)
    assert (found.value, found.low, found.high) == (0, 0, 0)
    one = np.r_[1, np.zeros(20, int)]
    with pytest.raises(DataError, match="class 1 has 1 rows"):
        rm.average_precision_score.difference(one, np.arange(21.0), -np.arange(21.0))


def test_paired_difference_is_narrower_than_two_intervals():
    y, s = rows(2000, 0.1)
    t = s + np.random.default_rng(1).normal(0, 0.05, 2000)
    pair = rm.average_precision_score.difference(y, s, t)
    alone = rm.average_precision_score.interval(y, s)
    assert pair.high - pair.low < 0.5 * (alone.high - alone.low)


def test_two_hundred_thousand_rows_take_seconds():
    rng = np.random.default_rng(0)
    y = (rng.random(200_000) < 0.2).astype(int)
    s = rng.normal(size=200_000) + y
    for name in ("ap", "brier", "f1"):
        start = time.perf_counter()
        metric = rm.get_metric(name)
        found = metric.interval(y, out(metric, s))
        assert time.perf_counter() - start < 6
        assert found.high - found.low < 0.02


def true_ap(gap, share, family):
    u = (np.arange(100_001) + 0.5) / 100_001
    fpr = family.sf(family.isf(u) + gap)
    return np.mean(share * u / (share * u + (1 - share) * fpr))


@pytest.mark.slow
@pytest.mark.parametrize("family", [stats.norm(), stats.t(2)], ids=["normal", "heavy"])
@pytest.mark.parametrize(("gap", "share", "n"), [(1, 0.01, 600), (3, 0.02, 400), (6, 0.1, 400)])
def test_the_interval_of_average_precision_covers(family, gap, share, n):
    truth, metric, covered, runs = true_ap(gap, share, family), rm.get_metric("ap"), 0, 0
    rng = np.random.default_rng(0)
    while runs < 300:
        y = rng.random(n) < share
        if not y.any():
            continue
        found = metric.interval(y, family.rvs(n, random_state=rng) + gap * y)
        covered += found.low <= truth <= found.high
        runs += 1
    assert covered / runs > 0.93


@pytest.mark.slow
def test_the_paired_difference_covers():
    metric, rng, covered = rm.get_metric("ap"), np.random.default_rng(0), 0
    truth = true_ap(2.5, 0.05, stats.norm()) - true_ap(2.0, 0.05, stats.norm())
    for _ in range(200):
        y = rng.random(600) < 0.05
        shared = rng.normal(size=600)
        a = 0.8 * shared + 0.6 * rng.normal(size=600) + 2.5 * y
        b = 0.8 * shared + 0.6 * rng.normal(size=600) + 2.0 * y
        found = metric.difference(y, a, b)
        covered += found.low <= truth <= found.high
    assert covered / 200 > 0.92
