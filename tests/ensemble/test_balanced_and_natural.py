"""The draws against slow, obvious versions, and their shares against arithmetic."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rarebird.ensemble import Balanced, Natural

COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=5).filter(any)


def slow_balanced_sizes(counts, ratio):
    present = sorted(n for n in counts if n > 0)
    reference = present[(len(present) - 1) // 2]  # the smaller of two, the lower median of many
    return [min(n, max(1, round(ratio * reference))) if n else 0 for n in counts]


@settings(max_examples=200, deadline=None)
@given(COUNTS, st.sampled_from([0.1, 0.5, 1.0, 2.5, 100.0]), st.booleans(), st.integers(0, 9))
def test_balanced_draws_what_a_slow_version_counts(counts, ratio, replace, seed):
    draw, counts = Balanced(ratio, replace), np.array(counts)
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    rows = draw.rows(y, counts, np.random.default_rng(seed))
    sizes = slow_balanced_sizes(counts.tolist(), ratio)
    assert draw.sizes(counts).tolist() == sizes
    assert np.bincount(y[rows], minlength=len(counts)).tolist() == sizes
    assert np.all(np.diff(rows) >= 0)
    if not replace:
        assert len(set(rows.tolist())) == len(rows)
        for code, n in enumerate(counts):  # a class that is not cut goes whole
            if sizes[code] == n:
                assert set(np.flatnonzero(y == code)) <= set(rows.tolist())


@settings(max_examples=200, deadline=None)
@given(COUNTS, st.sampled_from([0.1, 0.5, 1.0]), st.booleans(), st.sampled_from([None, 5, 40]))
def test_natural_draws_what_a_slow_version_counts(counts, fraction, replace, max_rows):
    draw, counts = Natural(fraction, replace, max_rows), np.array(counts)
    share = fraction if max_rows is None else min(fraction, max_rows / counts.sum())
    sizes = [max(1, round(share * int(n))) if n else 0 for n in counts]
    y = np.repeat(np.arange(len(counts)), counts)
    rows = draw.rows(y, counts, np.random.default_rng(0))
    assert draw.sizes(counts).tolist() == sizes
    assert np.bincount(y[rows], minlength=len(counts)).tolist() == sizes
    assert replace or len(set(rows.tolist())) == len(rows)


@pytest.mark.parametrize("draw", [Balanced(), Balanced(replace=True), Natural(0.5)])
def test_every_row_of_a_class_is_equally_likely(draw):
    y = np.repeat([0, 1], [20, 5])
    counts, rng = np.array([20, 5]), np.random.default_rng(0)
    drawn = np.zeros(25)
    for _ in range(4000):
        np.add.at(drawn, draw.rows(y, counts, rng), 1)
    for code, size in enumerate(draw.sizes(counts)):
        expected = 4000 * size / counts[code]
        np.testing.assert_allclose(drawn[y == code], expected, atol=5 * np.sqrt(4000 * 0.25 * 4))


def test_one_tiny_class_of_many_does_not_cut_the_others_to_its_size():
    assert Balanced().sizes(np.array([1000, 200, 100, 2])).tolist() == [100, 100, 100, 2]
