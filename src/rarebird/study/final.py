"""The model that a study writes: tuned, calibrated and decided on as many rows as time allows."""

from dataclasses import replace

from rarebird._random import seed_of
from rarebird.decide.decided_classifier import DecidedClassifier

from .candidates import candidate
from .fit import Fitted, decided, fit_candidate
from .goal import Goal
from .model import StudyModel
from .prepare import Prepared
from .rows import Rows, cap_rows
from .schedule import Schedule

_N_BOOT = 200  # replicates for the interval of a threshold
_THREAD_ROWS = 50_000  # smaller fits lose more by waiting for threads than they gain


def final_fit(name: str, config: str, schedule: Schedule, part: Rows, n_jobs: int) -> Fitted:
    """Tune, calibrate and decide, and fit on all training rows.

    The setting is tuned on the schedule's ``refit_cap`` rows (where the cells saw as many, it is
    ``config``, what most of them chose); calibrator and decision come from out-of-fold scores on
    its ``final_cap`` rows: those of models that learn from far fewer rows than the final one would
    not fit it.
    """
    tried, seed = candidate(name), seed_of(schedule.seed, "refit", name)
    settings = tried.settings(schedule.effort)

    def how(rows: Rows) -> dict[str, int]:
        threads = n_jobs if len(rows.y) > _THREAD_ROWS else 1
        return {"seed": seed, "threads": threads, "n_boot": _N_BOOT}

    def fit(cap: int) -> Fitted:
        rows = part.capped(cap, schedule.seed)
        inner = schedule.n_inner
        return fit_candidate(tried, settings, rows, schedule.goal, n_inner=inner, **how(rows))

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
    numbers = cap_rows(part.y, schedule.final_cap, schedule.seed)[0]
    scores = replace(fitted.scores, rows=numbers[fitted.scores.rows])
    model = decided(tried, fitted.setting, part, schedule.goal, scores, **how(part))
    return Fitted(model, fitted.setting, scores, fitted.n_fits + 1)


def study_model(model: DecidedClassifier, ready: Prepared, goal: Goal) -> StudyModel:
    """Return the model from the user's table to labels around one from the matrix to codes."""
    keys = ("name", "kind", "dtype", "format")
    return StudyModel(
        columns=[
            {**{key: getattr(c, key) for key in keys}, "levels": list(c.levels)}
            for c in ready.profile.columns
            if c.used
        ],
        target=ready.profile.target,
        classes=ready.classes,
        model=model.fitted(),
        costs=None if goal.columns is None else [list(row) for row in goal.columns.cells],
    )
