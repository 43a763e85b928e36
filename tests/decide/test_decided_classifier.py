import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, TimeSeriesSplit, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from rarebird._errors import DataError, ParameterError, ParameterTypeError
from rarebird.decide import (
    Argmax,
    BiasCorrectedTemperature,
    CostRule,
    DecidedClassifier,
    OutOfFold,
    TunedThreshold,
    correct_prior,
    out_of_fold,
)
from rarebird.decide.folds import as_folds, stratified_folds
from rarebird.tables.rows import take_rows


@pytest.mark.slow
@parametrize_with_checks([DecidedClassifier(LogisticRegression(), Argmax(), cv=2)])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def data():
    return make_classification(
        600, n_features=5, n_informative=3, weights=[0.85], flip_y=0.1, random_state=0
    )


def test_calibrator_and_decision_learn_from_rows_the_classifier_has_not_seen(data):
    X, y = data
    folds = StratifiedKFold(4, shuffle=True, random_state=3)
    model = DecidedClassifier(
        RandomForestClassifier(8, random_state=0),
        TunedThreshold("f1"),
        calibrator=BiasCorrectedTemperature(),
        cv=folds,
    ).fit(X, y)
    forest = RandomForestClassifier(8, random_state=0)
    raw = cross_val_predict(forest, X, y, cv=folds, method="predict_proba")
    number = np.empty(len(y), int)
    for k, (_, test) in enumerate(folds.split(X, y)):
        number[test] = k
    calibrated = OutOfFold(raw, y, number).calibrated(BiasCorrectedTemperature()).proba
    decision = TunedThreshold("f1").fit(calibrated, y)
    assert model.decision_.threshold_ == decision.threshold_
    final = BiasCorrectedTemperature().fit(raw, y).transform(forest.fit(X, y).predict_proba(X))
    np.testing.assert_allclose(model.predict_proba(X), final)
    assert np.array_equal(model.predict(X), decision.predict(final))


@pytest.mark.parametrize(
    "names", [["no", "yes"], [-3, 7], [False, True], np.array(["a", "b"], object)]
)
def test_labels_of_any_kind(data, names):
    X, codes = data
    y = np.asarray(names)[codes]
    model = DecidedClassifier(LogisticRegression(), CostRule({"fp": 1, "fn": 5})).fit(X, y)
    assert model.classes_.tolist() == sorted(names)
    assert model.predict(X).dtype == y.dtype
    assert set(model.predict(X).tolist()) == set(names)
    assert json.loads(json.dumps(model.decision_.state()))["threshold_"] == pytest.approx(1 / 6)


def test_many_classes(data):
    X, _ = data
    y = np.digitize(X[:, 0], [-1, 1.5])
    model = DecidedClassifier(LogisticRegression(), Argmax()).fit(X, y)
    assert np.array_equal(model.predict(X), LogisticRegression().fit(X, y).predict(X))


@pytest.mark.parametrize("kind", ["pandas", "polars", "sparse", "list"])
def test_tables_of_any_kind(data, kind):
    X, y = data
    names = list("abcde")
    table = {
        "pandas": lambda: pd.DataFrame(X, columns=names, index=np.arange(len(y))[::-1]),
        "polars": lambda: pl.DataFrame(X, schema=names),
        "sparse": lambda: sp.coo_matrix(X),
        "list": lambda: X.tolist(),
    }[kind]()
    plain = DecidedClassifier(LogisticRegression(), TunedThreshold("f1")).fit(X, y)
    model = DecidedClassifier(LogisticRegression(), TunedThreshold("f1")).fit(table, y)
    assert model.decision_.threshold_ == pytest.approx(plain.decision_.threshold_)
    assert np.array_equal(model.predict(table), plain.predict(X))
    if kind in ("pandas", "polars"):
        assert model.feature_names_in_.tolist() == names
        assert type(take_rows(table, np.array([3, 1]))) is type(table)
    np.testing.assert_allclose(
        np.asarray(take_rows(table, np.array([3, 1])).todense())
        if kind == "sparse"
        else np.asarray(take_rows(table, np.array([3, 1]))),
        X[[3, 1]],
    )


@pytest.mark.parametrize("positives", [1, 2, 7])
@pytest.mark.parametrize("decision", [Argmax(), TunedThreshold(), CostRule({"fp": 1, "fn": 99})])
def test_few_positives_are_legal(positives, decision):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 2)), np.r_[np.ones(positives, int), np.zeros(200 - positives, int)]
    model = DecidedClassifier(
        LogisticRegression(), decision, calibrator=BiasCorrectedTemperature()
    ).fit(X, y)
    assert set(model.predict(X)) <= {0, 1} and np.all(np.isfinite(model.predict_proba(X)))


def test_a_class_that_a_fold_does_not_know_has_probability_zero_there():
    X = np.arange(30.0)[:, None]
    y = np.r_[np.zeros(15, int), np.ones(14, int), 2]
    model = DecidedClassifier(LogisticRegression(), Argmax(), cv=3).fit(X, y)
    assert model.predict_proba(X).shape == (30, 3)


def test_one_class_is_refused_with_its_rows():
    with pytest.raises(DataError, match=r"one class, \['no'\], in 9 rows"):
        DecidedClassifier(LogisticRegression(), Argmax()).fit(np.zeros((9, 1)), ["no"] * 9)


def test_weights_reach_classifier_calibrator_and_decision(data):
    X, y = data
    w = np.where(y == 1, 3.0, 1.0)
    parts = {"estimator": LogisticRegression(), "decision": TunedThreshold("balanced-accuracy")}
    cv = [(np.arange(300), np.arange(300, 600)), (np.arange(300, 600), np.arange(300))]
    model = DecidedClassifier(**parts, calibrator=BiasCorrectedTemperature(), cv=cv).fit(X, y, w)
    raw, folds = np.empty((600, 2)), np.repeat([1, 0], 300)
    for train, test in cv:
        part = LogisticRegression().fit(X[train], y[train], w[train])
        raw[test] = part.predict_proba(X[test])
    out = OutOfFold(raw, y, folds, w).calibrated(BiasCorrectedTemperature()).proba
    assert model.decision_.threshold_ == parts["decision"].fit(out, y, w).threshold_
    expected = LogisticRegression().fit(X, y, w).coef_
    np.testing.assert_array_equal(model.estimator_.coef_, expected)


def test_weights_for_a_classifier_that_takes_none_are_refused(data):
    X, y = data
    with pytest.raises(ParameterTypeError, match="KNeighborsClassifier"):
        DecidedClassifier(KNeighborsClassifier(), Argmax()).fit(X, y, np.ones(600))
    with pytest.raises(ParameterTypeError, match="predict_proba"):
        DecidedClassifier(LinearSVC(), Argmax()).fit(X, y)


def test_prefit_leaves_the_classifier_and_learns_from_held_out_rows(data):
    X, y = data
    inner = make_pipeline(StandardScaler(), LogisticRegression()).fit(X[:300], y[:300])
    coef = inner[-1].coef_.copy()
    model = DecidedClassifier(inner, TunedThreshold("f1"), cv="prefit").fit(X[300:], y[300:])
    assert model.estimator_ is inner and np.array_equal(inner[-1].coef_, coef)
    alone = TunedThreshold("f1").fit(inner.predict_proba(X[300:]), y[300:])
    assert model.decision_.threshold_ == alone.threshold_
    with pytest.raises(DataError, match="label 5"):
        DecidedClassifier(inner, Argmax(), cv="prefit").fit(X, np.where(y == 1, 5, 0))


def test_prefit_held_out_rows_may_lack_a_class(data):
    X, y = data
    inner = LogisticRegression().fit(X, y)
    model = DecidedClassifier(inner, TunedThreshold(), cv="prefit").fit(X[y == 0], y[y == 0])
    assert model.decision_.tuned_ is False and model.classes_.tolist() == [0, 1]


def test_a_balanced_training_prior_is_undone(data):
    X, y = data
    balanced = LogisticRegression(class_weight="balanced")
    model = DecidedClassifier(balanced, Argmax(), fitted_prior="balanced").fit(X, y)
    raw = clone(balanced).fit(X, y).predict_proba(X)
    share = np.bincount(y) / len(y)
    expected = correct_prior(raw, [0.5, 0.5], share)
    np.testing.assert_allclose(model.predict_proba(X), expected)
    assert abs(expected[:, 1].mean() - y.mean()) < 0.03 < abs(raw[:, 1].mean() - y.mean())
    given = DecidedClassifier(balanced, Argmax(), fitted_prior=[0.5, 0.5]).fit(X, y)
    np.testing.assert_allclose(given.predict_proba(X), expected)


def test_the_deployment_prior_can_be_changed_and_changed_back(data):
    X, y = data
    model = DecidedClassifier(LogisticRegression(), Argmax()).fit(X, y)
    before = model.predict_proba(X)
    moved = model.set_prior(0.01).predict_proba(X)
    np.testing.assert_allclose(moved, correct_prior(before, np.bincount(y) / 600, [0.99, 0.01]))
    np.testing.assert_allclose(model.set_prior(model.training_prior_).predict_proba(X), before)
    with pytest.raises(ParameterError):
        model.set_prior([-1, 2])


def test_rows_before_the_first_test_fold_teach_the_classifier_only(data):
    X, y = data
    cv = TimeSeriesSplit(4)
    model = DecidedClassifier(LogisticRegression(), CostRule({"fp": 1, "fn": 4}), cv=cv).fit(X, y)
    assert model.n_features_in_ == 5
    assert model.oof_rows_.tolist() == list(range(120, 600)) and len(model.oof_proba_) == 480


@pytest.mark.parametrize(
    ("params", "error", "words"),
    [
        ({"cv": 1}, ParameterError, "cv=1"),
        ({"cv": "yes"}, ParameterError, "cv='yes'"),
        ({"decision": "argmax"}, ParameterError, "decision"),
        ({"calibrator": 3}, ParameterError, "calibrator"),
        ({"fitted_prior": "even"}, ParameterError, "fitted_prior"),
        ({"fitted_prior": [1, 2, 3]}, DataError, "training_prior"),
        (
            {"cv": [(np.arange(9), np.arange(9)), (np.arange(9), np.arange(9))]},
            DataError,
            "overlap",
        ),
        ({"cv": []}, DataError, "no row"),
    ],
)
def test_bad_parameters_are_refused(data, params, error, words):
    X, y = data
    model = DecidedClassifier(LogisticRegression(), Argmax()).set_params(**params)
    with pytest.raises(error, match=words):
        model.fit(X, y)


def test_parameters_reach_the_parts_and_the_seed_reaches_the_folds(data):
    X, y = data
    model = DecidedClassifier(LogisticRegression(), TunedThreshold())
    model.set_params(decision__metric="mcc", estimator__C=0.1)
    a, b = clone(model).fit(X, y), clone(model).fit(X, y)
    c = clone(model).set_params(random_state=1).fit(X, y)
    assert a.decision_.threshold_ == b.decision_.threshold_ != c.decision_.threshold_
    assert not hasattr(model.decision, "threshold_") and not hasattr(model.estimator, "coef_")


@pytest.mark.parametrize("counts", [[100, 23, 7, 1], [5, 5], [1, 1, 1]])
def test_folds_deal_every_class_evenly(counts):
    codes = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    folds = stratified_folds(codes, 5, 0)
    for c in range(len(counts)):
        dealt = np.bincount(folds[codes == c], minlength=5)
        assert dealt.max() - dealt.min() <= 1
    sizes = np.bincount(folds, minlength=5)
    assert sizes.max() - sizes.min() <= 1


def test_a_learner_that_knows_only_the_shares_is_decided_by_them():
    X, y = np.zeros((100, 1)), np.r_[np.ones(10, int), np.zeros(90, int)]
    cheap = DecidedClassifier(DummyClassifier(), CostRule({"fp": 1, "fn": 20})).fit(X, y)
    dear = DecidedClassifier(DummyClassifier(), CostRule({"fp": 1, "fn": 5})).fit(X, y)
    assert cheap.predict(X).all() and not dear.predict(X).any()


# scores that are there already, and folds in time


@pytest.mark.parametrize("weighted", [False, True])
def test_scores_that_are_there_already_are_not_computed_again(data, weighted):
    X, y = data
    w = np.random.default_rng(0).exponential(size=600) if weighted else None
    model = DecidedClassifier(
        LogisticRegression(), TunedThreshold("f1"), calibrator=BiasCorrectedTemperature(), cv=3
    )
    whole = clone(model).fit(X, y, w)
    scores = out_of_fold(LogisticRegression(), X, y, as_folds(3, X, y, y, 0), w)
    given = model.set_params(cv=[]).fit(X, y, w, oof=scores)
    np.testing.assert_array_equal(given.predict_proba(X), whole.predict_proba(X))
    assert given.decision_.state() == whole.decision_.state()
    for name in ("oof_proba_", "oof_y_", "oof_rows_"):
        np.testing.assert_array_equal(getattr(given, name), getattr(whole, name))
    assert whole.oof_weight_ is None if w is None else np.array_equal(whole.oof_weight_, w)


def test_scores_say_which_classes_there_are(data):
    X, y = data
    folds = as_folds(3, X, y, y, 0)
    scores = out_of_fold(LogisticRegression(), X, y, folds, classes=[0, 1, 2])
    costs = CostRule(1 - np.eye(3))
    calibrator = BiasCorrectedTemperature()
    model = DecidedClassifier(LogisticRegression(), costs, calibrator=calibrator)
    model.fit(X, y, oof=scores)
    assert model.classes_.tolist() == [0, 1, 2] and model.training_prior_[2] == 0
    proba = model.predict_proba(X)
    np.testing.assert_allclose(proba[:, 2], 0, atol=1e-9)
    two = DecidedClassifier(LogisticRegression(), Argmax(), calibrator=calibrator, cv=folds)
    np.testing.assert_allclose(proba[:, :2], two.fit(X, y).predict_proba(X), atol=1e-9)
    model.set_prior([0.5, 0.5, 0])
    assert model.predict_proba(X)[:, 1].mean() > proba[:, 1].mean()
    with pytest.raises(ParameterError, match="class 2 had 0 rows"):
        model.set_prior([0.4, 0.4, 0.2])


def test_scores_of_other_rows_are_refused(data):
    X, y = data
    scores = out_of_fold(LogisticRegression(), X, y, as_folds(2, X, y, y, 0))
    model = DecidedClassifier(LogisticRegression(), Argmax())
    with pytest.raises(DataError, match=r"oof is of 600 rows .* fit got 300 rows"):
        model.fit(X[:300], y[:300], oof=scores)
    fitted = DecidedClassifier(LogisticRegression().fit(X, y + 1), Argmax(), cv="prefit")
    with pytest.raises(DataError, match=r"classes \[0, 1\].* \[1, 2\]"):
        fitted.fit(X, y + 1, oof=scores)


def test_forward_no_fold_is_calibrated_by_a_later_one(data):
    X, y = data
    cv = TimeSeriesSplit(4)
    model = DecidedClassifier(
        LogisticRegression(), Argmax(), calibrator=BiasCorrectedTemperature(), cv=cv, forward=True
    ).fit(X, y)
    assert model.oof_rows_.tolist() == list(range(240, 600))
    raw = np.full((600, 2), np.nan)
    for train, test in cv.split(X):
        raw[test] = LogisticRegression().fit(X[train], y[train]).predict_proba(X[test])
    first = BiasCorrectedTemperature().fit(raw[120:240], y[120:240])
    np.testing.assert_allclose(model.oof_proba_[:120], first.transform(raw[240:360]))
    everything = BiasCorrectedTemperature().fit(raw[120:], y[120:])
    assert model.calibrator_.slope_ == pytest.approx(everything.slope_)


def test_another_prior_weighs_the_out_of_fold_rows_by_their_own_shares():
    """Forward folds leave the first rows out, whose class shares may be others."""
    rng = np.random.default_rng(0)
    y = (rng.random(3_000) < np.linspace(0.02, 0.6, 3_000)).astype(int)
    X = rng.normal(size=(3_000, 2)) + y[:, None]
    folds = list(TimeSeriesSplit(2).split(X))
    model = DecidedClassifier(LogisticRegression(), TunedThreshold("f1"), cv=folds, forward=True)
    model.fit(X, y).set_prior(0.1)
    share = model.oof_y_.mean()
    assert abs(share - model.training_prior_[1]) > 0.05
    weight = np.where(model.oof_y_ == 1, 0.1 / share, 0.9 / (1 - share))
    proba = correct_prior(model.oof_proba_, model.training_prior_, [0.9, 0.1])
    wanted = TunedThreshold("f1").fit(proba, model.oof_y_, weight)
    assert model.decision_.threshold_ == wanted.threshold_
