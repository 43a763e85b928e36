"""The comparison, planned once: a time budget becomes a stored list of cells."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rarebird._errors import DataError, ParameterError, RarebirdError
from rarebird._random import seed_of

from .candidates import (
    BASELINE,
    EFFORT,
    Candidate,
    Setting,
    all_candidates,
    candidate,
    learner_settings,
)
from .fit import Rows, fit_estimator, spread
from .objective import Objective

ROW_CAPS = (200_000, 100_000, 50_000, 30_000, 20_000, 12_000, 8_000, 5_000, 3_000, 2_000, 1_000)
FLOOR = 50  # rows of a class that a row cap keeps, where there are as many
SAFETY = 0.7  # share of the budget that estimates may fill; the rest is for their errors
_PROBE_ROWS = (2_500, 10_000)  # with little time, and with enough to look further
_LONG = 120.0
_QUICK_ROWS = 20_000
_ENOUGH_ROWS = 3_000  # fewer settings are tried before fewer rows than these


def candidates(
    n_classes: int, wanted: list[str] | None = None, *, quick: bool = False
) -> list[Candidate]:
    """Return the candidates that serve a task, the baseline first.

    A quick study leaves out what is costly and seldom helps, unless it is asked for by name.

    Raises
    ------
    ParameterError
        If a wanted name is no candidate, or one that does not serve the task.
    """
    task = "binary" if n_classes == 2 else "multiclass"
    found = [each for each in all_candidates() if task in each.card.tasks]
    if wanted is None:
        return [each for each in found if each.use.quick or not quick]
    for name in wanted:
        candidate(name)
    absent = set(wanted) - {each.name for each in found}
    if absent:
        raise ParameterError(f"The treatment {min(absent)!r} is for other tasks than {task}.")
    return [each for each in found if each.name == BASELINE or each.name in wanted]


def cap_rows(y: np.ndarray, cap: int, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Return row numbers of a stratified part of at most about ``cap`` rows, and their weights.

    Classes are thinned alike; a class is not thinned below 50 rows, and where that changes the
    class shares, weights restore them (None where every weight is 1).

    Examples
    --------
    >>> rows, weight = cap_rows(np.repeat([0, 1], [9900, 100]), 1000, seed=0)
    >>> len(rows), weight[[0, -1]].round(2).tolist()
    (1040, [1.04, 0.21])
    """
    if len(y) <= cap:
        return np.arange(len(y)), None
    rng = np.random.default_rng(seed_of(seed, "row cap"))
    counts = np.bincount(y)
    kept = np.minimum(counts, np.maximum(np.round(counts * cap / len(y)), FLOOR)).astype(int)
    rows = [
        np.sort(rng.choice(np.flatnonzero(y == code), kept[code], replace=False))
        for code in np.flatnonzero(counts)
    ]
    chosen = np.concatenate(rows)
    share = np.divide(counts, kept, out=np.zeros(len(counts)), where=kept > 0)
    weight = share[y[chosen]]
    order = np.argsort(chosen)
    chosen, weight = chosen[order], weight[order] * len(chosen) / weight.sum()
    return chosen, None if np.allclose(weight, 1, atol=0.02) else weight


@dataclass(frozen=True)
class Cost:
    """Seconds that one fit of every setting of a candidate takes: ``fixed`` + ``a_row`` * n."""

    fixed: float
    a_row: float

    def at(self, n: float) -> float:
        """Return the seconds on n rows."""
        return self.fixed + self.a_row * n

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.fixed + other.fixed, self.a_row + other.a_row)

    def __mul__(self, factor: float) -> "Cost":
        return Cost(self.fixed * factor, self.a_row * factor)


def probe(tried: list[Candidate], rows: Rows, effort: int, seed: int) -> dict[str, list[Cost]]:
    """Estimate what one fit of each setting of a candidate takes, as a line in the rows.

    Each learner is timed bare, on a quarter of these rows and on all; a treatment that says what it
    costs in such fits is not timed. One that refuses the data costs nothing; the comparison will
    say why.
    """
    counts = np.bincount(rows.y)
    rare = float(counts[counts > 0].min() / counts.sum())
    baseline = candidate(BASELINE)
    known: dict[tuple[str, str], Cost] = {}
    quarter = rows.take(cap_rows(rows.y, len(rows.y) // 4, seed)[0])

    def once(each: Candidate, setting: Setting, part: Rows) -> float:
        model = each.build(setting, categorical=rows.categorical, seed=seed, threads=1)
        started = time.perf_counter()
        try:
            spread(fit_estimator(model, part), part.X, part.n_classes)
        except (RarebirdError, ValueError):
            return 0.0
        return time.perf_counter() - started

    def timed(each: Candidate, setting: Setting) -> Cost:
        key = (each.name, setting.learner)
        if key not in known:
            few, many = len(quarter.y), len(rows.y)
            # the first fit pays for imports, so the best of two counts
            low = min(once(each, setting, quarter), once(each, setting, quarter))
            high = once(each, setting, rows)
            slope = max((high - low) / max(many - few, 1), 0.2 * high / many)
            known[key] = Cost(max(high - slope * many, 0.0), slope)
        return known[key]

    def seconds(each: Candidate, setting: Setting) -> Cost:
        if each.use.effort is None or each.name == BASELINE:
            return timed(each, setting)
        first = learner_settings(setting.learner)[0]
        trees = setting.params.get("n_estimators", 1) / first.get("n_estimators", 1)
        bare = timed(baseline, Setting(setting.learner, first))
        return bare * (trees * each.use.effort * drawn_share(setting.treatment, rare))

    return {each.name: [seconds(each, s) for s in each.settings(effort)] for each in tried}


def drawn_share(treatment: Mapping[str, Any], rare: float) -> float:
    """Return the share of the rows that one fit of an under-sampling treatment learns from.

    Examples
    --------
    >>> drawn_share({"ratio": 4.0}, 0.1), drawn_share({"fraction": 0.3}, 0.1), drawn_share({}, 0.1)
    (0.5, 0.3, 1.0)
    """
    if "fraction" in treatment:
        return treatment["fraction"]
    bounds = treatment.get("sampling_strategy", {})
    ratio = treatment.get("ratio", bounds.get("max_ratio"))
    return 1.0 if ratio is None else min(1.0, (1 + ratio) * rare)


def make_plan(
    rows: Rows,
    objective: Objective,
    tried: list[Candidate],
    *,
    budget_s: float,
    quick: bool,
    jobs: int,
    seed: int,
) -> dict[str, Any]:
    """Turn a budget in seconds into the list of cells.

    Parameters
    ----------
    rows : Rows
        All training rows.
    objective : Objective
        The objective.
    tried : list of Candidate
        The candidates.
    budget_s : float
        Seconds that are left for the comparison and the final fits.
    quick : bool
        Fewer settings, fewer repeats, a lower row cap.
    jobs : int
        Processes.
    seed : int
        Seed.

    Returns
    -------
    dict
        Plain values: cells, row cap, folds, effort, the limit of a cell, the estimates.

    Raises
    ------
    DataError
        If the rarest assessed class has too few rows for two folds, or the rows too few
        moments, groups or distinct rows.
    """
    n = len(rows.y)
    smallest = _smallest_assessed(rows.y)
    n_folds = int(min(5, smallest))
    if n_folds >= 2:
        units = len(np.unique(rows.design.key))
        n_folds = min(n_folds, units - (rows.design.kind == "time"))
        if n_folds < 2:
            what = {"time": "moments", "group": "groups"}.get(rows.design.kind, "distinct rows")
            raise DataError(f"The training rows have {units} {what}, too few for two folds.")
    n_inner = int(min(3, max(2, (smallest * (n_folds - 1)) // n_folds)))
    if n_folds < 2:
        raise DataError(f"The rarest class has {smallest} training rows; two folds need 2.")
    most_effort = EFFORT["quick" if quick else "full"]
    part, _ = cap_rows(rows.y, _PROBE_ROWS[budget_s >= _LONG], seed)
    known = probe(tried, rows.take(part), most_effort, seed)
    inner = 1 - 1 / n_inner

    def costs(effort: int) -> dict[str, Cost]:
        return {name: sum(each[:effort], Cost(0.0, 0.0)) for name, each in known.items()}

    def cell(of: Cost, cap: int, effort: int) -> float:
        """Return the seconds of a cell of a candidate."""
        train = min(cap, n) * (n_folds - 1) / n_folds
        return n_inner * of.at(inner * train) + of.at(train) / effort + 0.03 * effort

    def seconds(effort: int, cap: int) -> float:
        """Return the seconds of a repeat of all candidates."""
        return n_folds * sum(cell(of, cap, effort) for of in costs(effort).values())

    # the end: the baseline and the chosen one, tuned on as many rows as an eighth of the time
    # allows, then fitted on all rows
    every = costs(most_effort)
    both = every["baseline"] + max(every.values(), key=lambda c: c.at(n))
    one = both * (1 / most_effort / min(jobs, 2))
    final_cap = next(
        (c for c in (n, *ROW_CAPS) if c <= n and n_inner * one.at(inner * c) <= budget_s / 4),
        ROW_CAPS[-1],
    )
    refit = one.at(n) + n_inner * one.at(inner * final_cap)
    refit_cap = next(
        (c for c in (n, *ROW_CAPS) if c <= n and n_inner * both.at(inner * c) <= budget_s / 8), 0
    )
    room = max(budget_s * 7 / 8 - refit, 0.2 * budget_s) * SAFETY * jobs
    top = min(n, _QUICK_ROWS) if quick else n
    caps = [top, *(cap for cap in ROW_CAPS if cap < top)]
    most = 2 if quick else 3
    # rows before repeats, but a repeat before more than 5,000 rows: it is what steadies a p-value
    wanted = [(cap, 1) for cap in caps]
    if rows.design.kind != "time":  # forward folds have no second way to be dealt
        wanted = [(cap, 2) for cap in caps if cap >= 5_000] + wanted
        wanted = [(top, repeats) for repeats in range(most, 1, -1)] + wanted
    efforts = [e for e in (most_effort, 3, 2, 1) if e <= most_effort]
    enough = [pair for pair in wanted if pair[0] >= min(top, _ENOUGH_ROWS)]
    scarce = [pair for pair in wanted if pair not in enough]
    plans = [(e, *pair) for pairs in (enough, scarce) for e in efforts for pair in pairs]
    # where nothing fits: one setting each, on the smallest part
    effort, cap, repeats = next(
        (found for found in plans if found[2] * seconds(*found[:2]) <= room), (1, caps[-1], 1)
    )
    cells = [
        {
            "id": f"{each.name}-{repeat}-{fold}",
            "candidate": each.name,
            "repeat": repeat,
            "fold": fold,
        }
        for repeat in range(repeats)
        for fold in range(n_folds)
        for each in tried
    ]
    longest_cell = max(cell(of, cap, effort) for of in costs(effort).values())
    return {
        "cells": cells,
        "candidates": [each.name for each in tried],
        "row_cap": int(cap),
        "refit_cap": int(max(cap, refit_cap)),
        "final_cap": int(min(n, max(cap, refit_cap, final_cap))),
        "n_rows": n,
        "n_folds": n_folds,
        "n_repeats": repeats,
        "n_inner": n_inner,
        "effort": effort,
        "limit_s": round(max(20.0, 6 * longest_cell), 1),
        "estimate_s": round(repeats * seconds(effort, cap) / jobs, 1),
        "refit_s": round(refit, 1),
        "seed": seed,
        "objective": objective.as_dict(),
    }


def _smallest_assessed(y: np.ndarray) -> int:
    """Return the rows of the rarest class; among many classes those below 5 rows do not count."""
    counts = np.bincount(y)
    counts = counts[counts > 0]
    if len(counts) > 2:
        counts = counts[counts >= 5] if (counts >= 5).any() else counts
    return int(counts.min())
