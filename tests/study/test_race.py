"""The race: who goes on is decided by scores alone, within the work that is planned."""

from dataclasses import replace

import numpy as np
import pytest

from rarebird.study import pool, race
from rarebird.study.candidates import applicable
from rarebird.study.choose import choose
from rarebird.study.parse_goal import parse_goal
from rarebird.study.race import Race
from rarebird.study.rows import Rows, write_rows
from rarebird.study.schedule import Prices, make_schedule
from rarebird.study.scores import Scores
from rarebird.study.shape import shape_of
from rarebird.study.splits import Design
from rarebird.study.store import Store
from rarebird.study.tester import Tester

NAMES = ["class-weights", "random-under"]


def made(n=300, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat([0, 1], [n - n // 6, n // 6]))
    X = rng.normal(size=(n, 3)) + y[:, None] * [1.5, 0.5, 0.0]
    return Rows(X, y, None, Design("stratified", np.arange(n)), 2, ())


@pytest.fixture
def raced(tmp_path):
    """A function that runs a race in this process, on so much work."""
    stores = []

    def run(work_s=1e6, rows=None, learners=("lightgbm", "logistic"), asked=True, most=2, **more):
        rows = made() if rows is None else rows
        tried = applicable(2, NAMES)
        schedule = make_schedule(
            rows, parse_goal(["a", "b"]), tried, learners, budget_s=60, seed=0, asked=asked
        )
        work = {"work_s": work_s + 1e6, "reserve_s": 1e6}
        schedule = replace(schedule, row_cap=1000, most_repeats=most, **work, **more)
        store = Store(tmp_path / f"store{len(stores)}")
        store.open()
        stores.append(store)
        write_rows(store.rows, rows)
        fits = []

        def run_tasks(tasks, total):
            def done(task, meta, arrays, model):
                fits.append(task.cell.id)
                store.write_cell(task.cell.id, meta, arrays)

            with pool.InThisProcess(1, {}) as workers:
                workers.run(store.rows, tasks, None, done)

        found = Race(Scores(store, schedule, rows), Prices(schedule, shape_of(rows)), run_tasks)
        found.run()
        found.fits = fits
        return found

    yield run
    for store in stores:
        store.close()


def test_every_learner_is_measured_whatever_the_work(raced):
    found = raced(work_s=0.0)
    assert {e.arm.setting.learner for e in found.plain} == {"lightgbm", "logistic"}
    assert {e.arm.candidate for e in found.treated} <= set(NAMES)  # asked for by name
    assert found.treated and all(e.repeats == 1 for e in found.entries.values() if e.fine)
    few = raced(work_s=0.0, asked=False)
    assert not few.treated and any("class-weights, random-under" in told for told in few.left_out)


def test_more_work_is_more_settings_and_repeats(raced):
    little, much = raced(work_s=0.0), raced()
    assert len(little.fits) < len(much.fits) and not much.left_out
    assert max(e.repeats for e in much.plain) == 2
    leads = {e.arm.id for e in much.plain[: race.CONTENDERS]}
    assert {e.arm.id for e in much.plain if e.repeats == 2} <= leads | {
        e.plain.id for e in much.treated
    }


def test_the_same_scores_give_the_same_race_and_no_fit_is_made_twice(raced):
    one, two = raced(), raced()
    assert one.fits == two.fits and len(set(one.fits)) == len(one.fits)
    assert [e.arm.id for e in one.plain] == [e.arm.id for e in two.plain]


def test_a_treatment_is_set_beside_the_same_learner(raced):
    found = raced()
    for entry in found.treated:
        assert entry.plain.setting.learner == entry.arm.setting.learner
        plain = found.entry(entry.plain)
        assert found.gain(entry) == pytest.approx(entry.value - plain.value)


def test_who_is_behind_on_two_folds_is_dropped_with_the_reason(raced):
    found = raced(asked=False)
    dropped = [e for e in found.entries.values() if e.dropped]
    assert dropped
    for entry in dropped:
        assert not entry.fine and "differed by" in entry.dropped
        assert found.gain(entry, race.PROBE_FOLDS) <= 0


def test_boosting_stops_where_the_held_out_folds_say(raced):
    """On noise fewer trees do better, and the arm with fewer trees races in its place."""
    rng = np.random.default_rng(1)
    noise = made()
    noise = replace(noise, X=rng.normal(size=noise.X.shape))
    found = raced(rows=noise, learners=("lightgbm",))
    full = [e for e in found.entries.values() if e.fewer is not None]
    assert full and not any(e.fine for e in full)
    for entry in full:
        fewer = found.entry(entry.fewer)
        trees = (e.setting.params["n_estimators"] for e in (fewer.arm, entry.arm))
        assert next(trees) < next(trees) and fewer.value >= entry.value


def test_a_blend_is_shipped_where_it_does_as_well_and_within_the_limits(raced):
    found = raced(learners=("lightgbm", "logistic", "forest"))
    choice = choose(found, Tester(found.scores), {})
    single = found.plain[0]
    assert choice.value >= single.value - 1e-12 and choice.arms[0] == single.arm
    assert len({arm.setting.learner for arm in choice.arms}) == len(choice.arms)
    parts = [found.scores.seen(arm, 0).proba for arm in choice.arms]
    np.testing.assert_allclose(choice.seen[0].proba, np.mean(parts, axis=0))
    smallest = min(e.size_mb for e in found.plain) * found.schedule.final_folds
    found.scores.schedule = found.schedule = replace(found.schedule, max_size_mb=smallest)
    tight = choose(found, Tester(found.scores), {})
    assert len(tight.arms) == 1 and found.within_limits(tight.arms)
    if single.arm != tight.arms[0]:
        assert single.arm.id in tight.too_large


def test_an_arm_that_fails_in_a_repeat_keeps_what_it_has(raced, monkeypatch):
    ran = pool.InThisProcess.run

    def run(self, rows, tasks, limit_s, done):
        def told(task, meta, arrays, model):
            if task.cell.repeat and task.cell.arm.setting.learner == "logistic":
                meta, arrays = {**task.cell.as_dict(), "status": "failed", "why": "a bug"}, {}
            done(task, meta, arrays, model)

        ran(self, rows, tasks, limit_s, told)

    monkeypatch.setattr(pool.InThisProcess, "run", run)
    found = raced(most=3)
    lead = found.plain[0]
    assert lead.arm.setting.learner == "logistic" and lead.repeats == 1 and lead.status == "ok"
    assert any(f"{lead.arm.id} | 1" in fit for fit in found.fits)  # it was tried again
