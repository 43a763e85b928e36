"""Costs: one matrix, and each row's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarebird import metrics as rm
from rarebird._errors import DataError, ParameterError
from rarebird.decide import TunedThreshold

RNG = np.random.default_rng(2)


def rows(n=200, c=2, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.choice(c, n, p=[0.8, 0.2] if c == 2 else None)
    return y, rng.integers(0, c, n), rng.integers(0, c, n), rng.gamma(2.0, 20.0, (n, c, c))


def slow_mean(y, d, costs, w):
    return sum(w[i] * costs[i][d[i]][y[i]] for i in range(len(y))) / sum(w)


def test_the_predicted_class_is_in_rows():
    cost = rm.cost_metric([[0, 50], [1, 0]])
    y, d = [0, 0, 1, 1], [1, 0, 0, 1]
    assert cost(y, d) == (1 + 50) / 4 == rm.cost_metric({"fp": 1, "fn": 50})(y, d)
    assert not cost.greater_is_better
    with pytest.raises(DataError, match="classes"):
        cost([0, 1, 2], [0, 1, 2])


@given(st.integers(0, 100), st.sampled_from([2, 3]), st.booleans())
def test_costs_per_row_are_the_slow_mean(seed, c, weighted):
    y, d, _, costs = rows(30, c, seed)
    w = np.random.default_rng(seed).integers(0, 3, 30) + (np.arange(30) == 0.0)
    found = rm.cost_metric(costs)(y, d, sample_weight=w if weighted else None)
    assert found == pytest.approx(slow_mean(y, d, costs, w if weighted else np.ones(30)))


def test_equal_costs_in_every_row_are_the_matrix():
    y, d, e, _ = rows()
    matrix = np.array([[0.0, 20.0], [1.0, -3.0]])
    one, each = rm.cost_metric(matrix), rm.cost_metric(np.broadcast_to(matrix, (200, 2, 2)))
    mixed = rm.cost_metric({"fp": 1, "fn": np.full(200, 20.0), "tp": -3})
    assert one(y, d) == pytest.approx(each(y, d)) == pytest.approx(mixed(y, d))
    a, b = one.difference(y, d, e), each.difference(y, d, e)
    assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), abs=0.05)
    assert rm.per_class(one, y, d) == pytest.approx(rm.per_class(each, y, d))
    assert rm.per_class(one, y, d)[1] == pytest.approx(one(y[y == 1], d[y == 1]))


def test_costs_of_some_rows_go_with_them():
    y, d, e, costs = rows()
    metric, fold = rm.cost_metric(costs), RNG.permutation(200)[:60]
    assert metric.take(fold)(y[fold], d[fold]) == pytest.approx(
        slow_mean(y[fold], d[fold], costs[fold], np.ones(60))
    )
    with pytest.raises(DataError, match=r"costs of 200 rows .* for 60 rows .*take\(index\)"):
        metric(y[fold], d[fold])
    order = RNG.permutation(200)
    for name, more in (("interval", (d,)), ("difference", (d, e))):
        a = getattr(metric, name)(y, *more)
        moved = (out[order] for out in more)
        b = getattr(metric.take(order), name)(y[order], *moved)
        assert (a.low, a.high) == pytest.approx((b.low, b.high), abs=1e-9)
        assert a.low < a.value < a.high


def test_an_interval_of_costs_per_row_covers_a_single_dear_row():
    y, d, _, costs = rows(300)
    costs[0] = 1e5
    found = rm.cost_metric(costs).interval(y, d)
    assert found.high > found.value > found.low > 0
    assert found.high > 2e5 / 300


def test_cheaper_decisions_are_found_in_blocks():
    y, _, _, costs = rows(600)
    costs[:, [0, 1], [0, 1]] = 0
    wrong = np.where(RNG.random(600) < 0.3, 1 - y, y)
    blocks = np.arange(600) // 20
    [found] = rm.pooled_differences(
        rm.cost_metric(costs), y, [(y[None], wrong[None])], blocks=blocks
    )
    assert found.p < 0.001 and found.value > 0


def test_no_threshold_is_tuned_on_counts_for_costs_that_differ_by_row():
    with pytest.raises(ParameterError, match=r"TunedThreshold: mean-cost .* is not a function"):
        TunedThreshold(rm.cost_metric(np.ones((40, 2, 2)))).fit(np.linspace(0, 1, 40), [0, 1] * 20)


@pytest.mark.parametrize(
    ("costs", "text"),
    [
        ([[0, 1]], "square"),
        (np.ones((3, 2, 3)), "square"),
        ([[0, np.nan], [1, 0]], "finite"),
        ({"fp": 1}, "'fn' is missing"),
        ({"fp": 1, "fn": 2, "tpp": 3}, "Did you mean 'tp'"),
    ],
)
def test_bad_costs_are_refused(costs, text):
    with pytest.raises(ParameterError, match=text):
        rm.cost_metric(costs)
