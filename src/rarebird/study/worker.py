"""What runs in a worker process: it is made ready once, then runs tasks.

Imports what is heavy only after the number of threads is set.
"""

import os
import signal
import threading
import warnings
from pathlib import Path
from typing import Any

_own: Any = None  # the user's learners, or the error that kept the process from being ready
_rows: dict[str, Any] = {}  # of the file that the last task named


def _end_with(caller: Any) -> None:
    """End at once when the caller is gone, even in the middle of a fit."""
    try:
        caller.recv()
    except (EOFError, OSError):
        os._exit(0)


def start(caller: Any, own: bytes) -> None:
    """Make the process ready: one thread, no output, and an end with the caller.

    ``caller`` is the reading end of a pipe whose writing end only the caller holds.
    """
    global _own
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # stops a fit, which Python code could not
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller says when to stop
    threading.Thread(target=_end_with, args=(caller,), daemon=True).start()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    nothing = os.open(os.devnull, os.O_WRONLY)
    for output in (1, 2):
        os.dup2(nothing, output)
    warnings.simplefilter("ignore")
    try:
        import cloudpickle

        _own = cloudpickle.loads(own)
    except Exception as error:  # told by the first task: here it would only end the process
        _own = error


def run(path: str, task: Any) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """Run a task on the rows of a file; return values, arrays and the model if it is wanted."""
    from rarebird._errors import StoreError

    from .cell import run_task
    from .rows import read_rows

    if isinstance(_own, Exception):
        raise StoreError(f"A process for the comparison cannot start ({_own}).")
    if path not in _rows:
        _rows.clear()
        try:
            _rows[path] = read_rows(Path(path))
        except Exception as error:
            raise StoreError(f"A process for the comparison cannot start ({error}).") from error
    return run_task(_rows[path], task, _own)
