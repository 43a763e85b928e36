"""Dense arrays, of objects and strings too, and lists of rows."""

from collections.abc import Sequence
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np

from rarebird._errors import DataError

from .plan import Plan
from .sources import AllRows, Kept
from .table import CATEGORY, NUMBER, OTHER, TRUTH, Table, codes_of, donors_of, fill, is_missing


class ArrayTable(Table):
    """A dense array; of objects or strings too."""

    def __init__(self, X: np.ndarray, owner: str):
        if X.ndim != 2:
            what = "text" if X.dtype.kind in "US" else f"type {X.dtype}"
            raise DataError(
                f"{owner}: X has {X.ndim} dimensions (shape {X.shape}, {what}); expected 2D array, "
                "rows by columns. Reshape your data with X.reshape(-1, 1) if it has a single "
                "column; give text, images and series as columns of numbers."
            )
        self._start(X.shape, owner)
        if X.dtype.kind == "c":
            raise DataError(f"{owner}: Complex data not supported; give real numbers.")
        self.X = X

    @cached_property
    def kinds(self) -> list[str]:  # type: ignore[override]
        """Return a kind for each column; a column of objects that are all numbers is a number."""
        if self.X.dtype.kind in "fiu":
            return [NUMBER] * self.n_columns
        if self.X.dtype.kind == "b":
            return [TRUTH] * self.n_columns
        if self.X.dtype.kind in "mM":
            return [OTHER] * self.n_columns
        return [object_kind(self.X[:, j]) for j in range(self.n_columns)]

    def matrix(self, columns: Sequence[int] | None = None) -> np.ndarray:
        """Return columns of numbers as an ndarray of one type; missing values are NaN."""
        part = self.X if columns is None else self.X[:, list(columns)]
        if part.dtype.kind in "fiu":
            return part
        try:
            return part.astype(float)
        except (TypeError, ValueError):
            bad = next((j for j, kind in enumerate(self.kinds) if kind in (CATEGORY, OTHER)), 0)
            raise self._not_numbers(bad) from None

    def codes(self, column: int) -> np.ndarray:
        """Return a column as codes from 0, in the order of its sorted values; -1: missing."""
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
                fill(source, numbers, block, numeric if voted else None)
                if dtype.kind == "O":
                    self._restore_truth_values(block, numeric)
                for position, j in enumerate(voted):
                    block[:, j] = X[donors_of(source, position), j]
        return out if plan.order is None else out[plan.order]

    def _restore_truth_values(self, block: np.ndarray, numeric: list[int]) -> None:
        """Make truth values of the new numbers in columns of truth values."""
        for j in numeric:
            if self.kinds[j] == TRUTH:
                block[:, j] = [None if is_missing(v) else v != 0 for v in block[:, j].tolist()]


class ListTable(ArrayTable):
    """A list of rows."""

    def build(self, plan: Plan, *, keep_index: bool = False) -> list:  # type: ignore[override]
        """Return the rows of the plan as a list."""
        return super().build(plan).tolist()


def object_kind(column: np.ndarray) -> str:
    """Return what a column of objects or text holds: numbers, truth values or categories.

    Examples
    --------
    >>> object_kind(np.array([1, 2.5, None], dtype=object)), object_kind(np.array(["a"]))
    ('number', 'category')
    """
    if column.dtype.kind in "US":
        return CATEGORY
    types = {type(v) for v in column.tolist() if v is not None}
    if types and all(issubclass(t, (bool, np.bool_)) for t in types):
        return TRUTH
    return NUMBER if all(issubclass(t, (Real, np.bool_)) for t in types) else CATEGORY
