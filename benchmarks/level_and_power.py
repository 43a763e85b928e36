"""Level and power of the test of pooled differences, beside the corrected resampled t.

    python benchmarks/level_and_power.py --scores scores --sets 60 --repeats 3 [--only lda_mid_35]

For each scenario (learner, signal, positives) `sets` tables are drawn, and out-of-fold scores of
nine models are stored for each repeat of 5 folds. Models 0 to 6 are equal by symmetry: each has an
informative column and four noise columns of its own, of equal strength, so that no difference is
expected, but their folds, their training rows and their errors differ. Model 7 has more signal,
model 8 less. With LightGBM every fit has another seed as well. A shuffled table of ../shared/data
(`shuffled_yeast4`) has labels drawn again for each set and unlike models: weighted,
under-sampled, deeper, linear. Its models 7 and 8 are not better or worse: nothing can be.

Families of six pairs share the plain model, as treatments of one learner do. Printed for each
number of repeats: how often the least adjusted p of six null pairs is below 5% and 1% (level), how
often a null pair's own p and interval err, and how often the better model is found among five null
ones (power). Labels for F1 are decided at the best threshold of the other folds. The figures are in
docs/guides/how-sure-is-a-difference.md: in 3,220 null families of average precision the adjusted p
is below 1% in .03 to .09%; with 3 repeats and 35 positives or more a better model is found 2 to 15
times as often as by the corrected resampled t.
"""

import argparse
import csv
import json
import os
from pathlib import Path
from typing import Any

import lightgbm  # noqa: TID251
import numpy as np
from polars import String, selectors
from scipy.special import expit

from rarebird.data import read_table
from rarebird.metrics import Metric, family_wise, get_metric
from rarebird.metrics.pooled import pooled_draws, tested
from rarebird.metrics.rows import reweighted
from rarebird.metrics.significance import adjusted

SHIFT = {"chance": 0.0, "mid": 0.75, "high": 2.4}
MODELS, EQUAL, BETTER, WORSE = 9, 7, 7, 8
DEFAULT = [
    *(f"lda_{s}_{n}" for n in (35, 100) for s in ("mid", "high", "chance")),
    *("lda_mid_17", "lda_high_17", "lda_chance_17", "lda_mid_300"),
    *("lgb_mid_35", "lgb_mid_100", "lgb_high_100", "lgb_chance_35", "shuffled_yeast4"),
]


def made(rng: np.random.Generator, n: int, positives: int, signal: str) -> tuple[Any, Any]:
    """Return columns (n, 60), of which the first 16 say something, and labels."""
    y = rng.permutation(np.arange(n) < positives).astype(int)
    X, shift = rng.normal(size=(n, 60)), SHIFT[signal] * y[:, None]
    X[:, :4] += shift * rng.choice([0.6, 1.0, 1.4], size=n)[:, None]
    X[:, 4:16] += 0.35 * shift
    return X, y


def columns(model: int) -> list[int]:
    if model < EQUAL:
        return [0, 1, 2, 3, 4 + model, *range(16 + 4 * model, 20 + 4 * model)]
    return (
        [0, 1, 2, 3, 4, 5, 11, 12, 13, 14, 16, 17]
        if model == BETTER
        else [0, 1, 2, 4, *range(16, 36)]
    )


def lda(X: Any, y: Any, new: Any) -> np.ndarray:
    a, b = X[y == 1], X[y == 0]
    spread = sum((part - part.mean(0)).T @ (part - part.mean(0)) for part in (a, b)) / (len(y) - 2)
    w = np.linalg.solve(spread + 0.1 * np.eye(X.shape[1]), a.mean(0) - b.mean(0))
    return expit(new @ w - (a.mean(0) + b.mean(0)) @ w / 2 + np.log(len(a) / len(b)))


def boosted(X: Any, y: Any, new: Any, seed: int, **more: Any) -> np.ndarray:
    options = {
        "objective": "binary", "num_leaves": 7, "num_threads": 1, "verbose": -1, "max_bin": 31,
        "bagging_fraction": 0.6, "bagging_freq": 1, "feature_fraction": 0.6, "seed": seed,
        "min_data_in_leaf": 8, "deterministic": True, **more,
    }  # fmt: skip
    return lightgbm.train(options, lightgbm.Dataset(X, y, params=options), 30).predict(new)


def unlike(model: int, X: Any, y: Any, new: Any, rng: np.random.Generator) -> np.ndarray:
    """Fit one of nine unlike models, of which none can be better where labels are shuffled."""
    seed, few = int(rng.integers(1 << 30)), np.flatnonzero(y == 0)
    if model in (2, 3):
        kept = np.append(rng.choice(few, 3 * (y == 1).sum()), np.flatnonzero(y == 1))
        X, y = X[kept], y[kept]
    if model in (4, 8):
        step = 2 if model == 8 else 1
        return lda(X[:, ::step], y, new[:, ::step])
    weight = {"scale_pos_weight": len(few) / (y == 1).sum()} if model == 1 else {}
    return boosted(X, y, new, seed, **weight, num_leaves=31 if model in (5, 6) else 7)


def split(rng: np.random.Generator, y: np.ndarray) -> np.ndarray:
    fold = np.empty(len(y), np.int8)
    for c in (0, 1):
        rows = rng.permutation(np.flatnonzero(y == c))
        fold[rows] = np.arange(len(rows)) % 5
    return fold


def table(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers and the labels of a table of the data folder."""
    folder = Path(os.environ.get("RAREBIRD_DATA", "../shared/data"))
    with (folder / "index.csv").open() as file:
        row = next(row for row in csv.DictReader(file) if row["name"] == name)
    frame = read_table(folder / row["file"])
    y = (frame[row["target"]].cast(String) == row["minority_label"]).to_numpy().astype(int)
    return frame.drop(row["target"]).select(selectors.numeric()).to_numpy().astype(float), y


def stored(folder: Path, name: str, sets: int, repeats: int) -> dict[str, np.ndarray]:
    """Return the scores (sets, models, repeats, n), labels and folds, made where not yet there."""
    file = folder / f"{name}.npz"
    if not file.exists():
        kind, what, *count = name.split("_")
        found: list[list[Any]] = [[], [], []]
        for d in range(sets):
            rng = np.random.default_rng([*name.encode(), d])
            if kind == "shuffled":
                X, y = table(what)
                y = rng.permutation(y)
            else:
                X, y = made(rng, max(1000, 4 * int(count[0])), int(count[0]), what)
            P, F = np.empty((MODELS, repeats, len(y)), np.float32), []
            for r in range(repeats):
                F.append(split(rng, y))
                for m in range(MODELS):
                    for k in range(5):
                        at, own = F[-1] == k, columns(m)
                        data = X[~at], y[~at], X[at]
                        if kind == "shuffled":
                            P[m, r, at] = unlike(m, *data, rng)
                        else:
                            data = data[0][:, own], data[1], data[2][:, own]
                            more = [int(rng.integers(1 << 30))] if kind == "lgb" else []
                            P[m, r, at] = (boosted if more else lda)(*data, *more)
            for part, one in zip(found, (P, y, np.array(F)), strict=True):
                part.append(one)
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(file, P=np.stack(found[0]), Y=np.stack(found[1]), F=np.stack(found[2]))
    return dict(np.load(file))


def decided(y: np.ndarray, p: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Return labels decided at the threshold that has the best F1 on the other folds."""
    labels = np.zeros(len(y), int)
    for k in range(5):
        rest = fold != k
        order = np.argsort(-p[rest])
        f1 = np.cumsum(y[rest][order]) / (np.arange(1, len(order) + 1) + y[rest].sum())
        labels[~rest] = p[~rest] >= p[rest][order][f1.argmax()]
    return labels


def measured(metric: Metric, P: Any, y: Any, F: Any, n_boot: int) -> tuple[Any, Any, Any]:
    """Return values (models, R), those of folds (models, R, 5), and draws (models, R, n_boot)."""
    sign = 1.0 if metric.greater_is_better else -1.0
    out = [
        metric.check(
            y, decided(y, p, f) if metric.needs == "labels" else np.clip(p, 1e-6, 1 - 1e-6)
        )
        for own in P.astype(float)
        for p, f in zip(own, F, strict=True)
    ]
    shape = P.shape[:2]
    draws = pooled_draws(metric, out, np.arange(len(y)), n_boot, np.random.default_rng(0))
    at = [np.vstack([np.ones(len(y)), f == np.arange(5)[:, None]]) for f in F] * shape[0]
    each = np.stack([reweighted(metric.sums(o), w) for o, w in zip(out, at, strict=True)])
    each = sign * each.reshape(*shape, 6)
    return each[..., 0], each[..., 1:], sign * draws.reshape(*shape, n_boot)


def families(
    name: str, metric: Metric, data: dict[str, Any], sets: int, rs: list[int], n_boot: int
):
    """Yield for each set, plain model and R the tests of six null pairs, a better and a worse."""
    for d in range(min(sets, len(data["P"]))):
        y, top = data["Y"][d].astype(int), min(max(rs), data["P"].shape[2])
        values, folds, draws = measured(
            metric, data["P"][d][:, :top], y, data["F"][d][:top], n_boot
        )
        for plain in (0, 3):
            null = [m for m in range(EQUAL) if m != plain]
            for r in [r for r in rs if r <= top]:
                found = []
                for tried in (null, [BETTER, *null[:5]], [WORSE]):
                    pairs = [
                        tested(
                            metric,
                            values[m, :r] - values[plain, :r],
                            draws[m, :r] - draws[plain, :r],
                            float(y.sum()),
                            0.95,
                        )
                        for m in tried
                    ]
                    rng = np.random.default_rng(d)
                    new = adjusted(
                        [one for one, _ in pairs],
                        np.stack([x for _, x in pairs]),
                        n_draws=4000,
                        rng=rng,
                    )
                    steps = (folds[tried, :r] - folds[plain, :r]).reshape(len(tried), -1)
                    old = family_wise(steps, n_train=80, n_test=20, n_draws=4000, random_state=d)
                    found.append((new, old))
                yield r, found


def rates(name: str, metric: str, data: dict[str, Any], sets: int, rs: list[int], n_boot: int):
    """Print a line of rates for each number of repeats and test."""
    seen: dict[int, list[Any]] = {}
    for r, found in families(name, get_metric(metric), data, sets, rs, n_boot):
        seen.setdefault(r, []).append(found)
    for r, all_found in seen.items():
        for which, test in enumerate(("pooled", "corrected t")):
            null, good, bad = ([one[i][which] for one in all_found] for i in range(3))
            least = np.array([min(p.p_adjusted for p in six) for six in null])
            single = [p for six in null for p in six]
            power = np.array([six[0].p_adjusted for six in good])
            line = {
                "scenario": name, "metric": metric, "R": r, "test": test, "families": len(null),
                "level 5%": np.mean(least < 0.05), "level 1%": np.mean(least < 0.01),
                "single 5%": np.mean([p.p < 0.05 for p in single]),
                "harmful": np.mean([p.high < 0 for p in single]),
                "power 5%": np.mean(power < 0.05), "power 1%": np.mean(power < 0.01),
                "likely": np.mean([six[0].p < 0.05 for six in good]),
                "worse likely": np.mean([one[0].p < 0.05 for one in bad]),
                "worse harmful": np.mean([one[0].high < 0 for one in bad]),
            }  # fmt: skip
            rounded = {
                k: round(float(v), 4) if isinstance(v, float) else v for k, v in line.items()
            }
            print(json.dumps(rounded), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scores", type=Path, default=Path("scores"))
    parser.add_argument("--sets", type=int, default=60)
    parser.add_argument("--repeats", type=int, nargs="*", default=[1, 3])
    parser.add_argument("--n-boot", type=int, default=300)
    parser.add_argument("--metric", default="ap")
    parser.add_argument("--only", nargs="*", default=DEFAULT)
    options = parser.parse_args()
    for name in options.only:
        data = stored(options.scores, name, options.sets, max(options.repeats))
        rates(name, options.metric, data, options.sets, options.repeats, options.n_boot)


if __name__ == "__main__":
    main()
