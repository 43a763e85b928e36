"""The candidates: cards that say how a study builds an estimator, with nothing hidden in them."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone

from contract.checks import assert_names_a_class_and_its_count, assert_probabilities
from contract.rare import RARE
from rarebird._errors import DataError, ParameterError
from rarebird.decide.cross_fitting import align_proba
from rarebird.registry import cards, method
from rarebird.study.candidates import (
    Setting,
    all_candidates,
    applicable,
    baseline_arms,
    candidate,
    counterpart,
    learner_settings,
)
from rarebird.study.learners import default_learners
from rarebird.study.rows import Rows
from rarebird.study.splits import Design

LEARNERS = default_learners(2)
TRIED = all_candidates()


def settings_of(tried, learners=LEARNERS):
    """The settings of a candidate on the first setting of each learner."""
    plain = [arm.setting for arm in baseline_arms(learners)]
    if tried.name == "baseline":
        return plain
    return [s for p in plain[: len(learners)] for s in tried.settings(p)] or tried.settings(
        plain[0]
    )


NAMES = [each.name for each in TRIED]
every_candidate = pytest.mark.parametrize("tried", TRIED, ids=NAMES)


def table(n=400):
    rng = np.random.default_rng(0)
    y = (rng.random(n) < 0.1).astype(int)
    X = rng.normal(size=(n, 3)) + y[:, None]
    X[:, 2] = np.arange(n) % 4
    return X, y


def test_the_candidates_are_the_cards_that_say_so_in_their_order():
    assert NAMES[0] == "baseline" and len(NAMES) >= 10
    assert set(NAMES) == {c.name for c in cards() if c.study and c.role != "learner"}
    for each in TRIED[1:]:
        assert NAMES.index(each.use.after) < NAMES.index(each.name)
    controls = [each.use.control_for for each in TRIED if each.use.control_for]
    assert controls and set(controls) <= set(NAMES)


def test_wanted_names_are_taken_and_wrong_ones_refused():
    assert [c.name for c in applicable(2, ["smote"])] == ["baseline", "smote"]
    assert len(applicable(2, quick=True)) < len(applicable(2)) == len(NAMES)
    with pytest.raises(ParameterError, match=r"No candidate is called 'smoote'. Did you mean"):
        applicable(2, ["smoote"])


def test_the_baseline_is_the_bare_learner():
    for arm in baseline_arms(LEARNERS):
        setting = arm.setting
        model = candidate("baseline").build(setting, categorical=(2,), seed=5, threads=1, own={})
        cls = method("learner", setting.learner)
        assert type(model) is cls
        expected = cls(**setting.params).get_params()
        expected |= {
            k: v for k, v in {"categorical": (2,), "random_state": 5}.items() if k in expected
        }
        assert model.get_params() == expected


@every_candidate
def test_a_setting_says_all_that_it_is(tried):
    settings = settings_of(tried) if tried.use.learners else tried.settings(Setting("lightgbm"))
    assert len({str(s) for s in settings}) == len(settings)
    for setting in settings:
        usual = learner_settings(setting.learner)[0] if setting.learner else {}
        told = {f"{k}={v}" for k, v in setting.params.items() if usual.get(k) != v}
        assert all(text.removesuffix(".0") in str(setting) for text in told)


@every_candidate
def test_categories_seed_and_threads_reach_the_learner(tried):
    for setting in settings_of(tried):
        model = tried.build(setting, categorical=(2,), seed=11, threads=2, own={})
        found = model.get_params()
        assert {v for k, v in found.items() if k.split("__")[-1] == "categorical"} <= {(2,)}
        assert {v for k, v in found.items() if k.split("__")[-1] == "n_threads"} <= {2}
        seeds = {v for k, v in found.items() if k.split("__")[-1] == "random_state"}
        seeds -= {None}  # of a sampler: its classifier's seed reaches it
        assert seeds <= {11} and (seeds or "random_state" not in found)
        assert clone(model).get_params().keys() == found.keys()


def test_a_strength_reaches_the_part_it_is_about():
    def built(name, **treatment):
        learner = "logistic" if candidate(name).use.learners else ""
        setting = Setting(learner, {}, treatment)
        return candidate(name).build(setting, categorical=(), seed=0, threads=1, own={})

    assert built("class-weights", exponent=0.5).exponent == 0.5
    bounds = {"max_ratio": 5.0}
    thinned = built("random-under", sampling_strategy=bounds)
    assert thinned.resampler.sampling_strategy == bounds
    bounds = {"min_ratio": 0.3}
    grown = built("smote", sampling_strategy=bounds).resampler.resampler
    assert grown.sampling_strategy == bounds and grown.k_neighbors == "auto"
    both = built("smote-enn", smote__sampling_strategy=bounds).resampler.resampler
    assert both.smote.sampling_strategy == bounds
    assert type(built("tomek-links").resampler.resampler).__name__ == "TomekLinks"
    assert built("bagging", fraction=0.8).fraction == 0.8
    assert built("under-bagging", ratio=5.0).ratio == 5.0
    assert built("balanced-random-forest", min_samples_leaf=3).min_samples_leaf == 3


def test_an_ensemble_and_its_control_have_as_many_members():
    one, two = (
        each.build(settings_of(each)[0], categorical=(), seed=0, threads=1, own={})
        for each in map(candidate, ("under-bagging", "bagging"))
    )
    assert one.n_estimators == two.n_estimators == 10
    assert one.estimator.get_params() == two.estimator.get_params()


@every_candidate
def test_another_seed_changes_what_is_random_and_the_same_seed_nothing(tried):
    X, y = table()
    settings = settings_of(tried)
    setting = next((s for s in settings if s.learner == "logistic"), settings[0])

    def proba(seed):
        model = tried.build(setting, categorical=(2,), seed=seed, threads=1, own={})
        return model.fit(X, y).predict_proba(X)

    np.testing.assert_array_equal(proba(1), proba(1))
    if tried.name not in ("baseline", "class-weights", "tomek-links"):
        assert np.any(proba(1) != proba(2))


def small_models(tried, categorical=()):
    """Yield an estimator for each learner of a candidate, with few trees."""
    for setting in {s.learner: s for s in reversed(settings_of(tried))}.values():
        model = tried.build(setting, categorical=categorical, seed=1, threads=1, own={})
        few = [name for name in model.get_params() if name.split("__")[-1] == "n_estimators"]
        yield model.set_params(**dict.fromkeys(few, 2))


@every_candidate
@pytest.mark.filterwarnings("ignore:BorderlineSMOTE")
@pytest.mark.parametrize("name", RARE)
def test_every_learner_of_a_candidate_takes_a_rare_case(tried, name):
    case = RARE[name]()
    n, n_classes = len(case.y), len(case.classes)
    design = Design("stratified", np.arange(n))
    rows = Rows(case.X, case.codes, np.ones(n), design, n_classes, case.categorical)
    for model in small_models(tried, case.categorical):
        try:
            fitted = model.fit(rows.X, rows.y, rows.weight)
        except DataError as error:
            assert_names_a_class_and_its_count(error, replace(case, y=case.codes))
            assert tried.card.role == "resampler"
            continue
        proba = align_proba(fitted, case.X_new, np.arange(n_classes))
        assert_probabilities(proba, (len(case.X_new), n_classes))
        absent = np.setdiff1d(np.arange(n_classes), case.codes)
        assert np.all(proba[:, absent] == 0)


@pytest.mark.parametrize("name", [each.name for each in TRIED if each.card.keeps_conditional])
def test_probabilities_stay_true_where_the_card_says_so(name):
    tried = candidate(name)
    rng = np.random.default_rng(5)
    y = (rng.random(6000) < 0.04).astype(int)
    X = rng.normal(size=(6000, 2)) + 1.2 * y[:, None]
    setting = next(
        (s for s in settings_of(tried) if s.learner == "logistic"),
        settings_of(tried)[-1],  # the strongest leaf where there is no learner to choose
    )
    model = tried.build(setting, categorical=(), seed=1, threads=1, own={})
    mean = model.fit(X[:3000], y[:3000]).predict_proba(X[3000:])[:, 1].mean()
    assert mean == pytest.approx(y[3000:].mean(), rel=0.35)


def test_the_baseline_tries_every_learner_before_any_second_setting():
    arms = baseline_arms(LEARNERS)
    assert [arm.setting.learner for arm in arms[: len(LEARNERS)]] == LEARNERS
    assert len({arm.id for arm in arms}) == len(arms) > len(LEARNERS)


@every_candidate
def test_a_treatment_differs_from_its_counterpart_in_the_treatment_alone(tried):
    if tried.name == "baseline":
        return
    plain = baseline_arms(tried.use.learners or LEARNERS)[0].setting
    for setting in tried.settings(plain):
        arm = counterpart(tried, setting, plain)
        assert arm.plain and arm.setting.learner
        if setting.learner:
            assert arm.setting == plain and setting.learner == plain.learner
            own = {k: v for k, v in setting.params.items() if plain.params.get(k) != v}
            assert own == {
                k: v for k, v in tried.use.learner_params.get(plain.learner, {}).items()
                if plain.params.get(k) != v
            }  # fmt: skip


def test_a_learner_of_the_users_is_cloned_and_seeded():
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeClassifier

    mine = make_pipeline(StandardScaler(), DecisionTreeClassifier(max_depth=2))
    setting = baseline_arms(["Pipeline"])[0].setting
    assert str(setting) == "Pipeline"
    built = candidate("baseline").build(
        setting, categorical=(), seed=3, threads=1, own={"Pipeline": mine}
    )
    assert built is not mine and built[-1].random_state == 3 and built[-1].max_depth == 2
    assert mine[-1].random_state is None
