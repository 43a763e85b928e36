"""Which columns of a table are numbers and which are categories, and their values."""

from typing import Any

import numpy as np
from scipy import sparse

from rarebird._errors import DataError, ParameterError, suggest
from rarebird._params import Instance, OneOf

from .table import CATEGORY, NUMBER, OTHER, Table

ColumnsRule = OneOf(
    "auto",
    Instance(
        "a list of column numbers or names, or a mask", types=(list, tuple), methods=("__array__",)
    ),
)


def split_columns(table: Table, wanted: Any, owner: str) -> tuple[list[int], list[int]]:
    """Return the numeric columns, and the categorical ones in the order in which they are given.

    ``wanted`` holds indices (negative ones count from the end), names, or a mask of all columns;
    ``"auto"``: text, categories and truth values.

    Raises
    ------
    ParameterError
        If a column does not exist.
    DataError
        If a column that is to be a number is none.
    """
    d = table.n_columns
    if isinstance(wanted, str):
        voted = [j for j, kind in enumerate(table.kinds) if kind not in (NUMBER, OTHER)]
    else:
        voted = _indices(table, wanted, owner)
    numeric = [j for j in range(d) if j not in voted]
    for j in numeric:
        if table.kinds[j] in (CATEGORY, OTHER):
            _check_numbers(table, j, owner)
    return numeric, voted


def _indices(table: Table, wanted: Any, owner: str) -> list[int]:
    given, d = np.asarray(wanted), table.n_columns
    if given.ndim != 1:
        raise ParameterError(
            f"{owner}: categorical_features={wanted!r} must be a flat list. Give columns whose "
            "names are tuples by their indices."
        )
    if given.dtype.kind == "b":
        if len(given) != d:
            raise ParameterError(
                f"{owner}: the mask categorical_features has {len(given)} values, X has {d} "
                "columns; give one for each."
            )
        return np.flatnonzero(given).tolist()
    indices = []
    for item in given.tolist():
        if isinstance(item, str):
            if table.names is None or item not in table.names:
                hint = suggest(item, table.names or [])
                more = hint if table.names is not None else " X has no names; give numbers."
                raise ParameterError(f"{owner}: {item!r} is not a column of X.{more}")
            item = table.names.index(item)
        if not isinstance(item, int) or not -d <= item < d:
            raise ParameterError(
                f"{owner}: categorical_features: {item!r} is no column; all features must be in "
                f"[0, {d - 1}] or [-{d}, -1]. Numbers are indices, even where names are numbers "
                "too."
            )
        indices.append(item % d)
    return list(dict.fromkeys(indices))


def _check_numbers(table: Table, column: int, owner: str) -> None:
    try:
        table.matrix([column])
    except DataError:
        what = f"holds neither numbers nor categories ({table.kinds[column]})"
        where = "in categorical_features"
        if table.kinds[column] == CATEGORY:
            what, where = "is a category that is not named in categorical_features", "there"
        raise DataError(
            f"{owner}: column {table.name(column)} {what}. Name it {where} to keep its values "
            "as they are, make numbers of it (of a date: days since another), or leave it out."
        ) from None


def read_columns(
    table: Table, numeric: list[int], voted: list[int], owner: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers, missing ones NaN, and the categories' codes, missing ones -1.

    Raises
    ------
    DataError
        If a number is infinite.
    """
    X = table.matrix(numeric)
    X = X.toarray() if sparse.issparse(X) else X
    if X.dtype.kind == "f" and np.isinf(X).any():
        worst = numeric[int(np.isinf(X).any(axis=0).argmax())]
        raise DataError(
            f"{owner}: X contains infinity, in column {table.name(worst)}; replace it by a number."
        )
    codes = np.empty((table.n_rows, len(voted)), dtype=np.int32)
    for position, column in enumerate(voted):
        codes[:, position] = table.codes(column)
    return X, codes


def finite_numbers(table: Table, owner: str, *, missing_too: bool = False) -> Any:
    """Return all columns as numbers, an ndarray or CSR matrix, finite or (``missing_too``) missing.

    Raises
    ------
    DataError
        If a column holds no numbers, or a value is infinite, or missing where none may be.
    """
    X = table.matrix()
    values = X.data if sparse.issparse(X) else X
    if values.dtype.kind != "f" or np.isfinite(values.sum(dtype=float)):
        return X
    if np.isinf(values).any():
        raise DataError(f"{owner}: X contains infinity; replace it by a number.")
    missing = np.isnan(values)
    if missing.any() and not missing_too:
        where = ""
        if not sparse.issparse(X):
            counts = missing.sum(axis=0)
            worst = int(np.argmax(counts))
            where = f", {counts.sum()} in all, {counts[worst]} of them in column "
            where += table.name(worst)
        raise DataError(
            f"{owner}: X contains NaN{where}. Fill the missing values (SimpleImputer, say), or use "
            "SMOTE, RandomOverSampler or RandomUnderSampler, which take them as they are."
        )
    return X


def levels_of(codes: np.ndarray) -> np.ndarray:
    """Return codes of shape (n, c) with missing, -1, as a level above all others.

    Examples
    --------
    >>> levels_of(np.array([[0], [-1], [1]])).ravel().tolist()
    [0, 2, 1]
    """
    return np.where(codes < 0, codes.max(axis=0, initial=0) + 1, codes)
