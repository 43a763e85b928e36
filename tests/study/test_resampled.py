"""A resampler around a learner of a study: which rows it learns from, and what is kept."""

import numpy as np
import pytest
from imblearn import combine, over_sampling, under_sampling
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

from rarebird._errors import DataError
from rarebird.resample import SMOTE
from rarebird.study.resampled import METHODS, ResampledLearner, class_targets, filled, standardised


class Spy(ClassifierMixin, BaseEstimator):
    """Keeps the rows it was fitted on."""

    def fit(self, X, y, sample_weight=None):
        self.X_, self.y_, self.weight_ = X, y, sample_weight
        return self

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5)


def fitted(counts, X=None, seed=0, weight=None, **more):
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(len(counts)), counts)
    if X is None:
        X = rng.normal(size=(len(y), 3)) + 0.5 * y[:, None]
    model = ResampledLearner(Spy(), random_state=3, **more).fit(X, y, weight)
    return X, y, model.estimator_


PEERS = {
    "smote": lambda goal: over_sampling.SMOTE(sampling_strategy=goal, random_state=3),
    "borderline-smote": lambda goal: over_sampling.BorderlineSMOTE(
        sampling_strategy=goal, random_state=3
    ),
    "smote-enn": lambda goal: combine.SMOTEENN(sampling_strategy=goal, random_state=3),
    "tomek-links": lambda goal: under_sampling.TomekLinks(),
    "random-under": lambda goal: under_sampling.RandomUnderSampler(random_state=3),
}


@pytest.mark.parametrize("method", METHODS)
def test_the_rows_are_imbalanced_learns_on_standardised_numbers(method):
    X, y, spy = fitted([90, 20], method=method)
    mean, scale = X.mean(axis=0), X.std(axis=0)
    X_new, y_new = PEERS[method]({1: 90}).fit_resample((X - mean) / scale, y)
    np.testing.assert_array_equal(spy.y_, y_new)
    np.testing.assert_allclose(spy.X_, X_new * scale + mean, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_gaps_and_categories_stay_what_they_are(method):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(120, 4))
    X[:, 2] = rng.integers(0, 4, 120)
    X[:, 3] = rng.integers(0, 60, 120)
    X[rng.random((120, 4)) < 0.1] = np.nan
    _, _, spy = fitted([90, 30], X=X.copy(), method=method, categorical=(2, 3))
    for j in (2, 3):
        known = spy.X_[~np.isnan(spy.X_[:, j]), j]
        assert set(known) <= set(X[:, j])
    low, high = np.nanmin(X, axis=0), np.nanmax(X, axis=0)
    assert np.all((low <= spy.X_) & (high >= spy.X_) | np.isnan(spy.X_))
    assert len(spy.y_) != 120 and np.isnan(spy.X_).any()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("counts", [[50, 1], [50], [50, 1, 4], [4, 3], [40, 2]])
def test_a_tiny_class_never_vanishes(method, counts):
    try:
        _, y, spy = fitted(counts, method=method)
    except DataError as error:
        assert method in str(error)
        return
    assert np.array_equal(np.unique(spy.y_), np.unique(y))


def blobs(counts, far=0.0):
    """Return classes so far apart that no row has a neighbour of another class."""
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(len(counts)), counts)
    return rng.normal(size=(len(y), 2)) + far * y[:, None], y


# every way in which a sampler can refuse, and a word of the reason
REFUSALS = {
    "one class": ("smote", [40], {}, 0.0, "one class"),
    "one row in the class": ("smote", [40, 1], {}, 0.0, "1 row"),
    "already as balanced as asked": ("smote", [40, 30], {"strength": 0.5}, 0.0, "nothing to add"),
    "nothing to take away": ("random-under", [40, 30], {"strength": 5.0}, 0.0, "nothing to take"),
    "no row in danger": ("borderline-smote", [40, 12], {}, 50.0, "no new row"),
    "too few rows for the neighbours": ("five neighbours", [40, 3], {}, 0.0, "too small"),
    "a class would vanish": ("smote-enn", [30, 20, 1], {}, 0.0, "would vanish"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_sampler_that_refuses_is_never_replaced_by_the_untouched_rows(name, monkeypatch):
    strict = (lambda targets, *rest: SMOTE(sampling_strategy=targets), "over", "mixed")
    monkeypatch.setitem(METHODS, "five neighbours", strict)
    method, counts, more, far, word = REFUSALS[name]
    X, y = blobs(counts, far)
    with pytest.raises(DataError, match=f"{method}.*{word}"):
        ResampledLearner(Spy(), method=method, random_state=3, **more).fit(X, y)


def test_smote_raises_classes_to_the_strength_and_leaves_a_single_row():
    assert np.bincount(fitted([60, 40, 6], strength=0.3)[2].y_).tolist() == [60, 40, 18]
    assert np.bincount(fitted([50, 1, 4])[2].y_).tolist() == [50, 1, 50]
    assert class_targets(np.array([60, 40, 6]), "over", 1.0) == {1: 60, 2: 60}
    assert class_targets(np.array([60, 40, 6]), "under", 1.0) == {0: 40}
    assert class_targets(np.array([60, 6]), "under", 5.0) == {0: 30}


def test_thinning_is_undone_in_the_probabilities():
    rng = np.random.default_rng(0)
    y = (rng.random(20_000) < 0.05).astype(int)
    X = rng.normal(size=(20_000, 2)) + y[:, None]
    weight = rng.uniform(0.5, 1.5, 20_000)
    model = ResampledLearner(LogisticRegression(), method="random-under").fit(X, y, weight)
    np.testing.assert_allclose(model.training_prior_, 0.5, atol=0.03)
    assert abs(model.predict_proba(X)[:, 1].mean() - np.average(y, weights=weight)) < 0.006
    raw = model.estimator_.predict_proba(X)[:, 1].mean()
    assert raw > 0.2, "without the correction it would show"


def test_weights_go_through_with_the_rows():
    X, y, _ = fitted([90, 20])
    weight = X[:, 0] ** 2
    _, _, spy = fitted([90, 20], X=X, weight=weight)
    np.testing.assert_array_equal(spy.weight_[: len(y)], weight)
    assert len(spy.weight_) == 180 and spy.weight_.min() >= weight.min()


def test_the_view_for_distances_is_a_slow_loop():
    X = np.array([[1.0, 5.0, 0.0], [3.0, np.nan, 1.0], [5.0, 7.0, np.nan]])
    view = filled(standardised(X, (2,)), (2,))
    half = np.sqrt(0.5)
    scale = np.std([1.0, 3.0, 5.0])
    np.testing.assert_allclose(view[:, 0], [-2 / scale, 0, 2 / scale])
    np.testing.assert_allclose(view[:, 1], [-1, 0, 1])
    np.testing.assert_allclose(view[:, 2:], np.eye(3) * half)
