"""The schedule: which rows, which cells, and that a budget changes nothing else."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rarebird._errors import DataError, ParameterError
from rarebird.resample import ResampledClassifier
from rarebird.study import schedule as scheduling
from rarebird.study.candidates import applicable
from rarebird.study.parse_goal import parse_goal
from rarebird.study.probe import probe
from rarebird.study.rows import MINIMUM, Rows, cap_rows
from rarebird.study.schedule import Schedule, make_schedule
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
    """Every candidate costs 0.1 s on 2,500 rows, and in proportion on others."""

    def known(tried, rows, effort, seed):
        each = np.array([[0.0, 0.1 / 2500 / effort]] * effort)
        return {treatment.name: each for treatment in tried}

    monkeypatch.setattr(scheduling, "probe", known)


def scheduled(rows, budget_s=1e6, quick=False, jobs=2, wanted=("baseline", "class-weights")):
    tried = applicable(rows.n_classes, list(wanted))
    return make_schedule(rows, GOAL, tried, budget_s=budget_s, quick=quick, jobs=jobs, seed=0)


def test_every_candidate_gets_the_same_cells(known_cost):
    schedule = scheduled(table())
    assert schedule.n_folds == 5 and schedule.n_repeats == 3 and schedule.row_cap == 600
    cells = {(c.candidate, c.repeat, c.fold) for c in schedule.cells}
    assert cells == {
        (name, r, k) for name in ("baseline", "class-weights") for r in range(3) for k in range(5)
    }
    assert len({c.id for c in schedule.cells}) == len(schedule.cells)
    assert Schedule.from_dict(json.loads(json.dumps(schedule.as_dict()))) == schedule


def test_the_same_costs_give_the_same_schedule(known_cost):
    assert scheduled(table()) == scheduled(table())


def test_a_larger_budget_never_gives_less(known_cost):
    rows = table(30_000)
    schedules = [scheduled(rows, budget_s=b) for b in (1, 10, 60, 300, 900, 3600, 1e5)]
    work = [(p.effort, p.row_cap * p.n_repeats) for p in schedules]
    assert work == sorted(work) and work[0] < work[-1]
    assert schedules[0].effort == 1 and schedules[-1].row_cap == 30_000
    for schedule in schedules:
        assert schedule.n_folds == 5 and len(schedule.cells) == 2 * 5 * schedule.n_repeats


def test_the_estimate_stays_below_the_budget_where_anything_fits(known_cost):
    for budget in (120, 600, 3600):
        schedule = scheduled(table(30_000), budget_s=budget)
        if schedule.effort > 1:
            assert schedule.estimate_s <= budget


def test_quick_means_fewer_settings_repeats_and_rows(known_cost):
    rows = table(50_000)
    quick, full = scheduled(rows, quick=True), scheduled(rows)
    assert quick.effort < full.effort and quick.n_repeats < full.n_repeats
    assert quick.row_cap <= 20_000 < full.row_cap


def test_time_gives_one_repeat(known_cost):
    assert scheduled(table(kind="time")).n_repeats == 1


@pytest.mark.parametrize("kind", ["stratified", "group", "time"])
@pytest.mark.parametrize("units", [3, 4, 6, 50])
def test_a_schedule_has_as_many_folds_as_the_rows_really_split_into(known_cost, kind, units):
    rows = table(kind=kind)
    rows = Rows(rows.X, rows.y, None, Design(kind, np.arange(600) % units), 2, ())
    schedule = scheduled(rows)
    for repeat in range(schedule.n_repeats):
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
    schedule = scheduled(rows)
    assert schedule.n_folds == n_folds and 2 <= schedule.n_inner <= 3


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


def test_a_probe_times_every_candidate():
    tried = applicable(2, ["class-weights", "smote"])
    rows = table(200)
    seconds = probe(tried, rows, 2, seed=0)
    assert seconds.keys() == {r.name for r in tried}
    times = [cost @ [1, 1000] for each in seconds.values() for cost in each]
    assert len(times) == 6 and np.isfinite(times).all() and min(times) > 0


def test_a_probe_forgives_a_treatment_that_refuses(monkeypatch):
    def refuse(*args, **more):
        raise DataError("not with these rows")

    monkeypatch.setattr(ResampledClassifier, "fit", refuse)
    seconds = probe(applicable(2, ["smote"]), table(200), 1, seed=0)
    assert seconds["smote"][0] @ [1, 200] == 0 < seconds["baseline"][0] @ [1, 200]
