"""A plan: which rows come out of a resampler, and how the new ones arise, before any is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .sources import NO_ROW, AllRows, Source

__all__ = ["Plan"]


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
    n_rows : int, optional
        Rows of the input, where they are known.

    Examples
    --------
    >>> from rarebird.tables import AllRows, Interpolated
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
    n_rows: int | None = None

    def __len__(self) -> int:
        n = sum(len(source) for source in self.sources)
        return n if self.order is None else len(self.order)

    def _ordered(self, parts: list[np.ndarray]) -> np.ndarray:
        values = np.concatenate(parts)
        return values if self.order is None else values[self.order]

    @property
    def base(self) -> np.ndarray:
        """Input row each output row comes from: itself, or the first parent of a new row."""
        return self._ordered([source.base for source in self.sources])

    @property
    def parents(self) -> np.ndarray:
        """Parents of each output row, shape (n_out, p), filled up with -1."""
        found = [source.parents for source in self.sources]
        width = max(part.shape[1] for part in found)
        return self._ordered(
            [
                np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=NO_ROW)
                for part in found
            ]
        )

    @property
    def is_synthetic(self) -> np.ndarray:
        """Whether an output row is new, shape (n_out,)."""
        return self._ordered([np.full(len(source), source.synthetic) for source in self.sources])

    @property
    def only_kept(self) -> bool:
        """Whether no row is new."""
        return not any(source.synthetic and len(source) for source in self.sources)

    @property
    def changes(self) -> bool:
        """Whether any row is new, repeated or left out; their order does not count.

        Without ``n_rows`` only a plan of all rows is known to change nothing.
        """
        if not self.only_kept:
            return True
        full = [source for source in self.sources if len(source)]
        if self.order is None and len(full) == 1 and isinstance(full[0], AllRows):
            return self.n_rows not in (None, len(full[0]))
        n = len(self)
        return n != self.n_rows or bool((np.bincount(self.base, minlength=n) != 1).any())

    def y_of(self, y: np.ndarray) -> np.ndarray:
        """Return the y of each output row, given that of the input; a new row's own comes first."""
        return self._ordered([y[s.base] if s.y is None else s.y for s in self.sources])

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
        return replace(self, sources=tuple(s.remap(index) for s in self.sources), n_rows=None)
