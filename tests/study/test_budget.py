"""A budget becomes a schedule before anything is fitted, and a fit that hangs is stopped."""

import json
import subprocess
import sys
import time
from dataclasses import replace

import misbehave
import polars as pl
import pytest
from stores import opened, with_schedule_of

from rarebird._errors import BudgetError, ParameterError
from rarebird.study import Study, steps, worker
from rarebird.study.pool import n_workers
from rarebird.study.steps import stored_schedule


@pytest.fixture
def short_limit(monkeypatch):
    """A fit may take 3 s."""
    monkeypatch.setattr(steps, "_LEAST_LIMIT_S", 3.0)
    monkeypatch.setattr(steps, "_LIMIT", 0.0)


def test_the_schedule_is_stored_before_the_first_fit(tmp_path, monkeypatch, table, small_schedule):
    workers, out = steps.Workers, tmp_path / "out"

    def watch(*args):
        seen.append(len(list(out.rglob("study.sqlite"))))
        return workers(*args)

    seen = []
    monkeypatch.setattr(steps, "Workers", watch)
    result = Study(treatments=["class-weights"], out=out).run(table(n=120), "bad")
    assert seen == [1]
    with opened(out) as store:
        assert stored_schedule(store).candidates == ("baseline", "class-weights")
        assert len(result.cells) == len(store.done())


def test_what_takes_longer_than_the_budget_is_said_before_anything_is_done(
    tmp_path, monkeypatch, table, small_schedule, refused
):
    smallest = steps.make_schedule
    monkeypatch.setattr(
        steps, "make_schedule", lambda *a, **k: replace(smallest(*a, **k), estimate_s=7200.0)
    )
    out = tmp_path / "out"
    with pytest.raises(BudgetError, match="about 120 minutes on two cores, beyond the time"):
        Study(quick=True, out=out).run(table(), "bad")
    with opened(out) as store:
        assert store.done() == set()
    table().write_csv(tmp_path / "t.csv")
    words = ["120 minutes", "--yes", "--time-budget"]
    refused("study", tmp_path / "t.csv", "-t", "bad", "--out", tmp_path / "new", "-q", words=words)
    assert Study(yes=True, treatments=[]).run(table(), "bad").chosen is None


def test_a_candidate_that_hangs_is_stopped_and_named(
    tmp_path, monkeypatch, finished, cli, short_limit
):
    out = tmp_path / "out"
    with_schedule_of(finished, out)
    monkeypatch.setattr(worker, "run", misbehave.hang)
    data = finished.parent / "t.csv"
    args = ("study", data, "-t", "bad", "--treatments", "class-weights", "--out", out)
    started = time.monotonic()
    code, _, err = cli(*args)
    assert code == 0, err
    assert time.monotonic() - started < 60  # not three times the limit each
    verdict = json.loads((out / "verdict.json").read_text())
    assert verdict["chosen"] is None and verdict["evidence"] == {}
    cells = pl.read_parquet(out / "results.parquet")
    status = dict(cells.group_by("candidate").agg(pl.col("status").unique()).iter_rows())
    assert status == {"baseline": ["ok"], "class-weights": ["stopped"]}
    assert cells["why"].drop_nulls().str.contains("stopped after 3 s").all()
    assert cells["why"].drop_nulls().str.starts_with("not run").sum() >= 1  # it is out anyhow
    assert "stopped after 3 s" in (out / "report.html").read_text()
    before = (out / "verdict.json").read_bytes()
    monkeypatch.undo()  # the candidate would end now, but the study has its answer
    assert cli(*args, "-q") == (0, "", "")
    assert (out / "verdict.json").read_bytes() == before


def test_a_baseline_that_hangs_is_a_clear_line(
    tmp_path, finished, monkeypatch, refused, short_limit
):
    out = tmp_path / "out"
    with_schedule_of(finished, out)
    monkeypatch.setattr(worker, "run", misbehave.hang_always)
    refused(
        "study", finished.parent / "t.csv", "-t", "bad", "-q", "--treatments", "class-weights",
        "--out", out, words=["The baseline could not be measured", "stopped"],
    )  # fmt: skip


def test_when_the_time_is_over_the_best_so_far_is_written(
    tmp_path, monkeypatch, finished, cli, small_schedule
):
    """The baseline is there, the treatment is not; the same command goes on later."""
    out, ran = tmp_path / "out", steps.Workers.run
    with_schedule_of(finished, out)

    def run(self, rows, tasks, limit_s, done):
        if any(task.cell.arm.candidate == "class-weights" for task in tasks):
            raise steps.OutOfTime
        ran(self, rows, tasks, limit_s, done)

    data = finished.parent / "t.csv"
    args = ("study", data, "-t", "bad", "--treatments", "class-weights", "--out", out, "-q")
    with monkeypatch.context() as patch:
        patch.setattr(steps.Workers, "run", run)
        assert cli(*args)[0] == 0
    verdict = json.loads((out / "verdict.json").read_text())
    assert verdict["chosen"] is None and verdict["shipped"]["whole"] is False
    assert "slow or busy" in (out / "report.html").read_text()
    assert cli(*args)[0] == 0
    assert (out / "verdict.json").read_bytes() == (finished / "verdict.json").read_bytes()


@pytest.mark.parametrize("jobs", [0, -2, 1.5, "2", True])
def test_jobs_that_make_no_sense(jobs):
    with pytest.raises(ParameterError, match="whole number"):
        n_workers(jobs)
    with pytest.raises(ParameterError, match=r"^n_jobs: "):
        Study(n_jobs=jobs)


def test_all_cores_or_so_many():
    assert n_workers(None) == n_workers(-1) >= 1
    assert n_workers(3) == 3


@pytest.mark.slow
def test_a_budget_is_kept(tmp_path, table):
    """20 seconds on a quiet machine; a busy one is given what its other work takes."""
    table(n=5_000, share=0.05).write_csv(tmp_path / "t.csv")
    code = "import sys; from rarebird.cli import main; sys.argv[0] = 'rarebird'; main()"
    words = ["study", "t.csv", "-t", "bad", "-q", "--time-budget", "20", "--yes"]
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", code, *words], check=True, cwd=tmp_path)
    took = time.monotonic() - started
    try:
        from os import getloadavg

        crowd = max(1.0, getloadavg()[0] / n_workers(-1))
    except ImportError:
        crowd = 1.0
    assert took < 26 * crowd, f"{took:.0f} s for a budget of 20 s (load factor {crowd:.1f})"
