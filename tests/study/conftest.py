"""What the end-to-end tests share: small tables, the command line in process, finished studies."""

import contextlib
import io
import sys
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from threadpoolctl import threadpool_limits

from rarebird import cli as command_line
from rarebird.study import pool, schedule, steps


def small_table(n=240, share=0.15, seed=0, gain=1.5, labels=("no", "yes")):
    """Two or more classes, the last ones rarer; two numbers, a category and missing values."""
    rng = np.random.default_rng(seed)
    counts = [round(n * share)] * (len(labels) - 1)
    code = rng.permutation(np.repeat(np.arange(len(labels)), [n - sum(counts), *counts]))
    x, u = rng.normal(size=n) + gain * code, rng.normal(size=n)
    return pl.DataFrame(
        {
            "amount": x.round(4),
            "age": np.where(rng.random(n) < 0.1, np.nan, u.round(4)),
            "colour": rng.choice(["red", "green", "blue"], n),
            "bad": [labels[c] for c in code],
        }
    ).with_columns(pl.col("age").fill_nan(None))


def run_command(*args):
    """Run the command line in this process; return exit code, standard output and error."""
    out, err = io.StringIO(), io.StringIO()
    old = sys.argv
    sys.argv = ["rarebird", *map(str, args)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            command_line.main()
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    finally:
        sys.argv = old
    raise AssertionError("main() always exits")


def smallest(rows, goal, tried, learners, **options):
    """The smallest schedule there is: one setting of one learner, and of every treatment."""
    options |= {"budget_s": 0.0, "asked": True}
    found = schedule.make_schedule(rows, goal, tried, learners[:1], **options)
    least = {"n_folds": min(3, found.n_folds), "final_folds": 3, "most_repeats": 1}
    return replace(found, estimate_s=0.0, max_size_mb=1e3, reserve_s=1e6, **least)


@contextlib.contextmanager
def _smallest(patch):
    patch.setattr(steps, "make_schedule", smallest)
    patch.setattr(steps, "Workers", pool.InThisProcess)
    with threadpool_limits(1, user_api="blas"):  # idle threads cost more than they do here
        yield


@pytest.fixture
def small_schedule(monkeypatch):
    """The smallest schedule, on any machine: one setting, one repeat, in this process."""
    with _smallest(monkeypatch):
        yield


@pytest.fixture
def table():
    """A function that makes a small table."""
    return small_table


@pytest.fixture
def cli():
    """A function that runs the command line."""
    return run_command


@pytest.fixture
def refused():
    """A function that expects one line on standard error, exit code 2 and nothing else."""

    def check(*args, words=()):
        code, out, err = run_command(*args)
        assert code == 2, (code, out, err)
        assert out == ""
        lines = [line for line in err.splitlines() if line]
        assert len(lines) == 1, err
        assert lines[0].startswith("rarebird: ")
        assert "Traceback" not in err
        for word in [words] if isinstance(words, str) else words:
            assert word in lines[0], lines[0]
        return lines[0]

    return check


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A finished study of two classes: its folder, beside ``t.csv``. Not to be changed."""
    home = tmp_path_factory.mktemp("finished")
    small_table().write_csv(home / "t.csv")
    with pytest.MonkeyPatch.context() as patch, _smallest(patch):
        code, _, err = run_command(
            "study", home / "t.csv", "-t", "bad", "--treatments", "class-weights",
            "--out", home / "out", "-q",
        )  # fmt: skip
    assert code == 0, err
    return home / "out"
