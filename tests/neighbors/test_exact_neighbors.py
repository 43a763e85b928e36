"""Exact neighbours are scikit-learn's, in its order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from rarebird.neighbors import ExactNeighbors, exact


def peer(X, Q, k):
    return NearestNeighbors(n_neighbors=k).fit(X).kneighbors(Q, return_distance=False)


@pytest.fixture(params=["by work", "screen", "tree"])
def path(request, monkeypatch):
    if request.param != "by work":
        by_tree = request.param == "tree"
        monkeypatch.setattr(ExactNeighbors, "prefers_tree", lambda *_, **__: by_tree)
        monkeypatch.setattr(exact, "_SMALL", 0)


def normal(n, d, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


def heavy_tailed(n, d):
    return np.random.default_rng(1).standard_t(1.2, size=(n, d))


TABLES = {
    "plane": normal(700, 2),
    "five": normal(900, 5),
    "twelve": normal(1500, 12),
    "twenty": normal(3000, 20),
    "fifty": normal(1200, 50),
    "wide": normal(60, 300),
    "float32": normal(2000, 20).astype(np.float32),
    "integers": np.random.default_rng(0).integers(-1000, 1000, (1500, 18)),
    "far away": normal(1500, 20) + 1e6,
    "farther away, few columns": normal(900, 12) + 1e8,
    "tiny": normal(1500, 20) * 1e-30,
    "huge": normal(1500, 20) * 1e60,
    "mixed scales": normal(1500, 20) * np.logspace(-6, 6, 20),
    "one long row": np.concatenate([normal(1500, 20), np.full((1, 20), 1e7)]),
    "heavy tails": heavy_tailed(1500, 20),
    "one column": normal(500, 1),
    "fortran": np.asfortranarray(normal(1500, 20)),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("k", [1, 2, 6])
def test_rows_of_the_table_itself(name, k, path):
    X = TABLES[name]
    rows = np.random.default_rng(5).permutation(len(X))[:400]
    found = ExactNeighbors(X).kneighbors_of(rows, k)
    np.testing.assert_array_equal(found, peer(X, X[rows], k))


@pytest.mark.parametrize("name", TABLES)
def test_other_rows(name, path):
    X = TABLES[name]
    Q, X = X[::7], np.delete(X, np.arange(0, len(X), 7), axis=0)
    gaps, found = ExactNeighbors(X).kneighbors(Q, 4, return_distance=True)
    want, index = NearestNeighbors(n_neighbors=4).fit(X).kneighbors(Q)
    np.testing.assert_array_equal(found, index)
    far = np.abs(X).max() * (1 if X.shape[1] > 15 else 1e-8)
    np.testing.assert_allclose(gaps, want, rtol=1e-7, atol=1e-7 * far)


@pytest.mark.parametrize("d", [4, 20])
def test_every_number_of_threads_gives_the_same(d, path):
    X = np.round(normal(2500, d), 1)  # ties and near ties
    results = [ExactNeighbors(X, n_jobs=j).kneighbors_of(np.arange(2500), 5) for j in (1, 2, 3)]
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


@pytest.mark.parametrize("d", [2, 16])
def test_ties_have_the_right_distances(d, path):
    X = np.random.default_rng(0).integers(0, 3, (600, d)).astype(float)
    X = np.concatenate([X, X[:100]])
    found = ExactNeighbors(X).kneighbors_of(np.arange(700), 4)
    gaps = ((X[:, None] - X[found]) ** 2).sum(axis=2)
    every = np.sort(((X[:, None] - X) ** 2).sum(axis=2), axis=1)
    np.testing.assert_array_equal(gaps, every[:, :4])


def test_ties_are_settled_by_that_call(path):
    X = np.random.default_rng(0).integers(0, 3, (300, 16)).astype(float)
    rows = np.arange(300)
    found = ExactNeighbors(X).kneighbors_of(rows, 4)
    np.testing.assert_array_equal(found, ExactNeighbors(X)._settle(X[rows], 4))


@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array])
def test_sparse_rows(form):
    X = np.where(np.random.default_rng(0).random((400, 20)) < 0.7, 0, normal(400, 20))
    np.testing.assert_array_equal(
        ExactNeighbors(form(X)).kneighbors_of(np.arange(50), 3),
        peer(sparse.csr_matrix(X), X[:50], 3),
    )


def test_not_a_number_is_refused_as_scikit_learn_does():
    X = normal(50, 3)
    X[3, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        ExactNeighbors(X).kneighbors_of(np.arange(5), 2)


@given(
    X=arrays(float, st.tuples(st.integers(3, 30), st.integers(1, 20)),
             elements=st.floats(-1e6, 1e6, width=32)),
    k=st.integers(1, 3),
    by_tree=st.booleans(),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_distances_are_the_smallest_on_any_table(X, k, by_tree):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact, "_SMALL", 0)
        patch.setattr(ExactNeighbors, "prefers_tree", lambda *_, **__: by_tree)
        found = ExactNeighbors(X).kneighbors_of(np.arange(len(X)), k)
    every = ((X[:, None] - X) ** 2).sum(axis=2)
    mine = np.take_along_axis(every, found, axis=1)
    rounding = 1e-13 * ((X**2).sum(axis=1).max() + 1e-300) * 4
    assert (np.abs(mine - np.sort(every, axis=1)[:, :k]) <= rounding).all()
    assert all(len(set(row)) == k for row in found.tolist())
