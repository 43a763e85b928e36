"""Costs that differ from row to row: a column holds them, in the comparison and in the model."""

import json

import numpy as np
import polars as pl
import pytest

from rarebird import Study, load_model
from rarebird._errors import DataError
from rarebird.study import outcome
from rarebird.study.goal import Minimise, goal_from_dict
from rarebird.study.parse_goal import parse_goal

FRAME = pl.DataFrame({"amount": [10.0, 30.0], "bad": ["no", "yes"]})


@pytest.mark.parametrize("cost", ["fp=1,fn=amount", {"fp": 1, "fn": "amount"}])
def test_a_goal_knows_its_columns_and_the_mean_costs(cost):
    goal = parse_goal(["no", "yes"], cost=cost, frame=FRAME)
    assert isinstance(goal, Minimise)
    assert goal.cost.tolist() == [[0, 20], [1, 0]]
    again = goal_from_dict(json.loads(json.dumps(goal.as_dict())))
    costs = again.columns.for_rows(FRAME)["costs"]
    assert costs[:, 0, 1].tolist() == [10, 30]
    of_rows = again.on(costs)
    y, missed = np.array([1, 1]), np.array([0, 0])
    assert of_rows.value(y, np.full((2, 2), 0.5), missed) == 20
    assert of_rows.on(costs[1:]).value(y[1:], np.full((1, 2), 0.5), missed[1:]) == 30
    assert of_rows.context["costs"] is costs and goal.context is None


def priced(table, n=300):
    frame = table(n)
    amount = np.random.default_rng(1).exponential(30, n).round(2) + 1
    return frame.with_columns(amount_due=pl.Series(amount))


@pytest.mark.parametrize("more", [[], ["--drop", "amount_due"]])
def test_a_study_compares_decides_and_predicts_by_the_rows_costs(
    tmp_path, table, cli, small_schedule, more
):
    frame = priced(table)
    frame[:240].write_csv(tmp_path / "t.csv")
    frame[240:].write_csv(tmp_path / "new.csv")
    code, _, err = cli(
        "study", tmp_path / "t.csv", "-t", "bad", "--treatments", "class-weights", "-q",
        "--cost", "fp=5,fn=amount_due", "--test", tmp_path / "new.csv", "--out", tmp_path / "out",
        *more,
    )  # fmt: skip
    assert code == 0, err
    model = load_model(tmp_path / "out")
    new, verdict = frame[240:], json.loads((tmp_path / "out/verdict.json").read_text())
    p, due = model.predict_proba(new)[:, 1], new["amount_due"].to_numpy()
    alert = p >= 5 / (5 + due)  # Elkan's threshold of each row
    assert 0 < alert.sum() < len(alert)
    assert np.any(alert != (p >= 5 / (5 + due.mean())))  # one threshold is another decision
    assert (model.predict(new) == "yes").tolist() == alert.tolist()
    code, out, _ = cli("predict", tmp_path / "out", tmp_path / "new.csv", "-q")
    assert code == 0
    assert [line.split(",")[0] == "yes" for line in out.splitlines()[1:]] == alert.tolist()
    y = (new["bad"] == "yes").to_numpy()
    mean = np.where(alert & ~y, 5, np.where(~alert & y, due, 0)).mean()
    assert "costs of each row, from 'amount_due'" in verdict["decision"]["describe"]
    assert verdict["test"]["value"] == pytest.approx(mean)
    assert ("amount_due" in [each["name"] for each in model.columns]) == (not more)


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        ("fp=5,fn=amount_dew", "Did you mean 'amount_due'"),
        ("fp=5,fn=colour", "is not numbers"),
        ("fp=5,fn=age", "missing or infinite"),
    ],
)
def test_a_column_that_holds_no_costs(tmp_path, table, refused, cost, words):
    priced(table, 240).write_csv(tmp_path / "t.csv")
    refused("study", tmp_path / "t.csv", "-t", "bad", "--cost", cost, "-q", words=words)


def test_numbers_of_any_kind_stand_beside_a_column():
    goal = parse_goal(["no", "yes"], cost={"fp": np.int64(2), "fn": "amount"}, frame=FRAME)
    assert json.loads(json.dumps(goal.as_dict()))["stated"] == [[0.0, "amount"], [2.0, 0.0]]
    assert parse_goal(["no", "yes"], cost={"fp": "1", "fn": "50"}).cost.tolist() == [
        [0, 50],
        [1, 0],
    ]


def test_one_threshold_is_told_only_where_there_is_one(table, small_schedule):
    frame = priced(table, 300)
    found = Study(cost="fp=5,fn=amount_due", treatments=["class-weights"]).run(frame, "bad")
    assert found.report.slider.costs is None and found.report.outcome.threshold is None
    with pytest.raises(DataError, match=r"differ from row to row.*'amount_due'"):
        found.model.decide(found.model.predict_proba(frame))
    found = Study(alert_budget=20, treatments=["class-weights"]).run(frame, "bad")
    assert found.verdict["decision"]["threshold"] is None, "it alerts on 20 rows of each file"
    assert found.report.outcome.threshold is not None, "part of the rows is decided by a rate"


def test_an_alert_budget_is_of_one_file(table, small_schedule):
    frame = table(400)
    study = Study(alert_budget=30, treatments=["class-weights"])
    found = study.run(frame[:300], "bad", test=frame[300:])
    assert "per file of 300 rows" in found.report.goal.sentence


@pytest.mark.parametrize("cost", [None, "fp=1,fn=9"])
def test_importance_on_a_part_of_the_rows_is_that_of_all(monkeypatch, table, small_schedule, cost):
    frame = table(6_000, share=0.05)
    study = Study(cost=cost, treatments=["class-weights"])
    whole = {each.column: each.loss for each in study.run(frame, "bad").report.importance}
    monkeypatch.setattr(outcome, "_IMPORTANCE_ROWS", 600)
    part = {each.column: each.loss for each in study.run(frame, "bad").report.importance}
    assert whole.keys() == part.keys()
    for name, loss in part.items():
        assert loss.value == pytest.approx(whole[name].value, abs=0.25 * whole["amount"].value)
