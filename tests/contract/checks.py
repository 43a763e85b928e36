"""What every registered method must do, written once; `test_contract` runs it for every card."""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils import get_tags

from contract.rare import RARE, Rare
from rarebird import registry
from rarebird._errors import RarebirdError
from rarebird.registry import Card

# What is asked of a role's methods; the first method of a new role brings a line, and checks.
KIND = {
    "resampler": "resampler",
    "ensemble": "estimator",
    "estimator": "estimator",
    "learner": "estimator",
    "decision": "part",
    "calibrator": "part",
    "correction": "part",
    "metric": "metric",
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
    """Return every registered method."""
    found = [registry.method(card.role, card.name) for card in registry.cards()]
    return [Method(method.card, method) for method in found]


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


@check("estimator", "part", "check", "resampler")
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


# --- metrics ------------------------------------------------------------------------------------


def _output(method: Method, proba: np.ndarray) -> np.ndarray:
    return proba.argmax(axis=1) if method.object.needs == "labels" else proba


@check("metric", per_case=True)
def a_metric_of_a_rare_case_is_a_number_or_nan_for_one_class(method: Method, case: Rare) -> None:
    value = method.object(case.codes, _output(method, case.proba), n_classes=len(case.classes))
    assert isinstance(value, float)
    if np.isnan(value):
        assert len(np.unique(case.y)) == 1
        assert "nan" in method.card.rare_cases


@check("metric")
def a_perfect_output_beats_a_wrong_one(method: Method) -> None:
    y = np.repeat([0, 1, 2], 20)
    for codes in (y, np.minimum(y, 1)):
        right = np.eye(codes.max() + 1)[codes]
        wrong = np.roll(right, 1, axis=1)
        gain = method.object(codes, _output(method, right)) - method.object(
            codes, _output(method, wrong)
        )
        assert gain > 0 if method.object.greater_is_better else gain < 0


@check("metric")
def rows_may_come_in_any_order(method: Method) -> None:
    case = RARE["string_labels"]()
    order = np.random.default_rng(0).permutation(len(case.y))
    output = _output(method, case.proba)
    one, two = method.object(case.codes, output), method.object(case.codes[order], output[order])
    assert one == pytest.approx(two, abs=1e-12)


@check("metric")
def a_weight_of_two_counts_as_the_row_twice(method: Method) -> None:
    case = RARE["seven_rows"]()
    weight = np.where(case.codes == 1, 2, 1)
    rows = np.repeat(np.arange(len(case.y)), weight)
    output = _output(method, case.proba)
    one = method.object(case.codes, output, sample_weight=weight.astype(float))
    two = method.object(case.codes[rows], output[rows])
    assert one == pytest.approx(two, abs=1e-12)


@check("metric")
def a_metric_leaves_its_inputs_alone(method: Method) -> None:
    case = RARE["seven_rows"]()
    y, output = case.codes, _output(method, case.proba)
    copies = y.copy(), output.copy()
    y.setflags(write=False)
    output.setflags(write=False)
    assert isinstance(method.object(y, output), float)
    np.testing.assert_array_equal(y, copies[0])
    np.testing.assert_array_equal(output, copies[1])
