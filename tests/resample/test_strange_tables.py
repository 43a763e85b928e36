"""Tables, labels and arrays as people have them: each of these was refused or wrong once."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression

import rarebird.resample as rr
from rarebird._errors import DataError, ParameterError, ParameterTypeError
from rarebird.tables import ClassLabels

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 4))
Y = np.repeat([0, 1], [90, 30])
FRAME = pd.DataFrame(X, columns=list("abcd"))


def smote(table, y=Y, **more):
    return rr.SMOTE(random_state=0).fit_resample(table, y, **more)


def test_text_labels_of_pandas_are_recalibrated():
    y = pd.Series(np.where(Y == 1, "yes", "no"))
    model = rr.ResampledClassifier(rr.SMOTE(random_state=0), LogisticRegression()).fit(X, y)
    assert model.classes_.tolist() == ["no", "yes"]


def test_aligned_values_of_pandas_have_the_index_of_the_rows():
    weight = pd.Series(X[:, 0], name="w")
    X_new, _, new = rr.RandomUnderSampler(random_state=0).fit_resample(FRAME, Y, w=weight)
    assert new.index.equals(X_new.index)
    np.testing.assert_array_equal(X_new.assign(w=new)["w"], X_new["a"])
    X_new, _, new = smote(FRAME, keep_index=True, w=weight)
    assert new.index.equals(X_new.index)


@pytest.mark.parametrize("kind", ["boolean", "bool", "bool[pyarrow]", object])
def test_truth_values_stay_truth_values(kind):
    frame = FRAME.assign(f=pd.array(X[:, 0] > 0, dtype=kind))
    out, _ = smote(frame)
    assert out["f"].dtype == frame["f"].dtype
    assert set(out["f"].tolist()) <= {True, False}
    flags = np.array([[True], [None], [False]] * 40, dtype=object)
    mixed, _ = smote(np.hstack([X.astype(object), flags]))
    assert all(v is None or isinstance(v, bool) for v in mixed[:, 4])


def test_a_class_derived_from_a_frame_of_pandas_is_one():
    class Geo(pd.DataFrame):
        @property
        def _constructor(self):
            return Geo

    frame = Geo(X, index=np.arange(500, 620))
    out, y_new = smote(frame, pd.Series(Y, index=frame.index))
    assert out.index.equals(pd.RangeIndex(180)) and y_new.index.equals(out.index)
    twins = Geo(X, columns=["a", "a", "b", "b"])
    assert smote(twins)[0].columns.tolist() == ["a", "a", "b", "b"]


def test_sparse_columns_around_something_else_than_0():
    frame = pd.DataFrame({c: pd.arrays.SparseArray(RNG.random(120)) for c in "ab"})
    assert np.isnan(frame.dtypes.iloc[0].fill_value)
    for sampler in (rr.RandomOverSampler(random_state=0), rr.SMOTE(random_state=0)):
        out, _ = sampler.fit_resample(frame, Y)
        assert (out.dtypes == frame.dtypes).all() and len(out) == 180


@pytest.mark.parametrize(
    "make",
    [pd.Index, pd.Categorical, pd.array, pa.array, np.asarray, tuple],
    ids=["index", "categorical", "extension", "arrow", "numpy", "tuple"],
)
def test_labels_of_any_kind(make):
    words = np.where(Y == 1, "yes", "no").tolist()
    _, y_new = smote(X, make(words))
    assert (
        sum(str(v) == "yes" for v in (y_new.to_pylist() if hasattr(y_new, "to_pylist") else y_new))
        == 90
    )


def test_missing_labels_are_counted_whatever_they_are_called():
    for y in (
        pd.Series(["no"] * 119 + [pd.NA], dtype="string"),
        np.array(["2020-01-01"] * 119 + ["NaT"], dtype="datetime64[D]"),
        np.array(["no"] * 119 + [pd.NA], dtype=object),
    ):
        with pytest.raises(DataError, match="1 missing label"):
            ClassLabels(y, "SMOTE")
    objects = np.hstack([X.astype(object), np.array([["u"], [pd.NA]] * 60, dtype=object)])
    assert len(smote(objects)[0]) == 180


@pytest.mark.parametrize("dtype", ["uint64", "int64"])
def test_the_largest_whole_number_stays_it(dtype):
    top = np.iinfo(dtype).max
    for frame in (
        FRAME.assign(n=np.full(120, top, dtype=dtype)),
        pl.from_pandas(FRAME).with_columns(pl.Series("n", np.full(120, top, dtype=dtype))),
    ):
        assert set(smote(frame)[0]["n"].to_list()) == {top}


@pytest.mark.parametrize("method", [rr.GeometricSMOTE, rr.RandomWalkOversampler])
def test_new_rows_beyond_a_small_type_end_at_its_end(method):
    small = RNG.choice([0, 255], (120, 2)).astype(np.uint8)
    frames = [pd.DataFrame(small, columns=["a", "b"]), pl.DataFrame(small, schema=["a", "b"])]
    for frame in (*frames, frames[0].astype("UInt8")):
        out, _ = method(random_state=0).fit_resample(frame, Y)
        assert len(out) == 180 and out["a"].min() >= 0 and out["a"].max() <= 255


def test_lists_wide_numbers_and_repeated_names():
    frame = pl.from_pandas(FRAME).with_columns(pair=pl.Series([[1, 2], [3, 4]] * 60))
    out, _ = rr.SMOTE(categorical_features=["pair"], random_state=0).fit_resample(frame, Y)
    assert set(map(tuple, out["pair"].to_list())) == {(1, 2), (3, 4)}
    wide = pl.from_pandas(FRAME).with_columns(n=pl.lit(5, dtype=pl.Int128))
    assert set(smote(wide)[0]["n"].to_list()) == {5}
    twins = pa.Table.from_arrays([pa.array(X[:, 0]), pa.array(X[:, 1])], names=["a", "a"])
    with pytest.raises(DataError, match="same name"):
        smote(twins)


def test_arrays_without_a_value_between():
    weight = np.full(120, np.nan)
    assert np.isnan(smote(X, w=weight)[2]).all()
    weight = np.where(np.arange(120) % 2, np.inf, 1.0)
    assert np.isin(smote(X, w=weight)[2], [1.0, np.inf]).all()
    with pytest.raises(DataError, match=r"w=0.5 is no array"):
        smote(X, w=0.5)


def test_strategies_that_are_none():
    assert rr.SMOTE(sampling_strategy=np.array(0.5)).fit(X, Y).sampling_strategy_ == {1: 15}
    for bad in (lambda y: "all", {1: True}, {1: "40"}, {1: None}):
        with pytest.raises(ParameterError, match="not allowed"):
            rr.SMOTE(sampling_strategy=bad).fit(X, Y)
    with pytest.raises(ParameterTypeError, match="random_state='seven' is not supported"):
        rr.SMOTE(random_state="seven").fit(X, Y)


def test_names_come_out_as_they_went_in():
    sampler = rr.SMOTE(random_state=0).fit(FRAME, Y)
    assert sampler.get_feature_names_out().tolist() == list("abcd")
