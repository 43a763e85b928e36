"""The target column: who is rare, and whether it is a classification at all."""

from typing import Any

import numpy as np
import polars as pl

from rarebird._errors import DataError
from rarebird.counts import ClassCounts

from .check import Check, check

MAX_MISSING = 0.05


def target_counts(frame: Any, target: str) -> tuple[Any, ClassCounts, list[Check]]:
    """Return the rows with a known target, the class counts and a finding where rows are left out.

    More than 5% of missing targets, and a target that is no set of classes, are a `DataError`.
    """
    y = frame[target]
    if y.dtype.is_nested() or y.dtype in (pl.Binary, pl.Object):
        raise DataError(f"The target {target!r} holds values of type {y.dtype}; give plain labels.")
    if y.dtype.is_float():
        y = y.fill_nan(None)
    n, n_missing = len(y), y.null_count()
    if n_missing == n:
        raise DataError(f"The target {target!r} is missing in all {n} rows.")
    if n_missing > MAX_MISSING * n:
        raise DataError(
            f"The target {target!r} is missing in {n_missing} of {n} rows ({n_missing / n:.1%}); "
            "at most 5% may be. Leave these rows out yourself once you know why it is missing."
        )
    found = []
    if n_missing:
        frame = frame.filter(y.is_not_null())
        y = frame[target]
        text = f"{n_missing} of {n} rows have no {target!r} and are left out."
        found.append(check("RB007", "warning", text, n_missing=n_missing, n_rows=n))
    if isinstance(y.dtype, pl.Categorical | pl.Enum):
        y = y.cast(pl.String)
    table = y.value_counts(name="__n").sort(target)
    classes, counts = table[target].to_list(), table["__n"].to_numpy()
    _refuse(y, target, classes, counts)
    return frame, ClassCounts(counts, np.asarray(classes)), found


def _refuse(y: Any, target: str, classes: list[Any], counts: np.ndarray) -> None:
    n, k = len(y), len(classes)
    if k == 1:
        raise DataError(
            f"The target {target!r} has a single class, {classes[0]!r}, in all {n} rows; "
            "at least two classes are needed. Were the other rows filtered out?"
        )
    if y.dtype.is_temporal() and k > 2:
        raise DataError(f"The target {target!r} holds dates or times; give a class for each row.")
    fractions = y.dtype.is_float() and k > 30 and k > 0.05 * n
    amounts = y.dtype.is_numeric() and k > 100 and k > 0.2 * n
    if fractions or amounts:
        raise DataError(
            f"The target {target!r} is continuous ({k} different numbers in {n} rows): this is a "
            "regression. Cut it into classes first, for instance at the value that matters."
        )
    if k > 0.5 * n and n > 4:
        raise DataError(
            f"The target {target!r} has {k} classes in {n} rows, so most classes have one row. Is "
            "it an identifier? Name another target, or merge classes."
        )
