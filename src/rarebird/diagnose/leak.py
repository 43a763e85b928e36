"""Rows of one side of a split that were made from rows of the other."""

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from rarebird._errors import DataError, ParameterError, ParameterTypeError
from rarebird._random import RandomState
from rarebird.data.frames import to_polars
from rarebird.tables.plan import NO_ROW

from .check import some
from .interpolated import interpolated_rows
from .shared import shared_rows

__all__ = ["LeakReport", "assert_no_leak", "find_leaks"]

MAX_CELLS = 50_000_000  # of a sparse matrix that is compared by value
_WHO = "assert_no_leak"
_NO_ROWS, _NO_PAIRS = np.zeros(0, dtype=np.intp), np.zeros((0, 2), dtype=np.intp)


@dataclass(frozen=True, eq=False)
class LeakReport:
    """What a search for leaks looked at and found.

    Parameters
    ----------
    n_train, n_test : int
        Rows of the two sides.
    copies : ndarray of int
        Test rows that have the features of a training row.
    children : ndarray of int
        Test rows that share an original row with a training row, by the lineage given.
    in_line, through : ndarray of int of shape (h,) and (h, 2)
        Test rows in line with two near training rows, as interpolated rows are, and those two.
    n_searched : int
        Test rows looked at for that; 0 where the lineage answers the question.
    n_evident : int
        Columns in which interpolation shows; with fewer than two it is not seen.
    """

    n_train: int
    n_test: int
    copies: np.ndarray
    children: np.ndarray
    in_line: np.ndarray
    through: np.ndarray
    n_searched: int
    n_evident: int

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not (len(self.children) or len(self.copies) or len(self.in_line))

    def describe(self) -> str:
        """Return what was found as plain sentences."""
        found = []
        if len(self.children):
            found.append(
                f"{len(self.children):,} of {self.n_test:,} test rows and a training row come from "
                f"one original row (test rows {some(self.children.tolist())})."
            )
        if len(self.copies):
            found.append(
                f"{len(self.copies):,} of {self.n_test:,} test rows have the features of a "
                f"training row (test rows {some(self.copies.tolist())})."
            )
        if len(self.in_line):
            x, (a, b) = self.in_line[0], self.through[0]
            found.append(
                f"{len(self.in_line):,} of {self.n_searched:,} test rows looked at are in line "
                f"with two near training rows, as rows made by SMOTE are (test rows "
                f"{some(self.in_line.tolist())}; {x} with the training rows {a} and {b})."
            )
        if not found:
            found = [f"No row of {self.n_test:,} is shared or made from training rows."]
            if self.n_searched and self.n_evident < 2:
                found.append(
                    "Rows made by interpolation would not be seen, as fewer than two columns hold "
                    "numbers of more than a few digits."
                )
        return " ".join(found)


def find_leaks(
    train: Any,
    test: Any,
    *,
    train_rows: Any = None,
    test_rows: Any = None,
    digits: int | None = 6,
    tolerance: float | None = None,
    max_rows: int | None = 2000,
    random_state: RandomState = 0,
) -> LeakReport:
    """Look for test rows that training rows are copies, children or parents of.

    Parameters as `assert_no_leak`, which raises where this returns what was found.

    Examples
    --------
    >>> X = np.arange(12.0).reshape(6, 2)
    >>> find_leaks(X[:4], X[3:]).copies.tolist()
    [0]
    """
    (X, y), (X_test, y_test) = _parted(train), _parted(test)
    frame, other = _frame(X), _frame(X_test)
    n, m = frame.height, other.height
    for side, rows, labels in (("train", n, y), ("test", m, y_test)):
        if labels is not None and len(labels) != rows:
            raise DataError(
                f"{_WHO}: {side} has {rows} rows and {len(labels)} labels; give one for each row."
            )
    if (train_rows is None) != (test_rows is None):
        raise ParameterError(
            f"{_WHO}: train_rows and test_rows number the rows of one table; give both or neither."
        )
    if frame.width != other.width:
        raise DataError(f"{_WHO}: {frame.width} columns in training and {other.width} in test.")
    frame, other = _matched(frame, other, _has_names(X) and _has_names(X_test))
    copies = np.flatnonzero(shared_rows(frame, other, digits=digits))
    if train_rows is not None:
        mine, theirs = _origins(train_rows, n, "train_rows"), _origins(test_rows, m, "test_rows")
        shared = np.isin(theirs, mine[mine != NO_ROW])
        children = np.flatnonzero(shared.any(axis=1))
        return LeakReport(n, m, copies, children, _NO_ROWS, _NO_PAIRS, 0, 0)
    numeric = [
        name
        for name in frame.columns
        if frame.schema[name].is_numeric() and other.schema[name].is_numeric()
    ]
    found = interpolated_rows(
        frame.select(numeric).to_numpy() if numeric else np.zeros((n, 0)),
        other.select(numeric).to_numpy() if numeric else np.zeros((m, 0)),
        y_train=y,
        y_test=y_test,
        tolerance=tolerance,
        max_rows=max_rows,
        random_state=random_state,
    )
    evident = len(found.columns)
    return LeakReport(n, m, copies, _NO_ROWS, found.rows, found.through, found.n_searched, evident)


def assert_no_leak(
    train: Any,
    test: Any,
    *,
    train_rows: Any = None,
    test_rows: Any = None,
    allow_copies: bool = False,
    digits: int | None = 6,
    tolerance: float | None = None,
    max_rows: int | None = 2000,
    random_state: RandomState = 0,
) -> LeakReport:
    """Raise where rows made from one side of a split, or copies of them, are on the other.

    Where there are none, return what was looked at.

    Parameters
    ----------
    train, test : table of shape (n, d) and (m, d), or a tuple of the table and its labels
        Arrays, sparse matrices or data frames; columns match by name, or in order where a side has
        no names. With labels, interpolated rows are looked for within their class.
    train_rows, test_rows : array-like, fitted resampler or tuple, optional
        Where the rows come from, as row numbers of one table for both sides: of shape (n,), or
        (n, p) with all parents of a row, filled up with -1; or the resampler whose output the
        side is; or, if that resampler was given some rows of the table only, a tuple of it and
        their numbers. With them children are known, without they are searched for.
    allow_copies : bool, default=False
        Let test rows with the features of a training row pass: where features have few values,
        copies are natural.
    digits : int or None, default=6
        Significant digits to which features of copies agree; ``None``: exactly.
    tolerance, max_rows, random_state : float, int, int
        Of the search: see `rarebird.diagnose.interpolated_rows`.

    Raises
    ------
    DataError
        If test rows are copies, children or parents of training rows, or the sides do not fit.
    ParameterError, ParameterTypeError
        If only one side's rows are numbered, or a resampler does not say where they come from.

    Notes
    -----
    Without lineage, rows made by adding noise (ROSE) are not seen, nor are interpolated rows of
    whole numbers or of categories: see `rarebird.diagnose.interpolated_rows`. O((n + m) d), and
    ``max_rows`` searches for neighbours.

    Examples
    --------
    >>> from rarebird.resample import SMOTE
    >>> X = np.random.default_rng(0).normal(size=(60, 3))
    >>> y = np.repeat([0, 1], [40, 20])
    >>> assert_no_leak((X[::2], y[::2]), (X[1::2], y[1::2])).clean
    True
    >>> X_new, y_new = SMOTE(random_state=0).fit_resample(X, y)
    >>> find_leaks((X_new[::2], y_new[::2]), (X_new[1::2], y_new[1::2])).clean
    False
    """
    report = find_leaks(
        train,
        test,
        train_rows=train_rows,
        test_rows=test_rows,
        digits=digits,
        tolerance=tolerance,
        max_rows=max_rows,
        random_state=random_state,
    )
    made = len(report.children) or len(report.in_line)
    if not made and (allow_copies or not len(report.copies)):
        return report
    copies = " If equal rows are natural in this table, allow_copies=True lets them pass."
    raise DataError(
        f"{_WHO}: {report.describe()} Split first, and resample the training part only: "
        "rarebird.pipeline.make_pipeline(SMOTE(), model) and ResampledClassifier(SMOTE(), model) "
        f"do so inside every fold.{'' if made else copies}"
    )


def _parted(side: Any) -> tuple[Any, Any]:
    if not isinstance(side, tuple):
        return side, None
    if len(side) != 2:
        raise DataError(f"{_WHO}: a tuple of {len(side)}; give a table, or (table, labels).")
    X, y = side
    return X, np.asarray(y).ravel()


def _frame(X: Any) -> Any:
    """Return any table as a polars frame."""
    if sparse.issparse(X):
        if np.prod(X.shape) > MAX_CELLS:
            raise DataError(
                f"{_WHO}: a sparse matrix of shape {X.shape} is too large to be compared by value "
                f"(at most {MAX_CELLS:,} cells). Give some of its rows."
            )
        X = X.toarray()
    if isinstance(X, (list, np.ndarray)):
        X = np.asarray(X)
        if X.ndim != 2:
            raise DataError(f"{_WHO}: an array of {X.ndim} dimensions; expected rows by columns.")
        objects = X.dtype.kind in "OUS"
        X = {str(j): _column(part.tolist()) if objects else part for j, part in enumerate(X.T)}
        return pl.DataFrame(X)
    return to_polars(X)


def _has_names(X: Any) -> bool:
    """Say whether a table names its columns; pandas numbers those that have no names."""
    if isinstance(X, (list, np.ndarray)) or sparse.issparse(X):
        return False
    return not hasattr(X, "iloc") or list(X.columns) != list(range(len(X.columns)))


def _matched(frame: Any, other: Any, by_name: bool) -> tuple[Any, Any]:
    """Return both sides with the same names in the same order."""
    if not by_name:
        names = [str(j) for j in range(frame.width)]
        frame = frame.rename(dict(zip(frame.columns, names, strict=True)))
        return frame, other.rename(dict(zip(other.columns, names, strict=True)))
    mine, theirs = frame.columns, other.columns
    if set(mine) != set(theirs):
        only = [[c for c in mine if c not in theirs], [c for c in theirs if c not in mine]]
        raise DataError(
            f"{_WHO}: the columns {some(only[0])} are in training only and {some(only[1])} in test "
            "only. Rename them, or give arrays, whose columns match in order."
        )
    return frame, other.select(mine)


def _column(values: list) -> list:
    """Return objects as numbers where all of them are, and else as text."""
    known = [v for v in values if v is not None]
    kind = float if all(isinstance(v, Real) and not isinstance(v, bool) for v in known) else str
    return [None if v is None else kind(v) for v in values]


def _origins(rows: Any, n: int, name: str) -> np.ndarray:
    """Return the original rows of each row of a side, shape (n, p), filled up with -1."""
    numbers = None
    if isinstance(rows, tuple) and len(rows) == 2 and hasattr(rows[0], "fit_resample"):
        rows, numbers = rows[0], np.asarray(rows[1])
    if hasattr(rows, "fit_resample"):
        found = getattr(rows, "parents_", getattr(rows, "sample_indices_", None))
        if found is None:
            raise ParameterTypeError(
                f"{_WHO}: {name}: {type(rows).__name__} does not say where its rows come from (or "
                "has not resampled yet). Give row numbers, or use a resampler of rarebird."
            )
        rows = found
    rows = np.asarray(rows)
    rows = rows[:, None] if rows.ndim == 1 else rows
    if rows.ndim != 2 or rows.dtype.kind not in "iu" or len(rows) != n:
        raise DataError(
            f"{_WHO}: {name} has shape {rows.shape} and type {rows.dtype}; expected whole numbers "
            f"for {n} rows."
        )
    if numbers is None or not rows.size:
        return rows
    if rows.max() >= len(numbers):
        raise DataError(
            f"{_WHO}: {name}: the resampler was given at least {rows.max() + 1} rows, but "
            f"{len(numbers)} numbers are given for them."
        )
    return np.where(rows == NO_ROW, NO_ROW, numbers[rows])
