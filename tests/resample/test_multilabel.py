"""Measures of multi-label imbalance, and what every multi-label resampler owes its caller."""

import gzip

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse, stats

from rarebird._errors import DataError, ParameterError
from rarebird.resample.label_imbalance import cvir, irlbl, mean_ir, scumble
from rarebird.resample.mlros import MLROS
from rarebird.resample.mlrus import MLRUS
from rarebird.resample.mlsmote import MLSMOTE

METHODS = (MLROS, MLRUS, MLSMOTE)


def data(n=120, seed=0):
    rng = np.random.default_rng(seed)
    Y = (rng.random((n, 4)) < [0.7, 0.4, 0.1, 0.05]).astype(int)
    return rng.normal(size=(n, 3)) + Y[:, :3], Y


# Published for the Mulan data sets: MeanIR, CVIR and SCUMBLE (Charte et al., 2014, 2015; mldr).
PUBLISHED = {
    "emotions": (6, 1.4781, 0.1796, 0.01095),
    "yeast": (14, 7.1968, 1.8838, 0.10436),
    "flags": (7, 2.2547, None, 0.06059),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_measures_are_those_published(name, rarebird_data):
    path = next((rarebird_data / "multilabel").glob(f"{name}.arff*"))
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    body = text.lower().partition("@data")[2].split()
    n_labels, mean, variation, concurrence = PUBLISHED[name]
    Y = np.array([line.split(",")[-n_labels:] for line in body]).astype(int)
    assert mean_ir(Y) == pytest.approx(mean, abs=6e-5)
    assert scumble(Y) == pytest.approx(concurrence, abs=6e-6)
    if variation:
        assert cvir(Y) == pytest.approx(variation, abs=6e-5)


def test_the_measures_are_those_of_scipy():
    _, Y = data()
    ratio = Y.sum(axis=0).max() / Y.sum(axis=0)
    np.testing.assert_allclose(irlbl(Y), ratio)
    assert cvir(Y) == pytest.approx(stats.variation(ratio, ddof=1))
    rows = [ratio[row == 1] for row in Y]
    atkinson = [1 - stats.gmean(row) / np.mean(row) if len(row) else 0 for row in rows]
    assert scumble(Y) == pytest.approx(np.mean(atkinson))


def test_the_measures_of_even_or_missing_labels():
    even = np.tile(np.eye(3, dtype=int), (5, 1))
    assert irlbl(even).tolist() == [1, 1, 1] and mean_ir(even) == 1
    assert cvir(even) == 0 and scumble(even) == pytest.approx(0, abs=1e-15)
    absent = np.column_stack([even, np.zeros(15, int)])
    assert np.isnan(irlbl(absent)[3]) and mean_ir(absent) == 1 and scumble(absent) == 0
    none = np.zeros((4, 2), int)
    assert np.isnan(mean_ir(none)) and np.isnan(cvir(none)) and scumble(none) == 0
    assert scumble([[1, 0], [0, 1], [1, 0]]) == 0  # never two labels together
    for kind in (even.tolist(), sparse.csr_array(even), pd.DataFrame(even), pl.DataFrame(even)):
        assert mean_ir(kind) == 1


def kinds(Y):
    names = list("pqrs")
    yield "array", Y.astype(np.int8)
    yield "truth", Y == 1
    yield "float", np.asfortranarray(Y.astype(float))
    yield "list", Y.tolist()
    yield "csr", sparse.csr_matrix(Y)
    yield "csc", sparse.csc_array(Y)
    yield "pandas", pd.DataFrame(Y == 1, columns=names, index=np.arange(len(Y)) + 7)
    yield "nullable", pd.DataFrame(Y, columns=names).astype("Int8")
    yield "polars", pl.DataFrame(Y.astype(np.uint8), schema=names)
    yield "pyarrow", pa.table({name: Y[:, j] == 1 for j, name in enumerate(names)})


def dense(Y):
    if sparse.issparse(Y):
        return Y.toarray().astype(int)
    if isinstance(Y, pa.Table):
        Y = Y.to_pandas()
    return np.asarray(Y.to_numpy() if hasattr(Y, "to_numpy") else Y).astype(int)


@pytest.mark.parametrize("method", METHODS)
def test_labels_come_back_in_their_kind(method):
    X, Y = data()
    base, base_Y = method(random_state=1).fit_resample(X, Y)
    assert len(base) != len(X)
    for name, given in kinds(Y):
        out, out_Y = method(random_state=1).fit_resample(X, given)
        np.testing.assert_array_equal(out, base, err_msg=name)
        np.testing.assert_array_equal(dense(out_Y), base_Y, err_msg=name)
        assert type(out_Y) is type(given), name
        if name in ("array", "truth", "float", "csr", "csc"):
            assert out_Y.dtype == given.dtype
        if name in ("pandas", "nullable"):
            assert out_Y.dtypes.equals(given.dtypes) and out_Y.columns.equals(given.columns)
        if name == "polars":
            assert out_Y.schema == given.schema
        if name == "pyarrow":
            assert out_Y.schema == given.schema


@pytest.mark.parametrize("method", METHODS)
def test_frames_indices_and_aligned_arrays_follow_the_rows(method):
    X, Y = data()
    frame = pd.DataFrame(X, columns=list("abc"), index=[f"r{i}" for i in range(len(X))])
    labels = pd.DataFrame(Y, columns=list("pqrs"), index=frame.index)
    sampler = method(random_state=0)
    out, out_Y, weight = sampler.fit_resample(frame, labels, keep_index=True, weight=X[:, 0])
    real, origin = ~sampler.is_synthetic_, sampler.sample_indices_
    assert out.index.equals(out_Y.index)
    assert (out.index[real] == frame.index[origin[real]]).all()
    pd.testing.assert_frame_equal(out_Y[real], labels.iloc[origin[real]])
    np.testing.assert_array_equal(weight[real], X[origin[real], 0])
    base, base_Y = method(random_state=0).fit_resample(X, Y)
    np.testing.assert_array_equal(out.to_numpy(), base)
    np.testing.assert_array_equal(out_Y.to_numpy(), base_Y)
    thin, thin_Y = method(random_state=0).fit_resample(pl.DataFrame(X, schema=list("abc")), Y)
    np.testing.assert_array_equal(thin.to_numpy(), base)
    np.testing.assert_array_equal(thin_Y, base_Y)


@pytest.mark.parametrize("method", METHODS)
def test_what_is_no_set_of_labels_is_refused(method):
    X, Y = data()
    sampler = method()
    for wrong, word in (
        (Y[:, 0], r"shape \(n, L\)"),
        (Y[:, 0].tolist(), r"shape \(n, L\)"),
        (Y * 2, "row 0 has 2"),
        (np.where(Y, np.nan, 0.0), "nan"),
        (np.where(Y, "yes", "no"), "0 and 1"),
        (np.zeros_like(Y), "of 4 labels all have 0 rows"),
        (Y[:-1], "inconsistent"),
    ):
        with pytest.raises(DataError, match=word):
            sampler.fit_resample(X, wrong)
    with pytest.raises(DataError, match="aligned"):
        sampler.fit_resample(X, Y, weight=[1, 2])


@pytest.mark.parametrize("method", METHODS)
def test_even_labels_are_left_as_they_are(method):
    X, _ = data(120)
    Y = np.tile(np.eye(4, dtype=int), (30, 1))
    out, out_Y = method(random_state=0).fit_resample(X, Y)
    np.testing.assert_array_equal(out, X)
    np.testing.assert_array_equal(out_Y, Y)


def test_parameters_are_checked():
    X, Y = data()
    for sampler, name in (
        (MLROS(percentage=-1), "percentage"),
        (MLRUS(percentage=101), "percentage"),
        (MLRUS(keep_rare=1), "keep_rare"),
        (MLSMOTE(k_neighbors=0), "k_neighbors"),
    ):
        with pytest.raises(ParameterError, match=name):
            sampler.fit_resample(X, Y)
