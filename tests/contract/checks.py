"""What every registered method must do, written once; `test_contract` runs it for every card."""

import inspect
import json
import pickle
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils import get_tags

from contract.rare import RARE, Rare
from rarebird import registry
from rarebird._errors import DataError, ParameterError, RarebirdError
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


# --- estimators and parts -----------------------------------------------------------------------


def _plain_case() -> Rare:
    rng = np.random.default_rng(3)
    y = (np.arange(120) % 4 == 0).astype(int)
    X = rng.normal(size=(120, 3)) + y[:, None]
    return Rare("plain", X, y, X[:20] + 0.1, np.array([0, 1]))


def _learn(method: Method, model: Any, case: Rare, **more: Any) -> Any:
    if method.kind == "part":
        return model.fit(case.proba, case.codes, **more)
    return model.fit(case.X, case.y, **more)


def _use(method: Method, model: Any, case: Rare) -> np.ndarray:
    if method.kind == "estimator":
        return model.predict_proba(case.X_new)
    new = case.proba[: len(case.X_new)]
    new.setflags(write=False)
    return model.transform(new) if hasattr(model, "transform") else model.predict(new)


@check("estimator", "part", "resampler")
def parameters_survive_a_clone_and_a_round_trip(method: Method) -> None:
    if not inspect.isclass(method.object):
        return
    model = method.make()
    given = model.get_params(deep=False)
    assert given.keys() == dict(inspect.signature(method.object).parameters).keys()
    assert repr(clone(model).get_params(deep=False)) == repr(given)
    other = method.make().set_params(**given)
    for name, value in given.items():
        assert getattr(other, name) is value, f"{name} is not stored as it was given"


@check("estimator", "part", "resampler")
def a_parameter_outside_its_rule_is_refused(method: Method) -> None:
    rules = getattr(method.object, "rules", None) or getattr(method.object, "_rules", {})
    case = _plain_case()
    known = inspect.signature(method.object).parameters
    for name in [name for name in rules if name in known]:
        model = method.make().set_params(**{name: object()})
        with pytest.raises(ParameterError, match=name):
            _learn(method, model, case)


@check("estimator", "part")
def fit_changes_neither_its_inputs_nor_its_parameters(method: Method) -> None:
    case, model = _plain_case(), method.make()
    arrays = (case.X, case.y, case.proba, case.codes, case.X_new)
    copies = [array.copy() for array in arrays]
    for array in arrays:
        array.setflags(write=False)
    before = {name: repr(value) for name, value in model.get_params().items()}
    if method.kind == "part":
        assert model.fit(arrays[2], arrays[3]) is model
    else:
        assert model.fit(arrays[0], arrays[1]) is model
    _use(method, model, case)
    assert {name: repr(value) for name, value in model.get_params().items()} == before
    for array, copy in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@check("estimator", "part")
def a_pickled_copy_answers_the_same(method: Method) -> None:
    case = _plain_case()
    model = _learn(method, method.make(), case)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(_use(method, copy, case), _use(method, model, case))


@check("estimator", "part")
def the_same_seed_gives_the_same_numbers(method: Method) -> None:
    case, model = _plain_case(), method.make()
    first = _use(method, _learn(method, model, case), case)
    np.random.seed(99)  # noqa: NPY002 - nothing may depend on the global state
    np.testing.assert_array_equal(_use(method, _learn(method, model, case), case), first)
    np.testing.assert_array_equal(_use(method, _learn(method, method.make(), case), case), first)


@check("estimator", "part")
def nothing_is_answered_before_fit(method: Method) -> None:
    with pytest.raises((ValueError, AttributeError)):
        _use(method, method.make(), _plain_case())


@check("estimator", "part")
def weights_of_one_change_nothing(method: Method) -> None:
    case = _plain_case()
    without = _use(method, _learn(method, method.make(), case), case)
    ones = _learn(method, method.make(), case, sample_weight=np.ones(len(case.y)))
    np.testing.assert_allclose(_use(method, ones, case), without, atol=1e-9)


@check("part")
def a_weight_of_two_is_the_row_twice(method: Method) -> None:
    case = _plain_case()
    weight = np.where(case.codes == 1, 2.0, 1.0)
    rows = np.repeat(np.arange(len(case.y)), weight.astype(int))
    one = method.make().fit(case.proba, case.codes, sample_weight=weight)
    two = method.make().fit(case.proba[rows], case.codes[rows])
    np.testing.assert_allclose(_use(method, one, case), _use(method, two, case), atol=1e-5)


@check("part")
def the_order_of_the_rows_does_not_matter(method: Method) -> None:
    case = _plain_case()
    order = np.random.default_rng(0).permutation(len(case.y))
    one = method.make().fit(case.proba, case.codes)
    two = method.make().fit(case.proba[order], case.codes[order])
    np.testing.assert_allclose(_use(method, one, case), _use(method, two, case), atol=1e-6)


@check("part")
def labels_that_are_no_codes_are_refused(method: Method) -> None:
    case = _plain_case()
    for labels in (np.where(case.y, "yes", "no"), case.y - 1, case.y + 1, case.y + 0.5):
        with pytest.raises(DataError, match="codes"):
            method.make().fit(case.proba, labels)


@check("part")
def what_was_learned_can_be_written_as_json(method: Method) -> None:
    case = _plain_case()
    model = method.make().fit(case.proba, case.codes)
    json.dumps(model.state(), allow_nan=False)
    if hasattr(model, "describe"):
        assert len(model.describe().split()) >= 2


@check("estimator")
def each_row_is_predicted_by_itself(method: Method) -> None:
    case = _plain_case()
    model = method.make().fit(case.X, case.y)
    order = np.random.default_rng(0).permutation(len(case.X_new))
    together = model.predict_proba(case.X_new)
    np.testing.assert_allclose(model.predict_proba(case.X_new[order]), together[order], atol=1e-12)
    np.testing.assert_allclose(model.predict_proba(case.X_new[:1]), together[:1], atol=1e-7)


@check("estimator")
def renamed_labels_give_the_same_probabilities(method: Method) -> None:
    case = _plain_case()
    codes = method.make().fit(case.X, case.y)
    names = method.make().fit(case.X, np.array(["a", "b, the rare one"])[case.y])
    np.testing.assert_array_equal(names.predict_proba(case.X_new), codes.predict_proba(case.X_new))
    assert names.classes_.tolist() == ["a", "b, the rare one"]
    assert set(names.predict(case.X_new)) <= set(names.classes_)


def assert_probabilities(proba: np.ndarray, shape: tuple[int, int]) -> None:
    assert proba.shape == shape
    assert np.all(np.isfinite(proba)) and proba.min() >= 0
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-9)


def assert_names_a_class_and_its_count(error: RarebirdError, case: Rare) -> None:
    words = re.findall(r"[\w-]+", str(error))
    labels = case.classes if np.isin(case.y, case.classes).all() else np.unique(case.y)
    counts = {str(label): str(int(np.sum(case.y == label))) for label in labels}
    assert any(label in words and n in words for label, n in counts.items()), str(error)


@check("estimator", per_case=True)
def a_rare_case_works_or_is_refused_with_its_count(method: Method, case: Rare) -> None:
    if not method.takes_missing and np.isnan(np.concatenate([case.X, case.X_new])).any():
        case = replace(case, X=np.nan_to_num(case.X), X_new=np.nan_to_num(case.X_new))
    present = np.unique(case.y)
    try:
        model = method.make(case).fit(case.X, case.y)
    except RarebirdError as error:
        assert_names_a_class_and_its_count(error, case)
        assert "refused" in method.card.rare_cases
        return
    np.testing.assert_array_equal(model.classes_, present)
    assert_probabilities(model.predict_proba(case.X_new), (len(case.X_new), len(present)))
    assert set(model.predict(case.X_new).tolist()) <= set(present.tolist())


@check("part", per_case=True)
def a_rare_case_of_probabilities_works(method: Method, case: Rare) -> None:
    n_classes = len(case.classes)
    if n_classes > 2 and "multiclass" not in method.card.tasks:
        with pytest.raises(DataError, match=f"{n_classes} classes"):
            method.make(case).fit(case.proba, case.codes)
        return
    model = method.make(case).fit(case.proba, case.codes)
    if hasattr(model, "transform"):
        assert_probabilities(model.transform(case.proba), case.proba.shape)
    else:
        codes = model.predict(case.proba)
        assert codes.dtype.kind == "i" and codes.shape == case.codes.shape
        assert set(codes.tolist()) <= set(range(n_classes))
        assert model.describe()
    json.dumps(model.state(), allow_nan=False)


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
