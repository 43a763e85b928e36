"""Rows that occur more than once, with one label or with two."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from polars import selectors

from rarebird._errors import DataError
from rarebird.data.frames import to_polars

from .check import Check, check, register_check
from .evidence import rare_class

__all__ = ["duplicate_groups"]


def duplicate_groups(frame: Any, columns: Sequence[str] | None = None) -> np.ndarray:
    """Return a number for each row, the same for rows that agree in all the columns.

    Missing values equal each other, NaN included. The numbers count groups by first appearance.

    Parameters
    ----------
    frame, columns : data frame of shape (n, d), sequence of str (optional)
        The table, and the columns compared; by default all.

    Notes
    -----
    O(n d) time and memory.

    Examples
    --------
    >>> duplicate_groups({"x": [1, 2, 1], "s": ["a", "b", "a"]}).tolist()
    [0, 1, 0]
    """
    frame = to_polars(frame)
    chosen = frame.columns if columns is None else list(columns)
    if not chosen:
        return np.zeros(frame.height, dtype=np.int64)
    rows = frame.select(chosen)
    rows = rows.with_columns(selectors.float().fill_nan(None) + 0.0)  # no NaN, no minus zero
    first = np.arange(frame.height)
    maybe = rows.hash_rows().is_duplicated()  # equal rows have equal hashes; these are compared
    place = "\0place"
    some = rows.with_columns(pl.Series(place, first)).filter(maybe)
    first[maybe.to_numpy()] = some.select(pl.col(place).min().over(chosen)).to_series().to_numpy()
    leads = first == np.arange(frame.height)
    return (np.cumsum(leads) - 1)[first]


@register_check(
    name="duplicates",
    inputs=("table",),
    summary="Rows that are copies, and equal rows with different targets.",
    evidence="pandas: equal counts of duplicated rows; slow reference: a dict of tuples",
    rare_cases="Copies of rare rows are counted apart.",
    example={"frame": {"x": [1, 1, 2], "z": [3, 3, 4]}, "y": [0, 0, 1]},
)
def duplicate_checks(
    frame: Any,
    y: Any,
    columns: Sequence[str] | None = None,
    *,
    classes: Any = None,
    rare: int | None = None,
) -> tuple[Check, ...]:
    """Return RB010 for copies and RB017 for equal rows with different targets, where there are any.

    Parameters
    ----------
    frame, y : data frame of shape (n, d), int array of shape (n,)
        The features, and codes.
    columns : sequence of str, optional
        The features compared; by default all.
    classes, rare : sequence and int, optional
        Labels for the message; the code looked at, by default 1 of two, else the smallest class.

    Raises
    ------
    DataError
        If the lengths differ.

    Notes
    -----
    O(n d) time and memory.

    Examples
    --------
    >>> found = duplicate_checks({"x": [1, 1, 2, 2]}, [0, 0, 0, 1])
    >>> [(one.code, one.details["n_rows"]) for one in found]
    [('RB010', 1), ('RB017', 2)]
    """
    y = np.asarray(y)
    group = duplicate_groups(frame, columns)
    if len(group) != len(y):
        raise DataError(f"duplicates: {len(group)} rows, but {len(y)} labels.")
    code, label = rare_class(y, classes, rare)
    n, is_rare = len(y), y == code
    pair = group * (int(y.max(initial=0)) + 1) + y
    _, first, sizes = np.unique(pair, return_index=True, return_counts=True)
    copy = np.ones(n, dtype=bool)
    copy[first] = False
    torn = np.bincount(group[first])[group] > 1
    n_rare, found = int(is_rare.sum()), []
    for which, rows in (("RB010", copy), ("RB017", torn)):
        count, of_rare = int(rows.sum()), int((rows & is_rare).sum())
        if not count:
            continue
        details = {"n_rows": count, "n_rare": of_rare, "share": count / n}
        if which == "RB010":
            details["largest"] = sizes.max()
            text = (
                f"{count:,} of {n:,} rows ({count / n:.1%}) are copies of an earlier row, target "
            )
            text += f"included; {of_rare:,} of them are {label!r}."
        else:
            details["rare_share"] = of_rare / n_rare if n_rare else 0.0
            text = f"{count:,} rows agree in every feature with a row of another class; "
            text += f"{of_rare:,} of the {n_rare:,} {label!r} rows are among them."
        severe = count > 0.01 * n or of_rare > 0.01 * n_rare
        found.append(check(which, "warning" if severe else "info", text, **details))
    return tuple(found)
