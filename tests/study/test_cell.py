"""One fit: what it sees, what it never sees, and what is made of its scores."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from rarebird.decide import BiasCorrectedTemperature
from rarebird.decide.cross_fitting import OutOfFold
from rarebird.study.candidates import Arm, Setting
from rarebird.study.cell import Task, outer_folds, run_task, stages_of
from rarebird.study.parse_goal import parse_goal
from rarebird.study.rows import Rows
from rarebird.study.schedule import Cell
from rarebird.study.scores import seen_by
from rarebird.study.splits import Design

LOGISTIC = Arm("baseline", Setting("logistic"))
TREES = Arm("baseline", Setting("lightgbm", {"n_estimators": 100, "num_leaves": 7}))


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


def ran(rows, arm=LOGISTIC, fold=0, **more):
    return run_task(rows, Task(Cell(arm, 0, fold), 3, 3, **more), {})


def out_of_fold(rows, arm=LOGISTIC):
    folds = outer_folds(rows, 3, 0, 3)
    where = np.concatenate([test for _, test in folds])
    proba = np.concatenate([ran(rows, arm, k)[1]["proba"] for k in range(len(folds))])
    order = np.argsort(where)
    fold = np.repeat(range(len(folds)), [len(test) for _, test in folds])[order]
    weight = None if rows.weight is None else rows.weight[where][order]
    return OutOfFold(
        proba[order].astype(float), rows.y[where][order], fold, weight, where[order],
        np.arange(rows.n_classes), rows.design.kind == "time",
    )  # fmt: skip


@pytest.mark.parametrize("arm", [LOGISTIC, TREES, Arm("smote", Setting("logistic"))])
@pytest.mark.parametrize("kind", ["stratified", "group", "time"])
def test_rows_of_the_held_out_fold_change_nothing_that_learns(kind, arm):
    rows = make_rows(kind=kind)
    test = outer_folds(rows, 3, 0, 3)[1][1]
    one = ran(rows, arm, 1, keep=True)[2]
    X = rows.X.copy()
    X[test] = -5.0  # poison; the labels stay, by which the folds are dealt
    poisoned = Rows(X, rows.y, None, rows.design, 2, (2,))
    two = ran(poisoned, arm, 1, keep=True)[2]
    np.testing.assert_array_equal(one.predict_proba(rows.X), two.predict_proba(rows.X))


def test_the_fit_is_the_learners_on_the_training_rows_with_their_weights():
    rows = make_rows(weight=True)
    train, test = outer_folds(rows, 3, 0, 3)[2]
    meta, arrays, model = ran(rows, LOGISTIC, 2, keep=True)
    from rarebird.estimators import Logistic

    mine = Logistic(categorical=(2,)).fit(rows.X[train], rows.y[train], rows.weight[train])
    np.testing.assert_allclose(model.model_.coef_, mine.model_.coef_)
    np.testing.assert_allclose(arrays["proba"], mine.predict_proba(rows.X[test]), atol=1e-6)
    assert meta["status"] == "ok" and (meta["n_train"], meta["n_test"]) == (len(train), len(test))
    assert ran(rows, LOGISTIC, 2)[2] is None


def test_a_fit_of_all_rows():
    rows = make_rows()
    from rarebird.estimators import Logistic

    model = ran(rows, LOGISTIC, -1, keep=True)[2]
    mine = Logistic(categorical=(2,)).fit(rows.X, rows.y)
    np.testing.assert_allclose(model.model_.coef_, mine.model_.coef_)


def test_the_stages_are_the_fits_with_so_many_trees():
    rows = make_rows()
    assert stages_of(TREES.setting) == [50, 100] and stages_of(LOGISTIC.setting) == []
    arrays = ran(rows, TREES, stages=True)[1]
    assert set(arrays) == {"proba", "proba@50"}
    few = Arm("baseline", Setting("lightgbm", {**TREES.setting.params, "n_estimators": 50}))
    np.testing.assert_array_equal(arrays["proba@50"], ran(rows, few)[1]["proba"])


def test_what_an_arm_refuses_is_said_with_the_label():
    rows = make_rows()
    rows = Rows(rows.X, rows.y, None, rows.design, 2, (2,), labels=("good", "bad"))
    setting = Setting("logistic", {}, {"sampling_strategy": {"min_ratio": 0.2}})
    meta, arrays, _ = ran(rows, Arm("smote", setting))
    assert meta["status"] == "not applicable" and arrays == {}
    assert "SMOTE could not be applied: it made no new row" in meta["why"]


@pytest.mark.parametrize("kind", ["stratified", "time"])
@pytest.mark.parametrize("weight", [False, True])
def test_calibrator_and_threshold_of_a_fold_have_not_seen_it(kind, weight):
    """A slow loop over the folds, with a threshold that is searched by hand."""
    rows = make_rows(kind=kind, weight=weight)
    goal, raw = parse_goal(["a", "b"], objective="f1"), out_of_fold(rows)
    seen = seen_by(goal, rows, raw, decide=True)
    for k in np.unique(raw.fold):
        held = raw.fold == k
        others = raw.fold < k if kind == "time" else ~held
        if not others.any():
            assert not np.isin(raw.rows[held], seen.rows).any()
            continue
        w = None if raw.weight is None else raw.weight[others]
        part = BiasCorrectedTemperature().fit(raw.proba[others], raw.y[others], w)
        kept = np.isin(seen.rows, raw.rows[held])
        np.testing.assert_allclose(seen.proba[kept], part.transform(raw.proba[held]), atol=1e-9)
    flipped = OutOfFold(
        raw.proba, np.where(raw.fold == raw.fold.max(), 1 - raw.y, raw.y), raw.fold, raw.weight,
        raw.rows, raw.classes, raw.forward,
    )  # fmt: skip
    again = seen_by(goal, rows, flipped, decide=True)
    last = seen.fold == seen.fold.max()  # its own labels may say what they will
    np.testing.assert_array_equal(seen.predicted[last], again.predicted[last])


def test_pooled_scores_rank_as_well_as_their_parts():
    rows = make_rows(n=1500)
    raw = out_of_fold(rows)
    seen = seen_by(parse_goal(["a", "b"]), rows, raw, decide=False)
    value = average_precision_score(rows.y, seen.proba[:, 1])
    parts = [
        average_precision_score(rows.y[raw.fold == k], raw.proba[raw.fold == k, 1])
        for k in range(3)
    ]
    assert value == pytest.approx(np.mean(parts), abs=0.03)


def test_taking_rows_takes_everything_of_them():
    rows = make_rows(kind="group", weight=True)
    part = rows.take(np.array([5, 2]))
    np.testing.assert_array_equal(part.X, rows.X[[5, 2]])
    np.testing.assert_array_equal(part.weight, rows.weight[[5, 2]])
    assert part.design.key.tolist() == [1, 0] and part.y.tolist() == rows.y[[5, 2]].tolist()
    assert part.n_classes == 2 and part.categorical == (2,)
