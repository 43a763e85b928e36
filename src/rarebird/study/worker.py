"""What runs in a worker process: it is made ready once, then computes cells by name.

Imports what is heavy only after the number of threads is set.
"""

import os
import signal
import threading
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_ready: Any = None  # (rows, schedule) of this process, or the error that kept it from being ready


def _end_with(caller: Any) -> None:
    """End at once when the caller is gone, even in the middle of a fit."""
    try:
        caller.recv()
    except (EOFError, OSError):
        os._exit(0)


def start(caller: Any, rows: Path, schedule: Mapping[str, Any]) -> None:
    """Make the process ready: one thread, no output, and an end with the caller.

    ``caller`` is the reading end of a pipe whose writing end only the caller holds.
    """
    global _ready
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # stops a fit, which Python code could not
    threading.Thread(target=_end_with, args=(caller,), daemon=True).start()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    nothing = os.open(os.devnull, os.O_WRONLY)
    for output in (1, 2):
        os.dup2(nothing, output)
    warnings.simplefilter("ignore")
    try:
        from .rows import read_rows
        from .schedule import Schedule

        _ready = (read_rows(rows), Schedule.from_dict(schedule))
    except Exception as error:  # told by the first cell: here it would only end the process
        _ready = error


def run(cell: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Compute the cell of that name; return its values and arrays."""
    from rarebird._errors import StoreError

    from .cell import run_cell

    if isinstance(_ready, Exception):
        raise StoreError(f"A process for the comparison cannot start ({_ready}).")
    rows, schedule = _ready
    return run_cell(rows, schedule, next(each for each in schedule.cells if each.id == cell))
