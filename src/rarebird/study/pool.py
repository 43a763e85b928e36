"""Worker processes that fit, and are stopped where a fit takes too long."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import cloudpickle
import joblib
from loky.backend import get_context
from pebble import ProcessExpired, ProcessPool

from rarebird._errors import RarebirdError, StoreError

from . import worker
from .cell import Task
from .options import jobs

_LISTEN_S = 0.5  # Ctrl-C is noticed within that time on every platform
_START_S = 120.0  # processes that have not even started by then never will

# What came of a task: values, arrays and the model where it was wanted.
Done = Callable[[Task, dict[str, Any], dict[str, Any], Any], None]


class OutOfTime(Exception):
    """The time that a study may take at most is over."""


def n_workers(n_jobs: int | None) -> int:
    """Return how many processes to run: all cores this process may use for None or -1."""
    n = jobs(n_jobs)
    return joblib.cpu_count() if n == -1 else n


class Workers:
    """Processes that run tasks until they are closed.

    Parameters
    ----------
    n_jobs : int
        Processes.
    own : mapping
        The user's learners by name.
    until : float
        When `run` raises `OutOfTime`, by the clock of ``time.monotonic``.
    """

    def __init__(self, n_jobs: int, own: Any, until: float = float("inf")):
        self.n_jobs = n_jobs
        self.until = until
        self._own = cloudpickle.dumps(own)
        self._pool: ProcessPool | None = None

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the processes; the next `run` starts others."""
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None
            self._kept.close()
            self._caller.close()

    def _start(self) -> ProcessPool:
        if self._pool is None:
            context = get_context("loky")  # fresh processes, which do not import the caller's main
            self._caller, self._kept = context.Pipe(duplex=False)
            self._pool = ProcessPool(
                self.n_jobs,
                initializer=worker.start,
                initargs=(self._caller, self._own),
                context=context,
            )
        return self._pool

    def run(
        self, rows: Path, tasks: Sequence[Task], limit_s: Callable[[Task], float], done: Done
    ) -> None:
        """Run tasks on the rows of a file, and tell ``done`` of each when it has ended.

        One that runs longer than its limit is stopped, and the arm's other tasks are not run. One
        whose process dies is tried once more.

        Raises
        ------
        OutOfTime
            If the time is over: tasks that have ended were told.
        StoreError
            If no process can start.
        """
        todo, died = deque(tasks), set[str]()
        running: dict[Future[Any], Task] = {}
        no_start = StoreError(
            "A process for the comparison cannot start. The fits done so far are kept."
        )

        def give_up(task: Task, status: str, why: str) -> None:
            done(task, {**task.cell.as_dict(), "status": status, "why": why}, {}, None)
            for other in [each for each in todo if each.cell.arm == task.cell.arm]:
                todo.remove(other)
                told = {"status": status, "why": f"not run, since {task.cell.id}: {why}"}
                done(other, other.cell.as_dict() | told, {}, None)

        def settle(future: Future, task: Task) -> None:
            try:
                done(task, *future.result())
            except TimeoutError:
                give_up(task, "stopped", f"stopped after {limit_s(task):.0f} s, the limit of a fit")
            except ProcessExpired:
                if task.cell.id in died:
                    give_up(task, "failed", "its process died twice (memory?)")
                else:  # once may be chance
                    died.add(task.cell.id)
                    todo.appendleft(task)
            except BrokenProcessPool as error:
                raise no_start from error
            except RarebirdError:
                raise
            except Exception as error:  # a bug in one fit is not a traceback
                give_up(task, "failed", f"{type(error).__name__}: {error}")

        heard = time.monotonic()
        while todo or running:
            while todo and len(running) < self.n_jobs:
                task = todo.popleft()
                given = (str(rows), task)
                running[self._start().schedule(worker.run, given, timeout=limit_s(task))] = task
            finished, _ = wait(running, timeout=_LISTEN_S, return_when=FIRST_COMPLETED)
            for each in finished:
                settle(each, running.pop(each))
            if finished or any(each.running() for each in running):
                heard = time.monotonic()
            elif time.monotonic() - heard > _START_S:
                raise no_start
            if (todo or running) and time.monotonic() > self.until:
                for each in running:
                    each.cancel()
                raise OutOfTime


class InThisProcess:
    """Runs tasks one after the other, without processes: thousands of small fits need none."""

    def __init__(self, n_jobs: int, own: Any, until: float = float("inf")):
        self.n_jobs, self.until, self._own = n_jobs, until, own

    def __enter__(self) -> "InThisProcess":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Do nothing: there are no processes."""

    def run(self, rows: Path, tasks: Sequence[Task], limit_s: Any, done: Done) -> None:
        """Run tasks, as `Workers.run` does."""
        from .cell import run_task
        from .rows import read_rows

        if not tasks:
            return
        part = read_rows(rows)
        for task in tasks:
            if time.monotonic() > self.until:
                raise OutOfTime
            done(task, *run_task(part, task, self._own))
