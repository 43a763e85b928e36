"""Counts against closed forms, and the number of needed rows against a simulation."""

import numpy as np
import pytest
from scipy import stats

from rarebird._errors import ParameterError
from rarebird.diagnose import (
    effective_sample,
    evidence_checks,
    needed_positives,
    rare_code,
    smallest_difference,
)


def by_code(y, **more):
    return {check.code: check for check in evidence_checks(np.asarray(y), **more)}


@pytest.mark.parametrize("difference, correlation", [(0.05, 0.8), (0.1, 0.5), (0.2, 0.0)])
def test_the_number_needed_has_the_power_it_promises(difference, correlation):
    m = needed_positives(difference, correlation=correlation)
    rng = np.random.default_rng(0)
    low, high = 0.5 - difference / 2, 0.5 + difference / 2
    both = low * high + correlation * np.sqrt(low * (1 - low) * high * (1 - high))
    cells = [both, high - both, low - both, 1 - low - high + both]
    counts = rng.multinomial(m, cells, size=20_000)
    gain = (counts[:, 1] - counts[:, 2]) / m
    error = np.sqrt(2 * 0.25 * (1 - correlation) / m)
    assert (gain / error > stats.norm.ppf(0.975)).mean() == pytest.approx(0.8, abs=0.03)


def test_the_smallest_difference_is_the_inverse():
    for difference in (0.02, 0.05, 0.3):
        m = needed_positives(difference, value=0.3)
        assert (
            smallest_difference(m, value=0.3) <= difference < smallest_difference(m - 1, value=0.3)
        )
    assert smallest_difference(0) == np.inf


@pytest.mark.parametrize(
    "wrong", [{"difference": 0}, {"value": 1}, {"correlation": 1}, {"power": 1.5}]
)
def test_parameters_outside_their_rule_are_refused(wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        needed_positives(**wrong)


def test_the_effective_sample_of_equal_weights_is_their_number():
    assert effective_sample(np.full(7, 0.3)) == pytest.approx(7)
    w = np.random.default_rng(0).random(50)
    assert effective_sample(w) == pytest.approx(50 / (1 + w.var() / w.mean() ** 2))
    assert effective_sample(np.zeros(3)) == 0


def test_one_in_ten_thousand():
    y = np.zeros(10_000, dtype=int)
    y[17] = 1
    found = by_code(y, classes=["ok", "fraud"])
    assert found["RB001"].severity == "danger" and found["RB001"].details["n_rare"] == 1
    assert found["RB002"].details["ratio"] == 9999
    assert found["RB006"].details["needed"] == 314
    assert found["RB014"].details["counts"] == {"fraud": 1}
    assert all("fraud" in check.message for check in found.values())


def test_plenty_of_rows_say_nothing_alarming():
    found = by_code(np.repeat([0, 1], [600, 400]))
    assert set(found) == {"RB001", "RB002"}
    assert {check.severity for check in found.values()} == {"info"}


def test_an_absent_class_is_named():
    found = by_code([0, 0, 1, 1], classes=["a", "b", "c"])
    assert found["RB014"].details["counts"]["c"] == 0
    assert found["RB014"].severity == "danger"
    absent = by_code([0, 0, 0], classes=["no", "yes"])
    assert absent["RB001"].details["n_rare"] == 0
    assert absent["RB006"].details["smallest_difference"] is None


def test_weights_lower_what_the_rows_are_worth():
    y = np.repeat([0, 1], [500, 400])
    w = np.r_[np.ones(500), np.repeat([10.0, 0.1], [10, 390])]
    found = by_code(y, sample_weight=w)
    assert found["RB001"].details["effective"] == pytest.approx(effective_sample(w[500:]))
    assert found["RB001"].severity == "danger"
    assert "RB006" in found


def test_the_rare_code_is_one_of_two_and_the_smallest_of_many():
    assert rare_code([1, 1, 1, 0]) == 1
    assert rare_code([0] * 5 + [1] * 2 + [2] * 3) == 1
    assert rare_code([0] * 5 + [2] * 2 + [3] * 2, 6) == 3
