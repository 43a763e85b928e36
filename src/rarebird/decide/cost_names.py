"""What a mistake may be called where costs are stated: fp, fn:8, fraud>ok."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rarebird._errors import ParameterError, suggest

NAMES = {"tn": (0, 0), "fn": (0, 1), "fp": (1, 0), "tp": (1, 1)}
REST = 1.0  # of a mistake that nothing names, where classes are named
# a label in quotes, which begin where a label may begin: the one in it's is none
_QUOTED = re.compile(r"""(?<![^\s,=>:])("(?:[^"]|"")*"|'(?:[^']|'')*')""")
_Cell = tuple[int, int]
_Found = dict[_Cell, dict[str, Any]]  # what each name says of a cell


def named_costs(costs: Mapping[str, Any], labels: Sequence[Any]) -> tuple[list[list[Any]], bool]:
    """Return costs by name as cells[predicted][true], and whether `REST` had to stand in.

    A pair ``predicted>true`` stands before ``fn:LABEL`` (that class is missed, whatever is
    predicted) and ``fp:LABEL`` (it is predicted wrongly), and these before ``fp`` and ``fn``: of
    two classes the second one's, of more any mistake. Being right costs 0 unless it is given.

    >>> named_costs({"fn:high": 20, "mid>low": 3}, ["low", "mid", "high"])
    ([[0.0, 1.0, 20], [3, 0.0, 20], [1.0, 1.0, 0.0]], True)
    """
    names = [str(label) for label in labels]
    pairs, by_class, usual = found = _Found(), _Found(), _Found()
    for key, value in costs.items():
        level, cells = _cells(str(key).strip(), names)
        for cell in cells:
            found[level].setdefault(cell, {})[str(key)] = value
    codes, rest = range(len(names)), []
    cells_of: list[list[Any]] = [[0.0 for _ in codes] for _ in codes]
    for cell in ((i, j) for i in codes for j in codes):
        said = next((level[cell] for level in found if cell in level), None)
        if said is not None:
            cells_of[cell[0]][cell[1]] = _agreed(said, cell, names, usual.get(cell) is said)
        elif cell[0] != cell[1]:
            rest.append(cell)
            cells_of[cell[0]][cell[1]] = REST
    if rest and not by_class:
        i, j = rest[0]
        name = f"{names[i]}>{names[j]}"
        if not pairs:  # one of the two names of two classes
            name = next(repr(key) for key, cell in NAMES.items() if cell == (i, j))
        raise ParameterError(f"Costs: {name} is missing; every mistake needs its cost.")
    return cells_of, bool(rest)


def _agreed(said: Mapping[str, Any], cell: _Cell, names: list[str], usual: bool) -> Any:
    """Return the one cost that is said of a cell, or say what contradicts."""
    values = list(said.values())
    if len(said) == 1 or all(value == values[0] for value in values):
        return values[0]
    first, second, *_ = said
    predicted, true = (names[code] for code in cell)
    pair = ">".join(repr(name) if set(name) & set(",=>\"'") else name for name in (predicted, true))
    if usual:
        raise ParameterError(
            f"Costs: of {len(names)} classes every mistake is both a false alarm and a miss, so "
            f"{first}={said[first]} and {second}={said[second]} contradict each other. Give one of "
            f"them for any mistake, and name classes beside it, like fn:{names[-1]}=20."
        )
    raise ParameterError(
        f"Costs: {first}={said[first]} and {second}={said[second]} contradict each other where "
        f"{predicted!r} is predicted and {true!r} is true; say what that costs, like "
        f"{pair}={said[first]}."
    )


def _cells(key: str, names: list[str]) -> tuple[int, list[_Cell]]:
    """Return how specific a name is (0 is most), and its cells."""
    codes = range(len(names))
    kind, colon, label = key.partition(":")
    if colon and kind.strip() in ("fp", "fn"):
        code = class_code(label, names)
        pairs = [(code, other) if kind.strip() == "fp" else (other, code) for other in codes]
        return 1, [pair for pair in pairs if pair[0] != pair[1]]
    if key in NAMES and len(names) == 2:
        return 2, [NAMES[key]]
    if key in ("fp", "fn"):
        return 2, [(i, j) for i in codes for j in codes if i != j]
    if key in NAMES:
        raise ParameterError(
            f"Costs: {key!r} is for two classes, and there are {len(names)}. Write "
            f"{names[0]}>{names[0]}=cost for being right about a class."
        )
    return 0, [_pair(key, names)]


def _pair(key: str, names: list[str]) -> _Cell:
    """Return the cell of ``predicted>true``; a label may hold a ``>`` itself."""
    pieces = split(key, ">")
    ways = [(">".join(pieces[:i]), ">".join(pieces[i:])) for i in range(1, len(pieces))]
    if not ways:
        raise ParameterError(
            f"Costs: {key!r} is unknown; write fp or fn, fp:CLASS or fn:CLASS, or predicted>true."
            f"{suggest(key, NAMES)}"
        )
    known = [way for way in ways if all(unquoted(part) in names for part in way)]
    predicted, true = (known or ways)[0]
    return class_code(predicted, names), class_code(true, names)


def split(text: str, sign: str) -> list[str]:
    """Split a text at a sign outside quotes."""
    pieces = [""]
    for i, part in enumerate(_QUOTED.split(text)):
        first, *others = [part] if i % 2 else part.split(sign)
        pieces[-1] += first
        pieces += others
    return pieces


def unquoted(text: str) -> str:
    """Return a text without the quotes around it, if it has any.

    >>> unquoted("'a,b'"), unquoted(" a b ")
    ('a,b', 'a b')
    """
    text = text.strip()
    if not _QUOTED.fullmatch(text):
        return text
    return text[1:-1].replace(text[0] * 2, text[0])


def class_code(text: str, names: list[str]) -> int:
    """Return the code of a label, which may be in quotes."""
    name = unquoted(text)
    if name not in names:
        raise ParameterError(f"Costs: class {name!r} is not among {names}.{suggest(name, names)}")
    return names.index(name)
