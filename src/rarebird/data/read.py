"""``read_table``: a person's file in, or one line that says what is wrong with it."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from rarebird._errors import DataError, suggest

from .frames import check_names

__all__ = ["read_table"]

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "None", "?")
FORMATS = {
    ".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".pq": "parquet", ".arrow": "arrow",
    ".feather": "arrow", ".ipc": "arrow", ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip
_SEPARATORS = ",;\t|"


def read_table(path_or_glob: Any, *, sep: str | None = None) -> Any:
    """Read a polars table from a file, or from several files with the same columns.

    In CSV files the fields ``NA N/A NaN nan null None ?`` and empty ones are missing.

    Parameters
    ----------
    path_or_glob : str, path or list of them
        CSV and TSV (also ``.gz``), Parquet, Arrow/Feather or JSON lines; ``*`` and ``?`` match
        several files, which are stacked in the order of their names.
    sep : str, optional
        What separates the fields of a CSV file; by default the one of ``, ; tab |`` that the header
        has most of.

    Raises
    ------
    DataError
        If a file is missing, empty, of an unknown kind, damaged or not a table, if two columns have
        one name, or if the files' columns differ. The message names the file and the place.

    Examples
    --------
    >>> read_table("no_such_file.csv")
    Traceback (most recent call last):
        ...
    rarebird._errors.DataError: There is no file 'no_such_file.csv'.
    """
    paths = _paths(path_or_glob)
    tables = [_read_one(path, sep) for path in paths]
    return tables[0] if len(tables) == 1 else _stack(paths, tables)


def _paths(given: Any) -> list[Path]:
    if isinstance(given, Sequence) and not isinstance(given, str | bytes):
        if not given:
            raise DataError("No file is given; name at least one.")
        return [path for item in given for path in _paths(item)]
    path = Path(given).expanduser()
    if path.exists():
        return [path]
    if any(sign in str(path) for sign in "*?["):
        root = Path(path.anchor or ".")
        found = sorted(p for p in root.glob(str(path.relative_to(path.anchor))) if p.is_file())
        if not found:
            raise DataError(f"No file matches {str(given)!r}.")
        return found
    near = ""
    if path.parent.is_dir():
        near = suggest(path.name, [item.name for item in path.parent.iterdir()])
    elif str(path.parent) != ".":
        near = f" There is no folder {str(path.parent)!r} either."
    raise DataError(f"There is no file {str(given)!r}.{near}")


def _read_one(path: Path, sep: str | None) -> Any:
    if path.is_dir():
        raise DataError(f"{str(path)!r} is a folder; name a file in it, or '{path}/*.csv' for all.")
    packed = path.suffix.lower() == ".gz"
    ending = Path(path.stem).suffix.lower() if packed else path.suffix.lower()
    kind = FORMATS.get(ending)
    if kind is None or (packed and kind not in ("csv", "jsonl")):
        hint = " Save the sheet as CSV." if ending in (".xlsx", ".xls", ".ods") else ""
        known = " ".join([*FORMATS, ".csv.gz", ".tsv.gz", ".jsonl.gz", ".ndjson.gz"])
        raise DataError(f"{str(path)!r}: its kind is not known; known are {known}.{hint}")
    try:
        if path.stat().st_size == 0:
            raise DataError(f"{str(path)!r} is empty (0 bytes).")
        if kind in ("parquet", "arrow"):
            table = _binary(path, kind)
        else:
            raw = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
            raw = raw.removeprefix(b"\xef\xbb\xbf")
            _check_text(path, raw)
            tab = "\t" if ending == ".tsv" else None
            table = _jsonl(path, raw) if kind == "jsonl" else _csv(path, raw, sep or tab)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{str(path)!r} cannot be read: {_line(error)}.") from error
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{str(path)!r} is not a table: {_line(error)}.") from error
    if table.height == 0:
        raise DataError(f"{str(path)!r} has a header with {table.width} columns, but no rows.")
    return table


def _check_text(path: Path, raw: bytes) -> None:
    if not raw.strip():
        raise DataError(f"{str(path)!r} is empty (blank lines only).")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise DataError(f"{str(path)!r} is UTF-16 text; save it as UTF-8.")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{str(path)!r}, line {line}: byte 0x{raw[error.start]:02x} is not UTF-8; save the "
            "file as UTF-8 (it may be Windows-1252 or Latin-1 now)."
        ) from error
    if b"\x00" in raw[:4096]:
        raise DataError(f"{str(path)!r} is not text: it holds zero bytes.")


def _csv(path: Path, raw: bytes, sep: str | None) -> Any:
    first = raw.lstrip(b"\r\n").split(b"\n", 1)[0].decode().rstrip("\r")
    if sep is None:  # the first of those that the header has equally many of: the comma
        sep = max(_SEPARATORS, key=lambda s: len(next(csv.reader([first], delimiter=s), [])))
    head = io.StringIO(raw[: 1 << 20].lstrip().decode(errors="ignore"))
    names = next(csv.reader(head, delimiter=sep))
    check_names(names, repr(str(path)))
    try:
        missing = list(MISSING)
        table = pl.read_csv(raw, separator=sep, null_values=missing, infer_schema_length=None)
    except pl.exceptions.PolarsError as error:
        _ragged(path, raw, sep, len(names))
        raise DataError(f"{str(path)!r} is not a table: {_line(error)}.") from error
    if table.width and (table.width != len(names) or table[:, -1].null_count()):
        _ragged(path, raw, sep, len(names))
    texts = pl.col(pl.String)
    known = ~texts.str.strip_chars().is_in(MISSING)
    return table.with_columns(pl.when(known).then(texts).name.keep())


def _ragged(path: Path, raw: bytes, sep: str, width: int) -> None:
    """Raise for the first line whose number of fields is not the header's."""
    if b'"' in raw:
        reader = csv.reader(io.StringIO(raw.decode()), delimiter=sep)
        found = next(((reader.line_num, len(r)) for r in reader if r and len(r) != width), None)
    else:
        data = np.frombuffer(raw if raw.endswith(b"\n") else raw + b"\n", dtype=np.uint8)
        ends = np.flatnonzero(data == ord("\n"))
        before = np.searchsorted(np.flatnonzero(data == ord(sep)), ends)
        fields = np.diff(before, prepend=0) + 1
        starts = np.concatenate([[0], ends[:-1] + 1])
        blank = (ends - starts == 0) | ((ends - starts == 1) & (data[starts] == ord("\r")))
        wrong = np.flatnonzero((fields != width) & ~blank)
        found = (int(wrong[0]) + 1, int(fields[wrong[0]])) if wrong.size else None
    if found is not None:
        line, got = found
        raise DataError(
            f"{str(path)!r}, line {line}: {got} field{'s' * (got != 1)}, but the header has "
            f"{width}. Repair the line, or name the separator."
        )


def _binary(path: Path, kind: str) -> Any:
    with path.open("rb") as file:
        start = file.read(4)
    if kind == "parquet" and start == b"PAR1":
        return pl.read_parquet(path, glob=False)
    if kind == "arrow" and start == b"ARRO":
        return pl.read_ipc(path)
    if kind == "arrow" and start == b"\xff\xff\xff\xff":
        return pl.read_ipc_stream(path)
    a_file = "a Parquet file" if kind == "parquet" else "an Arrow file"
    hint = "; it is Feather version 1, save it as version 2" if start == b"FEA1" else ""
    raise DataError(f"{str(path)!r} is not {a_file}: it starts with {start!r}{hint}.")


def _jsonl(path: Path, raw: bytes) -> Any:
    try:
        return pl.read_ndjson(raw, infer_schema_length=None)
    except pl.exceptions.PolarsError as error:
        for number, line in enumerate(raw.splitlines(), 1):
            try:
                bad = line.strip() and not isinstance(json.loads(line), dict)
            except ValueError:
                bad = True
            if bad:
                where, text = f"{str(path)!r}, line {number}", line[:40].decode(errors="replace")
                raise DataError(f"{where} is not a JSON object: {text!r}.") from error
        raise


def _stack(paths: list[Path], tables: list[Any]) -> Any:
    first = tables[0]
    for path, table in zip(paths[1:], tables[1:], strict=True):
        for one, other, side in ((first, table, "lacks"), (table, first, "has")):
            odd = [name for name in one.columns if name not in other.columns]
            if odd:
                more = "" if side == "lacks" else f", which {str(paths[0])!r} lacks"
                raise DataError(f"{str(path)!r} {side} the column {odd[0]!r}{more}.")
        for name in first.columns:
            one, other = first.schema[name], table.schema[name]
            numbers = one.is_numeric() and other.is_numeric()
            if one != other and pl.Null not in (one, other) and not numbers:
                raise DataError(
                    f"{str(path)!r}: column {name!r} is {other}, but {one} in {str(paths[0])!r}."
                )
    return pl.concat([t.select(first.columns) for t in tables], how="vertical_relaxed")


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
