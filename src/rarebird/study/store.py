"""A study's folder: a plan, and one file a finished cell, written whole or not at all."""

import contextlib
import errno
import io
import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from rarebird._errors import StoreError

try:
    import fcntl
except ImportError:  # Windows: two runs at once are not noticed
    fcntl = None  # type: ignore[assignment]


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there entirely or not at all, whatever interrupts.

    Raises
    ------
    StoreError
        If the disk is full or the folder cannot be written.
    """
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
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "Free some space" if full else "Choose another --out"
        raise StoreError(
            f"Cannot write {path}: {error.strerror or error}. {what}; what was written is kept."
        ) from error


def _checksum(plan: dict[str, Any]) -> int:
    return zlib.crc32(json.dumps(plan, sort_keys=True).encode())


class Store:
    """What a study has planned and done so far.

    Parameters
    ----------
    folder : Path
        The folder ``store`` inside a study's output folder.

    Notes
    -----
    ``plan.json`` is written once; ``cells/<id>.npz`` holds a finished cell. Both have a checksum.
    """

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.cells = self.folder / "cells"
        self._lock: int | None = None

    def create(self) -> None:
        """Make the folders, keep other runs out until `close`, clear what a crash left.

        Raises
        ------
        StoreError
            If that is not possible, or another run is going on.
        """
        try:
            self.cells.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreError(
                f"Cannot write into {self.folder}: {error.strerror}. Choose another --out."
            ) from error
        if fcntl is not None:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                self.close()
                raise StoreError(
                    f"Another run works in {self.folder} at this moment. Wait for it, or choose "
                    "another --out."
                ) from error
            except OSError:  # a file system without locks
                return
        for folder in (self.folder.parent, self.folder, self.cells):
            for part in folder.glob(".*.part"):
                with contextlib.suppress(OSError):
                    part.unlink()

    @property
    def mine(self) -> bool:
        """Whether this run is the one that works here."""
        return self._lock is not None

    def close(self) -> None:
        """Let other runs in."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def plan(self) -> dict[str, Any] | None:
        """Return the stored plan, or None where there is none.

        Raises
        ------
        StoreError
            If it cannot be read.
        """
        path = self.folder / "plan.json"
        try:
            if not path.exists():
                if self.done():
                    raise ValueError("it is missing, but there are cells")
                return None
            plan = json.loads(path.read_text("utf-8"))
            if not isinstance(plan, dict) or plan.pop("checksum", None) != _checksum(plan):
                raise ValueError("its checksum does not fit")
            return plan
        except (OSError, ValueError) as error:
            raise StoreError(
                f"The study's plan {path} cannot be used ({error}). Remove the folder "
                f"{self.folder.parent} to start again, or choose another --out."
            ) from error

    def write_plan(self, plan: dict[str, Any]) -> None:
        """Write the plan."""
        text = json.dumps({**plan, "checksum": _checksum(plan)}, indent=1)
        write_whole(self.folder / "plan.json", text.encode())

    def path(self, cell: str) -> Path:
        """Return the file of a cell."""
        return self.cells / f"{cell}.npz"

    def done(self) -> set[str]:
        """Return the names of the finished cells."""
        return {path.stem for path in self.cells.glob("*.npz")}

    def write_cell(self, cell: str, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        """Write a finished cell."""
        buffer = io.BytesIO()
        text = np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8)
        np.savez_compressed(buffer, meta=text, **arrays)
        body = buffer.getvalue()
        write_whole(self.path(cell), body + zlib.crc32(body).to_bytes(4, "big"))

    def read_cell(self, cell: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return what a cell measured, and its arrays.

        Raises
        ------
        StoreError
            If the file is damaged.
        """
        path = self.path(cell)
        try:
            content = path.read_bytes()
            body = content[:-4]
            if zlib.crc32(body).to_bytes(4, "big") != content[-4:]:
                raise ValueError("its checksum does not fit")
            with np.load(io.BytesIO(body), allow_pickle=False) as file:
                arrays = {key: file[key] for key in file.files}
            return json.loads(arrays.pop("meta").tobytes()), arrays
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise StoreError(
                f"The stored cell {path} is damaged ({error}). Remove this file and run the same "
                "command again; only this cell is computed anew."
            ) from error
