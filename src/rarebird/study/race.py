"""The comparison: a race of arms in rounds, in which scores alone say who goes on.

First the baseline: every learner's first setting, then more settings of the learners that lead.
Then the treatments on the learners that lead, first on two folds; the better half goes on. Then
repeats of the cross-validation for the arms between which the choice lies. The schedule's work is
counted in stored prices, so that the race is the same on every machine.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rarebird._errors import StoreError, about

from .candidates import Arm, Candidate, baseline_arms, candidate, counterpart
from .cell import Task, at_stage, stages_of
from .schedule import Cell, Prices
from .scores import Scores

PROBE_FOLDS = (0, 1)  # on which treatments are first looked at
CONTENDERS = 3  # arms of the baseline, and of treatments, that are repeated
_BASELINE_SHARE = 0.5  # of the work, for the baseline's settings
_PROBE_SHARE = 0.75  # of the work, for these and the first look at treatments
_LEADS = 2  # learners on which a treatment is tried


@dataclass
class Entry:
    """What became of an arm."""

    arm: Arm
    plain: Arm | None = None  # the same without the treatment; None for arms of the baseline
    repeats: int = 0  # complete ones
    value: float = float("nan")  # mean over them
    status: str = "ok"
    dropped: str = ""  # why it did not go on
    size_mb: float = 0.0  # of one fit
    fewer: Arm | None = None  # the same with fewer trees, which does better

    @property
    def fine(self) -> bool:
        """Whether it was measured on all folds, and is in the race."""
        measured = self.status == "ok" and self.repeats > 0 and np.isfinite(self.value)
        return bool(measured and self.fewer is None)


class Race:
    """A race of the arms of a schedule.

    Parameters
    ----------
    scores : Scores
        Of the store that the fits go to.
    prices : Prices
        What arms cost.
    run : callable
        Called with tasks whose cells are not stored yet; when it returns they are.
    """

    def __init__(self, scores: Scores, prices: Prices, run: Callable[[Sequence[Task], int], None]):
        self.scores, self.prices, self._run = scores, prices, run
        self.schedule = scores.schedule
        self.sign = self.schedule.goal.sign
        self.entries: dict[str, Entry] = {}
        self.spent = 0.0
        self.left_out: list[str] = []
        self._counted: set[str] = set()  # cells whose price is spent

    def run(self) -> None:
        """Run all rounds; where it is broken off, the entries hold what was done."""
        self._baseline()
        self._treatments()
        self._repeats()

    # what arms cost

    def _room(self, share: float = 1.0) -> float:
        return share * (self.schedule.work_s - self.schedule.reserve_s) - self.spent

    def _cost(self, arms: Iterable[Arm], folds: int) -> float:
        return sum(folds * self.prices.cell(arm) for arm in arms)

    def _affordable(self, arms: Sequence[Arm], folds: int, share: float) -> list[Arm]:
        """Return the arms for which there is room, in their order."""
        found: list[Arm] = []
        for arm in arms:
            if self._cost([*found, arm], folds) <= self._room(share):
                found.append(arm)
        return found

    # fits

    def _measure(self, entries: Sequence[Entry], repeat: int, folds: Sequence[int]) -> set[str]:
        """Fit arms on folds of a repeat; return which failed; in the first repeat they are out."""
        cells = [Cell(entry.arm, repeat, fold) for fold in folds for entry in entries]
        self.spent += sum(self.prices.cell(c.arm) for c in cells if c.id not in self._counted)
        self._counted |= {cell.id for cell in cells}
        done, s = self.scores.store.done(), self.schedule
        staged = repeat == 0
        tasks = [
            Task(cell, s.n_folds, s.seed, stages=staged and cell.arm.plain)
            for cell in cells
            if cell.id not in done
        ]
        self._run(tasks, len(cells))
        refused = set()
        for entry in entries:
            metas = [self.scores.meta(Cell(entry.arm, repeat, fold)) for fold in folds]
            bad = [meta for meta in metas if meta["status"] != "ok"]
            if bad:
                refused.add(entry.arm.id)
            if bad and repeat == 0:
                entry.status = f"{bad[0]['status']}: {bad[0].get('why', '')}"
            elif not bad:
                entry.size_mb = float(np.mean([meta.get("size_mb", 0.0) for meta in metas]))
        return refused

    def _complete(self, entries: Sequence[Entry], repeat: int) -> None:
        """Fit arms on the folds of a repeat that are left, and value them."""
        entries = [each for each in entries if each.status == "ok" and each.repeats == repeat]
        refused = self._measure(entries, repeat, range(len(self.scores.folds(repeat))))
        for entry in entries:
            if entry.arm.id not in refused:
                entry.repeats = repeat + 1
                entry.value = self.scores.mean(entry.arm, entry.repeats)
                if repeat == 0 and entry.arm.plain:
                    self._choose_stage(entry)

    def _choose_stage(self, entry: Entry) -> None:
        """Let the best number of trees race in an arm's place: early stopping by held-out folds."""
        store, full = self.scores.store, entry.arm
        folds = range(len(self.scores.folds(0)))
        kept = store.read_cell(Cell(full, 0, 0).id)[1]
        stages = [n for n in stages_of(full.setting) if f"proba@{n}" in kept]
        values = {n: self.scores.value(self.scores.seen(full, 0, (), f"proba@{n}")) for n in stages}
        best = max(values, key=lambda n: (self.sign * values[n], -n), default=0)
        if not stages or not self.sign * values[best] >= self.sign * entry.value:
            return
        entry.fewer, share = at_stage(full, best), best / full.setting.params["n_estimators"]
        for fold in folds:
            meta, arrays = store.read_cell(Cell(full, 0, fold).id)
            cell = Cell(entry.fewer, 0, fold)
            told = {**meta, **cell.as_dict(), "seconds": 0.0, "size_mb": share * meta["size_mb"]}
            store.write_cell(cell.id, told, {"proba": arrays[f"proba@{best}"]})
        [fewer] = self._enter([entry.fewer])
        fewer.repeats, fewer.value, fewer.size_mb = 1, values[best], share * entry.size_mb

    def within_limits(self, arms: Sequence[Arm]) -> bool:
        """Say whether a model of these arms keeps the limits of size, latency and work."""
        s = self.schedule
        n = 1 if s.single else s.final_folds
        size = n * sum(self.entry(arm).size_mb for arm in arms)
        small = size <= s.max_size_mb and self.prices.row_ms(arms, n) <= s.max_row_ms
        return small and self.prices.final(arms) <= s.reserve_s

    # rounds

    def _baseline(self) -> None:
        arms = baseline_arms(self.schedule.learners)
        n = len(self.schedule.learners)
        self._complete(self._enter(arms[:n]), 0)
        if not self.plain:
            first = next(iter(self.entries.values()))
            with about("learners", "time_budget"):
                raise StoreError(f"The baseline could not be measured ({first.status}).")
        rank = {
            entry.arm.setting.learner: place for place, entry in enumerate(self.plain)
        }  # of those that refused, no further setting is tried
        depth: dict[str, int] = dict.fromkeys(self.schedule.learners, 0)
        order = []
        for arm in arms[n:]:
            learner = arm.setting.learner
            depth[learner] += 1
            if learner in rank:
                order.append((depth[learner] + rank[learner], rank[learner], arm))
        more = [arm for *_, arm in sorted(order, key=lambda each: each[:2])]
        tried = self._affordable(more, self.schedule.n_folds, _BASELINE_SHARE)
        self._complete(self._enter(tried), 0)
        if len(tried) < len(more):
            self.left_out.append(
                f"{len(more) - len(tried)} of {len(arms)} settings of the baseline"
            )

    def _enter(self, arms: Iterable[Arm], plain: Arm | None = None) -> list[Entry]:
        found = [Entry(arm, plain) for arm in arms]
        self.entries |= {entry.arm.id: entry for entry in found}
        return found

    @property
    def plain(self) -> list[Entry]:
        """The measured arms of the baseline, best first."""
        found = [e for e in self.entries.values() if e.plain is None and e.fine]
        return sorted(found, key=lambda entry: -self.sign * entry.value)

    @property
    def treated(self) -> list[Entry]:
        """The measured arms of treatments, the largest gain over their counterparts first."""
        found = [e for e in self.entries.values() if e.plain is not None and e.fine]
        return sorted(found, key=lambda entry: -self.gain(entry))

    def gain(self, entry: Entry, folds: Sequence[int] = ()) -> float:
        """Return what the treatment of an arm gains over its counterpart."""
        assert entry.plain is not None
        if not folds:
            return self.sign * (entry.value - self.entry(entry.plain).value)
        new, old = (self.scores.mean(arm, 1, folds) for arm in (entry.arm, entry.plain))
        return self.sign * (new - old)

    def entry(self, arm: Arm) -> Entry:
        """Return what became of an arm."""
        return next(e for e in self.entries.values() if e.arm.id == arm.id)

    def metas(self, entry: Entry) -> list[dict[str, Any]]:
        """Return the values of an arm's stored cells."""
        done = self.scores.store.done()
        cells = [
            Cell(entry.arm, repeat, fold)
            for repeat in range(self.schedule.most_repeats)
            for fold in range(len(self.scores.folds(repeat)))
        ]
        return [self.scores.meta(cell) for cell in cells if cell.id in done]

    def _leads(self, tried: Candidate) -> list[Arm]:
        """Return the best arms of the learners that lead, on which a treatment can stand."""
        best = {entry.arm.setting.learner: entry.arm for entry in reversed(self.plain)}
        found = [entry.arm for entry in self.plain if best[entry.arm.setting.learner] is entry.arm]
        found = [arm for arm in found if tried.settings(arm.setting)]
        return found[: _LEADS if tried.use.learners else 1]

    def _entrants(self) -> list[tuple[Arm, Arm]]:
        """Return treated arms with their counterparts: all first choices, then the second ones."""
        order = []
        names = self.schedule.candidates[1:]
        for name in names:
            tried = candidate(name)
            for i, lead in enumerate(self._leads(tried)):
                for j, setting in enumerate(tried.settings(lead.setting)):
                    pair = Arm(name, setting), counterpart(tried, setting, lead.setting)
                    order.append((i + j, i, names.index(name), pair))
        return [pair for *_, pair in sorted(order, key=lambda each: each[:3])]

    def _treatments(self) -> None:
        pairs = self._entrants()
        n_folds = len(self.scores.folds(0))
        forward = self.scores.rows.design.kind == "time"
        probe = PROBE_FOLDS if n_folds > 3 and not forward else tuple(range(n_folds))
        firsts = {arm.candidate: arm for arm, _ in reversed(pairs)} if self.schedule.asked else {}
        asked = [pair for pair in pairs if firsts.get(pair[0].candidate) is pair[0]]
        others = [pair for pair in pairs if pair not in asked]
        fitting = self._affordable([arm for arm, _ in others], len(probe), _PROBE_SHARE)
        tried = asked + [pair for pair in others if pair[0] in fitting]
        for tested in {plain.id: plain for _, plain in tried}.values():
            if not any(e.arm.id == tested.id for e in self.entries.values()):
                self._complete(self._enter([tested]), 0)  # a counterpart that was none of the pool
        entries = [entry for arm, plain in tried for entry in self._enter([arm], plain)]
        entries = [entry for entry in entries if entry.plain and self.entry(entry.plain).fine]
        self._measure(entries, 0, probe)
        entries = [entry for entry in entries if entry.status == "ok"]
        entries.sort(key=lambda entry: -self.gain(entry, probe))
        going = self._survivors(entries, n_folds - len(probe), {arm.id for arm, _ in asked}, probe)
        self._complete(going, 0)
        absent = set(self.schedule.candidates[1:]) - {arm.candidate for arm, _ in tried}
        if absent:
            self.left_out.append(f"treatments: {', '.join(sorted(absent))}")
        if len(tried) < len(pairs):
            self.left_out.append(
                f"{len(pairs) - len(tried)} of {len(pairs)} settings of treatments"
            )

    def _survivors(
        self, entries: Sequence[Entry], folds: int, asked: set[str], probe: Sequence[int]
    ) -> list[Entry]:
        """Return who goes on to all folds: the better half and every gain, while there is room."""
        found: list[Entry] = []
        names: set[str] = set()
        half = -(-len({entry.arm.candidate for entry in entries}) // 2)
        for entry in entries:  # the largest gain first
            gain, name = self.gain(entry, probe), entry.arm.candidate
            cost = self._cost([each.arm for each in [*found, entry]], folds)
            hopeful = gain > 0 or (name not in names and len(names) < half)
            if entry.arm.id in asked or (hopeful and cost <= self._room()):
                found.append(entry)
                names.add(name)
            else:
                why = "there was no time for more" if hopeful else "it was behind"
                entry.dropped = (
                    f"{why}: on {len(probe)} folds its {self.schedule.goal.metric.title} differed "
                    f"by {self.sign * gain:+.3g} from that of the same learner without it"
                )
        return found

    def _repeats(self) -> None:
        """Repeat the cross-validation for the arms between which the choice lies."""
        best = [entry for entry in self.treated if self.gain(entry) > 0][:CONTENDERS]
        again = self.plain[:CONTENDERS]
        for repeat in range(1, self.schedule.most_repeats):
            beside = [self.entry(entry.plain) for entry in best if entry.plain]
            group = list({e.arm.id: e for e in [*again, *best, *beside]}.values())
            if self._cost([e.arm for e in group], self.schedule.n_folds) > self._room():
                if len(again) + len(best) <= 2:
                    break
                again, best = again[:1], best[:1]
                group = list(
                    {e.arm.id: e for e in [*again, *best, *map(self.entry, _plains(best))]}.values()
                )
                if self._cost([e.arm for e in group], self.schedule.n_folds) > self._room():
                    break
            self._complete(group, repeat)


def _plains(entries: Sequence[Entry]) -> list[Arm]:
    return [entry.plain for entry in entries if entry.plain is not None]
