"""What a resampler may ask of its input, and how new numbers are written."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rarebird._errors import DataError

from .plan import Interpolated, Plan, Source

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

    n_rows: int
    n_columns: int
    names: list[Any] | None = None
    kinds: list[str]
    is_sparse = False

    def matrix(self, columns: Sequence[int] | None = None) -> Any:
        """Return columns of numbers as an ndarray (or CSR) of one type; gaps are NaN."""
        raise NotImplementedError

    def codes(self, column: int) -> np.ndarray:
        """Return a column as whole numbers from 0, in the order of its sorted values; -1: gap."""
        raise NotImplementedError

    def build(self, plan: Plan, *, keep_index: bool = False) -> Any:
        """Return the rows of the plan as the kind of table that came in."""
        raise NotImplementedError

    def name(self, column: int) -> str:
        """Return a column's name for messages."""
        return repr(self.names[column]) if self.names is not None else f"number {column}"

    def _not_numbers(self, owner: str, column: int) -> DataError:
        return DataError(
            f"{owner}: column {self.name(column)} holds no numbers ({self.kinds[column]}). Encode "
            "it, leave it out, or use SMOTE, which takes categories as they are."
        )


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
    """Return values as codes 0, 1, ... in the order of the sorted values, gaps as -1."""
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


def fill(source: Source, numbers: np.ndarray, block: np.ndarray, columns: list[int] | None) -> None:
    """Write a source's new rows into ``block``, a piece at a time."""
    source, numbers = _near(source, numbers)
    step = max(1, CHUNK_BYTES // max(1, 8 * numbers.shape[1]))
    for low in range(0, len(source), step):
        rows = slice(low, min(low + step, len(source)))
        values = source.values(numbers, rows)  # type: ignore[union-attr]
        if block.dtype.kind in "iu" and not np.abs(values).max(initial=0) < 2**53:
            values = whole_numbers(values, block.dtype)
        if columns is None:
            block[rows] = values
        else:
            block[rows, columns] = values


def _near(source: Source, numbers: np.ndarray) -> tuple[Source, np.ndarray]:
    """Return the source over its parents only: a few rare rows fit in the cache, the table not."""
    if not isinstance(source, Interpolated) or len(source) < 10_000:
        return source, numbers
    used = np.zeros(len(numbers), dtype=bool)
    used[source.base] = True
    used[source.others] = True
    parents = np.flatnonzero(used)
    if len(parents) > len(numbers) // 4:
        return source, numbers
    place = np.empty(len(numbers), dtype=np.int32)
    place[parents] = np.arange(len(parents), dtype=np.int32)
    return replace(source, base=place[source.base], others=place[source.others]), numbers[parents]


def floating(dtype: np.dtype) -> np.dtype:
    """Return the type of new rows that are not between old ones: whole numbers become floats."""
    return dtype if dtype.kind == "f" else np.dtype(float)


def stacked(columns: list[np.ndarray], n_rows: int) -> np.ndarray:
    """Return columns side by side in their common type, row after row in memory."""
    if not columns:
        return np.empty((n_rows, 0))
    dtype = np.result_type(*columns)
    out = np.empty((n_rows, len(columns)), dtype=float if dtype.kind == "b" else dtype)
    for place, column in enumerate(columns):
        out[:, place] = column
    return out


def new_numbers(table: Table, source: Source, plan: Plan) -> Any:
    """Return an iterator over the new values of each numeric column, in order."""
    numeric = [j for j in range(table.n_columns) if j not in plan.voted]
    numbers = table.matrix(numeric)
    dtype = np.float32 if numbers.dtype == np.float32 else float
    block = np.empty((len(source), len(numeric)), dtype=dtype, order="F")
    fill(source, numbers, block, None)
    return iter(block.T)


def donors_of(source: Source, plan: Plan, column: int) -> np.ndarray:
    """Return, for each new row, the row whose value it takes in a voted column."""
    donors = getattr(source, "donors", None)
    return source.base if donors is None else donors[:, plan.voted.index(column)]
