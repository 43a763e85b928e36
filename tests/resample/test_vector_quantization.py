"""Vector quantisation beside slow loops and ClusterCentroids, and the rules of its paper."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from imblearn.under_sampling import ClusterCentroids
from sklearn.cluster import DBSCAN, KMeans
from threadpoolctl import threadpool_limits

from rarebird._errors import DataError, ParameterError
from rarebird.resample.quantizer import lloyd, quantize
from rarebird.resample.vector_quantization import VectorQuantizationSampler


def table(counts=(300, 120, 20), d=3, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    return rng.normal(size=(len(y), d)) + 2 * y[:, None], y


def distortion(X, centres, cells, weights=1.0):
    return float((weights * ((X - centres[cells]) ** 2).sum(axis=1)).sum())


def slow_lloyd(X, centres, weights, steps):
    centres = [list(c) for c in centres]
    for _ in range(steps):
        cells = [
            min(range(len(centres)), key=lambda c, x=x: sum((x - np.array(centres[c])) ** 2))
            for x in X
        ]
        for c in range(len(centres)):
            rows = [i for i, cell in enumerate(cells) if cell == c]
            if rows:
                total = sum(weights[i] for i in rows)
                centres[c] = list(sum(weights[i] * X[i] for i in rows) / total)
    return np.array(centres), np.array(cells)


@pytest.mark.parametrize("seed", range(4))
def test_lloyd_steps_are_those_of_a_loop_and_never_raise_the_distortion(seed):
    rng = np.random.default_rng(seed)
    X, weights = rng.normal(size=(60, 2)), rng.integers(1, 5, 60).astype(float)
    start = X[rng.choice(60, 5, replace=False)]
    centres, cells, distortions = lloyd(X, start, weights, tol=0.01)
    slow_centres, slow_cells = slow_lloyd(X, start, weights, len(distortions))
    np.testing.assert_allclose(centres, slow_centres, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(cells, slow_cells)
    assert len(distortions) > 2 and (np.diff(distortions) <= 1e-9).all()
    stops = 1 - np.array(distortions[1:]) / distortions[:-1]
    assert (stops[:-1] > 0.01).all() and stops[-1] <= 0.01


def test_distortion_falls_with_the_number_of_code_words():
    X = np.random.default_rng(0).normal(size=(200, 3))
    for ks in ([1, 2, 4, 8, 16, 32, 64], range(1, 20), [50, 100, 199, 200]):
        found = []
        for k in ks:
            centres, cells = quantize(X, k, np.ones(200))
            assert len(centres) == k and (np.bincount(cells, minlength=k) > 0).all()
            found.append(distortion(X, centres, cells))
        assert (np.diff(found) < 0).all()
    assert found[-1] == 0


def test_code_words_are_means_and_nearly_as_good_as_k_means():
    X = np.random.default_rng(0).normal(size=(400, 3))
    centres, cells = quantize(X, 16, np.ones(400))
    means = np.stack([X[cells == c].mean(axis=0) for c in range(16)])
    np.testing.assert_allclose(centres, means, atol=1e-12)
    best = KMeans(16, n_init=5, random_state=0).fit(X).inertia_
    assert distortion(X, centres, cells) < 1.1 * best


def test_a_weight_is_a_row_repeated():
    rng = np.random.default_rng(1)
    X, weights = rng.normal(size=(50, 2)), rng.integers(1, 4, 50)
    one, _ = quantize(X, 6, weights.astype(float))
    two, _ = quantize(np.repeat(X, weights, axis=0), 6, np.ones(weights.sum()))
    np.testing.assert_allclose(one, two, atol=1e-12)


@pytest.mark.parametrize("X", [np.full((30, 2), 0.1), np.tile([[0.1], [0.7], [1e4]], (20, 1))])
def test_no_more_code_words_than_different_rows(X):
    centres, cells = quantize(X, 12, np.ones(len(X)))
    assert len(centres) == len(np.unique(X, axis=0))
    np.testing.assert_allclose(centres[cells], X)


@pytest.mark.parametrize("voting", ["hard", "soft"])
@pytest.mark.parametrize("n_parts", [1, 3])
def test_weights_sum_to_the_rows_and_rows_are_what_they_should_be(voting, n_parts):
    X, y = table()
    sampler = VectorQuantizationSampler(
        sampling_strategy={0: 25, 1: 120}, voting=voting, n_parts=n_parts
    )
    X_new, y_new, price = sampler.fit_resample(X, y, price=np.arange(len(y)))
    assert np.bincount(y_new).tolist() == [25, 120, 20]
    np.testing.assert_allclose(np.bincount(y_new, sampler.weights_), [300, 120, 20])
    assert (sampler.weights_[25:] == 1).all() and sampler.weights_[:25].max() > 1
    np.testing.assert_array_equal(price, sampler.parents_[:, 0])
    own = X[y == 0]
    if voting == "hard":
        np.testing.assert_array_equal(X_new, X[sampler.sample_indices_])
        assert len(set(sampler.sample_indices_.tolist())) == len(y_new)
    else:
        total = (sampler.weights_[:25, None] * X_new[:25]).sum(axis=0)
        np.testing.assert_allclose(total, own.sum(axis=0))  # means of their cells
        parents = X[sampler.parents_[:25, 0]]
        nearest = ((parents[:, None] - X_new[:25]) ** 2).sum(axis=2).argmin(axis=1)
        assert np.mean(nearest == np.arange(25)) > 0.9  # a cell may end a step before it is settled
    gaps = ((own[:, None] - X_new[:25]) ** 2).sum(axis=2).min(axis=1)
    drawn = own[np.random.default_rng(0).choice(300, 25, replace=False)]
    by_chance = ((own[:, None] - drawn) ** 2).sum(axis=2).min(axis=1)
    assert gaps.mean() < 0.8 * by_chance.mean()


def test_parts_are_quantised_alone_and_then_their_code_words_by_weight():
    X, y = table((200, 20))
    sampler = VectorQuantizationSampler(
        sampling_strategy={0: 12}, n_parts=3, voting="soft", n_jobs=1
    )
    got = sampler.fit_resample(X, y)[0][:12]
    words, weights = [], []
    for part in range(3):
        own = X[[i for i in range(220) if i % 3 == part and y[i] == 0]]
        centres, cells = quantize(own, 12, np.ones(len(own)))
        words.append(centres)
        weights.append(np.bincount(cells))
    wanted, _ = quantize(np.concatenate(words), 12, np.concatenate(weights).astype(float))
    np.testing.assert_array_equal(got, wanted)


def test_hard_rows_are_the_nearest_of_their_cells():
    X, y = table()
    sampler = VectorQuantizationSampler(sampling_strategy={0: 10})
    sampler.fit_resample(X, y)
    rows = np.flatnonzero(y == 0)
    centres, cells = quantize(X[rows], 10, np.ones(300))
    wanted = {}
    for c in range(10):
        own = rows[cells == c]
        gaps = ((X[own] - centres[c]) ** 2).sum(axis=1)
        wanted[int(own[gaps.argmin()])] = len(own)
    assert sampler.sample_indices_[:10].tolist() == sorted(wanted)
    assert sampler.weights_[:10].tolist() == [wanted[i] for i in sorted(wanted)]


@pytest.mark.parametrize("seed", range(3))
def test_soft_on_the_same_clustering_is_cluster_centroids(seed):
    X, y = table(seed=seed)
    aims = {0: 30, 1: 15}
    with threadpool_limits(1):
        kmeans = KMeans(random_state=seed)
        theirs = ClusterCentroids(sampling_strategy=aims, estimator=kmeans).fit_resample(X, y)
        sampler = VectorQuantizationSampler(sampling_strategy=aims, estimator=kmeans, voting="soft")
        ours = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(ours[0], theirs[0])
    np.testing.assert_array_equal(ours[1], theirs[1])


def test_one_part_of_a_stream_equals_the_batch():
    X, y = table()
    batch = VectorQuantizationSampler(sampling_strategy={0: 50, 1: 50})
    stream = VectorQuantizationSampler(max_rows=50)
    X_new, y_new = batch.fit_resample(X, y)
    X_old, y_old = stream.partial_fit_resample(X, y)
    np.testing.assert_array_equal(X_new, X_old)
    np.testing.assert_array_equal(y_new, y_old)
    np.testing.assert_array_equal(batch.weights_, stream.weights_)


@pytest.mark.parametrize("n_parts", [1, 4])
@pytest.mark.parametrize("voting", ["hard", "soft"])
def test_enough_code_words_return_the_data_unchanged(voting, n_parts):
    X, y = table()
    for k in (300, 1000):
        sampler = VectorQuantizationSampler(max_rows=k, voting=voting, n_parts=n_parts)
        X_new, y_new = sampler.partial_fit_resample(X, y)
        np.testing.assert_array_equal(X_new, X)
        np.testing.assert_array_equal(y_new, y)
        assert (sampler.weights_ == 1).all()


def test_a_stream_of_windows():
    X, y = table((700, 200, 30), seed=3)
    sampler = VectorQuantizationSampler(max_rows=40, n_parts=2)
    total = 0.0
    for start in range(0, 930, 200):
        window = slice(start, start + 200)
        _, y_new = sampler.partial_fit_resample(X[window], y[window])
        assert np.bincount(y_new).max() <= 40
        total += sampler.weights_.sum()
        assert sampler.is_synthetic_.sum() == 0
    assert total == 930 and sampler.rows_seen_ == {0: 700, 1: 200, 2: 30}
    with pytest.raises(DataError, match="2 columns, the stream so far had 3"):
        sampler.partial_fit_resample(X[:50, :2], y[:50])
    assert sampler.rows_seen_ == {0: 700, 1: 200, 2: 30}


def test_threads_and_repeats_change_nothing():
    X, y = table((600, 100))
    found = [
        VectorQuantizationSampler(n_parts=3, n_jobs=n_jobs).fit_resample(X, y)[0]
        for n_jobs in (None, 1, 2)
    ]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


@pytest.mark.parametrize("voting", ["hard", "soft"])
def test_frames_give_the_rows_of_the_array(voting):
    X, y = table()
    names = list("abc")
    X_new, y_new = VectorQuantizationSampler(voting=voting).fit_resample(X, y)
    X_win, _ = VectorQuantizationSampler(voting=voting, max_rows=9).partial_fit_resample(X, y)
    for frame in (pd.DataFrame(X, columns=names), pl.DataFrame(X, schema=names)):
        sampler = VectorQuantizationSampler(voting=voting, max_rows=9)
        out, labels = sampler.fit_resample(frame, y)
        assert type(out) is type(frame)
        np.testing.assert_array_equal(out.to_numpy(), X_new)
        np.testing.assert_array_equal(labels, y_new)
        np.testing.assert_array_equal(sampler.partial_fit_resample(frame, y)[0].to_numpy(), X_win)


@pytest.mark.parametrize("voting", ["hard", "soft"])
def test_rare_cases(rare, voting):
    sampler = VectorQuantizationSampler(voting=voting, max_rows=20)
    if rare.name == "missing_values":
        with pytest.raises(DataError, match="NaN"):
            sampler.fit_resample(rare.X, rare.y)
        with pytest.raises(DataError, match="NaN"):
            sampler.partial_fit_resample(rare.X, rare.y)
        return
    if rare.name == "single_class":
        with pytest.raises(DataError, match="more than 1 class"):
            sampler.fit_resample(rare.X, rare.y)
    else:
        _, y_new = sampler.fit_resample(rare.X, rare.y)
        fewest = np.unique(rare.y, return_counts=True)[1].min()
        assert set(np.unique(y_new, return_counts=True)[1].tolist()) == {fewest}
    _, y_new = sampler.partial_fit_resample(rare.X, rare.y)
    counts = np.unique(rare.y, return_counts=True)[1]
    counts = np.minimum(counts, 20)
    if rare.name == "duplicate_rows":
        counts[1] = 6  # of its 24 rows only six differ
    assert np.unique(y_new, return_counts=True)[1].tolist() == counts.tolist()
    assert sampler.weights_.sum() == len(rare.y)


def test_what_is_refused_and_a_target_of_no_rows():
    X, y = table()
    with pytest.raises(ParameterError, match="max_rows=0"):
        VectorQuantizationSampler(max_rows=0).partial_fit_resample(X, y)
    with pytest.raises(ParameterError, match="voting='auto'"):
        VectorQuantizationSampler(voting="auto").fit_resample(X, y)
    with pytest.raises(ParameterError, match="a clustering with fit and predict"):
        VectorQuantizationSampler(estimator=DBSCAN()).fit_resample(X, y)
    _, y_new = VectorQuantizationSampler(sampling_strategy={0: 0, 1: 5}).fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [0, 5, 20]
