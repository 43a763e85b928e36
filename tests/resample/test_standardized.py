"""Standardized: the inner resampler on a table standardised by hand, and taken back."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import clone

import rarebird.resample as rr
from rarebird._errors import DataError, ParameterError
from rarebird.neighbors.mixed_backend import MixedNeighbors
from rarebird.resample import Standardized


def numbers(seed=0, n=160):
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(n) < 0.25, "rare", "usual")
    X = rng.normal(size=(n, 4)) + (y == "rare")[:, None]
    return X * [1, 1e6, 1e-3, 20] + [0, 5e6, 0, -3], y


def mixed(seed=0, n=200):
    """Return a frame of numbers, categories and missing values, and labels."""
    X, y = numbers(seed, n)
    rng = np.random.default_rng(seed + 50)
    frame = pd.DataFrame(X, columns=list("abcd"), index=[f"row {i}" for i in range(n)])
    frame["word"] = pd.Categorical(rng.choice(["u", "v", "w"], n))
    frame["flag"] = rng.random(n) < 0.4
    frame.loc[frame.index[rng.random(n) < 0.1], "b"] = np.nan
    return frame, y


def by_hand(X):
    X = np.asarray(X, dtype=float)
    return (X - np.nanmean(X, axis=0)) / np.nanstd(X, axis=0)


INNER = [
    rr.SMOTE(random_state=0),
    rr.BorderlineSMOTE(random_state=0, kind="borderline-2"),
    rr.ADASYN(random_state=0),
    rr.SVMSMOTE(random_state=0),
    rr.SafeLevelSMOTE(random_state=0),  # a step for each column
    rr.RandomOverSampler(random_state=0, shrinkage=0.4),  # noise
    rr.GeometricSMOTE(random_state=0),  # explicit rows
    rr.ClusterCentroids(random_state=0),
    rr.RandomUnderSampler(random_state=0),
    rr.NearMiss(),
    rr.TomekLinks(),
    rr.EditedNearestNeighbours(),
    rr.SMOTEENN(random_state=0),
    rr.SMOTETomek(random_state=0),
]


@pytest.mark.parametrize("inner", INNER, ids=lambda s: type(s).__name__)
def test_the_rows_are_those_of_the_table_standardised_by_hand_and_taken_back(inner):
    X, y = numbers()
    want, y_want = clone(inner).fit_resample(by_hand(X), y)
    sampler = Standardized(inner)
    found, y_found = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(y_found, y_want)
    np.testing.assert_allclose((found - X.mean(axis=0)) / X.std(axis=0), want, atol=1e-8)
    real = ~sampler.is_synthetic_
    np.testing.assert_array_equal(found[real], X[sampler.sample_indices_[real]])  # bit for bit
    assert sampler.sampling_type == inner.sampling_type
    assert sampler.sampling_strategy_ == sampler.resampler_.sampling_strategy_


def test_no_column_counts_by_its_unit():
    X, y = numbers(1)
    sampler = Standardized(rr.SMOTE(random_state=0))
    sampler.fit_resample(X, y)
    other = Standardized(rr.SMOTE(random_state=0))
    other.fit_resample(X * [1e5, 1, 1, 1e-7] + [1, 2, 3, 4], y)
    np.testing.assert_array_equal(sampler.parents_, other.parents_)
    plain = rr.SMOTE(random_state=0)
    plain.fit_resample(X, y)
    assert (plain.parents_ != sampler.parents_).any()


def view_of(frame):
    """Return the numbers standardised by hand, and codes for the categories."""
    view = np.column_stack(
        [by_hand(frame[list("abcd")]), frame["word"].cat.codes, frame["flag"]]
    ).astype(float)
    return view, [4, 5]


@pytest.mark.parametrize(
    "make",
    [
        lambda **more: rr.BorderlineSMOTE(random_state=0, **more),
        lambda **more: rr.ADASYN(random_state=0, **more),
        lambda **more: rr.TomekLinks(**more),
        lambda **more: rr.EditedNearestNeighbours(**more),
        lambda **more: rr.RepeatedEditedNearestNeighbours(**more),
    ],
    ids=["borderline", "adasyn", "tomek", "edited", "repeated"],
)
def test_on_mixed_tables_neighbours_are_those_of_the_mixed_backend(make):
    frame, y = mixed()
    view, categorical = view_of(frame)
    by_index = make(neighbors=MixedNeighbors(categorical=tuple(categorical)))
    plan = by_index.plan(view, y)
    sampler = Standardized(make())
    found, y_found = sampler.fit_resample(frame, y, keep_index=True)
    np.testing.assert_array_equal(sampler.parents_, plan.parents)
    assert found.dtypes.equals(frame.dtypes)
    new, base = sampler.is_synthetic_, sampler.sample_indices_
    pd.testing.assert_frame_equal(found[~new], frame.iloc[base[~new]])
    for name in ("word", "flag"):  # a new row has its base row's category
        assert found[name].tolist() == frame[name].iloc[base].tolist()
    assert not (found["b"].isna().to_numpy() & ~frame["b"].isna().to_numpy()[base]).any()
    assert isinstance(sampler.resampler_.neighbors, MixedNeighbors)
    np.testing.assert_array_equal(y_found[~new], y[base[~new]])


def test_smote_votes_on_categories_of_standardised_rows():
    frame, y = mixed(2)
    view, categorical = view_of(frame)
    for metric in ("auto", "heom", "vdm"):
        inner = rr.SMOTE(random_state=0, metric=metric)
        by_index = clone(inner).set_params(categorical_features=categorical)
        want = by_index.fit_resample(view, y)[0]
        sampler = Standardized(inner)
        found, _ = sampler.fit_resample(frame, y)
        np.testing.assert_array_equal(sampler.parents_, by_index.parents_)
        assert found["word"].cat.codes.tolist() == want[:, 4].tolist()
        spread, middle = np.nanstd(frame["b"]), np.nanmean(frame["b"])
        np.testing.assert_allclose(found["b"], want[:, 1] * spread + middle, rtol=1e-9)


@pytest.mark.parametrize("name", ["SMOTEENN", "SMOTETomek"])
def test_both_parts_of_a_combined_sampler_take_mixed_tables(name):
    frame, y = mixed(3)
    view, categorical = view_of(frame)
    smote = rr.SMOTE(random_state=0, categorical_features=categorical)
    over = smote.plan(view, y)
    from rarebird.tables import ClassLabels, as_table, execute

    rows, labels = execute(over, as_table(view), ClassLabels(y))
    cleaner = {"SMOTEENN": rr.EditedNearestNeighbours, "SMOTETomek": rr.TomekLinks}[name]
    cleaner = cleaner(
        sampling_strategy="all", neighbors=MixedNeighbors(categorical=tuple(categorical))
    )
    plan = over.take(cleaner.plan(rows, labels).base)
    sampler = Standardized(getattr(rr, name)(random_state=0))
    found, _ = sampler.fit_resample(frame, y)
    np.testing.assert_array_equal(sampler.parents_, plan.parents)
    assert 0 < sampler.is_synthetic_.sum() < over.is_synthetic.sum()
    assert set(found["word"]) <= set(frame["word"])


def test_arrays_with_indices_and_other_frames_give_the_same_rows():
    frame, y = mixed(4)
    view, categorical = view_of(frame)
    raw = np.column_stack([frame[list("abcd")], view[:, 4:]]).astype(float)
    for inner in (rr.SMOTE(random_state=0), rr.BorderlineSMOTE(random_state=0)):
        base = Standardized(inner)
        base.fit_resample(frame, y)
        for X, given in ((raw, categorical), (pl.from_pandas(frame), "auto")):
            sampler = Standardized(inner, categorical_features=given)
            out, _ = sampler.fit_resample(X, y)
            assert type(out) is type(X)
            np.testing.assert_array_equal(sampler.parents_, base.parents_)


@pytest.mark.parametrize(
    "inner",
    [rr.KMeansSMOTE(), rr.SVMSMOTE(), rr.AllKNN(), rr.GeometricSMOTE(), rr.ClusterCentroids()],
    ids=lambda s: type(s).__name__,
)
def test_what_takes_no_mixed_table_is_refused_in_words(inner):
    frame, y = mixed()
    words = rf"'word', 'flag', 'b' hold categories or miss values.*{type(inner).__name__} takes no"
    with pytest.raises(ParameterError, match=words):
        Standardized(inner).fit_resample(frame, y)
    Standardized(inner).fit(frame, y)


def test_what_reads_labels_only_takes_any_table():
    frame, y = mixed()
    under = Standardized(rr.RandomUnderSampler(random_state=0))
    found, _ = under.fit_resample(frame, y, keep_index=True)
    plain = rr.RandomUnderSampler(random_state=0)
    pd.testing.assert_frame_equal(found, plain.fit_resample(frame, y)[0])


def test_other_inputs_are_refused():
    X, y = numbers()
    with pytest.raises(DataError, match="sparse"):
        Standardized(rr.SMOTE()).fit_resample(sparse.csr_matrix(X), y)
    with pytest.raises(ParameterError, match="resampler=7 is not allowed"):
        Standardized(7).fit_resample(X, y)
    with pytest.raises(ParameterError, match="there is no plan"):
        Standardized(rr.FunctionSampler()).fit_resample(X, y)
    constant = np.column_stack([X, np.full(len(X), 3.0)])
    assert (Standardized(rr.SMOTE(random_state=0)).fit_resample(constant, y)[0][:, 4] == 3).all()


def test_the_inner_parameters_can_be_set_and_searched():
    sampler = Standardized(rr.SMOTE(k_neighbors=3))
    assert sampler.get_params()["resampler__k_neighbors"] == 3
    sampler.set_params(resampler__random_state=5)
    assert clone(sampler).resampler.random_state == 5
