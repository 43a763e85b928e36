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

from .._errors import StoreError
from .store import Store


def n_workers(n_jobs: int | None) -> int:
    """Return how many processes to run: all cores this process may use for None or -1."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, cores or 1) if n_jobs in (None, -1) else max(1, int(n_jobs or 1))


class _Worker:
    """One process, its input, and a thread that turns its answers into queue items."""

    def __init__(self, folder: Path, answers: "queue.Queue[tuple[_Worker, dict | None]]"):
        one = {key: "1" for key in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
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
        self.cell: dict[str, Any] | None = None
        self.since = 0.0
        self._answers = answers
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout:  # type: ignore[union-attr]
            with contextlib.suppress(ValueError):
                self._answers.put((self, json.loads(line)))
        self._answers.put((self, None))

    def start(self, cell: dict[str, Any]) -> None:
        self.cell, self.since = cell, time.monotonic()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(cell["id"] + "\n")  # type: ignore[union-attr]
            self.process.stdin.flush()  # type: ignore[union-attr]

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]


def run_cells(
    store: Store,
    plan: dict[str, Any],
    *,
    jobs: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Run every cell of the plan that is not stored yet.

    A cell that runs longer than the plan's ``limit_s`` is stopped and stored as stopped, so a run
    that goes on later finds the same.

    Raises
    ------
    StoreError
        If a cell cannot be stored, or a worker fails again and again.
    """
    cells = plan["cells"]
    done = store.done()
    todo = [cell for cell in cells if cell["id"] not in done]
    total, finished = len(cells), len(cells) - len(todo)
    progress(finished, total)
    todo.reverse()
    answers: queue.Queue[tuple[_Worker, dict | None]] = queue.Queue()
    workers = [_Worker(store.folder, answers) for _ in range(min(jobs, len(todo)))]
    crashes: dict[str, int] = {}
    try:
        for worker in workers:
            worker.start(todo.pop())
        while any(worker.cell for worker in workers):
            try:
                worker, answer = answers.get(timeout=0.5)
            except queue.Empty:
                worker, answer = None, None
            if worker is not None and worker in workers and worker.cell is not None:
                cell = worker.cell
                if answer is None or "crash" in answer:  # the process died, or the code has a bug
                    name = cell["id"]
                    crashes[name] = crashes.get(name, 0) + 1
                    if answer is not None or crashes[name] > 1:
                        why = answer["crash"] if answer else "its process died (memory?)"
                        store.write_cell(name, {**cell, "status": "failed", "why": why}, {})
                        finished += 1
                    else:
                        todo.append(cell)
                    if answer is None:
                        workers.remove(worker)
                        worker.stop()
                        worker = _Worker(store.folder, answers)
                        workers.append(worker)
                elif "error" in answer:
                    raise StoreError(answer["error"])
                else:
                    finished += 1
                worker.cell = None
                progress(finished, total)
                if todo:
                    worker.start(todo.pop())
            for late in [w for w in workers if w.cell and time.monotonic() - w.since > plan["limit_s"]]:
                workers.remove(late)
                late.stop()
                why = f"stopped after {plan['limit_s']:.0f} s, the limit of a cell in this plan"
                store.write_cell(
                    late.cell["id"], {**late.cell, "status": "stopped", "why": why}, {}
                )
                finished += 1
                progress(finished, total)
                fresh = _Worker(store.folder, answers)
                workers.append(fresh)
                if todo:
                    fresh.start(todo.pop())
    finally:
        for worker in workers:
            worker.stop()
