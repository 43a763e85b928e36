"""Is the model any good? A target at random, few rows, and costs under which nothing is saved."""

import numpy as np
import polars as pl
import pytest

from rarebird.study import Study
from rarebird.study.parse_goal import parse_goal
from rarebird.study.worth import NoModel

WITH = {"treatments": ["class-weights"]}


def frame_of(n, rare, gain, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat([0, 1], [n - rare, rare]))
    return pl.DataFrame({"x": rng.normal(size=n) + gain * y, "u": rng.normal(size=n), "bad": y})


def test_a_random_target_is_no_success(small_schedule):
    result = Study(**WITH).run(frame_of(900, 60, 0.0), "bad")
    assert result.verdict["worth"] == "no" and result.verdict["headline"] == "no_signal"
    told = result.sentences()
    assert "Nothing in this table predicts" in told["headline"]
    assert "best choice" not in result.html() and "good news" not in result.html()
    assert "probability is at least" not in told["what_to_do"]


def test_a_good_model_is_shipped(small_schedule):
    verdict = Study(**WITH).run(frame_of(900, 120, 2.5), "bad").verdict
    assert verdict["worth"] == "yes" and verdict["headline"] in ("ship", "cannot_tell")


def test_17_positives_cannot_tell_methods_apart(small_schedule):
    result = Study(**WITH).run(frame_of(700, 17, 2.5), "bad")
    assert result.verdict["headline"] in ("cannot_tell", "too_few")
    rule = result.verdict["decision"]
    assert rule["tuned"] is False
    proba = result.model.predict_proba(frame_of(700, 17, 2.5).drop("bad"))[:, 1]
    assert (proba >= rule["threshold"]).any()  # a threshold that rows reach


def test_a_cost_under_which_nothing_is_saved_is_said(small_schedule):
    """Alerting on everything costs as little as the model does."""
    result = Study(**WITH, cost="fp=1,fn=1000").run(frame_of(600, 60, 0.3), "bad")
    assert result.verdict["worth"] in ("no", "unclear")
    worth = result.report.verdict.worth
    assert worth.goal.low <= 0 <= worth.goal.high or worth.answer == "unclear"


@pytest.mark.parametrize(
    ("goal", "code"),
    [({"cost": "fp=1,fn=50"}, 1), ({"cost": "fp=1,fn=2"}, 0), ({"objective": "f1"}, 1)],
)
def test_no_model_takes_the_best_constant_decision(goal, code):
    y = np.repeat([0, 1], [90, 10])
    found = NoModel.of(parse_goal(["a", "b"], **goal), y, None, 2)
    assert found.code == code and found.shares.tolist() == [0.9, 0.1]
    assert found.proba(3).tolist() == [[0.9, 0.1]] * 3


def test_no_interval_goes_beyond_what_a_metric_can_reach(small_schedule, table):
    """Two test rows of a class have a Student's t with one degree of freedom."""
    result = Study(**WITH).run(table(n=200, share=0.06, labels=("a", "b", "c")), "bad")
    worth = result.report.verdict.worth
    for each in (worth.test_chance, worth.test_goal):
        assert each is None or (each.low >= -1 and each.high <= 1)
