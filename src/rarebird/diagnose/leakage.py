"""Whether a single column gives the target away."""

from typing import Any

import numpy as np
import polars as pl

from rarebird._errors import DataError
from rarebird._random import RandomState, as_rng
from rarebird.data.frames import to_polars

from .check import Check, check, register_check, some
from .one_column import GIVES_AWAY, Halves, column_aucs, level_aucs

MAX_ROWS = 100_000
MIN_RARE = 5
BY_CHANCE = 1e-4  # of a column whose values are missing, or known, in one class only


def _example() -> dict[str, Any]:
    from .profile import profile_table

    frame = {"x": [1.5, 2.5, 3.5, 4.5] * 5, "y": [0, 0, 0, 1] * 5}
    return {"frame": frame, "y": frame["y"], "profile": profile_table(frame, "y")}


@register_check(
    name="leakage",
    inputs=("table",),
    summary="Columns that alone predict the target almost perfectly, on rows not fitted on.",
    evidence="scikit-learn 1.9: equal AUC values; constructed leaks of five kinds are all found",
    rare_cases="Classes with fewer than 5 rows are not judged.",
    example=_example,
)
def leakage_checks(
    frame: Any, y: Any, profile: Any, *, classes: Any = None, random_state: RandomState = 0
) -> tuple[Check, ...]:
    """Return RB005 for each column that alone gives the target away, the surest first.

    A column is flagged where a class (of two the rare one, of many every one of 5 rows or more) can
    be ranked against the rest with an AUC of 0.995 or more; also where its values are missing, or
    known, in one class only and that is no accident: chance would do so for any of the classes at
    most once in 10,000 columns. What is no feature, such as identifiers and text, is looked at too,
    in the order it sorts in: such a finding says that the file's order knows the target. A flag
    means: either a leak or an easy problem.

    Parameters
    ----------
    frame, y : data frame of shape (n, any), int array of shape (n,)
        The table that was profiled, rows with a missing target left out; codes 0..C-1.
    profile : Profile
        From `profile_table`.
    classes : sequence of length C, optional
        The labels, in the order of the codes; by default those of the profile, sorted, and of two
        the rare one last.
    random_state : int, Generator, RandomState or None
        For the halves and the sample.

    Raises
    ------
    DataError
        If the lengths differ.

    Notes
    -----
    O(m d log m) time for m rows, at most 100,000: small classes whole, the large ones thinned. By
    chance a class of 5 in 20 rows is ranked perfectly by one column in 8,000, and a larger one far
    more rarely, so that many classes raise no more false alarms than two.

    Examples
    --------
    >>> from rarebird.diagnose import profile_table
    >>> y = np.arange(200) % 10 == 0
    >>> table = {"x": np.arange(200) % 7, "code": np.where(y, "F1", "N7"), "y": y}
    >>> [found.details["column"] for found in leakage_checks(table, y, profile_table(table, "y"))]
    ['code']
    """
    frame, y = to_polars(frame), np.asarray(y).astype(np.int64)
    if frame.height != len(y):
        raise DataError(f"leakage: {frame.height} rows, but {len(y)} labels.")
    labels = [str(x) for x in (_labels(profile.counts) if classes is None else classes)]
    counts = np.bincount(y)
    asked = np.flatnonzero(counts >= MIN_RARE)
    if len(asked) < 2:
        return ()
    asked = asked[1:] if len(counts) == 2 else asked
    rng = as_rng(random_state)
    if len(y) > MAX_ROWS:
        rows = thinned(y, MAX_ROWS, rng)
        frame, y = frame[rows], y[rows]
    halves = Halves(y, asked, _halves(y, rng))
    found = []
    for column in profile.columns:
        if column.name not in frame.columns:
            continue
        how, areas, missing = _areas(frame[column.name], column, halves)
        best = float(areas.max())
        known = [labels[asked[i]] for i in np.flatnonzero(areas >= GIVES_AWAY)]
        left_out = "" if column.used else f" (not used: {column.why})"
        if known:
            what = f"{'That ' if how == 'missing' else 'Column '}{column.name!r}"
            what += " is missing" if how == "missing" else ""
            of = "the target" if len(known) == len(asked) else f"the class {some(known)}"
            text = (
                f"{what} alone predicts {of} (area under the ROC curve {best:.4f}){left_out}: "
                "either a leak or an easy problem."
            )
        else:
            state, code = _only_class(missing, y)
            if not state:
                continue
            how, known = "missing", [labels[code]]
            text = (
                f"Column {column.name!r} is {state} only in rows of {labels[code]!r}{left_out}: "
                "ask whether that is known before the outcome."
            )
        severity = "danger" if column.used and best >= GIVES_AWAY else "warning"
        details = {"column": column.name, "auc": best, "by": how, "used": column.used}
        found.append(check("RB005", severity, text, **details, classes=known))
    return tuple(sorted(found, key=lambda one: -one.details["auc"]))


def _labels(counts: Any) -> list[Any]:
    labels = counts.classes.tolist()
    return labels[::-1] if len(labels) == 2 and counts.rarest == labels[0] else labels


def thinned(y: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """Return at most ``most`` row numbers: small classes whole, the others cut to one size."""
    counts = np.bincount(y)
    left, kept = most, []
    order = np.argsort(counts, kind="stable")
    for done, code in enumerate(order):
        rows = np.flatnonzero(y == code)
        size = min(len(rows), left // (len(order) - done))
        kept.append(rng.choice(rows, size, replace=False))
        left -= size
    return np.sort(np.concatenate(kept))


def _halves(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return two halves with the same number of rows of each class, give or take one."""
    order = rng.permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    half = np.zeros(len(y), dtype=bool)
    half[order[::2]] = True
    return half


def _areas(series: Any, column: Any, halves: Halves) -> tuple[str, np.ndarray, np.ndarray]:
    """Return by what each class is told from the rest, how well, and which values are missing."""
    by, values, missing = _values(series, column)
    areas = (level_aucs if by == "levels" else column_aucs)(values, halves)
    if missing.any() and not missing.all():
        of_gaps = level_aucs(missing.astype(np.int64), halves)
        if of_gaps.max() >= GIVES_AWAY:
            return "missing", np.maximum(areas, of_gaps), missing
    return by, areas, missing


def _values(series: Any, column: Any) -> tuple[str, np.ndarray, np.ndarray]:
    """Return which model suits a column, its numbers in sorting order, and which are missing."""
    from .profile import typed_column

    if series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object):
        missing = series.is_null().to_numpy()
        return "levels", np.where(missing, 0, 1), missing
    if series.dtype.is_numeric() or series.dtype == pl.Boolean:
        numbers = series.to_numpy().astype(float)  # a missing value becomes NaN
        numbers[np.isinf(numbers)] = np.nan
        return "values", numbers, np.isnan(numbers)
    if column.kind in ("numeric", "date"):
        numbers = typed_column(series, column).to_physical().cast(pl.Float64)
        return "values", numbers.to_numpy(), series.is_null().to_numpy()
    missing = series.is_null().to_numpy()
    ranks = series.cast(pl.String).rank("dense").fill_null(0).to_numpy()
    if column.kind == "categorical":
        return "levels", ranks.astype(np.int64), missing
    return "values", np.where(missing, np.nan, ranks), missing


def _only_class(missing: np.ndarray, y: np.ndarray) -> tuple[str, int]:
    """Return what is so in one class only: that values are missing, or that they are known.

    Nothing where chance does so in any of the classes more often than `BY_CHANCE`.
    """
    from scipy.stats import hypergeom

    if not missing.any():
        return "", -1
    n, n_classes = len(y), len(np.unique(y))
    for state, rows in (("missing", missing), ("filled", ~missing)):
        inside = np.unique(y[rows])
        if len(inside) != 1:
            continue
        rest = int((y != inside[0]).sum())
        if n_classes * hypergeom.pmf(0, n, rest, int(rows.sum())) < BY_CHANCE:
            return state, int(inside[0])
    return "", -1
