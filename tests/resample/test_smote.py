import datetime
from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn import over_sampling as theirs
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from rarebird._errors import DataError, ParameterError
from rarebird.neighbors.mixed import heom, hvdm, nearest_rows, nominal_continuous
from rarebird.resample.smote import SMOTE
from rarebird.resample.smoten import SMOTEN
from rarebird.resample.smotenc import SMOTENC


def numbers(seed, n=300, shares=(0.8, 0.2), d=4):
    rng = np.random.default_rng(seed)
    y = rng.choice(len(shares), n, p=shares)
    return rng.normal(size=(n, d)) + y[:, None], y


def mixed(seed=0, n=300):
    """Return a pandas frame of every kind of column, without gaps, and labels."""
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(n) < 0.2, "rare", "usual")
    frame = pd.DataFrame(
        {
            "amount": rng.lognormal(size=n),
            "word": rng.choice(["cat", "dog", "emu"], n),
            "age": rng.integers(18, 90, n),
            "flag": rng.random(n) < 0.3,
            "height": rng.normal(size=n),
        }
    )
    return frame, y


def with_gaps(frame, seed=0, share=0.15):
    """Return a polars frame with nulls in words and flags and NaN in floats."""
    rng = np.random.default_rng(seed)
    columns = {}
    for name in frame:
        gaps, values = rng.random(len(frame)) < share, frame[name].tolist()
        empty = float("nan") if name == "amount" else None
        gaps &= name != "height"
        columns[name] = [empty if gap else v for v, gap in zip(values, gaps, strict=True)]
    return pl.DataFrame(columns)


# Numbers: the rows of imbalanced-learn


@pytest.mark.parametrize("shares", [(0.8, 0.2), (0.6, 0.25, 0.15)])
@pytest.mark.parametrize("dtype", [float, np.float32, np.int64])
@pytest.mark.parametrize("seed", range(3))
def test_rows_are_those_of_imbalanced_learn(seed, dtype, shares):
    X, y = numbers(seed, shares=shares)
    X = (X * (1e6 if dtype is np.int64 else 1)).astype(dtype)
    for data in (X, sparse.csr_matrix(X), sparse.csc_array(X), pd.DataFrame(X)):
        if dtype is np.float32 and isinstance(data, pd.DataFrame):
            continue
        for state in (seed, None):
            np.random.seed(5)  # noqa: NPY002 - what None draws from, there and here
            new, y_new = SMOTE(random_state=state, k_neighbors=2 + seed).fit_resample(data, y)
            np.random.seed(5)  # noqa: NPY002
            want, y_want = theirs.SMOTE(random_state=state, k_neighbors=2 + seed).fit_resample(
                data, y
            )
            if sparse.issparse(data):
                new, want = new.toarray(), want.toarray()
            np.testing.assert_array_equal(new, want)
            np.testing.assert_array_equal(y_new, y_want)
            assert np.asarray(new).dtype == dtype


def test_beside_numbers_truth_values_are_numbers():
    X, y = numbers(0)
    frame = pd.DataFrame(X, columns=list("abcd")).assign(
        flag=np.random.default_rng(1).random(len(y)) < 0.4
    )
    new, _ = SMOTE(random_state=0).fit_resample(frame, y)
    want, _ = theirs.SMOTE(random_state=0).fit_resample(frame, y)
    pd.testing.assert_frame_equal(new, want)


def test_a_search_of_the_callers_is_used():
    X, y = numbers(1)
    search = NearestNeighbors(n_neighbors=4, metric="manhattan")
    new, _ = SMOTE(random_state=0, k_neighbors=search).fit_resample(X, y)
    want, _ = theirs.SMOTE(random_state=0, k_neighbors=search).fit_resample(X, y)
    np.testing.assert_array_equal(new, want)


def test_tiny_classes_are_named_or_take_what_they_have():
    X, _ = numbers(0)
    y = (np.arange(len(X)) < 3).astype(int)
    with pytest.raises(DataError, match=r"class 1 \(3 rows\) is too small: k_neighbors=5"):
        SMOTE().fit_resample(X, y)
    for table in (X, pd.DataFrame(X).assign(word="a"), np.full((len(X), 1), "a")):
        with pytest.raises(DataError, match=r"\(1 row\).*\. Use RandomOverSampler"):
            SMOTE(k_neighbors="auto").fit_resample(table, np.arange(len(X)) < 1)
    new, _ = SMOTE(k_neighbors="auto", random_state=0).fit_resample(X, y)
    want, _ = theirs.SMOTE(k_neighbors=2, random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(new, want)


# Numbers with gaps


def test_gaps_are_measured_as_nan_euclidean_does():
    X, y = numbers(2)
    X[np.random.default_rng(0).random(X.shape) < 0.15] = np.nan
    new, _ = SMOTE(random_state=0).fit_resample(X, y)
    search = NearestNeighbors(n_neighbors=6, metric="nan_euclidean")
    want, _ = SMOTE(random_state=0, k_neighbors=search).fit_resample(X, y)
    np.testing.assert_array_equal(new, want)
    full = np.flatnonzero(~np.isnan(X[y == 1]).any(axis=1))
    assert len(full) < (y == 1).sum()
    with pytest.raises(ValueError, match="NaN"):
        theirs.SMOTE().fit_resample(X, y)


def test_a_gap_comes_from_the_base_row_only():
    X, y = numbers(3)
    X[np.random.default_rng(0).random(len(X)) < 0.3, 1] = np.nan
    sampler = SMOTE(random_state=0)
    new, _ = sampler.fit_resample(X, y)
    base, other = (X[sampler.parents_[sampler.is_synthetic_, p]] for p in (0, 1))
    made = new[sampler.is_synthetic_]
    gap = np.isnan(base) | np.isnan(other)
    np.testing.assert_array_equal(made[gap], base[gap])
    assert not np.isnan(made[:, [0, 2, 3]]).any() and not np.isnan(made[~gap]).any()


def test_sparse_tables_with_gaps_or_a_scaled_metric_are_refused():
    X, y = numbers(0)
    table = sparse.csr_matrix(X)
    with pytest.raises(DataError, match=r"made dense; give X.toarray\(\)"):
        SMOTE(metric="heom").fit_resample(table, y)
    table.data[3] = np.nan
    with pytest.raises(DataError, match=r"made dense; give X.toarray\(\)"):
        SMOTE().fit_resample(table, y)


# Any table


def test_a_mixed_table_is_treated_as_by_smotenc():
    frame, y = mixed()
    new, y_new = SMOTE(random_state=0).fit_resample(frame, y)
    want, _ = SMOTENC(["word", "flag"], random_state=0).fit_resample(frame, y)
    pd.testing.assert_frame_equal(new, want)
    assert new.dtypes.equals(frame.dtypes)
    assert (y_new == "rare").sum() == (y_new == "usual").sum()
    named, _ = SMOTE(random_state=0, categorical_features=[1, 3]).fit_resample(frame, y)
    pd.testing.assert_frame_equal(named, want)


def test_a_table_of_categories_is_treated_as_by_smoten():
    frame, y = mixed()
    words = frame[["word"]].assign(other=frame["flag"].map({True: "yes", False: "no"}))
    new, _ = SMOTE(random_state=0).fit_resample(words, y)
    want, _ = SMOTEN(random_state=0).fit_resample(words, y)
    pd.testing.assert_frame_equal(new, want)


def test_categories_may_be_compared_by_overlap():
    rng = np.random.default_rng(0)
    rows = rng.choice(list("abcd"), (300, 4)).astype(object)
    y = np.where(rng.random(300) < 0.2, "rare", "usual")
    sampler = SMOTE(random_state=0, metric="heom")
    sampler.fit_resample(rows, y)
    rare = rows[y == "rare"]
    for parents in sampler.parents_[sampler.is_synthetic_][:50]:
        differ = np.sort((rare != rows[parents[0]]).sum(axis=1))[1:6]
        assert (rows[parents[1:]] != rows[parents[0]]).sum(axis=1).tolist() == differ.tolist()


def test_whole_numbers_may_be_named_as_categories():
    X, y = numbers(0)
    X[:, 2] = np.random.default_rng(1).integers(0, 4, len(y))
    new, _ = SMOTE(random_state=0, categorical_features=[2]).fit_resample(X, y)
    want, _ = theirs.SMOTENC([2], random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(new, want)


@pytest.mark.parametrize(
    ("metric", "make"), [("nc", nominal_continuous), ("heom", heom), ("vdm", hvdm)]
)
def test_the_metric_decides_who_is_near(metric, make):
    frame, y = mixed(1)
    sampler = SMOTE(random_state=0, metric=metric)
    sampler.fit_resample(frame, y)
    X = frame[["amount", "age", "height"]].to_numpy()
    codes = np.column_stack(
        [np.unique(frame[name], return_inverse=True)[1] for name in ("word", "flag")]
    )
    labels = (y == "usual").astype(int)
    rows = np.flatnonzero(labels == 0)
    D = make(X, codes, labels, rows).block(slice(0, len(rows)))
    np.fill_diagonal(D, np.inf)
    limit = np.sort(D, axis=1)[:, 4]
    base, other = np.searchsorted(rows, sampler.parents_[sampler.is_synthetic_]).T
    assert (D[base, other] <= limit[base]).all()
    assert len(np.unique(base)) > 0.8 * len(rows)
    only, _ = SMOTE(random_state=0, metric=metric).fit_resample(X, y)
    assert len(only) == 2 * (y == "usual").sum()


def test_strings_and_gaps_in_a_polars_frame():
    frame, y = mixed(2)
    frame = with_gaps(frame)
    sampler = SMOTE(random_state=0)
    new, y_new = sampler.fit_resample(frame, pl.Series(y))
    assert isinstance(new, pl.DataFrame) and new.schema == frame.schema
    assert new[: len(y)].equals(frame) and isinstance(y_new, pl.Series)
    made = new[len(y) :]
    assert made["height"].null_count() == 0 and not made["height"].is_nan().any()
    assert made["amount"].is_nan().any() and made["age"].null_count() > 0
    rare = frame.filter(pl.Series(y) == "rare")
    for name in ("word", "flag"):
        assert set(made[name]) <= set(rare[name])
    for metric in ("heom", "vdm"):
        made = SMOTE(random_state=0, metric=metric).fit_resample(frame, y)[0]
        assert made.schema == frame.schema and len(made) == len(new)


def test_nullable_and_categorical_pandas_columns():
    frame, y = mixed(3)
    frame["age"] = frame["age"].astype("Int64")
    frame["flag"] = frame["flag"].astype("boolean")
    frame["word"] = pd.Categorical(frame["word"], categories=["emu", "dog", "cat", "yak"])
    frame.loc[::5, ["age", "flag", "word"]] = pd.NA
    new, _ = SMOTE(random_state=0).fit_resample(frame, y)
    assert new.dtypes.equals(frame.dtypes)
    pd.testing.assert_frame_equal(new.iloc[: len(y)], frame)
    made = new.iloc[len(y) :]
    rare = frame[y == "rare"]
    assert made["age"].dropna().between(rare["age"].min(), rare["age"].max()).all()
    assert set(made["word"].dropna()) <= set(rare["word"].dropna())


def test_every_kind_of_table_gives_the_same_rows():
    frame, y = mixed(4)
    columns = {name: frame[name].tolist() for name in frame}
    base = SMOTE(random_state=0).fit_resample(frame, y)[0].astype(object).to_numpy()
    array = np.empty(frame.shape, dtype=object)
    for j, name in enumerate(frame):
        array[:, j] = columns[name]
    for table in (pl.DataFrame(columns), pa.table(columns), array):
        new = SMOTE(random_state=0).fit_resample(table, y)[0]
        assert type(new) is type(table)
        if not isinstance(new, np.ndarray):
            new = new.to_pandas().astype(object).to_numpy()
            np.testing.assert_array_equal(new, base)
        else:  # an array of objects has no whole numbers to come back to
            np.testing.assert_array_equal(new[:, [0, 1, 3, 4]], base[:, [0, 1, 3, 4]])
            np.testing.assert_array_equal(new[:, 2].astype(float).astype(int), base[:, 2])


def test_a_date_is_refused_with_the_way_out():
    frame, y = mixed()
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(days=i % 20) for i in range(len(y))]
    table = pl.from_pandas(frame[["amount", "word"]]).with_columns(pl.Series("when", days))
    with pytest.raises(DataError, match=r"column 'when' holds neither.*categorical_features.*days"):
        SMOTE().fit_resample(table, y)
    new, _ = SMOTE(categorical_features=["word", "when"]).fit_resample(table, y)
    assert new.schema == table.schema and set(new["when"]) == set(table["when"])


def test_what_cannot_be_combined_is_refused():
    frame, y = mixed()
    with pytest.raises(ParameterError, match="compares numbers without missing values"):
        SMOTE(neighbors="exact").fit_resample(frame, y)
    search = NearestNeighbors(n_neighbors=6)
    with pytest.raises(ParameterError, match="needs a whole number as k_neighbors"):
        SMOTE(metric="heom", k_neighbors=search).fit_resample(frame, y)
    with pytest.raises(ParameterError, match="metric='euclid' is not allowed"):
        SMOTE(metric="euclid").fit_resample(frame, y)
    frame.loc[3, "height"] = np.inf
    with pytest.raises(DataError, match="infinity, in column 'height'"):
        SMOTE().fit_resample(frame, y)


def test_weights_and_other_arrays_follow():
    frame, y = mixed(5)
    weight = np.random.default_rng(0).random(len(y))
    sampler = SMOTE(random_state=0)
    _, y_new, weight_new = sampler.fit_resample(frame, y, weight=weight)
    assert len(weight_new) == len(y_new)
    parents = weight[sampler.parents_[sampler.is_synthetic_]]
    made = weight_new[sampler.is_synthetic_]
    assert (made >= parents.min(axis=1) - 1e-12).all()
    assert (made <= parents.max(axis=1) + 1e-12).all()


def test_one_thread_or_two(monkeypatch):
    frame, y = mixed(6, n=2000)
    want, _ = SMOTE(random_state=0).fit_resample(frame, y)
    for n_jobs, block in ((1, 1 << 30), (2, 1 << 12)):
        search = partial(nearest_rows, n_jobs=n_jobs, block_bytes=block)
        monkeypatch.setattr("rarebird.resample.mixed_rows.nearest_rows", search)
        pd.testing.assert_frame_equal(SMOTE(random_state=0).fit_resample(frame, y)[0], want)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(15, 60),
    st.sampled_from(["nc", "heom", "vdm"]),
    st.sampled_from([0.0, 0.2, 0.6]),
    st.integers(1, 6),
)
def test_whatever_the_table_nothing_is_invented(seed, n, metric, share, k):
    rng = np.random.default_rng(seed)
    y = np.arange(n) >= 7
    columns = {
        "real": rng.normal(size=n).round(1),
        "whole": rng.integers(-3, 4, n).astype(float),
        "word": rng.choice(list("abc"), n).astype(object),
        "full": rng.normal(size=n),
    }
    for name in ("real", "whole"):
        columns[name][rng.random(n) < share] = np.nan
    columns["word"][rng.random(n) < share] = None
    frame = pl.DataFrame({name: list(values) for name, values in columns.items()})
    sampler = SMOTE(random_state=seed, metric=metric, k_neighbors=k)
    new, y_new = sampler.fit_resample(frame, y)
    assert np.bincount(y_new).tolist() == [n - 7, n - 7]
    made, parents = sampler.is_synthetic_, sampler.parents_
    assert not y_new[made].any()
    assert set(new["word"].to_numpy()[made]) <= set(columns["word"][:7])
    for name in ("real", "whole", "full"):
        values, own = new[name].to_numpy()[made], columns[name][parents[made]]
        gap = np.isnan(own[:, 0])
        np.testing.assert_array_equal(np.isnan(values), gap)
        both = ~np.isnan(own).any(axis=1)
        low, high = own[both].min(axis=1, initial=np.inf), own[both].max(axis=1, initial=-np.inf)
        assert (values[both] >= low - 1e-12).all() and (values[both] <= high + 1e-12).all()
        base_only = ~gap & ~both
        np.testing.assert_array_equal(values[base_only], own[base_only, 0])
    array = np.column_stack([columns[name].astype(object) for name in columns])
    as_array = SMOTE(random_state=seed, metric=metric, k_neighbors=k).fit_resample(array, y)[0]
    as_pandas = SMOTE(random_state=seed, metric=metric, k_neighbors=k).fit_resample(
        pd.DataFrame(columns), y
    )[0]
    for j, name in enumerate(("real", "whole", "full")):
        place = (0, 1, 3)[j]
        np.testing.assert_array_equal(as_array[:, place].astype(float), new[name].to_numpy())
        np.testing.assert_array_equal(as_pandas[name].to_numpy(float), new[name].to_numpy())
    words = [None if v != v else v for v in as_pandas["word"].tolist()]
    assert as_array[:, 2].tolist() == new["word"].to_list() == words


def test_a_real_table_with_gaps(rarebird_data):
    frame = pl.read_csv(rarebird_data / "tabular_binary" / "adult.csv.gz", n_rows=4000)
    y = frame["income"]
    frame = frame.drop("income")
    frame = frame.with_columns(
        pl.when(pl.col(pl.String) == "?").then(None).otherwise(pl.col(pl.String)).name.keep()
    )
    sampler = SMOTE(random_state=0)
    new, y_new = sampler.fit_resample(frame, y)
    assert new.schema == frame.schema
    assert len(set(y_new.value_counts()["count"])) == 1
    made = new.filter(pl.Series(sampler.is_synthetic_))
    rare = frame.filter(y == y.value_counts(sort=True)[-1, 0])
    for name, dtype in frame.schema.items():
        if dtype == pl.String:
            assert set(made[name]) <= set(rare[name])
        else:
            assert rare[name].min() <= made[name].min() and made[name].max() <= rare[name].max()
            assert made[name].null_count() == 0 or rare[name].null_count() > 0
    assert sum(rare.null_count().row(0)) > 0
