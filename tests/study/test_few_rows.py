"""Few rows of a class are an answer in words, never a failure."""

import json
import re

import numpy as np
import polars as pl
import pytest


def frame_of(counts, seed=0, labels="abcdefgh", gain=1.0):
    """A table with so many rows of each class, in random order."""
    rng = np.random.default_rng(seed)
    code = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    x = rng.normal(size=(len(code), 2)) + gain * code[:, None]
    return pl.DataFrame({"x": x[:, 0], "u": x[:, 1], "bad": [labels[c] for c in code]})


@pytest.fixture
def study(tmp_path, monkeypatch, cli, small_schedule):
    """A function that studies a table, and expects an answer."""
    monkeypatch.chdir(tmp_path)

    def run(frame, *more):
        frame.write_parquet("t.parquet")
        code, out, err = cli(
            "study", "t.parquet", "-t", "bad", "--out", "out", "-q",
            "--treatments", "class-weights", *more,
        )  # fmt: skip
        assert (code, out, err) == (0, "", "")
        return json.loads((tmp_path / "out/verdict.json").read_text())

    return run


def check_no_choice(verdict, folder):
    assert verdict["chosen"] is verdict["test"] is verdict["baseline"] is None
    assert verdict["nothing_helps"] is False  # nobody can say
    assert verdict["difference"] is None
    assert (folder / "report.html").is_file()
    assert not (folder / "model.skops").exists()


@pytest.mark.parametrize("rare", range(1, 8))
def test_fewer_than_8_rows_of_one_of_two_classes(study, tmp_path, rare):
    verdict = study(frame_of([90, rare]))
    check_no_choice(verdict, tmp_path / "out")
    assert verdict["classes"] == ["a", "b"]
    report = (tmp_path / "out/report.html").read_text()
    assert f"has {rare} rows" in report
    assert re.search(r"about (<[^>]+>)?[0-9]+(<[^>]+>)? more", report)
    again = study(frame_of([90, rare]))
    assert again == verdict


def test_8_rows_are_enough_to_begin_with(study, tmp_path):
    verdict = study(frame_of([90, 8], gain=4.0))
    assert verdict["test"]["n_positive"] in (1, 2)
    assert (tmp_path / "out/model.skops").is_file()
    assert any(c["severity"] == "danger" for c in verdict["checks"])
    assert verdict["decision"]["tuned"] is False


def test_a_tiny_table(study, tmp_path):
    check_no_choice(study(frame_of([3, 2])), tmp_path / "out")


def test_few_rows_with_a_test_file(study, tmp_path):
    frame_of([40, 20], seed=1).write_csv(tmp_path / "new.csv")
    check_no_choice(study(frame_of([90, 4]), "--test", "new.csv"), tmp_path / "out")


def test_a_test_file_without_rare_rows(study, tmp_path):
    frame_of([40, 0], seed=1).write_csv(tmp_path / "new.csv")
    verdict = study(frame_of([90, 30]), "--test", "new.csv")
    check_no_choice(verdict, tmp_path / "out")
    assert any(c["code"] == "RB015" for c in verdict["checks"])


@pytest.mark.parametrize("more", [[], ["--min-recall", "0.9"], ["--cost", "fp=1,fn=9"]])
def test_few_rows_whatever_the_wish(study, tmp_path, more):
    check_no_choice(study(frame_of([90, 5]), *more), tmp_path / "out")


@pytest.mark.parametrize("first", [True, False])
def test_rare_rows_only_early_or_only_late(study, tmp_path, first):
    """By time, the rare class may be absent from either part."""
    frame = frame_of([90, 12]).sort("bad", descending=first).with_columns(when=pl.int_range(102))
    verdict = study(frame, "--time", "when")
    assert verdict["chosen"] is None
    assert (tmp_path / "out/report.html").is_file()


@pytest.mark.parametrize("n_groups", [1, 2, 3, 5])
def test_rare_rows_in_few_groups(study, tmp_path, n_groups):
    frame = frame_of([90, 24])
    rare = pl.col("bad") == "b"
    frame = frame.with_columns(
        who=pl.when(rare).then(pl.int_range(114) % n_groups).otherwise(pl.int_range(114) % 15)
    )
    verdict = study(frame, "--group", "who")
    assert verdict["chosen"] is None
    assert (tmp_path / "out/report.html").is_file()


def test_two_groups_in_all(study):
    study(frame_of([90, 24]).with_columns(who=pl.int_range(114) % 2), "--group", "who")


def test_many_classes_some_too_small_to_assess(study, tmp_path):
    verdict = study(frame_of([90, 40, 1, 2, 3, 5, 7], gain=3.0))
    assert len(verdict["classes"]) == 7
    assert verdict["test"]["n_positive"] == 8
    report = (tmp_path / "out/report.html").read_text()
    assert "Too small to be assessed" in report
    cells = pl.read_parquet(tmp_path / "out/results.parquet")
    assert cells["status"].to_list() == ["ok"] * len(cells)
    assert cells["value"].is_finite().all()


@pytest.mark.parametrize(
    "counts", [[5, 5, 5], [90, 3, 2], [90, 7, 7, 7], [1, 1, 30, 1], [8, 8, 8], [90, 8, 1]]
)
def test_many_classes_hardly_any_rows(study, tmp_path, counts):
    verdict = study(frame_of(counts))
    assert verdict["chosen"] is None
    assert len(verdict["classes"]) == len(counts)
    assert (tmp_path / "out/report.html").is_file()


def test_many_classes_by_time_one_only_late(study):
    frame = frame_of([60, 30, 12]).sort("bad").with_columns(when=pl.int_range(102))
    study(frame, "--time", "when")


def test_the_worst_duplicates(study):
    """Every rare row is the same row, which cannot be on both sides of a fold."""
    frame = frame_of([90, 12])
    rare = pl.col("bad") == "b"
    study(
        frame.with_columns(
            x=pl.when(rare).then(9.0).otherwise("x"), u=pl.when(rare).then(9.0).otherwise("u")
        )
    )


@pytest.mark.parametrize("start", [0.3, 0.7])
def test_a_rare_class_that_comes_up_in_the_middle_of_time(study, start):
    when = np.arange(200)
    rare = (when > start * 200) & (when % 3 == 0)
    frame = frame_of([200]).with_columns(
        bad=pl.Series(np.where(rare, "b", "a")), when=pl.Series(when)
    )
    study(frame, "--time", "when")
