"""One candidate, fitted the way it will be used: tune, average, correct, calibrate, decide."""

import warnings
from dataclasses import dataclass

import numpy as np

from rarebird._errors import DataError
from rarebird._random import seed_of
from rarebird.decide.bias_corrected_temperature import BiasCorrectedTemperature
from rarebird.decide.cross_fitting import OutOfFold, out_of_fold
from rarebird.decide.decided_classifier import DecidedClassifier

from .candidates import Candidate, Setting
from .goal import Goal
from .rows import Rows


@dataclass(frozen=True)
class Fitted:
    """A candidate ready for use."""

    model: DecidedClassifier  # of class codes
    setting: Setting  # what tuning chose
    scores: OutOfFold  # of the estimator alone, before calibration
    n_fits: int  # estimators fitted on the way


def decided(
    candidate: Candidate,
    setting: Setting,
    rows: Rows,
    goal: Goal,
    scores: OutOfFold,
    *,
    seed: int,
    threads: int = 1,
    n_boot: int = 0,
) -> DecidedClassifier:
    """Fit a setting on all rows, with calibrator and decision from out-of-fold scores."""
    estimator = candidate.build(
        setting, categorical=rows.categorical, seed=seed_of(seed, str(setting)), threads=threads
    )
    decision = goal.decision(rows.n_classes, n_boot=n_boot)
    model = DecidedClassifier(estimator, decision, calibrator=BiasCorrectedTemperature())
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        return model.fit(rows.X, rows.y, rows.weight, oof=scores)


def fit_candidate(
    candidate: Candidate,
    settings: list[Setting],
    rows: Rows,
    goal: Goal,
    *,
    n_inner: int,
    seed: int,
    threads: int = 1,
    n_boot: int = 0,
) -> Fitted:
    """Tune, calibrate and decide by inner out-of-fold scores, then fit on all rows.

    Nothing but ``rows`` is seen. ``n_boot`` replicates give the interval of a threshold. It takes
    len(settings) x n_inner + 1 fits. Where no setting applies, the first one's reason is raised.
    """
    folds = rows.design.folds(rows.y, n_inner, seed_of(seed, "inner"))
    best: tuple[float, Setting, OutOfFold] | None = None
    n_fits, refusals = 1, []
    for setting in settings:
        model = candidate.build(
            setting, categorical=rows.categorical, seed=seed_of(seed, str(setting)), threads=threads
        )
        try:
            # what a sampler leaves out is said where nothing is left
            with warnings.catch_warnings(action="ignore", category=UserWarning):
                scores = out_of_fold(
                    model,
                    rows.X,
                    rows.y,
                    folds,
                    rows.weight,
                    classes=np.arange(rows.n_classes),
                    forward=rows.design.kind == "time",
                )
        except DataError as error:  # this setting is out; another may apply
            refusals.append(error)
            continue
        n_fits += len(folds)
        value = _value(goal, rows, scores)
        score = goal.sign * value if np.isfinite(value) else -np.inf
        if best is None or score > best[0] + 1e-12:
            best = (score, setting, scores)
    if best is None:
        raise [*refusals, DataError("There is no setting to choose from.")][0]
    _, setting, scores = best
    more = {"seed": seed, "threads": threads, "n_boot": n_boot}
    return Fitted(decided(candidate, setting, rows, goal, scores, **more), setting, scores, n_fits)


def _value(goal: Goal, rows: Rows, scores: OutOfFold) -> float:
    """Return the goal's metric of calibrated, decided out-of-fold scores."""
    seen = scores.calibrated(BiasCorrectedTemperature())
    goal = goal.on(rows.costs_of(seen.rows))
    decision = goal.decision(rows.n_classes).fit(seen.proba, seen.y, seen.weight)
    predicted = decision.act(seen.proba, context=goal.context).codes
    return goal.value(seen.y, seen.proba, predicted, seen.weight)
