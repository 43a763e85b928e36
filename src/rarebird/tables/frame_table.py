"""polars, PyArrow and other frames, through narwhals."""

from typing import Any

import numpy as np

from .plan import Plan
from .sources import AllRows, Kept, Source
from .table import CATEGORY, NUMBER, OTHER, TRUTH, ColumnTable, codes_of, whole_numbers


class FrameTable(ColumnTable):
    """A polars, PyArrow or other frame that narwhals reads."""

    def __init__(self, frame: Any, owner: str):
        self._start(frame.shape, owner)
        self.frame = frame
        self.names = list(frame.columns)
        self.kinds = [_frame_kind(dtype) for dtype in frame.schema.dtypes()]

    def _numbers(self, column: int) -> np.ndarray:
        import narwhals.stable.v2 as nw

        series = self.frame[:, column]
        wide = series.dtype in (nw.Int128, nw.UInt128)
        if series.null_count() or series.dtype.is_decimal() or wide:
            series = series.cast(nw.Float64)
        return np.asarray(series.to_numpy())

    def codes(self, column: int) -> np.ndarray:
        """Return a column as codes from 0, in the order of its sorted values; -1: missing."""
        values = np.empty(self.n_rows, dtype=object)  # lists stay values
        values[:] = self.frame[:, column].to_list()
        return codes_of(values)

    def build(self, plan: Plan, *, keep_index: bool = False) -> Any:
        """Return the rows of the plan as the kind of frame that came in."""
        import narwhals.stable.v2 as nw

        parts = [self._part(source, plan) for source in plan.sources if len(source)]
        out = nw.concat(parts, how="vertical") if len(parts) > 1 else None
        if out is None:
            out = parts[0] if parts else self.frame.head(0)
        return (out if plan.order is None else out[plan.order]).to_native()

    def _part(self, source: Source, plan: Plan) -> Any:
        if isinstance(source, AllRows):
            return self.frame
        if isinstance(source, Kept):
            return self.frame[source.index]
        columns = []
        for j, new, donors in self.new_columns(source, plan):
            old = self.frame[:, j]
            made = old[donors] if new is None else self._cast(new, old)
            columns.append(made.alias(old.name))
        return columns[0].to_frame().with_columns(*columns[1:])

    def _cast(self, values: np.ndarray, old: Any) -> Any:
        """Return new numbers as a series of a column's type."""
        import narwhals.stable.v2 as nw

        values = np.asarray(values, dtype=float)
        missing = np.isnan(values)
        full: list[Any]
        if old.dtype == nw.Boolean:
            full = (values != 0).tolist()
        elif old.dtype.is_integer():
            wide = old.dtype in (nw.Int128, nw.UInt128)
            full = whole_numbers(
                values, np.dtype(np.int64 if wide else str(old.dtype).lower())
            ).tolist()
        elif missing.any() and old.null_count():
            full = values.tolist()
        else:
            backend = self.frame.implementation
            return nw.new_series(old.name, values, nw.Float64, backend=backend).cast(old.dtype)
        full = [None if none else value for value, none in zip(full, missing, strict=True)]
        return nw.new_series(old.name, full, old.dtype, backend=self.frame.implementation)


def _frame_kind(dtype: Any) -> str:
    import narwhals.stable.v2 as nw

    if dtype.is_numeric():
        return NUMBER
    if dtype == nw.Boolean:
        return TRUTH
    if dtype in (nw.String, nw.Categorical) or isinstance(dtype, nw.Enum):
        return CATEGORY
    return OTHER
