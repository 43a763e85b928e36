"""Runs the cells of a plan in worker processes, stops those that run too long."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rarebird._errors import ParameterError, StoreError

from .store import Store

_START_S = 120.0  # a process that has not even started by then never will


def n_workers(n_jobs: int | None) -> int:
    """Return how many processes to run: all cores this process may use for None or -1.

    Raises
    ------
    ParameterError
        If it is neither -1 nor a whole number of at least 1.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if n_jobs is None or n_jobs == -1:
        return max(1, cores or 1)
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int) or n_jobs < 1:
        raise ParameterError(
            f"n_jobs={n_jobs!r} is not allowed; it must be a whole number >= 1, or -1 (all cores)."
        )
    return n_jobs


class _Worker:
    """One process, its input, and a thread that turns its answers into queue items."""

    def __init__(self, folder: Path, answers: "queue.Queue[tuple[_Worker, dict | None]]"):
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        path = os.pathsep.join(p for p in sys.path if p)
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "rarebird.study.worker", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **one, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C reaches us alone; we stop the workers
        )
        self.ready = False
        self.cell: dict[str, Any] | None = None
        self.since = time.monotonic()
        self._answers = answers
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(ValueError, OSError):  # closed by stop()
            for line in self.process.stdout:  # type: ignore[union-attr]
                with contextlib.suppress(ValueError):
                    self._answers.put((self, json.loads(line)))
        self._answers.put((self, None))

    def start(self, cell: dict[str, Any]) -> None:
        self.cell, self.since = cell, time.monotonic()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(cell["id"] + "\n")  # type: ignore[union-attr]
            self.process.stdin.flush()  # type: ignore[union-attr]

    def late(self, limit: float) -> bool:
        """Say whether its cell runs longer than the limit; starting up does not count."""
        return self.cell is not None and time.monotonic() - self.since > limit

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]


class _Run:
    """The state of `run_cells`: what is to do, who does it, what came of it."""

    def __init__(
        self, store: Store, plan: dict[str, Any], jobs: int, progress: Callable[[int, int], None]
    ):
        done = store.done()
        self.store, self.plan, self.progress = store, plan, progress
        self.todo = [cell for cell in reversed(plan["cells"]) if cell["id"] not in done]
        self.total = len(plan["cells"])
        self.answers: queue.Queue[tuple[_Worker, dict | None]] = queue.Queue()
        self.crashed: set[str] = set()
        self.workers: list[_Worker] = []
        self.jobs = min(jobs, len(self.todo))

    def go(self) -> None:
        try:
            self.show()
            while self.todo or any(worker.cell for worker in self.workers):
                while len(self.workers) < min(self.jobs, len(self.todo) + self.running):
                    self.workers.append(_Worker(self.store.folder, self.answers))
                try:
                    worker, answer = self.answers.get(timeout=0.2)
                except queue.Empty:
                    pass
                else:
                    if worker in self.workers:  # not one that was stopped
                        self.hear(worker, answer)
                for worker in [w for w in self.workers if w.late(self.plan["limit_s"])]:
                    self.stop_late(worker)
                for worker in self.workers:
                    if not worker.ready and time.monotonic() - worker.since > _START_S:
                        raise StoreError("A process for the comparison does not start.")
                    if worker.ready and not worker.cell and self.todo:
                        worker.start(self.todo.pop())
        finally:
            for worker in self.workers:
                worker.stop()

    @property
    def running(self) -> int:
        return sum(worker.cell is not None for worker in self.workers)

    def drop(self, worker: _Worker) -> None:
        worker.stop()
        self.workers.remove(worker)

    def hear(self, worker: _Worker, answer: dict | None) -> None:
        cell = worker.cell
        if answer is None:
            self.drop(worker)
            if not worker.ready:
                raise StoreError(
                    "A process for the comparison cannot start (exit code "
                    f"{worker.process.returncode}). The cells done so far are kept."
                )
            if cell is None:
                return
            if cell["id"] not in self.crashed:  # once may be chance
                self.crashed.add(cell["id"])
                self.todo.append(cell)
            else:
                self.give_up(cell, "failed", "its process died twice (memory?)")
        elif "ready" in answer:
            worker.ready = True
        elif "error" in answer:
            raise StoreError(answer["error"])
        elif cell is not None:
            worker.cell = None
            if "crash" in answer:
                self.give_up(cell, "failed", answer["crash"])
            self.show()

    def stop_late(self, worker: _Worker) -> None:
        cell = worker.cell
        self.drop(worker)
        if cell is not None and not self.store.path(cell["id"]).exists():
            limit = self.plan["limit_s"]
            why = f"stopped after {limit:g} s, the limit of a cell in this plan"
            self.give_up(cell, "stopped", why)
        self.show()

    def give_up(self, cell: dict[str, Any], status: str, why: str) -> None:
        """Store what became of a cell, and spare the candidate's others: it is out anyhow."""
        self.store.write_cell(cell["id"], {**cell, "status": status, "why": why}, {})
        same = [other for other in self.todo if other["candidate"] == cell["candidate"]]
        for other in same:
            self.todo.remove(other)
            meta = {**other, "status": status, "why": f"not run, since {cell['id']}: {why}"}
            self.store.write_cell(other["id"], meta, {})
        self.show()

    def show(self) -> None:
        self.progress(self.total - len(self.todo) - self.running, self.total)


def run_cells(
    store: Store,
    plan: dict[str, Any],
    *,
    jobs: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Run every cell of the plan that is not stored yet.

    A cell that runs longer than the plan's ``limit_s`` is stopped and stored as stopped, so a run
    that goes on later finds the same; the candidate's further cells are not run.

    Raises
    ------
    StoreError
        If a cell cannot be stored, or the processes cannot start.
    """
    _Run(store, plan, jobs, progress).go()
