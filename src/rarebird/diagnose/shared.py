"""Test rows that training has seen."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from rarebird.data.frames import to_polars

from .check import Check, check, register_check
from .duplicates import duplicate_groups

__all__ = ["shared_rows"]


def shared_rows(
    train: Any, test: Any, columns: Sequence[str] | None = None, *, digits: int | None = None
) -> np.ndarray:
    """Say for each test row whether its features equal those of a training row.

    Parameters
    ----------
    train, test : data frames of shape (n, d) and (m, d)
        The two sides.
    columns : sequence of str, optional
        The features compared; by default those that both have.
    digits : int, optional
        Compare floating-point numbers to so many significant digits; by default exactly.

    Notes
    -----
    O((n + m) d) time and memory.

    Examples
    --------
    >>> shared_rows({"x": [1.0, 2.0]}, {"x": [2.0, 3.0]}).tolist()
    [True, False]
    """
    train, test = to_polars(train), to_polars(test)
    chosen = [c for c in train.columns if c in test.columns] if columns is None else list(columns)
    if not chosen:
        return np.zeros(test.height, dtype=bool)

    def alike(frame: Any) -> Any:
        casts = []
        for name in chosen:
            one, other = train.schema[name], test.schema[name]
            cell = pl.col(name)
            if one.is_numeric() and other.is_numeric():
                if one != other or one.is_float():
                    cell = cell.cast(pl.Float64)
                    cell = cell.round_sig_figs(digits) if digits else cell
            elif one != other or one in (pl.Categorical, pl.Enum):
                cell = cell.cast(pl.String)
            casts.append(cell)
        return frame.select(casts)

    group = duplicate_groups(pl.concat([alike(train), alike(test)]))
    known = np.zeros(group.max(initial=-1) + 1, dtype=bool)
    known[group[: train.height]] = True
    return known[group[train.height :]]


@register_check(
    name="shared-rows",
    inputs=("table",),
    summary="Test rows whose features equal, to six digits, those of a training row.",
    evidence="slow reference: a set of tuples",
    rare_cases="Shared rare rows are counted apart.",
    example={"train": {"x": [1, 2, 3]}, "test": {"x": [3, 4]}, "y_test": [1, 0]},
)
def shared_rows_check(
    train: Any,
    test: Any,
    columns: Sequence[str] | None = None,
    *,
    y_test: Any = None,
    rare: int = 1,
) -> Check | None:
    """Return RB019 where test rows equal training rows to six significant digits, else ``None``.

    Parameters
    ----------
    train, test : data frames of shape (n, d) and (m, d)
        The two sides.
    columns : sequence of str, optional
        The features compared; by default those that both have.
    y_test, rare : int array of shape (m,), int
        Codes of the test rows, to count shared rare rows apart, and that of the rare class.

    Examples
    --------
    >>> shared_rows_check({"x": [1.0, 2.0]}, {"x": [2.0000001, 3.0]}).details["n_shared"]
    1
    """
    shared = shared_rows(train, test, columns, digits=6)
    n, m = int(shared.sum()), len(shared)
    if n == 0:
        return None
    details = {"n_shared": n, "n_test": m, "share": n / m}
    n_rare_shared = n_rare = 0
    text = f"{n:,} of {m:,} test rows ({n / m:.1%}) have the features of a training row"
    if y_test is not None:
        is_rare = np.asarray(y_test) == rare
        n_rare_shared, n_rare = int((shared & is_rare).sum()), int(is_rare.sum())
        details |= {"n_rare_shared": n_rare_shared, "n_rare": n_rare}
        text += f", {n_rare_shared:,} of the {n_rare:,} rare ones among them"
    severe = n > 0.01 * m or n_rare_shared > 0.01 * n_rare
    return check("RB019", "warning" if severe else "info", text + ".", **details)
