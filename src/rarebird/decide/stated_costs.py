"""Costs as people write them: short texts and CSV files."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rarebird._errors import ParameterError, suggest

from .costs import NAMES, cost_matrix

__all__ = ["parse_costs"]


def parse_costs(text: str, classes: Sequence[Any]) -> np.ndarray:
    """Return the cost matrix cost[predicted, true] from a text or a CSV file.

    Parameters
    ----------
    text : str
        ``"fp=1,fn=50"`` for two classes; ``"fraud>ok=1,ok>fraud=50"`` (predicted>true=cost) with
        every mistake for any number of classes, being right costs 0 unless it is given; or the path
        of a CSV file with a header of the true classes and a line for each predicted class, which
        may begin with its name.
    classes : sequence
        The labels in the order of their codes; of two the second is the positive one.

    Raises
    ------
    ParameterError
        If the text cannot be read, a class is unknown, or the costs are degenerate.

    Examples
    --------
    >>> parse_costs("fraud>ok=1,ok>fraud=50", ["ok", "fraud"]).tolist()
    [[0.0, 50.0], [1.0, 0.0]]
    """
    names = [str(label) for label in classes]
    if text.strip().lower().endswith(".csv") or ("=" not in text and Path(text).is_file()):
        return cost_matrix(_read_csv(Path(text.strip()), names), len(names))
    parts: dict[str, float] = {}
    for part in text.split(","):
        key, equals, value = part.strip().rpartition("=")
        try:
            if not equals or key.strip() in parts:
                raise ValueError
            parts[key.strip()] = float(value)
        except ValueError:
            raise ParameterError(
                f"Costs: {part.strip()!r} in {text!r} cannot be read (or is there twice); write "
                '"fp=1,fn=50", "predicted>true=cost,..." or the path of a CSV file.'
            ) from None
    if not any(">" in key for key in parts):
        return cost_matrix(parts, len(names))
    return cost_matrix(_from_pairs(parts, names), len(names))


def _place(name: str, names: list[str]) -> int:
    if name.strip() not in names:
        raise ParameterError(
            f"Costs: class {name.strip()!r} is not among {names}.{suggest(name, names)}"
        )
    return names.index(name.strip())


def _from_pairs(parts: Mapping[str, float], names: list[str]) -> np.ndarray:
    cost = np.where(np.eye(len(names), dtype=bool), 0.0, np.nan)
    for key, value in parts.items():
        predicted, arrow, true = key.partition(">")
        if not arrow:
            raise ParameterError(
                f"Costs: {key!r} is neither fp, fn, tp or tn nor predicted>true."
                f"{suggest(key, NAMES)}"
            )
        cost[_place(predicted, names), _place(true, names)] = value
    if np.isnan(cost).any():
        i, j = np.argwhere(np.isnan(cost))[0]
        raise ParameterError(
            f"Costs: {names[i]}>{names[j]} is missing; every mistake needs its cost."
        )
    return cost


def _read_csv(path: Path, names: list[str]) -> np.ndarray:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = [line for line in csv.reader(file) if any(cell.strip() for cell in line)]
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(f"Costs: {str(path)!r} cannot be read ({error}).") from error
    size = len(names)
    labelled = bool(lines) and len(lines[0]) == size + 1
    wide = size + labelled
    if len(lines) != size + 1 or any(len(line) != wide for line in lines):
        raise ParameterError(
            f"Costs: {str(path)!r} needs a header of the {size} true classes and {size} lines of "
            "costs, one for each predicted class."
        )
    true = [_place(name, names) for name in lines[0][labelled:]]
    predicted = [_place(line[0], names) for line in lines[1:]] if labelled else true
    if len(set(true)) < size or len(set(predicted)) < size:
        raise ParameterError(f"Costs: {str(path)!r} names a class twice.")
    cost = np.empty((size, size))
    for i, line in zip(predicted, lines[1:], strict=True):
        try:
            cost[i, true] = [float(cell) for cell in line[labelled:]]
        except ValueError:
            raise ParameterError(f"Costs: {str(path)!r}: {line} are not all numbers.") from None
    return cost
