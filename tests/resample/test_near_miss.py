"""NearMiss beside imbalanced-learn, row by row, and its kernel beside a full sort."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from imblearn.under_sampling import NearMiss as Theirs
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from rarebird._errors import DataError, ParameterError
from rarebird.resample import near_miss
from rarebird.resample.extremes import extremes, first_few
from rarebird.resample.near_miss import NearMiss

VERSIONS = (1, 2, 3)


def table(counts=(400, 150, 40), d=12, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    return rng.normal(size=(len(y), d)) + 0.6 * y[:, None], y


@pytest.fixture(params=["own call", "kernel"])
def path(request, monkeypatch):
    if request.param == "kernel":
        monkeypatch.setattr(near_miss, "_SMALL", 0)


def check_same(X, y, **given):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # both say when version 3 finds too few
        ours, theirs = NearMiss(**given), Theirs(**given)
        X_new, y_new = ours.fit_resample(X, y)
        X_old, y_old = theirs.fit_resample(X, y)
    np.testing.assert_array_equal(ours.sample_indices_, theirs.sample_indices_)
    if sparse.issparse(X_old):
        X_new, X_old = X_new.toarray(), X_old.toarray()
    np.testing.assert_array_equal(X_new, X_old)
    np.testing.assert_array_equal(y_new, y_old)
    assert X_new.dtype == X_old.dtype


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("d", [2, 12, 30])
@pytest.mark.parametrize("seed", range(3))
def test_rows_are_imbalanced_learns(path, version, d, seed):
    X, y = table(d=d, seed=seed)
    check_same(X, y, version=version)
    check_same(X, y, version=version, n_neighbors=7, n_neighbors_ver3=5, n_jobs=2)
    check_same(X, y, version=version, sampling_strategy={0: 111, 1: 60})
    check_same(X, y, version=version, sampling_strategy="majority")


@pytest.mark.parametrize("version", VERSIONS)
def test_many_neighbours_and_every_row_kept(path, version):
    X, y = table(d=11)
    check_same(X, y, version=version, n_neighbors=40, n_neighbors_ver3=20)
    check_same(X, y, version=version, sampling_strategy={0: 400, 1: 150})
    check_same(X, y, version=version, sampling_strategy={0: 1, 1: 0})


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_other_types(path, version, dtype):
    X, y = table(d=18)
    check_same((100 * X).astype(dtype), y, version=version)


@pytest.mark.parametrize("version", VERSIONS)
def test_far_from_the_origin_theirs_is_rounded_and_ours_settles_as_they_do(path, version):
    X, y = table(d=20)
    check_same(X + 1e6, y, version=version)
    check_same(X * 1e-30, y, version=version)
    X[0] = 1e12
    check_same(X, y, version=version)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_rare_rows_themselves_may_be_asked_for(path, version):
    X, y = table(d=20)
    check_same(X, y, version=version, sampling_strategy={0: 50, 2: 30})


@pytest.mark.parametrize("version", VERSIONS)
def test_ties_keep_the_order_of_the_rows(path, version):
    X, y = table(counts=(60, 12), d=3)
    X, y = np.tile(X, (5, 1)), np.tile(y, 5)
    check_same(X, y, version=version)
    grid = np.array([[i, j] for i in range(20) for j in range(20)], dtype=float)
    check_same(grid, (grid.sum(axis=1) > 33).astype(int), version=version)


@pytest.mark.parametrize("version", VERSIONS)
def test_of_classes_level_in_number_the_one_seen_first_is_rare(path, version):
    X, y = table(counts=(300, 60, 60), d=4)
    for first in (1, 2):
        place = np.flatnonzero(y == first)[0]
        order = np.r_[place, np.delete(np.arange(len(y)), place)]
        check_same(X[order], y[order], version=version)


@pytest.mark.parametrize("version", VERSIONS)
def test_sparse_tables_and_neighbours_objects(version):
    X, y = table(d=8)
    check_same(sparse.csr_matrix(X * (X > 0.5)), y, version=version)
    search = NearestNeighbors(n_neighbors=4, metric="manhattan")
    check_same(X, y, version=version, n_neighbors=search, n_neighbors_ver3=search)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_named_engine_gives_the_rows_of_none(version):
    X, y = table()
    plain, named = NearMiss(version=version), NearMiss(version=version, neighbors="exact")
    plain.fit_resample(X, y)
    named.fit_resample(X, y)
    np.testing.assert_array_equal(named.sample_indices_, plain.sample_indices_)


@pytest.mark.parametrize("version", VERSIONS)
def test_frames_give_the_rows_of_the_array(version):
    X, y = table(d=4)
    X_new, y_new = NearMiss(version=version).fit_resample(X, y)
    names = list("abcd")
    for frame in (pd.DataFrame(X, columns=names), pl.DataFrame(X, schema=names)):
        out, labels = NearMiss(version=version).fit_resample(frame, y)
        assert type(out) is type(frame)
        np.testing.assert_array_equal(out.to_numpy(), X_new)
        np.testing.assert_array_equal(labels, y_new)


@pytest.mark.parametrize("version", VERSIONS)
def test_rare_cases(rare, path, version):
    sampler = NearMiss(version=version)
    if rare.name in ("single_class", "missing_values"):
        with pytest.raises(DataError):
            sampler.fit_resample(rare.X, rare.y)
    elif rare.name in ("one_row", "one_in_10k") and version != 2:
        with pytest.raises(DataError, match=r"class 1 \([12] rows?\) .* n_neighbors<=[12]"):
            sampler.fit_resample(rare.X, rare.y)
    else:
        check_same(rare.X, rare.y, version=version)


def test_version_3_says_when_it_finds_too_few():
    X, y = table(counts=(200, 30))
    wanted = {0: 150}
    with pytest.warns(UserWarning, match="version 3 finds .* of class 0"):
        NearMiss(version=3, sampling_strategy=wanted).fit_resample(X, y)
    with pytest.raises(DataError, match="n_neighbors_ver3=300 needs at least 300 rows"):
        NearMiss(version=3, n_neighbors_ver3=300).fit_resample(X, y)
    with pytest.raises(ParameterError, match="version=4"):
        NearMiss(version=4).fit_resample(X, y)


@pytest.mark.parametrize("k", [1, 3, 15, 16, 40, 50])
@pytest.mark.parametrize("far", [False, True])
@pytest.mark.parametrize("offset", [0.0, 1e5])
def test_extremes_are_those_of_a_full_sort(k, far, offset):
    rng = np.random.default_rng(k)
    Q, R = rng.normal(size=(300, 6)) + offset, rng.normal(size=(50, 6)) + offset
    gaps = np.sort(((Q[:, None] - R) ** 2).sum(axis=2), axis=1)
    wanted = gaps[:, -k:] if far else gaps[:, :k]
    found = extremes(Q, R, k, far=far)
    assert all(len(set(row)) == k for row in found.tolist())
    got = np.sort(((Q[:, None] - R[found]) ** 2).sum(axis=2), axis=1)
    np.testing.assert_allclose(got, wanted, rtol=1e-9)


def test_what_float32_cannot_tell_apart_is_chosen_in_float64():
    Q = np.zeros((1, 1))
    R = np.array([[1.0 + 2e-9], [1.0], [-1.0 - 1e-9], [7.0]])
    assert set(extremes(Q, R, 2)[0].tolist()) == {1, 2}


def test_first_few_asks_only_where_sums_overlap():
    asked = []

    def settle(places):
        asked.extend(places.tolist())
        return np.array([2.0, 2.0, 1.9])

    sums = np.array([2.0, 5.0, 2.01, 0.5, 2.02, 5.0])
    got = first_few(sums, np.full(6, 0.006), 3, settle)
    assert asked == [0, 2, 4] and got.tolist() == [3, 4, 0]


def test_a_wide_slack_reaches_over_its_neighbours():
    sums, slack = np.array([1.0, 1.2, 1.3]), np.array([1e-9, 1e-9, 0.5])
    assert first_few(sums, slack, 1, lambda places: np.array([3.0, 2.0, 1.0])[places])[0] == 2
