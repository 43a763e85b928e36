"""ProWSyn against loops over the rows of the other classes, and its weights' closed form."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from rarebird._errors import DataError
from rarebird.resample.base_weights import proximity_levels
from rarebird.resample.between import draw_partners
from rarebird.resample.prowsyn import ProWSyn


def data(n_rare=40, seed=0):
    rng = np.random.default_rng(seed)
    X = np.concatenate([rng.normal(size=(120, 2)), rng.normal(1.5, 1, (n_rare, 2))])
    return X, np.repeat([0, 1], [120, n_rare])


def slow_levels(rare, others, k, n_levels):
    left, levels = list(range(len(rare))), {}
    for level in range(1, n_levels):
        found = set()
        for row in others:
            found |= set(sorted(left, key=lambda i: np.sum((rare[i] - row) ** 2))[:k])
        levels |= dict.fromkeys(found, level)
        left = [i for i in left if i not in found]
    levels |= dict.fromkeys(left, n_levels)
    return [levels[i] for i in range(len(rare))]


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("n_levels", [1, 2, 5])
def test_levels_are_those_of_the_loops(k, n_levels):
    X, y = data()
    rare, others = X[y == 1], X[y == 0]
    levels = proximity_levels(rare, others, k, n_levels)
    assert levels.tolist() == slow_levels(rare, others, k, n_levels)
    assert k > 1 or len(set(levels)) == n_levels, "the case shows nothing"


def test_limits_of_the_levels():
    X, y = data()
    rare, others = X[y == 1], X[y == 0]
    assert set(proximity_levels(rare, others, len(rare), 5)) == {1}
    assert set(proximity_levels(rare, others, 3, 1)) == {1}


@pytest.mark.parametrize("theta", [0.0, 0.5, 1.0])
def test_rows_are_drawn_by_their_weight(theta):
    X, y = data()
    sampler = ProWSyn(
        sampling_strategy={1: 60_040, 0: 120}, random_state=0, k_neighbors=1, theta=theta
    )
    sampler.fit_resample(X, y)
    levels = proximity_levels(X[y == 1], X[y == 0], 1, 5)
    weights = np.exp(-theta * (levels - 1))
    found = np.bincount(sampler.parents_[160:, 0] - 120, minlength=40) / 60_000
    np.testing.assert_allclose(found, weights / weights.sum(), atol=0.005)


def test_a_steep_weight_leaves_only_the_nearest_level():
    X, y = data()
    sampler = ProWSyn(random_state=0, k_neighbors=1, theta=1000.0)
    sampler.fit_resample(X, y)
    levels = proximity_levels(X[y == 1], X[y == 0], 1, 5)
    assert set(levels[sampler.parents_[160:] - 120].ravel()) == {1}


def test_new_rows_lie_between_two_rows_of_a_level():
    X, y = data()
    sampler = ProWSyn(random_state=3, k_neighbors=1)
    X_new, y_new = sampler.fit_resample(X, y)
    a, b = sampler.parents_[160:].T
    levels = proximity_levels(X[y == 1], X[y == 0], 1, 5)
    np.testing.assert_array_equal(levels[a - 120], levels[b - 120])
    whole = np.linalg.norm(X[a] - X[b], axis=1)
    parts = np.linalg.norm(X[a] - X_new[160:], axis=1) + np.linalg.norm(X[b] - X_new[160:], axis=1)
    np.testing.assert_allclose(parts, whole)
    assert np.bincount(y_new).tolist() == [120, 120]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.integers(0, 5))
def test_a_partner_is_another_row_of_the_group(groups, seed):
    groups = np.array(groups)
    base = np.arange(len(groups))
    other = draw_partners(np.random.default_rng(seed), groups, base)
    np.testing.assert_array_equal(groups[other], groups)
    alone = np.bincount(groups)[groups] == 1
    np.testing.assert_array_equal(other == base, alone)


def test_partners_are_uniform():
    groups = np.array([0, 1, 0, 0, 1])
    other = draw_partners(np.random.default_rng(0), groups, np.zeros(20_000, dtype=int))
    np.testing.assert_allclose(
        np.bincount(other, minlength=5) / 20_000, [0, 0, 0.5, 0.5, 0], atol=0.02
    )


def test_of_three_classes_the_others_are_all_the_rest():
    X, _ = data()
    y = np.repeat([0, 1, 2], [100, 35, 25])
    aim = {1: 2000, 2: 2000}
    sampler = ProWSyn(sampling_strategy=aim, random_state=0, k_neighbors=1, theta=1000.0)
    _, y_new = sampler.fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [100, 2000, 2000]
    for code in (1, 2):
        levels = proximity_levels(X[y == code], X[y != code], 1, 5)
        used = sampler.parents_[160:][y_new[160:] == code, 0]
        assert set(used) == set(np.flatnonzero(y == code)[levels == 1])


REFUSED = {"one_row": r"1 \(1 row\)", "single_class": "1 class", "missing_values": "NaN"}


def test_rare_cases(rare):
    if rare.name in REFUSED:
        with pytest.raises(DataError, match=REFUSED[rare.name]):
            ProWSyn(random_state=0).fit_resample(rare.X, rare.y)
        return
    X_new, y_new = ProWSyn(random_state=0).fit_resample(rare.X, rare.y)
    assert np.isfinite(X_new).all()
    assert len(set(np.unique(y_new, return_counts=True)[1])) == 1


def test_frames_and_sparse_tables_give_the_rows_of_arrays():
    X, y = data()
    expected, _ = ProWSyn(random_state=1).fit_resample(X, y)
    for frame in (pd.DataFrame(X, columns=["a", "b"]), pl.DataFrame(X, schema=["a", "b"])):
        rows, _ = ProWSyn(random_state=1).fit_resample(frame, y)
        np.testing.assert_array_equal(rows.to_numpy(), expected)
    rows, _ = ProWSyn(random_state=1).fit_resample(sparse.csr_matrix(X), y)
    np.testing.assert_allclose(rows.toarray(), expected, atol=1e-12)
