"""Runs the cells of a schedule in worker processes, and stops those that run too long."""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import joblib
from loky.backend import get_context
from pebble import ProcessExpired, ProcessPool

from rarebird._errors import RarebirdError, StoreError

from . import worker
from .options import jobs
from .schedule import Cell, Schedule
from .store import Store

_LISTEN_S = 0.5  # Ctrl-C is noticed within that time on every platform
_START_S = 120.0  # processes that have not even started by then never will


def n_workers(n_jobs: int | None) -> int:
    """Return how many processes to run: all cores this process may use for None or -1."""
    n = jobs(n_jobs)
    return joblib.cpu_count() if n == -1 else n


def run_cells(
    store: Store,
    schedule: Schedule,
    *,
    n_jobs: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Run every cell of the schedule that is not stored yet, and store what came of it.

    A cell that runs longer than ``limit_s`` of the schedule is stopped and stored as stopped, so a
    run that goes on later finds the same; the candidate's further cells are not run. A cell whose
    process dies is tried once more.

    Only this process writes into the store.
    """
    done = store.done()
    todo = deque(cell for cell in schedule.cells if cell.id not in done)
    total = len(schedule.cells)
    died: set[str] = set()
    running: dict[Future[Any], Cell] = {}

    no_start = StoreError(
        "A process for the comparison cannot start. The cells done so far are kept."
    )

    def give_up(cell: Cell, status: str, why: str) -> None:
        """Store what became of a cell, and spare the candidate's others: it is out anyhow."""
        store.write_cell(cell.id, {**cell.as_dict(), "status": status, "why": why}, {})
        for other in [each for each in todo if each.candidate == cell.candidate]:
            todo.remove(other)
            told = {"status": status, "why": f"not run, since {cell.id}: {why}"}
            store.write_cell(other.id, other.as_dict() | told, {})

    def settle(future: Future, cell: Cell) -> None:
        try:
            store.write_cell(cell.id, *future.result())
        except TimeoutError:
            limit = f"stopped after {schedule.limit_s:g} s, the limit of a cell in this schedule"
            give_up(cell, "stopped", limit)
        except ProcessExpired:
            if cell.id in died:
                give_up(cell, "failed", "its process died twice (memory?)")
            else:  # once may be chance
                died.add(cell.id)
                todo.appendleft(cell)
        except BrokenProcessPool as error:
            raise no_start from error
        except RarebirdError:
            raise
        except Exception as error:  # a bug in one cell is not a traceback
            give_up(cell, "failed", f"{type(error).__name__}: {error}")

    progress(total - len(todo), total)
    if not todo:
        return
    heard = time.monotonic()
    context = get_context("loky")  # a fresh process each, which does not import the caller's main
    caller, kept = context.Pipe(duplex=False)
    pool = ProcessPool(
        min(n_jobs, len(todo)),
        initializer=worker.start,
        initargs=(caller, store.rows, schedule.as_dict()),
        context=context,
    )
    try:
        while todo or running:
            while todo and len(running) < n_jobs:
                cell = todo.popleft()
                future = pool.schedule(worker.run, (cell.id,), timeout=schedule.limit_s)
                running[future] = cell
            finished, _ = wait(running, timeout=_LISTEN_S, return_when=FIRST_COMPLETED)
            for each in finished:
                settle(each, running.pop(each))
            if finished or any(each.running() for each in running):
                heard = time.monotonic()
            elif time.monotonic() - heard > _START_S:
                raise no_start
            if finished:
                progress(total - len(todo) - len(running), total)
    finally:
        pool.stop()
        pool.join()
        kept.close()
        caller.close()
