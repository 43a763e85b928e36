"""Costs as people state them: short texts that may name columns, and CSV files."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np

from rarebird._errors import DataError, ParameterError, class_names, suggest

from .cost_names import REST, class_code, named_costs, split, unquoted
from .costs import cost_matrix

__all__ = ["StatedCosts", "parse_costs"]


@dataclass(frozen=True)
class StatedCosts:
    """What each mistake costs: a number for all rows, or the column that holds it for each row.

    Parameters
    ----------
    text : str
        What was stated, for messages.
    cells : sequence of sequences of float or str, shape (C, C)
        cells[predicted][true], numbers or column names.

    Raises
    ------
    ParameterError
        If every cell is a number and the costs are degenerate.

    Examples
    --------
    >>> costs = parse_costs("fp=1,fn=amount", ["ok", "fraud"])
    >>> costs.columns, costs.for_rows({"amount": [9, 70]})["costs"].tolist()
    (('amount',), [[[0.0, 9.0], [1.0, 0.0]], [[0.0, 70.0], [1.0, 0.0]]])
    """

    text: str
    cells: Sequence[Sequence[float | str]]

    def __post_init__(self) -> None:
        if not self.columns:
            self.matrix()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold costs, each once."""
        found = [cell for row in self.cells for cell in row if isinstance(cell, str)]
        return tuple(dict.fromkeys(found))

    def matrix(self, frame: Any = None) -> np.ndarray:
        """Return the costs as a checked matrix cost[predicted, true], shape (C, C).

        Where a cost is a column it takes rows (a frame as of `for_rows`), and is their mean.

        Raises
        ------
        ParameterError
            If a cost is a column and there are no rows, or the costs are degenerate.
        """
        if not self.columns:
            return cost_matrix(self.cells, len(self.cells))
        if frame is None:
            raise ParameterError(
                f"Costs: {self.columns[0]!r} in {self.text!r} names a column, whose values differ "
                "from row to row, and no rows were given; give a number."
            )
        return cost_matrix(self.for_rows(frame)["costs"].mean(axis=0), len(self.cells))

    def for_rows(self, frame: Any) -> dict[str, np.ndarray]:
        """Return what `CostRule` takes as context for rows: ``{"costs": array (n, C, C)}``.

        It is empty where no cost is a column.

        Parameters
        ----------
        frame : data frame or mapping of arrays
            Rows with the columns that hold costs.

        Raises
        ------
        DataError
            If a column is not there, is not numbers or lacks values.
        """
        found: dict[Any, np.ndarray] = {name: _column(frame, name) for name in self.columns}
        if not found:
            return {}
        cells = np.broadcast_arrays(*(found.get(cell, cell) for row in self.cells for cell in row))
        size = len(self.cells)
        return {"costs": np.stack(cells, axis=-1).astype(float).reshape(-1, size, size)}


def _column(frame: Any, name: str) -> np.ndarray:
    table = nw.from_native(frame, eager_only=True, pass_through=True)
    names = list(table if isinstance(table, Mapping) else table.columns)
    if name not in names:
        raise DataError(
            f"Costs: there is no column {name!r}, which is to hold the cost of each row."
            f"{suggest(name, names)}"
        )
    column = table[name]
    try:
        values = np.asarray(column.to_numpy() if hasattr(column, "to_numpy") else column, float)
    except (TypeError, ValueError) as error:
        raise DataError(f"Costs: the column {name!r} is not numbers ({error}).") from error
    bad = ~np.isfinite(values)
    if bad.any():
        raise DataError(
            f"Costs: the column {name!r} is missing or infinite in {bad.sum()} of {len(values)} "
            f"rows (the first is row {bad.argmax()}). Fill it; a row without a cost cannot be "
            "decided."
        )
    return values


def parse_costs(text: str, classes: Sequence[Any]) -> StatedCosts:
    """Return costs[predicted, true] from a text or a CSV file.

    Parameters
    ----------
    text : str
        ``"fp=1,fn=50"`` for two classes. For any number ``"fn:fraud=20"``, what missing a class
        costs whatever is predicted instead, ``"fp:fraud=3"``, what predicting it wrongly costs,
        and ``"fraud>ok=1"``, what predicting fraud costs where ok is true. The pair stands before
        the class and the class before any mistake (``"fn=2"``; 1 unless given, and where pairs
        alone are given each needs its cost). Being right costs 0 unless it is given. Labels that
        hold a comma, ``=`` or ``>`` are quoted: ``'fn:"a,b"=20'``. Or the path of a CSV file with
        a header of the true classes and a line for each predicted class, which may begin with its
        name. What is not a number is the name of a column: ``"fp=1,fn=amount"``.
    classes : sequence
        The labels in the order of their codes; of two the second is the positive one.

    Raises
    ------
    ParameterError
        If the text cannot be read, a class is unknown, or the costs are degenerate.

    Examples
    --------
    >>> parse_costs("fraud>ok=1,ok>fraud=50", ["ok", "fraud"]).matrix().tolist()
    [[0.0, 50.0], [1.0, 0.0]]
    """
    names = [str(label) for label in classes]
    if text.strip().lower().endswith(".csv") or ("=" not in text and Path(text).is_file()):
        with class_names(names):
            return StatedCosts(text, _read_csv(Path(text.strip()), names))
    parts: dict[str, float | str] = {}
    for part in split(text, ","):
        *key, value = split(part, "=")
        name, value = "=".join(key).strip(), value.strip()
        if not name or not value or name in parts:
            raise ParameterError(
                f"Costs: {part.strip()!r} in {text!r} cannot be read (or is there twice); write "
                '"fp=1,fn=50", "fn:class=20", "predicted>true=cost,..." or the path of a CSV file.'
            )
        parts[name] = number_or_name(value)
    return stated_costs(text, parts, names)


def stated_costs(text: str, costs: Mapping[str, Any], classes: Sequence[Any]) -> StatedCosts:
    """Return costs by name, of these labels, that were stated as a text."""
    with class_names(classes):
        cells, rest = named_costs(costs, classes)
        return StatedCosts(text + f" (any other mistake {REST:g})" * rest, cells)


def number_or_name(value: str) -> float | str:
    """Return a cost as a number, or as the name of the column that holds it."""
    try:
        return float(value)
    except ValueError:
        return unquoted(value)


def _read_csv(path: Path, names: list[str]) -> list[list[float]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = [line for line in csv.reader(file) if any(cell.strip() for cell in line)]
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(f"Costs: {str(path)!r} cannot be read ({error}).") from error
    size = len(names)
    labelled = bool(lines) and len(lines[0]) == size + 1
    if len(lines) != size + 1 or any(len(line) != size + labelled for line in lines):
        raise ParameterError(
            f"Costs: {str(path)!r} needs a header of the {size} true classes and {size} lines of "
            "costs, one for each predicted class."
        )
    true = [class_code(name, names) for name in lines[0][labelled:]]
    predicted = [class_code(line[0], names) for line in lines[1:]] if labelled else true
    if len(set(true)) < size or len(set(predicted)) < size:
        raise ParameterError(f"Costs: {str(path)!r} names a class twice.")
    cost = np.empty((size, size))
    for i, line in zip(predicted, lines[1:], strict=True):
        try:
            cost[i, true] = [float(cell) for cell in line[labelled:]]
        except ValueError:
            raise ParameterError(f"Costs: {str(path)!r}: {line} are not all numbers.") from None
    return cost.tolist()
