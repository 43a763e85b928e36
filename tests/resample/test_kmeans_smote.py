"""KMeansSMOTE against imbalanced-learn 0.14."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from beside_theirs import KINDS, WEIGHTS, assert_same, data
from imblearn import over_sampling
from scipy import sparse
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.metrics import pairwise_distances_chunked
from sklearn.neighbors import NearestNeighbors

from contract.checks import assert_names_a_class_and_its_count
from rarebird._errors import DataError, ParameterError
from rarebird.resample import kmeans_smote
from rarebird.resample.kmeans_smote import KMeansSMOTE, allot, sparsity

LOW = {"cluster_balance_threshold": 0.05}  # several clusters count for each class


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_classes", WEIGHTS)
def test_the_rows_are_theirs(kind, n_classes):
    for seed in range(5):
        X, y = data(n_classes, seed)
        X = KINDS[kind](X)
        ours = KMeansSMOTE(random_state=seed, **LOW).fit_resample(X, y)
        assert len(ours[1]) > len(y)
        assert_same(ours, over_sampling.KMeansSMOTE(random_state=seed, **LOW).fit_resample(X, y))


@pytest.mark.parametrize(
    "given",
    [
        {"kmeans_estimator": 1},
        {"kmeans_estimator": 3, "cluster_balance_threshold": 0.01, "density_exponent": 2.0},
        {"kmeans_estimator": KMeans(4, n_init=1, random_state=0), "n_jobs": 2, **LOW},
        {"k_neighbors": 4, "kmeans_estimator": 4, **LOW},
        {"k_neighbors": NearestNeighbors(n_neighbors=4, metric="manhattan"), **LOW},
        {"sampling_strategy": {2: 100, 1: 90}, **LOW},
        {"sampling_strategy": "all", **LOW},
        {"sampling_strategy": "minority"},
    ],
    ids=lambda given: " ".join(given),
)
def test_the_parameters_mean_the_same(given):
    for seed in range(3):
        X, y = data(3, seed)
        ours = KMeansSMOTE(random_state=seed, **given)
        theirs = over_sampling.KMeansSMOTE(random_state=seed, **given)
        try:
            expected = theirs.fit_resample(X, y)
        except RuntimeError as error:
            assert "No clusters found" in str(error)
            with pytest.raises(DataError, match="no clusters found"):
                ours.fit_resample(X, y)
            continue
        assert_same(ours.fit_resample(X, y), expected)


def test_a_cluster_whose_rows_round_below_the_least_is_dropped_as_theirs():
    assert 3 / 47 * 47 < 3
    X = np.concatenate([np.arange(47.0), 1000 + np.arange(20.0)])[:, None]
    y = np.zeros(67, dtype=int)
    y[[1, 20, 40, 47, 50, 52, 57]] = 1
    given = {"kmeans_estimator": 2, "cluster_balance_threshold": 0, "random_state": 0}
    ours = KMeansSMOTE(**given)
    assert_same(ours.fit_resample(X, y), over_sampling.KMeansSMOTE(**given).fit_resample(X, y))
    assert ours.sample_indices_[67:].min() >= 47


@pytest.mark.parametrize("names", [["z", "b", "a a"], [-9, 4, 70], [0.0, 2.0, 5.0]], ids=str)
def test_labels_of_any_kind(names):
    X, y = data(3, 1)
    labels = np.array(names)[y]
    ours = KMeansSMOTE(random_state=1, **LOW).fit_resample(X, labels)
    assert_same(ours, over_sampling.KMeansSMOTE(random_state=1, **LOW).fit_resample(X, labels))
    _, truth = KMeansSMOTE(random_state=1, **LOW).fit_resample(X, y == 2)
    assert truth.dtype == bool and truth.sum() > (y == 2).sum()


def test_frames_give_the_rows_of_arrays():
    X, y = data(2, 2)
    base, _ = KMeansSMOTE(random_state=2, **LOW).fit_resample(X, y)
    names = list("abcdefgh")
    out, _ = KMeansSMOTE(random_state=2, **LOW).fit_resample(
        pd.DataFrame(X, columns=names), pd.Series(y)
    )
    np.testing.assert_array_equal(out.to_numpy(), base)
    out, _ = KMeansSMOTE(random_state=2, **LOW).fit_resample(pl.DataFrame(X, schema=names), y)
    np.testing.assert_array_equal(out.to_numpy(), base)


def test_the_formulas():
    X = np.random.default_rng(0).normal(size=(30, 4))
    gaps = [np.linalg.norm(a - b) for i, a in enumerate(X) for j, b in enumerate(X) if i != j]
    exponent = 0.16 * (np.log(30) / np.log(1.6)) ** 1.8
    assert sparsity(X) == pytest.approx(np.mean(gaps) ** exponent / 30)
    assert sparsity(X, 1.0) == pytest.approx(np.mean(gaps) / 30)
    assert sparsity(sparse.csr_matrix(X)) == pytest.approx(sparsity(X))
    np.testing.assert_array_equal(allot(np.array([1.0, 3.0]), 6), [2, 5])


def test_the_distances_come_in_blocks(monkeypatch):
    X, blocks = np.random.default_rng(0).normal(size=(400, 3)), []
    whole = sparsity(X)

    def watched(*args, **kwargs):
        for block in pairwise_distances_chunked(*args, **kwargs):
            blocks.append(len(block))
            yield block

    monkeypatch.setattr(kmeans_smote, "pairwise_distances_chunked", watched)
    monkeypatch.setattr(kmeans_smote, "_MEGABYTES", 0.1)
    assert sparsity(X) == pytest.approx(whole, rel=1e-12)
    assert len(blocks) > 10 and sum(blocks) == 400


def test_a_cluster_counts_from_half_the_part_of_the_new_rows():
    X = np.concatenate([np.arange(16.0), 100 + np.arange(16.0), 200 + np.arange(16.0)])[:, None]
    y = np.repeat([1, 0, 1, 0], [10, 6, 6, 26])
    given = {"kmeans_estimator": 3, "random_state": 0}
    ours = KMeansSMOTE(**given)
    assert_same(
        ours.fit_resample(X, y), over_sampling.KMeansSMOTE(**given).fit_resample(X, y)
    )  # 10 of 16 are enough, 6 of 16 are not
    assert ours.sample_indices_[48:].max() < 10


def test_new_rows_stay_inside_their_cluster():
    X, y = data(2, 1)
    sampler = KMeansSMOTE(random_state=0, **LOW)
    sampler.fit_resample(X, y)
    groups = sampler.kmeans_estimator_.labels_[sampler.parents_[sampler.is_synthetic_]]
    np.testing.assert_array_equal(groups[:, 0], groups[:, 1])
    assert len(np.unique(groups)) > 1


def test_clusters_of_equal_rows_share_evenly():
    X = np.repeat([[0.0], [1.0], [50.0], [51.0]], [20, 6, 20, 6], axis=0)
    y = np.repeat([0, 1, 0, 1], [20, 6, 20, 6])
    given = {"kmeans_estimator": 2, "random_state": 0, **LOW}
    X_new, _ = KMeansSMOTE(**given).fit_resample(X, y)
    np.testing.assert_array_equal(np.unique(X_new[52:], return_counts=True), [[1, 51], [14, 14]])
    with np.errstate(invalid="ignore"), pytest.raises(ValueError, match="NaN"):
        over_sampling.KMeansSMOTE(**given).fit_resample(X, y)


def test_an_estimator_may_find_the_clusters_itself_and_call_rows_noise():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(0, 1, (40, 2)), rng.normal(20, 1, (40, 2))])
    X = np.concatenate([X, 1000.0 * 2 ** np.arange(8)[:, None] * [1, -1]])
    y = np.concatenate([np.arange(80) % 5 == 0, np.ones(8, dtype=bool)]).astype(int)
    finder = HDBSCAN(min_cluster_size=10, copy=True)
    sampler = KMeansSMOTE(kmeans_estimator=finder, random_state=0, **LOW)
    sampler.fit_resample(X, y)
    assert sampler.kmeans_estimator_.labels_[80:].tolist() == [-1] * 8
    assert set(sampler.sample_indices_[88:]) <= set(range(80))


def test_what_cannot_be_resampled_is_refused():
    X, y = np.arange(40.0)[:, None], np.array(["no"] * 34 + ["yes"] * 6)
    with pytest.raises(DataError, match=r"class 'yes' \(6 rows\): at least 7 of its rows"):
        KMeansSMOTE(k_neighbors=6).fit_resample(X, y)
    with pytest.raises(RuntimeError, match="No clusters found"):
        over_sampling.KMeansSMOTE(k_neighbors=6).fit_resample(X, y)
    with pytest.raises(DataError, match=r"class 'yes' \(6 rows\) .* 41 clusters .* there are 40"):
        KMeansSMOTE(kmeans_estimator=41).fit_resample(X, y)
    with pytest.raises(ParameterError, match="kmeans_estimator=0"):
        KMeansSMOTE(kmeans_estimator=0).fit_resample(X, y)


def test_a_rare_case_is_resampled_or_refused(rare):
    X = np.nan_to_num(rare.X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            X_new, y_new = KMeansSMOTE(random_state=0).fit_resample(X, rare.y)
        except DataError as error:
            assert_names_a_class_and_its_count(error, rare)
            return
    assert len(X_new) == len(y_new) >= len(X)
    np.testing.assert_array_equal(X_new[: len(X)], X)
