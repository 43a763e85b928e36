"""A study's folder: a plan, and one file a finished cell, written whole or not at all."""

import json
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from .._errors import StoreError


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
        part.unlink(missing_ok=True)
        raise StoreError(
            f"Cannot write {path}: {error.strerror or error}. Free some space or choose another "
            "--out; the cells done so far are kept."
        ) from error


class Store:
    """What a study has planned and done so far.

    Parameters
    ----------
    folder : Path
        The folder ``store`` inside a study's output folder.

    Notes
    -----
    ``plan.json`` is written once; ``cells/<id>.npz`` holds a finished cell behind a checksum.
    """

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.cells = self.folder / "cells"

    def create(self) -> None:
        """Make the folders.

        Raises
        ------
        StoreError
            If that is not possible.
        """
        try:
            self.cells.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"Cannot make the folder {self.folder}: {error.strerror}. Choose another --out."
            ) from error

    def plan(self) -> dict[str, Any] | None:
        """Return the stored plan, or None where there is none.

        Raises
        ------
        StoreError
            If it cannot be read.
        """
        path = self.folder / "plan.json"
        if not path.exists():
            return None
        try:
            plan = json.loads(path.read_text("utf-8"))
            if not isinstance(plan, dict) or "cells" not in plan or "fingerprint" not in plan:
                raise ValueError("it is not a plan")
            return plan
        except (OSError, ValueError) as error:
            raise StoreError(
                f"The study's plan {path} cannot be read ({error}). Remove the folder "
                f"{self.folder} to start again, or choose another --out."
            ) from error

    def write_plan(self, plan: dict[str, Any]) -> None:
        """Write the plan."""
        write_whole(self.folder / "plan.json", json.dumps(plan, indent=1).encode())

    def path(self, cell: str) -> Path:
        """Return the file of a cell."""
        return self.cells / f"{cell}.npz"

    def done(self) -> set[str]:
        """Return the names of the finished cells."""
        return {path.stem for path in self.cells.glob("*.npz")}

    def write_cell(self, cell: str, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        """Write a finished cell."""
        import io

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
        import io

        path = self.path(cell)
        try:
            content = path.read_bytes()
            body = content[:-4]
            if zlib.crc32(body).to_bytes(4, "big") != content[-4:]:
                raise ValueError("its checksum does not fit")
            with np.load(io.BytesIO(body), allow_pickle=False) as file:
                arrays = {key: file[key] for key in file.files}
            return json.loads(arrays.pop("meta").tobytes()), arrays
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(
                f"The stored cell {path} is damaged ({error}). Remove this file and run the same "
                "command again; only this cell is computed anew."
            ) from error
