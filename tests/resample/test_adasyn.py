"""ADASYN against imbalanced-learn 0.14."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from beside_theirs import KINDS, WEIGHTS, assert_same, data
from imblearn import over_sampling
from sklearn.neighbors import NearestNeighbors

from contract.checks import assert_names_a_class_and_its_count
from rarebird._errors import DataError, ParameterError
from rarebird.resample.adasyn import ADASYN
from rarebird.resample.base_weights import rows_to_make


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_classes", WEIGHTS)
def test_the_rows_are_theirs(kind, n_classes):
    for seed in range(5):
        X, y = data(n_classes, seed)
        X = KINDS[kind](X)
        ours = ADASYN(random_state=seed).fit_resample(X, y)
        assert len(ours[1]) > len(y)
        assert_same(ours, over_sampling.ADASYN(random_state=seed).fit_resample(X, y))


@pytest.mark.parametrize(
    "given",
    [
        {"n_neighbors": 3},
        {"n_neighbors": np.int64(9)},
        {"n_neighbors": NearestNeighbors(n_neighbors=4, metric="manhattan")},
        {"sampling_strategy": {2: 100, 1: 90}},
        {"sampling_strategy": "not majority"},
        {"sampling_strategy": "all"},
    ],
    ids=str,
)
def test_the_parameters_mean_the_same(given):
    for seed in range(3):
        X, y = data(3, seed)
        ours = ADASYN(random_state=seed, **given).fit_resample(X, y)
        assert_same(ours, over_sampling.ADASYN(random_state=seed, **given).fit_resample(X, y))


def test_a_generator_is_used_up_as_theirs_is():
    X, y = data(3, 0)
    ours = ADASYN(random_state=np.random.RandomState(4)).fit_resample(X, y)
    theirs = over_sampling.ADASYN(random_state=np.random.RandomState(4)).fit_resample(X, y)
    assert_same(ours, theirs)


@pytest.mark.parametrize("names", [["z", "b", "a a"], [-9, 4, 70], [0.0, 2.0, 5.0]], ids=str)
def test_labels_of_any_kind(names):
    X, y = data(3, 1)
    labels = np.array(names)[y]
    ours = ADASYN(random_state=1).fit_resample(X, labels)
    assert_same(ours, over_sampling.ADASYN(random_state=1).fit_resample(X, labels))
    _, truth = ADASYN(random_state=1).fit_resample(X, y == 2)
    assert truth.dtype == bool and truth.sum() > (y == 2).sum()


def test_frames_give_the_rows_of_arrays():
    X, y = data(2, 2)
    base, _ = ADASYN(random_state=2).fit_resample(X, y)
    names = list("abcdefgh")
    out, _ = ADASYN(random_state=2).fit_resample(pd.DataFrame(X, columns=names), pd.Series(y))
    np.testing.assert_array_equal(out.to_numpy(), base)
    out, _ = ADASYN(random_state=2).fit_resample(pl.DataFrame(X, schema=names), y)
    np.testing.assert_array_equal(out.to_numpy(), base)


def test_the_share_of_new_rows_is_the_share_of_foreign_neighbours():
    X, y = data(2, 3)
    sampler = ADASYN(random_state=0)
    sampler.fit_resample(X, y)
    rare = np.flatnonzero(y == 1)
    gaps = np.linalg.norm(X[rare, None] - X, axis=2)
    gaps[np.arange(len(rare)), rare] = np.inf
    share = (y[np.argsort(gaps, axis=1)[:, :5]] == 0).mean(axis=1)
    made = np.bincount(sampler.sample_indices_[sampler.is_synthetic_], minlength=len(y))[rare]
    wanted = np.rint(share / share.sum() * ((y == 0).sum() - len(rare)))
    np.testing.assert_array_equal(made, wanted)
    np.testing.assert_array_equal(rows_to_make(np.array([5, 0, 5]), 5, 7), [4, 0, 4])


def test_what_cannot_be_resampled_is_refused():
    X = np.concatenate([np.arange(20.0), 1000 + np.arange(8.0)])[:, None]
    y = np.array(["no"] * 20 + ["yes"] * 8)
    with pytest.raises(DataError, match=r"'yes' \(8 rows\) has no row of another class near"):
        ADASYN().fit_resample(X, y)
    with pytest.raises(DataError, match=r"'yes' \(8 rows\) is too small: n_neighbors=8"):
        ADASYN(n_neighbors=8).fit_resample(X, y)
    X, y = data(2, 0)
    with pytest.raises(DataError, match=r"class 1 .* all are rounded away"):
        ADASYN(sampling_strategy={1: (y == 1).sum() + 1}).fit_resample(X, y)
    with pytest.raises(ParameterError, match="n_neighbors=0"):
        ADASYN(n_neighbors=0).fit_resample(X, y)


def test_a_rare_case_is_resampled_or_refused(rare):
    X = np.nan_to_num(rare.X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            X_new, y_new = ADASYN(random_state=0).fit_resample(X, rare.y)
        except DataError as error:
            assert_names_a_class_and_its_count(error, rare)
            return
    assert len(X_new) == len(y_new) >= len(X)
    np.testing.assert_array_equal(X_new[: len(X)], X)
