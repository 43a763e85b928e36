"""The few types that many signatures share."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator, RandomState
from numpy.typing import ArrayLike, NDArray

__all__: list[str] = []  # for annotations; no public names

Table: TypeAlias = Any
"""NumPy array, SciPy sparse matrix, or a data frame of pandas, polars or PyArrow: (n, d)."""

Labels: TypeAlias = Any
"""Class labels of any kind that can be compared: array-like or a column of a frame, (n,)."""

Codes: TypeAlias = NDArray[np.intp]
"""Class codes 0, 1, ..., C - 1: (n,)."""

Floats: TypeAlias = NDArray[np.float64]
"""Numbers of any shape: probabilities (n, C), scores (n,), weights (n,)."""

Proba: TypeAlias = ArrayLike
"""Probabilities: (n, C), or of the second of two classes: (n,)."""

Weights: TypeAlias = ArrayLike | None
"""Weights of the rows: (n,); None where each counts as 1."""

Seed: TypeAlias = int | Generator | RandomState | None
"""What every ``random_state`` may be."""

Context: TypeAlias = Mapping[str, ArrayLike] | None
"""Arrays that belong to the rows, such as costs, by name."""
