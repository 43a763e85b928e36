"""SciPy sparse matrices and arrays, and pandas frames of sparse columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from rarebird._errors import DataError

from .pandas_table import kept_index
from .plan import Plan
from .sources import AllRows, Explicit, Interpolated, Kept, Source
from .table import NUMBER, Table, codes_of, donors_of, floating


class SparseTable(Table):
    """A SciPy sparse matrix or array."""

    is_sparse = True

    def __init__(self, X: Any, owner: str):
        self._start(X.shape, owner)
        self.format = X.format if X.format in ("csr", "csc") else "csr"
        self.X = X.tocsr()
        self.kinds = [NUMBER] * self.n_columns

    def matrix(self, columns: Sequence[int] | None = None) -> Any:
        """Return the columns as CSR."""
        return self.X if columns is None else self.X[:, list(columns)]

    def codes(self, column: int) -> np.ndarray:
        """Return a column as codes from 0, in the order of its sorted values."""
        return codes_of(self.X[:, [column]].toarray().ravel())

    def build(self, plan: Plan, *, keep_index: bool = False) -> Any:
        """Return the rows of the plan in the format that came in."""
        parts = [self._part(source, plan) for source in plan.sources if len(source)]
        out = sparse.vstack(parts, format="csr") if parts else self.X[:0]
        out = out if plan.order is None else out[plan.order]
        return out.asformat(self.format)

    def _part(self, source: Source, plan: Plan) -> Any:
        X = self.X
        if isinstance(source, AllRows):
            return X
        if isinstance(source, Kept):
            return X[source.index]
        if isinstance(source, Interpolated):
            new = self._between(source)
        elif isinstance(source, Explicit):
            new = type(X)(source.rows, dtype=floating(X.dtype))
        else:
            new = type(X)(source.noise + X[source.base].toarray(), dtype=floating(X.dtype))
        if not plan.voted:
            return new
        new = new.tolil()
        for position, column in enumerate(plan.voted):
            new[:, [column]] = X[donors_of(source, position)][:, [column]]
        return new.tocsr()

    def _between(self, source: Interpolated) -> Any:
        X = self.X
        new = base = X[source.base]
        others, steps = source.wide()
        if steps.ndim == 3:
            raise DataError(
                f"{self.owner}: steps for each column would make a sparse table dense; give "
                "X.toarray() if it fits into memory."
            )
        if not steps.any():
            return base
        for p in range(others.shape[1]):
            difference = (X[others[:, p]] - base).tocsr()
            if difference.dtype.kind != "f":
                difference = difference.astype(float)
            lengths = np.diff(difference.indptr)
            if source.shrink is not None:
                difference.data *= np.repeat(source.shrink, lengths)
            scaled = np.repeat(steps[:, p], lengths) * difference.data
            new = new + type(X)(
                (scaled, difference.indices, difference.indptr), shape=difference.shape
            )
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
