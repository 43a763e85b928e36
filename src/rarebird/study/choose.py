"""Which model a study ships: the best expected value of the goal, the simplest within noise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rarebird.metrics.significance import Difference

from .candidates import Arm
from .race import Entry, Race
from .scores import Seen, blended
from .tester import Tester

TREATMENT_ERRORS = 1.0  # standard errors by which a treatment must do better than the baseline
MOST_BLENDED = 3  # learners of a blend


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


def choose(race: Race, tester: Tester, to_baseline: Mapping[str, Difference | None]) -> Choice:
    """Choose between the best arm of the baseline, the best treated one and a blend.

    A treatment is shipped where it gains more over the baseline than one standard error of the
    difference. The blend is the mean of it with the best arms of the other learners that lead; it
    is shipped where it does as well out of fold as the single model; what that brought on tables
    for tuning is in docs/guides/is-the-baseline-enough.md. Arms beyond the limits of size, latency
    and work are left out.
    """
    plain = [entry for entry in race.plain if race.within_limits([entry.arm])]
    beyond = [entry.arm.id for entry in race.plain if entry not in plain]
    if not plain:  # nothing keeps them: the one that is fitted soonest
        plain = sorted(race.plain, key=lambda entry: race.prices.final([entry.arm]))[:1]
    best = plain[0]
    for entry in race.treated:
        difference = to_baseline.get(entry.arm.id)
        if difference is None or not race.within_limits([entry.arm]):
            continue
        gain = race.sign * difference.value
        ahead = race.sign * (entry.value - best.value) > 0
        if ahead and gain > TREATMENT_ERRORS * difference.standard_error:
            best = entry
    members = [best]
    for entry in plain:
        learners = {each.arm.setting.learner for each in members}
        more = entry.arm.setting.learner not in learners and len(members) < MOST_BLENDED
        if more and race.within_limits([each.arm for each in [*members, entry]]):
            members.append(entry)
    choice = _choice(race, members[:1], best.repeats)
    for n in range(len(members), 1, -1):
        repeats = min(entry.repeats for entry in members[:n])
        blend, single = _choice(race, members[:n], repeats), _choice(race, [best], repeats)
        if race.sign * (blend.value - single.value) >= 0:
            choice = blend
            break
    return replace(choice, too_large=tuple(beyond))


def _choice(race: Race, entries: Sequence[Entry], repeats: int) -> Choice:
    scores, goal = race.scores, race.schedule.goal
    arms, seen = [entry.arm for entry in entries], []
    for repeat in range(repeats):
        parts = [scores.seen(arm, repeat) for arm in arms]
        if len(parts) == 1:
            seen += parts
            continue
        forward = scores.rows.design.kind == "time"
        seen.append(blended(parts, goal, scores.rows, forward=forward))
    value = sum(scores.value(each) for each in seen) / len(seen)
    return Choice(tuple(arms), float(value), tuple(seen))
