"""Named backends find what scikit-learn finds; the approximate one says that it is one."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors

from rarebird._errors import ParameterError, ParameterTypeError
from rarebird._optional import available
from rarebird.neighbors import BACKENDS, backend, edited

faiss = pytest.mark.skipif(not available("faiss"), reason="needs faiss-cpu")


@pytest.mark.parametrize("name", ["exact", "sklearn", pytest.param("faiss", marks=faiss)])
@pytest.mark.parametrize("shift", [0.0, 1e5])
def test_exact_engines(name, shift):
    X = np.random.default_rng(0).normal(size=(900, 12)) + shift
    gaps, found = clone(backend(name, 4)).fit(X).kneighbors(X[:300])
    want, index = NearestNeighbors(n_neighbors=4).fit(X).kneighbors(X[:300])
    np.testing.assert_array_equal(found, index)
    np.testing.assert_allclose(gaps, want, atol=1e-9)
    only = backend(name, 2).fit(X).kneighbors(X[:9], 6, return_distance=False)
    np.testing.assert_array_equal(
        only, NearestNeighbors(n_neighbors=6).fit(X).kneighbors(X[:9], return_distance=False)
    )


@faiss
def test_flat_faiss_settles_ties_and_copies_as_ours_does():
    X = np.random.default_rng(0).integers(0, 2, (400, 8)).astype(float)
    ours = backend("exact", 3).fit(X).kneighbors(X, return_distance=False)
    np.testing.assert_array_equal(
        backend("faiss", 3).fit(X).kneighbors(X, return_distance=False), ours
    )


@faiss
def test_graph_is_marked_and_mostly_right():
    X = np.random.default_rng(0).normal(size=(2000, 8))
    graph = backend("faiss-hnsw", 4)
    assert graph.approximate
    found = graph.fit(X).kneighbors(X, return_distance=False)
    index = NearestNeighbors(n_neighbors=4).fit(X).kneighbors(X, return_distance=False)
    assert (found == index).mean() > 0.9


def test_only_the_graph_is_approximate():
    marked = [name for name, made in BACKENDS.items() if getattr(made, "approximate", False)]
    assert marked == ["faiss-hnsw"]
    assert len(BACKENDS) == 4


def test_an_engine_can_stand_for_a_number():
    rng = np.random.default_rng(0)
    X, codes = rng.normal(size=(300, 6)), rng.integers(0, 2, 300)
    np.testing.assert_array_equal(
        edited(X, codes, [0], n_neighbors=backend("exact", 4)), edited(X, codes, [0], n_neighbors=3)
    )


def test_refusals():
    with pytest.raises(ParameterError, match="Did you mean 'faiss'"):
        backend("fais")
    with pytest.raises(ParameterTypeError, match="cannot find neighbours"):
        backend(3)
    with pytest.raises(ParameterTypeError, match="needs the queries"):
        backend("exact").fit(np.eye(3)).kneighbors()
