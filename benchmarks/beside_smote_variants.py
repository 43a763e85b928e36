"""The over-samplers beyond imbalanced-learn beside those of smote-variants: rows and time.

    pip install --no-deps smote-variants && pip install metric-learn minisom seaborn
    python benchmarks/beside_smote_variants.py --seeds 8 [--rare 100] [--common 1000] [--out FILE]

Both get the same standardised data, the same number of new rows and their nearest settings. The
clouds of new rows are compared by energy distance: the mean over pairs of one of ours and one of
theirs, divided by the mean over pairs of two seeds of one package (1: the same distribution; for
methods without chance it is the distance itself, 0: the same rows). ratio_uniform is the same with
their step on a segment made uniform: smote-variants draws u1 / (u1 + u2), which favours the middle,
where the papers say U(0, 1). "segments" is the share of new rows on a line between two rows of the
class. (Without --no-deps TensorFlow is installed, which none of these needs.)
"""

import argparse
import json
import logging
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import smote_variants as sv
from scipy.spatial.distance import cdist

from rarebird.resample.gsmote import GeometricSMOTE
from rarebird.resample.lee import Lee
from rarebird.resample.loras import LoRAS
from rarebird.resample.mwmote import MWMOTE
from rarebird.resample.nras import NRAS
from rarebird.resample.polynom_fit_smote import PolynomFitSMOTE
from rarebird.resample.prowsyn import ProWSyn
from rarebird.resample.random_walk import RandomWalkOversampler
from rarebird.resample.safe_level_smote import SafeLevelSMOTE
from rarebird.resample.smobd import SMOBD
from rarebird.resample.smote import SMOTE
from rarebird.resample.smote_ipf import SMOTEIPF

# ours, its settings; theirs, its settings; where they are known to part
CASES: list[tuple[type, dict, str, dict, str]] = [
    (SMOTE, {}, "SMOTE", {}, "the step"),
    (PolynomFitSMOTE, {"topology": "star"}, "polynom_fit_SMOTE_star", {}, ""),
    (PolynomFitSMOTE, {"topology": "bus"}, "polynom_fit_SMOTE_bus", {}, ""),
    (PolynomFitSMOTE, {"topology": "mesh"}, "polynom_fit_SMOTE_mesh", {}, "pairs repeat, x = x'"),
    (PolynomFitSMOTE, {"topology": "poly_2"}, "polynom_fit_SMOTE_poly", {}, "t for each column"),
    (ProWSyn, {}, "ProWSyn", {}, "the step; a level's weight whatever its size"),
    (ProWSyn, {"k_neighbors": 1000}, "ProWSyn", {"n_neighbors": 1000}, "the step"),
    (SMOTEIPF, {}, "SMOTE_IPF", {}, "the step; trees fitted on all parts but one"),
    (Lee, {}, "Lee", {}, "the step"),
    (SMOBD, {"max_eps": 1.0}, "SMOBD", {}, "no noise found; u for each column"),
    (SMOBD, {"max_eps": 3.0, "t": 1e9}, "SMOBD", {"max_eps": 3.0}, "u for each column"),
    (SafeLevelSMOTE, {}, "Safe_Level_SMOTE", {}, "x' of any class"),
    (MWMOTE, {"k2": 5, "k3": 5, "cmax": 10.0}, "MWMOTE", {}, "the step; k-means clusters"),
    (NRAS, {}, "NRAS", {}, "the step"),
    (RandomWalkOversampler, {}, "RWO_sampling", {}, ""),
]
NOT_THERE = {GeometricSMOTE: "its G_SMOTE is another method", LoRAS: "it has none"}


def make_data(apart: float, n_common: int, n_rare: int, d: int = 4) -> tuple[Any, Any]:
    """Return standardised Gaussian classes with centres ``apart`` from one another."""
    rng = np.random.default_rng(0)
    rare = rng.normal(size=(n_rare, d)) @ np.diag(np.linspace(0.5, 1.5, d))
    X = np.concatenate([rng.normal(size=(n_common, d)), rare + apart / np.sqrt(d)])
    return (X - X.mean(axis=0)) / X.std(axis=0), np.repeat([0, 1], [n_common, n_rare])


def energy(A: np.ndarray, B: np.ndarray) -> float:
    """Return 2 E|a - b| - E|a - a'| - E|b - b'|."""
    return float(2 * cdist(A, B).mean() - cdist(A, A).mean() - cdist(B, B).mean())


def on_segments(new: np.ndarray, rare: np.ndarray) -> float:
    """Return the share of new rows on a line between two of the rare rows."""
    whole, away = cdist(rare, rare), cdist(new, rare)
    np.fill_diagonal(whole, -np.inf)
    detour = [np.min(row[:, None] + row - whole) for row in away]
    return float(np.mean(np.array(detour) < 1e-9))


def segment_rows(X, simplices, X_vertices=None, vertex_weights=None, random_state=None):
    """Stand in for their draw in a simplex: uniform on segments; a single row stays as it is."""
    if simplices.shape[1] == 1:
        return X[simplices[:, 0]]
    ends = X if X_vertices is None else X_vertices
    base, difference = X[simplices[:, 0]], ends[simplices[:, 1]] - X[simplices[:, 0]]
    weight = 1 if vertex_weights is None else vertex_weights[simplices[:, 1]][:, None]
    return base + random_state.random_sample((len(simplices), 1)) * weight * difference


@contextmanager
def uniform_steps(wanted: bool) -> Iterator[None]:
    """Make the steps of smote-variants uniform for a while."""
    module = sys.modules[sv.SMOTE.sample_simplex.__module__]
    before = module.random_samples_from_simplices
    if wanted:
        module.random_samples_from_simplices = segment_rows
    try:
        yield
    finally:
        module.random_samples_from_simplices = before


def timed(call: Any) -> tuple[Any, float]:
    started = time.perf_counter()
    return call(), time.perf_counter() - started


def clouds(case: tuple, X: Any, y: Any, seeds: range, uniform: bool) -> tuple[list, list, list]:
    """Return our clouds of new rows, theirs, and the seconds of each pair of calls."""
    method, given, name, their_given, _ = case
    ours, theirs, seconds = [], [], []
    for seed in seeds:
        other = getattr(sv, name)(random_state=seed, **their_given)
        with uniform_steps(uniform):
            (X_other, y_other), their_time = timed(lambda other=other: other.sample(X, y))
        # what drops real rows does not say which in theirs: there compare the whole class
        whole = method in (SMOTEIPF, NRAS)
        n_rare = int(np.sum(y == 0) if whole else np.sum(y == 1) + len(X_other) - len(y))
        sampler = method(sampling_strategy={1: n_rare}, random_state=seed, **given)
        (X_new, y_new), our_time = timed(lambda sampler=sampler: sampler.fit_resample(X, y))
        ours.append(X_new[y_new == 1] if whole else X_new[len(y) :])
        theirs.append(X_other[y_other == 1] if whole else X_other[len(y) :])
        seconds.append((our_time, their_time))
    return ours, theirs, seconds


def ratio(ours: list, theirs: list) -> float:
    """Return the energy distance between the packages over that between seeds."""
    between = np.mean([energy(a, b) for a, b in product(ours, theirs)])
    within = [energy(a, b) for side in (ours, theirs) for a, b in combinations(side, 2)]
    return float(between / np.mean(within)) if np.mean(within) > 1e-12 else float(between)


def compare(case: tuple, X: Any, y: Any, seeds: range) -> dict[str, Any]:
    method, given, _, _, parts = case
    ours, theirs, seconds = clouds(case, X, y, seeds, uniform=False)
    _, level, _ = clouds(case, X, y, seeds, uniform=True)
    here, there = np.median(seconds, axis=0)
    rare = X[y == 1]
    return {
        "method": " ".join([method.__name__, *(f"{k}={v}" for k, v in given.items())]),
        "new": f"{np.mean([len(a) for a in ours]):.0f}/{np.mean([len(b) for b in theirs]):.0f}",
        "ratio": round(ratio(ours, theirs), 3),
        "ratio_uniform": round(ratio(ours, level), 3),
        "segments": f"{on_segments(ours[0], rare):.2f}/{on_segments(theirs[0], rare):.2f}",
        "ms": f"{1e3 * here:.1f}/{1e3 * there:.1f}",
        "known": parts,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--rare", type=int, default=100)
    parser.add_argument("--common", type=int, default=1000)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    logging.getLogger("smote_variants").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    rows: list[dict[str, Any]] = []
    for data, apart in (("apart", 12.0), ("overlap", 1.5)):
        X, y = make_data(apart, options.common, options.rare)
        for case in CASES:
            row = {"data": data} | compare(case, X, y, range(options.seeds))
            if not rows:
                print(" | ".join(f"{name:>8}" for name in row))
            rows.append(row)
            print(" | ".join(f"{value!s:>8}" for value in row.values()), flush=True)
    for method, why in NOT_THERE.items():
        print(f"{method.__name__}: not in smote-variants; {why}")
    if options.out:
        options.out.write_text("".join(json.dumps(row) + "\n" for row in rows))


if __name__ == "__main__":
    main()
