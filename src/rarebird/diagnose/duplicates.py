"""Rows that occur more than once, with one label or with two."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rarebird._errors import DataError
from rarebird.registry import register

from .check import Check, check
from .evidence import rare_code

__all__ = ["duplicate_groups"]


def duplicate_groups(frame: Any, columns: Sequence[str] | None = None) -> np.ndarray:
    """Return a number for each row, the same for rows that agree in all the columns.

    Missing values equal each other, NaN included. The numbers count groups by first appearance.

    Parameters
    ----------
    frame : data frame of shape (n, d)
        The table.
    columns : sequence of str, optional
        The columns compared; by default all.

    Returns
    -------
    ndarray of int64, shape (n,)

    Notes
    -----
    O(n d) time and memory.

    Examples
    --------
    >>> duplicate_groups({"x": [1, 2, 1], "s": ["a", "b", "a"]}).tolist()
    [0, 1, 0]
    """
    import polars as pl

    from rarebird.data.frames import to_polars

    frame = to_polars(frame)
    chosen = frame.columns if columns is None else list(columns)
    if not chosen:
        return np.zeros(frame.height, dtype=np.int64)
    floats = [name for name in chosen if frame.schema[name].is_float()]
    rows = frame.select(chosen)
    if floats:
        rows = rows.with_columns(pl.col(floats).fill_nan(None) + 0.0)  # no NaN, no minus zero
    first = np.arange(frame.height)
    maybe = rows.hash_rows().is_duplicated()  # equal rows have equal hashes; these are compared
    place = "\0place"
    some = rows.with_columns(pl.Series(place, first)).filter(maybe)
    first[maybe.to_numpy()] = some.select(pl.col(place).min().over(chosen)).to_series().to_numpy()
    leads = first == np.arange(frame.height)
    return (np.cumsum(leads) - 1)[first]


@register(
    name="duplicates",
    role="check",
    place="around",
    tasks=("binary", "multiclass"),
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
    frame : data frame of shape (n, d)
        The features.
    y : int array of shape (n,)
        Codes.
    columns : sequence of str, optional
        The features compared; by default all.
    classes : sequence, optional
        The labels, for the message.
    rare : int, optional
        The code looked at; by default 1 of two classes, else the smallest.

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
    code = rare_code(y) if rare is None else rare
    label = str(code if classes is None else classes[code])
    n, n_rare = len(y), int((y == code).sum())
    pairs, first, labelled = np.unique(
        group * (int(y.max(initial=0)) + 1) + y, return_index=True, return_inverse=True
    )
    found = []
    copies = n - len(pairs)
    if copies:
        is_copy = np.ones(n, dtype=bool)
        is_copy[first] = False
        of_rare = int((is_copy & (y == code)).sum())
        severe = copies > 0.01 * n or of_rare > 0.01 * n_rare
        found.append(
            check(
                "RB010",
                "warning" if severe else "info",
                f"{copies:,} of {n:,} rows ({copies / n:.1%}) are copies of an earlier row, "
                f"target included; {of_rare:,} of them are {label!r}.",
                n_rows=copies,
                n_rare=of_rare,
                share=copies / n,
                largest=int(np.bincount(labelled.ravel()).max()),
            )
        )
    labels_of_group = np.bincount(group[first], minlength=int(group.max(initial=-1)) + 1)
    torn = labels_of_group[group] > 1
    if torn.any():
        count, of_rare = int(torn.sum()), int((torn & (y == code)).sum())
        found.append(
            check(
                "RB017",
                "warning" if count > 0.01 * n or of_rare > 0.01 * n_rare else "info",
                f"{count:,} rows agree in every feature with a row of another class; {of_rare:,} "
                f"of the {n_rare:,} {label!r} rows are among them.",
                n_rows=count,
                n_rare=of_rare,
                share=count / n,
                rare_share=of_rare / n_rare if n_rare else 0.0,
            )
        )
    return tuple(found)
