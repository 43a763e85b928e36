from fractions import Fraction

import numpy as np
import pytest

from rarebird._errors import DataError, ParameterError
from rarebird.decide import CostRule, cost_matrix, cost_threshold

THREE = np.array([[0.0, 5.0, 20.0], [1.0, -1.0, 9.0], [2.0, 3.0, 0.0]])  # [predicted, true]


def slow(proba, cost):
    expected = [
        [sum(p * c for p, c in zip(row, line, strict=True)) for line in cost] for row in proba
    ]
    return [int(np.argmin(row)) for row in expected]


@pytest.mark.parametrize("fn", [1, 2, 9, 50, 1000])
@pytest.mark.parametrize(("tp", "tn"), [(0, 0), (0.5, -2)])
def test_the_threshold_is_the_closed_form(fn, tp, tn):
    rule = CostRule({"fp": 3, "fn": fn, "tp": tp, "tn": tn}).fit([0.5], [1])
    alarm, miss = Fraction(3) - Fraction(tn), Fraction(fn) - Fraction(tp)
    assert rule.threshold_ == pytest.approx(float(alarm / (alarm + miss)), rel=1e-15)


@pytest.mark.parametrize(("cost", "n"), [([[0, 50], [1, 0]], 2), (THREE, 3)])
def test_the_least_expected_cost_is_that_of_a_loop(cost, n):
    proba = np.random.default_rng(0).dirichlet(np.ones(n), 500)
    rule = CostRule(cost).fit(proba[:1], [0])
    assert rule.predict(proba).tolist() == slow(proba, cost)


def test_a_hit_may_cost_more_than_a_false_alarm():
    assert CostRule({"fp": 1, "fn": 10, "tp": 2}).fit([0.5], [1]).threshold_ == 1 / 9


def test_no_other_threshold_is_cheaper_on_calibrated_rows():
    rng = np.random.default_rng(1)
    p = rng.beta(0.3, 3, 200_000)
    y = (rng.random(len(p)) < p).astype(int)
    rule = CostRule({"fp": 1, "fn": 20}).fit(p, y)
    ours = rule.mean_cost(y, rule.predict(p))
    others = [rule.mean_cost(y, (p >= t).astype(int)) for t in np.linspace(0.005, 0.5, 60)]
    assert ours < min(others) * 1.01


def test_zero_one_costs_are_argmax():
    proba = np.random.default_rng(2).dirichlet(np.ones(4), 300)
    assert np.array_equal(
        CostRule(1 - np.eye(4)).fit(proba[:1], [0]).predict(proba), proba.argmax(axis=1)
    )


def test_an_alert_is_given_at_exactly_the_threshold():
    rule = CostRule({"fp": 1, "fn": 3}).fit([0.5], [0])
    assert rule.threshold_ == 0.25 and rule.predict([0.25, 0.2499]).tolist() == [1, 0]


@pytest.mark.parametrize("n", [2, 3])
def test_row_costs_are_those_of_each_row(n):
    rng = np.random.default_rng(3)
    proba = rng.dirichlet(np.ones(n), 200)
    cost = rng.exponential(size=(200, n, n)) * (1 - np.eye(n))
    rule = CostRule(1 - np.eye(n)).fit(proba, np.zeros(200, int))
    expected = [slow(proba[[i]], cost[i])[0] for i in range(200)]
    assert rule.act(proba, context={"costs": cost}).codes.tolist() == expected
    same = np.broadcast_to(rule.cost_, (200, n, n))
    assert np.array_equal(rule.act(proba, context={"costs": same}).codes, rule.predict(proba))


def test_row_costs_by_name_replace_the_rules_costs():
    rule = CostRule({"fp": 5, "fn": 100}).fit([0.5], [0])
    p, amount = np.array([0.1, 0.1, 0.9, 1.0]), np.array([10.0, 1000.0, 10.0, 0.0])
    # Worth an alert where p * amount >= 5 * (1 - p); a miss that costs nothing never is.
    assert rule.act(p, context={"fn": amount}).codes.tolist() == [0, 1, 1, 0]
    assert rule.act(p, context={"fn": 1e6}).codes.tolist() == [1, 1, 1, 1]
    assert rule.mean_cost([1, 0, 1, 0], [0, 0, 1, 1], context={"fn": amount}) == (10 + 5) / 4


@pytest.mark.parametrize(
    ("context", "words"),
    [
        ({"fn": [1.0, 2.0]}, "shape"),
        ({"miss": [1.0]}, "miss"),
        ({"fn": [np.nan]}, "missing or infinite"),
        ({"fp": [-1.0]}, "row 0"),
        ({"costs": np.zeros((1, 3, 3))}, "shape"),
        ({"fn": ["dear"]}, "not numbers"),
    ],
)
def test_bad_row_costs_are_refused(context, words):
    with pytest.raises(DataError, match=words):
        CostRule({"fp": 1, "fn": 9}).fit([0.5], [0]).act([0.5], context=context)


def test_named_row_costs_are_for_two_classes():
    rule = CostRule(THREE).fit([[0.2, 0.3, 0.5]], [0])
    with pytest.raises(DataError, match="3 classes"):
        rule.act([[0.2, 0.3, 0.5]], context={"fn": [1.0]})


def test_mean_cost_is_weighted():
    rule = CostRule(THREE).fit([[0.2, 0.3, 0.5]], [0])
    got = rule.mean_cost([2, 0, 2, 1], [0, 1, 2, 1], sample_weight=[1, 2, 3, 4])
    assert got == pytest.approx((1 * 20 + 2 * 1 + 3 * 0 + 4 * -1) / 10)


@pytest.mark.parametrize(
    ("costs", "n", "words"),
    [
        ({"fn": 1}, 2, "'fp' is missing"),
        ({"fp": 1, "fn": 1, "fx": 2}, 2, "'fx' is unknown"),
        ({"fp": 1, "fn": 2}, 3, "contradict each other"),
        ({"fp": 0, "fn": 0}, 2, "never pays"),
        ({"fp": 1, "fn": 0}, 2, "class 1 never pays"),
        ({"fp": 0, "fn": 1}, 2, "class 0 never pays"),
        ({"fp": 1, "fn": -5}, 2, "savings are negative"),
        ({"fp": 1, "fn": 5, "tp": 6}, 2, "savings are negative"),
        ({"fp": 1, "fn": np.inf}, 2, "not finite"),
        ({"fp": 1, "fn": "much"}, 2, "not numbers"),
        ([[0, 1, 2], [1, 0, 2]], 3, "shape"),
        ([[0, 1, 9], [1, 0, 9], [9, 9, 9]], 3, "class 2 never pays"),
        ("cheap", 2, "not numbers"),
    ],
)
def test_degenerate_costs_are_refused_in_words(costs, n, words):
    with pytest.raises(ParameterError, match=words):
        cost_matrix(costs, n)


def test_a_miss_that_costs_no_more_than_a_hit_never_alerts():
    assert cost_threshold(np.array([[0, 0], [1, 0.0]])) == np.inf


# rows that are left to a person


@pytest.mark.parametrize("n", [2, 3, 5])
@pytest.mark.parametrize("cost", [0.1, 0.3, 0.45])
def test_rejecting_is_chows_rule_for_zero_one_costs(n, cost):
    proba = np.random.default_rng(n).dirichlet(np.ones(n), 500)
    acted = CostRule(1 - np.eye(n), reject=cost).fit(proba[:1], [0]).act(proba)
    unsure = proba.max(axis=1) < 1 - cost
    assert 0 < unsure.sum() < 500
    assert np.array_equal(acted.abstained, unsure)
    assert np.array_equal(acted.codes, np.where(unsure, -1, proba.argmax(axis=1)))


@pytest.mark.parametrize(("fp", "fn", "tp", "tn"), [(1, 2, 0, 0), (4, 9, 0.5, -1), (1, 10, 0.2, 0)])
def test_two_classes_are_rejected_between_two_closed_forms(fp, fn, tp, tn):
    reject, p = Fraction(3, 5), np.linspace(0, 1, 1001)
    rule = CostRule({"fp": fp, "fn": fn, "tp": tp, "tn": tn}, reject=0.6).fit([0.5], [1])
    tn, fn, fp, tp = map(Fraction, (tn, fn, fp, tp))
    low, high = (reject - tn) / (fn - tn), (fp - reject) / (fp - tp)
    expected = np.where(p < float(low), 0, np.where(p > float(high), 1, -1))
    clear = np.minimum(np.abs(p - float(low)), np.abs(p - float(high))) > 1e-9
    assert np.array_equal(rule.predict(p)[clear], expected[clear])
    assert rule.describe().endswith("leave to a person what is expected to cost more than 0.6")


def test_no_row_is_rejected_where_deciding_is_never_dearer():
    rule = CostRule({"fp": 1, "fn": 2}, reject=0.7).fit([0.5], [1])  # 1/3 + 2/3 at t*
    acted = rule.act(np.linspace(0, 1, 101))
    assert acted.abstained.shape == (101,) and not acted.abstained.any()


def test_rejecting_has_a_cost_for_each_row_and_in_the_mean():
    rule = CostRule({"fp": 1, "fn": 1}, reject=0.2).fit([0.5], [1])
    p, y = [0.5, 0.5, 0.9, 0.1], [1, 0, 1, 1]
    assert rule.predict(p).tolist() == [-1, -1, 1, 0]
    mixed = rule.act(p, context={"reject": [0.2, 0.5, 0.2, 0.0]})
    assert mixed.codes.tolist() == [-1, 1, 1, -1]
    assert rule.mean_cost(y, rule.predict(p)) == pytest.approx((0.2 + 0.2 + 0 + 1) / 4)
    dear = rule.mean_cost(y, [-1, 1, 1, -1], context={"reject": [3, 0, 0, 5], "fp": [0, 7, 0, 0]})
    assert dear == pytest.approx((3 + 7 + 0 + 5) / 4)
    plain = CostRule({"fp": 1, "fn": 1}).fit([0.5], [1])
    assert plain.act(p).abstained is None
    assert plain.act(p, context={"reject": 0.2}).codes.tolist() == [-1, -1, 1, 0]
    with pytest.raises(DataError, match="are not codes"):
        plain.mean_cost(y, [-1, 0, 1, 1])


def test_a_negative_cost_of_rejecting_is_refused():
    with pytest.raises(ParameterError, match="reject=-1"):
        CostRule({"fp": 1, "fn": 1}, reject=-1).fit([0.5], [1])
