"""ClusterCentroids beside imbalanced-learn, row by row."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from imblearn.under_sampling import ClusterCentroids as Theirs
from scipy import sparse
from sklearn.cluster import DBSCAN, Birch, KMeans, MiniBatchKMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from rarebird._errors import DataError, ParameterError
from rarebird.resample.cluster_centroids import ClusterCentroids


def table(counts=(80, 40, 15), d=3, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    return rng.normal(size=(len(y), d)) + y[:, None], y


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield


def check_same(X, y, **given):
    X_new, y_new = ClusterCentroids(**given).fit_resample(X, y)
    X_old, y_old = Theirs(**given).fit_resample(X, y)
    if sparse.issparse(X_old):
        X_new, X_old = X_new.toarray(), X_old.toarray()
    np.testing.assert_array_equal(X_new, X_old)
    np.testing.assert_array_equal(y_new, y_old)
    assert X_new.dtype == X_old.dtype


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("voting", ["auto", "hard", "soft"])
def test_rows_are_imbalanced_learns(seed, voting):
    X, y = table(seed=seed)
    check_same(X, y, random_state=seed, voting=voting)
    check_same(X, y, random_state=seed, voting=voting, sampling_strategy={0: 23, 1: 40})
    check_same(X, y, random_state=seed, voting=voting, sampling_strategy="majority")
    check_same(X.astype(np.float32), y, random_state=seed, voting=voting)
    check_same((10 * X).astype(int), y, random_state=seed, voting=voting)
    mini = MiniBatchKMeans(n_init=1, random_state=seed)
    check_same(X, y, estimator=mini, voting=voting)
    check_same(sparse.csr_matrix(X * (X > 0)), y, random_state=seed, voting=voting)


def test_a_random_state_object_runs_on_from_class_to_class():
    X, y = table()
    ours = ClusterCentroids(random_state=np.random.RandomState(5)).fit_resample(X, y)
    theirs = Theirs(random_state=np.random.RandomState(5)).fit_resample(X, y)
    np.testing.assert_array_equal(ours[0], theirs[0])


def test_soft_rows_name_their_nearest_row_and_weights_follow_it():
    X, y = table()
    sampler = ClusterCentroids(random_state=0)
    X_new, y_new, weight = sampler.fit_resample(X, y, weight=np.arange(len(y)) / 2)
    new = sampler.is_synthetic_
    assert new.sum() == 30 and len(X_new) == 45
    own = y_new[:, None] == y
    gaps = np.where(own, ((X_new[:, None] - X) ** 2).sum(axis=2), np.inf)
    own_gap = gaps[np.arange(45), sampler.parents_[:, 0]]  # a centre of two rows has two nearest
    np.testing.assert_allclose(own_gap, gaps.min(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(weight, sampler.parents_[:, 0] / 2)


def test_hard_rows_are_rows_of_the_input():
    X, y = table()
    sampler = ClusterCentroids(random_state=0, voting="hard")
    X_new, y_new = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(X_new, X[sampler.sample_indices_])
    np.testing.assert_array_equal(y_new, y[sampler.sample_indices_])


@pytest.mark.parametrize("voting", ["hard", "soft"])
def test_one_row_wanted(voting):
    X, y = table((50, 10))
    X_new, _ = ClusterCentroids(
        random_state=0, voting=voting, sampling_strategy={0: 1}
    ).fit_resample(X, y)
    assert X_new.shape == (11, 3)
    mean = X[y == 0].mean(axis=0)
    if voting == "soft":
        np.testing.assert_allclose(X_new[0], mean)
    else:
        gaps = ((X[y == 0] - mean) ** 2).sum(axis=1)
        np.testing.assert_array_equal(X_new[0], X[y == 0][gaps.argmin()])


def test_no_row_wanted():
    X, y = table((50, 10))
    X_new, y_new = ClusterCentroids(sampling_strategy={0: 0}).fit_resample(X, y)
    np.testing.assert_array_equal(X_new, X[y == 1])
    assert y_new.tolist() == [1] * 10


@pytest.mark.parametrize("voting", ["hard", "soft"])
def test_frames_give_the_rows_of_the_array(voting):
    X, y = table()
    X_new, y_new = ClusterCentroids(random_state=0, voting=voting).fit_resample(X, y)
    for frame in (pd.DataFrame(X, columns=list("abc")), pl.DataFrame(X, schema=list("abc"))):
        out, labels = ClusterCentroids(random_state=0, voting=voting).fit_resample(frame, y)
        assert type(out) is type(frame)
        np.testing.assert_array_equal(out.to_numpy(), X_new)
        np.testing.assert_array_equal(labels, y_new)


@pytest.mark.parametrize("voting", ["hard", "soft"])
def test_rare_cases(rare, voting):
    given = {"random_state": 0, "voting": voting}
    if rare.name in ("single_class", "missing_values"):
        with pytest.raises(DataError):
            ClusterCentroids(**given).fit_resample(rare.X, rare.y)
    else:
        check_same(rare.X, rare.y, **given)


def test_what_is_refused():
    X, y = table()
    with pytest.raises(ParameterError, match="voting='both'"):
        ClusterCentroids(voting="both").fit_resample(X, y)
    with pytest.raises(ParameterError, match="a clustering with fit and predict"):
        ClusterCentroids(estimator=DBSCAN()).fit_resample(X, y)
    with pytest.raises(ParameterError, match="cluster_centers_"):
        ClusterCentroids(estimator=Birch(n_clusters=2)).fit_resample(X, y)


def test_fewer_different_rows_than_clusters_is_said_by_k_means():
    X = np.r_[np.zeros((20, 2)), np.ones((20, 2)), np.full((10, 2), 5.0)]
    y = np.repeat([0, 0, 1], [20, 20, 10])
    with pytest.warns(ConvergenceWarning, match="distinct clusters"):
        X_new, _ = ClusterCentroids(estimator=KMeans(random_state=0)).fit_resample(X, y)
    assert set(X_new[:10].ravel().tolist()) == {0.0, 1.0}
