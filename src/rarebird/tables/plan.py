"""A plan: which rows come out of a resampler, and how the new ones arise, before any is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

__all__ = ["AllRows", "Explicit", "Interpolated", "Kept", "Perturbed", "Plan"]

NO_ROW = -1  # in lineage: there is no such parent


@dataclass(frozen=True, eq=False)
class Kept:
    """Rows of the input, in this order, repeats allowed.

    Parameters
    ----------
    index : ndarray of shape (n,)
        Row numbers of the input.
    """

    index: np.ndarray
    synthetic = False
    promotes = False
    labels = None

    def __len__(self) -> int:
        return len(self.index)

    @property
    def base(self) -> np.ndarray:
        """Return the row each output row comes from."""
        return self.index

    @property
    def parents(self) -> np.ndarray:
        """Return the parents of each output row, shape (n, 1)."""
        return self.index[:, None]

    def take(self, rows: np.ndarray) -> "Kept":
        """Return the source cut to these of its rows."""
        return Kept(self.index[rows])

    def remap(self, index: np.ndarray) -> "Kept":
        """Return the source for an input of which the present one is ``input[index]``."""
        return Kept(index[self.index])


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


@dataclass(frozen=True, eq=False)
class Interpolated:
    """New rows between a base row and others: x = x_b + sum_p u_p * (s_p * (x_p - x_b)).

    Any step is legal, negative and beyond 1 included. With one other row this is, operation by
    operation, ``x_b + u * (x_o - x_b)`` in the input's own type, cast back at the end. Where a
    parent's value is missing the new row has its base's value, so nothing becomes missing anew.

    Parameters
    ----------
    base : ndarray of shape (n,)
        Row numbers of the input.
    others : ndarray of shape (n,) or (n, p)
        Row numbers of the input.
    steps : ndarray of shape (n,), (n, p) or (n, p, d)
        u: one step for each other row, or one for each other row and numeric column.
    labels : ndarray of shape (n,)
        Class codes of the new rows.
    shrink : ndarray of shape (n,) or None
        s: what the difference is multiplied by before the step.
    donors : ndarray of shape (n, v) or None
        For each voted column of the plan the row whose value the new row takes; ``None``: base.
    """

    base: np.ndarray
    others: np.ndarray
    steps: np.ndarray
    labels: np.ndarray
    shrink: np.ndarray | None = None
    donors: np.ndarray | None = None
    synthetic = True
    promotes = False

    def __len__(self) -> int:
        return len(self.base)

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
                product[np.isnan(product)] = 0  # a gap in either: the new row is as its base there
            new = np.add(new, product, out=product)
        return new

    def take(self, rows: np.ndarray) -> "Interpolated":
        """Return the source cut to these of its rows."""
        return replace(
            self,
            base=self.base[rows],
            others=self.others[rows],
            steps=self.steps[rows],
            labels=self.labels[rows],
            shrink=None if self.shrink is None else self.shrink[rows],
            donors=None if self.donors is None else self.donors[rows],
        )

    def remap(self, index: np.ndarray) -> "Interpolated":
        """Return the source for an input of which the present one is ``input[index]``."""
        donors = None if self.donors is None else index[self.donors]
        return replace(self, base=index[self.base], others=index[self.others], donors=donors)


@dataclass(frozen=True, eq=False)
class Perturbed:
    """New rows around a base row: x = x_b + noise.

    Parameters
    ----------
    base : ndarray of shape (n,)
        Row numbers of the input.
    noise : ndarray of shape (n, d)
        One number for each numeric column.
    labels : ndarray of shape (n,)
        Class codes of the new rows.
    donors : ndarray of shape (n, v) or None
        For each voted column of the plan the row whose value the new row takes; ``None``: base.
    """

    base: np.ndarray
    noise: np.ndarray
    labels: np.ndarray
    donors: np.ndarray | None = None
    synthetic = True
    promotes = True  # an array of whole numbers becomes one of floats

    def __len__(self) -> int:
        return len(self.base)

    @property
    def parents(self) -> np.ndarray:
        """Return the base of each new row, shape (n, 1)."""
        return self.base[:, None]

    def values(self, X: np.ndarray, rows: slice) -> np.ndarray:
        """Return the new rows ``rows`` over the numeric columns X of shape (n_input, d)."""
        return self.noise[rows] + X[self.base[rows]]

    def take(self, rows: np.ndarray) -> "Perturbed":
        """Return the source cut to these of its rows."""
        donors = None if self.donors is None else self.donors[rows]
        return Perturbed(self.base[rows], self.noise[rows], self.labels[rows], donors)

    def remap(self, index: np.ndarray) -> "Perturbed":
        """Return the source for an input of which the present one is ``input[index]``."""
        donors = None if self.donors is None else index[self.donors]
        return replace(self, base=index[self.base], donors=donors)


@dataclass(frozen=True, eq=False)
class Explicit:
    """New rows given as they are, such as cluster centres.

    Parameters
    ----------
    rows : ndarray or sparse matrix of shape (n, d)
        The numeric columns.
    labels : ndarray of shape (n,)
        Class codes of the new rows.
    parents : ndarray of shape (n, p)
        The input rows each was made of, the nearest or most important first; -1 fills up, and in
        the first place it says that there is no parent.
    donors : ndarray of shape (n, v) or None
        For each voted column of the plan the row whose value the new row takes; ``None``: base.
    """

    rows: Any
    labels: np.ndarray
    parents: np.ndarray
    donors: np.ndarray | None = None
    synthetic = True
    promotes = True

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def base(self) -> np.ndarray:
        """Return the first parent."""
        return self.parents[:, 0]

    def values(self, X: np.ndarray, rows: slice) -> np.ndarray:
        """Return the new rows ``rows``."""
        return self.rows[rows]

    def take(self, rows: np.ndarray) -> "Explicit":
        """Return the source cut to these of its rows."""
        donors = None if self.donors is None else self.donors[rows]
        return Explicit(self.rows[rows], self.labels[rows], self.parents[rows], donors)

    def remap(self, index: np.ndarray) -> "Explicit":
        """Return the source for an input of which the present one is ``input[index]``."""
        parents = np.where(self.parents == NO_ROW, NO_ROW, index[self.parents])
        donors = None if self.donors is None else index[self.donors]
        return replace(self, parents=parents, donors=donors)


def _floats(rows: np.ndarray) -> np.ndarray:
    """Return whole numbers and truth values as floats: differences of small types overflow."""
    return rows if rows.dtype.kind == "f" else rows.astype(float)


Source = Kept | Interpolated | Perturbed | Explicit


@dataclass(frozen=True, eq=False)
class Plan:
    """An ordered list of row sources.

    Parameters
    ----------
    sources : tuple of Kept, Interpolated, Perturbed or Explicit
        Their rows follow one another in the output.
    voted : tuple of int
        Columns that are not interpolated: a new row takes a donor's value there. The sources'
        numeric columns are all others, in order.
    order : ndarray of shape (n_out,) or None
        Output row i is row ``order[i]`` of the sources' rows.
    notes : mapping
        What a reader of the plan should know (an approximate neighbour backend, say).

    Examples
    --------
    >>> rows = Interpolated(np.array([0]), np.array([1]), np.array([0.25]), np.array([1]))
    >>> plan = Plan((AllRows(2), rows))
    >>> plan.parents.tolist(), plan.is_synthetic.tolist()
    ([[0, -1], [1, -1], [0, 1]], [False, False, True])
    >>> plan.take(np.array([2])).base.tolist()
    [0]
    """

    sources: tuple[Source, ...]
    voted: tuple[int, ...] = ()
    order: np.ndarray | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        n = sum(len(source) for source in self.sources)
        return n if self.order is None else len(self.order)

    def _ordered(self, values: np.ndarray) -> np.ndarray:
        return values if self.order is None else values[self.order]

    @property
    def base(self) -> np.ndarray:
        """Input row each output row comes from: itself, or the first parent of a new row."""
        return self._ordered(np.concatenate([source.base for source in self.sources]))

    @property
    def parents(self) -> np.ndarray:
        """Parents of each output row, shape (n_out, p), filled up with -1."""
        found = [source.parents for source in self.sources]
        width = max(part.shape[1] for part in found)
        full = [
            np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=NO_ROW)
            for part in found
        ]
        return self._ordered(np.concatenate(full))

    @property
    def is_synthetic(self) -> np.ndarray:
        """Whether an output row is new, shape (n_out,)."""
        return self._ordered(
            np.concatenate([np.full(len(source), source.synthetic) for source in self.sources])
        )

    @property
    def only_kept(self) -> bool:
        """Whether no row is new."""
        return not any(source.synthetic for source in self.sources)

    def labels(self, codes: np.ndarray) -> np.ndarray:
        """Return the class code of each output row, given those of the input."""
        return self._ordered(
            np.concatenate([codes[s.index] if s.labels is None else s.labels for s in self.sources])
        )

    def take(self, rows: np.ndarray) -> "Plan":
        """Return the plan of these of its rows, in this order: a cleaning step over new rows."""
        rows = np.asarray(rows)
        wanted = rows if self.order is None else self.order[rows]
        sorter = np.argsort(wanted, kind="stable")
        ends = np.cumsum([len(source) for source in self.sources])
        parts = np.split(wanted[sorter], np.searchsorted(wanted[sorter], ends[:-1]))
        starts = ends - [len(source) for source in self.sources]
        sources = tuple(
            source.take(part - start)
            for source, part, start in zip(self.sources, parts, starts, strict=True)
        )
        if np.array_equal(sorter, np.arange(len(sorter))):
            return replace(self, sources=sources, order=None)
        order = np.empty(len(sorter), dtype=np.intp)
        order[sorter] = np.arange(len(sorter))
        return replace(self, sources=sources, order=order)

    def remap(self, index: np.ndarray) -> "Plan":
        """Return the plan for an input of which the present one is ``input[index]``."""
        return replace(self, sources=tuple(source.remap(index) for source in self.sources))
