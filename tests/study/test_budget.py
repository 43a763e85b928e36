"""A budget becomes a list before anything is fitted, and a fit that hangs is stopped."""

import json
import subprocess
import sys
import time

import misbehave
import polars as pl
import pytest
from stores import with_schedule_of

from rarebird._errors import ParameterError
from rarebird.study import Study, steps, worker
from rarebird.study.pool import n_workers, run_cells
from rarebird.study.schedule import Schedule


def test_the_list_is_there_before_the_first_cell(tmp_path, monkeypatch, table):
    """And nothing is added to it, or taken from it, later."""
    seen = []

    def watch(store, schedule, **more):
        assert Schedule.from_dict(store.fact("schedule")) == schedule and store.done() == set()
        seen.append(schedule)
        run_cells(store, schedule, **more)
        assert Schedule.from_dict(store.fact("schedule")) == schedule

    monkeypatch.setattr(steps, "run_cells", watch)
    out = tmp_path / "out"
    result = Study(time_budget=5, treatments=["class-weights"], out=out).run(table(n=120), "bad")
    [schedule] = seen
    names = [cell.id for cell in schedule.cells]
    assert [cell["id"] for cell in result.cells] == names
    assert schedule.limit_s >= 1 and schedule.estimate_s >= 0
    table_of_cells = pl.read_parquet(out / "results.parquet")
    assert table_of_cells["id"].to_list() == names
    assert table_of_cells["status"].unique().to_list() == ["ok"]
    assert (table_of_cells["seconds"] > 0).all()


def test_a_candidate_that_hangs_is_stopped_and_named(tmp_path, monkeypatch, finished, cli):
    out = tmp_path / "out"
    with_schedule_of(finished, out, limit_s=3.0)
    monkeypatch.setattr(worker, "run", misbehave.hang)
    data = finished.parent / "t.csv"
    args = ("study", data, "-t", "bad", "--treatments", "class-weights", "--out", out)
    started = time.monotonic()
    code, _, err = cli(*args)
    assert code == 0, err
    assert time.monotonic() - started < 60  # not five times 600 s, nor five times the limit each
    verdict = json.loads((out / "verdict.json").read_text())
    assert verdict["chosen"] is None
    cells = pl.read_parquet(out / "results.parquet")
    status = dict(cells.group_by("candidate").agg(pl.col("status").unique()).iter_rows())
    assert status == {"baseline": ["ok"], "class-weights": ["stopped"]}
    assert cells["why"].drop_nulls().str.contains("stopped after 3 s").all()
    assert cells["why"].drop_nulls().str.starts_with("not run").sum() >= 3  # it is out anyhow
    assert "stopped after 3 s" in (out / "report.html").read_text()
    before = (out / "verdict.json").read_bytes()
    monkeypatch.undo()  # the candidate would end now, but the study has its answer
    assert cli(*args, "-q") == (0, "", "")
    assert (out / "verdict.json").read_bytes() == before


def test_a_baseline_that_hangs_is_a_clear_line(tmp_path, finished, monkeypatch, refused):
    out = tmp_path / "out"
    with_schedule_of(finished, out, limit_s=0.001)
    refused(
        "study", finished.parent / "t.csv", "-t", "bad", "-q", "--treatments", "class-weights",
        "--out", out, words=["The baseline could not be measured", "stopped"],
    )  # fmt: skip


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
    words = ["study", "t.csv", "-t", "bad", "-q", "--time-budget", "20"]
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", code, *words], check=True, cwd=tmp_path)
    took = time.monotonic() - started
    try:
        from os import getloadavg

        crowd = max(1.0, getloadavg()[0] / n_workers(-1))
    except ImportError:
        crowd = 1.0
    assert took < 26 * crowd, f"{took:.0f} s for a budget of 20 s (load factor {crowd:.1f})"
