"""The same study gives the same files: idle, on a busy machine, by one process, from its TOML."""

import contextlib
import hashlib
import multiprocessing
import shutil
import subprocess
import sys

import polars as pl
import pytest

NAMES = ("verdict.json", "model.skops", "manifest.json")


def busy():
    while True:
        pass


@contextlib.contextmanager
def load(n):
    """So many processes that do nothing but keep a core busy."""
    started = [
        multiprocessing.get_context("spawn").Process(target=busy, daemon=True) for _ in range(n)
    ]
    for process in started:
        process.start()
    try:
        yield
    finally:
        for process in started:
            process.kill()


def ran(folder, *words):
    code = "import sys; from rarebird.cli import main; sys.argv[0] = 'rarebird'; main()"
    command = [sys.executable, "-c", code, "study", *map(str, words), "-q"]
    subprocess.run(command, check=True, cwd=folder, timeout=900)


def digest(out, data):
    """What a study found, without the seconds that its fits took."""
    from rarebird.study import load_model

    cells = pl.read_parquet(out / "results.parquet").drop("seconds")
    found = {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in NAMES}
    proba = load_model(out).predict_proba(pl.read_csv(data))
    return found | {
        "results": hashlib.sha256(cells.write_csv().encode()).hexdigest(),
        "predictions": hashlib.sha256(proba.tobytes()).hexdigest(),
    }


@pytest.mark.slow
def test_the_same_files_whatever_the_machine_does(tmp_path, table):
    table(n=900, share=0.1).write_csv(tmp_path / "t.csv")
    words = ["t.csv", "-t", "bad", "--time-budget", "20", "--yes"]
    ran(tmp_path, *words, "--out", "idle")
    with load(3):
        ran(tmp_path, *words, "--out", "busy")
    ran(tmp_path, *words, "--out", "one", "--jobs", "1")
    away = tmp_path / "away"
    away.mkdir()
    shutil.copy(tmp_path / "t.csv", away)
    (away / "again").mkdir()
    text = (tmp_path / "idle/study.toml").read_text()
    (away / "again.toml").write_text(text.replace('"../t.csv"', '"t.csv"'))
    ran(away, "again.toml", "--yes", "--out", "again")
    first = digest(tmp_path / "idle", tmp_path / "t.csv")
    for other in (tmp_path / "busy", tmp_path / "one", away / "again"):
        assert digest(other, tmp_path / "t.csv") == first, other.name
