"""The comparison, scheduled once: a time budget becomes a stored list of cells."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rarebird._errors import DataError

from .candidates import BASELINE, EFFORT, Candidate
from .goal import Goal, goal_from_dict
from .probe import probe
from .rows import Rows, cap_rows

ROW_CAPS = (200_000, 100_000, 50_000, 30_000, 20_000, 12_000, 8_000, 5_000, 3_000, 2_000, 1_000)
SAFETY = 0.7  # share of the budget that estimates may fill; the rest is for their errors
_PROBE_ROWS = (2_500, 10_000)  # with little time, and with enough to look further
_LONG = 120.0
_QUICK_ROWS = 20_000
_ENOUGH_ROWS = 3_000  # fewer settings are tried before fewer rows than these


@dataclass(frozen=True)
class Cell:
    """A candidate on a fold of a repeat: the stored unit of work."""

    candidate: str
    repeat: int
    fold: int

    @property
    def id(self) -> str:
        """Its name in the store."""
        return f"{self.candidate}-{self.repeat}-{self.fold}"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, the name among them."""
        return {"id": self.id, **asdict(self)}


@dataclass(frozen=True)
class Schedule:
    """What a study fits; nothing is added to it, or taken from it, later."""

    candidates: tuple[str, ...]  # card names, the baseline first
    goal: Goal
    n_rows: int  # training rows
    row_cap: int  # of these, the comparison sees at most so many,
    refit_cap: int  # the last tuning,
    final_cap: int  # and the calibration
    n_folds: int  # of a repeat
    n_repeats: int
    n_inner: int  # folds within a training part
    effort: int  # settings that a candidate may choose from
    seed: int
    unassessed: tuple[int, ...]  # codes of classes that are too small to be measured
    limit_s: float  # seconds that a cell may take
    estimate_s: float  # seconds that the comparison should take

    @property
    def cells(self) -> list[Cell]:
        """Every cell, in the order in which they run."""
        return [
            Cell(name, repeat, fold)
            for repeat in range(self.n_repeats)
            for fold in range(self.n_folds)
            for name in self.candidates
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {**asdict(self), "goal": self.goal.as_dict()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Schedule":
        """Return the schedule that `as_dict` was called on."""
        lists = {name: tuple(values[name]) for name in ("candidates", "unassessed")}
        return cls(**{**values, **lists, "goal": goal_from_dict(values["goal"])})


def make_schedule(
    rows: Rows,
    goal: Goal,
    tried: list[Candidate],
    *,
    budget_s: float,
    quick: bool,
    jobs: int,
    seed: int,
    unassessed: tuple[int, ...] = (),
) -> Schedule:
    """Turn the seconds that are left for the comparison and the final fits into a list of cells.

    ``quick`` means fewer settings, fewer repeats and a lower row cap.
    """
    n = len(rows.y)
    n_folds, n_inner = _folds(rows)
    most = EFFORT["quick" if quick else "full"]
    part, _ = cap_rows(rows.y, _PROBE_ROWS[budget_s >= _LONG], seed)
    known = probe(tried, rows.take(part), most, seed)

    def costs(effort: int) -> dict[str, np.ndarray]:  # one fit of each of so many settings
        return {name: each[:effort].sum(axis=0) for name, each in known.items()}

    def inner(of: np.ndarray, m: float) -> Any:  # the inner fits on m rows
        return n_inner * (of @ [1, (1 - 1 / n_inner) * m])

    def cells(effort: int, cap: int) -> np.ndarray:  # a cell of each candidate
        train = min(cap, n) * (n_folds - 1) / n_folds
        of = np.array(list(costs(effort).values()))
        return inner(of, train) + of @ [1, train] / effort + 0.03 * effort

    def repeat(effort: int, cap: int) -> float:  # of all candidates
        return n_folds * cells(effort, cap).sum()

    def most_rows(of: np.ndarray, seconds: float, otherwise: int) -> int:
        caps = (n, *(cap for cap in ROW_CAPS if cap <= n))
        return next((cap for cap in caps if inner(of, cap) <= seconds), otherwise)

    # the end: the baseline and the chosen one, tuned on as many rows as an eighth of the time
    # allows, then fitted on all rows
    every = costs(most)
    both = every[BASELINE] + max(every.values(), key=lambda of: of @ [1, n])
    one = both / most / min(jobs, 2)
    final_cap = most_rows(one, budget_s / 4, ROW_CAPS[-1])
    refit_cap = most_rows(both, budget_s / 8, 0)
    refit = one @ [1, n] + inner(one, final_cap)
    room = max(budget_s * 7 / 8 - refit, 0.2 * budget_s) * SAFETY * jobs
    found = [
        option
        for option in _options(n, most, quick=quick, repeatable=rows.design.kind != "time")
        if option[2] * repeat(*option[:2]) <= room
    ]
    top = min(n, _QUICK_ROWS) if quick else n
    # where nothing fits: one setting each, on the smallest part
    effort, cap, n_repeats = found[0] if found else (1, min(top, ROW_CAPS[-1]), 1)
    return Schedule(
        candidates=tuple(each.name for each in tried),
        goal=goal,
        n_rows=n,
        row_cap=cap,
        refit_cap=max(cap, refit_cap),
        final_cap=min(n, max(cap, refit_cap, final_cap)),
        n_folds=n_folds,
        n_repeats=n_repeats,
        n_inner=n_inner,
        effort=effort,
        seed=seed,
        unassessed=unassessed,
        limit_s=round(max(20.0, 6 * float(cells(effort, cap).max())), 1),
        estimate_s=round(float(n_repeats * repeat(effort, cap) / jobs), 1),
    )


def _options(n: int, most: int, *, quick: bool, repeatable: bool) -> list[tuple[int, int, int]]:
    """Return (effort, row cap, repeats), best first.

    Fewer settings come before fewer rows than are enough; rows before repeats, but a repeat
    before more than 5,000 rows: it is what steadies a p-value.
    """
    top = min(n, _QUICK_ROWS) if quick else n
    caps = [top, *(cap for cap in ROW_CAPS if cap < top)]
    pairs = [(cap, 1) for cap in caps]
    if repeatable:
        pairs = [(cap, 2) for cap in caps if cap >= 5_000] + pairs
        pairs = [(top, repeats) for repeats in range(2 if quick else 3, 1, -1)] + pairs
    enough = [pair for pair in pairs if pair[0] >= min(top, _ENOUGH_ROWS)]
    scarce = [pair for pair in pairs if pair not in enough]
    efforts = [effort for effort in (most, 3, 2, 1) if effort <= most]
    return [(effort, *pair) for part in (enough, scarce) for effort in efforts for pair in part]


def _folds(rows: Rows) -> tuple[int, int]:
    """Return how many folds, and how many inner ones, the rows can be split into."""
    counts = np.bincount(rows.y)
    counts = counts[counts > 0]
    if len(counts) > 2:  # of many classes those below 5 rows do not count
        counts = counts[counts >= 5] if (counts >= 5).any() else counts
    smallest = int(counts.min())
    if smallest < 2:
        raise DataError(f"The rarest class has {smallest} training rows; two folds need 2.")
    units = len(np.unique(rows.design.key))
    n_folds = min(5, smallest, units - (rows.design.kind == "time"))
    if n_folds < 2:
        what = {"time": "moments", "group": "groups"}.get(rows.design.kind, "distinct rows")
        raise DataError(f"The training rows have {units} {what}, too few for two folds.")
    return n_folds, min(3, max(2, smallest * (n_folds - 1) // n_folds))
