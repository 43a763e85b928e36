"""What a worker process may do wrong; its functions stand in for `rarebird.study.worker`'s."""

import os
import signal
import time
from pathlib import Path

from rarebird.study import worker


def hang(cell):
    """A candidate that never ends, in code that hears no signal."""
    if cell.startswith("class-weights"):
        import hashlib

        hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
    return worker.run(cell)


def die(cell):
    """A process that always dies on one cell."""
    if cell == "class-weights-0-1":
        os.kill(os.getpid(), signal.SIGKILL)
    return worker.run(cell)


def die_once(cell):
    """A process that dies on one cell, the first time."""
    marker = Path(os.environ["RAREBIRD_TEST_DIED"])
    if cell == "class-weights-0-1" and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return worker.run(cell)


def fail(cell):
    """A bug in one cell."""
    if cell == "class-weights-0-1":
        raise ZeroDivisionError("a bug")
    return worker.run(cell)


def start_slowly(caller, rows, schedule):
    """A process that takes longer to be ready than a cell may."""
    worker.start(caller, rows, schedule)
    time.sleep(4)


def do_not_start(caller, rows, schedule):
    """A process that ends before it is ready."""
    os._exit(3)
