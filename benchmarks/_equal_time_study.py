"""What runs a study on one half of a table for equal_time.py, as `_equal_time_peer` runs a peer."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
from _equal_time_peer import CORES, Answer, write_answer

from rarebird import Study, __version__


def study(folder: Path, target: str, seconds: float, seed: int, fitted: Callable) -> Answer:
    train, unseen = (pl.read_parquet(folder / f"{n}.parquet") for n in ("train", "unseen"))
    result = Study(time_budget=seconds, n_jobs=CORES, seed=seed).run(train, target)
    fitted()
    if result.model is None:
        raise SystemExit(f"No model: {result.sentences()['headline']}")
    note = {"version": f"rarebird {__version__}", "verdict": result.verdict}
    return result.model.predict_proba(unseen)[:, 1], result.model.predict(unseen), note


if __name__ == "__main__":
    write_answer(study)
