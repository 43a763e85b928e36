import numpy as np
import pytest

from rarebird._errors import ParameterError
from rarebird.decide import AlertBudget, parse_alert_budget


@pytest.mark.parametrize("k", [1, 7, 50, 199, 200, 500])
@pytest.mark.parametrize("ties", [False, True])
def test_the_k_highest_of_a_file_alert_earlier_rows_first(k, ties):
    rng = np.random.default_rng(k)
    p = rng.random(200)
    p = p.round(1) if ties else p
    rule = AlertBudget(k).fit(rng.random(30), np.zeros(30, int))
    expected = np.zeros(200, int)
    expected[sorted(range(200), key=lambda i: (-p[i], i))[:k]] = 1
    assert np.array_equal(rule.predict(p), expected)


@pytest.mark.parametrize("rate", [0.001, 0.05, 0.5, 0.999])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_rate_is_the_lowest_threshold_that_keeps_it(rate, ties, weighted):
    rng = np.random.default_rng(0)
    p, w = rng.random(300), rng.exponential(size=300) if weighted else np.ones(300)
    p = p.round(1) if ties else p
    rule = AlertBudget(rate).fit(p, np.zeros(300, int), w)
    used = w[rule.predict(p) == 1].sum()
    assert used <= rate * w.sum() * (1 + 1e-9)
    rest = p[p < rule.threshold_]
    if rest.size:
        assert w[p >= rest.max()].sum() > rate * w.sum()


def test_constant_scores_never_exceed_the_rate():
    rule = AlertBudget(0.01).fit(np.full(100, 0.3), np.zeros(100, int))
    assert rule.predict(np.full(100, 0.3)).sum() == 0
    assert AlertBudget(3).fit([0.3], [0]).predict(np.full(9, 0.3)).tolist() == [1, 1, 1] + [0] * 6


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (500, (500, None)),
        ("500", (500, None)),
        (np.int64(3), (3, None)),
        (0.005, (None, 0.005)),
        ("0.005", (None, 0.005)),
        ("5/1000", (None, 0.005)),
        (" 0.5% ", (None, 0.005)),
    ],
)
def test_a_capacity_is_read(given, read):
    assert parse_alert_budget(given) == read


@pytest.mark.parametrize(
    "given", [0, -1, 1.0, 2.5, True, None, "0", "x", "5/0", "7/5", "1/2/3", "120%", np.nan, [5]]
)
def test_what_is_no_capacity_is_refused(given):
    with pytest.raises(ParameterError, match="whole number >= 1"):
        parse_alert_budget(given)


def test_both_forms_are_in_the_state():
    p = np.linspace(0, 1, 1000)
    counted = AlertBudget(5).fit(p, np.zeros(1000, int)).state()
    rated = AlertBudget("5/1000").fit(p, np.zeros(1000, int)).state()
    assert counted["alerts_"] == 5 and rated["alerts_"] is None
    assert counted["rate_"] == rated["rate_"] == 0.005
    assert counted["threshold_"] == rated["threshold_"]
    assert rated["describe"].endswith("(5 alerts per 1,000 rows)")
    assert counted["describe"] == "alert on the 5 highest-scored rows of each file"


def test_a_budget_below_the_rows_of_the_largest_score_says_that_none_alerts():
    p, y = np.r_[np.full(10, 0.9), np.zeros(90)], np.r_[np.ones(10, int), np.zeros(90, int)]
    rule = AlertBudget(0.05).fit(p, y)
    assert not rule.predict(p).any() and rule.why_.startswith("no row alerts")
    assert AlertBudget(0.1).fit(p, y).why_ == ""
