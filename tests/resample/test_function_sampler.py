"""FunctionSampler against imbalanced-learn 0.14."""

import imblearn
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.base import clone

from rarebird._errors import DataError, ParameterError, ParameterTypeError
from rarebird.resample import RandomUnderSampler
from rarebird.resample.function_sampler import FunctionSampler

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 3)).round(2), np.repeat([0, 1, 2], [40, 15, 5])
FRAME = pd.DataFrame({"a": np.arange(60), "b": X[:, 1], "c": X[:, 2].astype(np.float32)})
FRAME.index = pd.RangeIndex(100, 160)


def every_third(X, y, start=0):
    return X[start::3], y[start::3]


def with_numbers(X, y):
    return X[:9], y[:9], np.arange(9)


def doubled(X, y):
    return X * 2.5, y


def same(one, other):
    assert type(one) is type(other)
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    elif isinstance(one, pd.Series):
        pd.testing.assert_series_equal(one, other)
    elif sparse.issparse(one):
        assert one.format == other.format and one.dtype == other.dtype
        np.testing.assert_array_equal(one.toarray(), other.toarray())
    else:
        np.testing.assert_array_equal(one, other)
        assert np.asarray(one).dtype == np.asarray(other).dtype


TABLES = {
    "array": X,
    "integers": (X * 100).astype(np.int32),
    "csr": sparse.csr_matrix(X),
    "csc": sparse.csc_matrix(X),
    "list": X.tolist(),
    "pandas": FRAME,
}
LABELS = {
    "array": Y,
    "text": np.array(["a", "b", "c"])[Y],
    "list": Y.tolist(),
    "series": pd.Series(np.array(["a", "b", "c"])[Y], name="t", index=FRAME.index),
    "frame": pd.DataFrame({"t": Y}, index=FRAME.index),
    "one-hot": np.eye(3, dtype=int)[Y],
}


@pytest.mark.parametrize(
    "given",
    [{}, {"func": every_third}, {"func": with_numbers}],
    ids=["baseline", "every third", "numbers"],
)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("labels", LABELS)
def test_what_comes_out_is_theirs(given, table, labels):
    ours = FunctionSampler(**given).fit_resample(TABLES[table], LABELS[labels])
    theirs = imblearn.FunctionSampler(**given).fit_resample(TABLES[table], LABELS[labels])
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        same(one, other)


def test_parameters_and_arguments_are_theirs():
    ours, theirs = FunctionSampler(), imblearn.FunctionSampler()
    assert clone(ours).get_params() == theirs.get_params()
    given = {"func": every_third, "kw_args": {"start": 2}}
    same(
        FunctionSampler(**given).fit_resample(X, Y)[0],
        imblearn.FunctionSampler(**given).fit_resample(X, Y)[0],
    )
    one = ours.fit(FRAME, Y)
    assert (
        one is ours and one.n_features_in_ == 3 and list(one.feature_names_in_) == ["a", "b", "c"]
    )
    assert one.sampling_strategy_ == theirs.fit(FRAME, Y).sampling_strategy_


def test_a_frame_keeps_its_types_when_the_numbers_change():
    ours = FunctionSampler(func=doubled).fit_resample(FRAME, Y)[0]
    pd.testing.assert_frame_equal(
        ours, imblearn.FunctionSampler(func=doubled).fit_resample(FRAME, Y)[0]
    )


def test_polars_and_arrow_frames_come_back():
    names = ["x", "y", "z"]
    series = pl.Series("t", np.array(["a", "b", "c"])[Y])
    for frame in (pl.DataFrame(X, schema=names), pa.table(dict(zip(names, X.T, strict=True)))):
        out, labels = FunctionSampler(func=every_third).fit_resample(frame, series)
        assert type(out) is type(frame)
        np.testing.assert_array_equal(np.column_stack([np.asarray(out[c]) for c in names]), X[::3])
        assert labels.to_list() == series.to_list()[::3] and labels.name == "t"


@pytest.mark.parametrize("kind", [pl.DataFrame, pd.DataFrame])
def test_without_validation_anything_goes_in_and_out(kind):
    frame = kind({"text": ["u", None, "v"] * 20, "x": X[:, 0]})

    def odd(X, y):
        assert type(X) is kind
        return X[:7], y[:7]

    out, y = FunctionSampler(func=odd, validate=False).fit_resample(frame, Y + 0.5)
    assert type(out) is kind and out.shape == (7, 2) and y.tolist() == [0.5] * 7
    gaps = np.where(X > 1, np.nan, X)
    same(FunctionSampler(validate=False).fit(gaps, Y).fit_resample(gaps, Y)[0], gaps)


def test_a_resampler_inside_a_function():
    def under(X, y, sampling_strategy, random_state):
        return RandomUnderSampler(
            sampling_strategy=sampling_strategy, random_state=random_state
        ).fit_resample(X, y)

    sampler = FunctionSampler(func=under, kw_args={"sampling_strategy": "auto", "random_state": 0})
    for kind in (X, sparse.csc_matrix(X)):
        same(
            sampler.fit_resample(kind, Y)[0],
            RandomUnderSampler(random_state=0).fit_resample(kind, Y)[0],
        )


REFUSED = [
    ({"func": 3}, X, Y, ParameterError, "func=3"),
    ({"kw_args": [1]}, X, Y, ParameterError, "kw_args"),
    ({"accept_sparse": 1}, X, Y, ParameterError, "accept_sparse"),
    ({"validate": "no"}, X, Y, ParameterError, "validate"),
    ({}, X, np.zeros(60), DataError, "more than 1 class"),
    ({"validate": False}, X, np.zeros(60), DataError, "more than 1 class"),
    ({}, X, Y + 0.5, DataError, "cannot be used as classes"),
    ({}, np.where(X > 1, np.nan, X), Y, DataError, "NaN"),
    ({}, np.full((60, 2), "u"), Y, DataError, "no numbers"),
    ({}, X[:4], Y, DataError, "inconsistent"),
    ({"func": every_third, "kw_args": {"stop": 1}}, X, Y, TypeError, "stop"),
    ({"accept_sparse": False}, sparse.csr_matrix(X), Y, ParameterTypeError, "dense data is requ"),
]


@pytest.mark.parametrize(("given", "table", "y", "error", "words"), REFUSED)
def test_what_they_refuse_is_refused_with_an_error_of_that_kind(given, table, y, error, words):
    with pytest.raises(error, match=words) as ours:
        FunctionSampler(**given).fit_resample(table, y)
    with pytest.raises((ValueError, TypeError)) as theirs:
        imblearn.FunctionSampler(**given).fit_resample(table, y)
    assert isinstance(ours.value, (ValueError, TypeError))
    assert any(issubclass(theirs.type, k) for k in (ValueError, TypeError) if issubclass(error, k))


@pytest.mark.parametrize(
    ("func", "words"),
    [
        (lambda X, y: X, "returned a ndarray"),
        (lambda X, y: (X[:4], y[:3]), "4 rows and 3 labels"),
    ],
)
def test_what_no_function_may_return_is_refused(func, words):
    with pytest.raises(DataError, match=words):
        FunctionSampler(func=func).fit_resample(X, Y)
    with pytest.raises(DataError, match=r"shape \(60, 1\)"):
        FunctionSampler(func=lambda X, y: (X[:, :1], y)).fit_resample(FRAME, Y)


def test_what_became_of_a_row_is_not_claimed_to_be_known():
    sampler = FunctionSampler()
    sampler.fit_resample(X, Y)
    for name in ("sample_indices_", "parents_", "is_synthetic_"):
        assert not hasattr(sampler, name)
        with pytest.raises(AttributeError, match="does not know"):
            getattr(sampler, name)
    with pytest.raises(DataError, match="weight cannot be carried"):
        sampler.fit_resample(X, Y, weight=np.ones(60))
    with pytest.raises(ParameterError, match="keep_index"):
        sampler.fit_resample(FRAME, Y, keep_index=True)
