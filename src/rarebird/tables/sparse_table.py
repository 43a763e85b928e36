"""SciPy sparse matrices and arrays, and pandas frames of sparse columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from rarebird._errors import DataError

from .pandas_table import kept_index
from .plan import AllRows, Kept, Plan, Source
from .table import NUMBER, Table, codes_of, floating


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
            return type(X)(source.noise + X[source.base].toarray(), dtype=floating(X.dtype))
        if hasattr(source, "rows"):
            return type(X)(source.rows, dtype=floating(X.dtype))
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
