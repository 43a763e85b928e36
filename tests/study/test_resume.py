"""Interrupted anyhow, a study ends like an uninterrupted one."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path

import misbehave
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from stores import alter, opened, with_schedule_of

from rarebird._errors import StoreError
from rarebird.study import pool, worker
from rarebird.study.candidates import Arm, baseline_arms, candidate
from rarebird.study.cell import Task
from rarebird.study.rows import write_rows
from rarebird.study.schedule import Cell
from rarebird.study.steps import stored_schedule

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").is_file(), reason="looks for processes in /proc"
)
LOAD = ["seconds", "memory_mb"]  # what depends on what else the machine does


def command(home, *more):
    code = "import sys; from rarebird.cli import main; sys.argv[0] = 'rarebird'; main()"
    words = ["study", home / "t.csv", "-t", "bad", "-q", "--time-budget", "5", "--yes", *more]
    return [sys.executable, "-c", code, *map(str, words)]


def finish(home, *more):
    subprocess.run(command(home, *more), check=True, cwd=home, timeout=300)


def children(number):
    """Numbers of the processes that a process has started, and theirs."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(place.name)] = int(
                (place / "stat").read_text().rpartition(")")[2].split()[1]
            )
        except OSError:
            continue
    found = {number}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {number}


def alive(numbers):
    """Those of some processes that still run."""
    found = []
    for number in numbers:
        try:
            state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            found.append(number)
    return found


def wait(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def cells(folder):
    """What is stored of each finished cell, by its name."""
    with opened(folder) as store:
        return {cell: store.read_cell(cell)[0] for cell in store.done()}


def same(one, other):
    assert (one / "verdict.json").read_bytes() == (other / "verdict.json").read_bytes()
    tables = [
        pl.read_parquet(folder / "results.parquet").drop("seconds") for folder in (one, other)
    ]
    assert_frame_equal(*tables)


def start(home, *more):
    """Start a study that says how far it is."""
    words = [word for word in command(home, *more) if word != "-q"]
    return subprocess.Popen(words, cwd=home, stderr=subprocess.PIPE, text=True)


def until(process, after):
    """Wait until so many cells are done; return the processes that then run."""
    for line in process.stderr:
        if line.startswith("comparing") and int(line.split()[1].split("/")[0]) >= after:
            return children(process.pid)
    raise AssertionError("it ended before its moment came")


def test_killed_once_it_goes_on(tmp_path, table):
    table(n=160).write_csv(tmp_path / "t.csv")
    out, more = tmp_path / "out", ("--treatments", "class-weights")
    with start(tmp_path, "--out", out, *more) as process:
        workers = until(process, 2)
        assert workers
        process.kill()
    assert wait(lambda: not alive(workers), 10), "workers outlive the study"
    assert not (out / "verdict.json").exists()
    done = cells(out)
    assert len(done) >= 2
    with opened(out) as store:
        schedule = store.fact("schedule")
    finish(tmp_path, "--out", out, *more)
    after = cells(out)
    assert {cell: after[cell] for cell in done} == done  # none computed twice
    with opened(out) as store:
        assert store.fact("schedule") == schedule
    with_schedule_of(out, tmp_path / "calm")
    finish(tmp_path, "--out", tmp_path / "calm", "--jobs", "1", *more)
    same(out, tmp_path / "calm")
    left = [path.name for path in out.rglob("*") if path.name.endswith(".part")]
    assert left == [] and not (out / "store/rows.joblib").exists()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killed_at_three_random_moments(tmp_path, table, seed):
    table(n=300, seed=seed).write_csv(tmp_path / "t.csv")
    out, rng = tmp_path / "out", random.Random(seed)
    for how in (signal.SIGKILL, signal.SIGINT, signal.SIGKILL):
        process = subprocess.Popen(
            command(tmp_path, "--out", out), cwd=tmp_path, stderr=subprocess.PIPE, text=True
        )
        workers = set()
        try:
            words = process.communicate(timeout=rng.uniform(1, 12))[1]
            wanted = (0,)  # done before its moment came
        except subprocess.TimeoutExpired:
            workers = children(process.pid)
            process.send_signal(how)
            words = process.communicate(timeout=60)[1]
            wanted = (-9, 0) if how == signal.SIGKILL else (130, -2, 0)
        assert process.returncode in wanted, (process.returncode, words)
        # a study that is not yet one, still importing, has no words of its own
        assert "Traceback" not in words or (how, process.returncode) == (signal.SIGINT, -2), words
        assert wait(lambda left=workers: not alive(left), 10), "workers outlive the study"
    finish(tmp_path, "--out", out)
    with_schedule_of(out, tmp_path / "calm")
    finish(tmp_path, "--out", tmp_path / "calm")
    same(out, tmp_path / "calm")


def test_control_c_is_said_in_one_line(tmp_path, table):
    """On a terminal it reaches the workers too."""
    table(n=160).write_csv(tmp_path / "t.csv")
    out = tmp_path / "out"
    words = [word for word in command(tmp_path, "--out", out) if word != "-q"]
    process = subprocess.Popen(
        words, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    workers = until(process, 1)
    os.killpg(process.pid, signal.SIGINT)
    words = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    words = [line for line in words.splitlines() if not line.startswith("comparing")]
    assert words[-1] == "rarebird: interrupted; the same command goes on from here."
    assert wait(lambda: not alive(workers), 10)


def test_the_number_of_processes_does_not_matter(tmp_path, finished, small_schedule, cli):
    """The schedule of a study in one process, run by two."""
    data, out = finished.parent / "t.csv", tmp_path / "two"
    with_schedule_of(finished, out)
    words = ["study", data, "-t", "bad", "-q", "--treatments", "class-weights", "--jobs", "2"]
    code = "import sys; from rarebird.cli import main; sys.argv[0] = 'rarebird'; main()"
    words = [sys.executable, "-c", code, *map(str, words), "--out", str(out)]
    subprocess.run(words, check=True, cwd=tmp_path, timeout=300)
    same(finished, out)
    cell = "baseline: lightgbm | 0 1"
    with opened(finished) as one, opened(out) as two:
        (meta, arrays), (meta2, arrays2) = one.read_cell(cell), two.read_cell(cell)
    assert {k: meta[k] for k in meta if k not in LOAD} == {
        k: meta2[k] for k in meta2 if k not in LOAD
    }
    for key in arrays:
        np.testing.assert_array_equal(arrays[key], arrays2[key])


def test_a_finished_study_run_again_says_the_same(tmp_path, finished, cli, small_schedule):
    shutil.copytree(finished, tmp_path / "out")
    data = finished.parent / "t.csv"
    args = ("study", data, "-t", "bad", "-q", "--treatments", "class-weights")
    assert cli(*args, "--out", tmp_path / "out") == (0, "", "")
    same(finished, tmp_path / "out")


def test_the_study_file_goes_on_with_the_study(tmp_path, finished, cli, small_schedule):
    shutil.copytree(finished, tmp_path / "out")
    shutil.copy(finished.parent / "t.csv", tmp_path)
    for name in ("verdict.json", "report.html", "results.parquet"):
        (tmp_path / "out" / name).unlink()
    alter(tmp_path / "out", "DELETE FROM parts WHERE name = 'baseline: lightgbm | 0 2'")
    assert cli("study", tmp_path / "out/study.toml", "-q") == (0, "", "")
    same(finished, tmp_path / "out")


# processes that die by themselves


@pytest.fixture
def scheduled(tmp_path, finished):
    """An open store, a file of rows, and tasks none of which is done."""
    from rarebird.data import read_table
    from rarebird.study.prepare import prepare

    with opened(finished) as store:
        schedule = stored_schedule(store)
    ready = prepare(read_table(finished.parent / "t.csv"), "bad")
    learner = baseline_arms(["lightgbm"])[0]
    treated = Arm("class-weights", candidate("class-weights").settings(learner.setting)[0])
    tasks = [
        Task(Cell(arm, 0, fold), 3, schedule.seed)
        for fold in range(3)
        for arm in (learner, treated)
    ]
    with opened(tmp_path / "out") as store:
        store.write_fact("schedule", schedule.as_dict())
        write_rows(store.rows, ready.rows.take(ready.train))
        yield store, tasks


def run_all(store, tasks, limit_s=60.0):
    """Run tasks by two processes into a store."""

    def done(task, meta, arrays, model):
        store.write_cell(task.cell.id, meta, arrays)

    with pool.Workers(2, {}) as workers:
        workers.run(store.rows, tasks, lambda task: limit_s, done)


@pytest.mark.parametrize("how", [misbehave.die, misbehave.die_once, misbehave.fail])
def test_a_process_that_dies(scheduled, monkeypatch, tmp_path, how):
    """Once may be chance, and the cell is tried again; twice, and the arm is out."""
    monkeypatch.setattr(worker, "run", how)
    monkeypatch.setenv("RAREBIRD_TEST_DIED", str(tmp_path / "died"))
    store, tasks = scheduled
    run_all(store, tasks)
    assert store.done() == {task.cell.id for task in tasks}
    status = {cell: store.read_cell(cell)[0]["status"] for cell in store.done()}
    assert all(v == "ok" for k, v in status.items() if k.startswith("baseline"))
    once = how is misbehave.die_once
    assert status[misbehave.BAD] == ("ok" if once else "failed")
    if not once:
        why = store.read_cell(misbehave.BAD)[0]["why"]
        assert ("died twice" if how is misbehave.die else "ZeroDivisionError: a bug") in why


def test_processes_that_cannot_start(scheduled, monkeypatch):
    store, tasks = scheduled
    with monkeypatch.context() as patch:
        patch.setattr(worker, "start", misbehave.do_not_start)
        with pytest.raises(StoreError, match=r"cannot start\. The fits done so far are kept"):
            run_all(store, tasks)
    store.rows.unlink()
    with pytest.raises(StoreError, match="cannot start"):
        run_all(store, tasks)
    assert store.done() == set()


def test_starting_up_does_not_count_against_the_limit(scheduled, monkeypatch):
    store, tasks = scheduled
    monkeypatch.setattr(worker, "start", misbehave.start_slowly)
    run_all(store, tasks, limit_s=3.0)
    assert {store.read_cell(cell)[0]["status"] for cell in store.done()} == {"ok"}


# scripts of users

SCRIPT = """
{first}
from rarebird import Study

print("main runs", flush=True)
study = Study(time_budget=5, yes=True, treatments=["class-weights"], out={out!r})
result = study.run({data!r}, "bad")
print(result.chosen, len(result.cells))
"""


@pytest.mark.parametrize("method", ["", "spawn"])
def test_a_script_without_a_main_guard_works(tmp_path, finished, method):
    """Whatever start method the script sets for processes of its own."""
    first = f"import multiprocessing; multiprocessing.set_start_method({method!r})" * bool(method)
    out, data = str(tmp_path / "out"), str(finished.parent / "t.csv")
    script = tmp_path / "mine.py"
    script.write_text(SCRIPT.format(first=first, out=out, data=data), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=300, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "main runs"
    assert done.stdout.splitlines()[1:] == [f"None {len(cells(tmp_path / 'out'))}"]
    assert done.stderr == ""


@pytest.mark.skipif("spawn" not in get_all_start_methods(), reason="there is no spawn here")
def test_the_pool_works_with_spawned_processes(scheduled, finished, monkeypatch):
    """They are what Windows and macOS have; nothing may depend on what a fork inherits."""
    monkeypatch.setattr(pool, "get_context", lambda _: get_context("spawn"))
    store, tasks = scheduled
    run_all(store, tasks)
    with opened(finished) as other:
        for cell in store.done():
            (one, arrays), (two, arrays2) = store.read_cell(cell), other.read_cell(cell)
            assert {k: v for k, v in one.items() if k not in LOAD} == {
                k: v for k, v in two.items() if k not in LOAD
            }
            for key in arrays:
                np.testing.assert_array_equal(arrays[key], arrays2[key])
    assert len(store.done()) == len(tasks)
