"""The folder a study works in: its own, an earlier run's of the same study, or a temporary one."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rarebird._errors import StoreError, about

from .files import OURS
from .store import Store, cannot_write


@dataclass(frozen=True)
class Workspace:
    """Where a study keeps what it has done.

    Parameters
    ----------
    folder : Path
        The output folder.
    store : Store
        Open, and locked for other runs.
    kept : bool
        Whether the folder stays when the study ends.
    """

    folder: Path
    store: Store
    kept: bool

    @property
    def rows(self) -> Path:
        """The file from which workers map the rows; it goes when the study ends."""
        return self.store.folder / "rows.joblib"


@contextlib.contextmanager
def open_workspace(out: Any, fingerprint: Mapping[str, Any]) -> Iterator[Workspace]:
    """Yield the workspace of a study; without a folder ``out`` it is a temporary one.

    Parameters
    ----------
    out : path or None
        The output folder.
    fingerprint : mapping
        What the result depends on; a folder that holds another one belongs to another study.

    Raises
    ------
    StoreError
        If the folder is a file, holds other things or another study, is damaged, cannot be
        written, or another run works in it.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()) if out is None else out)
        work = Workspace(folder, Store(folder / "store"), out is not None)
        with about("out"):
            if out is not None:
                _check_folder(folder, work.store)
            work.store.open()
            stack.callback(work.store.close)
            stack.callback(work.rows.unlink, missing_ok=True)
            _check_fingerprint(work, fingerprint)
            for place in (folder, work.store.folder):
                for part in place.glob(".*.part"):  # what a crash left
                    with contextlib.suppress(OSError):
                        part.unlink()
        yield work


def _check_folder(folder: Path, store: Store) -> None:
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"{folder} is a file; give a folder.")
    if not folder.exists() or (store.path.exists() and store.path.stat().st_size):
        return
    foreign = [path.name for path in folder.iterdir() if path.name not in {*OURS, "store"}]
    if foreign:
        raise StoreError(
            f"The folder {folder} holds other files ({foreign[0]!r}); give an empty or a new one."
        )
    _check_not_finished(folder)


def _check_not_finished(folder: Path) -> None:
    if any((folder / name).exists() for name in OURS):
        raise StoreError(
            f"The folder {folder} holds a study whose store is gone, so it cannot go on. Give "
            "another one, or remove it."
        )


def _check_fingerprint(work: Workspace, fingerprint: Mapping[str, Any]) -> None:
    old, folder = work.store.fact("fingerprint"), work.folder
    if old is None:
        _check_not_finished(folder)
        work.store.write_fact("fingerprint", fingerprint)
    elif old != fingerprint:
        keys = sorted({*old, *fingerprint})
        different = [key for key in keys if old.get(key) != fingerprint.get(key)]
        raise StoreError(
            f"The folder {folder} belongs to another study (different: {', '.join(different)}). "
            "Give another one, or remove it."
        )
    probe = folder / ".rarebird-write-test"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise cannot_write(folder, error) from error
