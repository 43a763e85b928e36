"""polars, PyArrow and other frames, through narwhals."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rarebird._errors import DataError

from .plan import AllRows, Kept, Plan, Source
from .table import (
    CATEGORY,
    NUMBER,
    OTHER,
    TRUTH,
    Table,
    codes_of,
    donors_of,
    new_numbers,
    stacked,
    whole_numbers,
)


class FrameTable(Table):
    """A polars, PyArrow or other frame that narwhals reads."""

    def __init__(self, frame: Any, owner: str):
        self.frame, self.owner = frame, owner
        self.n_rows, self.n_columns = frame.shape
        self.names = list(frame.columns)
        self.kinds = [_frame_kind(dtype) for dtype in frame.schema.dtypes()]
        if self.n_rows < 1:
            raise DataError(
                f"{owner}: Found array with 0 sample(s) while a minimum of 1 is required."
            )

    def _column(self, column: int) -> Any:
        return self.frame[:, column]

    def matrix(self, columns: Sequence[int] | None = None) -> np.ndarray:
        """Return columns of numbers as an ndarray of one type; gaps are NaN."""
        columns = range(self.n_columns) if columns is None else columns
        return stacked([self._numbers(j) for j in columns], self.n_rows)

    def _numbers(self, column: int) -> np.ndarray:
        if self.kinds[column] not in (NUMBER, TRUTH):
            raise self._not_numbers(self.owner, column)
        import narwhals.stable.v2 as nw

        series = self._column(column)
        wide = series.dtype in (nw.Int128, nw.UInt128)
        if series.null_count() or series.dtype.is_decimal() or wide:
            series = series.cast(nw.Float64)
        return np.asarray(series.to_numpy())

    def codes(self, column: int) -> np.ndarray:
        """Return a column as whole numbers from 0, in the order of its sorted values; -1: gap."""
        values = np.empty(self.n_rows, dtype=object)  # lists stay values
        values[:] = self._column(column).to_list()
        return codes_of(values)

    def build(self, plan: Plan, *, keep_index: bool = False) -> Any:
        """Return the rows of the plan as the kind of frame that came in."""
        import narwhals.stable.v2 as nw

        parts = [self._part(source, plan) for source in plan.sources if len(source)]
        out = (
            nw.concat(parts, how="vertical")
            if len(parts) > 1
            else parts[0]
            if parts
            else (self.frame.head(0))
        )
        return (out if plan.order is None else out[plan.order]).to_native()

    def _part(self, source: Source, plan: Plan) -> Any:
        if isinstance(source, AllRows):
            return self.frame
        if isinstance(source, Kept):
            return self.frame[source.index]
        new = new_numbers(self, source, plan)
        columns = []
        for j, name in enumerate(self.names or []):
            old = self._column(j)
            if j in plan.voted:
                columns.append(old[donors_of(source, plan, j)].alias(name))
            else:
                columns.append(self._cast(next(new), old, name))
        return columns[0].to_frame().with_columns(*columns[1:])

    def _cast(self, values: np.ndarray, old: Any, name: str) -> Any:
        import narwhals.stable.v2 as nw

        values = np.asarray(values, dtype=float)
        gaps = np.isnan(values)
        if old.dtype == nw.Boolean:
            full: Any = [None if gap else bool(v) for v, gap in zip(values, gaps, strict=True)]
        elif old.dtype.is_integer():
            wide = old.dtype in (nw.Int128, nw.UInt128)
            kind = np.dtype(np.int64 if wide else str(old.dtype).lower())
            whole = whole_numbers(values, kind).tolist()
            full = [None if gap else v for v, gap in zip(whole, gaps, strict=True)]
        elif gaps.any() and old.null_count():
            full = [None if gap else v for v, gap in zip(values.tolist(), gaps, strict=True)]
        else:
            full = values
        if isinstance(full, list):
            return nw.new_series(name, full, old.dtype, backend=self.frame.implementation)
        series = nw.new_series(name, full, nw.Float64, backend=self.frame.implementation)
        return series.cast(old.dtype)


def _frame_kind(dtype: Any) -> str:
    import narwhals.stable.v2 as nw

    if dtype.is_numeric():
        return NUMBER
    if dtype == nw.Boolean:
        return TRUTH
    if dtype in (nw.String, nw.Categorical) or isinstance(dtype, nw.Enum):
        return CATEGORY
    return OTHER
