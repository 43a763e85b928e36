"""Interrupted anyhow, a study ends like an uninterrupted one."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rarebird.study.pool import run_cells
from rarebird.study.store import Store

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").is_file(), reason="looks for processes in /proc"
)
MOOD = ["seconds", "memory_mb"]  # columns that depend on the machine's mood


def command(home, *more):
    code = "import sys; from rarebird.cli import main; sys.argv[0] = 'rarebird'; main()"
    words = ["study", home / "t.csv", "-t", "bad", "-q", "--time-budget", "5", *more]
    return [sys.executable, "-c", code, *map(str, words)]


def finish(home, *more):
    subprocess.run(command(home, *more), check=True, cwd=home, timeout=300)


def workers_of(folder):
    """Numbers of the processes that work in a folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"rarebird.study.worker" in words and str(folder / "store").encode() in words:
            found.append(int(place.name))
    return found


def wait(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def cells(folder):
    return sorted((folder / "store/cells").glob("*.npz"))


def same(one, other):
    assert (one / "verdict.json").read_bytes() == (other / "verdict.json").read_bytes()
    tables = [pl.read_parquet(folder / "results.parquet").drop(MOOD) for folder in (one, other)]
    assert_frame_equal(*tables)


def with_plan_of(first, folder):
    """Make a folder that holds the plan of another: a plan depends on the machine."""
    (folder / "store").mkdir(parents=True)
    shutil.copy(first / "store/plan.json", folder / "store")


def kill_at(home, out, after, how, *more):
    """Start a study, and end it once so many cells are there."""
    process = subprocess.Popen(command(home, "--out", out, *more), cwd=home)
    try:
        assert wait(lambda: len(cells(out)) >= after and workers_of(out), 200)
        process.send_signal(how)
        assert process.wait(60) != 0
    finally:
        process.kill()
        process.wait()


def test_killed_once_it_goes_on(tmp_path, table):
    table(n=160).write_csv(tmp_path / "t.csv")
    out, more = tmp_path / "out", ("--treatments", "class-weights")
    kill_at(tmp_path, out, 2, signal.SIGKILL, *more)
    assert wait(lambda: not workers_of(out), 10), "workers outlive the study"
    assert not (out / "verdict.json").exists()
    done = {path: path.stat().st_mtime_ns for path in cells(out)}
    plan = (out / "store/plan.json").read_bytes()
    finish(tmp_path, "--out", out, *more)
    assert {path: path.stat().st_mtime_ns for path in done} == done  # none computed twice
    assert (out / "store/plan.json").read_bytes() == plan
    with_plan_of(out, tmp_path / "calm")
    finish(tmp_path, "--out", tmp_path / "calm", "--jobs", "1", *more)
    same(out, tmp_path / "calm")
    left = [path.name for path in out.rglob("*") if path.name.endswith(".part")]
    assert left == [] and not (out / "store/rows").exists()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killed_at_three_random_moments(tmp_path, table, seed):
    table(n=300, seed=seed).write_csv(tmp_path / "t.csv")
    out, rng = tmp_path / "out", random.Random(seed)
    for how in (signal.SIGKILL, signal.SIGINT, signal.SIGKILL):
        process = subprocess.Popen(
            command(tmp_path, "--out", out), cwd=tmp_path, stderr=subprocess.PIPE, text=True
        )
        try:
            words = process.communicate(timeout=rng.uniform(1, 12))[1]
            wanted = (0,)  # done before its moment came
        except subprocess.TimeoutExpired:
            process.send_signal(how)
            words = process.communicate(timeout=60)[1]
            wanted = (-9, 0) if how == signal.SIGKILL else (130, -2, 0)
        assert process.returncode in wanted, (process.returncode, words)
        # a study that is not yet one, still importing, has no words of its own
        assert "Traceback" not in words or (how, process.returncode) == (signal.SIGINT, -2), words
        assert wait(lambda: not workers_of(out), 10), "workers outlive the study"
    finish(tmp_path, "--out", out)
    with_plan_of(out, tmp_path / "calm")
    finish(tmp_path, "--out", tmp_path / "calm")
    same(out, tmp_path / "calm")


def test_control_c_is_said_in_one_line(tmp_path, table):
    table(n=160).write_csv(tmp_path / "t.csv")
    out = tmp_path / "out"
    process = subprocess.Popen(
        command(tmp_path, "--out", out), cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    assert wait(lambda: cells(out), 200)
    process.send_signal(signal.SIGINT)
    words = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert words == "rarebird: interrupted; the same command goes on from here.\n"
    assert wait(lambda: not workers_of(out), 10)


def test_the_number_of_processes_does_not_matter(tmp_path, finished, small_plan, cli):
    """The plan of a study in one process, run by two."""
    data, out = finished.parent / "t.csv", tmp_path / "two"
    with_plan_of(finished, out)
    words = ["study", data, "-t", "bad", "-q", "--treatments", "class-weights", "--jobs", "2"]
    code = "import sys; from rarebird.cli import main; sys.argv[0] = 'rarebird'; main()"
    words = [sys.executable, "-c", code, *map(str, words), "--out", str(out)]
    subprocess.run(words, check=True, cwd=tmp_path, timeout=300)
    same(finished, out)
    cell = "baseline-0-1"
    (meta, arrays), (meta2, arrays2) = (Store(f / "store").read_cell(cell) for f in (finished, out))
    assert {k: meta[k] for k in meta if k not in MOOD} == {
        k: meta2[k] for k in meta2 if k not in MOOD
    }
    for key in arrays:
        np.testing.assert_array_equal(arrays[key], arrays2[key])


def test_a_finished_study_run_again_says_the_same(tmp_path, finished, cli, small_plan):
    shutil.copytree(finished, tmp_path / "out")
    data = finished.parent / "t.csv"
    args = ("study", data, "-t", "bad", "-q", "--treatments", "class-weights")
    assert cli(*args, "--out", tmp_path / "out") == (0, "", "")
    same(finished, tmp_path / "out")


def test_the_study_file_goes_on_with_the_study(tmp_path, finished, cli, small_plan):
    shutil.copytree(finished, tmp_path / "out")
    for name in ("verdict.json", "report.html", "results.parquet"):
        (tmp_path / "out" / name).unlink()
    (tmp_path / "out/store/cells/baseline-0-3.npz").unlink()
    assert cli("study", tmp_path / "out/study.toml", "-q") == (0, "", "")
    same(finished, tmp_path / "out")


# processes that die by themselves

WORKER = """
import os, sys
from rarebird.study import cell, worker
inner = cell.run_cell

def run_cell(store, rows, plan, one):
    if one["id"] == "class-weights-0-1":
        marker = store.folder / "died"
        if DIES or not marker.exists():
            marker.touch()
            os.kill(os.getpid(), 9)
    inner(store, rows, plan, one)

cell.run_cell = run_cell
worker.main(sys.argv[-1])
"""


@pytest.fixture
def with_rows(tmp_path, finished):
    """A store with a plan and rows, and no cells."""
    from rarebird.data import read_table
    from rarebird.study.cell import write_rows
    from rarebird.study.prepare import prepare

    store = Store(tmp_path / "out/store")
    store.create()
    store.write_plan(Store(finished / "store").plan())
    ready = prepare(read_table(finished.parent / "t.csv"), "bad")
    write_rows(store.folder / "rows", ready.rows.take(ready.train))
    yield store
    store.close()


@pytest.mark.parametrize("always", [False, True])
def test_a_process_that_dies(with_rows, monkeypatch, always):
    """Once may be chance, and the cell is tried again; twice, and the candidate is out."""
    start = subprocess.Popen

    def popen(words, **more):
        words = [sys.executable, "-W", "ignore", "-c", f"DIES = {always}\n{WORKER}", words[-1]]
        return start(words, **more)

    monkeypatch.setattr(subprocess, "Popen", popen)
    store, seen = with_rows, []
    run_cells(store, store.plan(), jobs=2, progress=lambda done, total: seen.append((done, total)))
    assert len(store.done()) == 10 and seen[-1] == (10, 10)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen) or not always
    status = {cell: store.read_cell(cell)[0]["status"] for cell in store.done()}
    assert all(v == "ok" for k, v in status.items() if k.startswith("baseline"))
    assert status["class-weights-0-1"] == ("failed" if always else "ok")
    if always:
        meta = store.read_cell("class-weights-0-4")[0]
        assert "class-weights-0-1" in meta["why"] and "died twice" in meta["why"]


def test_processes_that_cannot_start(with_rows):
    shutil.rmtree(with_rows.folder / "rows")
    with pytest.raises(RuntimeError, match="cannot start"):
        run_cells(with_rows, with_rows.plan(), jobs=2)
    assert with_rows.done() == set()


def test_a_worker_ends_with_its_caller(with_rows):
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "rarebird.study.worker", with_rows.folder],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        try:
            assert json.loads(process.stdout.readline()) == {"ready": True}
            process.stdin.write("baseline-0-0\n")
            process.stdin.flush()
            process.stdin.close()  # as the system does when the caller is killed
            assert process.wait(10) == 0
        finally:
            process.kill()
