"""The registry: one list, checked cards, near names."""

import pytest

from rarebird import cards, registry
from rarebird._errors import ParameterError
from rarebird.registry import Card, method, register

GOOD = {"role": "metric", "place": "around", "summary": "S.", "evidence": "closed form"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("role", "metrics"),
        ("place", "everywhere"),
        ("tasks", ("binary", "ternary")),
        ("inputs", ("graph",)),
        ("objectives", ("fame",)),
        ("evidence", ""),
    ],
)
def test_a_card_with_an_impossible_field_is_refused(field, value):
    with pytest.raises(ParameterError, match=rf"Card 'x': {field}"):
        Card(name="x", **{**GOOD, field: value})


def test_cards_can_be_asked_for_by_any_field():
    binary = {(c.role, c.name) for c in cards(task="binary")}
    assert {(c.role, c.name) for c in cards()} >= binary
    assert all(
        c.role == "metric" and "scores" in c.inputs for c in cards(role="metric", inputs="scores")
    )
    assert [c.name for c in cards(untreated=True)] == ["logistic", "lightgbm", "forest"]
    assert cards(role="metric", name="no such") == []


def test_doing_nothing_is_the_first_remedy_and_ranks_are_distinct():
    remedies = cards(role="remedy")
    assert remedies[0].name == "nothing"
    ranks = [card.rank for card in remedies]
    assert ranks == sorted(set(ranks))


def test_a_control_is_for_a_remedy_that_exists():
    names = {card.name for card in cards(role="remedy")}
    controls = [card.control_for for card in cards() if card.control_for]
    assert controls and set(controls) <= names


def test_a_method_is_found_by_role_and_name():
    assert method("learner", "logistic").card.name == "logistic"
    with pytest.raises(ParameterError, match=r"No learner is called 'logistik'. Did you mean 'log"):
        method("learner", "logistik")


@pytest.fixture
def scratch(monkeypatch):
    monkeypatch.setattr(registry, "_REGISTRY", dict(registry._REGISTRY))


def test_two_methods_of_one_name_are_refused(scratch):
    @register(name="scratch", **GOOD)
    class One:
        pass

    assert One.card.name == "scratch"
    assert register(name="scratch", **GOOD)(One) is One  # the same again is no conflict
    with pytest.raises(ParameterError, match="Two methods are called 'scratch'"):
        register(name="scratch", **GOOD)(object())


def test_a_card_is_plain_values_and_cannot_be_changed():
    card = cards()[0]
    assert Card(**card.as_dict()) == card
    with pytest.raises(AttributeError):
        card.name = "other"
