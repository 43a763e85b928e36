"""Groups against a dict of counts."""

from collections import Counter

import numpy as np
import pytest

from rarebird._errors import DataError
from rarebird.diagnose import groups_check

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("kind", [int, str, object])
def test_numbers_equal_those_of_a_counter(kind):
    groups = RNG.integers(0, 40, 500).astype(kind)
    y = (RNG.random(500) < 0.3).astype(int)
    inside = Counter(g for g, c in zip(groups.tolist(), y, strict=True) if c == 1)
    sizes = np.array(list(inside.values()))
    found = groups_check(groups, y).details
    assert found["n_groups"] == len(inside)
    assert found["effective"] == pytest.approx(sizes.sum() ** 2 / (sizes**2).sum())
    assert found["largest_share"] == sizes.max() / sizes.sum()


def test_one_group_with_all_rare_rows_is_a_danger():
    groups = np.repeat(["a", "b", "c"], 50)
    found = groups_check(groups, (groups == "b").astype(int), classes=["no", "yes"])
    assert found.code == "RB018" and found.severity == "danger"
    assert found.details["largest"] == "b" and "'yes'" in found.message


def test_many_groups_are_fine():
    assert groups_check(np.arange(100), np.arange(100) % 2).severity == "info"


def test_an_absent_class_is_refused_by_name():
    with pytest.raises(DataError, match="class 'yes' has 0 of 3 rows"):
        groups_check([1, 2, 3], [0, 0, 0], classes=["no", "yes"], rare=1)
