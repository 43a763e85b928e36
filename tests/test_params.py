"""Parameter rules: what they allow, and that they say it."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarebird._errors import ParameterError
from rarebird._params import Instance, Int, OneOf, Real, check_params

NO_NUMBERS = (None, "1", [1], True, False, np.nan, object())


@pytest.mark.parametrize("value", [1, 3, np.int64(2), np.uint8(3)])
def test_int_allows_whole_numbers_between_its_ends(value):
    assert Int(1, 3).allows(value)


@pytest.mark.parametrize("value", [0, 4, 2.0, np.float64(2), *NO_NUMBERS])
def test_int_refuses_the_rest(value):
    assert not Int(1, 3).allows(value)


@given(st.integers())
def test_int_without_ends_allows_every_whole_number(value):
    assert Int().allows(value) and Int(min=value, max=value).allows(value)
    assert not Int(min=value + 1).allows(value) and not Int(max=value - 1).allows(value)


@given(st.floats(-10, 10))
def test_real_keeps_its_ends_open_or_closed(value):
    assert Real(value, value).allows(value)
    assert not Real(min=value, open_low=True).allows(value)
    assert not Real(max=value, open_high=True).allows(value)
    assert Real(-10, 10).allows(np.float32(value)) and Real().allows(int(value))


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1j, *NO_NUMBERS])
def test_real_refuses_what_is_no_finite_number(value):
    assert not Real().allows(value)


def test_one_of_compares_values_and_types_and_asks_rules():
    rule = OneOf("balance", None, 1, Real(0, 0.5))
    for value in ("balance", None, 1, 0.25):
        assert rule.allows(value)
    for value in ("balanced", True, 1.0, 0.75, [], np.array([1, 2])):
        assert not rule.allows(value)


def test_an_instance_is_of_a_type_or_has_the_methods():
    rule = Instance("a draw", methods=("rows",), types=(dict,))
    assert rule.allows({}) and rule.allows(SimpleNamespace(rows=1))
    assert not rule.allows([]) and not Instance("an x", types=(dict,)).allows([])


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (Int(), "a whole number"),
        (Int(1), "a whole number >= 1"),
        (Int(1, 5), "a whole number >= 1 and <= 5"),
        (Int(max=5), "a whole number <= 5"),
        (Real(), "a number"),
        (Real(0), "a number >= 0"),
        (Real(0, 1, open_low=True), "a number > 0 and <= 1"),
        (Real(max=1, open_high=True), "a number < 1"),
        (OneOf("a"), "'a'"),
        (OneOf("a", None, Int(2)), "'a', None or a whole number >= 2"),
        (Instance("a draw"), "a draw"),
    ],
)
def test_a_rule_says_what_it_allows(rule, text):
    assert str(rule) == text


def test_the_first_value_outside_its_rule_is_named():
    rules = {"k": Int(1), "ratio": Real(0, 1)}
    check_params("Smote", rules, {"k": 1, "ratio": 1, "other": object()})
    check_params("Smote", rules, {})
    with pytest.raises(ParameterError, match=r"^Smote: ratio=2 is not allowed; it must be a numb"):
        check_params("Smote", rules, {"k": 1, "ratio": 2})
