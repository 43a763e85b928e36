"""How long samplers take beside imbalanced-learn's, in turns in one process, on real tables.

    python benchmarks/real_tables.py [--only smote,adasyn] [--tables cover,w7a] [--rounds 3]
                                     [--standardise]

Prints a line for each table and sampler: our median seconds, theirs, the ratio of the medians and
of the minima (steadier on a busy machine), whether the rows are the same. The tables, of
RAREBIRD_DATA, differ in shape: many rows of few intrinsic dimensions (cover), small integers with
many ties (shuttle), counts and amounts (fraud), wide and sparse (w7a), pixels (mnist), and a crowd
of equal rows (mammography).
"""

import argparse
import os
import statistics
import time
import warnings
from pathlib import Path

import numpy as np
import polars as pl

from resample import SAMPLERS, peers

FOLDER = Path(os.environ.get("RAREBIRD_DATA", Path(__file__).parents[2] / "shared" / "data"))
LEFT_OUT = ("TRANSACTION_ID", "CUSTOMER_ID", "TERMINAL_ID", "TX_FRAUD_SCENARIO")
# name: its name in index.csv, the most rows (drawn with seed 0), columns left out
TABLES = {
    "cover": ("adbench_cover", 100_000, ()),
    "cover30": ("adbench_cover", 30_000, ()),
    "shuttle": ("adbench_shuttle", 50_000, ()),
    "fraud": ("simulated_card_fraud", 30_000, LEFT_OUT),
    "w7a": ("w7a", 15_000, ()),
    "mnist": ("mnist", 12_000, ()),
    "pulsar": ("htru2_pulsar", 20_000, ()),
    "mammography": ("zenodo_mammography", 20_000, ()),
}
_BRIEF, _MANY = 1.0, 30  # seconds of ours up to which rounds are added, and how many
CHOSEN = (
    "smote,borderline-smote,adasyn,smote-enn,smote-tomek,"
    "tomek-links,edited,near-miss,all-knn,random-under,random-over"
)


def table(name: str, standardise: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers and class codes of a table; of mnist, the digit 8, one row of five."""
    source, most, without = TABLES[name]
    row = pl.read_csv(FOLDER / "index.csv").row(by_predicate=pl.col("name") == source, named=True)
    path = FOLDER / row["file"]
    if path.suffix == ".npz":
        stored = np.load(path)
        X, y = stored["x_train"].reshape(len(stored["y_train"]), -1) / 255, stored["y_train"] == 8
        kept = ~y | (np.arange(len(y)) % 5 == 0)
        X, y = X[kept], y[kept].astype(int)
    else:
        read = pl.read_parquet if path.suffix == ".parquet" else pl.read_csv
        frame = read(path).drop(*without)
        y = np.unique(frame[row["target"]].to_numpy(), return_inverse=True)[1]
        numbers = frame.drop(row["target"]).select(pl.selectors.numeric())
        X = numbers.to_numpy().astype(float)
    rows = np.sort(np.random.default_rng(0).permutation(len(X))[:most])
    X, y = X[rows], y[rows]
    if standardise:
        X = (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1)
    return X, y


def compare(name: str, X: np.ndarray, y: np.ndarray, rounds: int) -> str:
    """Return a line of seconds, ratios and whether the rows are the same."""
    seconds: tuple[list[float], list[float]] = ([], [])
    rows: list = [None, None]
    while len(seconds[0]) < rounds or (sum(seconds[0]) < _BRIEF and len(seconds[0]) < _MANY):
        turns = list(enumerate(peers(name)))
        for who, sampler in turns if len(seconds[0]) % 2 else turns[::-1]:
            started = time.perf_counter()
            rows[who] = sampler.fit_resample(X, y)
            seconds[who].append(time.perf_counter() - started)
    same = all(np.array_equal(one, two) for one, two in zip(*rows, strict=True))
    ours, theirs = (statistics.median(one) for one in seconds)
    least = min(seconds[1]) / min(seconds[0])
    text = f"{name:18s} {ours:8.3f} s {theirs:8.3f} s {theirs / ours:7.2f}x (minima {least:7.2f}x)"
    return f"{text} same rows: {'yes' if same else 'no'}"


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default=CHOSEN, help=f"of {', '.join(SAMPLERS)}")
    parser.add_argument("--tables", default="cover,cover30,shuttle,fraud,w7a,mnist")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--standardise", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)
    for where in given.tables.split(","):
        X, y = table(where, given.standardise)
        print(f"{where}: {len(X):,} rows, {X.shape[1]} columns, {np.bincount(y).tolist()}")
        compare("random-under", X, y, 1)  # imports and threads are there before the clock runs
        for name in given.only.split(","):
            print(" ", compare(name, X, y, given.rounds), flush=True)


if __name__ == "__main__":
    main()
