"""ML-RUS against a slow reference."""

import numpy as np
import pytest

from rarebird.resample.label_imbalance import draw_deletions, irlbl, mean_ir
from rarebird.resample.mlrus import MLRUS


def data(seed, n=100, shares=(0.7, 0.5, 0.1, 0.05, 0.03)):
    return np.random.default_rng(seed).random((n, len(shares))) < shares


def slow(Y, n_deleted, rng, keep_rare):
    """The paper's listing, with the ratios of what is left computed anew each time."""
    limit, gone = mean_ir(Y), []
    ratio = irlbl(Y)
    free = [not (keep_rare and any(row[ratio > limit])) for row in Y]
    bags = {
        label: [i for i in range(len(Y)) if Y[i, label] and free[i]]
        for label in np.flatnonzero(ratio < limit)
    }
    while len(gone) < n_deleted and bags:
        for label in list(bags):
            if len(gone) == n_deleted:
                break
            bag, row = bags[label], None
            while bag and row is None:
                place = rng.integers(len(bag))
                bag[place], bag[-1] = bag[-1], bag[place]
                row = bag.pop()
                row = None if row in gone else row
            if row is None:
                del bags[label]
                continue
            gone.append(row)
            left = np.delete(Y, gone, axis=0)
            if not left[:, label].any() or irlbl(left)[label] >= limit:
                del bags[label]
    return gone


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("percentage", [7, 25, 100])
@pytest.mark.parametrize("keep_rare", [True, False])
def test_the_rows_dropped_are_those_of_the_slow_reference(seed, percentage, keep_rare):
    Y = data(seed)
    sampler = MLRUS(percentage=percentage, random_state=seed, keep_rare=keep_rare)
    X_new, Y_new = sampler.fit_resample(np.arange(100)[:, None], Y)
    gone = slow(Y, percentage, np.random.default_rng(seed), keep_rare)
    left = np.setdiff1d(np.arange(100), gone)
    np.testing.assert_array_equal(sampler.sample_indices_, left)
    np.testing.assert_array_equal(X_new[:, 0], left)
    np.testing.assert_array_equal(Y_new, Y[left])
    assert len(gone) == percentage or percentage == 100
    assert not sampler.is_synthetic_.any()


@pytest.mark.parametrize("seed", range(4))
def test_rows_with_rare_labels_stay_unless_told_otherwise(seed):
    Y = data(seed)
    rare = irlbl(Y) > mean_ir(Y)
    gone = draw_deletions(np.random.default_rng(0), Y, 40)
    assert len(gone) and not Y[gone][:, rare].any()
    _, left = MLRUS(random_state=0).fit_resample(np.zeros((100, 1)), Y)
    np.testing.assert_array_equal(left[:, rare].sum(axis=0), Y[:, rare].sum(axis=0))
    assert np.all(irlbl(left)[rare] < irlbl(Y)[rare])


def test_any_row_may_go_when_told_so():
    Y = data(0)
    rare = irlbl(Y) > mean_ir(Y)
    assert Y[draw_deletions(np.random.default_rng(0), Y, 90, keep_rare=False)][:, rare].any()


def test_rows_without_frequent_labels_stay():
    Y = data(2)
    frequent = irlbl(Y) < mean_ir(Y)
    assert Y[draw_deletions(np.random.default_rng(0), Y, 100)][:, frequent].any(axis=1).all()
