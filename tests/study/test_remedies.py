"""The candidates: names for "build me an estimator", with nothing hidden in them."""

import numpy as np
import pytest
from sklearn.base import clone

from rarebird import cards
from rarebird.registry import method
from rarebird.study.remedies import LEARNERS, Setting

REMEDIES = [method("remedy", card.name) for card in cards(role="remedy")]
NAMES = [remedy.name for remedy in REMEDIES]


def table(n=400):
    rng = np.random.default_rng(0)
    y = (rng.random(n) < 0.1).astype(int)
    X = rng.normal(size=(n, 3)) + y[:, None]
    X[:, 2] = np.arange(n) % 4
    return X, y


def test_doing_nothing_is_the_bare_learner():
    for setting in method("remedy", "nothing").settings(6):
        model = method("remedy", "nothing").build(setting, categorical=(2,), seed=5, threads=1)
        cls = LEARNERS[setting.learner][0]
        assert type(model) is cls
        expected = cls(**setting.params).get_params()
        expected |= {
            k: v for k, v in {"categorical": (2,), "random_state": 5}.items() if k in expected
        }
        assert model.get_params() == expected


@pytest.mark.parametrize("remedy", REMEDIES, ids=NAMES)
def test_a_setting_says_all_that_it_is(remedy):
    settings = remedy.settings(6)
    assert len({str(s) for s in settings}) == len(settings)
    for setting in settings:
        usual = LEARNERS[setting.learner][1][0] if remedy.learners else {}
        said = {f"{k}={v}" for k, v in setting.params.items() if usual.get(k) != v}
        assert all(text in str(setting) for text in said)
        assert setting.strength is None or f"strength={setting.strength:g}" in str(setting)
    assert [str(s) for s in remedy.settings(2)] == [str(s) for s in settings[:2]]


@pytest.mark.parametrize("remedy", REMEDIES, ids=NAMES)
def test_categories_seed_and_threads_reach_the_learner(remedy):
    for setting in remedy.settings(6):
        model = remedy.build(setting, categorical=(2,), seed=11, threads=2)
        found = model.get_params()
        assert {v for k, v in found.items() if k.split("__")[-1] == "categorical"} <= {(2,)}
        assert {v for k, v in found.items() if k.split("__")[-1] == "n_threads"} <= {2}
        seeds = {v for k, v in found.items() if k.split("__")[-1] == "random_state"}
        assert seeds <= {11} and (seeds or setting.learner == "logistic")
        assert clone(model).get_params().keys() == found.keys()


def test_a_strength_reaches_the_part_it_is_about():
    def built(name, strength):
        remedy = method("remedy", name)
        learner = remedy.learners[0] if remedy.learners else name
        return remedy.build(Setting(learner, {}, strength), categorical=(), seed=0, threads=1)

    assert built("class-weights", 0.5).exponent == 0.5
    assert built("random-under-sampling", 5.0).strength == 5.0
    assert built("smote", 0.3).strength == 0.3
    assert built("tomek-links", None).method == "tomek-links"
    assert built("unbalanced-committee", 0.8).draw.fraction == 0.8
    assert built("under-sampling-committee", 5.0).draw.ratio == 5.0
    assert built("balanced-random-forest", 3.0).min_samples_leaf == 3


def test_a_committee_and_its_control_have_as_many_members():
    one, two = (
        method("remedy", name).build(
            Setting("logistic", {}, 0.5), categorical=(), seed=0, threads=1
        )
        for name in ("under-sampling-committee", "unbalanced-committee")
    )
    assert one.n_estimators == two.n_estimators


@pytest.mark.parametrize("remedy", REMEDIES, ids=NAMES)
def test_another_seed_changes_what_is_random_and_the_same_seed_nothing(remedy):
    X, y = table()
    setting = next(
        (s for s in remedy.settings(3) if s.learner == "logistic"), remedy.settings(1)[0]
    )

    def proba(seed):
        model = remedy.build(setting, categorical=(2,), seed=seed, threads=1)
        return model.fit(X, y).predict_proba(X)

    np.testing.assert_array_equal(proba(1), proba(1))
    if remedy.name not in ("nothing", "class-weights", "tomek-links"):
        assert np.any(proba(1) != proba(2))
