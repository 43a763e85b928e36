"""From the comparison to a conclusion: fit the baseline and the chosen one, measure both once."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from rarebird.diagnose.check import Check
from rarebird.diagnose.evidence import needed_positives
from rarebird.diagnose.label_noise import label_noise_check

from .candidates import BASELINE
from .compare import Comparison
from .final import final_fit, study_model
from .fit import Fitted
from .goal import Goal
from .model import StudyModel
from .outcome import TestSet, class_table, curves, importance, measured, mistakes, outcome, paired
from .prepare import Prepared
from .report.content import FewRows, Results
from .report.slider import make_slider
from .schedule import Schedule
from .summary import Conclusion, threshold_of, verdict_of


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
    schedule: Schedule,
    found: Comparison,
    *,
    n_jobs: int,
    progress: Callable[[str, int, int], None],
) -> Conclusion:
    """Fit the baseline and the chosen one as they will be used, and measure both once.

    The test set is looked at here for the first time.
    """
    goal, part = schedule.goal, ready.rows.take(ready.train)
    test = ready.rows.take(ready.test)
    test = test.take(np.flatnonzero(~np.isin(test.y, ready.unassessed)))
    on_test = goal.on(test.costs)
    names = [BASELINE] + ([found.chosen] if found.chosen else [])
    rows = {row.name: row for row in found.rows}
    fits: dict[str, Fitted] = {}
    models: dict[str, StudyModel] = {}
    seen: dict[str, TestSet] = {}
    for i, name in enumerate(names):
        progress("fitting the final model", i, len(names))
        fits[name] = final_fit(name, rows[name].config, schedule, part, n_jobs)
        rows[name] = replace(rows[name], config=str(fits[name].setting))
        models[name] = study_model(fits[name].model, ready, goal)
        proba = models[name].model.predict_proba(test.X)
        predicted = models[name].decision.act(proba, context=on_test.context).codes
        seen[name] = TestSet(test.y, proba, predicted, schedule.seed, test.costs)
    progress("measuring", 0, 1)
    final = names[-1]
    model, decided = models[final], fits[final].model
    baseline = measured(on_test, seen[BASELINE])
    if found.chosen:
        again = paired(on_test, seen[final], seen[BASELINE])
        rows[final] = replace(rows[final], test_difference=again)
    threshold = threshold_of(model.decision)
    scores = decided.oof_proba_, decided.oof_y_, decided.oof_weight_
    if goal.counts_alerts:  # what is shipped decides on whole files
        model.model.decision_ = goal.decision(len(ready.classes), whole=True).fit(*scores)
    of_baseline = fits[BASELINE].model
    noise = label_noise_check(of_baseline.oof_proba_, of_baseline.oof_y_, classes=ready.classes)
    checks: list[Check] = [*ready.checks, *([noise] if noise else [])]
    verdict = verdict_of(
        ready,
        goal,
        checks,
        decision=model.decision,
        chosen=found.chosen,
        test=measured(on_test, seen[final]) if found.chosen else baseline,
        baseline=baseline,
        difference=rows[final].difference,
    )
    results = Results(
        verdict=verdict,
        candidates=tuple(rows.values()),
        importance=importance(model, on_test, test, schedule.seed),
    )
    if len(ready.classes) > 2:
        results = replace(results, per_class=class_table(on_test, seen[final], ready.classes))
        return Conclusion(results, model, found.cells)
    proba, y, weight = scores
    costs = mistakes(goal.cost)
    if test.costs is not None:  # each row has its own threshold
        costs = threshold = None
    results = replace(
        results,
        curves=curves(seen[final], seen[BASELINE] if found.chosen else None, goal.cost),
        outcome=outcome(seen[final], goal.cost, threshold),
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
