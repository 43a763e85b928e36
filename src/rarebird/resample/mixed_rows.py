"""SMOTE's new rows over numbers, over categories, and over both: three views of a table."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import clone

from rarebird._errors import ParameterError
from rarebird.neighbors.mixed import (
    MixedDistance,
    Overlap,
    heom,
    hvdm,
    median_deviation,
    nearest_rows,
    nominal_continuous,
    value_difference,
)
from rarebird.tables.columns import levels_of
from rarebird.tables.sources import Interpolated
from rarebird.tables.table import Table

from .base import Resampler
from .between import draw_pairs, to_neighbors
from .checked import Checked
from .searches import class_neighbors, is_number, near_among, others_of
from .votes import drawn_leader, lowest_leader

METRICS = {"nc": nominal_continuous, "heom": heom, "vdm": hvdm}


@dataclass(frozen=True, eq=False)
class NumberRows:
    """Numbers without missing values: neighbours by the sampler's own search."""

    X: Any  # (n, d), an ndarray or CSR matrix
    voted: tuple[int, ...] = ()

    def grow(self, sampler: Resampler, data: Checked, code: int, n_new: int) -> Interpolated:
        """Return the new rows of a class."""
        rows = data.rows_of(code)
        k = class_neighbors(sampler, data, code, "k_neighbors")
        near = near_among(sampler, self.X, rows, k)
        return to_neighbors(data.start(), rows, near, n_new)


@dataclass(frozen=True, eq=False)
class MixedRows:
    """Numbers that are interpolated, and categories on which a base row's neighbours vote."""

    X: np.ndarray  # (n, d), missing values NaN
    codes: np.ndarray  # (n, c), of the columns ``voted``, missing ones -1
    voted: tuple[int, ...]
    metric: str  # of `METRICS`

    def grow(self, sampler: Resampler, data: Checked, code: int, n_new: int) -> Interpolated:
        """Return the new rows of a class; the generator starts again for the votes."""
        rows = data.rows_of(code)
        near = self._near(sampler, data, code, rows)
        base, other, steps = draw_pairs(data.start(), near, n_new)
        donors = None
        if self.voted:
            rng, own = data.start(), levels_of(self.codes)[rows]
            chosen = [drawn_leader(rng, column[near], base) for column in own.T]
            donors = rows[near[base[:, None], np.column_stack(chosen)]]
        return Interpolated(rows[base], rows[other], steps, donors=donors)

    def _near(self, sampler: Any, data: Checked, code: int, rows: np.ndarray) -> np.ndarray:
        """Return the positions within the class of the nearest others of each of its rows."""
        k = class_neighbors(sampler, data, code, "k_neighbors")
        if is_number(k):
            return nearest_rows(METRICS[self.metric](self.X, self.codes, data.codes, rows), int(k))
        if self.metric != "nc":
            raise ParameterError(
                f"{type(sampler).__name__}: metric={self.metric!r} needs a whole number as "
                "k_neighbors; an object measures its own distance."
            )
        weight = median_deviation(np.asarray(self.X[rows], float))
        part = one_hot(self.X[rows], self.codes[rows], weight)
        return clone(k).fit(part).kneighbors(part, return_distance=False)[:, 1:]


@dataclass(frozen=True, eq=False)
class NominalRows:
    """Categories only: rows drawn again, each column voted on by the row and its k nearest."""

    codes: np.ndarray  # (n, c), missing ones -1
    metric: str = "vdm"  # the classes' shares in each category, or "heom": how many differ

    @classmethod
    def of(cls, table: Table, metric: str = "vdm") -> "NominalRows":
        """Return a table of which every column counts as categorical."""
        columns = [table.codes(j).astype(np.int32) for j in range(table.n_columns)]
        return cls(np.column_stack(columns), metric)

    @property
    def voted(self) -> tuple[int, ...]:
        """All columns."""
        return tuple(range(self.codes.shape[1]))

    def grow(self, sampler: Resampler, data: Checked, code: int, n_new: int) -> Interpolated:
        """Return the new rows of a class."""
        rows = data.rows_of(code)
        k = others_of(class_neighbors(sampler, data, code, "k_neighbors"))
        if self.metric == "heom":
            overlap = Overlap(self.codes[rows], 1, unknown=True)
            distance = MixedDistance(len(rows), categories=overlap)
        else:
            distance = value_difference(self.codes, data.codes, rows)
        own = np.arange(len(rows))
        near = np.column_stack([own, nearest_rows(distance, k)])
        votes = [lowest_leader(column[near]) for column in levels_of(self.codes)[rows].T]
        donors = rows[near[own[:, None], np.column_stack(votes)]]
        drawn = data.start().choice(len(rows), size=n_new, replace=True)
        others = rows[near[drawn, 1:]]
        still = np.broadcast_to(0.0, others.shape)
        return Interpolated(rows[drawn], others, still, donors=donors[drawn])


def one_hot(X: np.ndarray, codes: np.ndarray, weight: float) -> sparse.csr_array:
    """Return rows between which Euclid finds SMOTE-NC's distance; for a caller's own search.

    Examples
    --------
    >>> one_hot(np.array([[3.0], [4.0]]), np.array([[0], [1]]), 2**0.5).toarray().tolist()
    [[3.0, 1.0, 0.0], [4.0, 0.0, 1.0]]
    """
    parts = [sparse.csr_array(X)]
    starts = np.arange(len(X) + 1, dtype=np.int32)
    for column in codes.T:
        level = np.unique(column, return_inverse=True)[1].astype(np.int32)
        parts.append(sparse.csr_array((np.full(len(X), weight / np.sqrt(2)), level, starts)))
    return sparse.hstack(parts, format="csr")
