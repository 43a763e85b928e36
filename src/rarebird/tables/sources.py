"""Row sources: input rows kept as they are, and the ways in which new rows arise."""

from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, TypeVar

import numpy as np

__all__ = ["AllRows", "Explicit", "Interpolated", "Kept", "Perturbed"]

NO_ROW = -1  # in lineage: there is no such parent
ROW_NUMBERS = ("index", "base", "others", "parents", "donors")  # fields that number input rows
S = TypeVar("S", bound="RowSource")


class RowSource:
    """What all sources share: their arrays have one entry for each output row."""

    base: np.ndarray
    synthetic: ClassVar[bool] = True
    promotes: ClassVar[bool] = False  # whether an array of whole numbers becomes one of floats

    def __len__(self) -> int:
        return len(self.base)

    def _arrays(self) -> dict[str, Any]:
        values = {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]
        return {name: value for name, value in values.items() if value is not None}

    def take(self: S, rows: np.ndarray) -> S:
        """Return the source cut to these of its rows."""
        return replace(self, **{n: v[rows] for n, v in self._arrays().items()})  # type: ignore[type-var]

    def remap(self: S, index: np.ndarray) -> S:
        """Return the source for an input of which the present one is ``input[index]``."""
        numbers = {n: v for n, v in self._arrays().items() if n in ROW_NUMBERS}
        new = {n: np.where(v == NO_ROW, NO_ROW, index[v]) for n, v in numbers.items()}
        return replace(self, **new)  # type: ignore[type-var]

    def of_class(self: S, code: int) -> S:
        """Return the source with new rows of this class, unless it says of which they are."""
        if not self.synthetic or self._arrays().get("y") is not None:
            return self
        return replace(self, y=np.full(len(self), code))  # type: ignore[type-var,arg-type]


@dataclass(frozen=True, eq=False)
class Kept(RowSource):
    """Rows of the input, in this order, repeats allowed.

    Parameters
    ----------
    index : ndarray of shape (n,)
        Row numbers of the input.
    """

    index: np.ndarray
    synthetic = False
    y = None

    @property
    def base(self) -> np.ndarray:  # type: ignore[override]
        """Return the row each output row comes from."""
        return self.index

    @property
    def parents(self) -> np.ndarray:
        """Return the parents of each output row, shape (n, 1)."""
        return self.base[:, None]


class AllRows(Kept):
    """Every row of the input once, in its order; holds no array."""

    n: int

    def __init__(self, n: int):
        object.__setattr__(self, "n", n)

    def __len__(self) -> int:
        return self.n

    @property
    def index(self) -> np.ndarray:  # type: ignore[override]
        """Return 0 .. n-1."""
        return np.arange(self.n)

    def take(self, rows: np.ndarray) -> Kept:  # type: ignore[override]
        """Return the source cut to these of its rows."""
        return Kept(rows)

    def remap(self, index: np.ndarray) -> Kept:  # type: ignore[override]
        """Return the source for an input of which the present one is ``input[index]``."""
        return Kept(index)


@dataclass(frozen=True, eq=False)
class Interpolated(RowSource):
    """New rows between a base row and others: x = x_b + sum_p u_p * (s_p * (x_p - x_b)).

    Any step is legal, negative and beyond 1 included. With one other row this is, operation by
    operation, ``x_b + u * (x_o - x_b)`` in the input's own type, cast back at the end. Where a
    parent's value is missing the new row has its base's value: no missing value is added.

    Parameters
    ----------
    base : ndarray of shape (n,)
        Row numbers of the input.
    others : ndarray of shape (n,) or (n, p)
        Row numbers of the input.
    steps : ndarray of shape (n,), (n, p) or (n, p, d)
        u: one step for each other row, or one for each other row and numeric column.
    y : ndarray of shape (n,) or (n, L), optional
        Class codes, label sets or real values of the new rows. ``None``: those of the base row;
        real values are interpolated as the row is.
    shrink : ndarray of shape (n,), optional
        s: what the difference is multiplied by before the step.
    donors : ndarray of shape (n, v), optional
        For each voted column of the plan the row whose value the new row takes; ``None``: base.
    """

    base: np.ndarray
    others: np.ndarray
    steps: np.ndarray
    y: np.ndarray | None = None
    shrink: np.ndarray | None = None
    donors: np.ndarray | None = None

    @property
    def parents(self) -> np.ndarray:
        """Return base and others of each new row, shape (n, 1 + p)."""
        return np.column_stack([self.base, self.others])

    def wide(self) -> tuple[np.ndarray, np.ndarray]:
        """Return others as (n, p) and steps as (n, p) or (n, p, d)."""
        if self.others.ndim == 1:
            return self.others[:, None], self.steps[:, None]
        return self.others, self.steps

    def values(self, X: np.ndarray, rows: slice) -> np.ndarray:
        """Return the new rows ``rows`` over the numeric columns X of shape (n_input, d)."""
        base = _floats(X[self.base[rows]])
        others, steps = (part[rows] for part in self.wide())
        new: Any = base
        for p in range(others.shape[1]):
            difference = _floats(X[others[:, p]]) - base
            if self.shrink is not None:
                difference *= self.shrink[rows, None]
            step = steps[:, p] if steps.ndim == 3 else steps[:, p, None]
            product = step * difference
            if np.isnan(product.sum()):
                product[np.isnan(product)] = 0  # missing in either: the new row is as its base
            new = np.add(new, product, out=product)
        return new


@dataclass(frozen=True, eq=False)
class Perturbed(RowSource):
    """New rows around a base row: x = x_b + noise.

    Parameters
    ----------
    base : ndarray of shape (n,)
        Row numbers of the input.
    noise : ndarray of shape (n, d)
        One number for each numeric column.
    y, donors : ndarray, optional
        As in `Interpolated`; without ``y`` real values, too, are the base row's.
    """

    base: np.ndarray
    noise: np.ndarray
    y: np.ndarray | None = None
    donors: np.ndarray | None = None
    promotes = True

    @property
    def parents(self) -> np.ndarray:
        """Return the parents of each output row, shape (n, 1)."""
        return self.base[:, None]

    def values(self, X: np.ndarray, rows: slice) -> np.ndarray:
        """Return the new rows ``rows`` over the numeric columns X of shape (n_input, d)."""
        return self.noise[rows] + X[self.base[rows]]


@dataclass(frozen=True, eq=False)
class Explicit(RowSource):
    """New rows given as they are, such as cluster centres.

    Parameters
    ----------
    rows : ndarray or sparse matrix of shape (n, d)
        The numeric columns.
    parents : ndarray of shape (n, p)
        The input rows each was made of, the nearest or most important first; -1 fills up, and in
        the first column it says that there is no parent.
    y, donors : ndarray, optional
        As in `Perturbed`, the base row being the first parent.
    """

    rows: Any
    parents: np.ndarray
    y: np.ndarray | None = None
    donors: np.ndarray | None = None
    promotes = True

    @property
    def base(self) -> np.ndarray:  # type: ignore[override]
        """Return the first parent."""
        return self.parents[:, 0]

    def values(self, X: np.ndarray, rows: slice) -> np.ndarray:
        """Return the new rows ``rows``."""
        return self.rows[rows]


def _floats(rows: np.ndarray) -> np.ndarray:
    """Return whole numbers and truth values as floats: differences of small types overflow."""
    return rows if rows.dtype.kind == "f" else rows.astype(float)


Source = Kept | Interpolated | Perturbed | Explicit
NewSource = Interpolated | Perturbed | Explicit
