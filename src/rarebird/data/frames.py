"""Any data frame becomes a polars one, and a polars one has a fingerprint."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl

from rarebird._errors import DataError, ParameterTypeError

__all__ = ["data_hash", "to_polars"]


def to_polars(frame: Any) -> Any:
    """Return a table as a polars data frame; a polars one is returned as it is.

    Parameters
    ----------
    frame : data frame of shape (n, d)
        pandas, polars (lazy too), PyArrow, anything else narwhals knows, or a dict of columns. A
        pandas index is left out; column names become text.

    Raises
    ------
    DataError
        If two columns have the same name, or columns differ in length.
    ParameterTypeError
        If it is no table.

    Examples
    --------
    >>> to_polars({"x": [1, 2]}).shape
    (2, 1)
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if isinstance(frame, Mapping):
        return _from_columns({str(name): values for name, values in frame.items()})
    # PyArrow has the data in .columns
    check_names(getattr(frame, "column_names", getattr(frame, "columns", ())), "The table")
    import narwhals as nw

    try:
        wrapped = nw.from_native(frame, eager_only=True)
    except TypeError as error:
        raise ParameterTypeError(
            f"A table is needed, not {type(frame).__name__}: give a pandas, polars or PyArrow "
            "table, or a dict of columns."
        ) from error
    if hasattr(frame, "iloc"):
        columns = [frame.iloc[:, j] for j in range(frame.shape[1])]
        return pl.DataFrame([_from_pandas(column) for column in columns])
    return wrapped.to_polars()


def check_names(names: Iterable[Any], what: str) -> None:
    """Raise where two columns have one name."""
    name, n = next(iter(Counter(map(str, names)).most_common(1)), ("", 0))
    if n > 1:
        raise DataError(f"{what} has two columns called {name!r}; rename one of them.")


def _from_columns(columns: Mapping[str, Any]) -> Any:
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        short, long = min(lengths, key=lengths.__getitem__), max(lengths, key=lengths.__getitem__)
        raise DataError(
            f"The columns differ in length: {short!r} has {lengths[short]} rows and {long!r} has "
            f"{lengths[long]}."
        )
    return pl.DataFrame([_series(name, values) for name, values in columns.items()])


def _series(name: str, values: Any) -> Any:
    """Return one column; where types are mixed, all values become text."""
    try:
        return pl.Series(name, values)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        texts = [None if v is None or v != v else str(v) for v in values]
        return pl.Series(name, texts, dtype=pl.String)


def _from_pandas(column: Any) -> Any:
    try:
        series: Any = pl.from_pandas(column, nan_to_null=True)
        return series.alias(str(column.name))
    except Exception as error:  # PyArrow has its own errors, and PyArrow is optional
        known = (TypeError, ValueError, ImportError, OverflowError, pl.exceptions.PolarsError)
        if not isinstance(error, known) and not type(error).__module__.startswith("pyarrow"):
            raise
    values = zip(column.tolist(), column.isna().tolist(), strict=True)
    return _series(str(column.name), [None if missing else value for value, missing in values])


def data_hash(frame: Any) -> str:
    """Return the SHA-256 of a table's column names, types and values, as 64 hex digits.

    It depends on the order of rows and columns, and not on the file's format, the kind of data
    frame, or how it lies in memory.

    Parameters
    ----------
    frame : data frame of shape (n, d)
        As of `to_polars`.

    Notes
    -----
    O(n d) time; the memory of one column.

    Examples
    --------
    >>> data_hash({"x": [1, 2]}) == data_hash({"x": [1, 2]}) != data_hash({"x": [2, 1]})
    True
    """
    frame = to_polars(frame)
    digest = hashlib.sha256(f"rarebird 1 {frame.height} {frame.width}".encode())
    for series in frame.get_columns():
        for part in _bytes_of(series):
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part)
    return digest.hexdigest()


def _bytes_of(series: Any) -> Any:
    dtype = series.dtype
    kind = str(dtype).split("(")[0]
    if dtype in (pl.Categorical, pl.Enum, pl.String):
        kind, series = "String", series.cast(pl.String)
    elif dtype.is_temporal():
        kind += getattr(dtype, "time_unit", "") + (getattr(dtype, "time_zone", None) or "")
        series = series.to_physical()
    yield series.name.encode()
    yield kind.encode()
    yield np.packbits(series.is_null().to_numpy()).tobytes()
    known = series.drop_nulls()
    if kind == "String":
        yield known.str.len_bytes().to_numpy().astype("<u4").tobytes()
        yield "".join(known.to_list()).encode("utf-8", "surrogatepass")
    elif known.dtype == pl.Boolean:
        yield np.packbits(known.to_numpy()).tobytes()
    elif known.dtype.is_integer() or known.dtype.is_float():
        values = known.to_numpy()
        if values.dtype.kind == "f":
            values = np.where(np.isnan(values), np.nan, values).astype(values.dtype)
        yield values.astype(values.dtype.newbyteorder("<")).tobytes()
    else:
        yield repr(known.to_list()).encode()
