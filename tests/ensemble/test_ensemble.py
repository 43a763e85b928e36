"""Draw, fit, combine: against a loop, and the probabilities against the true rate."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from rarebird._errors import DataError, ParameterError, ParameterTypeError
from rarebird._random import seed_of
from rarebird.decide import BiasCorrectedTemperature, Identity
from rarebird.ensemble import (
    SAMME,
    Bagging,
    Balanced,
    BalancedRandomForestClassifier,
    Draw,
    Ensemble,
    MeanVote,
    Natural,
    Resampled,
    RUSBoostClassifier,
    SAMMEVote,
    SubaggingClassifier,
    Training,
    UnderBaggingClassifier,
)
from rarebird.estimators import BoostedTrees
from rarebird.pipeline import make_pipeline
from rarebird.resample import SMOTE, RandomUnderSampler
from rarebird.tables import Kept, Plan


def rare_table(n=6000, seed=0, shares=(0.97, 0.03)):
    rng = np.random.default_rng(seed)
    y = rng.choice(len(shares), n, p=shares)
    return rng.normal(size=(n, 2)) + y[:, None], y


@pytest.mark.parametrize("shares", [(0.97, 0.03), (0.9, 0.07, 0.03)])
def test_mean_probability_is_the_true_rate_only_with_the_correction(shares):
    X, y = rare_table(20_000, shares=shares)
    new, truth = rare_table(20_000, seed=1, shares=shares)
    with_, without = (
        Ensemble(LogisticRegression(), Balanced(), n_estimators=5, correct_prior=correct)
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
    model = Ensemble(GaussianNB(), Balanced(), n_estimators=10).fit(X, y)
    x = np.linspace(-1, 2, 7)[:, None] * [1.0, 1.0]
    rate = y.mean()
    odds = rate / (1 - rate) * np.exp(x.sum(axis=1) - 1)  # N((1, 1), I) against N(0, I)
    np.testing.assert_allclose(model.predict_proba(x)[:, 1], odds / (1 + odds), rtol=0.15)


def rows_of(draw, X, y, seed, member):
    training = Training.of(X, y, range(y.max() + 1))
    return draw(training, member, np.random.default_rng(seed_of(seed, "member", member))).base


def tree_of(seed, member, **given):
    """The tree that an ensemble makes of its seed for a member."""
    own = seed_of(seed_of(seed, "fit", member), "random_state")
    return DecisionTreeClassifier(random_state=own, **given)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "draw", [Balanced(), Balanced(ratio=2.0, replacement=True), Natural(fraction=0.4)]
)
def test_an_ensemble_equals_a_loop(draw, weighted):
    X, y = rare_table(800, shares=(0.8, 0.15, 0.05))
    names = np.array(["common", "less", "rare"])[y]
    weight = np.random.default_rng(0).uniform(0.5, 2, 800) if weighted else None
    base = DecisionTreeClassifier(max_depth=4, max_features=1)
    model = Ensemble(base, draw, n_estimators=4, random_state=9)
    model.fit(X, names, sample_weight=weight)
    w, expected, shares = np.ones(800) if weight is None else weight, 0.0, 0.0
    truth = np.array([w[y == c].sum() for c in range(3)])
    for member in range(4):
        rows = rows_of(draw, X, y, 9, member)
        tree = tree_of(9, member, max_depth=4, max_features=1)
        tree.fit(X[rows], y[rows], sample_weight=w[rows])
        drawn = np.array([w[rows][y[rows] == c].sum() for c in range(3)])
        shares = shares + drawn / drawn.sum() / 4
        expected = expected + tree.predict_proba(X) / 4
    np.testing.assert_allclose(model.fitted_prior_, shares)
    expected = expected * truth / shares  # Bayes' rule
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-12)
    np.testing.assert_array_equal(model.predict(X), model.classes_[expected.argmax(axis=1)])


def test_under_bagging_equals_a_loop():
    X, y = rare_table(900)
    model = UnderBaggingClassifier(LogisticRegression(), ratio=2.0, n_estimators=3, random_state=4)
    proba = model.fit(X, y).predict_proba(X)[:, 1]
    rare, common = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    total, rate = np.zeros(900), y.mean()
    for member in range(3):
        rng = np.random.default_rng(seed_of(4, "member", member))
        part = rng.choice(common, 2 * len(rare), replace=False)
        rows = np.sort(np.concatenate([part, rare]))
        total += LogisticRegression().fit(X[rows], y[rows]).predict_proba(X)[:, 1] / 3
    up, down = total * rate / (1 / 3), (1 - total) * (1 - rate) / (2 / 3)
    np.testing.assert_allclose(proba, up / (up + down), atol=1e-12)


def test_a_balanced_forest_equals_a_loop_of_trees():
    X, y = rare_table(600)
    model = BalancedRandomForestClassifier(
        n_estimators=4, min_samples_leaf=2, max_depth=5, correct_prior=False, random_state=0
    )
    proba = model.fit(X, y).predict_proba(X)
    total = np.zeros((600, 2))
    for member in range(4):
        rows = rows_of(Balanced(replacement=True), X, y, 0, member)
        tree = tree_of(0, member, max_features="sqrt", min_samples_leaf=2, max_depth=5)
        total += tree.fit(X[rows], y[rows]).predict_proba(X) / 4
    np.testing.assert_allclose(proba, total, atol=1e-12)
    np.testing.assert_allclose(model.fitted_prior_, [0.5, 0.5])


def test_members_depend_on_the_seed_and_their_number_only():
    X, y = rare_table(500)
    few, many = (
        Ensemble(DecisionTreeClassifier(), Balanced(), n_estimators=n, random_state=2).fit(X, y)
        for n in (2, 5)
    )
    for one, two in zip(few.estimators_, many.estimators_, strict=False):
        np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))
    other = Ensemble(DecisionTreeClassifier(), Balanced(), n_estimators=2, random_state=3)
    assert np.any(other.fit(X, y).predict_proba(X) != few.predict_proba(X))


@pytest.mark.parametrize(
    "state", [np.random.default_rng, np.random.RandomState, np.int64, lambda seed: seed]
)
def test_any_random_state_gives_the_same_ensemble_again(state):
    X, y = rare_table(300)
    one, two, other = (
        UnderBaggingClassifier(DecisionTreeClassifier(max_features=1), random_state=state(s))
        .fit(X, y)
        .predict_proba(X)
        for s in (3, 3, 4)
    )
    np.testing.assert_array_equal(one, two)
    assert np.any(one != other)


def test_every_random_part_of_the_estimator_gets_a_seed():
    X, y = rare_table(300)
    steps = make_pipeline(RandomUnderSampler(), DecisionTreeClassifier(max_features=1))
    model = Ensemble(steps, Natural(), n_estimators=2, random_state=0).fit(X, y)
    again = Ensemble(steps, Natural(), n_estimators=2, random_state=0).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), again.predict_proba(X))
    seeds = {p.get_params()[f"{s}__random_state"] for p in model.estimators_ for s, _ in p.steps}
    assert len(seeds) == 4 and None not in seeds
    assert steps.get_params()["randomundersampler__random_state"] is None


def test_it_keeps_no_rows():
    X, y = rare_table(500)
    model = Ensemble(GaussianNB(), Balanced(), n_estimators=2).fit(X, y)
    assert not any(np.size(v) >= len(y) for v in vars(model).values() if v is not model.estimators_)


def test_no_rows_and_bad_parameters_are_refused():
    with pytest.raises(DataError, match="no rows"):
        Ensemble(GaussianNB(), Balanced()).fit(np.zeros((0, 2)), [])
    X, y = rare_table(100)
    with pytest.raises(ParameterError, match="ratio=-1"):
        UnderBaggingClassifier(GaussianNB(), ratio=-1).fit(X, y)
    with pytest.raises(ParameterError, match="n_estimators=0"):
        BalancedRandomForestClassifier(n_estimators=0).fit(X, y)
    for name, wrong in (("draw", "half"), ("scheme", "boosting"), ("vote", 0.5)):
        given = {"estimator": GaussianNB(), "draw": Balanced(), name: wrong}
        with pytest.raises(ParameterError, match=f"{name}={wrong!r}"):
            Ensemble(**given).fit(X, y)
    with pytest.raises(ParameterError, match="SAMME: learning_rate=0"):
        Ensemble(GaussianNB(), Balanced(), SAMME(learning_rate=0)).fit(X, y)
    with pytest.raises(ParameterTypeError, match="LinearSVC has no predict_proba"):
        Ensemble(LinearSVC(), Balanced()).fit(X, y)
    with pytest.raises(ParameterTypeError, match="takes no sample_weight"):
        Ensemble(KNeighborsClassifier(), Balanced(), SAMME()).fit(X, y)


# --- the four parts -----------------------------------------------------------------------------


def test_all_four_parts_are_reached_by_get_params():
    model = Ensemble(GaussianNB(), Resampled(RandomUnderSampler()), SAMME(), MeanVote())
    names = {"estimator__var_smoothing", "draw__resampler__replacement", "scheme__learning_rate"}
    assert names | {"vote"} <= set(model.get_params())
    model = clone(model).set_params(
        draw__resampler__replacement=True, scheme__learning_rate=0.5, vote=SAMMEVote()
    )
    assert model.draw.resampler.replacement and model.scheme.learning_rate == 0.5
    grid = GridSearchCV(
        Ensemble(GaussianNB(), Balanced(), n_estimators=2, random_state=0),
        {"draw": [Balanced(), Natural()], "estimator__var_smoothing": [1e-9, 1e-3]},
        scoring="average_precision",
        cv=3,
    )
    assert set(grid.fit(*rare_table(600)).best_params_) == {"draw", "estimator__var_smoothing"}


def test_a_draw_may_be_any_function_and_a_vote_too():
    X, y = rare_table(300)
    seen = []

    def draw(training, round, rng):
        seen.append((round, training.n_rounds, training.scores))
        return Balanced()(training, round, rng)

    def first_only(members, alphas, X):
        return next(iter(members(X)))

    model = Ensemble(
        GaussianNB(), draw, vote=first_only, n_estimators=3, correct_prior=False, random_state=0
    ).fit(X, y)
    assert seen == [(0, 3, None), (1, 3, None), (2, 3, None)]
    np.testing.assert_array_equal(model.predict_proba(X), model.estimators_[0].predict_proba(X))


class Hardest(Draw):
    """The rows that the ensemble so far gets most wrong, as many of each class."""

    sequential = True

    def __call__(self, training, round, rng):
        training.memory.setdefault("scores", []).append(training.scores)
        if training.scores is None:
            return Balanced()(training, round, rng)
        wrong = 1 - training.scores[np.arange(len(training.y)), training.y]
        n = training.counts.min()
        return Plan((Kept(np.concatenate([r[np.argsort(-wrong[r])][:n] for r in training.rows])),))


def test_a_sequential_draw_sees_the_mean_of_the_members_before_it():
    X, y = rare_table(400, shares=(0.8, 0.2))
    draw, states = Hardest(), []

    def spy(training, round, rng):
        states.append(training)
        return draw(training, round, rng)

    spy.sequential = True
    model = Ensemble(GaussianNB(), spy, n_estimators=3, correct_prior=False).fit(X, y)
    scores = [member.predict_proba(X) for member in model.estimators_]
    assert states[0].scores is None and len(states[0].memory["scores"]) == 3
    np.testing.assert_allclose(states[1].scores, scores[0])
    np.testing.assert_allclose(states[2].scores, (scores[0] + scores[1]) / 2)
    assert states[0].memory is states[2].memory


def test_a_draw_that_changes_the_classes_inside_is_calibrated_on_held_out_rows():
    X, y = rare_table(4000, shares=(0.9, 0.1))
    new, truth = rare_table(20_000, seed=1, shares=(0.9, 0.1))
    over = Resampled(SMOTE())
    model = Ensemble(LogisticRegression(), over, n_estimators=3, random_state=0).fit(X, y)
    raw = Ensemble(
        LogisticRegression(), over, n_estimators=3, correct_prior=False, random_state=0
    ).fit(X, y)
    assert isinstance(model.calibrator_, BiasCorrectedTemperature)
    assert model.fitted_prior_ is None and model.prior_ is not None
    assert isinstance(raw.calibrator_, Identity) and raw.prior_ is None
    assert abs(model.predict_proba(new)[:, 1].mean() - truth.mean()) < 0.01
    assert raw.predict_proba(new)[:, 1].mean() > 0.2


def test_rows_of_weight_zero_have_no_say():
    X, y = rare_table(600, shares=(0.8, 0.2))
    wrong = np.concatenate([X, X]), np.concatenate([y, 1 - y])
    weight = np.repeat([1.0, 0.0], 600)
    for scheme in (Bagging(), SAMME()):
        model = Ensemble(
            DecisionTreeClassifier(max_depth=3), Natural(fraction=0.9), scheme, random_state=0
        ).fit(*wrong, sample_weight=weight)
        np.testing.assert_allclose(model.training_prior_, np.bincount(y) / 600)
        assert np.mean(model.predict(X) == y) > 0.8


@pytest.mark.parametrize(
    "estimator", [DecisionTreeClassifier(max_depth=2), BoostedTrees(n_estimators=3)]
)
@pytest.mark.parametrize(
    "make",
    [UnderBaggingClassifier, SubaggingClassifier, RUSBoostClassifier],
    ids=lambda c: c.__name__,
)
def test_a_row_of_weight_0_counts_as_absent(make, estimator):
    X, y = rare_table(2000, 3, (0.9, 0.1))
    X = X + 2 * y[:, None]
    weight = np.random.default_rng(5).integers(0, 2, 2000) * (1.0 + (y == 1))
    few, model = weight > 0, make(estimator, n_estimators=4, random_state=0)
    masked = clone(model).fit(X, y, weight)
    absent = clone(model).fit(X[few], y[few], weight[few])
    assert np.array_equal(masked.predict_proba(X), absent.predict_proba(X))
    assert np.array_equal(masked.fitted_prior_, absent.fitted_prior_) or make is RUSBoostClassifier


def test_given_folds_count_the_rows_of_weight_0():
    X, y = rare_table(600, 3, (0.9, 0.1))
    X = X + 2 * y[:, None]
    weight = np.random.default_rng(5).integers(0, 2, 600)
    few = np.flatnonzero(weight)
    halves = [(few[::2], few[1::2]), (np.isin(np.arange(600), few[1::2]), few[::2])]
    at = np.arange(len(few))
    kept = [(at[::2], at[1::2]), (at[1::2], at[::2])]
    model = RUSBoostClassifier(DecisionTreeClassifier(max_depth=2), n_estimators=4, random_state=0)
    masked = clone(model).set_params(cv=halves).fit(X, y, weight)
    absent = clone(model).set_params(cv=kept).fit(X[few], y[few], weight[few])
    assert np.array_equal(masked.predict_proba(X), absent.predict_proba(X))


def test_a_class_of_weight_0_is_refused():
    X, y = rare_table(600, 3, (0.9, 0.1))
    with pytest.raises(DataError, match=f"class 1 has {y.sum()} rows, all of weight 0"):
        UnderBaggingClassifier(DecisionTreeClassifier()).fit(X, y, y == 0)
