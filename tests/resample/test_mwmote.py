"""MWMOTE against a slow reference of every step, and where its rows may lie."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from rarebird._errors import DataError
from rarebird.resample import mwmote
from rarebird.resample.base_weights import average_linkage, closeness, selection_weights
from rarebird.resample.mwmote import MWMOTE


def data(seed=0, counts=(70, 25), d=2):
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(len(counts)), counts)
    return rng.normal(size=(len(y), d)) + 1.2 * y[:, None], y


def slow_weights(X, y, label, k1=5, k2=3, k3=None, cf_th=5.0, cmax=2.0):
    """Steps 1 to 9 of the paper by loops; the rows kept and the weight of each."""
    gap = np.sqrt(((X[:, None] - X[None]) ** 2).sum(axis=2))
    rare = [i for i in range(len(X)) if y[i] == label]
    rest = [i for i in range(len(X)) if y[i] != label]

    def nearest(i, pool, k):
        return sorted((j for j in pool if j != i), key=lambda j: gap[i, j])[:k]

    kept = [i for i in rare if any(y[j] == label for j in nearest(i, range(len(X)), k1))]
    border = sorted({j for i in kept for j in nearest(i, rest, k2)})
    near = {b: nearest(b, kept, k3 or len(rare) // 2) for b in border}
    informative = sorted({j for b in border for j in near[b]})

    def cf(b, x):
        if x not in near[b]:
            return 0.0
        d_n = gap[b, x] / X.shape[1]
        return min(1 / d_n, cf_th) / cf_th * cmax

    weight = dict.fromkeys(kept, 0.0)
    for x in informative:
        for b in border:
            density = cf(b, x) / sum(cf(b, q) for q in informative)
            weight[x] += cf(b, x) * density
    return np.array(kept), np.array([weight[i] for i in kept])


def slow_clusters(X, cp):
    """Average linkage by merging the two nearest clusters while they are near enough."""
    gap = np.sqrt(((X[:, None] - X[None]) ** 2).sum(axis=2))
    limit = cp * np.mean([min(gap[i, j] for j in range(len(X)) if j != i) for i in range(len(X))])
    clusters = [[i] for i in range(len(X))]
    while len(clusters) > 1:
        pairs = [
            (np.mean([gap[i, j] for i in one for j in other]), a, b)
            for a, one in enumerate(clusters)
            for b, other in enumerate(clusters)
            if a < b
        ]
        distance, a, b = min(pairs)
        if distance > limit:
            break
        clusters[a] += clusters.pop(b)
    return {frozenset(cluster) for cluster in clusters}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("given", [{}, {"k1": 3, "k2": 5, "k3": 4, "cf_th": 2.0, "cmax": 7.0}])
def test_kept_rows_and_weights_are_those_of_the_slow_reference(seed, given):
    X, y = data(seed, (60, 20, 15))
    sampler = MWMOTE(**given)
    checked, _ = sampler._check(X, y)
    for label in (1, 2):
        members = sampler._without_noise(checked, label)
        kept, weights = slow_weights(X, y, label, **given)
        np.testing.assert_array_equal(members, kept)
        np.testing.assert_allclose(sampler._weights(checked, label, members), weights)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("cp", [0.5, 1.5, 3.0])
def test_clusters_are_those_of_the_slow_reference(seed, cp):
    X, _ = data(seed, (30,))
    found = average_linkage(X, cp)
    clusters = {frozenset(np.flatnonzero(found == c).tolist()) for c in set(found.tolist())}
    assert clusters == slow_clusters(X, cp)


def test_rows_are_drawn_by_weight_and_lie_between_rows_of_a_cluster():
    X, y = data(1, (300, 25))
    sampler = MWMOTE(sampling_strategy=lambda y: {1: 6000}, random_state=0)
    X_new, y_new = sampler.fit_resample(X, y)
    base, other = sampler.parents_[len(X) :].T
    kept, weights = slow_weights(X, y, 1)
    shares = np.array([np.mean(base == i) for i in kept])
    np.testing.assert_allclose(shares, weights / weights.sum(), atol=0.02)
    cluster = dict(zip(kept, average_linkage(X[kept], 3.0), strict=True))
    assert all(cluster[b] == cluster[o] for b, o in zip(base, other, strict=True))
    low, high = np.minimum(X[base], X[other]), np.maximum(X[base], X[other])
    assert np.all((X_new[len(X) :] >= low - 1e-12) & (X_new[len(X) :] <= high + 1e-12))
    assert (y_new == 1).sum() == 6000
    sizes = {c: list(cluster.values()).count(c) for c in cluster.values()}
    alone = np.array([sizes[cluster[b]] == 1 for b in base])
    np.testing.assert_array_equal(base == other, alone)  # another row, where there is one


def test_closeness_is_capped_and_falls_with_the_distance():
    found = closeness(np.array([0, 0.1, 0.4, 1.0, 2.0]), 2, 5.0, 2.0)
    np.testing.assert_allclose(found, [2, 2, 2, 0.8, 0.4])


def test_equal_factors_share_a_border_row_s_weight():
    weights = selection_weights(np.full((3, 2), 2.0), np.array([[0, 1], [0, 1], [1, 2]]), 4)
    np.testing.assert_allclose(weights, [2, 3, 1, 0])


def test_noise_has_no_part():
    X, y = data(2)
    X[-1] = X[:70].mean(axis=0) - 2.5  # a rare row far on the other side
    X[-1] -= np.array([0.0, 0.5])
    sampler = MWMOTE(random_state=0)
    sampler.fit_resample(X, y)
    kept, _ = slow_weights(X, y, 1)
    assert len(X) - 1 not in kept
    assert set(sampler.parents_[len(X) :].ravel()) <= set(kept)


def test_every_table_gives_the_same_rows():
    X, y = data(3)
    base, _ = MWMOTE(random_state=3).fit_resample(X, y)
    for frame in (pd.DataFrame(X, columns=list("ab")), pl.DataFrame(X, schema=list("ab"))):
        np.testing.assert_array_equal(
            MWMOTE(random_state=3).fit_resample(frame, y)[0].to_numpy(), base
        )
    thin, _ = MWMOTE(random_state=3).fit_resample(sparse.csr_matrix(X), y)
    np.testing.assert_allclose(thin.toarray(), base, atol=1e-12)


def test_a_class_whose_pairs_are_too_many_is_refused_before_they_are_made(monkeypatch):
    monkeypatch.setattr(mwmote, "MAX_ROWS", 24)
    monkeypatch.setattr(mwmote, "average_linkage", None)
    with pytest.raises(DataError, match=r"class 1 \(25 rows\) is too large.*ADASYN"):
        MWMOTE().fit_resample(*data())


def test_a_class_of_noise_is_refused():
    X = np.arange(30.0)[:, None]
    y = np.where(np.isin(np.arange(30), [5, 15, 25]), "rare", "common")
    with pytest.raises(DataError, match=r"'rare' \(3 rows\).*larger k1"):
        MWMOTE().fit_resample(X, y)
    assert len(MWMOTE(k1=20).fit_resample(X, y)[0]) == 54
