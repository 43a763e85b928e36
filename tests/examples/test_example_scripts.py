"""Every example runs, without a warning, and says what it is about."""

import functools
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SAYS = {  # what must stand in the output
    "is_it_an_8": ["nothing: average precision 0.", "class-weights: ", "Chosen: "],
    "my_costs": ["at least 0.0476", "at 0.5: ", "by the costs: "],
    "calibrate_after_undersampling": ["mean probability before:", "mean probability after:"],
    "threshold_with_interval": ["10 rare rows", "too few to tune", "400 rare rows"],
    "resample_any_table": ["polars: 300 rows, 28", "270 frauds, {", "weights: 540, from 1."],
    "which_resampler": ["moons: SMOTE leaves 300 common and 300 rare", "checkerboard: "],
}
PICTURES = {"which_resampler"}  # it writes two, and is longer for it
SLOW = {"is_it_an_8"}  # a whole study


@functools.cache
def run(name: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-W", "error", str(EXAMPLES / f"{name}.py")],
            capture_output=True,
            text=True,
            cwd=folder,
        )
        drawn = len(list(Path(folder).glob("*.png")))
    assert done.returncode == 0, done.stderr
    assert drawn == (2 if name in PICTURES else 0)
    return done.stdout


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] if n in SLOW else []) for n in SAYS]
)
def test_an_example_runs(name):
    out = run(name)
    assert all(text in out for text in SAYS[name]), out


def number(out: str, line: str) -> float:
    return float(out.split(line)[1].split()[0])


def test_the_correction_restores_the_share_and_the_costs_are_lower():
    out = run("calibrate_after_undersampling")
    share, before, after = (
        number(out, text)
        for text in ("share of rare rows:", "probability before:", "probability after:")
    )
    assert abs(after - share) < 0.01 < before - share
    out = run("my_costs")
    assert number(out, "by the costs: ") < number(out, "at 0.5: ")


def test_examples_are_short_and_all_are_run():
    paths = sorted(EXAMPLES.glob("*.py"))
    assert [path.stem for path in paths] == sorted(SAYS)
    for path in paths:
        most = 120 if path.stem in PICTURES else 40
        assert len(path.read_text("utf-8").splitlines()) < most
