"""What does each resampler do to a table? Two pictures: two moons and a checkerboard."""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons
from sklearn.neighbors import KNeighborsClassifier

import rarebird.resample as rr

METHODS = {  # a row of panels for each five: what it does, and how it is called
    "RandomOverSampler": ("copies (large: many)", {}),
    "RandomOverSampler ": ("copies with noise", {"shrinkage": 0.5}),
    "SMOTE": ("between two rare neighbours", {}),
    "GeometricSMOTE": ("in a ball around a rare row", {}),
    "PolynomFitSMOTE": ("on lines to the mean", {}),
    "BorderlineSMOTE": ("from rows near the border", {}),
    "SVMSMOTE": ("from support vectors", {}),
    "ADASYN": ("more amid common rows", {}),
    "SafeLevelSMOTE": ("nearer to the safer parent", {}),
    "KMeansSMOTE": ("inside clusters", {"cluster_balance_threshold": 0.08}),
    "RandomUnderSampler": ("by chance", {}),
    "NearMiss": ("the nearest to rare rows", {}),
    "ClusterCentroids": ("centres of clusters", {}),
    "ClusteredUnderSampler": ("a row of each cluster", {}),
    "CondensedNearestNeighbour": ("what 1-NN needs to know", {}),
    "TomekLinks": ("less one of a mixed pair", {}),
    "EditedNearestNeighbours": ("less rows near a rare one", {}),
    "InstanceHardnessThreshold": ("less what a forest misjudges", {}),
    "SMOTETomek": ("SMOTE less Tomek links", {}),
    "SMOTEENN": ("SMOTE less outvoted rows", {}),
}
PALE, BLUE, NAVY, ORANGE, RED = "#fbe9e7", "#7a9cc6", "#0b3c7d", "#f08c1a", "#b3261e"


def moons(n: int, n_rare: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return two noisy moons."""
    return make_moons((n, n_rare), noise=0.25, random_state=seed)


def board(n: int, n_rare: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a 3 x 3 checkerboard whose four black squares hold the rare rows."""
    X = np.random.default_rng(seed).random((3 * (n + n_rare), 2)) * 3
    black = X.astype(int).sum(axis=1) % 2 == 1
    rows = np.concatenate([np.flatnonzero(~black)[:n], np.flatnonzero(black)[:n_rare]])
    return X[rows], black[rows].astype(int)


def panel(axis: plt.Axes, name: str, X: np.ndarray, y: np.ndarray) -> tuple[int, int]:
    """Draw what a method does to X and y; return its common and rare rows."""
    what, given = METHODS[name]
    sampler = getattr(rr, name.strip())(**given)
    if "random_state" in sampler.get_params():
        sampler.set_params(random_state=0)
    X_new, y_new = sampler.fit_resample(X, y)
    new = sampler.is_synthetic_
    times = np.bincount(sampler.sample_indices_[~new], minlength=len(X))  # 2: one copy
    gone = times == 0
    few = gone.sum() < 60
    for code, colour, fresh in ((0, BLUE, NAVY), (1, RED, ORANGE)):
        kept = (y == code) & ~gone
        copied = kept & (times > 1)
        axis.scatter(*X[copied].T, s=9 * times[copied], c=fresh)
        axis.scatter(*X_new[new & (y_new == code)].T, s=(26, 9)[code], c=fresh, marker="Do"[code])
        axis.scatter(*X[kept].T, s=16 if code or kept.sum() < 60 else 8, c=colour)
    axis.scatter(
        *X[gone].T, s=26 if few else 3, c="k" if few else "0.7", marker="x" if few else "."
    )
    sizes = int(np.sum(y_new == 0)), int(np.sum(y_new == 1))
    axis.set_title(f"{name}\n", fontsize=12, fontweight="bold")
    said = f"{what}: {sizes[0]} + {sizes[1]}"
    axis.text(0.5, 1.03, said, ha="center", fontsize=10.5, transform=axis.transAxes)
    return sizes


def draw(make, path: Path) -> dict[str, tuple[int, int]]:
    """Draw a panel for each resampler; return its common and rare rows."""
    X, y = make(300, 30, seed=0)
    truth = KNeighborsClassifier(50).fit(*make(9000, 9000, seed=1))
    low, high = X.min(axis=0) - 0.15, X.max(axis=0) + 0.15
    across, up = np.meshgrid(*np.linspace(low, high, 90).T)
    home = truth.predict(np.column_stack([across.ravel(), up.ravel()])).reshape(across.shape)
    figure, axes = plt.subplots(4, 5, figsize=(16, 13))
    sizes = {}
    for name, axis in zip(METHODS, axes.flat, strict=True):
        axis.contourf(across, up, home, levels=[0.5, 1.5], colors=[PALE])
        sizes[name] = panel(axis, name, X, y)
        axis.set(xticks=[], yticks=[], xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    marks = [(BLUE, "o", "common"), (NAVY, "D", "new common"), (RED, "o", "rare"),
             (ORANGE, "o", "new rare"), ("k", "x", "dropped"), ("0.7", ".", "dropped (many)"),
             (PALE, "s", "region of the rare class")]  # fmt: skip
    keys = [plt.Line2D([], [], ls="", c=c, marker=m, ms=9, label=label) for c, m, label in marks]
    figure.legend(handles=keys, loc="upper center", ncols=7, fontsize=13, frameon=False)
    figure.subplots_adjust(0.01, 0.01, 0.99, 0.92, wspace=0.06, hspace=0.22)
    figure.savefig(path, dpi=75)
    plt.close(figure)
    return sizes


folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
for title, make in (("moons", moons), ("checkerboard", board)):
    sizes = draw(make, folder / f"resamplers-{title}.png")
    print(f"{title}: SMOTE leaves {sizes['SMOTE'][0]} common and {sizes['SMOTE'][1]} rare rows")
