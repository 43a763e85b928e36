"""The screen's bounds hold on data made to break them."""

import numpy as np
import pytest

from rarebird.neighbors import Screen
from rarebird.neighbors.purity import certify

RNG = np.random.default_rng(0)
TABLES = {
    "plain": RNG.normal(size=(600, 20)),
    "far away": RNG.normal(size=(600, 20)) + 1e6,
    "mixed scales": RNG.normal(size=(600, 20)) * np.logspace(-5, 5, 20),
    "near pairs": np.repeat(RNG.normal(size=(300, 12)), 2, axis=0)
    + 1e-5 * RNG.normal(size=(600, 12)),
    "one long row": np.concatenate([RNG.normal(size=(599, 8)), np.full((1, 8), 1e6)]),
    "cancelling": np.where(RNG.random((600, 40)) < 0.5, 1.0, -1.0)
    + 1e-4 * RNG.normal(size=(600, 40)),
    "tiny": RNG.normal(size=(600, 20)) * 1e-200,
    "huge": RNG.normal(size=(600, 20)) * 1e130,
}


def truth(X):
    with np.errstate(under="ignore"):
        return ((X[:, None] - X) ** 2).sum(axis=2)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_lower_is_below_and_upper_above(name, dtype):
    X = TABLES[name]
    screen = Screen(X, dtype=dtype)
    rows, cols = np.arange(300), np.arange(300, 600)
    every = truth(X)[:300, 300:]
    low, across = screen.lower_minima(rows, cols, both=True)
    np.testing.assert_array_equal(low, screen.lower_minima(rows, cols)[0])
    assert (low <= every.min(axis=1)).all()
    assert (across <= every.min(axis=0)).all()
    assert (screen.upper_minima(rows, cols) >= every.min(axis=1)).all()


@pytest.mark.parametrize("name", TABLES)
def test_witnesses_are_nearer_than_the_radius(name):
    X = TABLES[name]
    screen, every = Screen(X, dtype=np.float32), truth(X)
    rows = np.arange(600)
    radius = np.sort(every, axis=1)[:, 40]
    witness = certify(screen, rows, rows, radius, 3)
    found = witness[:, 0] >= 0
    assert (every[rows[found, None], witness[found]] < radius[found, None]).all()
    assert (witness[found] != rows[found, None]).all()
    assert all(len(set(row)) == 3 for row in witness[found].tolist())
    if name == "plain":
        assert found.mean() > 0.9


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("k", [1, 3, 9])
def test_nearest_finds_the_smallest(name, k):
    X = TABLES[name]
    rows, cols = np.arange(200), np.arange(100, 600)
    found, gaps = Screen(X, dtype=np.float32).nearest(rows, cols, k)
    want = np.sort(truth(X)[:200, 100:], axis=1)[:, :k]
    np.testing.assert_allclose(gaps, want, rtol=1e-12)
    assert (found >= 100).all()


def test_float64_is_chosen_where_float32_would_blur():
    assert Screen(TABLES["plain"]).dtype == np.float32
    assert Screen(TABLES["mixed scales"][:, ::5]).dtype in (np.float32, np.float64)
    blurred = RNG.normal(size=(600, 20)) + 1e4 * RNG.integers(0, 2, (600, 1))
    assert Screen(blurred).dtype == np.float64
