"""What every registered method must do, written once; `test_contract` runs it for every card."""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils import get_tags

from contract.rare import RARE, Rare
from rarebird import registry
from rarebird._errors import RarebirdError
from rarebird.registry import Card

# What is asked of a role's methods; the first method of a new role brings a line, and checks.
KIND = {
    "resampler": "resampler",
    "draw": "draw",
    "scheme": "scheme",
    "ensemble": "estimator",
    "estimator": "estimator",
    "learner": "estimator",
    "decision": "part",
    "calibrator": "part",
    "correction": "part",
    "metric": "metric",
    "loss": "loss",
    "check": "check",
}
MANY_COSTS = [[0, 5, 5], [1, 0, 5], [1, 1, 0]]


@dataclass(frozen=True)
class Method:
    """A registered method and what the checks must know of it."""

    card: Card
    object: Any

    @property
    def kind(self) -> str:
        """What is asked of it; an unknown role is an error."""
        return KIND[self.card.role]

    @property
    def id(self) -> str:
        """Return the role and the name."""
        return f"{self.card.role}-{self.card.name}"

    @property
    def takes_missing(self) -> bool:
        """Whether missing values may be in its input."""
        return get_tags(self.make()).input_tags.allow_nan

    def make(self, case: Rare | None = None) -> Any:
        """Return the card's example; a case may bring categorical columns or a third class."""
        given = {
            name: clone(value, safe=False) if hasattr(value, "get_params") else value
            for name, value in self.card.arguments().items()
        }
        if "categorical" in inspect.signature(self.object).parameters and case is not None:
            given["categorical"] = case.categorical
        if self.card.name == "costs" and case is not None and len(case.classes) == 3:
            given["costs"] = MANY_COSTS
        return self.object(**given)


def methods() -> list[Method]:
    """Return every registered method whose extras are installed."""
    return [Method(found.card, found) for found in map(_found, registry.cards()) if found]


def absent() -> list[Card]:
    """Return the cards of methods whose extras are not installed."""
    return [card for card in registry.cards() if _found(card) is None]


def _found(card: Card) -> Any:
    try:
        return registry.method(card.role, card.name)
    except ImportError:
        assert card.requires, f"{card.name} cannot be imported"
        return None


@dataclass(frozen=True)
class Check:
    """A check, the kinds of method it is for, and whether it runs on each rare case."""

    name: str
    kinds: tuple[str, ...]
    function: Callable[..., None]
    per_case: bool


CHECKS: list[Check] = []


def check(*kinds: str, per_case: bool = False) -> Callable:
    def add(function: Callable[..., None]) -> Callable[..., None]:
        if function.__name__ in {one.name for one in CHECKS}:  # doctest imports a file again
            return function
        CHECKS.append(Check(function.__name__, kinds, function, per_case))
        return function

    return add


def pairs() -> Iterator[tuple[Method, Check, str]]:
    """Yield (method, check, name of the rare case or "")."""
    for method in methods():
        for one in CHECKS:
            if method.kind in one.kinds:
                for case in RARE if one.per_case else [""]:
                    yield method, one, case


EVERY = tuple(dict.fromkeys(KIND.values()))


# --- every card ---------------------------------------------------------------------------------


@check(*EVERY)
def the_card_is_complete(method: Method) -> None:
    card = method.card
    assert re.fullmatch(r"[a-z0-9@%.-]+", card.name)
    assert card.summary.endswith(".") and card.summary[0].isupper()
    assert len(card.evidence) >= len("closed form")
    assert card.rare_cases, "say what an absent, single or tiny class does"
    assert card.arguments() is not card.arguments()
    json.dumps(card.as_dict())


@check("estimator", "part", "check", "resampler", "draw", "scheme")
def the_docstring_has_an_example_that_runs(method: Method) -> None:
    doc = inspect.getdoc(method.object) or ""
    assert doc.split("\n")[0].endswith(".")
    assert ">>> " in doc, "a runnable example is missing"
    if inspect.isclass(method.object):
        assert method.object.__doc__ is not None, "the docstring is inherited"
        assert method.object.card is method.card


def assert_probabilities(proba: np.ndarray, shape: tuple[int, int]) -> None:
    assert proba.shape == shape
    assert np.all(np.isfinite(proba)) and proba.min() >= 0
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-9)


def assert_names_a_class_and_its_count(error: RarebirdError, case: Rare) -> None:
    words = re.findall(r"[\w-]+", str(error))
    labels = case.classes if np.isin(case.y, case.classes).all() else np.unique(case.y)
    counts = {str(label): str(int(np.sum(case.y == label))) for label in labels}
    assert any(label in words and n in words for label, n in counts.items()), str(error)
