"""What a study has done so far: one SQLite file, written by one process at a time."""

import contextlib
import errno
import io
import json
import os
import sqlite3
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rarebird._errors import StoreError

FACTS = ("fingerprint", "schedule")
# 0: what Python itself cannot read, such as a text that is none
_DAMAGE = (0, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there entirely or not at all, whatever interrupts."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError | sqlite3.Error) -> StoreError:
    """Return the error for a file or folder that cannot be written."""
    full = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
    if full or (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)):
        why, what = os.strerror(errno.ENOSPC), "Free some space"
    else:
        why, what = getattr(error, "strerror", None) or str(error), "Choose another folder"
    return StoreError(f"Cannot write {path}: {why}. {what}; what was written is kept.")


class Store:
    """What a study has stated, scheduled and done so far.

    One table: the fingerprint and the schedule as JSON, and what each finished cell measured with
    its arrays; every row has a checksum. The file stays locked while the store is open, on every
    platform, and the system unlocks it whatever ends the process.
    """

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.path = self.folder / "study.sqlite"
        self._file: sqlite3.Connection | None = None

    @property
    def rows(self) -> Path:
        """The file from which workers map the rows; it goes when the study ends."""
        return self.folder / "rows.joblib"

    def open(self) -> None:
        """Open the file, new where there is none, and keep other runs out until `close`."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        try:
            self._file = sqlite3.connect(self.path, timeout=0, isolation_level=None)
            self._run("PRAGMA locking_mode = EXCLUSIVE")
            self._run("BEGIN EXCLUSIVE")
            if not self._run("SELECT count(*) FROM sqlite_master")[0][0]:  # new
                columns = "name TEXT PRIMARY KEY, meta TEXT, arrays BLOB, checksum INTEGER"
                self._run(f"CREATE TABLE parts ({columns})")
            self._run("COMMIT")
            found = self._run("PRAGMA quick_check(1)")[0][0]
            if found != "ok":
                raise self._damaged(found)
            if self.done() and self.fact("schedule") is None:
                raise self._damaged("it has cells and no schedule")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let other runs in."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement; errors of SQLite become errors of ours."""
        assert self._file is not None, "the store is not open"
        try:
            return self._file.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without the extended part
            if code == sqlite3.SQLITE_BUSY:
                raise StoreError(
                    f"Another run works in {self.folder} at this moment. Wait for it, or choose "
                    "another folder."
                ) from error
            if code in _DAMAGE:
                raise self._damaged(str(error)) from error
            raise cannot_write(self.path, error) from error

    def _damaged(self, why: str) -> StoreError:
        return StoreError(
            f"The store {self.path} is damaged ({' '.join(why.split())}). Remove the folder "
            f"{self.folder.parent} to start again, or choose another one."
        )

    def _write(self, name: str, meta: str, arrays: bytes) -> None:
        checksum = zlib.crc32(arrays, zlib.crc32(meta.encode()))
        self._run("INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?)", name, meta, arrays, checksum)

    def _read(self, name: str) -> tuple[str, bytes] | None:
        found = self._run("SELECT meta, arrays, checksum FROM parts WHERE name = ?", name)
        if not found:
            return None
        meta, arrays, checksum = found[0]
        kinds = isinstance(meta, str) and isinstance(arrays, bytes)
        if not kinds or zlib.crc32(arrays, zlib.crc32(meta.encode())) != checksum:
            raise self._damaged(f"the checksum of {name} does not fit")
        return meta, arrays

    def fact(self, name: str) -> dict[str, Any] | None:
        """Return the fingerprint or the schedule, or None where there is none yet."""
        found = self._read(name)
        return None if found is None else json.loads(found[0])

    def write_fact(self, name: str, value: Mapping[str, Any]) -> None:
        """Write the fingerprint or the schedule."""
        self._write(name, json.dumps(value), b"")

    def done(self) -> set[str]:
        """Return the names of the finished cells."""
        return {name for (name,) in self._run("SELECT name FROM parts")} - set(FACTS)

    def write_cell(self, cell: str, meta: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        """Write a finished cell."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        self._write(cell, json.dumps(meta), buffer.getvalue())

    def read_cell(self, cell: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return what a cell measured, and its arrays; a damaged one goes, to be computed again."""
        try:
            found = self._read(cell)
        except StoreError as error:
            self._run("DELETE FROM parts WHERE name = ?", cell)
            raise StoreError(
                f"The stored cell {cell} in {self.path} was damaged and is removed. Run the same "
                "study again; only this cell is computed again."
            ) from error
        if found is None:
            raise self._damaged(f"the cell {cell} is missing")
        with np.load(io.BytesIO(found[1]), allow_pickle=False) as file:
            return json.loads(found[0]), {key: file[key] for key in file.files}
