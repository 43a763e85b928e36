"""pandas frames: their types, nullable and extension ones too, and their index."""

from typing import Any

import numpy as np

from .array_table import object_kind
from .plan import Plan
from .sources import AllRows, Kept, Source
from .table import CATEGORY, NUMBER, OTHER, TRUTH, ColumnTable, codes_of, whole_numbers


class PandasTable(ColumnTable):
    """A pandas frame: its types, nullable and extension ones too, and its index."""

    def __init__(self, frame: Any, owner: str):
        self._start(frame.shape, owner)
        self.frame = frame
        self.names = list(frame.columns)
        self.kinds = [self._kind(j) for j in range(self.n_columns)]

    def _kind(self, column: int) -> str:
        import pandas as pd

        dtype = self.frame.dtypes.iloc[column]
        if pd.api.types.is_bool_dtype(dtype):
            return TRUTH
        if pd.api.types.is_object_dtype(dtype):
            return object_kind(self.frame.iloc[:, column].to_numpy(dtype=object))
        if isinstance(dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(dtype):
            return CATEGORY
        return NUMBER if pd.api.types.is_numeric_dtype(dtype) else OTHER

    def _numbers(self, column: int) -> np.ndarray:
        import pandas as pd

        series = self.frame.iloc[:, column]
        if isinstance(series.dtype, np.dtype) and not pd.api.types.is_object_dtype(series.dtype):
            return series.to_numpy()
        if series.isna().any() or pd.api.types.is_object_dtype(series.dtype):
            return series.to_numpy(dtype=float, na_value=np.nan)
        return series.to_numpy(dtype=getattr(series.dtype, "numpy_dtype", float))

    def codes(self, column: int) -> np.ndarray:
        """Return a column as codes from 0, in the order of its sorted values; -1: missing."""
        import pandas as pd

        series = self.frame.iloc[:, column]
        missing = series.isna().to_numpy()
        values = series.to_numpy(dtype=object)
        codes = np.full(self.n_rows, -1, dtype=np.intp)
        try:
            codes[~missing] = pd.factorize(values[~missing], sort=True)[0]
        except TypeError:
            return codes_of(np.asarray(np.where(missing, None, values)))
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
        columns = {}
        for j, new, donors in self.new_columns(source, plan):
            old = self.frame.iloc[:, j]
            if new is None:
                columns[j] = old.iloc[donors].reset_index(drop=True)
            else:
                columns[j] = _cast(new, old.dtype, self.kinds[j])
        out = pd.DataFrame(columns)
        out.columns = self.frame.columns
        return out


def _cast(values: np.ndarray, dtype: Any, kind: str) -> Any:
    """Return new numbers as a series of a column's type."""
    import pandas as pd

    missing = np.isnan(values)
    if kind == TRUTH and not isinstance(dtype, np.dtype | pd.SparseDtype):
        return pd.Series(pd.array(values != 0, dtype="boolean")).mask(missing).astype(dtype)
    if kind == TRUTH and pd.api.types.is_object_dtype(dtype):
        return pd.Series(values != 0, dtype=object).mask(missing, None)
    if pd.api.types.is_integer_dtype(dtype):
        own = getattr(dtype, "numpy_dtype", getattr(dtype, "subtype", dtype))
        out = pd.Series(whole_numbers(values, own)).astype(dtype)
        return out.mask(missing) if missing.any() else out
    return pd.Series(values).astype(dtype)


def kept_index(index: Any, plan: Plan) -> Any:
    """Return the labels of the output rows: a real row's own, and a new one for a new row.

    New rows go on counting where the labels are whole numbers, and are ``"synthetic-0"``,
    ``"synthetic-1"``, ... elsewhere; of a MultiIndex they take their base row's label.
    """
    import pandas as pd

    base, new = plan.base, plan.is_synthetic
    taken = index.take(np.maximum(base, 0))
    if not new.any() or isinstance(index, pd.MultiIndex):
        return taken
    count = np.cumsum(new) - 1
    if pd.api.types.is_integer_dtype(index.dtype):
        labels = taken.to_numpy().copy()
        labels[new] = index.max() + 1 + count[new]
    else:
        labels = taken.to_numpy(dtype=object).copy()
        labels[new] = [f"synthetic-{i}" for i in count[new]]
    return pd.Index(labels, name=index.name)
