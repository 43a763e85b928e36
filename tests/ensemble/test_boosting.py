"""Boosting: against a loop by hand, scikit-learn's AdaBoost, and imbalanced-learn's RUSBoost."""

import numpy as np
import pytest
from sklearn.ensemble import AdaBoostClassifier
from sklearn.metrics import average_precision_score
from sklearn.tree import DecisionTreeClassifier

from rarebird._errors import DataError
from rarebird._random import seed_of
from rarebird.decide import BiasCorrectedTemperature
from rarebird.ensemble import SAMME, Balanced, Ensemble, MeanVote, RUSBoostClassifier
from rarebird.resample import RandomUnderSampler
from rarebird.tables import AllRows, Explicit, Kept, Plan

STUMP = DecisionTreeClassifier(max_depth=1)


def table(n_classes, n=500, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.choice(n_classes, n, p=[[0.9, 0.1], [0.7, 0.2, 0.1]][n_classes - 2])
    return rng.normal(size=(n, 4)) + y[:, None] * [1.6, 0.8, 0.0, -0.8], y


def all_rows(training, round, rng):
    return Plan((AllRows(len(training.y)),))


def boosted_by_hand(X, y, n_rounds, rate, seed, weight):
    """RUSBoost row by row: [(member, vote)]."""
    n_classes, w = y.max() + 1, [v / sum(weight) for v in weight]
    found = []
    for m in range(n_rounds):
        draw_seed = int(np.random.default_rng(seed_of(seed, "member", m)).integers(2**31 - 1))
        sampler = RandomUnderSampler(random_state=seed_of(draw_seed, "random_state"))
        sampler.fit_resample(X, y)
        rows = sampler.sample_indices_
        tree = DecisionTreeClassifier(
            max_depth=1, random_state=seed_of(seed_of(seed, "fit", m), "random_state")
        )
        tree.fit(X[rows], y[rows], [w[i] * sum(v > 0 for v in weight) for i in rows])
        wrong = [a != b for a, b in zip(tree.predict(X), y, strict=True)]
        err = sum(v for v, is_wrong in zip(w, wrong, strict=True) if is_wrong)
        if err >= 1 - 1 / n_classes:
            break
        if err == 0:
            return [*found, (tree, 1.0)]
        vote = rate * (np.log((1 - err) / err) + np.log(n_classes - 1))
        found.append((tree, vote))
        w = [v * np.exp(vote) if is_wrong else v for v, is_wrong in zip(w, wrong, strict=True)]
        w = [v / sum(w) for v in w]
    return found


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_rus_boost_equals_a_loop_by_hand(n_classes, weighted):
    X, y = table(n_classes)
    weight = np.random.default_rng(1).uniform(0.5, 2, len(y)) if weighted else np.ones(len(y))
    model = RUSBoostClassifier(
        n_estimators=12, learning_rate=0.7, correct_prior=False, random_state=5
    ).fit(X, y, sample_weight=weight if weighted else None)
    expected = boosted_by_hand(X, y, 12, 0.7, 5, weight.tolist())
    assert len(model.estimators_) == len(expected) >= 2
    np.testing.assert_allclose(model.alphas_, [vote for _, vote in expected])
    votes = np.zeros((len(y), n_classes))
    for tree, vote in expected:
        for i, label in enumerate(tree.predict(X)):
            votes[i] -= vote / (n_classes - 1)
            votes[i, label] += vote + vote / (n_classes - 1)
    votes /= sum(vote for _, vote in expected)
    proba = np.exp(votes / (n_classes - 1))
    proba /= proba.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(X), proba, atol=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_samme_on_all_rows_is_scikit_learns_adaboost(n_classes):
    X, y = table(n_classes)
    weight = np.random.default_rng(1).uniform(0.5, 2, len(y))
    ours = Ensemble(
        DecisionTreeClassifier(max_depth=2), all_rows, SAMME(learning_rate=0.5), n_estimators=15,
        correct_prior=False, random_state=0,
    ).fit(X, y, sample_weight=weight)  # fmt: skip
    theirs = AdaBoostClassifier(
        DecisionTreeClassifier(max_depth=2), n_estimators=15, learning_rate=0.5, random_state=0
    ).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(ours.alphas_, theirs.estimator_weights_, rtol=1e-8)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-10)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


@pytest.mark.parametrize("n_classes", [2, 3])
def test_on_the_rows_that_imbalanced_learn_drew_votes_and_predictions_are_equal(n_classes):
    ensembles = pytest.importorskip("imblearn.ensemble")
    X, y = table(n_classes)
    theirs = ensembles.RUSBoostClassifier(STUMP, n_estimators=12, random_state=3).fit(X, y)

    def same_rows(training, round, rng):
        return Plan((Kept(theirs.samplers_[round].sample_indices_),))

    n = len(theirs.estimators_)
    ours = Ensemble(STUMP, same_rows, SAMME(), n_estimators=n, correct_prior=False).fit(X, y)
    assert len(ours.estimators_) == n >= 2
    np.testing.assert_allclose(ours.alphas_, theirs.estimator_weights_[:n])
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-10)


def test_it_ranks_as_well_as_imbalanced_learns_over_seeds():
    ensembles = pytest.importorskip("imblearn.ensemble")
    X, y = table(2, n=1500, seed=2)
    train, test = slice(0, 800), slice(800, None)
    made = (
        lambda s: RUSBoostClassifier(n_estimators=15, correct_prior=False, random_state=s),
        lambda s: ensembles.RUSBoostClassifier(n_estimators=15, random_state=s),
    )
    ours, theirs = (
        [
            average_precision_score(
                y[test], make(seed).fit(X[train], y[train]).predict_proba(X[test])[:, 1]
            )
            for seed in range(6)
        ]
        for make in made
    )
    noise = np.sqrt((np.var(ours, ddof=1) + np.var(theirs, ddof=1)) / 6)
    assert abs(np.mean(ours) - np.mean(theirs)) < 4 * noise
    assert min(ours) > 2 * y[test].mean()


def test_scores_of_boosting_become_probabilities():
    X, y = table(2, n=3000)
    new, truth = table(2, n=5000, seed=9)
    models = [RUSBoostClassifier(n_estimators=10, random_state=s).fit(X, y) for s in range(5)]
    assert all(isinstance(model.calibrator_, BiasCorrectedTemperature) for model in models)
    raw = models[0]._proba(new)[:, 1].mean()
    mean = np.mean([model.predict_proba(new)[:, 1].mean() for model in models])
    assert mean == pytest.approx(truth.mean(), abs=0.02) and raw > 0.25
    assert models[0].set_prior(0.4).predict_proba(new)[:, 1].mean() > 0.25


def test_a_member_without_errors_ends_the_boosting_and_has_one_vote():
    X, y = np.arange(30.0)[:, None], np.repeat([0, 1], [24, 6])
    draw = Balanced(ratio=9.0)  # all rows
    model = Ensemble(STUMP, draw, SAMME(), n_estimators=9, correct_prior=False).fit(X, y)
    assert model.alphas_.tolist() == [1.0] and len(model.estimators_) == 1


def test_a_first_member_no_better_than_chance_is_refused_with_the_way_out():
    X, y = np.zeros((40, 1)), np.repeat(["no", "yes"], [20, 20])
    with pytest.raises(DataError, match=r"no better than chance .*20 rows.*stronger estimator"):
        RUSBoostClassifier(correct_prior=False).fit(X, y)


def test_a_later_member_no_better_than_chance_is_dropped_and_ends_the_boosting():
    X, y = table(2)

    def all_rows_then_wrong_ones(training, round, rng):
        codes = training.y if round < 2 else 1 - training.y
        return Plan((Explicit(training.X, np.arange(len(y))[:, None], codes),))

    model = Ensemble(
        STUMP, all_rows_then_wrong_ones, SAMME(), n_estimators=9, correct_prior=False
    ).fit(X, y)
    assert len(model.estimators_) == len(model.alphas_) == 2


def test_another_vote_may_stand_behind_a_scheme():
    X, y = table(2)
    model = Ensemble(
        DecisionTreeClassifier(max_depth=2), Balanced(), SAMME(), MeanVote(), n_estimators=4,
        correct_prior=False, random_state=0,
    ).fit(X, y)  # fmt: skip
    mean = sum(
        alpha * tree.predict_proba(X)
        for alpha, tree in zip(model.alphas_, model.estimators_, strict=True)
    )
    np.testing.assert_allclose(model.predict_proba(X), mean / model.alphas_.sum())


def test_a_fit_leaves_the_scheme_that_was_given_as_it_was():
    scheme = SAMME()
    Ensemble(STUMP, Balanced(), scheme, n_estimators=2, correct_prior=False).fit(*table(2))
    assert vars(scheme) == {"learning_rate": 1.0}
