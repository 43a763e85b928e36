"""Which model a study ships: the best expected value of the goal, the simplest within noise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rarebird.metrics.significance import Difference

from .candidates import Arm
from .race import Entry, Race
from .scores import Seen, blended

if TYPE_CHECKING:
    from .compare import Tester

# In standard errors of the difference: what a treatment and a blend must gain over what is simpler.
TREATMENT_ERRORS = 1.0
BLEND_ERRORS = 1.0
MOST_BLENDED = 3


@dataclass(frozen=True)
class Choice:
    """What is shipped: an arm, or the mean of several."""

    arms: tuple[Arm, ...]
    value: float  # of the goal's metric, out of fold
    seen: tuple[Seen, ...]  # a repeat each
    too_large: tuple[str, ...] = ()  # arms that would have been better, beyond the limits

    @property
    def treatment(self) -> str | None:
        """The card name of the treatment, where the model has one."""
        return next((arm.candidate for arm in self.arms if not arm.plain), None)


def choose(race: Race, tester: "Tester", to_baseline: Mapping[str, Difference | None]) -> Choice:
    """Choose between the best arm of the baseline, the best treated one and a blend.

    A treatment is shipped where it gains more over the baseline than one standard error of the
    difference, and a blend likewise over the better of the two. Arms beyond the limits of size and
    latency are left out.
    """
    plain = [entry for entry in race.plain if race.within_limits([entry.arm])]
    beyond = [entry.arm.id for entry in race.plain if entry not in plain]
    if not plain:  # nothing fits: the smallest
        plain = sorted(race.plain, key=lambda entry: entry.size_mb)[:1]
    best = plain[0]
    for entry in race.treated:
        difference = to_baseline.get(entry.arm.id)
        if difference is None or not race.within_limits([entry.arm]):
            continue
        gain = race.sign * difference.value
        ahead = race.sign * (entry.value - best.value) > 0
        if ahead and gain > TREATMENT_ERRORS * difference.standard_error:
            best = entry
    single = _choice(race, [best.arm], best.repeats)
    members = _members(race, best)
    if len(members) < 2:
        return Choice(single.arms, single.value, single.seen, tuple(beyond))
    repeats = min(entry.repeats for entry in members)
    blend = _choice(race, [entry.arm for entry in members], repeats)
    [difference] = tester.differences([(blend.seen, single.seen[:repeats])])
    gain = race.sign * difference.value if difference else 0.0
    if difference and gain > BLEND_ERRORS * difference.standard_error:
        single = blend
    return Choice(single.arms, single.value, single.seen, tuple(beyond))


def _choice(race: Race, arms: Sequence[Arm], repeats: int) -> Choice:
    scores, goal = race.scores, race.schedule.goal
    seen = []
    for repeat in range(repeats):
        parts = [scores.seen(arm, repeat) for arm in arms]
        if len(parts) == 1:
            seen += parts
            continue
        forward = scores.rows.design.kind == "time"
        seen.append(blended(parts, goal, scores.rows, forward=forward))
    value = sum(scores.value(each) for each in seen) / len(seen)
    return Choice(tuple(arms), float(value), tuple(seen))


def _members(race: Race, best: Entry) -> list[Entry]:
    """Select arms for a blend one by one, by the value of their mean out of fold."""
    pool = {best.arm.id: best}
    for entry in [*race.plain, *race.treated]:  # the best arm of each learner and treatment
        kind = (entry.arm.candidate, entry.arm.setting.learner)
        if all((e.arm.candidate, e.arm.setting.learner) != kind for e in pool.values()):
            pool[entry.arm.id] = entry
    found, value = [best], _choice(race, [best.arm], 1).value
    while len(found) < MOST_BLENDED:
        tried = {}
        for entry in pool.values():
            arms = [each.arm for each in found] + [entry.arm]
            if entry not in found and race.within_limits(arms):
                tried[entry.arm.id] = _choice(race, arms, 1).value
        name = max(tried, key=lambda each: race.sign * tried[each], default="")
        if not name or race.sign * (tried[name] - value) <= 0:
            break
        found.append(pool[name])
        value = tried[name]
    return found
