"""How much a study does: a function of the table's shape, the budget and stored cost constants.

No time is measured here, so the same study has the same schedule on every machine; how many cores
there are, and how busy they are, changes only how long it takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rarebird._errors import DataError

from .candidates import BASELINE, Arm, Candidate, baseline_arms, candidate
from .fit_cost import fit_seconds, overhead_s, predict_ms
from .goal import Goal, goal_from_dict
from .rows import Rows
from .shape import Shape, shape_of

CORES = 2  # of the reference machine
FILL = 0.9  # share of the budget that the schedule fills
MEASURING_S = 5.0  # for the tests, the measurement and what drives the model
ROW_CAPS = (200_000, 100_000, 50_000, 30_000, 20_000, 12_000, 8_000, 5_000, 3_000, 2_000, 1_000)
FOLDS = 5
FOLDS_OF_SINGLE = (
    10  # for one refitted model, whose calibrator should come from nearly as many rows
)
MOST_REPEATS = 4
_QUICK_ROWS = 20_000
_FINAL_SHARE = 0.4  # of the work, for the last fits: of one middling arm in half of it
_FIRST_SHARE = 0.5  # of the rest, for every learner's first setting, at most


@dataclass(frozen=True)
class Cell:
    """A fit of an arm on a fold of a repeat: the stored unit of work."""

    arm: Arm
    repeat: int
    fold: int

    @property
    def id(self) -> str:
        """Its name in the store."""
        return f"{self.arm.id} | {self.repeat} {self.fold}"

    def as_dict(self) -> dict[str, Any]:
        """Return what tells it apart, for a table of results."""
        return {
            "id": self.id,
            "candidate": self.arm.candidate,
            "setting": str(self.arm.setting),
            "repeat": self.repeat,
            "fold": self.fold,
        }


@dataclass(frozen=True)
class Schedule:
    """What bounds a study; within it, scores alone say what is fitted."""

    candidates: tuple[str, ...]  # card names, the baseline first
    asked: bool  # whether the treatments were named: then each is compared, whatever it costs
    learners: tuple[str, ...]  # of the baseline
    goal: Goal
    n_rows: int  # training rows
    row_cap: int  # of these, the comparison sees at most so many,
    final_cap: int  # and the last fits
    n_folds: int  # of a repeat
    most_repeats: int
    final_folds: int  # of the shipped model
    single: bool  # whether it is one refitted model, not the mean of the folds' models
    seed: int
    unassessed: tuple[int, ...]  # codes of classes that are too small to be measured
    max_size_mb: float  # of the shipped model
    max_row_ms: float  # to predict a row
    work_s: float  # seconds of one core of the reference machine that fits may take,
    reserve_s: float  # of these, for the last fits
    estimate_s: float  # seconds that the least there is to do takes on the reference machine

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {**asdict(self), "goal": self.goal.as_dict()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Schedule":
        """Return the schedule that `as_dict` was called on."""
        lists = {name: tuple(values[name]) for name in ("candidates", "learners", "unassessed")}
        return cls(**{**values, **lists, "goal": goal_from_dict(values["goal"])})


@dataclass(frozen=True)
class Prices:
    """What arms cost under a schedule, in seconds of one core of the reference machine."""

    schedule: Schedule
    shape: Shape  # of the training rows

    def fit(self, arm: Arm, cap: int, folds: int) -> float:
        """Return the price of a fit on all folds but one of at most ``cap`` rows."""
        rows = min(cap, self.shape.n_rows) * (folds - 1) / folds
        return fit_seconds(candidate(arm.candidate), arm.setting, self.shape.with_rows(int(rows)))

    def cell(self, arm: Arm) -> float:
        """Return the price of a cell."""
        return self.fit(arm, self.schedule.row_cap, self.schedule.n_folds)

    def row_ms(self, arms: Sequence[Arm], models: int) -> float:
        """Return the milliseconds to predict a row by the mean of so many models of each arm."""
        each = [predict_ms(candidate(arm.candidate), arm.setting, self.shape) for arm in arms]
        return models * sum(each)

    def final(self, arms: Sequence[Arm]) -> float:
        """Return the price of the last fits if these arms are shipped: measured, then of all rows.

        The baseline, which is measured too, is the first of them, or costs about as much beside.
        """
        s = self.schedule
        each = [self.fit(arm, s.final_cap, s.n_folds) for arm in arms]
        beside = 0.0 if arms[0].plain else each[0]
        return (s.n_folds + s.final_folds) * sum(each) + s.n_folds * beside


def make_schedule(
    rows: Rows,
    goal: Goal,
    tried: Sequence[Candidate],
    learners: Sequence[str],
    *,
    budget_s: float,
    seed: int,
    quick: bool = False,
    asked: bool = False,
    single: bool = False,
    unassessed: tuple[int, ...] = (),
    max_size_mb: float = 20.0,
    max_row_ms: float = 5.0,
) -> Schedule:
    """Return the schedule of the training rows for a budget in seconds.

    First comes what every study does: each learner's first setting on all folds, and the last
    fits. They are given as many rows as a share of the budget allows, and what is left of it is
    for the race.
    """
    n, shape, n_folds = len(rows.y), shape_of(rows), _folds(rows)
    single = single or rows.design.kind == "time"  # the models of forward folds saw early rows only
    final_folds = (
        (FOLDS_OF_SINGLE if rows.design.kind != "time" else n_folds) if single else n_folds
    )
    firsts = baseline_arms(learners)[: len(learners)]
    base = candidate(BASELINE)

    def price(arm: Arm, cap: int) -> float:
        part = shape.with_rows(int(min(cap, n) * (n_folds - 1) / n_folds))
        return fit_seconds(base, arm.setting, part)

    def first(cap: int) -> float:
        return n_folds * sum(price(arm, cap) for arm in firsts)

    def last(cap: int) -> float:
        return (n_folds + final_folds) * float(np.median([price(arm, cap) for arm in firsts]))

    def most(cost: Any, seconds: float, top: int) -> int:
        caps = (top, *(cap for cap in ROW_CAPS if cap < top))
        return next((cap for cap in caps if cost(cap) <= seconds), min(top, ROW_CAPS[-1]))

    overhead = overhead_s(shape)
    work = max(0.0, CORES * (FILL * budget_s - overhead - MEASURING_S))
    reserve = _FINAL_SHARE * work
    final_cap = most(last, reserve / 2, n)
    room = _FIRST_SHARE * (work - reserve)
    row_cap = most(first, room, min(final_cap, _QUICK_ROWS) if quick else final_cap)
    return Schedule(
        candidates=tuple(each.name for each in tried),
        asked=asked,
        learners=tuple(learners),
        goal=goal,
        n_rows=n,
        row_cap=row_cap,
        final_cap=final_cap,
        n_folds=n_folds,
        most_repeats=1 if rows.design.kind == "time" else MOST_REPEATS,
        final_folds=final_folds,
        single=single,
        seed=seed,
        unassessed=unassessed,
        max_size_mb=max_size_mb,
        max_row_ms=max_row_ms,
        work_s=round(work, 1),
        reserve_s=round(reserve, 1),
        estimate_s=round((first(row_cap) + last(final_cap)) / CORES + overhead + MEASURING_S, 1),
    )


def _folds(rows: Rows) -> int:
    """Return how many folds the rows can be split into."""
    counts = np.bincount(rows.y)
    counts = counts[counts > 0]
    if len(counts) > 2:  # of many classes those below 5 rows do not count
        counts = counts[counts >= 5] if (counts >= 5).any() else counts
    smallest = int(counts.min())
    if smallest < 2:
        raise DataError(f"The rarest class has {smallest} training rows; two folds need 2.")
    units = len(np.unique(rows.design.key))
    n_folds = min(FOLDS, smallest, units - (rows.design.kind == "time"))
    if n_folds < 2:
        what = {"time": "moments", "group": "groups"}.get(rows.design.kind, "distinct rows")
        raise DataError(f"The training rows have {units} {what}, too few for two folds.")
    return n_folds
