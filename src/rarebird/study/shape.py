"""The shape of the rows that a fit learns from, which its price is computed from."""

import math
from dataclasses import dataclass, replace

import numpy as np

from .rows import Rows

_LEVELS = 51  # columns that one of categories becomes, at most
_FREQUENT = 10  # rows of a category that has a column of its own


@dataclass(frozen=True)
class Shape:
    """The shape of the rows that a fit learns from."""

    n_rows: int
    n_columns: int  # of the matrix; categories are one column of codes
    n_encoded: int  # of the matrix after one-hot encoding
    n_classes: int
    rare_share: float  # of the rarest class
    n_categorical: int = 0  # columns of codes

    def with_rows(self, n_rows: int) -> "Shape":
        """Return the shape of another number of such rows."""
        return replace(self, n_rows=n_rows)

    @property
    def class_shares(self) -> np.ndarray:
        """Shares of the classes, ascending: from the rarest, each larger by the same factor."""
        n, rare = self.n_classes, self.rare_share
        # the factor's logarithm, with which no class has more than all rows
        low, high = 0.0, -math.log(rare) / max(n - 1, 1)
        for _ in range(60):
            middle = (low + high) / 2
            small = rare * np.exp(middle * np.arange(n)).sum() < 1
            low, high = (middle, high) if small else (low, middle)
        shares = rare * np.exp(high * np.arange(n))
        return shares / shares.sum()


def shape_of(rows: Rows) -> Shape:
    """Return the shape of some rows."""
    n, d = rows.X.shape
    encoded = d - len(rows.categorical)
    for column in rows.categorical:
        counts = np.unique(rows.X[:, column], return_counts=True)[1]
        often = int((counts >= _FREQUENT).sum())
        encoded += min(often + bool(often < len(counts)), _LEVELS)
    counts = np.bincount(rows.y)
    counts = counts[counts > 0]
    share = float(counts.min() / n)
    return Shape(n, d, encoded, len(counts), share, len(rows.categorical))
