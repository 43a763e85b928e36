"""Say whether resampling helps boosted trees rank better, and logistic regression.

    OMP_NUM_THREADS=1 python benchmarks/resampling_and_trees.py [--repeats 2] [--rows 4000]

Real tables of numbers (RAREBIRD_DATA, default ../shared/data), at most ``--rows`` rows each. Per
table, 5 stratified folds, repeated; the resampling inside of each training part, probabilities set
right as `ResampledClassifier` does. Average precision says how well the rare rows are ranked, the
Brier score how true the probabilities are; both are means over tables and folds. Better and worse:
tables with p < .05 in the corrected t-test over folds, so chance alone marks about one in 20.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.preprocessing import StandardScaler

from rarebird.decide import correct_prior
from rarebird.metrics import corrected_t
from rarebird.resample import (
    SMOTE,
    SMOTEENN,
    FunctionSampler,
    RandomUnderSampler,
    ResampledClassifier,
    TomekLinks,
)

TABLES = (
    "zenodo_mammography", "zenodo_satimage", "zenodo_abalone_19", "zenodo_us_crime", "zenodo_oil",
    "zenodo_yeast_me2", "winequality-red-4", "coil2000_train",
)  # fmt: skip
LEARNERS = {
    "boosted trees": HistGradientBoostingClassifier(early_stopping=False, random_state=0),
    "logistic regression": LogisticRegression(max_iter=2000),
}
SAMPLERS = {
    "nothing, calibrated": FunctionSampler(),
    "random under-sampling": RandomUnderSampler(random_state=0),
    "SMOTE": SMOTE(random_state=0),
    "SMOTEENN": SMOTEENN(random_state=0),
    "Tomek links": TomekLinks(),
}


def read(row: dict, folder: Path, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a table's numbers, shape (n, d), and 1 for its rare rows."""
    frame = pl.read_csv(folder / row["file"])
    y = (frame[row["target"]].cast(str).str.strip_chars() == row["minority_label"]).to_numpy()
    X = frame.drop(row["target"]).cast(pl.Float64).to_numpy()
    kept = np.sort(np.random.default_rng(0).permutation(len(y))[:most])
    return X[kept], y[kept].astype(int)


def probabilities(learner, X, y, X_test):
    """Yield (treatment, its probabilities, the same before they are set right)."""
    share = y.mean()
    yield "baseline", *2 * (clone(learner).fit(X, y).predict_proba(X_test)[:, 1],)
    heavy = clone(learner).set_params(class_weight="balanced").fit(X, y).predict_proba(X_test)
    yield "class weights", correct_prior(heavy, 0.5, float(share))[:, 1], heavy[:, 1]
    for name, sampler in SAMPLERS.items():
        model = ResampledClassifier(sampler, learner, cv=3, random_state=0).fit(X, y)
        raw = model.estimator_.predict_proba(X_test)[:, 1]
        yield name, model.predict_proba(X_test)[:, 1], raw


def measure(X, y, learner, repeats: int) -> dict[str, np.ndarray]:
    """Return average precision, Brier score and uncorrected Brier score of each fold."""
    found: dict[str, list] = {}
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=repeats, random_state=0)
    for train, test in folds.split(X, y):
        scale = StandardScaler().fit(X[train])
        parts = scale.transform(X[train]), y[train], scale.transform(X[test])
        for name, p, raw in probabilities(learner, *parts):
            ap = average_precision_score(y[test], p)
            briers = (brier_score_loss(y[test], q) for q in (p, raw))
            found.setdefault(name, []).append((ap, *briers))
    return {name: np.array(rows) for name, rows in found.items()}


def table(results: list[dict[str, np.ndarray]], n_rows: list[int]) -> None:
    head = "average precision | gain | better | worse | Brier score | before correction"
    print(f"| treatment | {head} |\n|---|---|---|---|---|---|---|")
    for name in results[0]:
        mean = np.mean([r[name].mean(axis=0) for r in results], axis=0)
        marks = []
        for r, n in zip(results, n_rows, strict=True):
            gains = r[name][:, 0] - r["baseline"][:, 0]
            test = corrected_t(gains, n_train=4 * n / 5, n_test=n / 5)
            marks.append(np.sign(gains.mean()) * (gains.any() and test.p < 0.05))
        gain = mean[0] - np.mean([r["baseline"].mean(axis=0) for r in results], axis=0)[0]
        more, less = np.sum(np.array(marks) > 0), np.sum(np.array(marks) < 0)
        print(f"| {name} | {mean[0]:.3f} | {gain:+.3f} | {more} | {less} ", end="")
        print(f"| {mean[1]:.4f} | {mean[2]:.4f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--rows", type=int, default=4000)
    given = parser.parse_args()
    folder = Path(os.environ.get("RAREBIRD_DATA", "../shared/data"))
    index = pl.read_csv(folder / "index.csv")
    started, results, sizes = time.perf_counter(), {name: [] for name in LEARNERS}, []
    for name in TABLES:
        X, y = read(index.filter(pl.col("name") == name).row(0, named=True), folder, given.rows)
        sizes.append(len(y))
        for learner in LEARNERS:
            results[learner].append(measure(X, y, LEARNERS[learner], given.repeats))
            found = results[learner][-1].items()
            aps = ", ".join(f"{treatment} {rows[:, 0].mean():.3f}" for treatment, rows in found)
            print(f"{name} ({X.shape[0]} x {X.shape[1]}, {y.sum()} rare), {learner}: {aps}")
    for learner, found in results.items():
        print(f"\n{learner}, {len(found)} tables, {5 * given.repeats} folds each\n")
        table(found, sizes)
    print(f"\n{time.perf_counter() - started:.0f} seconds")


if __name__ == "__main__":
    main()
