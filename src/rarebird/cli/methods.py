"""``rarebird methods``."""

from typing import Annotated

import typer

from rarebird.registry import PLACES, ROLES, TASKS, cards


def _completed(known: tuple[str, ...]):
    return lambda incomplete: [value for value in known if value.startswith(incomplete)]


def methods(
    place: Annotated[
        str | None,
        typer.Option(help=f"{', '.join(PLACES)}.", autocompletion=_completed(PLACES)),
    ] = None,
    task: Annotated[
        str | None, typer.Option(help=f"{', '.join(TASKS)}.", autocompletion=_completed(TASKS))
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(
            help=f"{', '.join(dict.fromkeys(card.role for card in cards()))}.",
            autocompletion=_completed(ROLES),
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="A list of cards, for programs.")] = False,
) -> None:
    """List the methods: what each does, and what its implementation was compared with."""
    from rarebird._errors import ParameterError, suggest

    from .table import show

    wanted = {"place": (place, PLACES), "task": (task, TASKS), "role": (role, ROLES)}
    for name, (value, known) in wanted.items():
        if value is not None and value not in known:
            raise ParameterError(
                f"--{name}={value!r} is not allowed; one of {', '.join(known)}."
                + suggest(value, known)
            )
    found = cards(**{name: value for name, (value, _) in wanted.items() if value is not None})
    if json:
        import json as encoder

        typer.echo(encoder.dumps([card.as_dict() for card in found], indent=1, ensure_ascii=False))
        return
    show(
        ("role", "name", "place", "what it does (and what it was compared with)"),
        [(c.role, c.name, c.place, f"{c.summary} ({c.evidence})") for c in found],
    )
