"""The field's papers, and what here serves each."""

import csv
from functools import cache
from pathlib import Path
from typing import Any

from .index import cards

_PATH = Path(__file__).with_name("papers.csv")


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with _PATH.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def slugs() -> list[str]:
    """Return the slugs of all papers, in the order of the list."""
    return [row["slug"] for row in _rows()]


def papers() -> list[dict[str, Any]]:
    """Return a row for each paper of the field: what serves it, with evidence and an example.

    A row has ``slug``, ``title``, ``kind``, ``status`` ("served" or "not yet"), ``methods`` (for
    each that serves the paper its role, name, import, evidence and example), and ``evidence`` and
    ``example`` of the first.

    Examples
    --------
    >>> row = next(row for row in papers() if row["slug"] == "smote")
    >>> row["methods"][0]["import"], row["methods"][0]["example"]
    ('from rarebird.resample import SMOTE', 'SMOTE(random_state=0)')
    """
    found = []
    for row in _rows():
        serving = [
            {
                "role": card.role,
                "name": card.name,
                "import": "from {} import {}".format(*card.imported_as),
                "evidence": card.evidence,
                "example": card.example,
            }
            for card in cards(papers=row["slug"])
        ]
        first = serving[0] if serving else {"evidence": "", "example": ""}
        status = {"status": "served" if serving else "not yet", "methods": serving}
        found.append({**row, **status, **{key: first[key] for key in ("evidence", "example")}})
    return found
