"""The index of all cards: read as JSON, so that asking what there is imports no method."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from rarebird._errors import ParameterError, suggest

from .card import ROLES, Card

PATH = Path(__file__).with_name("index.json")


@cache
def load() -> Mapping[str, Any]:
    """Return the index as it was generated: ``cards``, ``counts`` by role and ``references``."""
    if not PATH.is_file():  # before the first `python -m rarebird.registry`
        return {"cards": [], "counts": {}, "references": {}}
    return json.loads(PATH.read_text("utf-8"))


@cache
def _all() -> tuple[Card, ...]:
    return tuple(Card.from_dict(values) for values in load()["cards"])


def simplest_first(cards: list[Card]) -> list[Card]:
    """Return cards by role and, within it, candidates of a study by simplicity, then by name."""
    after = {card.name: card.study.after for card in cards if card.study}

    def depth(name: str) -> int:
        seen: list[str] = []
        while after.get(name) and name not in seen:
            seen.append(name)
            name = after[name]
        return len(seen)

    def order(card: Card) -> tuple[Any, ...]:
        return ROLES.index(card.role), card.study is None, depth(card.name), card.name

    return sorted(cards, key=order)


def _has(card: Card, name: str, value: Any) -> bool:
    found = getattr(card, name)
    return value in found if isinstance(found, tuple) else value == found


def cards(*, task: str | None = None, **wanted: Any) -> list[Card]:
    """Return the cards whose fields have the wanted values, simplest first within a role.

    Parameters
    ----------
    task : str, optional
        Keep the cards that serve this task.
    **wanted
        Any field of `Card`; for a field that is a tuple, the value it must hold.

    Examples
    --------
    >>> [card.name for card in cards(role="resampler", papers="smote")]
    ['smote', 'smoten', 'smotenc']
    """
    if task is not None:
        wanted["tasks"] = task
    return [card for card in _all() if all(_has(card, *item) for item in wanted.items())]


def method(role: str, name: str) -> Any:
    """Return the method that carries the card ``name`` in ``role``, importing its module.

    Raises
    ------
    ParameterError
        If there is none; near names are suggested.
    """
    found = {card.name: card for card in _all() if card.role == role}
    if name not in found:
        raise ParameterError(f"No {role} is called {name!r}.{suggest(name, found)}")
    module, _, attribute = found[name].object.partition(":")
    return getattr(import_module(module), attribute)
