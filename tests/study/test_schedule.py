"""The schedule: which rows and how much work, by shape and budget alone."""

import itertools
import json
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rarebird._errors import DataError, ParameterError
from rarebird.study import schedule as scheduling
from rarebird.study.candidates import applicable, baseline_arms
from rarebird.study.parse_goal import parse_goal
from rarebird.study.rows import MINIMUM, Rows, cap_rows
from rarebird.study.schedule import Cell, Schedule, make_schedule
from rarebird.study.splits import Design

GOAL = parse_goal(["no", "yes"])


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(0, 3000), min_size=2, max_size=4).filter(any),
    st.integers(100, 2000),
    st.integers(0, 3),
)
def test_capped_rows_keep_the_class_shares_by_their_weights(counts, cap, seed):
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    rows, weight = cap_rows(y, cap, seed)
    kept = np.bincount(y[rows], minlength=len(counts))
    assert len(set(rows)) == len(rows) and np.all(np.diff(rows) > 0)
    if len(y) <= cap:
        assert len(rows) == len(y) and weight is None
        return
    for n, k in zip(counts, kept, strict=True):
        assert k == min(n, max(round(n * cap / len(y)), MINIMUM))
    assert len(rows) <= cap + len(counts) * (MINIMUM + 1)
    w = np.ones(len(rows)) if weight is None else weight
    assert w.mean() == pytest.approx(1)
    shares = np.bincount(y[rows], w, len(counts)) / w.sum()
    tolerance = 0.02 if weight is None else 1e-9
    np.testing.assert_allclose(shares, np.array(counts) / len(y), atol=tolerance)


def test_capped_rows_are_the_same_for_the_same_seed_and_drawn_evenly():
    y = np.repeat([0, 1], [5000, 200])
    one, two, other = (cap_rows(y, 1000, seed)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, two)
    assert np.any(one != other)
    assert abs(np.mean(one[y[one] == 0]) - 2500) < 200


def table(n=600, kind="stratified", n_classes=2, rare=0.1):
    rng = np.random.default_rng(0)
    shares = [1 - rare * (n_classes - 1)] + [rare] * (n_classes - 1)
    y = rng.permutation(np.repeat(np.arange(n_classes), np.round(np.array(shares) * n).astype(int)))
    key = {"stratified": np.arange(n), "group": np.arange(n) // 4, "time": np.arange(n)}[kind]
    return Rows(rng.normal(size=(n, 2)), y, None, Design(kind, key), n_classes, ())


@pytest.fixture
def known_cost(monkeypatch):
    """Every fit costs 0.1 s on 2,500 rows, and in proportion on others; nothing else costs."""
    monkeypatch.setattr(scheduling, "overhead_s", lambda shape: 0.0)
    monkeypatch.setattr(scheduling, "MEASURING_S", 0.0)
    monkeypatch.setattr(
        scheduling, "fit_seconds", lambda tried, setting, shape: 0.1 * shape.n_rows / 2500
    )


def scheduled(rows, budget_s=1e6, **more):
    tried = applicable(rows.n_classes, ["class-weights"])
    return make_schedule(
        rows, GOAL, tried, ["lightgbm", "logistic"], budget_s=budget_s, seed=0, **more
    )


def test_a_schedule_comes_back_from_json(known_cost):
    schedule = scheduled(table())
    assert schedule.n_folds == 5 and schedule.row_cap == schedule.final_cap == 600
    assert Schedule.from_dict(json.loads(json.dumps(schedule.as_dict()))) == schedule


def test_cells_have_names_of_their_own():
    arms = baseline_arms(["lightgbm", "logistic"])
    cells = {Cell(arm, r, k).id for arm in arms for r in range(3) for k in range(5)}
    assert len(cells) == 15 * len(arms)


def test_nothing_is_timed(monkeypatch):
    """The same shape and budget give the same schedule, however busy the machine is."""
    slow = itertools.count(step=1000.0)
    one = scheduled(table(5000), budget_s=60)
    for clock in ("time", "perf_counter", "monotonic", "process_time"):
        monkeypatch.setattr(time, clock, lambda: next(slow))
    assert scheduled(table(5000), budget_s=60) == one


def test_a_larger_budget_never_gives_less(known_cost):
    rows = table(30_000)
    schedules = [scheduled(rows, budget_s=b) for b in (1, 10, 60, 300, 900, 3600, 1e5)]
    for each in ("row_cap", "final_cap", "work_s"):
        found = [getattr(schedule, each) for schedule in schedules]
        assert found == sorted(found) and found[0] < found[-1]
    assert schedules[-1].row_cap == schedules[-1].final_cap == 30_000


def test_the_least_there_is_to_do_fits_the_budget_or_is_said_to_take_longer(known_cost):
    for budget in (60, 120, 600, 3600):
        assert scheduled(table(30_000), budget_s=budget).estimate_s <= budget
    assert scheduled(table(30_000), budget_s=0.2).estimate_s > 0.2


def test_the_work_is_nine_tenths_of_two_cores(known_cost):
    assert scheduled(table(), budget_s=100.0).work_s == pytest.approx(180.0)


def test_quick_means_fewer_rows(known_cost):
    rows = table(50_000)
    assert scheduled(rows, quick=True).row_cap <= 20_000 < scheduled(rows).row_cap


def test_time_gives_one_repeat_and_one_model(known_cost):
    schedule = scheduled(table(kind="time"))
    assert schedule.most_repeats == 1 and schedule.single


def test_a_single_model_gets_its_calibrator_from_more_folds(known_cost):
    assert scheduled(table()).final_folds == 5
    assert scheduled(table(), single=True).final_folds == 10


@pytest.mark.parametrize("kind", ["stratified", "group", "time"])
@pytest.mark.parametrize("units", [3, 4, 6, 50])
def test_a_schedule_has_as_many_folds_as_the_rows_really_split_into(known_cost, kind, units):
    rows = table(kind=kind)
    rows = Rows(rows.X, rows.y, None, Design(kind, np.arange(600) % units), 2, ())
    schedule = scheduled(rows)
    for repeat in range(schedule.most_repeats):
        assert len(rows.design.folds(rows.y, schedule.n_folds, seed=repeat)) == schedule.n_folds


@pytest.mark.parametrize(
    ("kind", "units", "words"), [("time", 2, "2 moments"), ("group", 1, "1 groups")]
)
def test_too_few_units_to_split_are_refused(known_cost, kind, units, words):
    rows = table(kind=kind)
    rows = Rows(rows.X, rows.y, None, Design(kind, np.arange(600) % units), 2, ())
    with pytest.raises(DataError, match=words):
        scheduled(rows)


@pytest.mark.parametrize(("rare", "n_folds"), [(2, 2), (3, 3), (7, 5)])
def test_few_rare_rows_give_few_folds(known_cost, rare, n_folds):
    y = np.repeat([0, 1], [300, rare])
    rows = Rows(np.zeros((len(y), 1)), y, None, Design("stratified", np.arange(len(y))), 2, ())
    assert scheduled(rows).n_folds == n_folds


def test_one_rare_row_is_refused_with_its_count(known_cost):
    y = np.repeat([0, 1], [300, 1])
    rows = Rows(np.zeros((301, 1)), y, None, Design("stratified", np.arange(301)), 2, ())
    with pytest.raises(DataError, match="1 training rows"):
        scheduled(rows)


def test_tiny_classes_of_many_do_not_set_the_folds(known_cost):
    y = np.repeat([0, 1, 2], [300, 60, 2])
    rows = Rows(np.zeros((362, 1)), y, None, Design("stratified", np.arange(362)), 3, ())
    assert scheduled(rows).n_folds == 5


def test_candidates_make_sense_and_the_baseline_is_always_there():
    names = [r.name for r in applicable(2)]
    assert names[0] == "baseline" and len(names) >= 10
    few = [r.name for r in applicable(2, quick=True)]
    assert set(few) < set(names) and {"smote", "random-under"} <= set(few)
    assert len(applicable(2, ["smote-enn"], quick=True)) == 2
    assert next(r.name for r in applicable(2, ["smote"])) == "baseline"
    assert [r.name for r in applicable(3, [])] == ["baseline"]
    with pytest.raises(
        ParameterError, match=r"No candidate is called 'smotte'. Did you mean 'smote'"
    ):
        applicable(2, ["smotte"])
