"""One cell of the comparison: a candidate, trained and measured on one fold."""

import sys
import time
from typing import Any

import numpy as np

from rarebird._errors import DataError
from rarebird._random import seed_of

from .candidates import candidate
from .fit import fit_candidate
from .rows import Rows
from .schedule import Cell, Schedule


def _peak_memory_mb() -> float:
    """Return the peak memory of this process in MiB (0 where the system does not say)."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def outer_folds(rows: Rows, schedule: Schedule, repeat: int) -> list:
    """Return the folds of a repeat; the same for every candidate."""
    return rows.design.folds(rows.y, schedule.n_folds, seed_of(schedule.seed, "outer", repeat))


def run_cell(
    rows: Rows, schedule: Schedule, cell: Cell
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Fit and measure one cell; return what the store keeps of it, values and arrays.

    Everything that learns sees the fold's training rows only. A candidate that refuses these data
    (a ``DataError``) is not applicable, with its words.
    """
    started = time.perf_counter()
    tried, goal = candidate(cell.candidate), schedule.goal
    train, test = outer_folds(rows, schedule, cell.repeat)[cell.fold]
    meta: dict[str, Any] = {**cell.as_dict(), "n_train": len(train), "n_test": len(test)}
    arrays: dict[str, np.ndarray] = {}
    try:
        fitted = fit_candidate(
            tried,
            tried.settings(schedule.effort),
            rows.take(train),
            goal,
            n_inner=schedule.n_inner,
            seed=seed_of(schedule.seed, cell.candidate, cell.repeat, cell.fold),
        )
    except DataError as error:
        meta |= {"status": "not applicable", "why": str(error)}
    else:
        held = rows.take(test)
        proba = fitted.model.predict_proba(held.X)
        context = goal.on(held.costs).context
        predicted = fitted.model.decision_.act(proba, context=context).codes
        kept = ~np.isin(held.y, schedule.unassessed)
        y, weight = held.y[kept], None if held.weight is None else held.weight[kept]
        goal = goal.on(held.costs_of(kept))
        value = goal.value(y, proba[kept], predicted[kept], weight) if len(y) else np.nan
        if goal.tunes_threshold and len(y):  # what an untuned user would do
            meta["untuned"] = goal.value(y, proba[kept], proba[kept].argmax(axis=1), weight)
        setting, n_fits = str(fitted.setting), fitted.n_fits
        meta |= {"status": "ok", "value": value, "setting": setting, "n_fits": n_fits}
        arrays = {"proba": proba.astype(np.float32), "predicted": predicted.astype(np.int16)}
    meta |= {"seconds": time.perf_counter() - started, "memory_mb": _peak_memory_mb()}
    return meta, arrays
