"""LoRAS against a slow reference, the closed form of its variance, and the convex hull."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.preprocessing import FunctionTransformer

from rarebird._errors import DataError, ParameterError
from rarebird.resample.around import affine_means
from rarebird.resample.loras import LoRAS


def data(n=80, n_rare=15, d=3, seed=0):
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], [n, n_rare])
    return rng.normal(size=(n + n_rare, d)) + y[:, None], y


def slow(X, y, k, n_shadow, n_affine, std, rng):
    rare = np.flatnonzero(y == 1)
    n_new = (y == 0).sum() - len(rare)
    times = np.full(len(rare), n_new // len(rare))
    times[rng.permutation(len(rare))[: n_new % len(rare)]] += 1
    rows, parents = [], []
    for place, p in enumerate(rare):
        if not times[place]:
            continue
        gaps = [(sum((X[p] - X[q]) ** 2), q) for q in rare]
        around = [q for _, q in sorted(gaps)[:k] for _ in range(n_shadow)]
        noise = rng.normal(size=(len(around), X.shape[1]))
        shadows = [X[q] + std * e for q, e in zip(around, noise, strict=True)]
        chosen = rng.integers(0, len(around), size=(times[place], n_affine))
        weights = rng.dirichlet(np.ones(n_affine), size=times[place])
        for own, weight in zip(chosen, weights, strict=True):
            rows.append(sum(w * shadows[m] for w, m in zip(weight, own, strict=True)))
            parents.append([p] + [around[m] for m in own])
    return np.array(rows), np.array(parents)


@pytest.mark.parametrize("given", [{}, {"n_neighbors": 4, "n_shadow": 7, "n_affine": 5}])
def test_the_rows_are_those_of_the_slow_reference(given):
    X, y = data()
    sampler = LoRAS(random_state=2, std=0.3, **given)
    X_new, y_new = sampler.fit_resample(X, y)
    k, n_shadow, n_affine = tuple(given.values()) or (8, 1, 3)  # 2 * 3 / 8 shadows, rounded up
    rows, parents = slow(X, y, k, n_shadow, n_affine, 0.3, np.random.default_rng(2))
    np.testing.assert_allclose(X_new[95:], rows, atol=1e-12)
    np.testing.assert_array_equal(sampler.parents_[95:], parents)
    assert (y_new == 1).sum() == 80


def test_without_noise_a_new_row_is_a_mean_of_its_parents():
    X, y = data()
    sampler = LoRAS(random_state=0, std=0, n_affine=2)
    X_new, _ = sampler.fit_resample(X, y)
    _, one, other = sampler.parents_[95:].T
    way = X[other] - X[one]
    share = ((X_new[95:] - X[one]) * way).sum(axis=1) / np.maximum((way**2).sum(axis=1), 1e-300)
    np.testing.assert_allclose(X_new[95:], X[one] + share[:, None] * way, atol=1e-12)
    assert share.min() >= 0 and share.max() <= 1
    alone = LoRAS(random_state=0, std=0, n_affine=1)
    copies, _ = alone.fit_resample(X, y)
    np.testing.assert_allclose(copies[95:], X[alone.parents_[95:, 1]], atol=1e-12)


def test_the_variance_of_a_mean_of_m_shadows_is_two_over_m_plus_one():
    rng = np.random.default_rng(0)
    for m in (1, 3, 10):
        shadows = rng.normal(size=(60_000 * m, 1))
        chosen = np.arange(60_000 * m).reshape(-1, m)
        means = affine_means(shadows, chosen, rng.dirichlet(np.ones(m), size=60_000))
        assert means.var() == pytest.approx(2 / (m + 1), rel=0.03)
        assert abs(means.mean()) < 0.02


def test_noise_is_given_for_all_columns_or_for_each():
    X, y = data()
    X[:, 1] = 7.0
    out, _ = LoRAS(random_state=0, std=[0.1, 0.0, 0.1]).fit_resample(X, y)
    np.testing.assert_allclose(out[95:, 1], 7.0)
    assert LoRAS(random_state=0).fit_resample(X, y)[0][95:, 1].std() > 0
    for wrong in ([0.1, 0.1], [0.1, -1, 0.1]):
        with pytest.raises(ParameterError, match="X has 3 columns"):
            LoRAS(std=wrong).fit_resample(X, y)


def test_neighbourhoods_may_come_from_an_embedding():
    X, y = data()
    first = FunctionTransformer(lambda X: X[:, [0]])
    sampler = LoRAS(random_state=0, embedding=first, n_neighbors=3)
    sampler.fit_resample(X, y)
    rare = np.flatnonzero(y == 1)
    by_first = rare[np.argsort(X[rare, 0])]
    rank = {row: place for place, row in enumerate(by_first)}
    spans = [abs(rank[q] - rank[p[0]]) for p in sampler.parents_[95:] for q in p[1:]]
    assert max(spans) <= 2


def test_frames_give_the_rows_of_the_array():
    X, y = data()
    base, _ = LoRAS(random_state=3).fit_resample(X, y)
    names = ["a", "b", "c"]
    for frame in (pd.DataFrame(X, columns=names), pl.DataFrame(X, schema=names)):
        out, _ = LoRAS(random_state=3).fit_resample(frame, y)
        np.testing.assert_array_equal(out.to_numpy(), base)


def test_what_cannot_be_done_is_refused():
    X, y = data(n_rare=4)
    with pytest.raises(DataError, match=r"class 1 \(4 rows\).*n_neighbors<=4"):
        LoRAS(n_neighbors=5).fit_resample(X, y)
    assert len(LoRAS().fit_resample(X, y)[0]) == 160
    with pytest.raises(ParameterError, match="no more than 8"):
        LoRAS(n_shadow=2, n_affine=9).fit_resample(X, y)
