"""Resampling candidates: which rows their learners see, and what is refused."""

import numpy as np
import pytest
from imblearn import combine, over_sampling, under_sampling
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

from rarebird._errors import DataError
from rarebird.registry import method
from rarebird.resample import SMOTE
from rarebird.study.candidates import all_candidates, candidate, resampled

METHODS = [each.name for each in all_candidates() if each.card.role == "resampler"]


class Spy(ClassifierMixin, BaseEstimator):
    """Keeps the rows it was fitted on."""

    def fit(self, X, y, sample_weight=None):
        self.X_, self.y_, self.weight_ = X, y, sample_weight
        return self

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5)


def sampler_of(name, random_state=None, **dials):
    """Return a candidate's sampler with its first dials, or other ones."""
    use = candidate(name).use
    sampler = method("resampler", name)(**use.arguments())
    sampler.set_params(**(use.strengths[0] if use.strengths and not dials else dials))
    for seeded in [key for key in sampler.get_params() if key.endswith("random_state")]:
        sampler.set_params(**{seeded: random_state})
    return sampler


def fitted(sampler, counts, X=None, weight=None, categorical=()):
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(len(counts)), counts)
    if X is None:
        X = rng.normal(size=(len(y), 3)) + 0.5 * y[:, None]
    model = resampled(sampler, Spy(), categorical, 3).fit(X, y, weight)
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
    X, y, spy = fitted(sampler_of(method, 3), [90, 20])
    mean, scale = X.mean(axis=0), X.std(axis=0)
    X_new, y_new = PEERS[method]({1: 90}).fit_resample((X - mean) / scale, y)
    np.testing.assert_array_equal(spy.y_, y_new)
    np.testing.assert_allclose(spy.X_, X_new * scale + mean, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_missing_values_and_categories_stay_what_they_are(method):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(120, 4))
    X[:, 2] = rng.integers(0, 4, 120)
    X[:, 3] = rng.integers(0, 60, 120)
    X[rng.random((120, 4)) < 0.1] = np.nan
    _, _, spy = fitted(sampler_of(method), [90, 30], X=X.copy(), categorical=(2, 3))
    for j in (2, 3):
        known = spy.X_[~np.isnan(spy.X_[:, j]), j]
        assert set(known) <= set(X[:, j])
    low, high = np.nanmin(X, axis=0), np.nanmax(X, axis=0)
    assert np.all((low <= spy.X_) & (high >= spy.X_) | np.isnan(spy.X_))
    assert len(spy.y_) != 120 and np.isnan(spy.X_).any()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.filterwarnings("ignore:BorderlineSMOTE")
@pytest.mark.parametrize("counts", [[50, 1], [50], [50, 1, 4], [4, 3], [40, 2]])
def test_a_tiny_class_never_vanishes(method, counts):
    try:
        _, y, spy = fitted(sampler_of(method), counts)
    except DataError as error:
        assert "class" in str(error) and any(str(n) in str(error) for n in counts)
        return
    assert np.array_equal(np.unique(spy.y_), np.unique(y))


def blobs(counts, far=0.0):
    """Return classes so far apart that no row has a neighbour of another class."""
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(len(counts)), counts)
    return rng.normal(size=(len(y), 2)) + far * y[:, None], y


def dial(name, **bounds):
    return sampler_of(name, sampling_strategy=bounds)


# every way in which a sampler can refuse, and a word of the reason
REFUSALS = {
    "one class": (lambda: sampler_of("smote"), [40], 0.0, "one class"),
    "one row in the class": (lambda: sampler_of("smote"), [40, 1], 0.0, "1 of 41 rows"),
    "already as balanced as asked": (
        lambda: dial("smote", min_ratio=0.5), [40, 30], 0.0, "no new row",
    ),
    "nothing to take away": (
        lambda: dial("random-under", max_ratio=5.0), [40, 30], 0.0, "no row away",
    ),
    "no row in danger": (lambda: sampler_of("borderline-smote"), [40, 12], 50.0, "no new row"),
    "too few rows for the neighbours": (lambda: SMOTE(), [40, 3], 0.0, "too small"),
    "a class would vanish": (lambda: sampler_of("smote-enn"), [30, 20, 1], 0.0, "vanish"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:BorderlineSMOTE")
@pytest.mark.parametrize("name", REFUSALS)
def test_a_sampler_that_refuses_is_never_replaced_by_the_untouched_rows(name):
    sampler, counts, far, word = REFUSALS[name]
    X, y = blobs(counts, far)
    with pytest.raises(DataError, match=word):
        resampled(sampler(), Spy(), (), 3).fit(X, y)


def test_classes_rise_to_the_ratio_and_a_single_row_is_left():
    rows = fitted(sampler_of("smote", **candidate("smote").use.strengths[1]), [60, 40, 6])[2].y_
    assert np.bincount(rows).tolist() == [60, 40, 18]
    assert np.bincount(fitted(sampler_of("smote"), [50, 1, 4])[2].y_).tolist() == [50, 1, 50]


def test_thinning_is_undone_in_the_probabilities():
    rng = np.random.default_rng(0)
    y = (rng.random(20_000) < 0.05).astype(int)
    X = rng.normal(size=(20_000, 2)) + y[:, None]
    weight = rng.uniform(0.5, 1.5, 20_000)
    model = resampled(sampler_of("random-under"), LogisticRegression(), (), 0).fit(X, y, weight)
    np.testing.assert_allclose(model.fitted_prior_, 0.5, atol=0.03)
    assert abs(model.predict_proba(X)[:, 1].mean() - np.average(y, weights=weight)) < 0.006
    raw = model.estimator_.predict_proba(X)[:, 1].mean()
    assert raw > 0.2, "without the correction it would show"


def test_weights_go_through_with_the_rows():
    X, y, _ = fitted(sampler_of("smote"), [90, 20])
    weight = X[:, 0] ** 2
    _, _, spy = fitted(sampler_of("smote"), [90, 20], X=X, weight=weight)
    np.testing.assert_array_equal(spy.weight_[: len(y)], weight)
    assert len(spy.weight_) == 180 and spy.weight_.min() >= weight.min()
