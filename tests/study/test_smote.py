"""SMOTE around a learner: which classes are raised, and what happens where it cannot."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from rarebird._errors import DataError, MissingDependencyError
from rarebird.study import smote
from rarebird.study.smote import SmoteClassifier

pytest.importorskip("imblearn")


class Spy(ClassifierMixin, BaseEstimator):
    """Keeps the rows it was fitted on."""

    def fit(self, X, y):
        self.X_, self.y_ = X, y
        return self


def fitted(counts, categorical=(), X=None, **more):
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(len(counts)), counts)
    if X is None:
        X = rng.normal(size=(len(y), 3))
        X[:, list(categorical)] = rng.integers(0, 3, (len(y), len(categorical)))
    model = SmoteClassifier(Spy(), categorical=categorical, **more).fit(X, y)
    return X, y, model.estimator_


@pytest.mark.parametrize("ratio", [1.0, 0.3])
@pytest.mark.parametrize("categorical", [(), (2,), (0, 1, 2)])
def test_classes_below_the_ratio_are_raised_to_it(ratio, categorical):
    X, _, spy = fitted([60, 40, 6], categorical, ratio=ratio)
    goal = int(60 * ratio)
    assert np.bincount(spy.y_).tolist() == [60, max(40, goal), max(6, goal)]
    np.testing.assert_array_equal(spy.X_[: len(X)], X)  # the real rows stay as they are
    for j in categorical:
        assert set(spy.X_[:, j]) <= set(X[:, j])


def test_new_rows_lie_between_rows_of_their_class():
    X, y, spy = fitted([60, 6])
    new, rare = spy.X_[len(X) :], X[y == 1]
    for row in new:
        on_a_segment = any(
            abs(np.linalg.norm(row - a) + np.linalg.norm(row - b) - np.linalg.norm(a - b)) < 1e-9
            for a in rare
            for b in rare
        )
        assert on_a_segment


@pytest.mark.parametrize("rows", [2, 3, 7])
def test_fewer_neighbours_where_a_class_has_fewer_rows(rows):
    _, _, spy = fitted([50, rows])
    assert np.bincount(spy.y_).tolist() == [50, 50]


def test_a_single_row_and_a_single_class_are_left_as_they_are():
    assert np.bincount(fitted([50, 1])[2].y_).tolist() == [50, 1]
    assert np.bincount(fitted([50])[2].y_).tolist() == [50]
    assert np.bincount(fitted([50, 1, 4])[2].y_).tolist() == [50, 1, 50]


def test_missing_numbers_are_filled_with_the_median_and_categories_are_a_level():
    X = np.random.default_rng(0).normal(size=(40, 3))
    X[:, 2] = np.arange(40) % 2
    X[0, 0] = X[5, 2] = np.nan
    before = X.copy()
    _, _, spy = fitted([30, 10], (2,), X=X)
    np.testing.assert_array_equal(X, before)
    assert spy.X_[0, 0] == np.nanmedian(X[:, 0]) and spy.X_[5, 2] == -1
    assert not np.isnan(spy.X_).any()


def test_too_many_levels_are_refused_before_anything_is_allocated(monkeypatch):
    monkeypatch.setattr(smote, "MAX_LEVELS", 10)
    X = np.arange(60.0).reshape(20, 3)
    with pytest.raises(DataError, match="20 levels in all"):
        fitted([14, 6], (1,), X=X)


def test_without_imbalanced_learn_the_command_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "imblearn.over_sampling", None)
    with pytest.raises(MissingDependencyError, match=r"rarebird\[smote\]"):
        fitted([20, 5])
