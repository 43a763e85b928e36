"""How often do the 95% intervals hold, and how wide are they? Simulations with a known truth.

    python benchmarks/interval_coverage.py [--part ap,real,copies,difference] [--runs 200]
                                           [--positives 10,35,100] [--ratios 50]

Every line is a population: the true value, the positives and negatives for one of them in a test
set, how often the interval held the truth, how often it lay above or below it, and its mean width,
for average precision also in widths of the central 95% of the estimate's own distribution. The
real models are fitted on half of a table (RAREBIRD_DATA); the scores of the other half are the
population. Rows are drawn independently, or with copies that stay together.
"""

import argparse

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from rarebird.metrics import get_metric

FAMILIES = {"normal": stats.norm(), "heavy (t, 3)": stats.t(3), "heavy (t, 2)": stats.t(2)}
TARGETS = (0.0, 0.1, 0.3, 0.6, 0.9, 0.98)  # 0 is chance
AP = get_metric("ap")
REAL = {
    "adbench_magic_gamma": "rest", "phoneme": "rest", "zenodo_optical_digits": "rest",
    "electricity_nsw": "rest", "adbench_cover": "rest",
}  # fmt: skip


def true_ap(family, gap: float, share: float) -> float:
    """Return the average precision where positives' scores are ``gap`` higher."""
    u = (np.arange(20_001) + 0.5) / 20_001
    above = family.sf(family.isf(u) + gap)
    return float(np.mean(share * u / (share * u + (1 - share) * above)))


def gap_of(family, target: float, share: float) -> float:
    """Return the gap at which average precision is ``target``."""
    if not target:
        return 0.0
    top = 8.0
    while true_ap(family, top, share) < target:
        top *= 2
    return brentq(lambda gap: true_ap(family, gap, share) - target, 0, top)


def drawn(rng, family, gap: float, n: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return classes and scores of n rows, at least two of them positive.

    Only how many negatives lie between two positives matters, so that many are drawn in one go.
    """
    m = max(2, rng.binomial(n, share))
    score = np.sort(family.ppf(rng.random(m)) + gap)[::-1]
    gaps = np.clip(np.diff(np.r_[0.0, family.sf(score), 1.0]), 0, None)
    between = rng.multinomial(n - m, gaps / gaps.sum())
    y = np.zeros(n, int)
    y[np.cumsum(between[:-1] + 1) - 1] = 1
    return y, -np.arange(n, dtype=float)


def told(name: str, truth: float, m: int, ratio: str, found: list, spread: float) -> None:
    """Print one line of the table."""
    low, high = np.array([(one.low, one.high) for one in found]).T
    above, below, width = np.mean(low > truth), np.mean(high < truth), np.mean(high - low)
    relative = f"{width / spread:.2f}" if spread else ""
    print(
        f"| {name} | {truth:.3f} | {m} | {ratio} | {1 - above - below:.1%} | {above:.1%} "
        f"| {below:.1%} | {width:.3f} | {relative} |",
        flush=True,
    )


def spread_of(values) -> float:
    """Return the width of the central 95% of an estimate's own distribution."""
    return float(np.subtract(*np.quantile(values, [0.975, 0.025])))


def simulated(given: argparse.Namespace) -> None:
    """Scores of a known distribution."""
    for name, family in FAMILIES.items():
        for ratio in given.ratios:
            share = 1 / (1 + ratio)
            for target in TARGETS:
                if target and target < 2 * share:
                    continue
                gap = gap_of(family, target, share)
                for m in given.positives:
                    rng = np.random.default_rng([3, m, ratio])
                    n = m * (1 + ratio)
                    spread = spread_of(
                        [AP(*drawn(rng, family, gap, n, share)) for _ in range(given.runs)]
                    )
                    runs = range(given.runs)
                    found = [AP.interval(*drawn(rng, family, gap, n, share)) for _ in runs]
                    told(name, true_ap(family, gap, share), m, f"1:{ratio}", found, spread)


def population(name: str, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Return classes and scores of the half of a table that a gradient boosting has not seen."""
    from real_tables import TABLES, table
    from sklearn.ensemble import HistGradientBoostingClassifier

    TABLES.setdefault(name, (name, 40_000, ()))
    X, y = table(name, standardise=False)
    if y.mean() > 0.5:
        y = 1 - y
    train = np.random.default_rng(seed).random(len(y)) < 0.5
    model = HistGradientBoostingClassifier(max_iter=60, random_state=seed).fit(X[train], y[train])
    return y[~train], model.decision_function(X[~train])


def real(given: argparse.Namespace) -> None:
    """Scores of real models, rare rows thinned to each ratio."""
    for name in REAL:
        y, s = population(name)
        s = s + 1e-9 * np.random.default_rng(0).random(len(s))
        pos, neg = s[y == 1], s[y == 0]
        for ratio in given.ratios:
            share = 1 / (1 + ratio)
            w = np.where(y == 1, share / len(pos), (1 - share) / len(neg))
            truth = AP(y, s, sample_weight=w)
            for m in given.positives:
                rng = np.random.default_rng([5, m, ratio])
                values, found = [], []
                for _ in range(given.runs):
                    k = max(2, rng.binomial(m * (1 + ratio), share))
                    n = m * (1 + ratio) - k
                    out = np.r_[rng.choice(pos, k), rng.choice(neg, n)]
                    code = np.r_[np.ones(k, int), np.zeros(n, int)]
                    found.append(AP.interval(code, out))
                    values.append(found[-1].value)
                told(name, truth, m, f"1:{ratio}", found, spread_of(values))


def copied(rng, y, s, share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows some of which are there 2 to 6 times, and the group of each."""
    times = np.where(rng.random(len(y)) < share, rng.integers(2, 7, len(y)), 1)
    rows = np.repeat(np.arange(len(y)), times)
    return y[rows], s[rows], rows


def copies(given: argparse.Namespace) -> None:
    """Draw tables in which a seventh of the distinct rows come 2 to 6 times (two fifths of all)."""
    family, gap = FAMILIES["normal"], 2.0
    wide = {"recall": float(family.sf(-0.5)), "ap": true_ap(family, gap, 1 / 11)}
    hit, false = family.sf(-0.5), family.sf(1.5)
    wide["precision"] = float(hit / (hit + 10 * false))
    for name, truth in wide.items():
        metric = get_metric(name)
        for m in given.positives:
            for kept in (False, True):
                rng, found = np.random.default_rng([9, m]), []
                for _ in range(given.runs):
                    y = (rng.random(11 * m) < 1 / 11).astype(int)
                    y[:2] = 1
                    s = rng.normal(size=len(y)) + gap * y
                    y, s, rows = copied(rng, y, s, 0.14)
                    out = (s > 1.5).astype(int) if metric.needs == "labels" else s
                    found.append(metric.interval(y, out, groups=rows if kept else None))
                told(f"{name}, {'groups' if kept else 'rows'}", truth, m, "1:10", found, 0)


def differences(given: argparse.Namespace) -> None:
    """Two models whose scores are correlated by .64, without and with copies."""
    family, share = FAMILIES["normal"], 1 / 21
    for better in (2.0, 2.5):
        truth = true_ap(family, better, share) - true_ap(family, 2.0, share)
        for m in given.positives:
            for kept in (None, False, True):
                rng, found = np.random.default_rng([11, m]), []
                for _ in range(given.runs):
                    y = (rng.random(21 * m) < share).astype(int)
                    y[:4] = 1
                    common, own = rng.normal(size=len(y)), rng.normal(size=(2, len(y)))
                    pair = 0.8 * common + 0.6 * own + y * np.array([[better], [2.0]])
                    rows = np.arange(len(y))
                    if kept is not None:
                        _, rows, _ = copied(rng, y, rows, 0.14)
                    groups = rows if kept else None
                    found.append(AP.difference(y[rows], *pair[:, rows], groups=groups))
                name = {None: "no copies", False: "copies, rows", True: "copies, groups"}[kept]
                told(f"difference, {name}", truth, m, "1:20", found, 0)


PARTS = {"ap": simulated, "real": real, "copies": copies, "difference": differences}


def main() -> None:
    """Print the tables that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    numbers = {"type": lambda text: [int(part) for part in text.split(",")]}
    parser.add_argument("--part", default=",".join(PARTS))
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--positives", default=[10, 17, 35, 100, 300], **numbers)
    parser.add_argument("--ratios", default=[10, 50, 200], **numbers)
    given = parser.parse_args()
    for part in given.part.split(","):
        print(f"\n{part}\n")
        print("| scores | truth | positives | ratio | held | above | below | width | relative |")
        print("|---|---|---|---|---|---|---|---|---|")
        PARTS[part](given)


if __name__ == "__main__":
    main()
