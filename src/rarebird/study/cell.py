"""One fit of a study: an arm, trained on some rows, and its probabilities of others."""

import pickle
import sys
import time
import warnings
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rarebird._errors import DataError, class_names
from rarebird._random import seed_of
from rarebird.decide.cross_fitting import fit_folds

from .candidates import BASELINE, Arm, Setting, candidate
from .rows import Rows
from .schedule import Cell

STAGED = 50  # trees of the first stage, at least


@dataclass(frozen=True)
class Task:
    """A cell, and how to compute it: its fold is one of ``n_folds``, or -1 for all rows."""

    cell: Cell
    n_folds: int
    seed: int  # of the study
    stages: bool = False  # whether the probabilities after fewer trees are wanted too
    keep: bool = False  # whether the fitted model is wanted


def outer_folds(rows: Rows, n_folds: int, repeat: int, seed: int) -> list:
    """Return the folds of a repeat; the same for every arm."""
    return rows.design.folds(rows.y, n_folds, seed_of(seed, "outer", repeat))


def _built(arm: Arm, rows: Rows, own: Mapping[str, Any], *seed: Any) -> Any:
    """Return an arm's unfitted estimator."""
    return candidate(arm.candidate).build(
        arm.setting,
        categorical=rows.categorical,
        seed=seed_of(*seed),
        threads=1,
        own=own,
    )


def stages_of(setting: Setting) -> list[int]:
    """Return the numbers of trees at which a boosted setting is looked at: halves of the last.

    >>> stages_of(Setting("lightgbm", {"n_estimators": 400}))
    [50, 100, 200, 400]
    """
    n, found = int(setting.params.get("n_estimators", 0)), list[int]()
    while n >= STAGED:
        found.insert(0, n)
        n //= 2
    return found


def run_task(rows: Rows, task: Task, own: Mapping[str, Any]) -> tuple[dict, dict, Any]:
    """Fit and predict; return values, arrays and, where it is wanted, the fitted model.

    What learns sees the fold's training rows only. An arm that refuses these rows (a
    ``DataError``) is not applicable, with its words.
    """
    started, cell = time.perf_counter(), task.cell
    train, test = np.arange(len(rows.y)), np.arange(1)
    if cell.fold >= 0:
        train, test = outer_folds(rows, task.n_folds, cell.repeat, task.seed)[cell.fold]
    meta: dict[str, Any] = {**cell.as_dict(), "n_train": len(train), "n_test": len(test)}
    arrays: dict[str, np.ndarray] = {}
    # the seed names neither arm nor fold: a treatment and its counterpart differ in nothing else
    model = _built(cell.arm, rows, own, task.seed, cell.repeat)
    fitted = None
    try:
        with warnings.catch_warnings(action="ignore"), class_names(rows.labels):
            classes, fold = np.arange(rows.n_classes), [(train, test)]
            found, [fitted] = fit_folds(model, rows.X, rows.y, fold, rows.weight, classes=classes)
            if task.stages:
                arrays |= _staged(fitted, cell.arm.setting, rows, test)
    except DataError as error:
        meta |= {"status": "not applicable", "why": str(error)}
    else:
        arrays["proba"] = found.proba.astype(np.float32)
        meta |= {"status": "ok", "size_mb": _size_mb(fitted)}
    meta |= {"seconds": time.perf_counter() - started, "memory_mb": _peak_memory_mb()}
    return meta, arrays, fitted if task.keep else None


def _staged(model: Any, setting: Setting, rows: Rows, test: np.ndarray) -> dict[str, np.ndarray]:
    stages = stages_of(setting)[:-1]
    if not stages or not hasattr(model, "staged_proba") or len(model.classes_) < rows.n_classes:
        return {}
    found = model.staged_proba(rows.X[test], stages)
    return {f"proba@{n}": p.astype(np.float32) for n, p in zip(stages, found, strict=True)}


def _size_mb(model: Any) -> float:
    """Return what the model takes in a file, about: the same on every machine."""
    return round(len(zlib.compress(pickle.dumps(model, protocol=5), 1)) / (1 << 20), 3)


def _peak_memory_mb() -> float:
    """Return the peak memory of this process in MiB (0 where the system does not say)."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def at_stage(arm: Arm, trees: int) -> Arm:
    """Return a boosted arm with fewer trees."""
    params = {**arm.setting.params, "n_estimators": trees}
    return Arm(BASELINE, Setting(arm.setting.learner, params, arm.setting.treatment))
