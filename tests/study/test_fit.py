"""One candidate: what it sees, what it never sees, and what it answers with."""

import numpy as np
import pytest
from rarebird.study.fit import fit_candidate

from rarebird._errors import DataError
from rarebird._random import seed_of
from rarebird.decide import BiasCorrectedTemperature
from rarebird.study import candidates
from rarebird.study.candidates import Setting
from rarebird.study.parse_goal import parse_goal
from rarebird.study.rows import Rows
from rarebird.study.splits import Design

LOGISTIC = [Setting("logistic"), Setting("logistic", {"C": 0.01})]


def make_rows(n=420, kind="stratified", n_classes=2, weight=False, seed=0):
    rng = np.random.default_rng(seed)
    shares = [0.8, 0.2] if n_classes == 2 else [0.6, 0.25, 0.15]
    y = rng.permutation(np.repeat(np.arange(n_classes), (np.array(shares) * n).astype(int)))
    n = len(y)
    X = rng.normal(size=(n, 3)) + y[:, None] * [1.0, 0.5, 0.0]
    X[:, 2] = rng.integers(0, 4, n)
    key = {"stratified": np.arange(n), "group": np.arange(n) // 3, "time": np.arange(n) // 2}[kind]
    w = rng.uniform(0.5, 2, n) if weight else None
    return Rows(X, y, w, Design(kind, key), n_classes, (2,))


def candidate(rows, name="baseline", settings=LOGISTIC, goal=None, n_inner=3, **more):
    goal = goal or parse_goal(["a", "b", "c"][: rows.n_classes], objective="logloss")
    return fit_candidate(
        candidates.candidate(name), settings, rows, goal, n_inner=n_inner, seed=3, **more
    )


def assert_identical(one, two, X):
    a, b = one.model, two.model
    np.testing.assert_array_equal(a.predict_proba(X), b.predict_proba(X))
    np.testing.assert_array_equal(a.oof_proba_, b.oof_proba_)
    np.testing.assert_array_equal(a.oof_rows_, b.oof_rows_)
    assert one.setting == two.setting and one.n_fits == two.n_fits
    assert a.decision_.state() == b.decision_.state()
    assert a.calibrator_.state() == b.calibrator_.state()


@pytest.mark.parametrize("kind", ["stratified", "group", "time"])
@pytest.mark.parametrize("weight", [False, True])
def test_rows_outside_the_training_part_change_nothing(kind, weight):
    every = make_rows(kind=kind, weight=weight)
    train = np.arange(0, 300)
    clean = candidate(every.take(train))
    X, y = every.X.copy(), every.y.copy()
    X[300:], y[300:] = 1e6, 1 - y[300:]  # poison
    w = None if every.weight is None else np.where(np.arange(len(y)) < 300, every.weight, 1e9)
    poisoned = Rows(X, y, w, every.design, every.n_classes, every.categorical)
    assert_identical(clean, candidate(poisoned.take(train)), every.X[:50])


@pytest.mark.parametrize("kind", ["stratified", "time"])
def test_out_of_fold_probabilities_are_those_of_a_loop(kind):
    rows = make_rows(kind=kind, weight=True)
    found = candidate(rows, settings=LOGISTIC[:1])
    folds = rows.design.folds(rows.y, 3, seed_of(3, "inner"))
    proba, y, w = np.full((len(rows.y), 2), np.nan), rows.y, rows.weight
    for train, test in folds:
        model = candidates.candidate("baseline").build(
            LOGISTIC[0], categorical=(2,), seed=0, threads=1
        )
        model.fit(rows.X[train], y[train], sample_weight=w[train])
        proba[test] = model.predict_proba(rows.X[test])
    expected = np.full_like(proba, np.nan)
    for k, (_, test) in enumerate(folds):  # the calibrator of a fold has not seen that fold
        others = [t for j, (_, t) in enumerate(folds) if (j < k if kind == "time" else j != k)]
        if others:
            o = np.concatenate(others)
            part = BiasCorrectedTemperature().fit(proba[o], y[o], w[o])
            expected[test] = part.transform(proba[test])
    assert set(found.model.oof_rows_) == set(np.flatnonzero(~np.isnan(expected[:, 0])))
    np.testing.assert_allclose(found.model.oof_proba_, expected[found.model.oof_rows_], atol=1e-9)
    assert found.n_fits == len(folds) + 1


def test_the_last_fit_sees_all_rows():
    rows = make_rows()
    found = candidate(rows, settings=LOGISTIC[:1])
    model = candidates.candidate("baseline").build(LOGISTIC[0], categorical=(2,), seed=0, threads=1)
    expected = model.fit(rows.X, rows.y)
    np.testing.assert_allclose(found.model.estimator_.model_.coef_, expected.model_.coef_)
    calibrated = found.model.calibrator_.transform(expected.predict_proba(rows.X))
    np.testing.assert_allclose(found.model.predict_proba(rows.X), calibrated)


def test_tuning_takes_the_better_setting_by_the_goal():
    rows = make_rows()
    stump = Setting("lightgbm", {"n_estimators": 1, "learning_rate": 1e-6})
    good = Setting("lightgbm", {"n_estimators": 20})
    for settings in ([stump, good], [good, stump]):
        for objective in ("ap", "brier", "f1"):
            goal = parse_goal(["a", "b"], objective=objective)
            assert candidate(rows, settings=settings, goal=goal).setting == good


def test_of_equal_settings_the_first_is_taken():
    rows = make_rows()
    same = [Setting("logistic", {"C": 1.0}), Setting("logistic", {})]
    assert candidate(rows, settings=same).setting == same[0]


@pytest.mark.parametrize("name", ["baseline", "class-weights", "under-bagging", "smote"])
def test_the_same_seed_gives_the_same_and_probabilities_stay_true(name):
    rows = make_rows(n=900)
    settings = candidates.candidate(name).settings(3)[1:2]
    one, two = (candidate(rows, name, settings, threads=t) for t in (1, 2))
    assert_identical(one, two, rows.X)
    new = make_rows(n=900, seed=1)
    mean = one.model.predict_proba(new.X)[:, 1].mean()
    assert mean == pytest.approx(new.y.mean(), abs=0.04)


def test_a_class_absent_from_the_rows_has_probability_zero():
    rows = make_rows(n_classes=3)
    part = rows.take(np.flatnonzero(rows.y != 1))
    found = candidate(part, settings=LOGISTIC[:1])
    proba = found.model.predict_proba(rows.X)
    assert proba.shape == (len(rows.y), 3)
    np.testing.assert_allclose(proba[:, 1], 0, atol=1e-9)
    np.testing.assert_allclose(proba.sum(axis=1), 1)


def test_rare_rows_that_only_come_late_can_be_learned_from():
    n = 300
    y = (np.arange(n) >= 240).astype(int)
    X = np.random.default_rng(0).normal(size=(n, 2)) + y[:, None]
    rows = Rows(X, y, None, Design("time", np.arange(n)), 2, ())
    found = candidate(rows)
    assert np.all(np.isfinite(found.model.oof_proba_)) and len(found.model.oof_rows_) == len(
        found.model.oof_proba_
    )
    assert np.all(np.isfinite(found.model.predict_proba(X)))


def test_weights_reach_the_learner():
    rows = make_rows(weight=True)
    bare = Rows(rows.X, rows.y, None, rows.design, 2, (2,))
    one, two = (
        candidate(r, settings=LOGISTIC[:1]).model.estimator_.model_.coef_ for r in (rows, bare)
    )
    learner = candidates.candidate("baseline").build(
        LOGISTIC[0], categorical=(2,), seed=0, threads=1
    )
    np.testing.assert_allclose(one, learner.fit(rows.X, rows.y, rows.weight).model_.coef_)
    assert np.any(one != two)


def test_taking_rows_takes_everything_of_them():
    rows = make_rows(kind="group", weight=True)
    part = rows.take(np.array([5, 2]))
    np.testing.assert_array_equal(part.X, rows.X[[5, 2]])
    np.testing.assert_array_equal(part.weight, rows.weight[[5, 2]])
    assert part.design.key.tolist() == [1, 0] and part.y.tolist() == rows.y[[5, 2]].tolist()
    assert part.n_classes == 2 and part.categorical == (2,)


def test_a_setting_that_cannot_be_applied_is_left_out_and_without_any_the_reason_is_given():
    rows = make_rows()  # 80 % and 20 %: a strength of 0.2 asks for fewer rare rows than there are
    able, unable = (
        Setting("logistic", {}, {"sampling_strategy": {"min_ratio": r}}) for r in (1.0, 0.2)
    )
    assert candidate(rows, "smote", [unable, able]).setting == able
    with pytest.raises(DataError, match="SMOTE could not be applied: it made no new row"):
        candidate(rows, "smote", [unable])
