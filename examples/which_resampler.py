"""What does each resampler do to a table? Two pictures: two moons and a checkerboard."""

import sys
import warnings
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons

import rarebird.resample as rr

SEED = 0
SHOWN = [
    "RandomOverSampler", "SMOTE", "BorderlineSMOTE", "SVMSMOTE", "KMeansSMOTE",
    "ADASYN", "SafeLevelSMOTE", "GeometricSMOTE", "PolynomFitSMOTE", "ProWSyn",
    "RandomUnderSampler", "NearMiss", "ClusterCentroids", "ClusteredUnderSampler",
    "DiversityUnderSampler",
    "TomekLinks", "EditedNearestNeighbours", "NeighbourhoodCleaningRule", "SMOTETomek", "SMOTEENN",
]  # fmt: skip


def moons() -> tuple[np.ndarray, np.ndarray]:
    """Return two noisy moons, 300 common rows and 30 rare ones."""
    return make_moons((300, 30), noise=0.2, random_state=SEED)


def board() -> tuple[np.ndarray, np.ndarray]:
    """Return a 4 x 4 checkerboard whose black squares hold 30 rare rows."""
    rng = np.random.default_rng(SEED)
    X = rng.random((4000, 2)) * 4
    black = X.astype(int).sum(axis=1) % 2 == 1
    rows = np.concatenate([np.flatnonzero(~black)[:300], np.flatnonzero(black)[:30]])
    return X[rows], black[rows].astype(int)


def draw(X: np.ndarray, y: np.ndarray, path: Path) -> dict[str, tuple[int, int]]:
    """Draw a panel for each resampler; return its common and rare rows."""
    figure, axes = plt.subplots(4, 5, figsize=(15, 12), sharex=True, sharey=True)
    sizes = {}
    for name, axis in zip(SHOWN, axes.flat, strict=True):
        axis.set(xticks=[], yticks=[])
        sampler = getattr(rr, name)()
        if "random_state" in sampler.get_params():
            sampler.set_params(random_state=SEED)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                X_new, y_new = sampler.fit_resample(X, y)
        except ValueError as error:  # it says which class, how many rows, and what to try
            axis.set_title(f"{name}: refused", fontsize=10)
            print(error)
            continue
        kept = np.isin(np.arange(len(X)), sampler.sample_indices_[~sampler.is_synthetic_])
        new = sampler.is_synthetic_
        axis.scatter(*X[~kept].T, s=9, c="none", edgecolors="#bbbbbb", linewidths=0.6)
        axis.scatter(*X[kept & (y == 0)].T, s=9, c="#7a9cc6")
        axis.scatter(*X_new[new & (y_new == 0)].T, s=9, c="#1f4e8c", marker="+", linewidths=0.8)
        axis.scatter(*X_new[new & (y_new == 1)].T, s=7, c="#f4a259", alpha=0.7)
        axis.scatter(*X[kept & (y == 1)].T, s=16, c="#b3261e")
        sizes[name] = (int(np.sum(y_new == 0)), int(np.sum(y_new == 1)))
        axis.set_title(f"{name}: {sizes[name][0]} + {sizes[name][1]}", fontsize=10)
    figure.suptitle(
        "blue: common rows   red: rare rows   orange, dark blue crosses: new rows   "
        "hollow: dropped rows   (title: common + rare rows)",
        fontsize=11,
    )
    figure.tight_layout()
    figure.savefig(path, dpi=70)
    plt.close(figure)
    return sizes


folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
for title, make in (("moons", moons), ("checkerboard", board)):
    sizes = draw(*make(), folder / f"resamplers-{title}.png")
    print(f"{title}: SMOTE leaves {sizes['SMOTE'][0]} common and {sizes['SMOTE'][1]} rare rows")
