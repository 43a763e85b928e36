"""Curves against scikit-learn, scipy and loops."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

from rarebird import metrics as rm
from rarebird._errors import DataError, ParameterError

RNG = np.random.default_rng(3)
Y = (RNG.random(2000) < 0.1).astype(int)
P = np.round(np.clip(0.1 + 0.2 * Y + RNG.normal(0, 0.1, 2000), 0, 1), 2)
W = RNG.integers(1, 4, 2000).astype(float)


def test_precision_recall_equals_scikit_learn():
    found = rm.precision_recall(Y, P, sample_weight=W)
    precision, recall, threshold = sk.precision_recall_curve(Y, P, sample_weight=W)
    assert found.threshold == pytest.approx(threshold[::-1])
    assert found.precision == pytest.approx(precision[-2::-1])
    assert found.recall == pytest.approx(recall[-2::-1])
    shares = [W[threshold_ <= P].sum() / W.sum() for threshold_ in found.threshold]
    assert found.alerts == pytest.approx(np.array(shares))


def test_gain_equals_recall_at_k():
    found = rm.gain(Y, P)
    assert (found.alerts[0], found.recall[0], found.alerts[-1], found.recall[-1]) == (0, 0, 1, 1)
    expected = [rm.recall_at_k(Y, P, round(share * len(Y))) for share in found.alerts[1:]]
    assert found.recall[1:] == pytest.approx(np.array(expected))


def test_cost_curve_is_the_mean_cost_of_its_thresholds():
    found = rm.cost_curve(Y, P, fp=1, fn=9, sample_weight=W)
    cost = rm.cost_metric({"fp": 1, "fn": 9})
    expected = [cost(Y, t <= P, sample_weight=W) for t in found.threshold]
    assert found.cost == pytest.approx(np.array(expected))
    assert found.threshold[0] == np.inf


@pytest.mark.parametrize("most", [3, 10, 50])
def test_thinning_keeps_ends_and_the_cheapest(most):
    s = RNG.normal(size=2000) + Y
    full, thin = (
        rm.precision_recall(Y, s, max_points=5000),
        rm.precision_recall(Y, s, max_points=most),
    )
    assert len(thin.recall) <= most
    assert thin.threshold[[0, -1]] == pytest.approx(full.threshold[[0, -1]])
    cost, less = (
        rm.cost_curve(Y, s, fp=1, fn=9, max_points=5000),
        rm.cost_curve(Y, s, fp=1, fn=9, max_points=most),
    )
    assert len(less.cost) <= most
    assert less.cost.min() == cost.cost.min()
    assert less.cost[[0, -1]] == pytest.approx(cost.cost[[0, -1]])


def test_calibration_bins_may_hold_equal_expected_positives():
    p = np.geomspace(0.0001, 0.5, 10_000)
    y = (np.random.default_rng(0).random(len(p)) < p).astype(int)
    found = rm.calibration_bins(y, p, n_bins=5, equal="expected")
    np.testing.assert_allclose([b.n * b.mean_proba for b in found], p.sum() / 5, atol=0.5)
    assert sum(b.n for b in found) == len(p) and found[0].n > 10 * found[-1].n
    assert rm.calibration_bins([0, 1], [0.0, 0.0], equal="expected")[0].n == 2
    with pytest.raises(ValueError, match="equal='mass'"):
        rm.calibration_bins(y, p, equal="mass")


def test_calibration_bins_hold_equal_counts_and_wilson_intervals():
    p = np.linspace(0.001, 0.4, 2000)
    found = rm.calibration_bins(Y, p, n_bins=8)
    assert [b.n for b in found] == [250] * 8
    for i, b in enumerate(found):
        rows = slice(250 * i, 250 * (i + 1))
        assert b.mean_proba == pytest.approx(p[rows].mean())
        wilson = stats.binomtest(int(Y[rows].sum()), 250).proportion_ci(method="wilson")
        share = (b.share.value, b.share.low, b.share.high)
        assert share == pytest.approx((Y[rows].mean(), *wilson))


def test_equal_probabilities_share_a_bin():
    [only] = rm.calibration_bins(Y, np.full(2000, 0.1))
    assert (only.n, only.share.value) == (2000, Y.mean())


def test_the_order_of_rows_does_not_matter():
    order = RNG.permutation(2000)
    for call in (rm.precision_recall, rm.gain):
        a, b = call(Y, P, sample_weight=W), call(Y[order], P[order], sample_weight=W[order])
        assert a.recall == pytest.approx(b.recall)
    a, b = rm.calibration_bins(Y, P), rm.calibration_bins(Y[order], P[order])
    shares = ([x.share.value for x in each] for each in (a, b))
    assert next(shares) == pytest.approx(next(shares))


def test_no_positives_and_bad_parameters_are_refused():
    with pytest.raises(DataError, match="class 1 has 0 of 3 rows"):
        rm.precision_recall([0, 0, 0], [0.1, 0.2, 0.3])
    with pytest.raises(ParameterError, match="max_points"):
        rm.gain(Y, P, max_points=1)
    with pytest.raises(DataError, match="needs probabilities"):
        rm.calibration_bins(Y, P + 1)
