"""BorderlineSMOTE, both kinds, against imbalanced-learn 0.14."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from beside_theirs import KINDS, WEIGHTS, assert_same, data, dense
from imblearn import over_sampling
from sklearn.neighbors import NearestNeighbors

from contract.checks import assert_names_a_class_and_its_count
from rarebird._errors import DataError, ParameterError
from rarebird.resample.base_weights import in_danger
from rarebird.resample.borderline_smote import BorderlineSMOTE, shrink_foreign

# imbalanced-learn multiplies in place there (whole numbers), or takes `*` for a matrix product
# (csr_matrix): kind 2 is compared with its rows over the same values, dense and as floats.
THEIRS_FAILS = ("int", "csr", "csr of ints")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_classes", WEIGHTS)
def test_the_rows_of_kind_1_are_theirs(kind, n_classes):
    for seed in range(5):
        X, y = data(n_classes, seed)
        X = KINDS[kind](X)
        ours = BorderlineSMOTE(random_state=seed)
        theirs = over_sampling.BorderlineSMOTE(random_state=seed)
        assert_same(ours.fit_resample(X, y), theirs.fit_resample(X, y))
        assert ours.in_danger_indices.keys() == theirs.in_danger_indices.keys()
        for label, rows in theirs.in_danger_indices.items():
            np.testing.assert_array_equal(ours.in_danger_indices[label], rows)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in THEIRS_FAILS])
@pytest.mark.parametrize("n_classes", WEIGHTS)
@pytest.mark.parametrize("k", [5, 12])
def test_the_rows_of_kind_2_are_theirs(kind, n_classes, k):
    for seed in range(5):
        X, y = data(n_classes, seed)
        X = KINDS[kind](X)
        given = {"kind": "borderline-2", "k_neighbors": k, "random_state": seed}
        ours = BorderlineSMOTE(**given).fit_resample(X, y)
        assert len(ours[1]) > len(y)
        assert_same(ours, over_sampling.BorderlineSMOTE(**given).fit_resample(X, y))


@pytest.mark.parametrize("kind", ["int", "csr", "csr of ints"])
@pytest.mark.parametrize("n_classes", WEIGHTS)
def test_kind_2_takes_whole_numbers_and_sparse_rows(kind, n_classes):
    for seed in range(5):
        X, y = data(n_classes, seed)
        X = KINDS[kind](X)
        given = {"kind": "borderline-2", "random_state": seed}
        if kind != "csr of ints":  # theirs does not fail there, it takes whole steps
            with pytest.raises((TypeError, ValueError)):
                over_sampling.BorderlineSMOTE(**given).fit_resample(X, y)
        X_new, y_new = BorderlineSMOTE(**given).fit_resample(X, y)
        X_other, y_other = over_sampling.BorderlineSMOTE(**given).fit_resample(dense(X) * 1.0, y)
        assert type(X_new) is type(X) and X_new.dtype == X.dtype
        np.testing.assert_array_equal(dense(X_new), X_other.astype(X.dtype))
        np.testing.assert_array_equal(y_new, y_other)


@pytest.mark.parametrize(
    "given",
    [
        {"m_neighbors": 4},
        {"k_neighbors": NearestNeighbors(n_neighbors=4, metric="manhattan")},
        {"m_neighbors": NearestNeighbors(n_neighbors=9, metric="chebyshev"), "k_neighbors": 3},
        {"sampling_strategy": {2: 100, 1: 90}},
        {"sampling_strategy": "all"},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["borderline-1", "borderline-2"])
def test_the_parameters_mean_the_same(kind, given):
    for seed in range(3):
        X, y = data(3, seed)
        every = {"kind": kind, **given}
        for state in (lambda s=seed: s, lambda s=seed: np.random.RandomState(s)):
            ours = BorderlineSMOTE(random_state=state(), **every).fit_resample(X, y)
            theirs = over_sampling.BorderlineSMOTE(random_state=state(), **every)
            assert_same(ours, theirs.fit_resample(X, y))


@pytest.mark.parametrize("names", [["z", "b", "a a"], [-9, 4, 70], [0.0, 2.0, 5.0]], ids=str)
def test_labels_of_any_kind(names):
    X, y = data(3, 1)
    labels = np.array(names)[y]
    given = {"kind": "borderline-2", "random_state": 1}
    ours = BorderlineSMOTE(**given).fit_resample(X, labels)
    assert_same(ours, over_sampling.BorderlineSMOTE(**given).fit_resample(X, labels))
    _, truth = BorderlineSMOTE(**given).fit_resample(X, y == 2)
    assert truth.dtype == bool and truth.sum() > (y == 2).sum()


def test_frames_give_the_rows_of_arrays():
    X, y = data(2, 2)
    base, _ = BorderlineSMOTE(random_state=2).fit_resample(X, y)
    names = list("abcdefgh")
    out, _ = BorderlineSMOTE(random_state=2).fit_resample(
        pd.DataFrame(X, columns=names), pd.Series(y)
    )
    np.testing.assert_array_equal(out.to_numpy(), base)
    out, _ = BorderlineSMOTE(random_state=2).fit_resample(pl.DataFrame(X, schema=names), y)
    np.testing.assert_array_equal(out.to_numpy(), base)


@pytest.mark.parametrize("kind", ["borderline-1", "borderline-2"])
def test_the_rows_follow_the_paper(kind):
    X, y = data(2, 3)
    sampler = BorderlineSMOTE(kind=kind, random_state=0)
    X_new, _ = sampler.fit_resample(X, y)
    gaps = np.linalg.norm(X[:, None] - X, axis=2)
    np.fill_diagonal(gaps, np.inf)
    foreign = (y[np.argsort(gaps, axis=1)[:, :10]] == 0).sum(axis=1)
    danger = np.flatnonzero((y == 1) & (foreign >= 5) & (foreign < 10))
    np.testing.assert_array_equal(sampler.in_danger_indices[1], danger)
    if kind == "borderline-1":
        gaps[:, y == 0] = np.inf
    near = np.argsort(gaps, axis=1)[:, :5]
    for row, (base, other) in zip(X_new[len(X) :], sampler.parents_[len(X) :], strict=True):
        assert base in danger and other in near[base]
        way = X[other] - X[base]
        step = way @ (row - X[base]) / (way @ way)
        np.testing.assert_allclose(row, X[base] + step * way, atol=1e-12)
        assert 0 <= step <= (1 if y[other] == 1 else 0.5)


def test_the_formulas():
    np.testing.assert_array_equal(in_danger(np.arange(6), 5), [0, 0, 0, 1, 1, 0])
    shrink = shrink_foreign(np.random.RandomState(0), np.array([True, False, True]))
    draws = np.random.RandomState(0).uniform(0, 0.5, size=(2, 1))
    np.testing.assert_array_equal(shrink, [draws[0, 0], 1, draws[1, 0]])


def test_a_class_without_danger_gets_no_rows_and_a_warning():
    X = np.concatenate([np.arange(20.0), 1000 + np.arange(12.0)])[:, None]
    y = np.array(["no"] * 20 + ["yes"] * 12)
    theirs, _ = over_sampling.BorderlineSMOTE().fit_resample(X, y)
    with pytest.warns(
        UserWarning, match=r"no row of class 'yes' \(12 rows\) is in danger"
    ) as caught:
        ours, _ = BorderlineSMOTE().fit_resample(X, y)
    np.testing.assert_array_equal(ours, theirs)
    assert caught[0].filename == __file__


def test_what_cannot_be_resampled_is_refused():
    X = np.arange(14.0)[:, None]
    y = np.array([0] * 9 + [1, 0, 1, 0, 1])
    with pytest.raises(DataError, match=r"class 1 \(3 rows\) is too small: k_neighbors=5"):
        BorderlineSMOTE().fit_resample(X, y)
    assert len(BorderlineSMOTE(k_neighbors="auto").fit_resample(X, y)[0]) == 22
    with pytest.raises(DataError, match=r"class 1 \(3 rows\) .* m_neighbors=14 .* there are 14"):
        BorderlineSMOTE(m_neighbors=14).fit_resample(X, y)
    for m in (10, NearestNeighbors(n_neighbors=11)):
        sampler = BorderlineSMOTE(m_neighbors=m, k_neighbors=20, kind="borderline-2")
        with pytest.raises(DataError, match=r"class 1 \(3 rows\) .* k_neighbors=20 .* are 14"):
            sampler.fit_resample(X, y)
    with pytest.raises(ParameterError, match=r"kind='borderline-3'.*'borderline-1' or"):
        BorderlineSMOTE(kind="borderline-3").fit_resample(X, y)
    with pytest.raises(ParameterError, match="m_neighbors=0"):
        BorderlineSMOTE(m_neighbors=0).fit_resample(X, y)


def test_the_kind_is_left_as_it_was():
    X, y = data(2, 0)
    sampler = BorderlineSMOTE(kind="borderline-2", random_state=0)
    sampler.fit_resample(X, y)
    assert sampler.kind == sampler.get_params()["kind"] == "borderline-2"
    with pytest.raises(DataError):
        sampler.fit_resample(X, np.zeros(len(X)))
    assert sampler.kind == "borderline-2"


@pytest.mark.parametrize("kind", ["borderline-1", "borderline-2"])
def test_a_rare_case_is_resampled_or_refused(rare, kind):
    X = np.nan_to_num(rare.X)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*is in danger", category=UserWarning)
        try:
            X_new, y_new = BorderlineSMOTE(kind=kind, random_state=0).fit_resample(X, rare.y)
        except DataError as error:
            assert_names_a_class_and_its_count(error, rare)
            return
    assert len(X_new) == len(y_new) >= len(X)
    np.testing.assert_array_equal(X_new[: len(X)], X)
