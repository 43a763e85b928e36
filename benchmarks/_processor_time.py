"""Seconds of processor time, what they are made of, and those of a study outside its fits."""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

_TWICE = 0.2  # seconds from which one measurement is enough


def seconds(what: Callable[[], Any]) -> float:
    """Return the processor time of a call, the better of two."""
    taken = []
    while len(taken) < 2 and sum(taken) < _TWICE:
        started = time.process_time()
        what()
        taken.append(time.process_time() - started)
    return min(taken)


def non_negative(
    features: list[dict[str, float]], y: list[float], base: list[float]
) -> dict[str, float]:
    """Return coefficients that give y; errors count relative to ``base`` + y.

    Too much by a factor counts as too little by it: the errors are divided by the root of the
    measured times the predicted value, in turns.
    """
    names = list(features[0])
    A = np.array([[row[name] for name in names] for row in features], dtype=float)
    t, more = np.array(y), np.array(base)
    unit = np.where(A.max(axis=0) > 0, A.max(axis=0), 1)
    scale = t + more + 1e-5  # what takes less than 10 microseconds counts for little
    for _ in range(30):
        found, _ = nnls(A / unit / scale[:, None], t / scale)
        predicted = (A / unit) @ found
        scale = np.sqrt((t + more + 1e-5) * (predicted + more + 1e-5))
    told = zip(names, found / unit, strict=True)
    return {name: float(f"{value:.4g}") for name, value in told if value > 0}


def overhead() -> dict[str, float]:
    """Measure what a study takes outside its fits, in its processes together."""
    import polars as pl

    from rarebird import Study
    from rarebird.study.prepare import prepare

    def frame(n: int, d: int) -> pl.DataFrame:
        rng = np.random.default_rng(n + d)
        y = rng.random(n) < 0.1
        columns = {f"x{j}": rng.normal(size=n) + y * (j < 3) for j in range(d)}
        columns |= {f"c{j}": rng.integers(20, size=n).astype(str) for j in range(d // 5)}
        return pl.DataFrame({**columns, "y": y.astype(int)})

    found, taken = [], []
    for n, d in ((500, 5), (2_000, 100), (20_000, 10), (60_000, 40)):
        table = frame(n, d)
        taken.append(seconds(lambda t=table: prepare(t, "y")))
        width = d + d // 5
        found.append({"study": 1.0, "rows": n, "columns": width, "cells": n * width})
    constants = {"study": 0.0} | non_negative(found, taken, [0.0] * len(taken))
    # the smallest study: its fits take next to nothing beside the processes and the report
    before = _processes()
    with tempfile.TemporaryDirectory() as folder:
        least = {"learners": ["logistic"], "treatments": [], "time_budget": 5, "yes": True}
        study = Study(out=Path(folder) / "out", quick=True, n_jobs=1, **least)
        study.run(frame(500, 5), "y")
    constants["study"] = round(constants["study"] + _processes() - before, 2)
    return constants


def _processes() -> float:
    """Return the processor time of this process and of those that it has started and ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
