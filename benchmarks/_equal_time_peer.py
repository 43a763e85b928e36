"""What fits one system on one half of a table: run by equal_time.py, in a process of its own.

    python _equal_time_peer.py SYSTEM FOLDER TARGET SECONDS SEED

Reads ``train.parquet`` and ``unseen.parquet`` (without its target) in FOLDER and writes
``answer.npz`` there: the probability and the decision of every unseen row. It runs in the peers'
environment, which has no rarebird.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

CORES = 2
Answer = tuple[np.ndarray, np.ndarray, dict[str, Any]]  # probabilities, decisions, what to note


def _frames(folder: Path) -> tuple[Any, Any]:
    import pandas as pd

    return pd.read_parquet(folder / "train.parquet"), pd.read_parquet(folder / "unseen.parquet")


def _coded(train: Any, unseen: Any, target: str) -> tuple[Any, Any, Any]:
    """Return features and labels; text is a pandas category and missing values stay."""
    y = train.pop(target)
    for name in train.select_dtypes(["object", "string"]):
        train[name] = train[name].astype("category")
        unseen[name] = unseen[name].astype(train[name].dtype)
    # LightGBM refuses names with characters that JSON needs.
    train.columns = unseen.columns = [f"x{i}" for i in range(train.shape[1])]
    return train, y, unseen


def autogluon(folder: Path, target: str, seconds: float, seed: int, fitted: Callable) -> Answer:
    from autogluon.tabular import TabularPredictor

    train, unseen = _frames(folder)
    predictor = TabularPredictor(
        target,
        problem_type="binary",
        eval_metric="average_precision",
        path=str(folder / "autogluon"),
        verbosity=1,
    )
    predictor.fit(train, presets="medium_quality", time_limit=seconds, num_cpus=CORES)
    fitted()
    note = {"models": predictor.model_names(), "best": predictor.model_best}
    if len(failures := predictor.model_failures()):
        note["failed_models"] = failures[["model", "exc_type"]].to_numpy().tolist()
    p = predictor.predict_proba(unseen)[1].to_numpy()
    return p, predictor.predict(unseen).to_numpy(), note | _versions("autogluon.tabular")


def flaml(folder: Path, target: str, seconds: float, seed: int, fitted: Callable) -> Answer:
    from flaml import AutoML

    X, y, unseen = _coded(*_frames(folder), target)
    model = AutoML()
    model.fit(
        X,
        y,
        task="classification",
        metric="ap",
        time_budget=seconds,
        n_jobs=CORES,
        seed=seed,
        verbose=0,
    )
    fitted()
    note = {"best": model.best_estimator, "setting": repr(model.best_config)}
    return model.predict_proba(unseen)[:, 1], model.predict(unseen), note | _versions("FLAML")


def _lightgbm(class_weight: str | None) -> Callable[..., Answer]:
    def answer(folder: Path, target: str, seconds: float, seed: int, fitted: Callable) -> Answer:
        from lightgbm import LGBMClassifier  # noqa: TID251  (a peer here)

        X, y, unseen = _coded(*_frames(folder), target)
        model = LGBMClassifier(
            class_weight=class_weight, n_jobs=CORES, random_state=seed, verbose=-1
        ).fit(X, y)
        fitted()
        return model.predict_proba(unseen)[:, 1], model.predict(unseen), _versions("lightgbm")

    return answer


SYSTEMS: dict[str, Callable[..., Answer]] = {
    "autogluon": autogluon,
    "flaml": flaml,
    "lightgbm": _lightgbm(None),
    "lightgbm-weighted": _lightgbm("balanced"),
}


def _versions(*names: str) -> dict[str, str]:
    return {"version": ", ".join(f"{name} {version(name)}" for name in names)}


def write_answer(system: Callable[..., Answer]) -> None:
    """Let a system answer what the command line asks, on two cores, and write its answer."""
    folder, target, seconds, seed = sys.argv[2:]
    if hasattr(os, "sched_setaffinity"):  # what counts cores sees as many as it may use
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    started, clock = time.perf_counter(), {}
    p, decision, note = system(
        Path(folder),
        target,
        float(seconds),
        int(seed),
        lambda: clock.setdefault("seconds", time.perf_counter() - started),
    )
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    note |= clock | {"cpu_seconds": sum(u.ru_utime + u.ru_stime for u in used)}
    part = Path(folder) / "part.npz"
    np.savez(part, p=p, decision=decision, note=json.dumps(note))
    part.rename(part.with_name("answer.npz"))


if __name__ == "__main__":
    write_answer(SYSTEMS[sys.argv[1]])
