"""Which kind of table an input is."""

from typing import Any

import numpy as np
from scipy import sparse

from rarebird._errors import DataError, ParameterTypeError

from .array_table import ArrayTable, ListTable
from .frame_table import FrameTable
from .pandas_table import PandasTable
from .sparse_table import PandasSparseTable, SparseTable
from .table import Table, is_pandas

__all__ = ["as_table"]


def as_table(X: Any, owner: str = "fit_resample") -> Table:
    """Return the adapter for X: an array, a sparse matrix, a list or a data frame of any kind.

    Raises
    ------
    DataError
        If X is not two-dimensional or has no rows.
    ParameterTypeError
        If X is none of these kinds.
    """
    if isinstance(X, (list, tuple)):
        return _list_table(X, owner)
    if sparse.issparse(X):
        return SparseTable(X, owner)
    if isinstance(X, np.ndarray):
        return ArrayTable(X, owner)
    if is_pandas(X) and X.ndim == 2:
        return PandasSparseTable(X, owner) if _only_sparse(X) else PandasTable(X, owner)
    import narwhals.stable.v2 as nw

    try:
        return FrameTable(nw.from_native(X, eager_only=True), owner)
    except TypeError:
        pass
    except nw.exceptions.DuplicateError as error:
        raise DataError(f"{owner}: columns of X have the same name; rename them. {error}") from None
    if hasattr(X, "__array__"):
        return ArrayTable(np.asarray(X), owner)
    raise ParameterTypeError(
        f"{owner}: X is a {type(X).__name__}; give a NumPy array, a SciPy sparse matrix, a list of "
        "rows or a data frame (pandas, polars, PyArrow or another that narwhals reads)."
    )


def _list_table(X: Any, owner: str) -> ListTable:
    try:
        flat = np.asarray(X)
    except ValueError:
        raise DataError(
            f"{owner}: X is a {type(X).__name__} of {len(X)} parts of different shapes; expected "
            "2D array, or a list of rows of the same length."
        ) from None
    mixed = flat.dtype.kind in "US" and any(not isinstance(v, str) for row in X for v in row)
    return ListTable(np.array(X, dtype=object) if mixed else flat, owner)


def _only_sparse(frame: Any) -> bool:
    """Say whether every column of a pandas frame is sparse around 0."""
    import pandas as pd

    return len(frame.dtypes) > 0 and all(
        isinstance(dtype, pd.SparseDtype) and dtype.subtype.kind in "fiub" and dtype.fill_value == 0
        for dtype in frame.dtypes
    )
