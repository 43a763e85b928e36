"""From stored cells to a choice: every candidate against the baseline, family-wise."""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rarebird._errors import DataError, StoreError, about
from rarebird.metrics.pooled import pooled_differences
from rarebird.metrics.significance import Difference, corrected_t, family_wise

from .candidates import BASELINE, all_candidates, candidate
from .cell import outer_folds
from .goal import Goal
from .report.content import CandidateRow
from .rows import Rows
from .schedule import Cell, Schedule
from .store import Store

log = logging.getLogger(__name__)

LEVEL = 0.01  # family-wise: on pure noise a treatment is recommended in at most 1 study of 100
_EQUAL = 0.05  # two candidates that differ with a larger p count as equal


@dataclass(frozen=True)
class Comparison:
    """What the cells say."""

    rows: tuple[CandidateRow, ...]
    chosen: str | None  # the card name of the treatment that helps, or None: nothing helps
    cells: list[dict[str, Any]]


def compare(store: Store, schedule: Schedule, rows: Rows) -> Comparison:
    """Read all cells and test every candidate against the baseline.

    Stratified folds: the corrected resampled t of Nadeau and Bengio (2003), adjusted for the
    number of candidates by max-t. Time and group designs: a bootstrap of blocks or groups of the
    pooled out-of-fold predictions. A candidate is chosen if its adjusted p is below 0.01; among
    those as good as the best, the simplest.
    """
    goal, names = schedule.goal, schedule.candidates
    stored = {cell.id: store.read_cell(cell.id) for cell in schedule.cells}
    metas = {name: meta for name, (meta, _) in stored.items()}
    by_name = {
        name: [metas[cell.id] for cell in schedule.cells if cell.candidate == name]
        for name in names
    }
    table = {name: _row(name, by_name[name], goal) for name in names}
    ok = [name for name, row in table.items() if row.status == "ok"]
    if BASELINE not in ok:
        with about("time_budget"):
            raise StoreError(
                f"The baseline could not be measured ({table[BASELINE].status}). Give a larger "
                "time budget and another folder."
            )
    values = np.array([[m["value"] for m in by_name[name]] for name in ok], dtype=float)
    usable = np.isfinite(values).all(axis=0)
    others, chosen = [name for name in ok if name != BASELINE], None
    if others and usable.any():
        values = values[:, usable]
        sizes = {n: np.mean([m[n] for m in by_name[BASELINE]]) for n in ("n_train", "n_test")}
        gains = goal.sign * (values[1:] - values[0])
        if rows.design.kind == "stratified":
            results = family_wise(gains, **sizes, random_state=schedule.seed)
        else:
            try:
                results = _by_blocks(stored, rows, schedule, others)
            except DataError as error:  # too few blocks or groups: nothing can be told apart
                log.info("no comparison: %s", error)
                return Comparison(tuple(table.values()), None, list(metas.values()))
        for name, result in zip(others, results, strict=True):
            table[name] = replace(table[name], difference=_signed(result, goal.sign))
        chosen = _choose(table, others, values, goal, sizes)
    return Comparison(tuple(table.values()), chosen, list(metas.values()))


def _signed(gain: Difference, sign: float) -> Difference:
    """Return a gain as the difference of the metric, which falls where less is better."""
    low, high = sorted((sign * gain.low, sign * gain.high))
    return replace(gain, value=sign * gain.value, low=low, high=high)


def _row(name: str, metas: list[dict[str, Any]], goal: Goal) -> CandidateRow:
    tried = candidate(name)
    bad = [m for m in metas if m["status"] != "ok"]
    fine = [m for m in metas if m["status"] == "ok"]
    values = np.array([m["value"] for m in fine], dtype=float)
    untuned = [m["value"] - m["untuned"] for m in fine if "untuned" in m]
    role = "control" if tried.use.control_for else "treatment"
    return CandidateRow(
        name=name,
        title=tried.card.label,
        role=BASELINE if name == BASELINE else role,
        summary=tried.card.summary,
        place=tried.card.place,
        config=Counter(m["setting"] for m in fine).most_common(1)[0][0] if fine else "",
        status="ok" if not bad else f"{bad[0]['status']}: {bad[0].get('why', '')}",
        value=float(np.nanmean(values)) if np.isfinite(values).any() else None,
        tuned_gain=float(goal.sign * np.nanmean(untuned)) if untuned else None,
        seconds=float(sum(m.get("seconds", 0.0) for m in metas)),
        memory_mb=float(max((m.get("memory_mb", 0.0) for m in metas), default=0.0)),
        fits=int(sum(m.get("n_fits", 0) for m in fine)),
    )


def _by_blocks(
    stored: Mapping[str, tuple[dict[str, Any], dict[str, np.ndarray]]],
    rows: Rows,
    schedule: Schedule,
    others: list[str],
) -> list[Any]:
    """Bootstrap blocks of the pooled out-of-fold predictions of the first repeat."""
    folds = outer_folds(rows, schedule, 0)
    where = np.concatenate([test for _, test in folds])
    keep = ~np.isin(rows.y[where], schedule.unassessed)
    metric = schedule.goal.on(rows.costs_of(where[keep])).metric
    outputs = {}
    for name in [BASELINE, *others]:
        parts = [stored[Cell(name, 0, fold).id][1] for fold in range(len(folds))]
        output = [
            metric.choose(p["proba"].astype(float), p["predicted"].astype(int)) for p in parts
        ]
        outputs[name] = np.concatenate(output)[keep][None]
    key = rows.design.key[where][keep]
    if rows.design.kind == "time":  # 5 successive blocks a fold
        rank = np.argsort(np.argsort(key, kind="stable"), kind="stable")
        blocks = rank * 5 * len(folds) // len(key)
    else:
        blocks = np.unique(key, return_inverse=True)[1].ravel()
    weight = None if rows.weight is None else rows.weight[where][keep]
    return pooled_differences(
        metric,
        rows.y[where][keep],
        [(outputs[name], outputs[BASELINE]) for name in others],
        blocks=blocks,
        sample_weight=weight,
        n_classes=rows.n_classes,
        random_state=schedule.seed,
    )


def _choose(
    table: Mapping[str, CandidateRow],
    others: list[str],
    values: np.ndarray,
    goal: Goal,
    sizes: Mapping[str, Any],
) -> str | None:
    """Return the simplest of the significant candidates that are as good as the best of them."""
    found = {name: table[name].difference for name in others}
    gain = {name: goal.sign * d.value for name, d in found.items() if d and d.p_adjusted < LEVEL}
    better = [name for name in gain if gain[name] > 0]
    if not better:
        return None
    best = max(better, key=gain.__getitem__)
    index = {name: i + 1 for i, name in enumerate(others)}
    equals = []
    for name in better:
        difference = goal.sign * (values[index[best]] - values[index[name]])
        if name == best or corrected_t(difference, **sizes).p > _EQUAL:
            equals.append(name)
    order = [each.name for each in all_candidates()]
    return min(equals, key=order.index)
