"""Draw, fit, combine: against a loop, and the probabilities against the true rate."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from rarebird._errors import DataError, ParameterError
from rarebird._random import seed_of
from rarebird.ensemble import (
    Balanced,
    BalancedRandomForestClassifier,
    Natural,
    ResampledEnsemble,
    UnderBaggingClassifier,
)


def rare_table(n=6000, seed=0, shares=(0.97, 0.03)):
    rng = np.random.default_rng(seed)
    y = rng.choice(len(shares), n, p=shares)
    return rng.normal(size=(n, 2)) + y[:, None], y


@pytest.mark.parametrize("shares", [(0.97, 0.03), (0.9, 0.07, 0.03)])
def test_mean_probability_is_the_true_rate_only_with_the_correction(shares):
    X, y = rare_table(20_000, shares=shares)
    new, truth = rare_table(20_000, seed=1, shares=shares)
    with_, without = (
        ResampledEnsemble(
            LogisticRegression(), draw=Balanced(), n_estimators=5, correct_prior=correct
        )
        .fit(X, y)
        .predict_proba(new)
        .mean(axis=0)
        for correct in (True, False)
    )
    rate = np.bincount(truth) / len(truth)
    np.testing.assert_allclose(with_, rate, atol=0.01)
    assert np.abs(without - rate).max() > 0.2


def test_the_corrected_probability_is_bayes_rule_on_gaussian_classes():
    X, y = rare_table(n=40_000)
    model = ResampledEnsemble(GaussianNB(), draw=Balanced(), n_estimators=10).fit(X, y)
    x = np.linspace(-1, 2, 7)[:, None] * [1.0, 1.0]
    rate = y.mean()
    odds = rate / (1 - rate) * np.exp(x.sum(axis=1) - 1)  # N((1, 1), I) against N(0, I)
    np.testing.assert_allclose(model.predict_proba(x)[:, 1], odds / (1 + odds), rtol=0.15)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("draw", [Balanced(), Balanced(2.0, replace=True), Natural(0.4)])
def test_an_ensemble_equals_a_loop(draw, weighted):
    X, y = rare_table(800, shares=(0.8, 0.15, 0.05))
    names = np.array(["common", "less", "rare"])[y]
    weight = np.random.default_rng(0).uniform(0.5, 2, 800) if weighted else None
    base = DecisionTreeClassifier(max_depth=4, max_features=1)
    model = ResampledEnsemble(base, draw=draw, n_estimators=4, random_state=9)
    model.fit(X, names, sample_weight=weight)
    counts, total = np.bincount(y), 0.0
    w = np.ones(800) if weight is None else weight
    for member in range(4):
        rows = draw.rows(y, counts, np.random.default_rng(seed_of(9, "member", member)))
        tree = DecisionTreeClassifier(
            max_depth=4, max_features=1, random_state=seed_of(9, "fit", member)
        ).fit(X[rows], y[rows], sample_weight=w[rows])
        total = total + tree.predict_proba(X) / 4
    truth = np.array([w[y == c].sum() for c in range(3)]) / w.sum()
    drawn = np.array([draw.sizes(counts)[c] * w[y == c].mean() for c in range(3)])
    expected = total * truth / (drawn / drawn.sum())
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-12)
    np.testing.assert_array_equal(model.predict(X), model.classes_[expected.argmax(axis=1)])


def test_under_bagging_equals_a_loop():
    X, y = rare_table(900)
    model = UnderBaggingClassifier(LogisticRegression(), ratio=2.0, n_estimators=3, random_state=4)
    proba = model.fit(X, y).predict_proba(X)[:, 1]
    rare, common = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    total = np.zeros(900)
    for member in range(3):
        rng = np.random.default_rng(seed_of(4, "member", member))
        part = rng.choice(common, 2 * len(rare), replace=False)
        rows = np.sort(np.concatenate([part, rare]))
        seed = seed_of(4, "fit", member)
        fitted = LogisticRegression(random_state=seed).fit(X[rows], y[rows])
        total += fitted.predict_proba(X)[:, 1] / 3
    rate = y.mean()
    up, down = total * rate / (1 / 3), (1 - total) * (1 - rate) / (2 / 3)
    np.testing.assert_allclose(proba, up / (up + down), atol=1e-12)


def test_a_balanced_forest_equals_a_loop_of_trees():
    X, y = rare_table(600)
    model = BalancedRandomForestClassifier(n_estimators=4, min_samples_leaf=2, correct_prior=False)
    proba = model.fit(X, y).predict_proba(X)
    total = np.zeros((600, 2))
    for member in range(4):
        rng = np.random.default_rng(seed_of(0, "member", member))
        rows = Balanced(replace=True).rows(y, np.bincount(y), rng)
        tree = DecisionTreeClassifier(
            max_features="sqrt", min_samples_leaf=2, random_state=seed_of(0, "fit", member)
        )
        total += tree.fit(X[rows], y[rows]).predict_proba(X) / 4
    np.testing.assert_allclose(proba, total, atol=1e-12)
    np.testing.assert_allclose(model.fitted_prior_, [0.5, 0.5])


def test_members_depend_on_the_seed_and_their_number_only():
    X, y = rare_table(500)
    few, many = (
        ResampledEnsemble(DecisionTreeClassifier(), n_estimators=n, random_state=2).fit(X, y)
        for n in (2, 5)
    )
    for one, two in zip(few.estimators_, many.estimators_, strict=False):
        np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))
    other = ResampledEnsemble(DecisionTreeClassifier(), n_estimators=2, random_state=3).fit(X, y)
    assert np.any(other.predict_proba(X) != few.predict_proba(X))


def test_it_keeps_no_rows():
    X, y = rare_table(500)
    model = ResampledEnsemble(GaussianNB(), n_estimators=2).fit(X, y)
    assert not any(np.size(v) >= len(y) for v in vars(model).values() if v is not model.estimators_)


def test_no_rows_and_bad_parameters_are_refused():
    with pytest.raises(DataError, match="no rows"):
        ResampledEnsemble(GaussianNB()).fit(np.zeros((0, 2)), [])
    X, y = rare_table(100)
    with pytest.raises(ParameterError, match="ratio=-1"):
        UnderBaggingClassifier(GaussianNB(), ratio=-1).fit(X, y)
    with pytest.raises(ParameterError, match="n_estimators=0"):
        BalancedRandomForestClassifier(n_estimators=0).fit(X, y)
    with pytest.raises(ParameterError, match="draw='half'"):
        ResampledEnsemble(GaussianNB(), draw="half").fit(X, y)
