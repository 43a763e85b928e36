"""One executor: a plan over any kind of table becomes rows of the same kind."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np
from scipy import sparse

from rarebird._errors import DataError, ParameterTypeError

from .plan import AllRows, Interpolated, Kept, Plan, Source

CHUNK_BYTES = 1 << 18  # of new rows made at a time: stays in the cache, adds nothing to the peak

NUMBER, TRUTH, CATEGORY, OTHER = "number", "truth value", "category", "other"


def as_table(X: Any, owner: str = "fit_resample") -> "Table":
    """Return the adapter for X: an array, a sparse matrix, a list or a data frame of any kind.

    Raises
    ------
    DataError
        If X is not two-dimensional or has no rows.
    ParameterTypeError
        If X is none of these kinds.
    """
    if isinstance(X, (list, tuple)):
        flat = np.asarray(X)
        mixed = flat.dtype.kind in "US" and any(not isinstance(v, str) for row in X for v in row)
        return ListTable(np.array(X, dtype=object) if mixed else flat, owner)
    if sparse.issparse(X):
        return SparseTable(X, owner)
    if isinstance(X, np.ndarray):
        return ArrayTable(X, owner)
    module = type(X).__module__.partition(".")[0]
    if module == "pandas":
        dtypes = list(X.dtypes)
        if dtypes and all(str(dtype).startswith("Sparse") for dtype in dtypes):
            return PandasSparseTable(X, owner)
        return PandasTable(X, owner)
    try:
        import narwhals.stable.v2 as nw

        return FrameTable(nw.from_native(X, eager_only=True), owner)
    except TypeError:
        pass
    if hasattr(X, "__array__"):
        return ArrayTable(np.asarray(X), owner)
    raise ParameterTypeError(
        f"{owner}: X is a {type(X).__name__}; give a NumPy array, a SciPy sparse matrix, a list of "
        "rows or a data frame (pandas, polars, PyArrow or another that narwhals reads)."
    )


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


def codes_of(values: np.ndarray) -> np.ndarray:
    """Return values as codes 0, 1, ... in the order of the sorted values, gaps as -1."""
    missing = np.array([v is None or v != v for v in values.tolist()], dtype=bool)
    codes = np.full(len(values), -1, dtype=np.intp)
    present = values[~missing]
    try:
        codes[~missing] = np.unique(present, return_inverse=True)[1].ravel()
    except TypeError:  # values of several types have no common order
        codes[~missing] = np.unique(
            [f"{type(v)}{v}" for v in present.tolist()], return_inverse=True
        )[1]
    return codes


class ArrayTable(Table):
    """A dense array; of objects or strings too."""

    def __init__(self, X: np.ndarray, owner: str):
        if X.ndim != 2:
            raise DataError(
                f"{owner}: X has {X.ndim} dimensions; expected 2D array, rows by columns. Reshape "
                "your data with X.reshape(-1, 1) if it has a single column."
            )
        if X.shape[0] < 1:
            raise DataError(
                f"{owner}: Found array with 0 sample(s) while a minimum of 1 is required."
            )
        if X.shape[1] < 1:
            raise DataError(
                f"{owner}: Found array with 0 feature(s) (shape={X.shape}) while a minimum of 1 is "
                "required."
            )
        if X.dtype.kind == "c":
            raise DataError(f"{owner}: Complex data not supported; give real numbers.")
        self.X, self.owner = X, owner
        self.n_rows, self.n_columns = X.shape

    @cached_property
    def kinds(self) -> list[str]:  # type: ignore[override]
        """Return a kind for each column; a column of objects that are all numbers is a number."""
        if self.X.dtype.kind in "fiu":
            return [NUMBER] * self.n_columns
        if self.X.dtype.kind == "b":
            return [TRUTH] * self.n_columns
        if self.X.dtype.kind in "mM":
            return [OTHER] * self.n_columns
        return [self._kind(self.X[:, j]) for j in range(self.n_columns)]

    @staticmethod
    def _kind(column: np.ndarray) -> str:
        if column.dtype.kind in "US":
            return CATEGORY
        types = {type(v) for v in column.tolist() if v is not None}
        if types and all(issubclass(t, (bool, np.bool_)) for t in types):
            return TRUTH
        return NUMBER if all(issubclass(t, (Real, np.bool_)) for t in types) else CATEGORY

    def matrix(self, columns: Sequence[int] | None = None) -> np.ndarray:
        """Return columns of numbers as an ndarray of one type; gaps are NaN."""
        part = self.X if columns is None else self.X[:, list(columns)]
        if part.dtype.kind in "fiu":
            return part
        try:
            return part.astype(float)
        except (TypeError, ValueError):
            bad = next((j for j, kind in enumerate(self.kinds) if kind in (CATEGORY, OTHER)), 0)
            raise self._not_numbers(self.owner, bad) from None

    def codes(self, column: int) -> np.ndarray:
        """Return a column as whole numbers from 0, in the order of its sorted values; -1: gap."""
        return codes_of(self.X[:, column])

    def build(self, plan: Plan, *, keep_index: bool = False) -> np.ndarray:
        """Return the rows of the plan as an array."""
        X, dtype = self.X, self.X.dtype
        if dtype.kind in "iub" and any(s.synthetic and s.promotes for s in plan.sources):
            dtype = np.dtype(float)
        column_major = X.flags.f_contiguous and not X.flags.c_contiguous
        total = sum(len(source) for source in plan.sources)
        out = np.empty((total, self.n_columns), dtype=dtype, order="F" if column_major else "C")
        voted = list(plan.voted)
        numeric = [j for j in range(self.n_columns) if j not in plan.voted]
        numbers: Any = X if not voted and X.dtype.kind != "O" else None
        start = 0
        for source in plan.sources:
            block = out[start : start + len(source)]
            start += len(source)
            if isinstance(source, AllRows):
                block[:] = X
            elif isinstance(source, Kept):
                block[:] = X[source.index]
            else:
                if numbers is None:
                    numbers = self.matrix(numeric)
                _fill(source, numbers, block, numeric if voted else None)
                for place, j in enumerate(voted):
                    donors = source.base if source.donors is None else source.donors[:, place]
                    block[:, j] = X[donors, j]
        return out if plan.order is None else out[plan.order]


def _fill(
    source: Source, numbers: np.ndarray, block: np.ndarray, columns: list[int] | None
) -> None:
    """Write a source's new rows into ``block``, a piece at a time."""
    source, numbers = _near(source, numbers)
    step = max(1, CHUNK_BYTES // max(1, 8 * numbers.shape[1]))
    for low in range(0, len(source), step):
        rows = slice(low, min(low + step, len(source)))
        values = source.values(numbers, rows)  # type: ignore[union-attr]
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


class ListTable(ArrayTable):
    """A list of rows."""

    def build(self, plan: Plan, *, keep_index: bool = False) -> list:  # type: ignore[override]
        """Return the rows of the plan as a list."""
        return super().build(plan).tolist()


class SparseTable(Table):
    """A SciPy sparse matrix or array."""

    is_sparse = True

    def __init__(self, X: Any, owner: str):
        if X.shape[0] < 1:
            raise DataError(
                f"{owner}: Found array with 0 sample(s) while a minimum of 1 is required."
            )
        self.format = X.format if X.format in ("csr", "csc") else "csr"
        self.X, self.owner = X.tocsr(), owner
        self.n_rows, self.n_columns = X.shape
        self.kinds = [NUMBER] * self.n_columns

    def matrix(self, columns: Sequence[int] | None = None) -> Any:
        """Return the columns as CSR."""
        return self.X if columns is None else self.X[:, list(columns)]

    def codes(self, column: int) -> np.ndarray:
        """Return a column as whole numbers from 0, in the order of its sorted values."""
        return codes_of(self.X[:, [column]].toarray().ravel())

    def build(self, plan: Plan, *, keep_index: bool = False) -> Any:
        """Return the rows of the plan in the format that came in."""
        parts = [self._part(source) for source in plan.sources if len(source)]
        out = sparse.vstack(parts, format="csr") if parts else self.X[:0]
        out = out if plan.order is None else out[plan.order]
        return out.asformat(self.format)

    def _part(self, source: Source) -> Any:
        X = self.X
        if isinstance(source, AllRows):
            return X
        if isinstance(source, Kept):
            return X[source.index]
        if hasattr(source, "noise"):
            return type(X)(source.noise + X[source.base].toarray(), dtype=_floating(X.dtype))
        if hasattr(source, "rows"):
            return type(X)(source.rows, dtype=_floating(X.dtype))
        new = base = X[source.base]
        others, steps = source.wide()
        if steps.ndim == 3:
            raise DataError(
                f"{self.owner}: steps for each column would make a sparse table dense; give "
                "X.toarray() if it fits into memory."
            )
        for p in range(others.shape[1]):
            difference = (X[others[:, p]] - base).tocsr()
            if difference.dtype.kind != "f":
                difference = difference.astype(float)
            lengths = np.diff(difference.indptr)
            if source.shrink is not None:
                difference.data *= np.repeat(source.shrink, lengths)
            difference = type(X)(
                (
                    np.repeat(steps[:, p], lengths) * difference.data,
                    difference.indices,
                    difference.indptr,
                ),
                shape=difference.shape,
            )
            new = new + difference
        return new.astype(X.dtype)


def _floating(dtype: np.dtype) -> np.dtype:
    """Return the type of new rows that are not between old ones: whole numbers become floats."""
    return dtype if dtype.kind == "f" else np.dtype(float)


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
        return _stack([self._numbers(j) for j in columns], self.n_rows)

    def _numbers(self, column: int) -> np.ndarray:
        if self.kinds[column] not in (NUMBER, TRUTH):
            raise self._not_numbers(self.owner, column)
        import narwhals.stable.v2 as nw

        series = self._column(column)
        if series.null_count() or series.dtype.is_decimal():
            series = series.cast(nw.Float64)
        return np.asarray(series.to_numpy())

    def codes(self, column: int) -> np.ndarray:
        """Return a column as whole numbers from 0, in the order of its sorted values; -1: gap."""
        return codes_of(np.asarray(self._column(column).to_list(), dtype=object))

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
        new = _new_numbers(self, source, plan)
        columns = []
        for j, name in enumerate(self.names or []):
            old = self._column(j)
            if j in plan.voted:
                columns.append(old[_donors(source, plan, j)].alias(name))
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
            full = [None if gap else int(v) for v, gap in zip(values, gaps, strict=True)]
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


def _stack(columns: list[np.ndarray], n_rows: int) -> np.ndarray:
    """Return columns side by side in their common type, row after row in memory."""
    if not columns:
        return np.empty((n_rows, 0))
    dtype = np.result_type(*columns)
    out = np.empty((n_rows, len(columns)), dtype=float if dtype.kind == "b" else dtype)
    for place, column in enumerate(columns):
        out[:, place] = column
    return out


def _new_numbers(table: Table, source: Source, plan: Plan) -> Any:
    """Return an iterator over the new values of each numeric column, in order."""
    numeric = [j for j in range(table.n_columns) if j not in plan.voted]
    numbers = table.matrix(numeric)
    dtype = np.float32 if numbers.dtype == np.float32 else float
    block = np.empty((len(source), len(numeric)), dtype=dtype, order="F")
    _fill(source, numbers, block, None)
    return iter(block.T)


def _donors(source: Source, plan: Plan, column: int) -> np.ndarray:
    donors = getattr(source, "donors", None)
    return source.base if donors is None else donors[:, plan.voted.index(column)]


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
        return _stack([self._numbers(j) for j in columns], self.n_rows)

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
        new = _new_numbers(self, source, plan)
        columns = {}
        for j in range(self.n_columns):
            old = self.frame.iloc[:, j]
            if j in plan.voted:
                columns[j] = old.iloc[_donors(source, plan, j)].reset_index(drop=True)
            else:
                values = next(new)
                if pd.api.types.is_integer_dtype(old.dtype):
                    values = np.trunc(values)
                columns[j] = pd.Series(values).astype(old.dtype)
        out = pd.DataFrame(columns)
        out.columns = self.frame.columns
        return out


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


class PandasSparseTable(SparseTable):
    """A pandas frame of sparse columns only."""

    def __init__(self, frame: Any, owner: str):
        super().__init__(frame.sparse.to_coo(), owner)
        self.frame = frame
        self.names = list(frame.columns)

    def build(self, plan: Plan, *, keep_index: bool = False) -> Any:
        """Return the rows of the plan as a frame of sparse columns."""
        import pandas as pd

        out = pd.DataFrame.sparse.from_spmatrix(super().build(plan), columns=self.frame.columns)
        out = out.astype(self.frame.dtypes)
        return out.set_axis(kept_index(self.frame.index, plan), axis=0) if keep_index else out
