"""What the tests do with the store of a study's folder."""

import contextlib
import sqlite3

from rarebird.study.store import Store


@contextlib.contextmanager
def opened(folder):
    """Open the store of a study's folder."""
    store = Store(folder / "store")
    store.open()
    try:
        yield store
    finally:
        store.close()


def alter(folder, statement, *values):
    """Change the store of a study's folder behind its back."""
    file = sqlite3.connect(folder / "store/study.sqlite")
    with file:
        changed = file.execute(statement, values).rowcount
    file.close()
    assert changed


def with_schedule_of(first, folder, **values):
    """Make a folder that holds the schedule of another, with other values: it depends on time."""
    with opened(first) as old, opened(folder) as new:
        new.write_fact("fingerprint", old.fact("fingerprint"))
        new.write_fact("schedule", {**old.fact("schedule"), **values})
