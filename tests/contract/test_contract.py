"""Every check on every registered method, generated from the registry."""

import inspect
from importlib import import_module

import pytest
from sklearn.base import BaseEstimator

import contract.draws
import contract.estimators
import contract.losses
import contract.metrics
import contract.parts
import contract.resamplers  # noqa: F401 - their checks join the list
from contract.checks import CHECKS, Check, Method, absent, methods, pairs
from contract.exempt import EXEMPT, WITHOUT_A_CARD
from contract.rare import RARE, Rare
from rarebird.registry.index import load

CONTRACTS = (  # base classes, not methods
    "Calibrator", "ClassDraw", "Decision", "Draw", "MultilabelResampler", "Resampler", "Scheme",
)  # fmt: skip


def _parameters():
    for method, check, case in pairs():
        reason = EXEMPT.get((method.id, check.name, case)) or EXEMPT.get(
            (method.id, check.name, "*")
        )
        marks = [pytest.mark.xfail(strict=True, reason=reason)] if reason else []
        name = "-".join(part for part in (method.id, check.name, case) if part)
        yield pytest.param(method, check, case, marks=marks, id=name)


@pytest.mark.parametrize(("method", "check", "case"), list(_parameters()))
def test_contract(method: Method, check: Check, case: str):
    if case:
        check.function(method, RARE[case]())
    else:
        check.function(method)


@pytest.mark.parametrize("card", absent(), ids=lambda card: f"{card.role}-{card.name}")
def test_a_method_of_an_extra_is_tested_where_it_is_installed(card):
    pytest.skip(f"needs the extra {', '.join(card.requires)}")


def test_the_contract_covers_what_there_is():
    found = list(pairs())
    assert len(methods()) + len(absent()) == sum(load()["counts"].values()) >= 85
    assert len(found) >= 1400
    assert len(CHECKS) >= 22 and len(RARE) >= 12
    kinds = {method.kind for method in methods()}
    wanted = {check.name for check in CHECKS if kinds & {*check.kinds}}
    assert {check.name for _, check, _ in found} == wanted


def test_every_exemption_is_of_something_that_runs_and_has_a_reason():
    known = {(method.id, check.name) for method, check, _ in pairs()}
    for (method, check, case), reason in EXEMPT.items():
        assert (method, check) in known
        assert case == "*" or case in RARE
        assert len(reason.split()) >= 4


def test_every_public_estimator_has_a_card_or_a_reason():
    for folder in ("decide", "ensemble", "resample", "weight"):
        module = import_module(f"rarebird.{folder}")
        for name in module.__all__:
            found = getattr(module, name)
            if not inspect.isclass(found) or not issubclass(found, BaseEstimator):
                continue
            if name in CONTRACTS:
                continue
            assert ("card" in vars(found)) != (name in WITHOUT_A_CARD), name


def test_rare_cases_are_what_their_names_say(rare: Rare):
    again = RARE[rare.name]()
    assert (again.y == rare.y).all() and again.X.tobytes() == rare.X.tobytes()
    counts = dict.fromkeys(rare.classes.tolist(), 0)
    for label in rare.y.tolist():
        counts[label] += 1
    fewest = min(counts.values())
    wanted = {"class_absent": 0, "single_class": 0, "one_row": 1, "seven_rows": 7, "one_in_10k": 2}
    assert fewest == wanted.get(rare.name, fewest)
    assert len(rare.X) == len(rare.y) and rare.X.shape[1] == rare.X_new.shape[1]
