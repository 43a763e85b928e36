"""verdict.json: exactly the stated fields, of the right types, for every kind of study."""

import json
import math

import polars as pl
import pytest

from rarebird.study import compare
from rarebird.study.choose import Choice

FIELDS = [
    "target", "classes", "objective", "headline", "worth", "shipped", "chosen", "nothing_helps",
    "evidence", "test", "baseline", "difference", "decision", "prior", "checks",
]  # fmt: skip
MEASURED = {"metric", "value", "low", "high", "n", "n_positive"}


def number(value):
    return type(value) in (int, float) and math.isfinite(value)


def strict(path):
    """Read JSON that every program can read: without NaN and Infinity."""

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(path.read_text("utf-8"), parse_constant=refuse)


def check_fields(verdict):
    assert list(verdict) == FIELDS
    assert type(verdict["target"]) is type(verdict["objective"]) is str
    assert all(type(label) is str for label in verdict["classes"])
    assert type(verdict["nothing_helps"]) is bool
    assert verdict["chosen"] is None or type(verdict["chosen"]) is str
    for part in (verdict["test"], verdict["baseline"]):
        assert set(part) >= MEASURED
        assert type(part["metric"]) is str
        assert number(part["value"]) and part["low"] <= part["value"] <= part["high"]
        assert type(part["n"]) is type(part["n_positive"]) is int
        assert 0 < part["n_positive"] < part["n"]
    if verdict["chosen"]:
        difference = verdict["difference"]
        assert set(difference) == {"value", "low", "high", "p"}
        assert difference["low"] <= difference["value"] <= difference["high"]
        assert 0 <= difference["p"] <= 1
    elif len(verdict["shipped"]["parts"]) == 1:
        assert verdict["test"] == verdict["baseline"]
    assert verdict["headline"] in ("ship", "cannot_tell", "too_few", "no_signal")
    assert verdict["worth"] in ("yes", "no", "unclear")
    assert set(verdict["evidence"].values()) <= {"proven", "likely", "none", "harmful"}
    assert verdict["nothing_helps"] == ("proven" not in verdict["evidence"].values())
    assert set(verdict["shipped"]) == {
        "parts", "models", "rows", "whole", "size_mb", "row_ms", "limit_mb", "limit_ms",
    }  # fmt: skip
    assert sum(part["weight"] for part in verdict["shipped"]["parts"]) == pytest.approx(1)
    decision = verdict["decision"]
    assert {"kind", "threshold", "low", "high"} <= set(decision)
    assert decision["kind"] in ("threshold", "cost", "alert-budget", "argmax", "weights")
    for name in ("threshold", "low", "high"):
        assert decision[name] is None or number(decision[name])
    for shares in verdict["prior"].values():
        assert list(shares) == verdict["classes"]
        assert math.isclose(sum(shares.values()), 1)
    assert set(verdict["prior"]) == {"training", "deployment"}
    for check in verdict["checks"]:
        assert set(check) == {"code", "severity", "message"}
        assert check["code"][:2] == "RB" and check["code"][2:].isdigit()
        assert check["severity"] in ("ok", "info", "warning", "danger")


@pytest.fixture
def study(tmp_path, monkeypatch, cli, small_schedule):
    """A function that studies a table with the smallest plan and checks the verdict's fields."""
    monkeypatch.chdir(tmp_path)

    def run(frame, *more, treatments="class-weights"):
        frame.write_parquet("t.parquet")
        code, out, err = cli(
            "study",
            "t.parquet",
            "-t",
            "bad",
            "--out",
            "out",
            "-q",
            "--treatments",
            treatments,
            *more,
        )
        assert (code, out, err) == (0, "", "")
        for name in ("report.html", "model.skops", "manifest.json", "results.parquet"):
            assert (tmp_path / "out" / name).is_file()
        verdict = strict(tmp_path / "out/verdict.json")
        check_fields(verdict)
        strict(tmp_path / "out/manifest.json")
        return verdict

    return run


def test_two_classes(study, table):
    verdict = study(table())
    assert verdict["objective"] == verdict["test"]["metric"] == "ap"
    assert verdict["classes"] == ["no", "yes"]
    assert verdict["decision"]["kind"] == "threshold"
    assert 0 < verdict["decision"]["low"] <= verdict["decision"]["high"] < 1
    assert verdict["test"]["n"] == 48
    assert math.isclose(verdict["prior"]["training"]["yes"], 0.15, abs_tol=0.01)


def test_a_treatment_that_is_shipped(study, table, monkeypatch):
    def choose(race, tester, to_baseline):
        entry = race.treated[0]
        seen = tuple(race.scores.seen(entry.arm, r) for r in range(entry.repeats))
        return Choice((entry.arm,), entry.value, seen)

    monkeypatch.setattr(compare, "choose", choose)
    verdict = study(table(), treatments="smote")
    assert verdict["chosen"] == "smote" and set(verdict["evidence"]) == {"smote"}
    [part] = verdict["shipped"]["parts"]
    assert part["treatment"] == "smote" and part["learner"]


def test_costs(study, table):
    verdict = study(table(), "--cost", "fp=1,fn=9")
    assert (verdict["objective"], verdict["test"]["metric"]) == ("cost", "mean-cost")
    assert verdict["decision"]["kind"] == "cost"
    assert verdict["decision"]["costs"] == [[0, 9], [1, 0]]
    assert math.isclose(verdict["decision"]["threshold"], 0.1)


def test_many_classes(study, table):
    frame = table(n=300, share=0.1, labels=("a", "b", "c"))
    verdict = study(frame)
    assert verdict["classes"] == ["a", "b", "c"]
    assert verdict["decision"]["kind"] == "weights"  # for macro F1
    assert verdict["test"]["n_positive"] == 6


def test_many_classes_with_costs_and_with_a_decision(study, table, tmp_path):
    frame = table(n=300, share=0.1, labels=("a", "b", "c"))
    (tmp_path / "costs.csv").write_text("a,b,c\n0,5,9\n1,0,9\n1,1,0\n")
    verdict = study(frame, "--cost", "costs.csv")
    assert verdict["decision"]["costs"] == [[0, 5, 9], [1, 0, 9], [1, 1, 0]]
    (tmp_path / "out").rename(tmp_path / "first")
    verdict = study(frame, "--objective", "balanced-accuracy")
    assert verdict["decision"]["kind"] == "weights"
    assert set(verdict["decision"]["weights"]) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("wish", "metric", "gain", "met"),
    [
        (("--min-recall", "0.8"), "precision", 4.0, True),
        (("--min-precision", "0.8"), "recall", 4.0, True),
        (("--min-precision", "0.99"), "recall", 0.0, False),
    ],
)
def test_floors_met_and_unmet(study, table, tmp_path, wish, metric, gain, met):
    verdict = study(table(n=300, share=0.2, gain=gain), *wish)
    assert verdict["test"]["metric"] == metric
    assert verdict["decision"]["kind"] == "threshold"
    report = (tmp_path / "out/report.html").read_text()
    said = "cannot be met" in verdict["decision"]["why"] or "not" in verdict["decision"]["why"]
    assert said != met, verdict["decision"]
    assert met or verdict["decision"]["why"][:30] in report or "cannot" in report


@pytest.mark.parametrize(("alert_budget", "alerts"), [("36", 36 / 240), ("150/1000", 0.15)])
def test_capacity(study, table, alert_budget, alerts):
    verdict = study(table(), "--alert-budget", alert_budget)
    assert verdict["decision"]["kind"] == "alert-budget"
    threshold = verdict["decision"]["threshold"]
    assert threshold is None if alert_budget == "36" else 0 < threshold < 1  # a number has none
    assert verdict["objective"].startswith("recall@")
    assert math.isclose(float(verdict["objective"].split("@")[1].rstrip("%")), alerts, rel_tol=0.1)


def test_time(study, table):
    frame = table(n=300, share=0.2).with_columns(when=pl.int_range(300))
    verdict = study(frame, "--time", "when")
    assert verdict["test"]["n"] == 60
    late = frame.tail(60)["bad"].to_list().count("yes")
    assert verdict["test"]["n_positive"] == late


def test_group(study, table):
    frame = table(n=300, share=0.2).with_columns(customer=pl.int_range(300) // 6)
    verdict = study(frame, "--group", "customer")
    assert verdict["test"]["n"] % 6 == 0


def test_a_test_file(study, table, tmp_path):
    other = table(n=100, share=0.5, seed=9)
    other.select("bad", "colour", "age", "amount").write_csv(tmp_path / "new.csv")
    verdict = study(table(), "--test", "new.csv")
    assert (verdict["test"]["n"], verdict["test"]["n_positive"]) == (100, 50)
    assert any(check["code"] == "RB015" for check in verdict["checks"])


@pytest.mark.parametrize(
    ("labels", "shown"),
    [((0, 1), ["0", "1"]), ((1, -1), ["1", "-1"]), ((False, True), ["False", "True"])],
)
def test_labels_of_any_kind(study, table, labels, shown):
    assert study(table(labels=labels))["classes"] == shown


def test_the_other_label_of_interest(study, table):
    verdict = study(table(), "--positive", "no")
    assert verdict["classes"] == ["yes", "no"]
    assert verdict["test"]["n_positive"] > 30


def test_strange_names_survive_the_rerun(tmp_path, monkeypatch, cli, table, small_schedule):
    monkeypatch.chdir(tmp_path)
    name = 'ist "böse" \\ 😀?'
    table().rename({"bad": name}).write_parquet("t '1'.parquet")
    args = ("study", "t '1'.parquet", "-t", name, "-q", "--treatments", "class-weights")
    assert cli(*args) == (0, "", "")
    folder = tmp_path / "rarebird-study-t '1'"
    before = (folder / "verdict.json").read_bytes()
    assert json.loads(before)["target"] == name
    assert cli("study", folder / "study.toml", "-q") == (0, "", "")
    assert (folder / "verdict.json").read_bytes() == before
