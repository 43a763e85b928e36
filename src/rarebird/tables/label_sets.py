"""A set of labels a row (multi-label), as truth values and back."""

from typing import Any

import numpy as np
from scipy import sparse

from rarebird._errors import DataError

from .convert import as_table
from .plan import Plan
from .sources import NO_ROW, Explicit, Interpolated
from .target import index_of

__all__ = ["LabelSets"]


class LabelSets:
    """Label sets of any kind as truth values; the y of a plan's new rows are such sets.

    Parameters
    ----------
    y : array, sparse matrix, list of rows or data frame of shape (n, L)
        0 and 1, or truth values.
    owner : str
        For messages.

    Attributes
    ----------
    n_rows : int
        Rows of y.
    matrix : ndarray of bool of shape (n, L)
        Which row has which label.

    Raises
    ------
    DataError
        If y is no matrix of 0 and 1.

    Examples
    --------
    >>> LabelSets([[1, 0], [1, 1]]).matrix.sum(axis=0).tolist()
    [2, 1]
    """

    def __init__(self, y: Any, owner: str = "LabelSets"):
        shape = np.shape(y) if isinstance(y, (list, tuple)) else getattr(y, "shape", ())
        if len(shape) != 2:
            raise DataError(
                f"{owner}: y must be label sets, a matrix of 0 and 1 of shape (n, L); got shape "
                f"{tuple(shape)}. For one label a row use RandomOverSampler, SMOTE and the like."
            )
        try:
            self.table = as_table(y, owner)
            values = self.table.matrix()
        except DataError as error:
            raise DataError(f"{owner}: y must be label sets of 0 and 1. ({error})") from None
        values = values.toarray() if sparse.issparse(values) else values
        wrong = ~((values == 0) | (values == 1))
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            raise DataError(
                f"{owner}: y must be label sets of 0 and 1; row {row} has {values[row, column]} "
                f"for the label {self.table.name(column)}."
            )
        self.matrix, self.n_rows = values == 1, len(values)

    def build(self, plan: Plan, X_new: Any) -> Any:
        """Return the label sets of the plan's rows as the kind of y that came in."""
        sets = plan.y_of(self.matrix)
        if self.table.is_sparse:
            dtype, none = self.table.matrix().dtype, np.full((len(sets), 1), NO_ROW)
            rows = Explicit(sparse.csr_array(sets.astype(dtype)), none)
            made = self.table.build(Plan((rows,)))
            return made.astype(dtype) if sparse.issparse(made) else made
        # each label is written as in a row that has it, or has it not
        with_one, without = self.matrix.argmax(axis=0), (~self.matrix).argmax(axis=0)
        donors = np.where(sets, with_one, without)
        any_row = np.zeros(len(sets), dtype=np.intp)
        source = Interpolated(any_row, any_row, np.zeros(len(sets)), donors=donors)
        out = self.table.build(Plan((source,), voted=tuple(range(sets.shape[1]))))
        index = index_of(X_new)
        return out.set_axis(index) if index is not None and hasattr(out, "iloc") else out
