"""Out-of-fold scores of a study's arms, calibrated and decided without the rows' own fold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rarebird.decide.bias_corrected_temperature import BiasCorrectedTemperature
from rarebird.decide.cross_fitting import OutOfFold

from .candidates import Arm
from .cell import outer_folds
from .goal import Goal
from .rows import Rows
from .schedule import Cell, Schedule
from .store import Store


@dataclass(frozen=True)
class Seen:
    """What an arm makes of rows that it has not seen, in the order of their numbers."""

    proba: np.ndarray  # (m, C), calibrated by the other folds
    predicted: np.ndarray  # (m,): codes, decided by the other folds
    rows: np.ndarray  # (m,): row numbers
    fold: np.ndarray  # (m,)


def seen_by(goal: Goal, rows: Rows, raw: OutOfFold, *, decide: bool) -> Seen:
    """Calibrate and, where it is asked for, decide out-of-fold scores fold by fold.

    Calibrator and decision of a fold are fitted on the other folds (the earlier ones, where they
    follow one another in time): nothing of its labels reaches its own rows. Rows of a fold for
    which these hold fewer than two classes are left out, unless this is so for all folds.
    """
    proba, done = raw.proba.copy(), np.zeros(len(raw.y), dtype=bool)
    predicted = raw.proba.argmax(axis=1)
    for number in np.unique(raw.fold):
        held = raw.fold == number
        others = raw.fold < number if raw.forward else ~held
        weight = None if raw.weight is None else raw.weight[others]
        if len(np.unique(raw.y[others])) < 2:
            continue
        part = BiasCorrectedTemperature().fit(raw.proba[others], raw.y[others], weight)
        proba[held] = part.transform(raw.proba[held])
        predicted[held] = proba[held].argmax(axis=1)
        done |= held
        if decide:
            learned = part.transform(raw.proba[others])
            rule = goal.decision(rows.n_classes).fit(learned, raw.y[others], weight)
            context = goal.on(rows.costs_of(raw.rows[held])).context
            predicted[held] = rule.act(proba[held], context=context).codes
    done = done if done.any() else ~done
    return Seen(proba[done], predicted[done], raw.rows[done], raw.fold[done])


class Scores:
    """The stored scores of a comparison; every value and decision of it comes from here."""

    def __init__(self, store: Store, schedule: Schedule, rows: Rows):
        self.store, self.schedule, self.rows = store, schedule, rows
        self._folds: dict[int, list] = {}
        self._seen: dict[Any, Seen] = {}
        self._metas: dict[str, dict[str, Any]] = {}

    def folds(self, repeat: int) -> list:
        """Return (train, test) row numbers of a repeat's folds."""
        if repeat not in self._folds:
            s = self.schedule
            self._folds[repeat] = outer_folds(self.rows, s.n_folds, repeat, s.seed)
        return self._folds[repeat]

    def meta(self, cell: Cell) -> dict[str, Any]:
        """Return the values of a stored cell."""
        if cell.id not in self._metas:
            self._metas[cell.id] = self.store.read_cell(cell.id)[0]
        return self._metas[cell.id]

    def raw(self, arm: Arm, repeat: int, folds: Sequence[int], key: str = "proba") -> OutOfFold:
        """Return an arm's scores before calibration, on some folds, by ascending row number."""
        tests = [self.folds(repeat)[fold][1] for fold in folds]
        arrays = [self.store.read_cell(Cell(arm, repeat, fold).id)[1] for fold in folds]
        proba = np.concatenate([a.get(key, a["proba"]) for a in arrays]).astype(float)
        number = np.repeat(folds, [len(test) for test in tests])
        where = np.concatenate(tests)
        order = np.argsort(where)
        where = where[order]
        return OutOfFold(
            proba[order] / proba[order].sum(axis=1, keepdims=True),
            self.rows.y[where],
            number[order],
            None if self.rows.weight is None else self.rows.weight[where],
            where,
            np.arange(self.rows.n_classes),
            self.rows.design.kind == "time",
        )

    def seen(self, arm: Arm, repeat: int, folds: Sequence[int] = (), key: str = "proba") -> Seen:
        """Return an arm's calibrated and decided scores on some folds of a repeat, or on all."""
        folds = tuple(folds) or tuple(range(len(self.folds(repeat))))
        name = (arm.id, repeat, folds, key)
        if name not in self._seen:
            goal = self.schedule.goal
            scores = self.raw(arm, repeat, folds, key)
            self._seen[name] = seen_by(goal, self.rows, scores, decide=goal.tunes_threshold)
        return self._seen[name]

    def value(self, seen: Seen, *, untuned: bool = False, fold: int | None = None) -> float:
        """Return the goal's metric, of the classes that are assessed (of one fold's rows)."""
        rows, goal = self.rows, self.schedule.goal
        kept = ~np.isin(rows.y[seen.rows], self.schedule.unassessed)
        if fold is not None:
            kept &= seen.fold == fold
        where = seen.rows[kept]
        if not where.size:
            return float("nan")
        predicted = seen.proba.argmax(axis=1) if untuned else seen.predicted
        weight = None if rows.weight is None else rows.weight[where]
        goal = goal.on(rows.costs_of(where))
        return goal.value(rows.y[where], seen.proba[kept], predicted[kept], weight)

    def mean(self, arm: Arm, repeats: int, folds: Sequence[int] = ()) -> float:
        """Return the goal's metric of an arm, the mean over its repeats."""
        return float(np.mean([self.value(self.seen(arm, r, folds)) for r in range(repeats)]))


def blended(parts: Sequence[Seen], goal: Goal, rows: Rows, *, forward: bool) -> Seen:
    """Return what the mean of several arms' calibrated probabilities makes of the rows."""
    first, proba = parts[0], np.mean([part.proba for part in parts], axis=0)
    predicted = proba.argmax(axis=1)
    for number in np.unique(first.fold) if goal.tunes_threshold else ():
        held = first.fold == number
        others = first.fold < number if forward else ~held
        y = rows.y[first.rows[others]]
        if len(np.unique(y)) > 1:
            weight = None if rows.weight is None else rows.weight[first.rows[others]]
            rule = goal.decision(rows.n_classes).fit(proba[others], y, weight)
            context = goal.on(rows.costs_of(first.rows[held])).context
            predicted[held] = rule.act(proba[held], context=context).codes
    return Seen(proba, predicted, first.rows, first.fold)
