"""Rows of arrays, lists, series and frames of any kind, and numbers written as their kind."""

from typing import Any

import numpy as np
from scipy import sparse

from .table import is_pandas

__all__ = ["take_rows"]


def as_narwhals(values: Any) -> Any:
    """Return a series or frame of polars, PyArrow and the like behind narwhals, else None."""
    import narwhals.stable.v2 as nw

    found = nw.from_native(values, allow_series=True, eager_only=True, pass_through=True)
    return found if isinstance(found, (nw.Series, nw.DataFrame)) else None


def take_rows(values: Any, rows: np.ndarray, index: Any = None) -> Any:
    """Return these rows of an array, a sparse matrix, a list, a series or a frame, as its kind.

    Parameters
    ----------
    values : array-like of shape (n, ...)
        What has no kind that is known comes out as an array.
    rows : ndarray of shape (m,)
        Row numbers.
    index : pandas Index of length m, optional
        The labels of the new rows, where values are pandas'; they are numbered without it.

    Examples
    --------
    >>> take_rows(["a", "b", "c"], np.array([2, 0]))
    ['c', 'a']
    """
    if isinstance(values, (list, tuple)):
        return [values[i] for i in rows.tolist()]
    if sparse.issparse(values):
        return values.tocsr()[rows]
    if isinstance(values, np.ndarray):
        return values[rows]
    if is_pandas(values):
        taken = values.iloc[rows]
        return taken.reset_index(drop=True) if index is None else taken.set_axis(index)
    found = as_narwhals(values)
    if found is not None:
        return found[rows].to_native()
    flat = type(values).__module__.partition(".")[0] in ("pandas", "pyarrow")  # indices, arrays
    return values.take(rows) if flat else np.asarray(values)[rows]


def column_like(column: np.ndarray, like: Any, index: Any = None) -> Any:
    """Return a column of values as the kind of column that ``like`` is, with its name and type.

    ``like`` is an array, list, series or frame of one column, and anything else gets the array;
    ``index`` is as in `take_rows`.

    Examples
    --------
    >>> column_like(np.array([0.5, 1.5]), [1, 2, 3])
    [0.5, 1.5]
    """
    if isinstance(like, (list, tuple)):
        return column.tolist()
    if isinstance(like, np.ndarray):
        return column.reshape(-1, *like.shape[1:])
    if is_pandas(like):
        import pandas as pd

        if like.ndim == 2:
            return column_like(column, like.iloc[:, 0], index).to_frame()
        whole = pd.api.types.is_integer_dtype(like.dtype) and column.dtype.kind == "f"
        made = pd.Series(column, index=index, name=like.name)
        return made if whole else made.astype(like.dtype)
    found = as_narwhals(like)
    if found is None:
        return column
    import narwhals.stable.v2 as nw

    if isinstance(found, nw.DataFrame):
        series = column_like(column, found[:, 0].to_native())
        return nw.from_native(series, series_only=True).to_frame().to_native()
    whole = found.dtype.is_integer() and column.dtype.kind == "f"
    dtype = nw.Float64 if whole else found.dtype
    return nw.new_series(
        found.name, column.tolist(), dtype, backend=found.implementation
    ).to_native()
