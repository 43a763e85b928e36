"""The registry: one list, checked cards, near names, an index that is never stale."""

import json
from dataclasses import replace

import pytest

from rarebird import cards
from rarebird._errors import ParameterError
from rarebird.registry import ROLES, Card, StudyUse, build, method, papers, register
from rarebird.registry.card import REGISTERED
from rarebird.registry.index import load

GOOD = {
    "name": "x",
    "role": "metric",
    "place": "around",
    "tasks": ("binary",),
    "inputs": ("labels",),
    "summary": "S.",
    "evidence": "closed form",
    "rare_cases": "works",
    "example": {},
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("role", "metrics"),
        ("place", "everywhere"),
        ("tasks", ("binary", "ternary")),
        ("tasks", ()),
        ("inputs", ("matrix",)),
        ("inputs", ()),
        ("requires", ("depth",)),
        ("summary", ""),
        ("evidence", ""),
        ("rare_cases", ""),
    ],
)
def test_a_card_with_an_impossible_field_is_refused(field, value):
    with pytest.raises(ParameterError, match=rf"Card 'x': {field}"):
        Card(**{**GOOD, field: value})


@pytest.mark.parametrize("field", GOOD)
def test_every_field_that_is_required_is_asked_for(field):
    with pytest.raises(ParameterError, match=field):
        register(**{k: v for k, v in GOOD.items() if k != field})(object)


def test_cards_can_be_asked_for_by_any_field():
    binary = {(c.role, c.name) for c in cards(task="binary")}
    assert {(c.role, c.name) for c in cards()} >= binary
    assert all(
        c.role == "metric" and "scores" in c.inputs for c in cards(role="metric", inputs="scores")
    )
    learners = ["logistic", "kernel", "lightgbm", "forest", "extra-trees"]
    assert [c.name for c in cards(role="learner")] == learners
    assert cards(role="metric", name="no such") == []


def test_only_what_works_on_several_labels_claims_them():
    assert {c.name for c in cards(task="multilabel")} == {"ml-ros", "ml-rus", "mlsmote"}


def test_a_method_is_found_by_role_and_name():
    assert method("learner", "logistic").card.name == "logistic"
    with pytest.raises(ParameterError, match=r"No learner is called 'logistik'. Did you mean 'log"):
        method("learner", "logistik")


def test_the_index_says_what_the_cards_say():
    for card in cards():
        own = replace(method(card.role, card.name).card, object=card.object)
        assert json.dumps(own.as_dict()) == json.dumps(card.as_dict())
        module, name = card.imported_as
        exec(f"from {module} import {name}")
        assert card.example.startswith(name)


def test_the_generated_files_are_what_the_modules_say():
    assert build.stale() == [], f"run: {build.COMMAND}"


def test_a_role_that_lost_a_method_is_told_and_not_written(monkeypatch):
    index, _ = build.build()
    more = {**index, "counts": {**index["counts"], "resampler": index["counts"]["resampler"] + 1}}
    monkeypatch.setattr(build, "load", lambda: more)
    assert "the role 'resampler' has" in build.stale()[0]
    with pytest.raises(ParameterError, match=r"The role 'resampler' has .* --fewer"):
        build.write()


def test_a_missing_extra_leaves_its_entries_as_they_are(monkeypatch):
    index, _ = build.build()

    def without_smote():
        for module in modules:
            name = getattr(module, "__name__", module)
            yield name if name == "rarebird.resample.smote" else module

    modules = list(build.modules())
    monkeypatch.setattr(build, "modules", without_smote)
    again, same = build.build()
    smote = [c for c in again["cards"] if c["name"] == "smote"]
    assert smote == [c for c in index["cards"] if c["name"] == "smote"]
    assert again["counts"] == index["counts"]
    assert "from .smote import SMOTE\n" in "".join(same.values())


@pytest.fixture
def scratch():
    before = list(REGISTERED)
    yield
    REGISTERED[:] = before


def test_two_methods_of_one_name_are_refused(scratch):
    @register(**GOOD)
    class One:
        pass

    assert One.card.name == "x" and REGISTERED[-1] == (One.card, One)
    with pytest.raises(ParameterError, match="Two methods are called 'x' in the role 'metric'"):
        build._check([One.card, One.card], {})


def test_a_paper_that_nobody_explains_is_refused():
    with pytest.raises(ParameterError, match="the paper 'Nobody1999' is neither"):
        build._check([Card(**GOOD, papers=("Nobody1999",))], {"Cui2019": "..."})
    build._check([Card(**GOOD, papers=("smote", "Cui2019"))], {"Cui2019": "..."})


def test_a_card_is_plain_values_and_cannot_be_changed():
    card = cards(role="resampler", name="smote")[0]
    assert Card.from_dict(json.loads(json.dumps(card.as_dict()))) == card
    assert isinstance(card.study, StudyUse) and card.study.strengths[1] == {
        "sampling_strategy": {"min_ratio": 0.3, "min_rows": 2}
    }
    with pytest.raises(AttributeError):
        card.name = "other"


def test_counts_are_those_of_the_cards_and_of_known_roles():
    counts = load()["counts"]
    assert sum(counts.values()) == len(cards()) >= 85
    assert set(counts) <= set(ROLES)


def test_every_paper_of_the_field_is_listed_with_what_serves_it():
    rows = papers()
    assert len(rows) == 211 == len({row["slug"] for row in rows})
    served = {row["slug"]: row for row in rows if row["status"] == "served"}
    assert set(served) >= {"smote", "pvq", "starc-9"}
    for row in rows:
        assert bool(row["methods"]) == (row["status"] == "served") == bool(row["evidence"])
        assert row["title"] and row["kind"]
    for row in served.values():
        for found in row["methods"]:
            scope = {}
            exec(found["import"], scope)
            assert found["example"].split("(")[0] in scope
