"""From a typed table to a matrix of numbers: codes, parts of dates, hashed words, NaN for missing.

Nothing is learned here: category codes are places in the profile's list of levels. What is
learned from data (scales, which levels are frequent) is learned inside a learner, on training
rows only.
"""

from typing import Any

import numpy as np

_DATE_PARTS = ("year", "month", "day", "weekday", "hour")
TEXT_COLUMNS = 128


def _hashed_words(texts: list[str]) -> np.ndarray:
    """Return log(1 + count) of the words of each text, hashed into 128 columns.

    Nothing is learned, so nothing can leak; different words may share a column.

    >>> _hashed_words(["win cash now", ""]).sum(axis=1).round(2).tolist()
    [2.08, 0.0]
    """
    from sklearn.feature_extraction.text import HashingVectorizer

    counts = HashingVectorizer(n_features=TEXT_COLUMNS, alternate_sign=False, norm=None)
    return np.log1p(counts.transform(texts).toarray())


class Codebook:
    """How the columns of a table become the columns of a matrix."""

    def __init__(self, columns: list[tuple[str, str, list[str]]]):
        self.columns = columns  # (name, kind, known categories as text) of the used columns

    @classmethod
    def of(cls, profile: Any) -> "Codebook":
        """Return the codebook of a profile's used columns."""
        return cls([(c.name, c.kind, list(c.levels)) for c in profile.columns if c.used])

    @property
    def names(self) -> list[str]:
        """Names of the matrix's columns."""
        return [name for name, _, _ in self._layout()]

    @property
    def sources(self) -> list[str]:
        """The table's column behind each column of the matrix."""
        return [source for _, source, _ in self._layout()]

    @property
    def categorical(self) -> tuple[int, ...]:
        """Columns of the matrix that hold category codes."""
        return tuple(j for j, (_, _, is_cat) in enumerate(self._layout()) if is_cat)

    def _layout(self) -> list[tuple[str, str, bool]]:
        rows = []
        for name, kind, _ in self.columns:
            if kind == "date":
                rows += [(f"{name} ({part})", name, False) for part in _DATE_PARTS]
            elif kind == "text":
                rows += [(f"{name} (words {k})", name, False) for k in range(TEXT_COLUMNS)]
            else:
                rows.append((name, name, kind == "categorical"))
        return rows

    def matrix(self, typed: Any) -> np.ndarray:
        """Return the float matrix of a typed polars frame (see `rarebird.diagnose.typed_frame`)."""
        import polars as pl

        out = np.empty((typed.height, len(self.names)), dtype=float, order="F")
        j = 0
        for name, kind, levels in self.columns:
            series, parts = typed[name], [typed[name]]
            if kind == "text":
                out[:, j : j + TEXT_COLUMNS] = _hashed_words(series.fill_null("").to_list())
                parts, j = [], j + TEXT_COLUMNS
            elif kind == "date":
                parts = [getattr(series.dt, part)() for part in _DATE_PARTS]
            elif kind == "categorical":
                codes = {level: float(code) for code, level in enumerate(levels)}
                parts = [series.replace_strict(codes, default=None, return_dtype=pl.Float64)]
            for part in parts:
                out[:, j] = part.cast(pl.Float64).to_numpy()
                j += 1
        return out
