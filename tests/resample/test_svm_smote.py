"""SVMSMOTE against imbalanced-learn 0.14."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from beside_theirs import KINDS, WEIGHTS, assert_same, data
from imblearn import over_sampling
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.svm import SVC, NuSVC

from contract.checks import assert_names_a_class_and_its_count
from rarebird._errors import DataError, ParameterError
from rarebird.resample.svm_smote import SVMSMOTE, split_new_rows


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_classes", WEIGHTS)
def test_the_rows_are_theirs(kind, n_classes):
    for seed in range(5):
        X, y = data(n_classes, seed)
        X = KINDS[kind](X)
        ours = SVMSMOTE(random_state=seed).fit_resample(X, y)
        assert len(ours[1]) > len(y)
        assert_same(ours, over_sampling.SVMSMOTE(random_state=seed).fit_resample(X, y))


@pytest.mark.parametrize(
    "given",
    [
        {"m_neighbors": 4, "k_neighbors": 3, "out_step": 1},
        {"out_step": 0.0},
        {"k_neighbors": NearestNeighbors(n_neighbors=4, metric="manhattan")},
        {"m_neighbors": NearestNeighbors(n_neighbors=9, metric="manhattan")},
        {"svm_estimator": SVC(kernel="linear", C=0.1, class_weight={0: 1, 1: 3, 2: 9})},
        {"svm_estimator": NuSVC(nu=0.1)},
        {"sampling_strategy": {2: 100, 1: 90}},
        {"sampling_strategy": "all"},
    ],
    ids=lambda given: " ".join(given),
)
def test_the_parameters_mean_the_same(given):
    for seed in range(3):
        X, y = data(3, seed)
        ours = SVMSMOTE(random_state=seed, **given).fit_resample(X, y)
        assert_same(ours, over_sampling.SVMSMOTE(random_state=seed, **given).fit_resample(X, y))


def test_a_generator_is_used_up_as_theirs_is_with_one_targeted_class():
    X, y = data(2, 0)
    ours = SVMSMOTE(random_state=np.random.RandomState(4)).fit_resample(X, y)
    theirs = over_sampling.SVMSMOTE(random_state=np.random.RandomState(4)).fit_resample(X, y)
    assert_same(ours, theirs)


@pytest.mark.parametrize("names", [["z", "b", "a a"], [-9, 4, 70], [0.0, 2.0, 5.0]], ids=str)
def test_labels_of_any_kind(names):
    X, y = data(3, 1)
    labels = np.array(names)[y]
    ours = SVMSMOTE(random_state=1).fit_resample(X, labels)
    assert_same(ours, over_sampling.SVMSMOTE(random_state=1).fit_resample(X, labels))
    _, truth = SVMSMOTE(random_state=1).fit_resample(X, y == 2)
    assert truth.dtype == bool and truth.sum() > (y == 2).sum()


def test_the_estimator_meets_the_labels_as_they_are():
    X, y = data(2, 1)
    labels, given = np.array(["z", "b"])[y], {"random_state": 1}
    given["svm_estimator"] = SVC(kernel="linear", C=0.01, class_weight={"z": 1, "b": 8})
    ours = SVMSMOTE(**given).fit_resample(X, labels)
    assert_same(ours, over_sampling.SVMSMOTE(**given).fit_resample(X, labels))


def test_frames_give_the_rows_of_arrays():
    X, y = data(2, 2)
    base, _ = SVMSMOTE(random_state=2).fit_resample(X, y)
    names = list("abcdefgh")
    out, _ = SVMSMOTE(random_state=2).fit_resample(pd.DataFrame(X, columns=names), pd.Series(y))
    np.testing.assert_array_equal(out.to_numpy(), base)
    out, _ = SVMSMOTE(random_state=2).fit_resample(pl.DataFrame(X, schema=names), y)
    np.testing.assert_array_equal(out.to_numpy(), base)


def test_safe_vectors_send_rows_outwards_and_those_in_danger_inwards():
    X, y = data(2, 1)
    sampler = SVMSMOTE(random_state=0)
    X_new, _ = sampler.fit_resample(X, y)
    vectors = sampler.svm_estimator_.support_
    vectors = vectors[y[vectors] == 1]
    gaps = np.linalg.norm(X[vectors, None] - X, axis=2)
    gaps[np.arange(len(vectors)), vectors] = np.inf
    foreign = (y[np.argsort(gaps, axis=1)[:, :10]] == 0).sum(axis=1)
    danger, safe = vectors[(foreign >= 5) & (foreign < 10)], vectors[foreign < 5]
    signs = []
    for row, (base, other) in zip(X_new[len(X) :], sampler.parents_[len(X) :], strict=True):
        way = X[other] - X[base]
        step = way @ (row - X[base]) / (way @ way)
        np.testing.assert_allclose(row, X[base] + step * way, atol=1e-12)
        signs.append(step > 0)
        assert y[other] == 1
        assert (base in danger and 0 <= step <= 1) or (base in safe and -0.5 <= step <= 0)
    n_new = len(X_new) - len(X)
    f = np.random.RandomState(0).beta(10, 10)
    assert (sum(signs), n_new - sum(signs)) == split_new_rows(np.random.RandomState(0), n_new)
    assert sum(signs) == int(f * (n_new + 1)) and 0 < sum(signs) < n_new


def test_one_sort_of_vectors_only_makes_its_own_rows_only():
    X = np.concatenate([np.arange(20.0), 1000 + np.arange(12.0)])[:, None]
    y = np.array([0] * 20 + [1] * 12)
    ours = SVMSMOTE(random_state=0).fit_resample(X, y)
    assert len(y) < len(ours[1]) < 40
    assert_same(ours, over_sampling.SVMSMOTE(random_state=0).fit_resample(X, y))


def test_what_cannot_be_resampled_is_refused():
    X, y = np.random.RandomState(0).normal(size=(80, 2)), np.array(["no"] * 73 + ["yes"] * 7)
    X[73:] = X[:7] + 1e-3  # each has a foreign row nearest
    with pytest.raises(DataError, match=r"'yes' \(7 rows\) has 7 support vectors, all .* noise"):
        SVMSMOTE(m_neighbors=1).fit_resample(X, y)
    with pytest.raises(DataError, match=r"'yes' \(7 rows\) is too small: k_neighbors=7"):
        SVMSMOTE(k_neighbors=7).fit_resample(X, y)
    with pytest.raises(DataError, match=r"'yes' \(7 rows\) .* m_neighbors=80 .* there are 80"):
        SVMSMOTE(m_neighbors=80).fit_resample(X, y)
    with pytest.raises(ParameterError, match=r"LogisticRegression.* has no `support_`"):
        SVMSMOTE(svm_estimator=LogisticRegression()).fit_resample(X, y)
    with pytest.raises(ParameterError, match=r"out_step=1\.5"):
        SVMSMOTE(out_step=1.5).fit_resample(X, y)


def test_a_rare_case_is_resampled_or_refused(rare):
    X = np.nan_to_num(rare.X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            X_new, y_new = SVMSMOTE(random_state=0).fit_resample(X, rare.y)
        except DataError as error:
            assert_names_a_class_and_its_count(error, rare)
            return
    assert len(X_new) == len(y_new) >= len(X)
    np.testing.assert_array_equal(X_new[: len(X)], X)
