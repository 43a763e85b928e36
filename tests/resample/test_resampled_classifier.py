"""ResampledClassifier: resampling in fit only, and probabilities for rows as they come."""

import pickle

import imblearn.over_sampling
import imblearn.pipeline
import imblearn.under_sampling
import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
import skops.io
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from rarebird._errors import DataError, ParameterError, ParameterTypeError
from rarebird.decide import (
    BiasCorrectedTemperature,
    Identity,
    correct_prior,
)
from rarebird.decide.folds import stratified_folds
from rarebird.resample import SMOTE, RandomOverSampler, RandomUnderSampler
from rarebird.resample.classifier import ResampledClassifier

X, Y = make_classification(
    600, 5, n_informative=4, n_redundant=0, weights=[0.85], flip_y=0.05, random_state=0
)
UNDER, LOGISTIC = RandomUnderSampler(random_state=0), LogisticRegression()

NOT_KEPT = {
    "check_sample_weight_equivalence_on_dense_data": "a row of weight 2 is drawn as one row",
    "check_sample_weight_equivalence_on_sparse_data": "a row of weight 2 is drawn as one row",
}


@pytest.mark.slow
@parametrize_with_checks(
    [ResampledClassifier(RandomOverSampler(random_state=0), LogisticRegression())],
    expected_failed_checks=lambda _: NOT_KEPT,
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


class Spy(ClassifierMixin, BaseEstimator):
    """Keeps what it was given."""

    def fit(self, X, y, sample_weight=None):
        self.classes_, self.counts_ = np.unique(y, return_counts=True)
        self.X_, self.y_, self.weight_ = X, y, sample_weight
        self.n_features_in_ = X.shape[1]
        return self

    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))


def gauss(n, seed):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.116).astype(int)
    return rng.normal(size=(n, 4)) + y[:, None] * np.array([0.8, 0.8, 0.4, 0.0]), y


RESAMPLERS = [
    # resampler, folds, largest relative error, error of a prior correction alone at least
    (RandomUnderSampler(random_state=0), 5, 0.04, 0.0),
    (SMOTE(random_state=0), 5, 0.02, 0.0),
    (imblearn.under_sampling.EditedNearestNeighbours(), 5, 0.02, 0.2),
    (imblearn.under_sampling.NearMiss(), 5, 0.02, 0.2),
    (
        imblearn.under_sampling.InstanceHardnessThreshold(
            estimator=LogisticRegression(), random_state=0
        ),
        10,
        0.06,
        4.0,
    ),
]


@pytest.mark.parametrize(("resampler", "cv", "error", "alone"), RESAMPLERS)
def test_the_mean_probability_is_the_true_rate(resampler, cv, error, alone):
    """Against an untreated model's mean on the same 12,000 new rows; the true rate is .116."""
    X, y = gauss(24_000, 1)
    X, X_new, y = X[:12_000], X[12_000:], y[:12_000]
    plain = LogisticRegression().fit(X, y).predict_proba(X_new)[:, 1].mean()
    assert plain == pytest.approx(0.116, rel=0.05)
    model = ResampledClassifier(resampler, LogisticRegression(), cv=cv, random_state=0).fit(X, y)
    assert model.predict_proba(X_new)[:, 1].mean() == pytest.approx(plain, rel=error)
    own = model.estimator_.predict_proba(X_new)
    by_prior = correct_prior(own, model.resampled_prior_, model.prior_)[:, 1].mean()
    assert abs(by_prior / plain - 1) >= alone, "a prior correction alone would have done"
    raw = ResampledClassifier(resampler, LogisticRegression(), correct_prior=False).fit(X, y)
    assert raw.predict_proba(X_new)[:, 1].mean() > 1.4 * plain


def test_the_card_decides_how_it_is_corrected():
    under = ResampledClassifier(UNDER, LOGISTIC).fit(X, Y)
    assert isinstance(under.calibrator_, Identity)
    rows, labels = UNDER.fit_resample(X, Y)
    own = LogisticRegression().fit(rows, labels).predict_proba(X)
    np.testing.assert_allclose(under.resampled_prior_, np.bincount(labels) / len(labels))
    np.testing.assert_allclose(under.prior_, np.bincount(Y) / len(Y))
    np.testing.assert_allclose(
        under.predict_proba(X), correct_prior(own, [0.5, 0.5], np.bincount(Y) / len(Y))
    )
    for resampler in (
        SMOTE(random_state=0),
        imblearn.under_sampling.RandomUnderSampler(random_state=0),  # no card
        type("Mine", (RandomUnderSampler,), {})(random_state=0),  # of a subclass nothing is known
    ):
        model = ResampledClassifier(resampler, LOGISTIC, random_state=0).fit(X, Y)
        assert isinstance(model.calibrator_, BiasCorrectedTemperature)
    raw = ResampledClassifier(UNDER, LOGISTIC, correct_prior=False).fit(X, Y)
    assert isinstance(raw.calibrator_, Identity)
    np.testing.assert_array_equal(raw.predict_proba(X), own)
    assert np.array_equal(raw.predict(X), own.argmax(axis=1))


def test_the_calibrator_learns_from_rows_that_nothing_has_seen():
    sampler, number = SMOTE(random_state=0), stratified_folds
    folds = StratifiedKFold(4, shuffle=True, random_state=3)
    theirs = imblearn.pipeline.make_pipeline(
        imblearn.over_sampling.SMOTE(random_state=0), LogisticRegression()
    )
    proba = cross_val_predict(theirs, X, Y, cv=folds, method="predict_proba")
    wanted = BiasCorrectedTemperature().fit(proba, Y)
    model = ResampledClassifier(sampler, LOGISTIC, cv=folds).fit(X, Y)
    assert model.calibrator_.slope_ == pytest.approx(wanted.slope_)
    np.testing.assert_allclose(
        model.predict_proba(X), wanted.transform(theirs.fit(X, Y).predict_proba(X))
    )
    assert np.array_equal(model.predict(X), model.predict_proba(X).argmax(axis=1))
    assert len(set(number(Y, 5, 0))) == 5


def test_weights_follow_the_rows():
    weight = np.random.default_rng(0).random(600)
    sampler = SMOTE(random_state=0)
    model = ResampledClassifier(sampler, Spy(), random_state=0).fit(X, Y, sample_weight=weight)
    rows, labels, weights = sampler.fit_resample(X, Y, weight=weight)
    for one, other in zip(
        (model.estimator_.X_, model.estimator_.y_, model.estimator_.weight_),
        (rows, labels, weights),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(model.resampled_prior_, np.bincount(labels, weights) / weights.sum())
    np.testing.assert_allclose(model.training_prior_, np.bincount(Y, weight) / weight.sum())


def test_weights_follow_the_rows_of_imbalanced_learn_where_it_says_which():
    weight = np.random.default_rng(0).random(600)
    theirs = imblearn.under_sampling.RandomUnderSampler(random_state=0)
    model = ResampledClassifier(theirs, Spy(), correct_prior=False).fit(X, Y, sample_weight=weight)
    theirs.fit_resample(X, Y)
    np.testing.assert_array_equal(model.estimator_.weight_, weight[theirs.sample_indices_])
    smote = imblearn.over_sampling.SMOTE(random_state=0)
    with pytest.raises(ParameterTypeError, match=r"SMOTE does not say .* rarebird\.resample"):
        ResampledClassifier(smote, Spy()).fit(X, Y, sample_weight=weight)


def test_weights_by_metadata_routing():
    weight = np.random.default_rng(0).random(600)
    folds = StratifiedKFold(2)
    with sklearn.config_context(enable_metadata_routing=True):
        asks = Spy().set_fit_request(sample_weight=True)
        model = ResampledClassifier(UNDER, asks).set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=False)
        out = cross_validate(
            model,
            X,
            Y,
            cv=folds,
            params={"sample_weight": weight},
            return_estimator=True,
            error_score="raise",
        )
        train, _ = next(folds.split(X, Y))
        wanted = UNDER.fit_resample(X[train], Y[train], weight=weight[train])[2]
        np.testing.assert_array_equal(out["estimator"][0].estimator_.weight_, wanted)
        silent = ResampledClassifier(UNDER, Spy().set_fit_request(sample_weight=False))
        fitted = silent.fit(X, Y, sample_weight=weight)
        assert fitted.estimator_.weight_ is None
        np.testing.assert_allclose(fitted.prior_, np.bincount(Y, weight) / weight.sum())
        np.testing.assert_allclose(fitted.resampled_prior_, [0.5, 0.5])
        inner = make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False),
            LogisticRegression().set_fit_request(sample_weight=True),
        )
        scaled = ResampledClassifier(UNDER, inner).fit(X, Y, sample_weight=weight)
        assert scaled.predict_proba(X).shape == (600, 2)
        with pytest.raises(ValueError, match="not explicitly set as requested"):
            ResampledClassifier(UNDER, Spy()).fit(X, Y, sample_weight=weight)
        ResampledClassifier(SMOTE(random_state=0), Spy()).fit(X, Y)


def test_inside_pipelines_searches_and_calibration():
    model = ResampledClassifier(SMOTE(random_state=0), LOGISTIC, cv=3, random_state=0)
    pipe = make_pipeline(StandardScaler(), clone(model))
    search = GridSearchCV(
        pipe, {"resampledclassifier__resampler__k_neighbors": [3, 5]}, cv=2, error_score="raise"
    ).fit(X, Y)
    assert search.best_estimator_[-1].estimator_.n_features_in_ == 5
    alone = GridSearchCV(model, {"resampler__k_neighbors": [3, 5]}, cv=2, error_score="raise")
    assert set(alone.fit(X, Y).best_params_) == {"resampler__k_neighbors"}
    weight = np.ones(600)
    calibrated = CalibratedClassifierCV(model, cv=2).fit(X, Y, sample_weight=weight)
    assert calibrated.predict_proba(X)[:, 1].mean() == pytest.approx(Y.mean(), rel=0.2)
    scores = cross_validate(model, X, Y, cv=3, scoring="neg_log_loss", error_score="raise")
    untreated = cross_validate(LOGISTIC, X, Y, cv=3, scoring="neg_log_loss")
    assert scores["test_score"].mean() > untreated["test_score"].mean() - 0.02


@pytest.mark.parametrize("kind", ["pandas", "polars", "csr", "list"])
def test_tables_of_any_kind(kind):
    names = list("abcde")
    table = {
        "pandas": lambda: pd.DataFrame(X, columns=names, index=np.arange(600)[::-1]),
        "polars": lambda: pl.DataFrame(X, schema=names),
        "csr": lambda: sparse.csr_matrix(X),
        "list": lambda: X.tolist(),
    }[kind]()
    model = ResampledClassifier(SMOTE(random_state=0), LOGISTIC, cv=3, random_state=0)
    plain = clone(model).fit(X, Y).predict_proba(X)
    model.fit(table, np.array(["no", "yes"])[Y])
    np.testing.assert_allclose(model.predict_proba(table), plain, atol=1e-6)
    assert model.classes_.tolist() == ["no", "yes"] and model.n_features_in_ == 5
    assert set(model.predict(table).tolist()) == {"no", "yes"}
    assert not hasattr(model, "feature_names_in_") or list(model.feature_names_in_) == names


def test_pipelines_of_samplers_are_resamplers():
    steps = imblearn.pipeline.make_pipeline(
        SMOTE(random_state=0), imblearn.under_sampling.TomekLinks()
    )
    model = ResampledClassifier(steps, LOGISTIC, random_state=0).fit(X, Y)
    assert isinstance(model.calibrator_, BiasCorrectedTemperature)
    assert model.resampled_prior_[1] > 0.45 > 2 * model.prior_[1]


def test_one_seed_for_all_parts():
    def answers(seed):
        tree = DecisionTreeClassifier(max_features=1, max_depth=3)
        return ResampledClassifier(SMOTE(), tree, random_state=seed).fit(X, Y).predict_proba(X)

    np.testing.assert_array_equal(answers(1), answers(1))
    assert not np.array_equal(answers(1), answers(2))
    given = ResampledClassifier(SMOTE(random_state=5), DecisionTreeClassifier(), random_state=0)
    given.fit(X, Y)
    assert given.resampler.random_state == 5 and given.estimator.random_state is None
    assert given.estimator_.random_state is not None


def test_the_resampler_is_not_saved():
    sampler = SMOTE(random_state=0)
    sampler.fit_resample(X, Y)  # it holds a plan and a search tree now
    model = ResampledClassifier(sampler, LOGISTIC, random_state=0).fit(X, Y)
    content = pickle.dumps(model)
    for word in (b"plan_", b"nn_k_", b"KDTree", b"Interpolated"):
        assert word not in content
    assert len(content) < 4000 < len(pickle.dumps(sampler))
    assert hasattr(sampler, "plan_"), "the user's own object is left alone"
    copy = pickle.loads(content)
    np.testing.assert_array_equal(copy.predict_proba(X), model.predict_proba(X))
    assert copy.get_params()["resampler__random_state"] == 0


def test_what_is_worth_saving_goes_through_skops():
    model = ResampledClassifier(SMOTE(random_state=0), LOGISTIC, random_state=0).fit(X, Y)
    content = skops.io.dumps(model.set_prior(0.3).fitted())
    types = skops.io.get_untrusted_types(data=content)
    assert set(types) == {
        "rarebird.decide.bias_corrected_temperature.BiasCorrectedTemperature",
        "rarebird.decide.argmax.Argmax",
        "rarebird.decide.probability_model.FittedModel",
    }
    small = skops.io.loads(content, trusted=types)
    np.testing.assert_array_equal(small.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(small.predict(X), model.predict(X))
    assert clone(small) is small and small.n_features_in_ == 5


def test_the_prior_of_where_it_is_used():
    model = ResampledClassifier(UNDER, LOGISTIC).fit(X, Y)
    before = model.predict_proba(X)
    assert model.set_prior(0.5) is model
    np.testing.assert_allclose(
        model.predict_proba(X), correct_prior(before, model.training_prior_, [0.5, 0.5])
    )
    np.testing.assert_allclose(model.prior_, [0.5, 0.5])
    model.set_prior(model.training_prior_)
    np.testing.assert_allclose(model.predict_proba(X), before)
    with pytest.raises(ParameterError, match=r"shape is \(3,\) for the 2 classes \[0, 1\]"):
        model.set_prior([0.5, 0.3, 0.2])
    raw = ResampledClassifier(UNDER, LOGISTIC, correct_prior=False).fit(X, Y)
    with pytest.raises(ParameterError, match="correct_prior=True"):
        raw.set_prior(0.5)


def test_a_tiny_class_is_named_with_its_count_and_the_way_out():
    y = np.zeros(600, dtype=int)
    y[:1] = 1
    with pytest.raises(DataError, match=r"class 1 has 1 row,.* correct_prior=False"):
        ResampledClassifier(SMOTETomekLike(), LOGISTIC).fit(X, y)
    y[:6] = 1
    model = ResampledClassifier(SMOTE(random_state=0), LOGISTIC, random_state=0)
    with pytest.raises(DataError, match=r"fold 1 of 5.*class 1 has 6 rows in all.*False") as error:
        model.fit(X, y)
    assert "k_neighbors<=" in str(error.value)
    assert model.set_params(correct_prior=False).fit(X, y).training_prior_[1] == 0.01
    y[:5] = 0  # the last row alone: the resampler itself refuses, in its own words
    with pytest.raises(DataError, match="SMOTE: class"):
        model.fit(X, y)


class SMOTETomekLike(BaseEstimator):
    """Leaves the rows as they are, and says nothing of itself."""

    def fit_resample(self, X, y):
        return X, y


class Dropper(BaseEstimator):
    def fit_resample(self, X, y):
        return X[y == 0], y[y == 0]


def test_what_cannot_be_used_is_refused_in_words():
    with pytest.raises(DataError, match=r"only one class, \[0\], in 600 rows"):
        ResampledClassifier(UNDER, LOGISTIC).fit(X, np.zeros(600, dtype=int))
    n = int(Y.sum())
    with pytest.raises(DataError, match=f"Dropper left 0 of the {n} rows of class 1"):
        ResampledClassifier(Dropper(), LOGISTIC).fit(X, Y)
    with pytest.raises(ParameterTypeError, match="LinearSVC has no predict_proba"):
        ResampledClassifier(UNDER, LinearSVC()).fit(X, Y)
    with pytest.raises(ParameterTypeError, match="takes no sample_weight"):
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        ResampledClassifier(UNDER, pipe).fit(X, Y, sample_weight=np.ones(600))
    for wrong in ({"resampler": 3}, {"cv": 1}, {"cv": "prefit"}, {"correct_prior": "no"}):
        model = ResampledClassifier(UNDER, LOGISTIC).set_params(**wrong)
        with pytest.raises(ParameterError, match=next(iter(wrong))):
            model.fit(X, Y)


def test_three_classes():
    y = np.digitize(X[:, 0] + 0.5 * X[:, 1], [0.5, 2.0])
    for resampler in (RandomOverSampler(random_state=0), SMOTE(random_state=0)):
        model = ResampledClassifier(resampler, LOGISTIC, random_state=0).fit(X, y)
        np.testing.assert_allclose(
            model.predict_proba(X).mean(axis=0), np.bincount(y) / 600, atol=0.03
        )
        np.testing.assert_allclose(model.resampled_prior_, 1 / 3)


@pytest.mark.parametrize("resampler", [RandomUnderSampler(random_state=1), SMOTE(random_state=1)])
def test_a_row_of_weight_0_counts_as_absent(resampler):
    weight = np.where(Y == 1, 1.0, np.arange(len(Y)) % 20 == 0)
    few, model = weight > 0, ResampledClassifier(resampler, DecisionTreeClassifier(random_state=0))
    masked = clone(model).fit(X, Y, weight)
    absent = clone(model).fit(X[few], Y[few], weight[few])
    assert np.array_equal(masked.resampled_prior_, absent.resampled_prior_)
    assert np.array_equal(masked.predict_proba(X), absent.predict_proba(X))
    with pytest.raises(DataError, match=f"class 0 has {(Y == 0).sum()} rows, all of weight 0"):
        model.fit(X, Y, Y == 1)
