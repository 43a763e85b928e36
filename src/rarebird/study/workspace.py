"""The folder a study works in: its own, an earlier run's of the same study, or a temporary one."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rarebird._errors import StoreError, about

from .files import OURS
from .store import Store, cannot_write


@contextlib.contextmanager
def open_store(out: Any, fingerprint: Mapping[str, Any]) -> Iterator[Store]:
    """Yield the open store in the folder ``out`` of a study; without one, in a temporary folder.

    The fingerprint is what the result depends on: a folder with another one is another study's.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()) if out is None else out)
        store = Store(folder / "store")
        with about("out"):
            _check_folder(folder, store)
            store.open()
            stack.callback(store.close)
            stack.callback(_remove_rows, store)
            _check_study(folder, store, fingerprint)
            for part in [*folder.glob(".*.part"), folder / ".rarebird-write-test"]:
                try:  # what a crash left goes, and whether the folder can be written shows
                    part.touch()
                    part.unlink()
                except OSError as error:
                    raise cannot_write(folder, error) from error
        yield store


def _remove_rows(store: Store) -> None:
    """Remove the copies of rows that workers read."""
    for path in store.folder.glob("*rows*.joblib"):
        path.unlink(missing_ok=True)


def _check_folder(folder: Path, store: Store) -> None:
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"{folder} is a file; give a folder.")
    if not folder.exists() or (store.path.exists() and store.path.stat().st_size):
        return
    names = {path.name for path in folder.iterdir()} - {"store"}
    if foreign := sorted(names - set(OURS)):
        raise StoreError(
            f"The folder {folder} holds other files ({foreign[0]!r}); give an empty or a new one."
        )
    if names:
        raise StoreError(
            f"The folder {folder} holds a study whose store is gone, so it cannot go on. Give "
            "another one, or remove it."
        )


def _check_study(folder: Path, store: Store, fingerprint: Mapping[str, Any]) -> None:
    old = store.fact("fingerprint")
    if old is None:
        store.write_fact("fingerprint", fingerprint)
    elif old != fingerprint:
        keys = sorted({*old, *fingerprint})
        different = [key for key in keys if old.get(key) != fingerprint.get(key)]
        raise StoreError(
            f"The folder {folder} belongs to another study (different: {', '.join(different)}). "
            "Give another one, or remove it."
        )
