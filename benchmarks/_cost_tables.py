"""The tables that `fit_costs.py` fits: made ones of many shapes, and real ones to check with."""

import os
from pathlib import Path

import numpy as np

from rarebird.study.rows import Rows, cap_rows
from rarebird.study.shape import Shape
from rarebird.study.splits import Design

TUNING = (  # real tables, none of which a result is reported on
    "abalone9-18", "zenodo_abalone", "adbench_magic_gamma", "adbench_musk", "phoneme", "pima",
    "apascal_train_vs_rest", "cm1", "zenodo_oil", "zenodo_optical_digits", "zenodo_car_eval_34",
    "winequality-red-4", "yeast1", "adbench_cover", "covertype_nominal_4_vs_rest",
    "electricity_nsw", "20news_3_bert_features", "wdbc", "mammographic", "haberman",
)  # fmt: skip


def made(i: int) -> Rows:
    """Return the i-th made table: shape, kinds of columns and class shares are drawn."""
    rng = np.random.default_rng([11, i])
    while True:
        n, d = (int(np.exp(rng.uniform(*np.log(ends)))) for ends in ((300, 50_000), (5, 500)))
        if n * d <= 2_500_000:
            break
    n_classes = (2, 2, 2, 5, 2, 20)[i % 6] if n >= 1000 else 2
    rare = max(np.exp(rng.uniform(*np.log((0.005, 0.2)))) / n_classes * 2, 12 / n)
    shares = Shape(n, d, d, n_classes, rare).class_shares
    y = np.sort(rng.choice(n_classes, n, p=shares[::-1]))
    y = rng.permutation(np.concatenate([y[12 * n_classes :], np.repeat(range(n_classes), 12)]))
    X = rng.normal(size=(n, d)) + rng.normal(size=(n_classes, d))[y] * (rng.random(d) < 0.3)
    n_categories = int((0, 0.5, 0, 0.1)[i % 4] * d)
    for j in range(d):
        if j < n_categories:  # codes
            levels = int(np.exp(rng.uniform(*np.log((2, 100)))))
            X[:, j] = np.floor(levels * np.exp(-np.abs(X[:, j])))
        elif j % 3 == 1:  # counts
            X[:, j] = np.round(np.exp(X[:, j]))
        elif j % 10 == 2:
            X[rng.random(n) < 0.1, j] = np.nan
    design = Design("stratified", np.arange(n))
    return Rows(X, y, np.ones(n), design, n_classes, tuple(range(n_categories)))


def real(name: str, most: int) -> Rows:
    """Return a table of RAREBIRD_DATA as a study reads it."""
    import polars as pl

    from rarebird.study.prepare import prepare

    folder = Path(os.environ["RAREBIRD_DATA"])
    row = pl.read_csv(folder / "index.csv").row(by_predicate=pl.col("name") == name, named=True)
    read = pl.read_parquet if row["file"].endswith("parquet") else pl.read_csv
    rows = prepare(read(folder / row["file"]), row["target"]).rows
    return rows.take(cap_rows(rows.y, most, 0)[0])
