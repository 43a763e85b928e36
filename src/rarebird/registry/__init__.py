"""The only list of methods: a card on every public method, and an index of all cards.

Documentation, ``rarebird methods``, the contract tests, the study's candidates and the list of
types that a model file may hold come from here. The index is generated from the cards by
``python -m rarebird.registry`` and read without importing any method.
"""

from .card import EXTRAS, INPUTS, PLACES, ROLES, TASKS, Card, StudyUse, register
from .index import cards, method
from .papers import papers

__all__ = [
    "EXTRAS",
    "INPUTS",
    "PLACES",
    "ROLES",
    "TASKS",
    "Card",
    "StudyUse",
    "cards",
    "method",
    "papers",
    "register",
]


def __dir__() -> list[str]:
    return __all__
