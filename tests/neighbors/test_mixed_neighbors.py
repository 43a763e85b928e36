"""MixedNeighbors finds what a slow obvious version finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors

from rarebird._errors import DataError, NotFittedError, ParameterError
from rarebird.neighbors import MixedNeighbors, backend, edited, mixed_backend, tomek_links


def table(n=90, missing=0.0, seed=0, levels=4):
    """Two numbers of different units, two categories, all with missing values."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n, 2)) * [1, 1000] + [0, 1e5]
    codes = np.column_stack([rng.integers(0, levels, n), rng.integers(10, 40, n)])
    X = np.column_stack([codes[:, 0], numbers, codes[:, 1]]).astype(float)
    X[rng.random(X.shape) < missing] = np.nan
    return X


def slow(X, Q, categorical):
    """Return squared distances, one pair and one column at a time."""
    numeric = [j for j in range(X.shape[1]) if j not in categorical]
    scale = {j: np.nanstd(X[:, j]) if (~np.isnan(X[:, j])).any() else 0 for j in numeric}
    numeric = [j for j in numeric if scale[j] > 0]
    out = np.zeros((len(Q), len(X)))
    for a, q in enumerate(Q):
        for b, x in enumerate(X):
            known = [j for j in numeric if not np.isnan(q[j]) and not np.isnan(x[j])]
            total = sum(((q[j] - x[j]) / scale[j]) ** 2 for j in known)
            both = np.isnan([q[numeric], x[numeric]]).all()
            total = total * len(numeric) / len(known) if known else 2.0 * len(numeric) * (not both)
            for j in categorical:
                level = np.isnan(q[j]) and np.isnan(x[j])
                total += not (level or q[j] == x[j])
            out[a, b] = total
    return out


@pytest.mark.parametrize("missing", [0.0, 0.25, 0.7])
@pytest.mark.parametrize("categorical", [(0, 3), (0,), ()])
@pytest.mark.parametrize("own", [True, False])
def test_distances_are_the_smallest_by_an_obvious_count(missing, categorical, own):
    X = table(missing=missing)
    Q = X[::3] if own else table(n=30, missing=missing, seed=1)
    distance, found = MixedNeighbors(6, categorical=categorical).fit(X).kneighbors(Q)
    want = np.sqrt(slow(X, Q, categorical))
    np.testing.assert_allclose(distance, np.sort(want, axis=1)[:, :6], rtol=1e-9, atol=1e-9)
    mine = np.take_along_axis(want, found, axis=1)
    np.testing.assert_allclose(mine, distance, rtol=1e-9, atol=1e-9)
    assert all(len(set(row)) == 6 for row in found.tolist())


def test_numbers_without_missing_values_are_searched_for_exactly(monkeypatch):
    X = np.random.default_rng(0).normal(size=(800, 3)) * [1, 100, 0.01]
    monkeypatch.delattr(MixedNeighbors, "_search")
    distance, found = MixedNeighbors(5).fit(X).kneighbors(X[:100])
    want, index = (
        NearestNeighbors(n_neighbors=5).fit(X / X.std(axis=0)).kneighbors(X[:100] / X.std(axis=0))
    )
    np.testing.assert_array_equal(found, index)
    np.testing.assert_allclose(distance, want, atol=1e-9)


def test_a_query_with_missing_values_among_complete_rows():
    X = np.random.default_rng(0).normal(size=(200, 3))
    Q = X[:40].copy()
    Q[::2, 1] = np.nan
    distance, _ = MixedNeighbors(4).fit(X).kneighbors(Q)
    want = np.sort(np.sqrt(slow(X, Q, ())), axis=1)[:, :4]
    np.testing.assert_allclose(distance, want, atol=1e-9)


def test_a_row_comes_first_of_all_even_if_others_are_at_distance_0():
    X = table(n=300, missing=0.8, levels=2)
    distance, found = MixedNeighbors(3, categorical=(0, 3)).fit(X).kneighbors()
    same = [np.array_equal(X[i], X[j], equal_nan=True) for i, j in enumerate(found[:, 0])]
    assert all(same) and (distance[:, 0] == 0).all()


def test_units_do_not_matter():
    X = table(missing=0.1)
    want = MixedNeighbors(5, categorical=(0, 3)).fit(X).kneighbors()[1]
    X[:, 1] *= 2.0**20
    found = MixedNeighbors(5, categorical=(0, 3)).fit(X).kneighbors()[1]
    np.testing.assert_array_equal(found, want)


@pytest.mark.parametrize("value", [7.0, np.nan])
def test_a_column_without_spread_adds_nothing(value):
    X = table(missing=0.2)
    wide = np.column_stack([X, np.full(len(X), value)])
    search = MixedNeighbors(5, categorical=(0, 3)).fit(wide)
    Q = np.column_stack([X[:20], np.full(20, 99.0)])
    want = MixedNeighbors(5, categorical=(0, 3)).fit(X).kneighbors(X[:20])[0]
    np.testing.assert_array_equal(search.kneighbors(Q)[0][:, 1:], want[:, 1:])


def test_only_categories_and_a_level_that_was_not_seen():
    X = np.array([[0.0, 0], [0, 1], [1, 1], [np.nan, 1]])
    search = MixedNeighbors(4, categorical=(0, 1)).fit(X)
    distance, found = search.kneighbors(np.array([[5.0, 1], [np.nan, 0]]))
    assert sorted(found[0, :3].tolist()) == [1, 2, 3] and found[0, 3] == 0
    np.testing.assert_allclose(distance**2, [[1, 1, 1, 2], [1, 1, 2, 2]])


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 40), st.integers(1, 3), st.integers(0, 10**6))
def test_ties_are_spread_and_do_not_depend_on_threads_or_blocks(n, levels, seed):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, levels, (n, 3)).astype(float)
    X[rng.random(X.shape) < 0.1] = np.nan
    k = min(3, n)
    want = MixedNeighbors(k, categorical=(1,), n_jobs=1).fit(X).kneighbors()
    true = np.sort(np.sqrt(slow(X, X, (1,))), axis=1)[:, :k]
    np.testing.assert_allclose(want[0], true, atol=1e-9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mixed_backend, "BLOCK_BYTES", 8 * n)
        found = MixedNeighbors(k, categorical=(1,), n_jobs=2).fit(X).kneighbors()
    np.testing.assert_array_equal(found[1], want[1])
    np.testing.assert_array_equal(found[0], want[0])


def test_the_order_of_the_table_does_not_settle_ties():
    X = (np.arange(400.0) % 2)[:, None]
    codes = (np.arange(400) < 200).astype(int)  # a table sorted by class
    search = MixedNeighbors(101, categorical=(0,)).fit(X)
    share = codes[search.kneighbors(X[:2], return_distance=False)[:, 1:]].mean(axis=1)
    assert (abs(share - 0.5) < 0.15).all()


def test_it_serves_where_a_search_is_asked_for():
    rng = np.random.default_rng(0)
    X, codes = table(n=400, missing=0.1), rng.integers(0, 2, 400)
    search = MixedNeighbors(4, categorical=(0, 3))
    assert backend(search) is search and not search.approximate
    near = clone(search).fit(X).kneighbors(return_distance=False)[:, 1:]
    kept = edited(X, codes, [0, 1], n_neighbors=search)
    agrees = (codes[near] == codes[:, None]).all(axis=1)
    np.testing.assert_array_equal(np.isin(np.arange(400), kept), agrees)
    links = tomek_links(X, codes, [0, 1], neighbors=search)
    mutual = near[near[:, 0], 0] == np.arange(400)
    gone = np.flatnonzero(mutual & (codes[near[:, 0]] != codes))
    np.testing.assert_array_equal(np.setdiff1d(np.arange(400), links), gone)


def test_it_is_a_scikit_learn_object():
    search = clone(MixedNeighbors(3, categorical=[0], n_jobs=2)).set_params(n_neighbors=2)
    assert search.get_params() == {"n_neighbors": 2, "categorical": [0], "n_jobs": 2}
    assert search.fit(table()).kneighbors(n_neighbors=7, return_distance=False).shape == (90, 7)
    assert search.kneighbors(table()[:0], return_distance=False).shape == (0, 2)


def test_refusals():
    X = table()
    with pytest.raises(NotFittedError, match="needs fitted rows"):
        MixedNeighbors().kneighbors(X)
    with pytest.raises(ParameterError, match="from 0 to 3"):
        MixedNeighbors(categorical=[4]).fit(X)
    with pytest.raises(ParameterError, match="each once"):
        MixedNeighbors(categorical=[1, 1]).fit(X)
    with pytest.raises(DataError, match="infinity"):
        MixedNeighbors().fit(np.full((3, 2), np.inf))
    with pytest.raises(DataError, match="as codes"):
        MixedNeighbors().fit(np.array([["a", "b"]]))
    with pytest.raises(DataError, match="n_neighbors=91"):
        MixedNeighbors(91).fit(X).kneighbors()
    with pytest.raises(DataError, match="4 columns"):
        MixedNeighbors(2).fit(X).kneighbors(X[:, :2])
