"""What a resampler may ask of its input, and how new numbers are written."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rarebird._errors import DataError

from .plan import Plan
from .sources import Interpolated, NewSource

__all__ = ["CATEGORY", "NUMBER", "OTHER", "TRUTH", "Table"]

CHUNK_BYTES = 1 << 18  # of new rows made at a time: stays in the cache, adds nothing to the peak

NUMBER, TRUTH, CATEGORY, OTHER = "number", "truth value", "category", "other"


class Table:
    """What a resampler may ask of its input, whatever it is.

    Attributes
    ----------
    n_rows, n_columns : int
        Shape.
    names : list or None
        Column names of a frame.
    kinds : list of str
        ``"number"``, ``"truth value"``, ``"category"`` or ``"other"`` for each column.
    """

    owner: str
    n_rows: int
    n_columns: int
    names: list[Any] | None = None
    kinds: list[str]
    is_sparse = False

    def _start(self, shape: tuple[int, ...], owner: str) -> None:
        """Set the shape, and refuse a table without rows or columns."""
        self.owner = owner
        self.n_rows, self.n_columns = shape
        for n, unit, what in zip(shape, ("sample", "feature"), ("rows", "columns"), strict=True):
            if n < 1:
                raise DataError(
                    f"{owner}: Found array with 0 {unit}(s) (shape={shape}) while a minimum of 1 "
                    f"is required; X has no {what}."
                )

    def matrix(self, columns: Sequence[int] | None = None) -> Any:
        """Return columns of numbers as an ndarray (or CSR) of one type; missing values are NaN."""
        raise NotImplementedError

    def codes(self, column: int) -> np.ndarray:
        """Return a column as codes from 0, in the order of its sorted values; -1: missing."""
        raise NotImplementedError

    def build(self, plan: Plan, *, keep_index: bool = False) -> Any:
        """Return the rows of the plan as the kind of table that came in."""
        raise NotImplementedError

    def name(self, column: int) -> str:
        """Return a column's name for messages."""
        return repr(self.names[column]) if self.names is not None else f"number {column}"

    def _not_numbers(self, column: int) -> DataError:
        return DataError(
            f"{self.owner}: column {self.name(column)} holds no numbers ({self.kinds[column]}). "
            "Encode it, leave it out, or use SMOTE, which takes categories as they are."
        )


class ColumnTable(Table):
    """A frame: each column has a name and a type of its own."""

    def _numbers(self, column: int) -> np.ndarray:
        """Return a column of numbers or truth values as an array."""
        raise NotImplementedError

    def matrix(self, columns: Sequence[int] | None = None) -> np.ndarray:
        """Return columns of numbers side by side in their common type; missing values are NaN."""
        wanted = range(self.n_columns) if columns is None else columns
        found = []
        for column in wanted:
            if self.kinds[column] not in (NUMBER, TRUTH):
                raise self._not_numbers(column)
            found.append(self._numbers(column))
        if not found:
            return np.empty((self.n_rows, 0))
        dtype = np.result_type(*found)
        out = np.empty((self.n_rows, len(found)), dtype=float if dtype.kind == "b" else dtype)
        for position, values in enumerate(found):
            out[:, position] = values
        return out

    def new_columns(self, source: NewSource, plan: Plan) -> Iterator[tuple[int, Any, Any]]:
        """Yield each column of a source's new rows: its number, its values or None, its donors."""
        numeric = [j for j in range(self.n_columns) if j not in plan.voted]
        numbers = self.matrix(numeric)
        dtype = np.float32 if numbers.dtype == np.float32 else float
        block = np.empty((len(source), len(numeric)), dtype=dtype, order="F")
        fill(source, numbers, block, None)
        new = iter(block.T)
        for column in range(self.n_columns):
            if column in plan.voted:
                yield column, None, donors_of(source, plan.voted.index(column))
            else:
                yield column, next(new), None


def is_missing(value: Any) -> bool:
    """Say whether a value is None, NaN, NaT or pandas' NA (which has no truth value).

    Examples
    --------
    >>> is_missing(None), is_missing(float("nan")), is_missing("nan")
    (True, True, False)
    """
    return value is None or type(value).__name__ == "NAType" or bool(value != value)


def is_pandas(thing: Any) -> bool:
    """Say whether this is a frame or series of pandas, or of a class derived from them."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(thing, (pandas.DataFrame, pandas.Series))


def whole_numbers(values: np.ndarray, dtype: Any) -> np.ndarray:
    """Return values cut off to whole numbers of a type, at its ends where they lie beyond.

    Examples
    --------
    >>> whole_numbers(np.array([2.9, -2.9, 1e30, np.nan]), np.int8).tolist()
    [2, -2, 127, 0]
    """
    ends = np.iinfo(dtype)
    out = np.zeros(values.shape, dtype=dtype)
    inside = (values > float(ends.min)) & (values < float(ends.max))
    out[inside] = values[inside].astype(dtype)
    out[values >= float(ends.max)] = ends.max
    out[values <= float(ends.min)] = ends.min
    return out


def codes_of(values: np.ndarray) -> np.ndarray:
    """Return values as codes 0, 1, ... in the order of the sorted values, missing ones as -1."""
    missing = np.array([is_missing(v) for v in values.tolist()], dtype=bool)
    codes = np.full(len(values), -1, dtype=np.intp)
    present = values[~missing]
    try:
        codes[~missing] = np.unique(present, return_inverse=True)[1].ravel()
    except TypeError:  # values of several types have no common order
        codes[~missing] = np.unique(
            [f"{type(v)}{v}" for v in present.tolist()], return_inverse=True
        )[1]
    return codes


def fill(
    source: NewSource, numbers: np.ndarray, block: np.ndarray, columns: list[int] | None
) -> None:
    """Write a source's new rows into ``block``, a piece at a time."""
    source, numbers = _near(source, numbers)
    step = max(1, CHUNK_BYTES // max(1, 8 * numbers.shape[1]))
    for low in range(0, len(source), step):
        rows = slice(low, min(low + step, len(source)))
        values = source.values(numbers, rows)
        if block.dtype.kind in "iu" and not np.abs(values).max(initial=0) < 2**53:
            values = whole_numbers(values, block.dtype)
        if columns is None:
            block[rows] = values
        else:
            block[rows, columns] = values


def _near(source: NewSource, numbers: np.ndarray) -> tuple[NewSource, np.ndarray]:
    """Return the source over its parents only: a few rare rows fit in the cache, the table not."""
    if not isinstance(source, Interpolated) or len(source) < 10_000:
        return source, numbers
    used = np.zeros(len(numbers), dtype=bool)
    used[source.base] = True
    used[source.others] = True
    parents = np.flatnonzero(used)
    if len(parents) > len(numbers) // 4:
        return source, numbers
    position = np.empty(len(numbers), dtype=np.int32)
    position[parents] = np.arange(len(parents), dtype=np.int32)
    near = replace(source, base=position[source.base], others=position[source.others])
    return near, numbers[parents]


def floating(dtype: np.dtype) -> np.dtype:
    """Return the type of new rows that are not between old ones: whole numbers become floats."""
    return dtype if dtype.kind == "f" else np.dtype(float)


def donors_of(source: NewSource, position: int) -> np.ndarray:
    """Return, for each new row, the row whose value it takes in the plan's n-th voted column."""
    return source.base if source.donors is None else source.donors[:, position]
