"""One cell of the comparison: a candidate, trained and measured on one fold."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from rarebird._errors import DataError
from rarebird._random import seed_of

from .candidates import candidate
from .fit import Rows, fit_candidate
from .objective import Objective
from .splits import Design
from .store import Store, write_whole


def write_rows(folder: Path, rows: Rows) -> None:
    """Put the rows of the comparison where workers map them into memory."""
    import io

    folder.mkdir(exist_ok=True)
    weight = np.ones(0) if rows.weight is None else rows.weight
    arrays = {"X": rows.X, "y": rows.y, "weight": weight, "key": rows.design.key}
    for name, array in arrays.items():
        buffer = io.BytesIO()
        np.save(buffer, array)
        write_whole(folder / f"{name}.npy", buffer.getvalue())
    meta = {
        "kind": rows.design.kind,
        "n_classes": rows.n_classes,
        "categorical": list(rows.categorical),
    }
    write_whole(folder / "rows.json", json.dumps(meta).encode())


def read_rows(folder: Path) -> Rows:
    """Return the rows that `write_rows` wrote, mapped and not copied."""
    meta = json.loads((folder / "rows.json").read_text())
    arrays = {
        name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("X", "y", "weight", "key")
    }
    return Rows(
        arrays["X"],
        np.asarray(arrays["y"]),
        np.asarray(arrays["weight"]) if len(arrays["weight"]) else None,
        Design(meta["kind"], np.asarray(arrays["key"])),
        meta["n_classes"],
        tuple(meta["categorical"]),
    )


def peak_memory_mb() -> float:
    """Return the peak memory of this process in MiB (0 where the system does not say)."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def outer_folds(rows: Rows, plan: dict[str, Any], repeat: int) -> list:
    """Return the folds of a repeat; the same for every candidate."""
    return rows.design.folds(rows.y, plan["n_folds"], seed_of(plan["seed"], "outer", repeat))


def run_cell(store: Store, rows: Rows, plan: dict[str, Any], cell: dict[str, Any]) -> None:
    """Fit and measure one cell, and store it.

    Everything that learns sees the fold's training rows only. A candidate that refuses these data
    (a ``DataError``) is stored as not applicable, with its words.
    """
    started = time.perf_counter()
    tried = candidate(cell["candidate"])
    objective = Objective.from_dict(plan["objective"])
    train, test = outer_folds(rows, plan, cell["repeat"])[cell["fold"]]
    meta: dict[str, Any] = {**cell, "n_train": len(train), "n_test": len(test)}
    arrays: dict[str, np.ndarray] = {}
    try:
        fitted = fit_candidate(
            tried,
            tried.settings(plan["effort"]),
            rows.take(train),
            objective,
            n_inner=plan["n_inner"],
            seed=seed_of(plan["seed"], cell["candidate"], cell["repeat"], cell["fold"]),
        )
    except DataError as error:
        meta |= {"status": "not applicable", "why": str(error)}
    else:
        proba = fitted.predict_proba(rows.X[test], rows.n_classes)
        predicted = fitted.decision.predict(proba)
        kept = ~np.isin(rows.y[test], plan["unassessed"])
        y = rows.y[test][kept]
        weight = None if rows.weight is None else rows.weight[test][kept]
        value = objective.value(y, proba[kept], predicted[kept], weight) if len(y) else np.nan
        if objective.family == "decision" and len(y):  # what an untuned user would do
            meta["untuned"] = objective.value(y, proba[kept], proba[kept].argmax(axis=1), weight)
        meta |= {
            "status": "ok",
            "value": value,
            "setting": str(fitted.setting),
            "n_fits": fitted.n_fits,
        }
        arrays = {
            "test": test.astype(np.int32),
            "proba": proba.astype(np.float32),
            "predicted": predicted.astype(np.int16),
        }
    meta |= {"seconds": time.perf_counter() - started, "memory_mb": peak_memory_mb()}
    store.write_cell(cell["id"], meta, arrays)
