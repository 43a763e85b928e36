"""The steps of a study: read, prepare, schedule, race, compare, conclude, write."""

import json
import os
import time as clock
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from rarebird._errors import BudgetError, about, class_names
from rarebird._version import __version__
from rarebird.data.frames import data_hash, to_polars
from rarebird.data.read import read_table

from .candidates import applicable
from .cell import Task
from .compare import compare
from .conclude import conclude, too_few_rows
from .files import write_files
from .final import Workshop
from .learners import default_learners, learner_name, own_learners
from .options import STOPPED
from .parse_goal import parse_goal
from .pool import OutOfTime, Workers, n_workers
from .prepare import Prepared, prepare
from .race import Race
from .result import StudyResult
from .rows import write_rows
from .schedule import CORES, Prices, Schedule, make_schedule
from .scores import Scores
from .shape import shape_of
from .store import Store
from .summary import Conclusion, report_of
from .tester import Tester
from .workspace import open_store

GUARD = 3.0  # a study ends early after so many time budgets, on two cores or more,
LEAST_GUARD_S = 60.0  # and not before
_LEAST_LIMIT_S, _LIMIT = 60.0, 30.0  # a fit is stopped after these seconds and so many prices

OVER = f"It took more than {GUARD:g} times the time budget: this machine is slow or busy."


def run_study(
    study: Any,
    frame: Any,
    target: str,
    *,
    test: Any,
    name: str,
    command: str,
    source: Mapping[str, str],
) -> StudyResult:
    """Run the steps of a `Study`."""
    progress = study.progress or (lambda stage, done, total: None)
    started = clock.monotonic()
    progress("reading", 0, 1)
    frame, name = _read(frame, name)
    if test is not None:
        test, _ = _read(test, "")
    progress("looking at the data", 0, 1)
    ready = prepare(
        frame,
        target,
        positive=study.positive,
        time=study.time,
        group=study.group,
        test=test,
        drop=study.drop or (),
        keep=study.keep or (),
        seed=study.seed,
    )
    labels = tuple(str(label) for label in ready.classes)
    ready = replace(ready, rows=replace(ready.rows, labels=labels))
    goal = parse_goal(
        list(labels),
        objective=study.objective,
        cost=study.cost,
        min_precision=study.min_precision,
        min_recall=study.min_recall,
        alert_budget=study.alert_budget,
        n_rows=ready.frames[0].height,
        frame=ready.frames[0],
    )
    if goal.columns is not None:
        parts = [goal.columns.for_rows(part)["costs"] for part in ready.frames]
        ready = replace(ready, rows=replace(ready.rows, costs=np.concatenate(parts)))
    tried = applicable(len(ready.classes), study.treatments, quick=study.quick)
    with about("learners"):
        own = own_learners(study.learners or ())
    learners = [
        learner_name(each) for each in study.learners or default_learners(len(ready.classes))
    ]
    fingerprint = {
        "data": data_hash(frame),
        "test": data_hash(test) if test is not None else "",
        "target": target,
        **{key: value for key, value in study.options().items() if key != "time_budget"},
        "stated": goal.as_dict(),
        "budget": study.budget,
        "version": __version__,
    }
    fingerprint = json.loads(json.dumps(fingerprint, default=str))
    with open_store(study.out, fingerprint) as store:
        schedule = None
        if not len(ready.test):
            conclusion = too_few_rows(ready, goal)
        else:
            schedule = stored_schedule(store)
            if schedule is None:
                schedule = make_schedule(
                    ready.rows.take(ready.train),
                    goal,
                    tried,
                    learners,
                    budget_s=study.budget,
                    seed=study.seed,
                    quick=study.quick,
                    asked=study.treatments is not None,
                    single=study.single,
                    unassessed=tuple(ready.unassessed),
                    max_size_mb=study.max_size_mb,
                    max_row_ms=study.max_row_ms,
                )
                if schedule.estimate_s > study.budget and not study.yes:
                    _refuse_too_long(schedule, study.budget)
                store.write_fact("schedule", schedule.as_dict())
            jobs = n_workers(study.n_jobs)
            guard = max(LEAST_GUARD_S, GUARD * study.budget)
            until = started + guard * max(1.0, CORES / jobs)
            whole = not study.keep_test and test is None
            conclusion = _run_schedule(
                ready, schedule, store, jobs=jobs, own=own, until=until, whole=whole,
                progress=progress,
            )  # fmt: skip
        progress("writing", 0, 1)
        report = report_of(
            ready,
            goal,
            conclusion,
            schedule,
            study=study,
            name=name or "table",
            command=command,
            data_hash=fingerprint["data"],
        )
        folder = None if study.out is None else Path(study.out)
        found = StudyResult(report, conclusion.model, list(conclusion.cells), folder)
        if folder is not None:
            write_files(folder, found, {**source, "target": target, **study.options()})
    progress("done", 1, 1)
    return found


def _read(frame: Any, name: str) -> tuple[Any, str]:
    """Return a table of any kind as a polars frame, and what to call it."""
    if isinstance(frame, (str, os.PathLike)):
        return read_table(frame), name or Path(frame).name
    return to_polars(frame), name


def _refuse_too_long(schedule: Schedule, budget: float) -> None:
    seconds = round(schedule.estimate_s)
    long = f"{seconds} seconds" if seconds < 100 else f"{round(seconds / 60):,} minutes"
    with about("time_budget", "yes"):
        raise BudgetError(
            f"the least there is to do takes about {long} on two cores, beyond the time budget "
            f"of {budget:g} s. Give a larger budget or fewer learners, or confirm "
            "that it may take that long."
        )


def stored_schedule(store: Store) -> Schedule | None:
    """Return the schedule of an earlier run of the same study, if there was one."""
    stored = store.fact("schedule")
    return None if stored is None else Schedule.from_dict(stored)


def _run_schedule(
    ready: Prepared,
    schedule: Schedule,
    store: Store,
    *,
    jobs: int,
    own: Mapping[str, Any],
    until: float,
    whole: bool,
    progress: Callable[[str, int, int], None],
) -> Conclusion:
    """Run the fits that are not stored yet, compare the arms and conclude.

    Where the time is over or the user interrupts, the best model so far is measured and shipped.
    """
    part = ready.rows.take(ready.train)
    sample = part.capped(schedule.row_cap, schedule.seed)
    write_rows(store.rows, sample)
    prices = Prices(schedule, shape_of(part))
    scores = Scores(store, schedule, sample)

    def limit_s(task: Task) -> float:
        folds = max(2, task.n_folds)
        return _LEAST_LIMIT_S + _LIMIT * prices.fit(task.cell.arm, schedule.final_cap, folds)

    ended, counted = "", [0, 0]
    # one thread as in the workers, and messages name classes, of which these steps know the codes
    with (
        threadpool_limits(limits=1, user_api="blas"),
        class_names(sample.labels),
        Workers(jobs, own, until) as workers,
    ):

        def run(tasks: Sequence[Task], total: int) -> None:
            counted[1] += total
            counted[0] = counted[1] - len(tasks)
            progress("comparing", *counted)

            def done(task: Task, meta: Any, arrays: Any, model: Any) -> None:
                store.write_cell(task.cell.id, meta, arrays)
                counted[0] += 1
                progress("comparing", *counted)

            workers.run(store.rows, tasks, limit_s, done)

        def collect(path: Path, tasks: Sequence[Task]) -> list[Any]:
            of: dict[str, Any] = {}

            def done(task: Task, *what: Any) -> None:
                of[task.cell.id] = what

            workers.run(path, tasks, limit_s, done)
            return [of[task.cell.id] for task in tasks]

        race = Race(scores, prices, run)
        try:
            race.run()
        except (KeyboardInterrupt, OutOfTime) as end:
            if not race.plain:
                raise
            ended = OVER if isinstance(end, OutOfTime) else STOPPED
            workers.close()  # what still runs is not waited for
        workers.until = float("inf")
        progress("choosing", 0, 1)
        tester = Tester(scores)
        found = compare(race, tester)
        shop = Workshop(schedule, store.folder, collect)
        return conclude(
            ready, race, tester, found, shop,
            whole=whole and not ended, ended=ended, progress=progress,
        )  # fmt: skip
