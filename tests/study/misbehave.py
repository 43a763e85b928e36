"""What a worker process may do wrong; its functions stand in for `rarebird.study.worker`'s."""

import os
import signal
import time
from pathlib import Path

from rarebird.study import worker

BAD = "class-weights: lightgbm with exponent=1 | 0 1"


def hang(path, task):
    """A candidate that never ends, in code that hears no signal."""
    if task.cell.arm.candidate == "class-weights":
        import hashlib

        hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
    return worker.run(path, task)


def hang_always(path, task):
    """A machine on which nothing ends."""
    time.sleep(600)


def die(path, task):
    """A process that always dies on one cell."""
    if task.cell.id == BAD:
        os.kill(os.getpid(), signal.SIGKILL)
    return worker.run(path, task)


def die_once(path, task):
    """A process that dies on one cell, the first time."""
    marker = Path(os.environ["RAREBIRD_TEST_DIED"])
    if task.cell.id == BAD and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return worker.run(path, task)


def fail(path, task):
    """A bug in one cell."""
    if task.cell.id == BAD:
        raise ZeroDivisionError("a bug")
    return worker.run(path, task)


def start_slowly(caller, own):
    """A process that takes longer to be ready than a cell may."""
    worker.start(caller, own)
    time.sleep(4)


def do_not_start(caller, own):
    """A process that ends before it is ready."""
    os._exit(3)
