import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imblearn.utils import check_sampling_strategy

from rarebird._errors import DataError, ParameterError
from rarebird.resample import sampling_targets

THEIRS = {"over": "over-sampling", "under": "under-sampling", "clean": "clean-sampling"}
COUNTS = [[100, 29], [7, 7], [50, 20, 20, 3], [1, 30, 2], [1000, 1]]
SPELLINGS = [
    "auto", "all", "majority", "minority", "not minority", "not majority", "wrong",
    0.29, 0.5, 1.0, 1, 0.0, -0.1, 1.5, 0.999, 0.07,
    {0: 40}, {0: 200, 1: 100}, {1: 1}, {0: 0}, {0: -1}, {9: 5},
    [0], [0, 1], [9],
    lambda y: {1: 25},
]  # fmt: skip


@pytest.mark.parametrize("kind", list(THEIRS))
@pytest.mark.parametrize("counts", COUNTS, ids=str)
@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda s: "callable" if callable(s) else str(s))
def test_every_spelling_is_theirs(spelling, counts, kind):
    y = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    if isinstance(spelling, float | int) and len(counts) > 2 and 0 < spelling <= 1:
        if kind != "clean":  # theirs refuses a number for several classes
            bounds = {"min_ratio": spelling}
            assert sampling_targets(spelling, y, kind) == sampling_targets(bounds, y, kind)
        with pytest.raises(ValueError, match="only when the type of target is binary"):
            check_sampling_strategy(spelling, y, THEIRS[kind])
        return
    try:
        theirs = check_sampling_strategy(spelling, y, THEIRS[kind])
    except ValueError:
        with pytest.raises((ParameterError, DataError)):
            sampling_targets(spelling, y, kind)
        return
    ours = sampling_targets(spelling, y, kind)
    assert list(ours.items()) == list(theirs.items())


@given(st.lists(st.integers(1, 500), min_size=2, max_size=2), st.floats(0.01, 1))
def test_a_ratio_of_two_classes_is_cut_off_as_theirs(counts, ratio):
    y = np.repeat([0, 1], counts)
    for kind in ("over", "under"):
        try:
            theirs = check_sampling_strategy(ratio, y, THEIRS[kind])
        except ValueError:
            theirs = None
        if theirs is not None:
            assert sampling_targets(ratio, y, kind) == theirs


def test_a_ratio_of_several_classes_rounds():
    y = np.repeat([0, 1, 2], [100, 40, 10])
    assert sampling_targets(0.29, y, "over") == {2: 19}  # 29 rows, not 28: 100 * .29 < 29
    assert sampling_targets(0.3, y, "under") == {0: 33, 1: 33}


def test_bounds_hold_for_every_class_and_are_capped():
    y = np.repeat([0, 1, 2], [100, 40, 10])
    assert sampling_targets({"min_ratio": 0.29}, y, "over") == {2: 19}
    assert sampling_targets({"min_ratio": 0.5, "max_rows": 30}, y, "over") == {2: 20}
    assert sampling_targets({"max_rows": 60}, y, "over") == {1: 20, 2: 50}
    assert sampling_targets({"min_ratio": 0.3}, y, "under") == {0: 33, 1: 33}
    assert sampling_targets({"max_rows": 25}, y, "under") == {0: 25, 1: 25}
    for bad in ({"min_ratio": 0}, {"min_ratio": 2}, {"max_rows": 0}, {"max_rows": 1.5}):
        with pytest.raises(ParameterError, match=next(iter(bad))):
            sampling_targets(bad, y, "over")
    labels = np.repeat(["min_ratio", "other"], [3, 9])  # a class may be called so
    assert sampling_targets({"min_ratio": 5}, labels, "over") == {"min_ratio": 2}


def test_a_share_for_a_class_rounds():
    y = np.repeat([0, 1], [100, 10])
    assert sampling_targets({1: 0.29}, y, "over") == {1: 19}
    assert sampling_targets({0: 0.29}, y, "under") == {0: 29}


def test_messages_name_the_class_its_count_and_the_spelling():
    y = np.repeat(["no", "yes"], [30, 4])
    with pytest.raises(ParameterError, match=r"SMOTE.*'yes' has 4 samples and 2"):
        sampling_targets({"yes": 2}, y, "over", owner="SMOTE")
    with pytest.raises(ParameterError, match=r"Did you mean 'not majority'"):
        sampling_targets("not majorty", y, "over")
    with pytest.raises(DataError, match=r"'maybe'.*'no', .*'yes'"):
        sampling_targets({"maybe": 9}, y, "over")
    with pytest.raises(DataError, match=r"more than 1 class. Got 1 class.*'no'.* with 30 rows"):
        sampling_targets("auto", y[:30], "over")
