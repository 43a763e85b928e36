"""Which settings of the untreated learners a study tries first: fits on the tuning tables.

    python benchmarks/portfolio.py --out FOLDER [--tables pima,cm1] [--halves 0,1]

For every tuning table, half of its rows and setting below: five models on stratified folds of that
half (at most 3,000 rows), their out-of-fold probabilities, and each model's probabilities of the
other half (at most 8,000 rows). One file each; what is there is not fitted again. Then
`portfolio_order.py` reads them. Needs the data folder (RAREBIRD_DATA, default ../shared/data).
"""

import argparse
import os
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from rarebird.data import read_table
from rarebird.diagnose.profile import profile_table, typed_frame
from rarebird.registry import method
from rarebird.study.encode import Codebook
from rarebird.study.splits import stratified_group_folds

DATA = Path(os.environ.get("RAREBIRD_DATA", Path(__file__).parents[2] / "shared" / "data"))
# for tuning only; tables that results are reported on, and their relatives, are not among them
TABLES = (
    "haberman", "ecoli3", "cm1", "wdbc", "abalone9-18", "pima", "mammographic", "zenodo_oil",
    "yeast1", "yeast3", "yeast4", "winequality-red-4", "zenodo_car_eval_34",
    "abalone-17_vs_7-8-9-10", "zenodo_abalone", "phoneme", "adbench_musk", "electricity_nsw",
    "adbench_magic_gamma", "adbench_cover", "simulated_card_fraud", "zenodo_optical_digits",
    "covertype_nominal_4_vs_rest", "apascal_train_vs_rest", "20news_3_bert_features",
)  # fmt: skip
MOST_TRAIN, MOST_HELD, FOLDS = 3_000, 8_000, 5

_SHRUNK = {"feature_fraction": 0.5, "subsample": 0.7, "reg_lambda": 1.0}
# learner, parameters, and numbers of trees that one fit serves
POOL: dict[str, tuple[str, dict[str, Any], tuple[int, ...]]] = {
    "gbm": ("lightgbm", {}, (50, 100, 200)),
    "gbm-small": (
        "lightgbm",
        {"num_leaves": 7, "learning_rate": 0.05, **_SHRUNK},
        (100, 200, 400),
    ),
    "gbm-shrunk": (
        "lightgbm",
        {"num_leaves": 31, "learning_rate": 0.05, "min_child_samples": 5, **_SHRUNK},
        (100, 200, 300),
    ),
    "gbm-random": (
        "lightgbm",
        {
            "num_leaves": 31,
            "learning_rate": 0.05,
            "min_child_samples": 5,
            "extra_trees": True,
            "path_smooth": 2.0,
            **_SHRUNK,
        },
        (100, 300),
    ),
    "gbm-stumps": ("lightgbm", {"num_leaves": 3, "min_child_samples": 5, **_SHRUNK}, (50, 150)),
    "forest-3": ("forest", {"min_samples_leaf": 3}, ()),
    "forest-1-half": ("forest", {"min_samples_leaf": 1, "max_features": 0.5}, ()),
    "extra-3": ("extra-trees", {"min_samples_leaf": 3, "max_features": "sqrt"}, ()),
    "extra-3-all": ("extra-trees", {"min_samples_leaf": 3}, ()),
    "logistic": ("logistic", {"C": 1.0}, ()),
    "logistic-strong": ("logistic", {"C": 0.05}, ()),
    "splines": ("logistic", {"C": 1.0, "knots": 7}, ()),
    "splines-strong": ("logistic", {"C": 0.1, "knots": 7}, ()),
    "kernel": ("kernel", {"C": 1.0, "gamma": 1.0}, ()),
    "kernel-wide": ("kernel", {"C": 10.0, "gamma": 0.3}, ()),
    "kernel-weak": ("kernel", {"C": 10.0, "gamma": 1.0}, ()),
}


def table(name: str) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Return the matrix, the classes as 0 and 1 (the rarer), and the columns of categories."""
    row = pl.read_csv(DATA / "index.csv").row(by_predicate=pl.col("name") == name, named=True)
    path = DATA / row["file"]
    if path.suffix == ".npz":
        stored = np.load(path)
        X = np.concatenate([stored["x_train"], stored["x_test"]]).astype(float)
        y = np.concatenate([stored["y_train"], stored["y_test"]])
        return X.reshape(len(X), -1), (y == int(row["minority_label"])).astype(int), ()
    frame = read_table(path)
    profile = profile_table(frame, row["target"])
    codebook = Codebook.of(profile)
    y = frame[row["target"]].cast(pl.String).to_numpy()
    labels, counts = np.unique(y, return_counts=True)
    X = codebook.matrix(typed_frame(frame, profile))
    return X, (y == labels[np.argmin(counts)]).astype(int), codebook.categorical


def halves(y: np.ndarray, half: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows that train and the rows seen by nothing."""
    rng = np.random.default_rng([7, half])
    train = np.concatenate(
        [
            rng.permutation(rows)[: (len(rows) + 1) // 2]
            for rows in (np.flatnonzero(y == code) for code in (0, 1))
        ]
    )
    held = np.setdiff1d(np.arange(len(y)), train)
    return rng.permutation(train)[:MOST_TRAIN], rng.permutation(held)[:MOST_HELD]


def fitted(
    key: str, X: np.ndarray, y: np.ndarray, fold: np.ndarray, held: np.ndarray, levels: Any
) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Yield each setting's name, out-of-fold probabilities and those of the five models."""
    learner, params, stages = POOL[key]
    made = method("learner", learner)
    given = {"categorical": levels, "random_state": 0, "n_threads": 1}
    given = {name: value for name, value in given.items() if name in made().get_params()}
    if stages:
        given["n_estimators"] = max(stages)
    oof = np.zeros((max(len(stages), 1), len(y)))
    out = np.zeros((max(len(stages), 1), FOLDS, len(held)), dtype=np.float32)
    started = time.process_time()
    for k in range(FOLDS):
        model = made(**given, **params).fit(X[fold != k], y[fold != k])
        for values, rows in ((oof, fold == k), (out[:, k], slice(None))):
            part = X[rows] if values is oof else held
            found = model.staged_proba(part, stages) if stages else [model.predict_proba(part)]
            for s, proba in enumerate(found):
                values[s, rows] = proba[:, 1]
    seconds = time.process_time() - started
    for s, stage in enumerate(stages or ("",)):
        yield f"{key}-{stage}".rstrip("-"), {"oof": oof[s], "held": out[s], "seconds": seconds}


def run(name: str, half: int, folder: Path) -> None:
    """Fit what is not there yet for one half of a table."""
    X, y, levels = table(name)
    train, test = halves(y, half)
    _, groups = np.unique(np.nan_to_num(X[train], nan=-1e300), axis=0, return_inverse=True)
    rng = np.random.default_rng([8, half])
    fold = stratified_group_folds(y[train], groups.ravel(), FOLDS, rng)
    np.savez(folder / "rows.npz", y=y[train], fold=fold, held=y[test])
    for key in POOL:
        if not (folder / f"{key}.done").exists():
            for setting, arrays in fitted(key, X[train], y[train], fold, X[test], levels):
                np.savez_compressed(folder / f"{setting}.npz", **arrays)
            (folder / f"{key}.done").write_text(f"{float(arrays['seconds']):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--halves", default="0,1")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    for half in map(int, given.halves.split(",")):
        for name in given.tables.split(","):
            folder = given.out / name / str(half)
            folder.mkdir(parents=True, exist_ok=True)
            started = time.time()
            with threadpool_limits(1):
                run(name, half, folder)
            print(f"{name} {half}: {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
