"""Whether a single column gives the target away."""

from typing import Any

import numpy as np
import polars as pl

from rarebird._errors import DataError
from rarebird._random import RandomState, as_rng
from rarebird.data.frames import to_polars

from .check import Check, check, register_check
from .one_column import GIVES_AWAY, auc_of_counts, column_auc, counts_of, rate_auc

MAX_ROWS = 100_000
MIN_RARE = 5


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

    A column is flagged where the smallest class (of 5 rows or more), or the classes on average, can
    be ranked against the rest with an AUC of 0.995 or more; also where its values are missing in
    one class only and that is no accident. What is no feature, such as identifiers and text, is
    looked at too, in the order it sorts in: such a finding says that the file's order knows the
    target. A flag means: either a leak or an easy problem.

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
    O(m d log m) time for m rows, at most 100,000: small classes whole, the large ones thinned.

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
    labels = _labels(profile.counts) if classes is None else classes
    counts = np.bincount(y)
    judged = np.flatnonzero(counts >= MIN_RARE)
    if len(judged) < 2:
        return ()
    asked = judged[np.argsort(counts[judged], kind="stable")].tolist()[:20]
    if len(counts) == 2:
        asked = [1]
    rng = as_rng(random_state)
    if len(y) > MAX_ROWS:
        rows = _sample(y, rng)
        frame, y = frame[rows], y[rows]
    half = _halves(y, rng)
    found = []
    for column in profile.columns:
        if column.name not in frame.columns:
            continue
        series = frame[column.name]
        missing = series.is_null()
        if series.dtype.is_float():
            missing = missing | series.is_nan().fill_null(True)
        missing = missing.to_numpy()
        best, how = _best(*_codes(series, column, missing), missing, y, half, asked)
        left_out = "" if column.used else f" (not used: {column.why})"
        only = None if best >= GIVES_AWAY else _only_class(missing, y)
        if only is not None:
            how = "missing"
            text = (
                f"Column {column.name!r} is missing only in rows of {str(labels[only])!r}"
                f"{left_out}: ask whether that is known before the outcome."
            )
        elif best < GIVES_AWAY:
            continue
        else:
            what = (
                f"That {column.name!r} is missing"
                if how == "missing"
                else f"Column {column.name!r}"
            )
            text = (
                f"{what} alone predicts the target (area under the ROC curve {best:.4f})"
                f"{left_out}: either a leak or an easy problem."
            )
        severity = "danger" if column.used and best >= GIVES_AWAY else "warning"
        details = {"column": column.name, "auc": best, "by": how, "used": column.used}
        found.append(check("RB005", severity, text, **details))
    return tuple(sorted(found, key=lambda one: -one.details["auc"]))


def _labels(counts: Any) -> list[Any]:
    labels = counts.classes.tolist()
    return labels[::-1] if len(labels) == 2 and counts.rarest == labels[0] else labels


def _sample(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return at most `MAX_ROWS` rows: small classes whole, the others cut to one size."""
    counts = np.bincount(y)
    left, kept = MAX_ROWS, []
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


def _codes(series: Any, column: Any, missing: np.ndarray) -> tuple[str, np.ndarray]:
    """Return the column as numbers in the order it sorts in, and which model suits it."""
    from .profile import typed_column

    if column.kind in ("numeric", "date", "boolean"):
        numbers = typed_column(series, column).to_physical().cast(pl.Float64)
        return "values", numbers.fill_null(float("nan")).to_numpy()
    if series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object):
        return "levels", np.where(missing, 0, 1)
    if series.dtype.is_numeric():
        return "values", series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    ranks = series.cast(pl.String).rank("dense").fill_null(0).to_numpy()
    if column.kind == "categorical":
        return "levels", ranks.astype(np.int64)
    return "values", np.where(missing, np.nan, ranks)


def _best(
    kind: str,
    values: np.ndarray,
    missing: np.ndarray,
    y: np.ndarray,
    half: np.ndarray,
    asked: list[int],
) -> tuple[float, str]:
    """Return the AUC for the rare class, or the mean over classes, whichever is larger."""
    auc = rate_auc if kind == "levels" else column_auc
    rare = auc(values, y == asked[0], half)
    if missing.any():
        area = auc_of_counts(*counts_of(missing.astype(np.int64), y == asked[0]))
        kind = "missing" if max(area, 1 - area) >= GIVES_AWAY else kind
    if rare >= GIVES_AWAY or len(asked) == 1 or rare < 0.9:  # a mean near 1 needs every class
        return rare, kind
    return max(rare, float(np.mean([rare, *(auc(values, y == c, half) for c in asked[1:])]))), kind


def _only_class(missing: np.ndarray, y: np.ndarray) -> int | None:
    """Return the only class with missing values, where chance does so at most 1 in 10,000 times."""
    from scipy.stats import hypergeom

    inside = np.unique(y[missing])
    if len(inside) != 1:
        return None
    rest = int((y != inside[0]).sum())
    by_chance = float(hypergeom.pmf(0, len(y), rest, int(missing.sum())))
    return int(inside[0]) if by_chance < 1e-4 else None
