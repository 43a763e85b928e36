"""The price of a fit: every candidate has one, it grows with the work, and it is stored."""

import json
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from rarebird._errors import ParameterError
from rarebird.registry import StudyUse, cards
from rarebird.study import fit_cost
from rarebird.study.candidates import (
    Candidate,
    Setting,
    all_candidates,
    baseline_arms,
    candidate,
    learner_settings,
)
from rarebird.study.fit_cost import fit_seconds, learned_rows, overhead_s, predict_ms
from rarebird.study.rows import Rows
from rarebird.study.shape import Shape, shape_of
from rarebird.study.splits import Design

SHAPE = Shape(2000, 20, 30, 2, 0.05, 2)
LEARNERS = [card.name for card in cards(role="learner") if card.study]
every_candidate = pytest.mark.parametrize("tried", all_candidates(), ids=lambda each: each.name)


@every_candidate
@pytest.mark.parametrize("n_classes", [2, 5, 300])
def test_every_setting_of_every_candidate_has_a_price_that_grows(tried, n_classes):
    plain = [arm.setting for arm in baseline_arms(LEARNERS)]
    settings = plain if tried.name == "baseline" else [s for p in plain for s in tried.settings(p)]
    assert settings
    shape = replace(SHAPE, n_classes=n_classes, rare_share=0.1 / n_classes)
    for setting in settings:
        price = fit_seconds(tried, setting, shape)
        assert 0 < price < np.inf and 0 < predict_ms(tried, setting, shape) < np.inf
        assert price == fit_seconds(tried, setting, shape)
        assert price < fit_seconds(tried, setting, shape.with_rows(8000))
        wide = replace(shape, n_columns=200, n_encoded=300)
        assert price < fit_seconds(tried, setting, wide)


def test_every_learner_of_a_study_is_measured():
    assert LEARNERS and set(LEARNERS) <= set(fit_cost.CONSTANTS["learners"])


def test_more_trees_leaves_splines_and_classes_cost_more():
    baseline = candidate("baseline")

    def price(learner, shape=SHAPE, **params):
        return fit_seconds(baseline, Setting(learner, params), shape)

    for name in ("lightgbm", "forest"):
        assert price(name, n_estimators=1000) > 5 * price(name, n_estimators=100)
        many = replace(SHAPE, n_classes=20, rare_share=0.01)
        assert price(name, many) > price(name)
    assert price("lightgbm", num_leaves=31) > price("lightgbm", num_leaves=5)


def test_a_learner_of_the_users_own_costs_as_much_as_the_costliest_boosted_trees():
    baseline = candidate("baseline")
    costs = [
        fit_seconds(baseline, Setting("lightgbm", params), SHAPE)
        for params in learner_settings("lightgbm")
    ]
    assert max(costs) == fit_seconds(baseline, Setting("MyPipeline"), SHAPE)


def test_a_method_that_was_not_measured_costs_its_effort_and_without_one_has_no_price():
    baseline = candidate("baseline")
    use = StudyUse(after="baseline", effort=3.0)
    new = Candidate(replace(baseline.card, name="new", study=use))
    setting = Setting("logistic")
    learner = fit_cost.learner_fit("logistic", {}, SHAPE)
    more = fit_seconds(new, setting, SHAPE) - fit_seconds(baseline, setting, SHAPE)
    assert more == pytest.approx(2 * learner, rel=0.01)
    unknown = Candidate(replace(new.card, study=replace(use, effort=None)))
    with pytest.raises(ParameterError, match="cost of 'new' is not known"):
        fit_seconds(unknown, setting, SHAPE)


def test_the_rows_that_a_treatment_leaves_are_counted_from_the_rare_share():
    shape = Shape(10_000, 5, 5, 2, 0.02)
    counted = {
        9800 + 2940: {"min_ratio": 0.3},
        1200: {"max_ratio": 5.0},
        400: {"ratio": 1.0},
        3000: {"fraction": 0.3},
        10_000: {"min_ratio": 0.001},
    }
    assert {learned_rows(dials, shape): dials for dials in counted.values()} == counted


def test_class_shares_lie_between_the_rarest_and_the_largest():
    for n_classes, rare in ((2, 0.05), (2, 0.5), (7, 0.005), (20, 0.05), (300, 1e-4)):
        shares = replace(SHAPE, n_classes=n_classes, rare_share=rare).class_shares
        assert len(shares) == n_classes and shares.sum() == pytest.approx(1)
        assert shares[0] == pytest.approx(rare) and np.all(np.diff(shares) >= 0)


def test_a_shape_counts_what_categories_become_when_encoded():
    n = 1000
    X = np.zeros((n, 4))
    X[:, 1] = np.arange(n) % 90  # 51 columns at most
    X[:, 2] = np.where(np.arange(n) < 5, 1, 0)  # a level of 5 rows, in the column of such levels
    X[::2, 3] = np.nan  # a level
    y = np.repeat([0, 1], [900, 100])
    rows = Rows(X, y, None, Design("stratified", np.arange(n)), 2, (1, 2, 3))
    assert shape_of(rows) == Shape(n, 4, 1 + 51 + 2 + 2, 2, 0.1, 3)


def test_the_time_outside_the_fits_grows_with_the_table():
    assert 0 < overhead_s(SHAPE) < overhead_s(SHAPE.with_rows(200_000))


def test_the_constants_come_with_the_package():
    text = files("rarebird.study").joinpath("fit_cost.json").read_text("utf-8")
    stored = json.loads(text)
    assert stored["version"] == fit_cost.VERSION >= 1
    assert {"machine", "date", "versions"} <= set(stored)
    values = [
        value
        for part in ("learners", "treatments")
        for each in stored[part].values()
        for kind in ("fit", "predict")
        for value in each.get(kind, {}).values()
    ]
    assert len(values) > 30 and min(values) >= 0
