"""One candidate, fitted the way it will be used: tune, average, correct, calibrate, decide."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

from rarebird._errors import DataError
from rarebird._random import seed_of
from rarebird.decide.base import Calibrator, Decision
from rarebird.decide.bias_corrected_temperature import BiasCorrectedTemperature

from .candidates import Candidate, Setting
from .goal import Goal
from .rows import Rows


@dataclass(frozen=True)
class Fitted:
    """A candidate ready for use: estimator, calibrator and decision, applied in this order."""

    estimator: Any
    calibrator: Calibrator
    decision: Decision
    setting: Setting  # what tuning chose
    oof_rows: np.ndarray  # (m,): the rows that have out-of-fold scores
    oof_proba: np.ndarray  # (m, n_classes): calibrated by calibrators that have not seen them
    oof_y: np.ndarray  # (m,): their codes
    oof_weight: np.ndarray | None  # (m,): their weights
    n_fits: int  # estimators fitted on the way

    def predict_proba(self, X: np.ndarray, n_classes: int) -> np.ndarray:
        """Return calibrated probabilities of shape (n, n_classes)."""
        return self.calibrator.transform(spread(self.estimator, X, n_classes))


def spread(estimator: Any, X: np.ndarray, n_classes: int) -> np.ndarray:
    """Return probabilities with a column for every class; a class absent in training gets 0."""
    proba = estimator.predict_proba(X)
    if proba.shape[1] == n_classes:
        return proba
    out = np.zeros((len(X), n_classes))
    out[:, estimator.classes_.astype(int)] = proba
    return out


def fit_estimator(model: Any, rows: Rows) -> Any:
    """Fit an estimator on rows, with their weights where it takes them."""
    if rows.weight is not None and has_fit_parameter(model, "sample_weight"):
        return model.fit(rows.X, rows.y, sample_weight=rows.weight)
    return model.fit(rows.X, rows.y)


def _cross_calibrated(
    proba: np.ndarray, y: np.ndarray, weight: np.ndarray | None, fold: np.ndarray, forward: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Calibrate each fold by the others (by the earlier ones, forward in time).

    Returns the calibrated probabilities and which rows have them.
    """
    out, done = proba.copy(), np.zeros(len(y), dtype=bool)
    for number in np.unique(fold):
        held = fold == number
        others = fold < number if forward else ~held
        if len(np.unique(y[others])) < 2:
            continue
        part = None if weight is None else weight[others]
        calibrator = BiasCorrectedTemperature().fit(proba[others], y[others], part)
        out[held] = calibrator.transform(proba[held])
        done |= held
    return (out, done) if done.any() else (out, np.ones(len(y), dtype=bool))


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
    len(settings) x n_inner + 1 fits.

    Raises
    ------
    DataError
        If no setting can be applied to these rows; the text is the first one's reason.
    """
    folds = rows.design.folds(rows.y, n_inner, seed_of(seed, "inner"))
    best = None
    n_fits = 0
    refusal: DataError | None = None
    for setting in settings:
        model = candidate.build(
            setting, categorical=rows.categorical, seed=seed_of(seed, str(setting)), threads=threads
        )
        parts, where = [], []
        try:
            for number, (train, test) in enumerate(folds):
                fitted = fit_estimator(clone(model), rows.take(train))
                parts.append(spread(fitted, rows.X[test], rows.n_classes))
                where.append(np.full(len(test), number))
                n_fits += 1
        except DataError as error:  # this setting is out; another may apply
            refusal = refusal or error
            continue
        oof = np.concatenate([test for _, test in folds])
        proba, fold = np.concatenate(parts), np.concatenate(where)
        y = rows.y[oof]
        weight = None if rows.weight is None else rows.weight[oof]
        crossed, kept = _cross_calibrated(proba, y, weight, fold, rows.design.kind == "time")
        kept_weight = None if weight is None else weight[kept]
        decision = goal.decision(rows.n_classes).fit(crossed[kept], y[kept], kept_weight)
        value = goal.value(y[kept], crossed[kept], decision.predict(crossed[kept]), kept_weight)
        score = goal.sign * value if np.isfinite(value) else -np.inf
        if best is None or score > best[0] + 1e-12:
            best = (score, setting, model, proba, crossed, kept, oof, weight)
    if best is None:
        raise refusal or DataError("There is no setting to choose from.")
    _, setting, model, proba, crossed, kept, oof, weight = best
    kept_weight = None if weight is None else weight[kept]
    y = rows.y[oof]
    return Fitted(
        estimator=fit_estimator(model, rows),
        calibrator=BiasCorrectedTemperature().fit(proba, y, weight),
        decision=goal.decision(rows.n_classes, n_boot=n_boot).fit(
            crossed[kept], y[kept], kept_weight
        ),
        setting=setting,
        oof_rows=oof[kept],
        oof_proba=crossed[kept],
        oof_y=y[kept],
        oof_weight=kept_weight,
        n_fits=n_fits + 1,
    )
