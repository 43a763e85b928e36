"""Carry a plan out: the rows, their y and every array that belongs to them."""

from collections.abc import Mapping
from typing import Any

from .aligned import resample_aligned
from .plan import Plan
from .table import Table, is_pandas
from .target import Target

__all__ = ["execute"]


def execute(
    plan: Plan,
    table: Table,
    target: Target,
    aligned: Mapping[str, Any] | None = None,
    *,
    owner: str = "execute",
    keep_index: bool = False,
) -> tuple[Any, ...]:
    """Return X and y of the plan's rows, and after them every aligned array.

    Parameters
    ----------
    plan : Plan
        Over the rows of ``table``.
    table : Table
        Of `as_table`.
    target : Target
        `ClassLabels`, `LabelSets` or `RealValues` of the same rows.
    aligned : mapping of str to array-likes of n values or rows, optional
        See `resample_aligned`.
    owner : str
        For messages.
    keep_index : bool, default=False
        Keep the pandas index of real rows and label new ones, instead of numbering all rows.

    Raises
    ------
    DataError
        If an aligned array has another number of rows, or a new row has no parent to inherit from.

    Examples
    --------
    >>> import numpy as np
    >>> from rarebird.tables import ClassLabels, Kept, as_table
    >>> plan, table = Plan((Kept(np.array([2, 2])),)), as_table([[0.0], [1.0], [2.0]])
    >>> execute(plan, table, ClassLabels(["a", "b", "c"]), {"weight": [7, 8, 9]})
    ([[2.0], [2.0]], ['c', 'c'], [9, 9])
    """
    X_new = table.build(plan, keep_index=keep_index)
    index = X_new.index if is_pandas(X_new) else None
    rest = (
        resample_aligned(values, plan, table.n_rows, name, owner, index)
        for name, values in (aligned or {}).items()
    )
    return (X_new, target.build(plan, X_new), *rest)
