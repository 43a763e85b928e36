"""The draws against slow, obvious versions, and their shares against arithmetic."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from rarebird._errors import DataError
from rarebird._random import seed_of
from rarebird.ensemble import Balanced, Natural, Resampled, Training
from rarebird.resample import SMOTE, RandomUnderSampler, TomekLinks


def drawn(draw, y, n_classes, rng):
    """The rows of a plan, for classes 0, 1, ... and rows without columns."""
    return draw(Training.of(y[:, None], y, range(n_classes)), 0, rng).base


COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=5).filter(any)


def slow_balanced_sizes(counts, ratio):
    present = sorted(n for n in counts if n > 0)
    reference = present[(len(present) - 1) // 2]  # the smaller of two, the lower median of many
    return [min(n, max(1, round(ratio * reference))) if n else 0 for n in counts]


@settings(max_examples=200, deadline=None)
@given(COUNTS, st.sampled_from([0.1, 0.5, 1.0, 2.5, 100.0]), st.booleans(), st.integers(0, 9))
def test_balanced_draws_what_a_slow_version_counts(counts, ratio, replacement, seed):
    draw, counts = Balanced(ratio=ratio, replacement=replacement), np.array(counts)
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    rows = drawn(draw, y, len(counts), np.random.default_rng(seed))
    sizes = slow_balanced_sizes(counts.tolist(), ratio)
    assert draw.sizes(counts).tolist() == sizes
    assert np.bincount(y[rows], minlength=len(counts)).tolist() == sizes
    assert np.all(np.diff(rows) >= 0)
    if not replacement:
        assert len(set(rows.tolist())) == len(rows)
        for code, n in enumerate(counts):  # a class that is not cut goes whole
            if sizes[code] == n:
                assert set(np.flatnonzero(y == code)) <= set(rows.tolist())


@settings(max_examples=200, deadline=None)
@given(COUNTS, st.sampled_from([0.1, 0.5, 1.0]), st.booleans(), st.sampled_from([None, 5, 40]))
def test_natural_draws_what_a_slow_version_counts(counts, fraction, replacement, max_rows):
    draw, counts = (
        Natural(fraction=fraction, replacement=replacement, max_rows=max_rows),
        np.array(counts),
    )
    share = fraction if max_rows is None else min(fraction, max_rows / counts.sum())
    sizes = [max(1, round(share * int(n))) if n else 0 for n in counts]
    y = np.repeat(np.arange(len(counts)), counts)
    rows = drawn(draw, y, len(counts), np.random.default_rng(0))
    assert draw.sizes(counts).tolist() == sizes
    assert np.bincount(y[rows], minlength=len(counts)).tolist() == sizes
    assert replacement or len(set(rows.tolist())) == len(rows)


@pytest.mark.parametrize("draw", [Balanced(), Balanced(replacement=True), Natural()])
def test_every_row_of_a_class_is_equally_likely(draw):
    y = np.repeat([0, 1], [20, 5])
    counts, rng = np.array([20, 5]), np.random.default_rng(0)
    times = np.zeros(25)
    for _ in range(4000):
        np.add.at(times, drawn(draw, y, 2, rng), 1)
    for code, size in enumerate(draw.sizes(counts)):
        expected = 4000 * size / counts[code]
        np.testing.assert_allclose(times[y == code], expected, atol=5 * np.sqrt(4000 * 0.25 * 4))


def test_one_tiny_class_of_many_does_not_cut_the_others_to_its_size():
    assert Balanced().sizes(np.array([1000, 200, 100, 2])).tolist() == [100, 100, 100, 2]


def test_resampled_is_the_resamplers_own_plan():
    X = np.random.default_rng(0).normal(size=(60, 2))
    y = np.repeat([0, 1], [50, 10])
    training = Training.of(X, y, ["common", "rare"])
    for resampler in (RandomUnderSampler(), SMOTE(k_neighbors=3), TomekLinks()):
        one, two, other = (
            Resampled(resampler)(training, 0, np.random.default_rng(s)) for s in (4, 4, 5)
        )
        seed = int(np.random.default_rng(4).integers(2**31 - 1))
        given = (
            {}
            if isinstance(resampler, TomekLinks)
            else {"random_state": seed_of(seed, "random_state")}
        )
        plan = clone(resampler).set_params(**given).plan(X, np.repeat(["common", "rare"], [50, 10]))
        for found in (one, two):
            np.testing.assert_array_equal(found.parents, plan.parents)
            np.testing.assert_array_equal(found.y_of(y), plan.y_of(y))
        assert not given or not np.array_equal(one.base, other.base)
        if given:
            assert resampler.random_state is None, "the resampler itself stays as it was"


def test_what_a_resampler_refuses_is_refused():
    y = np.repeat([0, 1], [9, 1])
    training = Training.of(np.arange(10.0)[:, None], y, ["common", "rare"])
    with pytest.raises(DataError, match=r"rare.*1 row"):
        Resampled(SMOTE())(training, 0, np.random.default_rng(0))


def test_which_draws_keep_the_classes_as_they_are_inside():
    kept = (Balanced(), Natural(), Resampled(RandomUnderSampler()))
    assert all(draw.keeps_conditional for draw in kept)
    assert not Resampled(SMOTE()).keeps_conditional
