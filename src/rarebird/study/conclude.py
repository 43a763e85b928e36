"""From the comparison to a conclusion: measure the choice once, then fit what is shipped."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from rarebird.decide.decided_classifier import DecidedClassifier
from rarebird.diagnose.check import Check
from rarebird.diagnose.evidence import needed_positives
from rarebird.diagnose.label_noise import label_noise_check

from .candidates import BASELINE, Arm
from .class_outcome import many_class_results
from .compare import Comparison
from .final import Workshop, study_model
from .goal import Goal
from .outcome import TestSet, class_table, curves, importance, measured, mistakes, outcome, paired
from .prepare import Prepared
from .race import Race
from .report.content import FewRows, Part, Results, Shipped
from .report.slider import make_slider
from .scores import Seen
from .summary import Conclusion, threshold_of, verdict_of
from .tester import Tester
from .worth import NoModel, headline_of, worth_of


def too_few_rows(ready: Prepared, goal: Goal) -> Conclusion:
    """Return the conclusion where no method can be chosen and measured."""
    counts = np.bincount(ready.rows.y[ready.train], minlength=2)
    code = int(np.argmin(counts))
    label, n = str(ready.classes[code]), int(counts[code])
    few = FewRows(
        message=ready.few,
        can_see=(
            f"{len(ready.train):,} rows, {n} of them {label!r}",
            *(check.message for check in ready.checks if check.code in ("RB003", "RB005")),
        ),
        cannot_learn=(
            "whether any treatment helps",
            "how good a model would be on new rows",
            "a threshold, or true probabilities",
        ),
        needed=max(0, needed_positives() - n),
    )
    return Conclusion(Results(verdict=verdict_of(ready, goal, ready.checks), few=few))


def conclude(
    ready: Prepared,
    race: Race,
    tester: Tester,
    found: Comparison,
    shop: Workshop,
    *,
    whole: bool,
    ended: str,
    progress: Callable[[str, int, int], None],
) -> Conclusion:
    """Fit the baseline and the choice on the training set, measure both once, and ship.

    The test set is looked at here for the first time. With ``whole`` the choice is fitted once
    more, on all rows; what is measured stays what it was.
    """
    schedule, goal = race.schedule, race.schedule.goal
    part, seed = ready.rows.take(ready.train), schedule.seed
    test = ready.rows.take(ready.test)
    test = test.take(np.flatnonzero(~np.isin(test.y, ready.unassessed)))
    on_test = goal.on(test.costs)
    arms, plain = found.choice.arms, (race.plain[0].arm,)

    def fitted(which: Sequence[Arm]) -> tuple[DecidedClassifier, TestSet]:
        folds = schedule.final_folds if schedule.single else schedule.n_folds
        model = shop.model(which, part, which="training", single=schedule.single, folds=folds)
        proba = model.predict_proba(test.X)
        predicted = model.decision_.act(proba, context=on_test.context).codes
        groups = None if test.design.kind == "time" else test.design.key
        return model, TestSet(test.y, proba, predicted, seed, test.costs, groups)

    progress("fitting the model to measure", 0, 1)
    decided, seen = fitted(arms)
    base, base_seen = (decided, seen) if arms == plain else fitted(plain)
    progress("measuring", 0, 1)
    worth, none = worth_of(tester, found, seen, goal, sum(e.fine for e in race.entries.values()))
    measured_model = study_model(decided, ready, goal)
    drivers = importance(measured_model, on_test, test, seed)
    shipped = decided
    if whole:
        progress("fitting the final model", 0, 1)
        everything = ready.rows
        folds = schedule.final_folds
        shipped = shop.model(arms, everything, which="all", single=schedule.single, folds=folds)
    model = study_model(shipped, ready, goal)
    threshold = threshold_of(model.decision)
    scores = shipped.oof_proba_, shipped.oof_y_, shipped.oof_weight_
    if goal.counts_alerts:  # what is shipped decides on whole files
        model.model.decision_ = goal.decision(len(ready.classes), whole=True).fit(*scores)
    rows = {row.name: row for row in found.rows}
    name = found.choice.treatment or BASELINE
    if arms != plain and name != BASELINE:
        rows[name] = replace(rows[name], test_difference=paired(on_test, seen, base_seen))
    noise = label_noise_check(base.oof_proba_, base.oof_y_, classes=ready.classes)
    checks: list[Check] = [*ready.checks, *([noise] if noise else [])]
    own, rare = tester.scores, int(np.bincount(part.y)[np.bincount(part.y) > 0].min())
    flat = own.value(_constant(found.choice.seen[0], none))
    verdict = verdict_of(
        ready,
        goal,
        checks,
        decision=model.decision,
        prior=model.model.training_prior_,
        headline=headline_of(worth, found, found.choice.value, flat, rare),
        worth=worth,
        shipped=_shipped(race, arms, ready, whole),
        chosen=found.choice.treatment,
        evidence=found.evidence,
        test=measured(on_test, seen),
        baseline=measured(on_test, base_seen),
        difference=rows[name].difference if name != BASELINE else None,
    )
    results = Results(
        verdict=verdict,
        candidates=tuple(rows.values()),
        importance=drivers,
        detectable=found.detectable,
        left_out=found.left_out,
        ended=ended,
    )
    if len(ready.classes) > 2:
        results = replace(
            results,
            per_class=class_table(on_test, seen, ready.classes),
            many=many_class_results(seen, ready.classes, scores),
        )
        return Conclusion(results, model, found.cells)
    proba, y, weight = scores
    costs = mistakes(goal.cost)
    at = threshold_of(decided.decision_)  # of the model that is measured
    if test.costs is not None:  # each row has its own threshold
        costs = threshold = at = None
    results = replace(
        results,
        curves=curves(seen, base_seen if arms != plain else None, goal.cost),
        outcome=outcome(seen, goal.cost, at),
        slider=make_slider(
            proba[:, 1],
            y,
            weight,
            threshold=threshold,
            prior=float(model.model.training_prior_[1]),
            costs=costs,
        ),
    )
    return Conclusion(results, model, found.cells)


def _constant(seen: Seen, none: NoModel) -> Seen:
    n = len(seen.rows)
    return replace(seen, proba=none.proba(n), predicted=np.full(n, none.code))


def _shipped(race: Race, arms: Sequence[Arm], ready: Prepared, whole: bool) -> Shipped:
    s = race.schedule
    each = 1 if s.single else (s.final_folds if whole else s.n_folds)
    rows = len(ready.rows.y) if whole else len(ready.train)
    return Shipped(
        parts=tuple(
            Part(
                learner=arm.setting.learner,
                treatment=None if arm.plain else arm.candidate,
                setting=str(arm.setting),
                weight=1 / len(arms),
            )
            for arm in arms
        ),
        models=each * len(arms),
        rows=min(rows, s.final_cap) if s.final_cap < s.n_rows else rows,
        whole=whole,
        size_mb=round(each * sum(race.entry(arm).size_mb for arm in arms), 2),
        row_ms=round(race.prices.row_ms(arms, each), 3),
        limit_mb=s.max_size_mb,
        limit_ms=s.max_row_ms,
    )
