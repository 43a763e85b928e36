"""pandas frames: their types, nullable and extension ones too, and their index."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rarebird._errors import DataError

from .array_table import ArrayTable
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


class PandasTable(Table):
    """A pandas frame: its types, nullable and extension ones too, and its index."""

    def __init__(self, frame: Any, owner: str):
        self.frame, self.owner = frame, owner
        self.n_rows, self.n_columns = frame.shape
        self.names = list(frame.columns)
        self.kinds = [self._kind(j) for j in range(self.n_columns)]
        if self.n_rows < 1:
            raise DataError(
                f"{owner}: Found array with 0 sample(s) while a minimum of 1 is required."
            )

    def _kind(self, column: int) -> str:
        import pandas as pd

        dtype = self.frame.dtypes.iloc[column]
        if pd.api.types.is_bool_dtype(dtype):
            return TRUTH
        if pd.api.types.is_object_dtype(dtype):
            return self._object_kind(column)
        if isinstance(dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(dtype):
            return CATEGORY
        return NUMBER if pd.api.types.is_numeric_dtype(dtype) else OTHER

    def _object_kind(self, column: int) -> str:
        return ArrayTable._kind(self.frame.iloc[:, column].to_numpy(dtype=object))

    def matrix(self, columns: Sequence[int] | None = None) -> np.ndarray:
        """Return columns of numbers as an ndarray of one type; gaps are NaN."""
        columns = range(self.n_columns) if columns is None else columns
        return stacked([self._numbers(j) for j in columns], self.n_rows)

    def _numbers(self, column: int) -> np.ndarray:
        if self.kinds[column] not in (NUMBER, TRUTH):
            raise self._not_numbers(self.owner, column)
        import pandas as pd

        series = self.frame.iloc[:, column]
        if isinstance(series.dtype, np.dtype) and not pd.api.types.is_object_dtype(series.dtype):
            return series.to_numpy()
        if series.isna().any() or pd.api.types.is_object_dtype(series.dtype):
            return series.to_numpy(dtype=float, na_value=np.nan)
        return series.to_numpy(dtype=getattr(series.dtype, "numpy_dtype", float))

    def codes(self, column: int) -> np.ndarray:
        """Return a column as whole numbers from 0, in the order of its sorted values; -1: gap."""
        import pandas as pd

        series = self.frame.iloc[:, column]
        gaps = series.isna().to_numpy()
        values = series.to_numpy(dtype=object)
        codes = np.full(self.n_rows, -1, dtype=np.intp)
        try:
            codes[~gaps] = pd.factorize(values[~gaps], sort=True)[0]
        except TypeError:
            return codes_of(np.asarray(np.where(gaps, None, values)))
        return codes

    def build(self, plan: Plan, *, keep_index: bool = False) -> Any:
        """Return the rows of the plan as a frame, its index reset or kept."""
        import pandas as pd

        parts = [self._part(source, plan) for source in plan.sources if len(source)]
        if not parts:
            return self.frame.iloc[:0]
        out = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
        if plan.order is not None:
            out = out.iloc[plan.order]
        if keep_index:
            return out.set_axis(kept_index(self.frame.index, plan), axis=0)
        return out.reset_index(drop=True)

    def _part(self, source: Source, plan: Plan) -> Any:
        import pandas as pd

        if isinstance(source, AllRows):
            return self.frame
        if isinstance(source, Kept):
            return self.frame.iloc[source.index]
        new = new_numbers(self, source, plan)
        columns = {}
        for j in range(self.n_columns):
            old = self.frame.iloc[:, j]
            if j in plan.voted:
                columns[j] = old.iloc[donors_of(source, plan, j)].reset_index(drop=True)
            else:
                columns[j] = self._cast(next(new), old.dtype, self.kinds[j])
        out = pd.DataFrame(columns)
        out.columns = self.frame.columns
        return out

    @staticmethod
    def _cast(values: np.ndarray, dtype: Any, kind: str) -> Any:
        """Return new numbers as a series of a column's type."""
        import pandas as pd

        gaps = np.isnan(values)
        if kind == TRUTH and not isinstance(dtype, np.dtype | pd.SparseDtype):
            return pd.Series(pd.array(values != 0, dtype="boolean")).mask(gaps).astype(dtype)
        if kind == TRUTH and pd.api.types.is_object_dtype(dtype):
            return pd.Series(values != 0, dtype=object).mask(gaps, None)
        if pd.api.types.is_integer_dtype(dtype):
            whole = whole_numbers(
                values, getattr(dtype, "numpy_dtype", getattr(dtype, "subtype", dtype))
            )
            out = pd.Series(whole).astype(dtype)
            return out.mask(gaps) if gaps.any() else out
        return pd.Series(values).astype(dtype)


def kept_index(index: Any, plan: Plan) -> Any:
    """Return the labels of the output rows: a real row's own, and a new one for a new row.

    New rows go on counting where the labels are whole numbers, and are ``"synthetic-0"``,
    ``"synthetic-1"``, ... elsewhere; of a MultiIndex they take their base row's label.
    """
    import pandas as pd

    base, new = plan.base, plan.is_synthetic
    if not new.any() or isinstance(index, pd.MultiIndex):
        return index.take(np.maximum(base, 0))
    count = np.cumsum(new) - 1
    if pd.api.types.is_integer_dtype(index.dtype):
        labels = index.take(np.maximum(base, 0)).to_numpy().copy()
        labels[new] = index.max() + 1 + count[new]
        return pd.Index(labels, name=index.name)
    labels = index.take(np.maximum(base, 0)).to_numpy(dtype=object).copy()
    labels[new] = [f"synthetic-{i}" for i in count[new]]
    return pd.Index(labels, name=index.name)
