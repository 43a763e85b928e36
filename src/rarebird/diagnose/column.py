"""What a column is: numbers, categories, dates, text, an identifier or a constant."""

import re
from dataclasses import dataclass
from typing import Any

import polars as pl

__all__ = ["Column"]

KINDS = ("numeric", "categorical", "boolean", "date", "text", "identifier", "constant")
MAX_LEVELS = 10_000
DATE_FORMATS = (
    "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.fZ",
    "%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M",
    "%Y/%m/%d", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S",
    "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
)  # fmt: skip
_ID_NAME = re.compile(r"(?:^|[_\W])(?i:id|uuid|guid|index|idx|rowid|rownum)$|[a-z]I[dD]$")
_UUID = r"(?i)^\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?$"


@dataclass(frozen=True)
class Column:
    """One column of a table, as the study sees it.

    Parameters
    ----------
    name, dtype : str
        Its name, and the type it came with.
    kind : str
        One of numeric, categorical, boolean, date, text, identifier and constant.
    n_missing, n_infinite : int
        Missing values, NaN and infinite ones among them; infinite ones.
    n_unique : int
        Different values, missing ones not counted.
    used, why : bool, str
        Whether it is a feature, and why not.
    levels : tuple of str
        The categories, most frequent first, ties by name; at most 10,000.
    format : str
        For dates that came as text: how they are written.
    """

    name: str
    kind: str
    dtype: str
    n_missing: int
    n_unique: int
    used: bool = True
    why: str = ""
    levels: tuple[str, ...] = ()
    format: str = ""
    n_infinite: int = 0

    @property
    def converted(self) -> bool:
        """Whether text was read as numbers or dates."""
        return self.kind in ("numeric", "date") and self.dtype in ("String", "Categorical", "Enum")


def id_like(name: str) -> bool:
    """Say whether a column's name ends like an identifier's.

    Examples
    --------
    >>> [id_like(name) for name in ("customer_id", "CustomerID", "id", "paid", "Unnamed: 0")]
    [True, True, True, False, True]
    """
    unnamed = ("", "Unnamed: 0", "__index_level_0__")
    return name in unnamed or _ID_NAME.search(name) is not None


def describe(series: Any, *, keep: bool = False) -> Column:
    """Find out what one polars column is; with ``keep`` it is no identifier.

    Integers stay numeric however few values they have; a float is never an identifier. An
    identifier is: integers that differ in every row and rise, fall or fill a range; text that
    differs in every row (in 90% of them where the name says id) or is made of UUIDs. O(n log n).
    """
    name, dtype = series.name, str(series.dtype).split("(")[0]
    if series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object):
        why = f"values of type {dtype} are not columns"
        return Column(name, "text", dtype, series.null_count(), 0, False, why)
    infinite = 0
    if series.dtype.is_float():
        infinite = int(series.is_infinite().sum())
        series = series.set(~series.is_finite(), None)
    n_missing, n_unique = series.null_count(), series.drop_nulls().n_unique()
    known = len(series) - n_missing

    def column(kind: str, why: str = "", **more: Any) -> Column:
        return Column(
            name, kind, dtype, n_missing, n_unique, not why, why, n_infinite=infinite, **more
        )

    if n_unique == 0:
        return column("constant", "every value is missing")
    if n_unique == 1 and n_missing == 0:
        return column("constant", f"every value is {str(series[0])[:40]!r}")
    if series.dtype == pl.Boolean:
        return column("boolean")
    if series.dtype in (pl.Date, pl.Datetime):
        return column("date")
    if not keep and series.dtype.is_integer() and _integer_id(series, name, known, n_unique):
        return column("identifier", "whole numbers that name the rows")
    if series.dtype.is_numeric() or series.dtype in (pl.Duration, pl.Time):
        return column("numeric")
    text = series.cast(pl.String)
    form = _date_format(text)
    if form:
        return column("date", format=form)
    if _all_numbers(text):
        whole = text.cast(pl.Int64, strict=False)
        is_whole = whole.null_count() == n_missing
        if not keep and is_whole and _integer_id(whole, name, known, n_unique):
            return column("identifier", "whole numbers that name the rows")
        return column("numeric")
    if known >= 3 and n_unique > 0.5 * known and _is_text(text):
        return column("text")
    if not keep and _text_id(text, name, known, n_unique):
        return column("identifier", f"{n_unique} different values in {known} rows")
    return column("categorical", levels=_levels(text))


def _integer_id(series: Any, name: str, known: int, n_unique: int) -> bool:
    if known < 3 or n_unique <= 0.9 * known:
        return False
    if id_like(name):
        return True
    if n_unique < known or series.null_count():
        return False
    if series.is_sorted() or series.is_sorted(descending=True):
        return True
    return known >= 20 and int(series.max()) - int(series.min()) + 1 == known


def _text_id(text: Any, name: str, known: int, n_unique: int) -> bool:
    if known < 3 or n_unique <= 0.9 * known:
        return False
    if id_like(name) or (n_unique == known and known >= 20):
        return True
    return bool(text.drop_nulls().str.contains(_UUID).mean() > 0.95)


def _is_text(text: Any) -> bool:
    sample = text.drop_nulls().head(5_000)
    words = sample.str.count_matches(r"\s+").mean() + 1
    return bool(words >= 4 or sample.str.len_chars().mean() > 80)


def _all_numbers(text: Any) -> bool:

    def parses(part: Any) -> bool:
        return part.str.strip_chars().cast(pl.Float64, strict=False).is_finite().sum() == len(part)

    known = text.drop_nulls()
    return parses(known.head(200)) and parses(known)


def _date_format(text: Any) -> str:
    """Return the only format that reads every value, or an empty string."""
    known = text.drop_nulls()
    head = known.head(200)
    if not head.str.contains(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].*)?$").all():
        return ""

    def reads(values: Any, form: str) -> bool:
        target = pl.Datetime if "%H" in form else pl.Date
        return values.str.strptime(target, form, strict=False).null_count() == 0

    fits = [form for form in DATE_FORMATS if reads(head, form)]
    fits = [form for form in fits if reads(known, form)]
    both_ways = len(fits) > 1 and fits[0].startswith("%m/")  # 01/02/2020: nobody can know
    return "" if not fits or both_ways else fits[0]


def _levels(text: Any) -> tuple[str, ...]:
    counts = text.alias("level").drop_nulls().value_counts(name="n")
    counts = counts.sort(["n", "level"], descending=[True, False])
    return tuple(counts["level"].head(MAX_LEVELS).to_list())
