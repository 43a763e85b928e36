import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from rarebird._errors import DataError
from rarebird.decide import (
    Argmax,
    BiasCorrectedTemperature,
    DecidedClassifier,
    Identity,
    OutOfFold,
    align_proba,
    out_of_fold,
)
from rarebird.ensemble import UnderBaggingClassifier
from rarebird.resample import SMOTE, RandomUnderSampler, ResampledClassifier
from rarebird.weight import ClassWeightedClassifier


def test_each_fold_is_calibrated_by_the_others():
    rng = np.random.default_rng(0)
    p, w = rng.random(300), rng.exponential(size=300)
    y, folds = (rng.random(300) < p**2).astype(int), rng.integers(0, 3, 300)
    out = OutOfFold(p, y, folds, w).calibrated(BiasCorrectedTemperature()).proba
    for k in range(3):
        part = BiasCorrectedTemperature().fit(p[folds != k], y[folds != k], w[folds != k])
        np.testing.assert_array_equal(out[folds == k], part.transform(p[folds == k]))


def test_a_row_does_not_see_its_own_label():
    p, y, folds = np.linspace(0.1, 0.9, 40), np.arange(40) // 4 % 2, np.arange(40) % 4
    flipped = y.copy()
    flipped[folds == 0] = 1 - flipped[folds == 0]
    a, b = (
        OutOfFold(p, labels, folds).calibrated(BiasCorrectedTemperature()).proba
        for labels in (y, flipped)
    )
    np.testing.assert_array_equal(a[folds == 0], b[folds == 0])
    assert not np.array_equal(a[folds == 1], b[folds == 1])


def test_the_given_calibrator_stays_unfitted():
    calibrator = BiasCorrectedTemperature()
    OutOfFold([0.1, 0.2] * 4, [0, 1] * 4, [0, 1] * 4).calibrated(calibrator)
    assert not hasattr(calibrator, "n_classes_")


@pytest.mark.parametrize("folds", [[0, 0, 0], [0, 1]])
def test_one_fold_or_missing_numbers_are_refused(folds):
    with pytest.raises(DataError, match="fold"):
        OutOfFold([0.1, 0.2, 0.3], [0, 1, 0], folds).calibrated(BiasCorrectedTemperature())


def test_forward_in_time_each_fold_is_calibrated_by_the_earlier_ones():
    rng = np.random.default_rng(1)
    p, w, fold = rng.random(300), rng.exponential(size=300), np.repeat([0, 1, 2], 100)
    y = (rng.random(300) < p**2).astype(int)
    scores = OutOfFold(p, y, fold, w, rows=np.arange(300) + 50, forward=True)
    out = scores.calibrated(BiasCorrectedTemperature())
    assert out.rows.tolist() == list(range(150, 350)) and set(out.fold) == {1, 2}
    for k in (1, 2):
        part = BiasCorrectedTemperature().fit(p[fold < k], y[fold < k], w[fold < k])
        np.testing.assert_array_equal(out.proba[out.fold == k], part.transform(p[fold == k]))
    np.testing.assert_array_equal(out.weight, w[100:])
    np.testing.assert_array_equal(out.y, y[100:])


def test_rows_whose_calibrator_would_know_one_class_are_left_out_unless_all_are():
    p, fold = np.linspace(0.1, 0.9, 30), np.repeat([0, 1, 2], 10)
    y = np.r_[np.zeros(10, int), np.zeros(10, int), np.arange(10) % 2]
    out = OutOfFold(p, y, fold).calibrated(BiasCorrectedTemperature())
    assert set(out.fold) == {0, 1}
    same = OutOfFold(p, y, fold, forward=True)
    assert same.calibrated(BiasCorrectedTemperature()) is same
    assert OutOfFold(p, y, fold).calibrated(Identity()).fold.tolist() == fold.tolist()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"fold": [0]}, "fold of shape"),
        ({"rows": [0, 1, 2]}, "rows of shape"),
        ({"classes": ["a"]}, "classes of shape"),
        ({"weight": [1.0, -1.0]}, "sample_weight"),
        ({"proba": [0.2, 1.5]}, "no probabilities"),
        ({"y": [0, 2]}, "codes"),
    ],
)
def test_scores_that_do_not_fit_together_are_refused(more, words):
    with pytest.raises(DataError, match=words):
        OutOfFold(**{"proba": [0.2, 0.4], "y": [0, 1], "fold": [0, 1], **more})


# the classifiers of the folds


def table(n=300, n_classes=2, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.choice(n_classes, n, p=[0.8, 0.2] if n_classes == 2 else [0.7, 0.2, 0.1])
    return rng.normal(size=(n, 2)) + y[:, None], y


@pytest.mark.parametrize("weighted", [False, True])
def test_each_row_is_scored_by_a_classifier_that_has_not_seen_it(weighted):
    X, y = table()
    names = np.array(["a", "b"])[y]
    w = np.random.default_rng(1).exponential(size=300) if weighted else None
    folds = list(StratifiedKFold(3, shuffle=True, random_state=0).split(X, y))
    found = out_of_fold(LogisticRegression(), X, names, folds, w)
    for k, (train, test) in enumerate(folds):
        part = LogisticRegression().fit(X[train], y[train], None if w is None else w[train])
        np.testing.assert_array_equal(found.proba[test], part.predict_proba(X[test]))
        assert np.all(found.fold[test] == k)
    assert np.array_equal(found.y, y) and found.rows.tolist() == list(range(300))
    assert found.weight is None if w is None else np.array_equal(found.weight, w)


def test_a_class_that_a_fold_lacks_has_probability_zero_and_a_class_alone_has_one():
    X, y = np.arange(9.0)[:, None], np.array([0, 0, 0, 0, 2, 2, 2, 0, 2])
    folds = [([0, 1, 2], [3, 4]), ([0, 1, 4, 5], [6, 7])]
    found = out_of_fold(LogisticRegression(), X, y, folds, classes=[0, 1, 2, 3])
    assert found.rows.tolist() == [3, 4, 6, 7] and found.classes.tolist() == [0, 1, 2, 3]
    assert found.proba[:2].tolist() == [[1, 0, 0, 0]] * 2
    assert np.all(found.proba[2:, [1, 3]] == 0) and np.all(found.proba[2:, [0, 2]] > 0)
    np.testing.assert_allclose(found.proba.sum(axis=1), 1)


def test_columns_are_those_of_all_classes_in_their_order():
    X, y = np.arange(8.0)[:, None], np.array(["b", "d"] * 4)
    model = LogisticRegression().fit(X, y)
    proba = align_proba(model, X, np.array(["d", "a", "b", "c"]))
    np.testing.assert_array_equal(proba[:, [2, 0]], model.predict_proba(X))
    np.testing.assert_array_equal(proba[:, [1, 3]], 0)
    with pytest.raises(DataError, match="label 'd' is not among the classes"):
        align_proba(model, X, np.array(["a", "b"]))


def test_what_a_fold_refuses_is_said_with_its_number():
    X, y = table()
    y[:] = 0
    y[[0, 299]] = 1
    model = ResampledClassifier(SMOTE(random_state=0), LogisticRegression(), correct_prior=False)
    folds = [(np.arange(150), np.arange(150, 300)), (np.arange(150, 300), np.arange(150))]
    with pytest.raises(DataError, match=r"SMOTE: class 1 \(1 row\).*training part of fold 1 of 2"):
        out_of_fold(model, X, y, folds)


@pytest.mark.parametrize(
    ("folds", "words"),
    [
        ([(np.arange(9), np.arange(9, 20)), (np.arange(9), np.arange(9, 20))], "overlap"),
        ([], "no row with weight"),
        ([(np.arange(200), np.arange(200, 300))], "no row with weight"),
    ],
)
def test_folds_that_cannot_be_used_are_refused(folds, words):
    X, y = table()
    weight = np.where(np.arange(300) < 200, 1.0, 0.0)
    with pytest.raises(DataError, match=words):
        out_of_fold(LogisticRegression(), X, y, folds, weight)


def test_a_row_of_weight_0_is_absent_from_a_training_part():
    X, y = np.arange(40.0)[:, None] % 10, np.arange(40) % 4 // 3
    folds = [(np.arange(20), np.arange(20, 40)), (np.arange(20, 40), np.arange(20))]
    weight = np.where((np.arange(40) < 20) & (y == 1), 0.0, 1.0)
    model = UnderBaggingClassifier(DecisionTreeClassifier(), n_estimators=2, random_state=0)
    scores = out_of_fold(model, X, y, folds, weight)
    assert np.all(scores.proba[20:, 1] == 0) and scores.proba[:20, 1].max() > 0


@pytest.mark.parametrize(
    "wrap",
    [
        lambda learner: DecidedClassifier(learner, Argmax()),
        lambda learner: ResampledClassifier(RandomUnderSampler(), learner),
        lambda learner: ClassWeightedClassifier(learner),
        lambda learner: UnderBaggingClassifier(learner),
    ],
)
def test_what_a_learner_refuses_is_a_data_error(wrap):
    X, y = np.full((40, 1), np.nan), np.arange(40) % 4 // 3
    with pytest.raises(
        DataError, match="LogisticRegression refuses the rows: Input X contains NaN"
    ):
        wrap(LogisticRegression()).fit(X, y)
    with pytest.raises(ValueError, match="The 'C' parameter"):  # no fault of the rows
        wrap(LogisticRegression(C=-1)).fit(np.zeros((40, 1)), y)
