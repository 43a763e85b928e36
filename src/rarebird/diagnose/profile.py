"""``profile_table``: what is in a table, and which columns can be features."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from rarebird._errors import DataError, suggest
from rarebird.counts import ClassCounts
from rarebird.data.frames import to_polars

from .check import Check, check, register_check, some
from .column import KINDS, Column, describe, id_like
from .target import target_counts

__all__ = ["Profile", "typed_frame"]

_SPLIT_WORDS = {
    "train", "training", "trn", "test", "testing", "tst", "val", "valid", "validation", "dev",
    "eval", "holdout", "oof",
}  # fmt: skip
_SPLIT_NAMES = {
    "split", "splits", "fold", "folds", "set", "subset", "partition", "is_train", "is_test",
    "train_test",
}  # fmt: skip
_ASKED = ("the time column", "the group column")
_SPLIT = "looks like somebody's split"


@dataclass(frozen=True)
class Profile:
    """What is in a table.

    Parameters
    ----------
    n_rows, n_missing_target : int
        Rows with a known target, which all else is about, and those left out for want of one.
    target : str
        The target column.
    columns : tuple of Column
        All columns but the target, in the table's order.
    counts : ClassCounts
        Rows per class, the labels sorted.
    n_duplicates : int
        Rows whose used features all equal those of an earlier row.
    checks : tuple of Check
        What was found on the way.
    """

    n_rows: int
    target: str
    columns: tuple[Column, ...]
    counts: ClassCounts
    n_missing_target: int
    n_duplicates: int
    checks: tuple[Check, ...]

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns that are used."""
        return tuple(column.name for column in self.columns if column.used)

    def column(self, name: str) -> Column:
        """Return one column by name.

        Raises
        ------
        DataError
            If there is none; near names are suggested.
        """
        for column in self.columns:
            if column.name == name:
                return column
        names = [column.name for column in self.columns]
        raise DataError(f"Profile: no column {name!r}.{suggest(name, names)}")


@register_check(
    name="profile",
    inputs=("table",),
    summary="Types, missing values, identifiers, constants, splits and duplicates of a table.",
    evidence="closed form: constructed tables with a known answer; pandas: equal duplicate counts",
    rare_cases="A single class, or a target that is continuous, is refused with the count.",
    example={"frame": {"x": [1.5, 2.5, 3.5], "y": [0, 0, 1]}, "target": "y"},
)
def profile_table(
    frame: Any,
    target: str,
    *,
    time: str | None = None,
    group: str | None = None,
    keep: Sequence[str] = (),
) -> Profile:
    """Profile a table: what each column is, which are features, and what is odd.

    Rows without a target are left out. The time and the group column are not features.

    Parameters
    ----------
    frame : data frame of shape (n, d + 1)
        pandas, polars, PyArrow or a dict of columns; it is not changed.
    target : str
        The column to predict.
    time, group : str, optional
        The columns with the time of each row, and with what rows belong together.
    keep : sequence of str
        Columns that are features even if they look like identifiers or somebody's split.

    Raises
    ------
    DataError
        If a named column is missing, 5% of the targets or more are missing, the target has one
        class, is continuous or differs in nearly every row, or no feature is left.

    Notes
    -----
    O(n d) time and memory.

    Examples
    --------
    >>> table = {"row_id": [1, 2, 3], "x": [0.5, 0.1, 0.7], "sick": ["no", "no", "yes"]}
    >>> found = profile_table(table, "sick")
    >>> found.features, found.counts.imbalance_ratio, found.column("row_id").kind
    (('x',), 2.0, 'identifier')
    """
    frame = to_polars(frame)
    for role, name in (("target", target), ("time", time), ("group", group)):
        if name is not None and name not in frame.columns:
            near = suggest(name, frame.columns) or f" The columns are {some(frame.columns)}."
            raise DataError(f"The table has no {role} column {name!r}.{near}")
    if target in (time, group):
        raise DataError(f"{target!r} is the target and cannot also be the time or group column.")
    known, counts, checks = target_counts(frame, target)
    given = dict(zip((time, group), _ASKED, strict=True))
    columns = []
    for series in known.drop(target).get_columns():
        kept = series.name in keep
        column = describe(series, keep=kept)
        why = given.get(column.name, _SPLIT if not kept and _is_split(series, column) else "")
        columns.append(replace(column, used=False, why=why) if why else column)
    found = tuple(columns)
    checks += _column_checks(found, known.height)
    features = [column.name for column in found if column.used]
    if not features:
        reasons = "; ".join(f"{c.name!r}: {c.why}" for c in found[:5]) or "there is no other column"
        raise DataError(f"No column is left to predict {target!r} from ({reasons}).")
    n = known.height
    n_duplicates = n - known.select(features).hash_rows().n_unique()
    return Profile(n, target, found, counts, frame.height - n, n_duplicates, tuple(checks))


def typed_frame(frame: Any, profile: Profile) -> Any:
    """Return the used columns of a table in polars, each as its profile says, with all rows.

    Numbers become Float64 with missing values null (NaN and infinite ones too), categories text,
    dates Datetime, booleans Boolean. Values that cannot be read become missing.

    Parameters
    ----------
    frame, profile : data frame of shape (n, any), Profile
        The profiled table, or new rows with the same columns; its profile from `profile_table`.

    Raises
    ------
    DataError
        If a feature column is missing.

    Examples
    --------
    >>> table = {"x": ["1.5", "2", "3"], "sick": ["no", "no", "yes"]}
    >>> typed_frame(table, profile_table(table, "sick"))["x"].to_list()
    [1.5, 2.0, 3.0]
    """
    frame = to_polars(frame)
    missing = [name for name in profile.features if name not in frame.columns]
    if missing:
        raise DataError(
            f"The table lacks {len(missing)} of {len(profile.features)} feature columns: "
            f"{some(missing)}.{suggest(missing[0], frame.columns)}"
        )
    used = [column for column in profile.columns if column.used]
    return frame.select([typed_column(frame[column.name], column) for column in used])


def typed_column(series: Any, column: Column) -> Any:
    """Return one polars column as its description says; see `typed_frame`."""
    if column.kind == "numeric":
        if series.dtype == pl.Duration:
            return series.dt.total_microseconds().cast(pl.Float64) / 1e6
        if series.dtype in (pl.String, pl.Categorical, pl.Enum):
            series = series.cast(pl.String).str.strip_chars()
        elif series.dtype == pl.Time:
            series = series.cast(pl.Int64)
        numbers = series.cast(pl.Float64, strict=False)
        return numbers.set(~numbers.is_finite(), None)
    if column.kind == "date":
        if series.dtype == pl.String and column.format:
            clock = pl.Datetime("us") if "%H" in column.format else pl.Date
            series = series.str.strptime(clock, column.format, strict=False)
        elif series.dtype in (pl.String, pl.Categorical, pl.Enum):
            series = series.cast(pl.String).str.to_datetime(strict=False)
        if isinstance(series.dtype, pl.Datetime) and series.dtype.time_zone:
            series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return series.cast(pl.Datetime("us"), strict=False)
    if column.kind == "boolean":
        if series.dtype == pl.String:
            lower = series.str.to_lowercase()
            return lower.replace_strict({"true": True, "false": False}, default=None)
        return series.cast(pl.Boolean, strict=False)
    return series.cast(pl.String)


def _is_split(series: Any, column: Column) -> bool:
    if column.kind not in ("categorical", "numeric", "boolean") or not 2 <= column.n_unique <= 20:
        return False
    if column.kind == "categorical":
        words = {level.strip().lower() for level in column.levels}
        return words <= _SPLIT_WORDS
    tokens = set(column.name.lower().replace("-", "_").replace(" ", "_").split("_"))
    if column.name.lower() not in _SPLIT_NAMES and not tokens & {"split", "fold", "partition"}:
        return False
    values = series.drop_nulls().unique().to_list()
    most = 20 if tokens & {"fold", "folds"} else 3
    return column.kind == "boolean" or (
        column.n_unique <= most and all(float(v).is_integer() and 0 <= v <= 20 for v in values)
    )


def _column_checks(columns: tuple[Column, ...], n: int) -> list[Check]:
    used = [c for c in columns if c.used]
    left_out = [c for c in columns if not c.used and c.why not in _ASKED]
    kinds = {kind: [c for c in left_out if c.kind == kind] for kind in KINDS}
    split = [c for c in columns if c.why == _SPLIT]
    words = [c for c in used if c.kind == "text"]
    infinite = [c for c in columns if c.n_infinite]
    groups = [c for c in used if id_like(c.name) and 10 < c.n_unique < 0.9 * (n - c.n_missing)]
    table = (
        ("RB008", "info", kinds["identifier"], "Not used because it names the rows"),
        ("RB009", "info", kinds["constant"], "Not used because it never varies"),
        ("RB011", "warning", split, "Not used because it looks like a split into parts"),
        ("RB012", "warning", kinds["text"], "Not used because the values are nested"),
        ("RB012", "info", words, "Free text used as hashed words"),
        ("RB020", "info", [c for c in used if c.converted], "Text read as numbers or dates"),
        ("RB021", "warning", groups, "Named like an identifier, but values repeat"),
        ("RB022", "warning", infinite, "Infinite values count as missing"),
    )
    found = []
    for code, severity, chosen, text in table:
        if chosen:
            names = [column.name for column in chosen]
            found.append(check(code, severity, f"{text}: {some(names)}.", columns=names))
    shares = {c.name: c.n_missing / n for c in used if c.n_missing > 0.3 * n}
    if shares:
        worst = max(shares, key=shares.__getitem__)
        text = f"{len(shares)} of {len(used)} features miss more than 30% of their values; "
        text += f"{worst!r} misses most ({shares[worst]:.0%})."
        found.append(check("RB016", "warning", text, shares=shares))
    return found
