"""The order of a probability model, its move to another prior, and what of it is saved."""

import numpy as np
import pytest
import skops.io
from sklearn import config_context
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rarebird._errors import DataError, NotFittedError, ParameterError
from rarebird.decide import (
    AlertBudget,
    Argmax,
    BiasCorrectedTemperature,
    CostRule,
    DecidedClassifier,
    DecisionWeights,
    Identity,
    MinimumPrecision,
    ProbabilityModel,
    TunedThreshold,
    correct_prior,
)
from rarebird.ensemble import UnderBaggingClassifier
from rarebird.resample import SMOTE, RandomUnderSampler, ResampledClassifier
from rarebird.weight import ClassWeightedClassifier

RNG = np.random.default_rng(0)
Y = (RNG.random(800) < 0.2).astype(int)
X = RNG.normal(size=(800, 3)) + Y[:, None]
NAMES = np.array(["no", "yes"])[Y]


def decided(decision, **more):
    more = {"calibrator": BiasCorrectedTemperature(), **more}
    return DecidedClassifier(LogisticRegression(), decision, **more)


class Known(ProbabilityModel, BaseEstimator):
    """Probabilities by a formula, learned under equal shares."""

    def fit(self, X, y):
        self._begin(X, y, None)
        self.fitted_prior_ = np.array([0.5, 0.5])
        return self

    def _proba(self, X):
        p = np.asarray(X)[:, 0]
        return self._at_training_prior(np.column_stack([1 - p, p]))


def test_members_then_calibration_then_deployment_then_decision():
    rows, y = np.linspace(0.05, 0.95, 40)[:, None], np.arange(40) % 10 // 8
    model = Known().fit(rows, y)
    brought = correct_prior(rows[:, 0], 0.5, 0.2)
    np.testing.assert_allclose(model.predict_proba(rows), brought)
    model.calibrator_ = BiasCorrectedTemperature().fit(rows[:, 0], y)
    model.decision_ = CostRule({"fp": 1, "fn": 3}).fit(rows[:, 0], y)
    calibrated = model.calibrator_.transform(brought)
    np.testing.assert_allclose(model.predict_proba(rows), calibrated)
    moved = correct_prior(calibrated, 0.2, 0.02)
    np.testing.assert_allclose(model.set_prior(0.02).predict_proba(rows), moved)
    assert np.array_equal(model.predict(rows), (moved[:, 1] >= 0.25).astype(int))


def test_what_is_not_fitted_says_so_as_scikit_learn_does():
    from sklearn.exceptions import NotFittedError as Theirs

    for ask in (
        lambda model: model.predict_proba(X),
        lambda model: model.predict(X),
        lambda model: model.set_prior(0.1),
        lambda model: model.fitted(),
        lambda model: model.n_features_in_,
    ):
        with pytest.raises(NotFittedError, match=r"not fitted yet. Call fit\(X, y\)") as caught:
            ask(decided(Argmax()))
        assert isinstance(caught.value, Theirs)


# decisions under another prior


@pytest.mark.parametrize(
    "decision", [Argmax(), CostRule({"fp": 1, "fn": 9})], ids=["argmax", "costs"]
)
def test_a_decision_that_follows_the_prior_stays(decision):
    model = decided(decision).fit(X, NAMES)
    before, share = model.decision_, (model.predict(X) == "yes").mean()
    model.set_prior(0.02)
    assert model.decision_ is before and "follows" in model.prior_note_
    assert (model.predict(X) == "yes").mean() < share


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "decision",
    [TunedThreshold("f1"), MinimumPrecision(0.6), AlertBudget("5/100"), DecisionWeights("f1")],
    ids=lambda decision: type(decision).__name__,
)
def test_a_tuned_decision_is_tuned_again_on_re_weighted_out_of_fold_scores(decision, weighted):
    weight = RNG.uniform(0.5, 2, 800) if weighted else None
    model = decided(decision).fit(X, NAMES, weight)
    before = model.decision_
    w = np.ones(800) if weight is None else weight
    share = np.average(Y, weights=w)
    np.testing.assert_allclose(model.training_prior_, [1 - share, share])
    model.set_prior(0.02)
    assert "tuned again" in model.prior_note_
    moved = correct_prior(model.oof_proba_, model.training_prior_, [0.98, 0.02])
    again = clone(decision).fit(moved, Y, w * np.where(Y == 1, 0.02 / share, 0.98 / (1 - share)))
    assert model.decision_.describe() == again.describe() != before.describe()
    learned = getattr(again, "threshold_", 0)
    assert getattr(model.decision_, "threshold_", 0) == pytest.approx(learned, rel=1e-12)
    model.set_prior({"no": 0.5, "yes": 0.5}).set_prior(model.training_prior_)
    assert model.decision_.describe() == before.describe()


def test_an_untuned_threshold_is_the_default_under_the_new_prior():
    few = np.r_[np.flatnonzero(Y == 1)[:8], np.flatnonzero(Y == 0)]
    plain = decided(TunedThreshold("f1")).fit(X[few], Y[few])
    before = plain.decision_.threshold_
    plain.set_prior(0.1)
    assert plain.decision_.threshold_ != before and "untuned" in plain.prior_note_
    proba = plain._at_prior(plain.oof_proba_)[:, 1]  # the base rate: a tenth of the weight alerts
    weight = np.where(plain.oof_y_ == 1, 0.1 / 8, 0.9 / (len(few) - 8))
    alerted = weight[proba >= plain.decision_.threshold_].sum()
    assert alerted == pytest.approx(0.1, abs=weight.max())
    by_share = decided(TunedThreshold("gmean")).fit(X[few], Y[few]).set_prior(0.1)
    assert by_share.decision_.threshold_ == pytest.approx(0.1)


def test_without_scores_a_tuned_decision_is_kept_and_said_so():
    model = Known().fit(np.linspace(0, 1, 40)[:, None], np.arange(40) % 2)
    model.decision_ = TunedThreshold("f1").fit(np.linspace(0, 1, 40), np.arange(40) // 20)
    before = model.decision_
    assert "no out-of-fold scores" in model.set_prior(0.1).prior_note_
    assert model.decision_ is before


# probabilities that refer to no prior


UNCORRECTED = [
    ClassWeightedClassifier(LogisticRegression(), correct_prior=False),
    UnderBaggingClassifier(LogisticRegression(), n_estimators=2, correct_prior=False),
    ResampledClassifier(
        RandomUnderSampler(random_state=0), LogisticRegression(), correct_prior=False
    ),
    ResampledClassifier(SMOTE(random_state=0), LogisticRegression(), correct_prior=False),
    DecidedClassifier(
        ClassWeightedClassifier(LogisticRegression(), correct_prior=False), Argmax(), cv=2
    ),
]


@pytest.mark.parametrize("model", UNCORRECTED, ids=lambda model: type(model).__name__)
def test_probabilities_left_as_they_are_cannot_be_moved(model):
    model = clone(model).fit(X, Y)
    assert model.prior_ is None
    np.testing.assert_allclose(model.training_prior_, np.bincount(Y) / 800)
    assert model.predict_proba(X)[:, 1].mean() > 1.3 * Y.mean()
    with pytest.raises(ParameterError, match=r"no class shares.*correct_prior=True"):
        model.set_prior(0.1)


def test_the_advice_helps_a_model_that_asked_for_the_correction_already():
    smote = SMOTE(random_state=0)
    model = ResampledClassifier(smote, LogisticRegression(), calibrator=Identity()).fit(X, Y)
    with pytest.raises(ParameterError, match=r"correct_prior=True and.*other than Identity"):
        model.set_prior(0.1)
    advised = model.set_params(calibrator=BiasCorrectedTemperature()).fit(X, Y)
    assert advised.set_prior(0.1).prior_[1] == 0.1


def test_a_calibrator_gives_uncorrected_probabilities_their_prior_back():
    raw = ClassWeightedClassifier(LogisticRegression(), correct_prior=False)
    model = DecidedClassifier(raw, Argmax(), calibrator=BiasCorrectedTemperature()).fit(X, Y)
    assert model.predict_proba(X)[:, 1].mean() == pytest.approx(Y.mean(), rel=0.05)
    assert model.set_prior(0.5).prior_.tolist() == [0.5, 0.5]


# row costs and abstention


def test_costs_of_each_row_reach_the_decision():
    model = decided(CostRule({"fp": 5, "fn": 100})).fit(X, NAMES)
    amount = RNG.exponential(100, 800)
    p = model.predict_proba(X)[:, 1]
    expected = np.where(p * amount >= 5 * (1 - p), "yes", "no")
    assert np.array_equal(model.predict(X, row_costs={"fn": amount}), expected)
    full = np.zeros((800, 2, 2))
    full[:, 1, 0], full[:, 0, 1] = 5, amount
    assert np.array_equal(model.predict(X, row_costs=full), expected)
    assert not np.array_equal(model.predict(X), expected)
    with pytest.raises(DataError, match=r"Argmax: 'fn' .* CostRule"):
        decided(Argmax()).fit(X, Y).predict(X, row_costs={"fn": amount})


def test_row_costs_by_metadata_routing():
    amount = RNG.exponential(100, 800)
    model = decided(CostRule({"fp": 5, "fn": 100}))
    alone = clone(model).fit(StandardScaler().fit_transform(X), NAMES)
    expected = alone.predict(StandardScaler().fit_transform(X), row_costs={"fn": amount})
    with config_context(enable_metadata_routing=True):
        asks = model.set_predict_request(row_costs=True)
        pipe = make_pipeline(StandardScaler(), asks).fit(X, NAMES)
        assert np.array_equal(pipe.predict(X, row_costs={"fn": amount}), expected)
        resampled = ResampledClassifier(RandomUnderSampler(random_state=0), LogisticRegression())
        inner = DecidedClassifier(resampled, CostRule({"fp": 5, "fn": 100}))
        pipe = make_pipeline(StandardScaler(), inner.set_predict_request(row_costs=True))
        found = pipe.fit(X, NAMES).predict(X, row_costs={"fn": amount})
        assert set(found) == {"no", "yes"}
        with pytest.raises(ValueError, match="row_costs"):
            silent = make_pipeline(
                StandardScaler(), clone(model).set_predict_request(row_costs=None)
            )
            silent.fit(X, NAMES).predict(X, row_costs={"fn": amount})


def test_a_decision_may_leave_rows_to_a_person():
    model = decided(CostRule({"fp": 1, "fn": 1}, reject=0.2)).fit(X, NAMES)
    p = model.predict_proba(X)[:, 1]
    labels = model.predict(X)
    between = (p > 0.2) & (p < 0.8)
    assert 10 < between.sum() < 700
    assert [label is None for label in labels] == between.tolist()
    assert set(labels[~between]) == {"no", "yes"}
    acted = model.act(X)
    assert np.array_equal(acted.abstained, between) and np.all(acted.codes[between] == -1)
    sure = model.predict(X[~between][:1])
    assert sure.dtype == object, "the type depends on the decision, not on the rows"


# what is saved


def compositions():
    smote, under = SMOTE(random_state=0), RandomUnderSampler(random_state=0)
    logistic = LogisticRegression()
    return {
        "resampled": ResampledClassifier(smote, logistic, random_state=0),
        "closed form": ResampledClassifier(under, logistic),
        "weighted": ClassWeightedClassifier(logistic),
        "decided": decided(TunedThreshold("f1", n_boot=5)),
        "nested": DecidedClassifier(
            ResampledClassifier(under, logistic), TunedThreshold("f1", n_boot=5), fitted_prior=None
        ),
        "around an ensemble": DecidedClassifier(
            UnderBaggingClassifier(logistic, n_estimators=2), Argmax(), cv=2
        ),
    }


@pytest.mark.parametrize("name", compositions())
def test_the_fitted_parts_alone_predict_and_move_as_the_whole(name):
    model = compositions()[name].fit(X, NAMES)
    small = model.fitted()
    content = skops.io.dumps(small)
    types = skops.io.get_untrusted_types(data=content)
    assert not [t for t in types if not t.startswith(("rarebird.decide.", "rarebird.ensemble."))]
    small = skops.io.loads(content, trusted=types)
    assert clone(small) is small and is_classifier(small) and small.n_features_in_ == 3
    for prior in (None, 0.05):
        if prior is not None:
            model.set_prior(prior)
            small.set_prior(prior)
        np.testing.assert_array_equal(small.predict_proba(X), model.predict_proba(X))
        np.testing.assert_array_equal(small.predict(X), model.predict(X))
        assert small.prior_note_ == model.prior_note_
    assert small.score(X, NAMES) == model.score(X, NAMES)
    later = DecidedClassifier(model.fitted(), CostRule({"fp": 1, "fn": 4}), cv="prefit")
    assert later.fit(X, NAMES).estimator_.decision_ is model.decision_


def test_moving_the_small_model_leaves_the_whole_alone():
    model = decided(TunedThreshold("f1")).fit(X, Y)
    before = model.decision_, model.prior_, model.predict_proba(X)
    model.fitted().set_prior(0.01)
    assert (model.decision_, model.prior_) == before[:2]
    np.testing.assert_array_equal(model.predict_proba(X), before[2])


def test_an_ensemble_holds_nothing_but_its_members():
    model = UnderBaggingClassifier(LogisticRegression(), n_estimators=2).fit(X, Y)
    assert model.fitted() is model


def test_models_score_in_cross_validation():
    for model in compositions().values():
        assert cross_val_score(model, X, Y, cv=2, error_score="raise").min() > 0.6
