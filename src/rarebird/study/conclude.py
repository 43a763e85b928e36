"""From the comparison to a conclusion: fit the baseline and the chosen one, measure both once."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from rarebird._random import seed_of
from rarebird.diagnose.check import Check
from rarebird.diagnose.evidence import needed_positives
from rarebird.diagnose.label_noise import label_noise_check

from .candidates import BASELINE, candidate
from .compare import Comparison
from .fit import Fitted, fit_candidate, fit_estimator
from .goal import Goal
from .model import StudyModel
from .outcome import TestSet, class_table, curves, importance, measured, mistakes, outcome, paired
from .prepare import Prepared
from .report.content import FewRows, Results
from .report.slider import make_slider
from .rows import Rows
from .schedule import Schedule
from .summary import Conclusion, verdict_of

_THREAD_ROWS = 50_000  # smaller fits lose more by waiting for threads than they gain


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


def _refit(name: str, config: str, schedule: Schedule, part: Rows, n_jobs: int) -> Fitted:
    """Tune, calibrate and decide, and fit on all training rows.

    The setting is tuned on the schedule's ``refit_cap`` rows (where the cells saw as many, it is
    ``config``, what most of them chose); calibrator and decision come from out-of-fold scores on
    its ``final_cap`` rows: those of models that learn from far fewer rows than the final one would
    not fit it.
    """
    tried, seed = candidate(name), seed_of(schedule.seed, "refit", name)
    settings = tried.settings(schedule.effort)

    def fit(cap: int) -> Fitted:
        rows = part.capped(cap, schedule.seed)
        return fit_candidate(
            tried,
            settings,
            rows,
            schedule.goal,
            n_inner=schedule.n_inner,
            seed=seed,
            threads=_threads(rows, n_jobs),
            n_boot=200,
        )

    if schedule.refit_cap > schedule.row_cap:
        fitted = fit(schedule.refit_cap)
        settings = [fitted.setting]
        if schedule.refit_cap < schedule.final_cap:
            fitted = fit(schedule.final_cap)
    else:
        settings = [setting for setting in settings if str(setting) == config]
        fitted = fit(schedule.final_cap)
    if schedule.final_cap >= len(part.y):
        return fitted
    model = tried.build(
        fitted.setting,
        categorical=part.categorical,
        seed=seed_of(seed, str(fitted.setting)),
        threads=_threads(part, n_jobs),
    )
    return replace(fitted, estimator=fit_estimator(model, part), n_fits=fitted.n_fits + 1)


def _threads(rows: Rows, n_jobs: int) -> int:
    return n_jobs if len(rows.y) > _THREAD_ROWS else 1


def _model(fitted: Fitted, part: Rows, ready: Prepared) -> StudyModel:
    prior = np.bincount(part.y, minlength=len(ready.classes)) / len(part.y)
    keys = ("name", "kind", "dtype", "format")
    return StudyModel(
        columns=[
            {**{key: getattr(c, key) for key in keys}, "levels": list(c.levels)}
            for c in ready.profile.columns
            if c.used
        ],
        target=ready.profile.target,
        classes=ready.classes,
        estimator=fitted.estimator,
        calibrator=fitted.calibrator,
        decision=fitted.decision,
        training_prior=prior.tolist(),
        oof_y=fitted.oof_y,
        oof_proba=fitted.oof_proba,
        oof_weight=fitted.oof_weight,
    )


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
    names = [BASELINE] + ([found.chosen] if found.chosen else [])
    rows = {row.name: row for row in found.rows}
    fits: dict[str, Fitted] = {}
    models: dict[str, StudyModel] = {}
    seen: dict[str, TestSet] = {}
    for i, name in enumerate(names):
        progress("fitting the final model", i, len(names))
        fits[name] = _refit(name, rows[name].config, schedule, part, n_jobs)
        rows[name] = replace(rows[name], config=str(fits[name].setting))
        models[name] = _model(fits[name], part, ready)
        proba = models[name].proba_of_matrix(test.X)
        predicted = models[name].decision.predict(proba)
        seen[name] = TestSet(test.y, proba, predicted, schedule.seed)
    progress("measuring", 0, 1)
    final = names[-1]
    model, fitted = models[final], fits[final]
    baseline = measured(goal, seen[BASELINE])
    if found.chosen:
        again = paired(goal, seen[final], seen[BASELINE])
        rows[final] = replace(rows[final], test_difference=again)
    threshold = fitted.decision.state().get("threshold_")
    if goal.counts_alerts:  # what is shipped decides on whole files
        whole = goal.decision(len(ready.classes), whole=True)
        model.decision = whole.fit(fitted.oof_proba, fitted.oof_y, fitted.oof_weight)
    noise = label_noise_check(fits[BASELINE].oof_proba, fits[BASELINE].oof_y, classes=ready.classes)
    checks: list[Check] = [*ready.checks, *([noise] if noise else [])]
    verdict = verdict_of(
        ready,
        goal,
        checks,
        decision=model.decision,
        chosen=found.chosen,
        test=measured(goal, seen[final]) if found.chosen else baseline,
        baseline=baseline,
        difference=rows[final].difference,
    )
    results = Results(
        verdict=verdict,
        candidates=tuple(rows.values()),
        importance=importance(model, goal, test.X, test.y, schedule.seed),
    )
    if len(ready.classes) > 2:
        results = replace(results, per_class=class_table(goal, seen[final], ready.classes))
        return Conclusion(results, model, found.cells)
    results = replace(
        results,
        curves=curves(seen[final], seen[BASELINE] if found.chosen else None, goal.cost),
        outcome=outcome(seen[final], goal.cost, threshold),
        slider=make_slider(
            fitted.oof_proba[:, 1],
            fitted.oof_y,
            fitted.oof_weight,
            threshold=threshold,
            prior=model.training_prior[1],
            costs=mistakes(goal.cost),
        ),
    )
    return Conclusion(results, model, found.cells)
