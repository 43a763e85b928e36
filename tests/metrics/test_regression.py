"""Metrics of values: scikit-learn's numbers, and intervals that cover."""

import numpy as np
import pytest
from sklearn import metrics as sk

from rarebird import metrics as rm
from rarebird._errors import DataError, ParameterError

PEERS = {
    "mae": sk.mean_absolute_error, "rmse": sk.root_mean_squared_error, "r2": sk.r2_score,
}  # fmt: skip


def rows(n=80, seed=0, noise=1.0):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=n)
    return y, y + noise * rng.normal(size=n), rng.integers(0, 4, n) * 0.5 + (np.arange(n) == 0)


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("weighted", [False, True])
def test_values_equal_scikit_learn(name, weighted):
    y, p, w = rows()
    w = w if weighted else None
    expected = PEERS[name](y, p, sample_weight=w)
    assert rm.get_metric(name)(y, p, sample_weight=w) == pytest.approx(expected, abs=1e-12)


def test_what_is_undefined_is_nan():
    assert np.isnan(rm.r2_score([2.1] * 9, np.arange(9.0)))
    assert np.isnan(rm.r2_score([1.0], [1.0]))
    assert np.isnan(rm.r2_score([0.1, 7.0], [0.1, 7.0], sample_weight=[1, 0]))
    found = rm.r2_score.interval([2.1] * 9, np.arange(9.0))
    assert np.isnan(found.low) and "undefined" in found.method
    with pytest.raises(DataError, match="the table has 1 rows"):
        rm.mean_absolute_error.difference([1.0], [1.0], [2.0])


@pytest.mark.parametrize("name", PEERS)
def test_perfect_predictions_of_few_rows_have_a_value_and_no_spread_to_show(name):
    y, _, _ = rows(6)
    found = rm.get_metric(name).interval(y, y)
    assert found.low == found.value == found.high  # errors have no bound, and none was seen


@pytest.mark.parametrize("name", PEERS)
def test_an_interval_shrinks_with_the_rows_and_grows_with_the_level(name):
    metric = rm.get_metric(name)
    small, large = (metric.interval(*rows(n)[:2]) for n in (40, 4000))
    assert large.high - large.low < 0.3 * (small.high - small.low)
    y, p, _ = rows()
    wide, narrow = (metric.interval(y, p, level=level) for level in (0.99, 0.8))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_a_difference_sees_what_two_intervals_cannot():
    y, p, _ = rows(300)
    q = y + 1.02 * (p - y)
    found = rm.root_mean_squared_error.difference(y, q, p)
    assert 0 < found.low < found.value == pytest.approx(0.02 * PEERS["rmse"](y, p))


def test_a_goal_for_classes_cannot_be_a_metric_of_values():
    for task in ("binary", "multiclass"):
        with pytest.raises(ParameterError, match=rf"here: rmse .* regression .*{task}"):
            rm.root_mean_squared_error.require("here", task=task)
    with pytest.raises(ParameterError, match="regression"):
        rm.mean_absolute_error([0, 1], [0, 1], n_classes=2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "truth"), [("mae", np.sqrt(2 / np.pi)), ("rmse", 1.0), ("r2", 0.75)]
)
@pytest.mark.parametrize("n", [15, 100])
def test_the_interval_covers(name, truth, n):
    metric, rng, covered = rm.get_metric(name), np.random.default_rng(0), 0
    for _ in range(400):
        y = 2 * rng.normal(size=n)
        found = metric.interval(y, y + rng.normal(size=n))
        covered += found.low <= truth <= found.high
    assert covered / 400 > 0.93
