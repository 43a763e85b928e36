"""The goal: how it is read, what it compares by, which decision follows."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarebird import decide
from rarebird._errors import ParameterError
from rarebird.metrics import metric_names
from rarebird.study.goal import AtLeast, Budget, Minimise, RankBy, goal_from_dict
from rarebird.study.parse_goal import parse_goal

TWO, THREE = ["no", "yes"], ["a", "b", "c"]


def probabilities(n=200, seed=0):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.2).astype(int)
    p = np.clip(np.round(0.25 * y + 0.5 * rng.random(n), 2), 0, 1)
    return y, np.column_stack([1 - p, p])


STATED = [
    ({}, RankBy, "ap", decide.TunedThreshold),
    ({"objective": "f1"}, RankBy, "f1", decide.TunedThreshold),
    ({"objective": "brier"}, RankBy, "brier", decide.TunedThreshold),
    ({"objective": "recall@5%"}, RankBy, "recall@5%", decide.AlertBudget),
    ({"cost": "fp=1,fn=50"}, Minimise, "cost", decide.CostRule),
    ({"min_precision": 0.9}, AtLeast, "recall@precision", decide.MinimumPrecision),
    ({"min_recall": "80%"}, AtLeast, "precision@recall", decide.MinimumRecall),
    ({"alert_budget": "5/1000"}, Budget, "recall@0.005", decide.AlertBudget),
    ({"objective": "roc-auc", "min_recall": 0.5}, AtLeast, "roc-auc", decide.MinimumRecall),
]


@pytest.mark.parametrize(("stated", "kind", "name", "decision"), STATED)
def test_a_statement_gives_a_value_and_a_decision(stated, kind, name, decision):
    goal = parse_goal(TWO, n_rows=10_000, **stated)
    assert type(goal) is kind and goal.metric.name == name
    assert type(goal.decision(2)) is decision
    y, proba = probabilities()
    rule = goal.decision(2).fit(proba, y)
    value = goal.value(y, proba, rule.predict(proba))
    assert np.isfinite(value) and goal.metric.title
    again = goal_from_dict(json.loads(json.dumps(goal.as_dict())))
    assert again.value(y, proba, rule.predict(proba)) == value
    assert again.decision(2).fit(proba, y).state() == rule.state()


@pytest.mark.parametrize("name", metric_names("binary"))
def test_every_metric_can_be_the_objective_or_says_why_not(name):
    if name in ("precision", "recall", "specificity"):
        with pytest.raises(ParameterError, match="trivial rule"):
            parse_goal(TWO, objective=name)
        return
    for classes in (TWO, THREE):
        goal = parse_goal(classes, objective=name)
        assert goal.sign == (-1 if name in ("brier", "logloss") else 1)
        assert goal.metric.averaging
        assert goal.decision(len(classes)).describe  # there is a rule


@pytest.mark.parametrize("name", metric_names("regression"))
def test_a_metric_of_values_is_refused_where_it_is_stated(name):
    with pytest.raises(ParameterError, match=rf"{name} .* for regression .* is multiclass"):
        parse_goal(THREE, objective=name)


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"cost": "fp=1,fn=5", "min_recall": 0.5}, "mutually exclusive"),
        ({"min_precision": 1.5}, "min_precision"),
        ({"min_precision": "high"}, "min_precision"),
        ({"min_recall": 0}, "min_recall"),
        ({"alert_budget": "none"}, "alerts='none'"),
        ({"alert_budget": 20_000}, "as many alerts"),
        ({"objective": "f1", "min_recall": 0.5}, "both set the threshold"),
        ({"objective": "f11"}, "Did you mean"),
        ({"cost": "fp=1"}, "fn"),
    ],
)
def test_what_makes_no_sense_is_refused(stated, words):
    with pytest.raises(ParameterError, match=words):
        parse_goal(TWO, n_rows=10_000, **stated)


@pytest.mark.parametrize(
    "stated", [{"min_precision": 0.9}, {"min_recall": 0.9}, {"alert_budget": 10}]
)
def test_constraints_of_two_classes_are_refused_for_many(stated):
    with pytest.raises(ParameterError, match="for two classes"):
        parse_goal(THREE, n_rows=1000, **stated)


def test_the_default_decision_of_many_classes_tunes_their_weights():
    for stated, metric in (
        ({}, "f1"),
        ({"objective": "brier"}, "f1"),
        ({"objective": "mcc"}, "mcc"),
    ):
        rule = parse_goal(THREE, **stated).decision(3)
        assert type(rule) is decide.DecisionWeights and rule.metric == metric


def test_costs_by_class_name_the_classes():
    for cost in (f"fn:{THREE[2]}=20", {f"fn:{THREE[2]}": 20}):
        goal = parse_goal(THREE, cost=cost)
        assert goal.cost.tolist() == [[0, 1, 20], [1, 0, 20], [1, 1, 0]]
        assert goal.sentence == f"costs {cost} (any other mistake 1)"
    with pytest.raises(ParameterError, match=f"'{THREE[2]}' never pays"):
        parse_goal(THREE, cost={f"fn:{THREE[2]}": 0})
    with pytest.raises(ParameterError, match=f"'{THREE[2]}' never pays"):
        parse_goal(THREE, cost=[[0, 1, 0], [1, 0, 0], [1, 1, 0]])
    amounts = {"amount": [10.0, 30.0]}
    goal = parse_goal(THREE, cost=f"fn:{THREE[2]}=amount,fn=2", frame=amounts)
    assert goal.cost.tolist() == [[0, 2, 20], [2, 0, 20], [2, 2, 0]]
    assert goal.columns.columns == ("amount",)


def test_costs_of_many_classes():
    goal = parse_goal(THREE, cost=[[0, 5, 1], [1, 0, 1], [1, 9, 0]])
    y = np.array([0, 1, 2, 1])
    value = goal.value(y, np.eye(3)[[0, 0, 0, 2]], np.array([0, 0, 0, 2]))
    assert value == pytest.approx((0 + 5 + 1 + 9) / 4)  # rows are what is predicted
    assert goal.sign == -1


def slow_best_at(y, p, w, least, kind):
    best = 0.0
    for cut in np.unique(p):
        chosen = p >= cut
        precision = w[chosen & (y == 1)].sum() / w[chosen].sum()
        recall = w[chosen & (y == 1)].sum() / w[y == 1].sum()
        held, free = (precision, recall) if kind == "min_precision" else (recall, precision)
        if held >= least - 1e-12:
            best = max(best, free)
    return best


@given(
    st.integers(0, 1000),
    st.sampled_from([0.1, 0.3, 0.5, 0.9, 1.0]),
    st.sampled_from(["min_precision", "min_recall"]),
    st.booleans(),
)
def test_the_value_at_a_constraint_is_the_best_of_all_cuts(seed, least, kind, weighted):
    y, proba = probabilities(40, seed)
    w = np.random.default_rng(seed).uniform(0.1, 3, 40) if weighted else np.ones(40)
    goal = parse_goal(TWO, **{kind: least})
    value = goal.value(y, proba, None, w if weighted else None)
    if not y.any():
        assert np.isnan(value)
    else:
        assert value == pytest.approx(slow_best_at(y, proba[:, 1], w, least, kind))


def test_a_number_of_alerts_becomes_a_rate_of_the_file():
    goal = parse_goal(TWO, alert_budget=50, n_rows=10_000)
    y, proba = probabilities(2000)
    top = np.argsort(-proba[:, 1], kind="stable")
    value = goal.value(y, proba, None)
    ten = y[top[:10]].sum() / y.sum()
    assert value == pytest.approx(ten, abs=0.03)  # ties at the cut count in part


def test_an_error_names_what_was_stated_first():
    with pytest.raises(ParameterError) as caught:
        parse_goal(TWO, min_recall=7)
    assert caught.value.options == ("min_recall",)
    assert str(caught.value) == "min_recall: " + caught.value.message
    with pytest.raises(ParameterError, match=r"^cost and min_recall: mutually exclusive"):
        parse_goal(TWO, cost="fp=1,fn=5", min_recall=0.5)


def test_a_metric_may_rank_while_the_goal_decides():
    goal = parse_goal(TWO, objective="roc-auc", cost="fp=1,fn=50")
    assert (goal.metric.name, goal.headline.name, goal.sentence) == (
        "roc-auc", "roc-auc", "costs fp=1,fn=50",
    )  # fmt: skip
    assert goal.cost.tolist() == [[0, 50], [1, 0]]
    assert goal_from_dict(json.loads(json.dumps(goal.as_dict()))) == goal


def test_what_is_shipped_counts_alerts_of_whole_files():
    goal = parse_goal(TWO, alert_budget=50, n_rows=10_000)
    assert goal.counts_alerts
    assert (goal.decision(2).alerts, goal.decision(2, whole=True).alerts) == (0.005, 50)
    assert not parse_goal(TWO, alert_budget="5/1000").counts_alerts


def test_an_alert_budget_is_told_as_it_was_stated():
    goal = parse_goal(TWO, alert_budget=50, n_rows=4981)
    assert goal.metric.title == goal.headline.title
    assert goal.headline.title == "recall within 50 alerts per file of 4,981 rows"
