"""ML-ROS against a slow reference."""

import numpy as np
import pytest

from rarebird.resample.label_imbalance import draw_clones, irlbl, mean_ir
from rarebird.resample.mlros import MLROS


def data(seed, n=100, shares=(0.7, 0.4, 0.1, 0.05, 0.03)):
    return np.random.default_rng(seed).random((n, len(shares))) < shares


def slow(Y, n_clones, rng):
    """The paper's listing, with the ratios of the grown table computed anew each time."""
    limit, table, clones = mean_ir(Y), Y.copy(), []
    bags = {label: np.flatnonzero(Y[:, label]) for label in np.flatnonzero(irlbl(Y) > limit)}
    while len(clones) < n_clones and bags:
        for label in list(bags):
            if len(clones) == n_clones:
                break
            row = bags[label][rng.integers(len(bags[label]))]
            clones.append(row)
            table = np.vstack([table, Y[row]])
            if irlbl(table)[label] <= limit:
                del bags[label]
    return clones


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("percentage", [7, 25, 400])
def test_the_clones_are_those_of_the_slow_reference(seed, percentage):
    Y = data(seed)
    sampler = MLROS(percentage=percentage, random_state=seed)
    X_new, Y_new = sampler.fit_resample(np.arange(100)[:, None], Y)
    clones = slow(Y, percentage, np.random.default_rng(seed))
    assert sampler.sample_indices_[100:].tolist() == clones
    np.testing.assert_array_equal(X_new[100:, 0], clones)
    np.testing.assert_array_equal(Y_new[100:], Y[clones])
    assert 0 < len(clones) <= percentage


def test_labels_get_less_imbalanced_and_then_it_ends():
    Y = data(1)
    _, grown = MLROS(percentage=10_000, random_state=0).fit_resample(np.zeros((100, 1)), Y)
    assert len(grown) < 10_100
    assert mean_ir(grown) < mean_ir(Y)
    rare = irlbl(Y) > mean_ir(Y)
    # It ended when each had left; clones of the last may have raised the others a little.
    assert np.all(irlbl(grown)[rare] <= 1.3 * mean_ir(Y))
    every = Y[np.isin(np.arange(100), draw_clones(np.random.default_rng(0), Y, 50))]
    assert np.all(every[:, rare].any(axis=1))


def test_the_number_asked_for_is_added_while_labels_are_rare():
    Y = np.zeros((1000, 4), dtype=bool)
    Y[:, 0], Y[::2, 1], Y[:2, 2], Y[5:7, 3] = True, True, True, True
    for percentage, n_clones in ((0, 0), (0.1, 1), (0.39, 3)):
        sampler = MLROS(percentage=percentage, random_state=0)
        assert len(sampler.fit_resample(np.zeros((1000, 1)), Y)[0]) == 1000 + n_clones


def test_a_label_of_one_row_repeats_it_and_one_of_none_is_left_out():
    Y = np.zeros((20, 3), dtype=bool)
    Y[:, 0], Y[4, 1] = True, True
    assert set(draw_clones(np.random.default_rng(0), Y, 5).tolist()) == {4}
