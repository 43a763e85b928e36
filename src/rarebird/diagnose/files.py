"""Whether a test file is like the training file."""

from typing import Any

import numpy as np
import polars as pl

from rarebird.data.frames import to_polars

from .check import Check, check, register_check, some
from .column import describe

_SHARE_OF_NEW_LEVELS = 0.01


@register_check(
    name="files",
    inputs=("table",),
    summary="Columns, types, levels and class shares that differ between two files.",
    evidence="scipy 1.17: equal chi-square p-value; constructed files with known differences",
    rare_cases="A class that only one file has is named.",
    example={"train": {"x": [1, 2], "y": [0, 1]}, "test": {"x": [3], "y": [0]}, "target": "y"},
)
def compare_files(train: Any, test: Any, target: str) -> tuple[Check, ...]:
    """Return RB015 for each way in which the test file differs from the training file.

    Looked at are: columns that the test file lacks or has in addition, the kind of values of a
    column, categories (in 1% of the test rows or more) and classes that training never saw, and
    the class shares (chi-square, p < 0.001). The test file may lack the target.

    Parameters
    ----------
    train, test, target : data frames of shape (n, d) and (m, d), str
        The two tables, and the name of the target column.

    Notes
    -----
    O((n + m) d) time and memory.

    Examples
    --------
    >>> found = compare_files({"x": [1, 2], "y": [0, 1]}, {"x": [1, 2], "z": [1, 1]}, "y")
    >>> [one.details["columns"] for one in found]
    [['z']]
    """
    train, test = to_polars(train), to_polars(test)
    found = []
    lacking = [c for c in train.columns if c not in test.columns and c != target]
    extra = [c for c in test.columns if c not in train.columns]
    if lacking:
        text = f"The test file lacks {some(lacking)}."
        found.append(check("RB015", "danger", text, kind="missing-columns", columns=lacking))
    if extra:
        text = f"The test file also has {some(extra)}, which training does not know."
        found.append(check("RB015", "info", text, kind="extra-columns", columns=extra))
    for name in train.columns:
        if name in test.columns and name != target:
            found.extend(_column(train[name], test[name]))
    if target in train.columns and target in test.columns:
        found.extend(_classes(train[target], test[target], target))
    return tuple(found)


def _column(one: Any, other: Any) -> list[Check]:
    a, b = describe(one), describe(other)
    skip = ("constant", "identifier", "text")
    if a.kind in skip or b.kind in skip:
        return []
    if a.kind != b.kind and {a.kind, b.kind} != {"numeric", "boolean"}:
        text = f"Column {a.name!r} is {a.kind} in training and {b.kind} in the test file."
        return [check("RB015", "danger", text, kind="types", column=a.name, kinds=[a.kind, b.kind])]
    if a.kind != "categorical":
        return []
    values = other.cast(pl.String).drop_nulls()
    new = values.filter(~values.is_in(one.cast(pl.String).drop_nulls().unique().to_list()))
    share = len(new) / max(len(values), 1)
    if share < _SHARE_OF_NEW_LEVELS:
        return []
    levels = new.unique().sort().head(20).to_list()
    text = (
        f"Column {a.name!r}: {share:.1%} of the test rows have categories that training never saw "
        f"({some(levels)})."
    )
    details = {"column": a.name, "share": share, "levels": levels}
    return [check("RB015", "warning", text, kind="levels", **details)]


def _classes(one: Any, other: Any, target: str) -> list[Check]:
    from scipy.stats import chi2_contingency

    found = []
    a, b = (_known_text(series) for series in (one, other))
    labels = sorted({*a.unique().to_list(), *b.unique().to_list()})
    counts = np.array([[int((s == label).sum()) for label in labels] for s in (a, b)])
    new, gone = ([labels[i] for i in np.flatnonzero(side == 0)] for side in counts)
    if new:
        text = f"{target!r} has classes in the test file that training never saw: {some(new)}."
        found.append(check("RB015", "danger", text, kind="new-classes", classes=new))
    if gone and len(b):
        text = f"The test file has no rows of {some(gone)}: nothing can be said about them."
        found.append(check("RB015", "warning", text, kind="absent-classes", classes=gone))
    if len(labels) < 2 or not counts.sum(axis=1).all():
        return found
    p_value = float(chi2_contingency(counts, correction=False).pvalue)
    if p_value < 1e-3:
        shares = counts / counts.sum(axis=1, keepdims=True)
        most = int(np.argmax(np.abs(np.log((shares[0] + 1e-9) / (shares[1] + 1e-9)))))
        text = (
            f"The class shares differ: {labels[most]!r} is {shares[0, most]:.2%} of training and "
            f"{shares[1, most]:.2%} of the test file (p = {p_value:.2g})."
        )
        train, test = (dict(zip(labels, side, strict=True)) for side in shares)
        details = {"kind": "shares", "p_value": p_value, "train": train, "test": test}
        found.append(check("RB015", "warning", text, **details))
    return found


def _known_text(series: Any) -> Any:
    if series.dtype.is_float():
        series = series.fill_nan(None)
    if series.dtype.is_float() and (series.drop_nulls() % 1 == 0).all():
        series = series.cast(pl.Int64)
    return series.drop_nulls().cast(pl.String)
