"""``ClassCounts``: counting against NumPy, closed forms, and one rule for an empty class."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarebird import ClassCounts
from rarebird._errors import DataError, ParameterError

LABELS = st.lists(st.sampled_from(["a", "bb", "ccc"]), min_size=1, max_size=50)


@given(LABELS)
def test_counting_equals_numpy(labels):
    counts = ClassCounts.from_labels(labels)
    classes, n = np.unique(labels, return_counts=True)
    assert counts.classes.tolist() == classes.tolist() and counts.counts.tolist() == n.tolist()
    np.testing.assert_allclose(counts.prior, n / len(labels))
    assert counts.n == len(labels) and len(counts) == len(classes)
    assert counts.imbalance_ratio == max(n) / min(n)


@given(LABELS)
def test_given_classes_may_be_empty_and_in_any_order(labels):
    counts = ClassCounts.from_labels(labels, classes=["none", "ccc", "a", "bb"])
    assert counts.counts.tolist() == [labels.count(c) for c in ("none", "ccc", "a", "bb")]
    assert counts.prior[0] == 0 and counts.effective_number(0.9)[0] == 0
    assert "none" in counts.shots()["few"]
    assert counts.rarest != "none"
    assert counts.imbalance_ratio == ClassCounts.from_labels(labels).imbalance_ratio


def test_negative_labels_and_gaps():
    counts = ClassCounts.from_labels([100, -7, 3, 100, 100, 3])
    assert counts.classes.tolist() == [-7, 3, 100] and counts.counts.tolist() == [1, 2, 3]
    assert counts.rarest == -7


def test_of_equally_rare_classes_the_last_is_the_rarest():
    assert ClassCounts.from_labels([0, 1, 0, 1]).rarest == 1


def test_weights_are_summed():
    counts = ClassCounts.from_labels(["x", "y", "x"], sample_weight=[0.5, 2.0, 0.25])
    np.testing.assert_allclose(counts.counts, [0.75, 2.0])
    wide = ClassCounts.from_labels(["x"], classes=["w", "x"], sample_weight=[0.5])
    assert wide.counts.tolist() == [0.0, 0.5]


def test_one_in_ten_thousand():
    counts = ClassCounts.from_labels(np.repeat([0, 1], [20_000, 2]))
    assert counts.imbalance_ratio == 10_000 and counts.rarest == 1


def test_no_rows_at_all():
    counts = ClassCounts.from_labels([], classes=[0, 1])
    assert counts.n == 0 and counts.prior.tolist() == [0, 0]
    assert np.isnan(counts.imbalance_ratio)
    with pytest.raises(DataError, match="every class is empty"):
        _ = counts.rarest


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.99, 0.9999])
def test_the_effective_number_is_the_geometric_sum(beta):
    counts = ClassCounts.from_labels(np.repeat([0, 1], [40, 3]))
    expected = [sum(beta**i for i in range(n)) for n in (40, 3)]
    np.testing.assert_allclose(counts.effective_number(beta), expected)


def test_the_effective_number_at_its_ends():
    counts = ClassCounts.from_labels([0, 0, 1])
    assert counts.effective_number(1).tolist() == [2.0, 1.0]
    with pytest.raises(ParameterError, match=r"beta=1\.5"):
        counts.effective_number(1.5)


def test_groups_by_size_meet_at_their_bounds():
    counts = ClassCounts(np.array([101, 100, 20, 19, 0]), np.array(list("abcde")))
    shots = {name: labels.tolist() for name, labels in counts.shots().items()}
    assert shots == {"many": ["a"], "medium": ["b", "c"], "few": ["d", "e"]}


def test_it_cannot_be_changed_and_does_not_share_the_callers_array():
    given = np.array([3, 1])
    counts = ClassCounts(given, np.array([0, 1]))
    given[0] = 99
    assert counts.counts.tolist() == [3, 1]
    with pytest.raises(ValueError, match="read-only"):
        counts.counts[0] = 5


def test_equal_counts_are_equal_and_hash_alike():
    one, two = ClassCounts.from_labels([0, 1, 1]), ClassCounts.from_labels([1, 0, 1])
    assert one == two and hash(one) == hash(two)
    assert one != ClassCounts.from_labels([0, 1]) and one != "counts"


@pytest.mark.parametrize(
    ("counts", "classes"),
    [([1, 2], [0]), ([[1]], [[0]]), ([-1, 2], [0, 1]), ([np.nan, 1.0], [0, 1]), ([np.inf], [0])],
)
def test_impossible_counts_are_refused(counts, classes):
    with pytest.raises(DataError, match="ClassCounts"):
        ClassCounts(np.array(counts), np.array(classes))


def test_an_unknown_label_is_named():
    with pytest.raises(DataError, match=r"'maybe' is not among \['no', 'yes'\]"):
        ClassCounts.from_labels(["no", "maybe"], classes=["no", "yes"])
