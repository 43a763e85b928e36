"""The steps of a study: read, prepare, schedule, run the cells, compare, conclude, write."""

import json
import os
import time as clock
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from rarebird._version import __version__
from rarebird.data.frames import data_hash, to_polars
from rarebird.data.read import read_table

from .candidates import applicable
from .compare import compare
from .conclude import Conclusion, conclude, too_few_rows
from .files import write_files
from .parse_goal import parse_goal
from .pool import n_workers, run_cells
from .prepare import Prepared, prepare
from .result import StudyResult
from .rows import write_rows
from .schedule import Schedule, make_schedule
from .store import Store
from .summary import report_of
from .workspace import open_store


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
    """Run a `Study`; see there."""
    started = clock.monotonic()
    progress = study.progress or (lambda stage, done, total: None)
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
    goal = parse_goal(
        [str(label) for label in ready.classes],
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
                progress("scheduling", 0, 1)
                with threadpool_limits(limits=1):  # timed as the workers will run
                    schedule = make_schedule(
                        ready.rows.take(ready.train),
                        goal,
                        tried,
                        budget_s=study.budget - (clock.monotonic() - started),
                        quick=study.quick,
                        jobs=n_workers(study.n_jobs),
                        seed=study.seed,
                        unassessed=tuple(ready.unassessed),
                    )
                store.write_fact("schedule", schedule.as_dict())
            conclusion = _run_schedule(ready, schedule, store, study.n_jobs, progress)
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


def stored_schedule(store: Store) -> Schedule | None:
    """Return the schedule of an earlier run of the same study, if there was one."""
    stored = store.fact("schedule")
    return None if stored is None else Schedule.from_dict(stored)


def _run_schedule(
    ready: Prepared,
    schedule: Schedule,
    store: Store,
    n_jobs: int | None,
    progress: Callable[[str, int, int], None],
) -> Conclusion:
    """Run the cells that are not stored yet, compare the candidates and conclude."""
    jobs = n_workers(n_jobs)
    sample = ready.rows.take(ready.train).capped(schedule.row_cap, schedule.seed)
    write_rows(store.rows, sample)
    run_cells(
        store,
        schedule,
        n_jobs=jobs,
        progress=lambda done, total: progress("comparing", done, total),
    )
    progress("choosing", 0, 1)
    found = compare(store, schedule, sample)
    with threadpool_limits(limits=1, user_api="blas"):  # as in the workers
        return conclude(ready, schedule, found, n_jobs=jobs, progress=progress)
