"""``rarebird papers``."""

from typing import Annotated, Any

import typer


def _served(row: dict[str, Any]) -> str:
    if not row["methods"]:
        return row["status"]
    names = ", ".join(f"{method['role']} {method['name']}" for method in row["methods"])
    return f"{names} ({row['evidence']}; {row['example']})"


def papers(
    json: Annotated[bool, typer.Option("--json", help="A list of papers, for programs.")] = False,
) -> None:
    """List the field's papers: what here serves each, and what it was compared with."""
    from rarebird.registry import papers as rows

    from .table import show

    found = rows()
    if json:
        import json as encoder

        typer.echo(encoder.dumps(found, indent=1, ensure_ascii=False))
        return
    show(
        ("paper", "served by (compared with; example)"),
        [(row["slug"], _served(row)) for row in found],
    )
