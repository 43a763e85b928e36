"""What `portfolio.py` found: an order of settings, rules to choose one, and blends.

    python benchmarks/portfolio_order.py --out FOLDER [--size 10]

Out-of-fold probabilities are calibrated fold by fold from the other folds, and each of the five
models by all of them; a setting's model is the mean of its five. Then it prints, on the halves
that nothing has seen: settings one by one, the greedy order (each learner's first setting before
any second), rules of choice and blends among the first of the order.

Measured on half 0 of 19 of the tuning tables (all but covertype, apascal, abalone-17, electricity,
20news, optical digits; half 1 was not fitted). Mean AP of one setting alone:

    extra trees, all columns .702   kernel (C 10, gamma 1) .691   forest .685
    LightGBM, 7 leaves, shrunk, 200 trees .680; random cuts, 300: .680; plain, 100: .669
    logistic with splines .680, without .657

The order of the cards: these five, then LightGBM with random cuts, plain logistic, the kernel with
gamma .3. Against the best out of fold among the first 10 (AP .688, log loss .217) of a greedy order
found without the table, differences with standard errors over tables:

    first of the order within 0.5 SE     AP +.014 (.012)  log loss +.003 (.003)
    best by log loss                        +.002 (.005)           -.002 (.002)
    mean of the best 2 learners             +.011 (.006)           -.011 (.008)
    mean of the best 3 learners             +.015 (.006)           -.012 (.009)
    mean of the best of each learner        +.015 (.008)           -.010 (.010)
    greedy 5 by log loss                    +.003 (.004)           -.004 (.002)
    best 3 learners where they gain         +.008 (.004)           -.002 (.001)

The cards' order was chosen on all of these tables.
"""

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from portfolio import FOLDS, POOL

from rarebird.decide import BiasCorrectedTemperature, OutOfFold

_LOSS = 0.25  # of log loss in the order, beside 1 of average precision


def ap(y: np.ndarray, p: np.ndarray) -> float:
    """Return average precision, ties as one step."""
    order = np.argsort(-p, kind="stable")
    last = np.flatnonzero(np.append(np.diff(p[order]) != 0, True))
    hits = np.cumsum(y[order])[last]
    return float(np.sum(np.diff(hits, prepend=0) * hits / (last + 1)) / hits[-1])


def log_loss(y: np.ndarray, p: np.ndarray) -> float:
    """Return the mean log loss."""
    own = np.where(y == 1, p, 1 - p)
    return float(-np.mean(np.log(np.maximum(own, 1e-12))))


@dataclass
class Unit:
    """One half of a table: calibrated probabilities of each setting, out of fold and unseen."""

    name: str
    y: np.ndarray
    fold: np.ndarray
    y_held: np.ndarray
    oof: np.ndarray  # (settings, rows)
    held: np.ndarray  # (settings, unseen rows)

    def __post_init__(self) -> None:
        self.oof_ap = np.array([ap(self.y, p) for p in self.oof])
        self.oof_loss = np.array([log_loss(self.y, p) for p in self.oof])
        self.fold_ap = np.array([self.by_fold(p) for p in self.oof])
        self.ap = np.array([ap(self.y_held, p) for p in self.held])
        self.loss = np.array([log_loss(self.y_held, p) for p in self.held])

    def by_fold(self, p: np.ndarray) -> np.ndarray:
        """Return the average precision of each fold."""
        parts = (self.fold == k for k in range(FOLDS))
        return np.array([ap(self.y[part], p[part]) for part in parts])

    def gain(self, p: np.ndarray, i: int) -> tuple[float, float]:
        """Return the mean gain over setting i by fold, and its standard error."""
        gains = self.by_fold(p) - self.fold_ap[i]
        return float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(FOLDS))


def names() -> list[str]:
    """Return the settings of the pool."""
    return [
        f"{key}-{stage}".rstrip("-")
        for key, (_, _, stages) in POOL.items()
        for stage in stages or ("",)
    ]


def learner_of(name: str) -> str:
    """Return the learner of a setting."""
    key = name if name in POOL else name.rpartition("-")[0]
    return POOL[key][0]


def calibrated(folder: Path, name: str) -> dict[str, np.ndarray]:
    """Return a setting's calibrated probabilities, kept in a file beside those of the models."""
    path = folder / f"{name}.calibrated.npz"
    if path.exists():
        return dict(np.load(path))
    rows, found = np.load(folder / "rows.npz"), np.load(folder / f"{name}.npz")
    scores = OutOfFold(found["oof"], rows["y"], rows["fold"])
    model = BiasCorrectedTemperature().fit(scores.proba, scores.y)
    parts = [model.transform(np.column_stack([1 - p, p])) for p in found["held"].astype(float)]
    oof = scores.calibrated(BiasCorrectedTemperature()).proba[:, 1]
    values = {"oof": oof, "held": np.mean(parts, axis=0)[:, 1]}
    np.savez(path, **values)
    return values


def units(folder: Path) -> list[Unit]:
    """Return every half that is fitted with the whole pool."""
    found = []
    for path in sorted(folder.glob("*/[01]")):
        if all((path / f"{key}.done").exists() for key in POOL):
            rows, each = np.load(path / "rows.npz"), [calibrated(path, name) for name in names()]
            oof, held = (np.array([one[kind] for one in each]) for kind in ("oof", "held"))
            name = f"{path.parent.name}/{path.name}"
            found.append(Unit(name, rows["y"], rows["fold"], rows["held"], oof, held))
    return found


def weights(found: list[Unit]) -> np.ndarray:
    """Return a weight a unit: a table counts once, however many of its halves are there."""
    tables = np.array([unit.name.rpartition("/")[0] for unit in found])
    w = np.array([1 / np.sum(tables == table) for table in tables])
    return w / w.sum()


def order(found: list[Unit], size: int) -> list[int]:
    """Return settings in the greedy order."""
    w, learners = weights(found), [learner_of(name) for name in names()]
    chosen: list[int] = []

    def value(tried: list[int]) -> float:
        picks = [tried[int(np.argmax(unit.oof_ap[tried]))] for unit in found]
        parts = zip(found, picks, strict=True)
        return float(w @ [unit.ap[i] - _LOSS * unit.loss[i] for unit, i in parts])

    while len(chosen) < size:
        used = {learners[i] for i in chosen}
        free = [
            i
            for i in range(len(learners))
            if i not in chosen and (len(used) == len(set(learners)) or learners[i] not in used)
        ]
        chosen.append(max(free, key=lambda i: value([*chosen, i])))
    return chosen


# --- rules: from a unit and the settings tried to members of equal weight ------------------------

Rule = Callable[[Unit, list[int]], list[int]]


def best(unit: Unit, tried: list[int]) -> list[int]:
    """Return the setting of the largest pooled average precision."""
    return [tried[int(np.argmax(unit.oof_ap[tried]))]]


def best_by_folds(unit: Unit, tried: list[int]) -> list[int]:
    """Return the setting of the largest mean over folds."""
    return [tried[int(np.argmax(unit.fold_ap[tried].mean(axis=1)))]]


def best_by_loss(unit: Unit, tried: list[int]) -> list[int]:
    """Return the setting of the least log loss."""
    return [tried[int(np.argmin(unit.oof_loss[tried]))]]


def best_by_both(unit: Unit, tried: list[int]) -> list[int]:
    """Return the setting of the least sum of relative losses."""
    a, b = unit.oof_ap[tried], unit.oof_loss[tried]
    return [tried[int(np.argmax(a / a.max() - b / b.min()))]]


def best_of_means(unit: Unit, tried: list[int]) -> list[int]:
    """Return the best by the mean of its own value and that of its learner's settings."""
    learners = np.array([learner_of(names()[i]) for i in tried])
    value = unit.oof_ap[tried]
    mean = np.array([value[learners == learner].mean() for learner in learners])
    return [tried[int(np.argmax(value + mean))]]


def first_within(share: float) -> Rule:
    """Return the rule: the first of the order within so many standard errors of the best."""

    def rule(unit: Unit, tried: list[int]) -> list[int]:
        top = best(unit, tried)[0]
        for i in tried:
            gain, error = unit.gain(unit.oof[top], i)
            if i == top or gain <= share * error:
                return [i]
        return [top]

    return rule


def best_of_each(unit: Unit, tried: list[int]) -> list[int]:
    """Return the best setting of every learner."""
    each: dict[str, list[int]] = {}
    for i in tried:
        each.setdefault(learner_of(names()[i]), []).append(i)
    return [best(unit, part)[0] for part in each.values()]


def top(n: int) -> Rule:
    """Return the rule: the n best."""
    return lambda unit, tried: [tried[i] for i in np.argsort(-unit.oof_ap[tried])[:n]]


def top_learners(n: int) -> Rule:
    """Return the rule: the best settings of the n best learners."""

    def rule(unit: Unit, tried: list[int]) -> list[int]:
        each = best_of_each(unit, tried)
        return [each[i] for i in np.argsort(-unit.oof_ap[each])[:n]]

    return rule


def greedy(most: int, by_loss: bool = False) -> Rule:
    """Return the rule: forward selection with repetition, as long as it gains."""

    def value(unit: Unit, members: list[int]) -> float:
        p = unit.oof[members].mean(axis=0)
        return -log_loss(unit.y, p) if by_loss else ap(unit.y, p)

    def rule(unit: Unit, tried: list[int]) -> list[int]:
        members: list[int] = []
        while len(members) < most:
            following = max(tried, key=lambda i: value(unit, [*members, i]))
            if members and value(unit, [*members, following]) <= value(unit, members):
                break
            members.append(following)
        return members

    return rule


def where_it_gains(blend: Rule, share: float) -> Rule:
    """Return the rule: the blend where it gains more than so many standard errors."""

    def rule(unit: Unit, tried: list[int]) -> list[int]:
        members, single = blend(unit, tried), best(unit, tried)
        gain, error = unit.gain(unit.oof[members].mean(axis=0), single[0])
        return members if gain > share * error else single

    return rule


RULES: dict[str, Rule] = {
    "best": best,
    "best, mean of folds": best_by_folds,
    "best by log loss": best_by_loss,
    "best by both": best_by_both,
    "best, shrunk to its learner": best_of_means,
    "first within 0.5 SE": first_within(0.5),
    "first within 1 SE": first_within(1.0),
    "blend: best of each learner": best_of_each,
    "blend: best 3 learners": top_learners(3),
    "blend: best 2 learners": top_learners(2),
    "blend: best 3": top(3),
    "blend: best 5": top(5),
    "blend: greedy 3": greedy(3),
    "blend: greedy 5": greedy(5),
    "blend: greedy 5 by log loss": greedy(5, by_loss=True),
    "blend: all": lambda unit, tried: tried,
    "best 2 learners, gain > 0": where_it_gains(top_learners(2), 0.0),
    "best 3 learners, gain > 0": where_it_gains(top_learners(3), 0.0),
    "best 3 learners, gain > 1 SE": where_it_gains(top_learners(3), 1.0),
    "greedy 3, gain > 0": where_it_gains(greedy(3), 0.0),
    "greedy 3, gain > 1 SE": where_it_gains(greedy(3), 1.0),
    "greedy 5, gain > 1 SE": where_it_gains(greedy(5), 1.0),
    "greedy 5, gain > 2 SE": where_it_gains(greedy(5), 2.0),
}


def measured(found: list[Unit], tried: list[list[int]], rule: Rule) -> np.ndarray:
    """Return (units, 2): average precision and log loss on the rows that nothing has seen."""
    out = []
    for unit, part in zip(found, tried, strict=True):
        p = unit.held[rule(unit, part)].mean(axis=0)
        out.append((ap(unit.y_held, p), log_loss(unit.y_held, p)))
    return np.array(out)


def print_rows(found: list[Unit], rows: dict[str, np.ndarray], base: np.ndarray) -> None:
    """Print means and differences from a base, with the standard error over tables."""
    w = weights(found)
    for name, values in rows.items():
        means, gains = w @ values, values - base
        error = np.sqrt((w**2) @ (gains - w @ gains) ** 2)
        print(
            f"{name:32s} AP {means[0]:.4f} ({w @ gains[:, 0]:+.4f}, SE {error[0]:.4f})  "
            f"log loss {means[1]:.4f} ({w @ gains[:, 1]:+.4f}, SE {error[1]:.4f})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=10)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    found, known = units(given.out), names()
    w = weights(found)
    print(len(found), "halves of", len({u.name.rpartition("/")[0] for u in found}), "tables")
    means = w @ np.array([unit.ap for unit in found]), w @ np.array([unit.loss for unit in found])
    print("\nSettings by mean AP: AP, log loss")
    for i in np.argsort(-means[0]):
        print(f"  {known[i]:20s} {means[0][i]:.4f} {means[1][i]:.4f}")
    chosen = order(found, given.size)
    tables = [unit.name.rpartition("/")[0] for unit in found]
    without = {
        t: order([u for u, other in zip(found, tables, strict=True) if other != t], given.size)
        for t in set(tables)
    }
    print("\nOrder:", ", ".join(known[i] for i in chosen))
    top_ap = w @ [unit.ap.max() for unit in found]
    print(f"The best on the unseen half: AP {top_ap:.4f}. First k, best by AP out of fold:")
    for k in range(1, given.size + 1):
        own = w @ measured(found, [chosen[:k]] * len(found), best)
        other = w @ measured(found, [without[t][:k] for t in tables], best)
        print(f"  {k}: AP {own[0]:.4f} {own[1]:.4f}; order without the table: {other[0]:.4f} "
              f"{other[1]:.4f}")  # fmt: skip
    for k in sorted({5, given.size}):
        tried = [without[t][:k] for t in tables]
        base = measured(found, tried, best)
        print(f"\nRules among the first {k} of the order without the table")
        print_rows(found, {n: measured(found, tried, rule) for n, rule in RULES.items()}, base)


if __name__ == "__main__":
    main()
