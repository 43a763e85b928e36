"""From a race to evidence and to a choice: two questions, answered apart.

Is a treatment proven to help? Each is tested against the same learner without it, family-wise.
Which model is shipped? The one with the best expected value of the goal, the simplest within noise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rarebird.metrics.significance import Difference

from .candidates import BASELINE, Arm, all_candidates, candidate
from .choose import Choice, choose
from .race import Entry, Race
from .report.content import CandidateRow
from .scores import Seen
from .tester import Tester

LEVEL = 0.01  # family-wise: of treatments that do not help, one is called proven so rarely


@dataclass(frozen=True)
class Comparison:
    """What the race says."""

    rows: tuple[CandidateRow, ...]
    choice: Choice
    evidence: Mapping[str, str]  # of each treatment
    detectable: float | None  # the gain that would have been proven in 4 of 5 cases
    cells: list[dict[str, Any]]
    left_out: tuple[str, ...]


def compare(race: Race, tester: Tester) -> Comparison:
    """Test every treatment against its counterpart and the baseline, and choose what to ship."""
    scores, schedule = race.scores, race.schedule
    baseline = race.plain[0]

    def seen(arm: Arm, repeats: int) -> list[Seen]:
        return [scores.seen(arm, r) for r in range(repeats)]

    def pairs(with_what: Any) -> list[tuple[list[Seen], list[Seen]]]:
        found = []
        for entry in race.treated:
            other = with_what(entry)
            n = min(entry.repeats, other.repeats)
            found.append((seen(entry.arm, n), seen(other.arm, n)))
        return found

    entered = sum(e.plain is not None and e.status == "ok" for e in race.entries.values())
    effects = tester.differences(pairs(lambda e: race.entry(e.plain)), entered=entered)
    to_baseline = tester.differences(pairs(lambda e: baseline), entered=entered)
    of = {
        e.arm.id: pair
        for e, pair in zip(race.treated, zip(effects, to_baseline, strict=True), strict=True)
    }
    choice = choose(race, tester, {key: difference for key, (_, difference) in of.items()})
    rows, evidence = [], {}
    for name in schedule.candidates:
        mine = [e for e in race.entries.values() if e.arm.candidate == name]
        lead = _lead(race, mine, choice)
        effect, difference = of.get(lead.arm.id, (None, None)) if lead else (None, None)
        if name != BASELINE and lead is not None and lead.fine:
            evidence[name] = _word(effect, race.sign) if effect else "none"
        rows.append(_row(race, name, lead, mine, effect, difference, evidence.get(name, "")))
    left_out = list(race.left_out)
    if choice.too_large:
        names = "; ".join(choice.too_large)
        left_out.append(f"not shipped, beyond the limits of size, latency or time: {names}")
    order = [each.name for each in all_candidates()]
    rows.sort(key=lambda row: order.index(row.name))
    return Comparison(
        tuple(rows), choice, evidence, _detectable(effects), _cells(race), tuple(left_out)
    )


def _word(effect: Difference, sign: float) -> str:
    """Return the evidence for a treatment in a word, which its 95% interval never contradicts."""
    low, high = sorted((sign * effect.low, sign * effect.high))
    if low > 0:
        return "proven" if effect.p_adjusted < LEVEL else "likely"
    return "harmful" if high < 0 else "none"


def _lead(race: Race, mine: Sequence[Entry], choice: Choice) -> Entry | None:
    """Return the arm that stands for a candidate: the shipped one, or the best measured."""
    shipped = [e for e in mine if len(choice.arms) == 1 and e.arm == choice.arms[0]]
    fine = sorted((e for e in mine if e.fine), key=lambda e: -race.sign * e.value)
    return next(iter([*shipped, *fine, *mine]), None)


def _row(
    race: Race,
    name: str,
    lead: Entry | None,
    mine: Sequence[Entry],
    effect: Difference | None,
    difference: Difference | None,
    evidence: str,
) -> CandidateRow:
    tried, scores = candidate(name), race.scores
    role = "control" if tried.use.control_for else "treatment"
    metas = [m for e in mine for m in race.metas(e)]
    value = lead.value if lead is not None and lead.fine else None
    tuned = None
    if value is not None and lead is not None and race.schedule.goal.tunes_threshold:
        repeats = [scores.seen(lead.arm, r) for r in range(lead.repeats)]
        untuned = np.mean([scores.value(each, untuned=True) for each in repeats])
        tuned = float(race.sign * (value - untuned))
    return CandidateRow(
        name=name,
        title=tried.card.label,
        role=BASELINE if name == BASELINE else role,
        summary=tried.card.summary,
        place=tried.card.place,
        config=str(lead.arm.setting) if lead else "",
        status=lead.status if lead else "not run: the time budget does not allow it",
        value=value,
        difference=difference,
        evidence=evidence,
        effect=effect,
        repeats=lead.repeats if lead else 0,
        dropped="" if value is not None or lead is None else lead.dropped,
        tuned_gain=tuned,
        seconds=float(sum(m.get("seconds", 0.0) for m in metas)),
        memory_mb=float(max((m.get("memory_mb", 0.0) for m in metas), default=0.0)),
        fits=sum(m["status"] == "ok" for m in metas),
    )


def _detectable(effects: Sequence[Difference | None]) -> float | None:
    """Return the gain that the test would have proven in 4 of 5 cases, for a typical treatment."""
    from scipy.stats import t

    known = [e for e in effects if e is not None and e.standard_error > 0]
    if not known:
        return None
    each = [e.standard_error * (t.isf(LEVEL / len(known), e.df) + t.isf(0.2, e.df)) for e in known]
    return float(np.median(each))


def _cells(race: Race) -> list[dict[str, Any]]:
    """Return a row for each stored fit, with the goal's metric on its fold."""
    found = []
    for entry in race.entries.values():
        for meta in race.metas(entry):
            told = {key: value for key, value in meta.items() if key not in ("id", "memory_mb")}
            value = None
            if meta["status"] == "ok" and meta["repeat"] < entry.repeats:
                seen = race.scores.seen(entry.arm, meta["repeat"])
                value = race.scores.value(seen, fold=meta["fold"])
            found.append({**told, "value": value})
    return found
