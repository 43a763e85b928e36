"""ResampledClassifier: what it refuses to call resampled, and what it leaves to others."""

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from rarebird._errors import DataError
from rarebird.decide import (
    BiasCorrectedTemperature,
    CostRule,
    DecidedClassifier,
    Identity,
    OutOfFold,
    correct_prior,
)
from rarebird.decide.folds import as_folds, stratified_folds
from rarebird.resample import (
    SMOTE,
    SMOTEENN,
    FunctionSampler,
    RandomOverSampler,
    RandomUnderSampler,
    ResampledClassifier,
    TomekLinks,
)

X, Y = make_classification(
    600, 5, n_informative=4, n_redundant=0, weights=[0.85], flip_y=0.05, random_state=0
)
UNDER, LOGISTIC = RandomUnderSampler(random_state=0), LogisticRegression()
FOLDS = as_folds(5, X, Y, Y, 0)


def smallest(n_rare):
    y = np.zeros(600, dtype=int)
    y[:n_rare] = 1
    return y


def apart(n_rare):
    return X + 50 * smallest(n_rare)[:, None]


@pytest.mark.parametrize(
    ("resampler", "words"),
    [
        (SMOTE(sampling_strategy={1: 90}), "SMOTE could not be applied: it made no new row"),
        (
            RandomOverSampler(sampling_strategy={1: 90}),
            "RandomOverSampler could not be applied: it made no new row",
        ),
        (
            RandomUnderSampler(sampling_strategy={0: 510}),
            "RandomUnderSampler could not be applied: it took no row away",
        ),
        (SMOTEENN(smote=SMOTE(sampling_strategy={1: 90})), "SMOTEENN could not be applied"),
    ],
)
def test_what_changes_nothing_of_unequal_classes_is_refused(resampler, words):
    for more in ({}, {"correct_prior": False}, {"calibrator": Identity()}):
        with pytest.raises(DataError, match=f"{words}.*class 1 has 90 of 600 rows"):
            ResampledClassifier(resampler, LOGISTIC, **more).fit(apart(90), smallest(90))


def test_what_may_change_nothing_is_not_refused():
    nothing_to_clean = ResampledClassifier(TomekLinks(), LOGISTIC, correct_prior=False)
    nothing_to_clean.fit(apart(90), smallest(90))
    even = smallest(300)  # nothing is rare
    ResampledClassifier(SMOTE(), LOGISTIC, correct_prior=False).fit(X, even)
    own = FunctionSampler(func=lambda X, y: (X, y))
    ResampledClassifier(own, LOGISTIC, correct_prior=False).fit(X, smallest(90))


def test_a_calibrator_may_be_chosen_or_left_to_what_stands_around():
    smote = SMOTE(random_state=0)
    raw = ResampledClassifier(smote, LOGISTIC, calibrator=Identity()).fit(X, Y)
    rows, labels = smote.fit_resample(X, Y)
    own = LogisticRegression().fit(rows, labels).predict_proba(X)
    np.testing.assert_array_equal(raw.predict_proba(X), own)
    assert raw.prior_ is None and isinstance(raw.calibrator_, Identity)
    closed = ResampledClassifier(UNDER, LOGISTIC, calibrator=Identity()).fit(X, Y)
    plain = ResampledClassifier(UNDER, LOGISTIC).fit(X, Y)
    np.testing.assert_array_equal(closed.predict_proba(X), plain.predict_proba(X))
    both = ResampledClassifier(UNDER, LOGISTIC, calibrator=BiasCorrectedTemperature()).fit(X, Y)
    assert both.calibrator_.slope_ != 1
    held_out = cross_val_predict(plain, X, Y, cv=FOLDS, method="predict_proba")
    wanted = BiasCorrectedTemperature().fit(held_out, Y)
    np.testing.assert_allclose(both.predict_proba(X), wanted.transform(plain.predict_proba(X)))


@pytest.mark.parametrize("resampler", [SMOTE(random_state=0), UNDER], ids=["smote", "under"])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_decision_around_it_calibrates_once(resampler, weighted):
    weight = np.random.default_rng(0).random(600) if weighted else None
    inner = ResampledClassifier(resampler, LOGISTIC, calibrator=Identity())
    cost = CostRule({"fp": 1, "fn": 6})
    model = DecidedClassifier(inner, cost, calibrator=BiasCorrectedTemperature(), cv=FOLDS)
    model.fit(X, Y, weight)
    proba = np.empty((600, 2))
    w = np.ones(600) if weight is None else weight

    def fit(part):
        given = {} if weight is None else {"weight": w[part]}
        rows, labels, *rest = resampler.fit_resample(X[part], Y[part], **given)
        learner = LogisticRegression().fit(rows, labels, *rest)
        if resampler is not UNDER:
            return learner.predict_proba
        seen = np.bincount(labels, *rest)
        true = np.bincount(Y[part], w[part])
        return lambda new: correct_prior(learner.predict_proba(new), seen, true)

    for train, test in FOLDS:
        proba[test] = fit(train)(X[test])
    calibrator = BiasCorrectedTemperature().fit(proba, Y, w)
    expected = calibrator.transform(fit(np.arange(600))(X))
    np.testing.assert_allclose(model.predict_proba(X), expected, rtol=1e-6)
    seen = OutOfFold(proba, Y, stratified_folds(Y, 5, 0), w).calibrated(BiasCorrectedTemperature())
    np.testing.assert_allclose(model.oof_proba_, seen.proba, rtol=1e-6)
    assert np.array_equal(model.predict(X), (expected[:, 1] >= 1 / 7).astype(int))
