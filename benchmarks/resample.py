"""How long a resampler takes beside imbalanced-learn, which takes turns with it in one process.

    python benchmarks/resample.py [--only tomek-links,smote] [--tables A,B] [--rounds 3]

Prints a line for each sampler and table: our median seconds, theirs, the ratio, whether the rows
are the same. Tables: A = 50,000 x 20 at 10 % rare, B = 100,000 x 20 at 1 %, their like with 5, 10
and 50 columns (A5, B50 ...), small ones (200x5, 5000x5, 50000x5), and M = 1,000,000 x 20 at 1 %
for the methods that scale; all from scikit-learn's make_classification with half of the columns
informative, 2 % of the labels flipped, seed 0. ``--memory`` measures the peak of one call of ours
on M instead, in a process of its own. `real_tables.py` does the same on tables of RAREBIRD_DATA.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time
import warnings

import numpy as np
from sklearn.datasets import make_classification

import rarebird.resample as ours

TABLES = {
    "A": (50_000, 20, 0.10),
    "B": (100_000, 20, 0.01),
    "200x5": (200, 5, 0.10),
    "5000x5": (5_000, 5, 0.10),
    "50000x5": (50_000, 5, 0.10),
    "M": (1_000_000, 20, 0.01),
    **{f"A{d}": (50_000, d, 0.10) for d in (5, 10, 50)},
    **{f"B{d}": (100_000, d, 0.01) for d in (5, 10, 50)},
}
OVER, UNDER, BOTH = "over_sampling", "under_sampling", "combine"
# name on the command line: imbalanced-learn's module, class, parameters, ratios aimed at on A and B
SAMPLERS = {
    "tomek-links": (UNDER, "TomekLinks", {}, (5, 20)),
    "one-sided-selection": (UNDER, "OneSidedSelection", {"random_state": 0}, (5, 20)),
    "edited": (UNDER, "EditedNearestNeighbours", {}, (5, 8)),
    "neighbourhood-cleaning": (UNDER, "NeighbourhoodCleaningRule", {}, (5, 8)),
    "repeated-edited": (UNDER, "RepeatedEditedNearestNeighbours", {}, (8, 8)),
    "all-knn": (UNDER, "AllKNN", {}, (8, 8)),
    "smote-tomek": (BOTH, "SMOTETomek", {"random_state": 0}, (4, 4)),
    "smote-enn": (BOTH, "SMOTEENN", {"random_state": 0}, (4, 4)),
    "borderline-smote": (OVER, "BorderlineSMOTE", {"random_state": 0}, (2, 2)),
    "adasyn": (OVER, "ADASYN", {"random_state": 0}, (2, 2)),
    "near-miss": (UNDER, "NearMiss", {}, (2, 2)),
    "near-miss-2": (UNDER, "NearMiss", {"version": 2}, (2, 2)),
    "near-miss-3": (UNDER, "NearMiss", {"version": 3}, (2, 2)),
    "smote": (OVER, "SMOTE", {"random_state": 0}, (1.5, 1.5)),
    "random-over": (OVER, "RandomOverSampler", {"random_state": 0}, (1.5, 1.5)),
    "random-under": (UNDER, "RandomUnderSampler", {"random_state": 0}, (1.5, 1.5)),
    "svm-smote": (OVER, "SVMSMOTE", {"random_state": 0}, (1, 1)),
    "kmeans-smote": (
        OVER,
        "KMeansSMOTE",
        {"random_state": 0, "cluster_balance_threshold": 0.05},
        (1, 1),
    ),
    "instance-hardness": (UNDER, "InstanceHardnessThreshold", {"random_state": 0}, (1, 1)),
    "cluster-centroids": (UNDER, "ClusterCentroids", {"random_state": 0}, (1, 1)),
    "condensed": (UNDER, "CondensedNearestNeighbour", {"random_state": 0}, (1, 1)),
}
SCALABLE = ("smote", "random-over", "random-under")
SLOW = ("svm-smote", "kmeans-smote", "instance-hardness", "cluster-centroids", "condensed")


def table(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return X and y of a generated table."""
    n, d, rare = TABLES[name]
    return make_classification(
        n,
        d,
        n_informative=max(2, d // 2),
        n_redundant=0,
        flip_y=0.02,
        weights=[1 - rare],
        random_state=0,
    )


def mixed(n: int = 60_000) -> tuple[np.ndarray, np.ndarray]:
    """Return five numeric columns, three of 50, 500 and 2,000 levels, and labels, 10 % rare."""
    rng = np.random.default_rng(0)
    y = (rng.random(n) < 0.1).astype(int)
    levels = [rng.integers(0, k, n) for k in (50, 500, 2000)]
    X = np.empty((n, 8), dtype=object)
    X[:, :5] = rng.normal(size=(n, 5)) + y[:, None]
    X[:, 5:] = np.column_stack(levels)
    return X, y


def peers(name: str) -> tuple[object, object]:
    """Return our sampler and theirs."""
    from importlib import import_module

    if name == "smotenc":
        given = {"categorical_features": [5, 6, 7], "random_state": 0}
        module, cls = OVER, "SMOTENC"
    else:
        module, cls, given, _ = SAMPLERS[name]
    theirs = getattr(import_module(f"imblearn.{module}"), cls)
    return getattr(ours, cls)(**given), theirs(**given)


def compare(name: str, X: np.ndarray, y: np.ndarray, rounds: int) -> tuple[float, float, str]:
    """Return our median seconds, theirs, and whether the rows are the same."""
    seconds: tuple[list[float], list[float]] = ([], [])
    rows = []
    for _ in range(rounds):
        rows = []
        for place, sampler in enumerate(peers(name)):
            started = time.perf_counter()
            rows.append(sampler.fit_resample(X, y))
            seconds[place].append(time.perf_counter() - started)
    (X_one, y_one), (X_two, y_two) = rows
    same = X_one.shape == X_two.shape and np.array_equal(y_one, y_two)
    same = same and bool((X_one == X_two).all())
    return statistics.median(seconds[0]), statistics.median(seconds[1]), "yes" if same else "no"


def line(name: str, where: str, X: np.ndarray, y: np.ndarray, rounds: int) -> None:
    """Print one row of the report."""
    aims = SAMPLERS[name][3] if name in SAMPLERS else (20, 20)
    aim = aims[0] if where.startswith("A") else aims[1] if where.startswith("B") else 1 / 1.1
    try:
        one, two, same = compare(name, X, y, rounds)
    except ValueError as error:
        print(f"{name:24s} {where:16s} refused: {str(error)[:60]}", flush=True)
        return
    text = f"{name:24s} {where:16s} {one:9.4f} s {two:9.4f} s {two / one:7.2f}x (aim {aim:4.2f})"
    print(text, f"same rows: {same}", flush=True)


def peak() -> None:
    """Print the peak memory of one call on M for each scalable method, in its own process."""
    for name in SCALABLE:
        for place in (0, 1):
            code = (
                "import resource, sys; sys.path.insert(0, 'benchmarks'); import resample as b;"
                f"X, y = b.table('M'); s = b.peers({name!r})[{place}];"
                "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
                "out = s.fit_resample(X, y);"
                "now = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
                "size = lambda *a: sum(v.nbytes for v in a) / 2**20;"
                "print(size(X, y), size(*out), before / 1024, now / 1024)"
            )
            out = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True
            )
            given, made, before, now = map(float, out.stdout.split())
            who = ("ours", "theirs")[place]
            print(
                f"{name:14s} {who:7s} input {given:5.0f} MB, output {made:5.0f} MB, "
                f"peak over input and start {now - before:5.0f} MB"
            )


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--tables", default="A,B,200x5,5000x5,50000x5")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)  # near miss says that it finds fewer rows
    if given.memory:
        peak()
        return
    names = given.only.split(",") if given.only else [n for n in SAMPLERS if n not in SLOW]
    for where in filter(None, given.tables.split(",")):
        X, y = table(where)
        for name in names:
            if name != "smotenc" and (where != "M" or name in SCALABLE):
                line(name, where, X, y, given.rounds)
    if "smotenc" in names:
        line("smotenc", "60000x8", *mixed(), rounds=1)
        now = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak of the process with both: {now:.0f} MB")


if __name__ == "__main__":
    main()
