"""The few types that many signatures share."""

from typing import Any, TypeAlias

__all__: list[str] = []  # for annotations; no public names

TableLike: TypeAlias = Any
"""NumPy array, SciPy sparse matrix, or a data frame of pandas, polars or PyArrow: (n, d)."""

LabelsLike: TypeAlias = Any
"""Class labels of any kind that can be compared: array-like or a column of a frame, (n,)."""
