import copy

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from imblearn import over_sampling as theirs
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import OneHotEncoder

from rarebird._errors import DataError, ParameterError
from rarebird.neighbors.mixed import nearest_rows, nominal_continuous
from rarebird.resample.mixed_rows import one_hot
from rarebird.resample.smote import SMOTE
from rarebird.resample.smoten import SMOTEN
from rarebird.resample.smotenc import SMOTENC
from rarebird.resample.votes import drawn_leader, leaders


def table(seed, n=400, shares=(0.6, 0.25, 0.15), dtype=float):
    """Return numbers that break all ties (columns 0, 2, 4), categories (1, 3) and labels."""
    rng = np.random.default_rng(seed)
    y = rng.choice(len(shares), n, p=shares)
    numbers = (rng.normal(size=(n, 3)) + y[:, None]).astype(dtype)
    words = np.column_stack([rng.choice(list("abcde"), n), rng.choice(["u", "v"], n)])
    X = np.empty((n, 5), dtype=object)
    X[:, [0, 2, 4]], X[:, [1, 3]] = numbers, words
    return X, y


def frame_of(X, dtype=float):
    names = ["n0", "c0", "n1", "c1", "n2"]
    columns = {
        name: pd.Categorical(X[:, j]) if name[0] == "c" else X[:, j].astype(dtype)
        for j, name in enumerate(names)
    }
    return pd.DataFrame(columns)


def assert_same(ours, theirs_):
    for a, b in zip(ours, theirs_, strict=True):
        if isinstance(b, pd.DataFrame):
            pd.testing.assert_frame_equal(a, b, check_exact=True)
        elif sparse.issparse(b):
            assert a.format == b.format
            np.testing.assert_array_equal(a.toarray(), b.toarray())
        else:
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("shares", [(0.8, 0.2), (0.6, 0.25, 0.15)])
@pytest.mark.parametrize("seed", range(6))
def test_rows_are_those_of_imbalanced_learn(seed, shares):
    dtype = [float, np.float32][seed % 2]
    X, y = table(seed, shares=shares, dtype=dtype)
    frame = frame_of(X)
    k = 2 + seed
    for data, columns in (
        (X, [1, 3]),
        (X, [3, 1]),
        (X, [False, True, False, True, False]),
        (frame, "auto"),
        (frame, ["c1", "c0"]),
    ):
        for state in (seed, np.random.RandomState(seed)):
            given = {"k_neighbors": k, "sampling_strategy": "auto"}
            assert_same(
                SMOTENC(columns, random_state=copy.deepcopy(state), **given).fit_resample(data, y),
                theirs.SMOTENC(columns, random_state=copy.deepcopy(state), **given).fit_resample(
                    data, y
                ),
            )


@pytest.mark.parametrize("make", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array])
def test_sparse_rows_are_those_of_imbalanced_learn(make):
    X, y = table(1)
    X[:, 1], X[:, 3] = np.unique(X[:, 1], return_inverse=True)[1], X[:, 3] == "u"
    X = make(X.astype(float))
    ours = SMOTENC([1, 3], random_state=0).fit_resample(X, y)
    want = theirs.SMOTENC([1, 3], random_state=0).fit_resample(X.toarray(), y)
    assert type(ours[0]) is type(X)
    np.testing.assert_array_equal(ours[0].toarray(), want[0])


def test_without_spread_of_the_numbers_the_rows_are_those_of_imbalanced_learn():
    X, y = table(2, shares=(0.8, 0.2))
    X[:, [0, 2]] = 1.5
    ours = SMOTENC([1, 3], random_state=0)
    assert_same(ours.fit_resample(X, y), theirs.SMOTENC([1, 3], random_state=0).fit_resample(X, y))
    assert ours.median_std_ == {1: 0.0}


def test_a_search_of_the_callers_is_given_the_same_numbers():
    X, y = table(3)
    for search in (NearestNeighbors(n_neighbors=4, metric="manhattan"), NearestNeighbors()):
        assert_same(
            SMOTENC([1, 3], random_state=0, k_neighbors=search).fit_resample(X, y),
            theirs.SMOTENC([1, 3], random_state=0, k_neighbors=search).fit_resample(X, y),
        )


# Tied distances: whole numbers in a small box, so that nearly every k-th distance is shared.


class Given(BaseEstimator):
    """A search that knows its answers; a log of what is asked."""

    asked: list = []  # noqa: RUF012

    def __init__(self, near=None, n_neighbors=6):
        self.near, self.n_neighbors = near, n_neighbors

    def fit(self, X):
        return self

    def kneighbors(self, X, return_distance=False):
        return np.column_stack([np.arange(len(self.near)), self.near])

    def kneighbors_graph(self):
        raise NotImplementedError


class Logged(NearestNeighbors):
    """A search that keeps its last answer."""

    answer = None

    def kneighbors(self, X=None, n_neighbors=None, return_distance=True):
        found = super().kneighbors(X, n_neighbors, return_distance)
        Logged.answer = found
        return found


def tied(seed, n=250):
    rng = np.random.default_rng(seed)
    X = np.empty((n, 4), dtype=object)
    X[:, :2] = rng.integers(0, 3, (n, 2)).astype(float)
    X[:, 2:] = rng.choice(list("abc"), (n, 2))
    return X, (rng.random(n) < 0.3).astype(int)


def slow_distances(X, rows):
    numbers, words = X[rows, :2].astype(float), X[rows, 2:]
    m = np.median(numbers.std(axis=0))
    places = range(len(rows))

    def one(i, j):
        return ((numbers[i] - numbers[j]) ** 2).sum() + m**2 * (words[i] != words[j]).sum()

    return np.array([[one(i, j) for j in places] for i in places])


def our_neighbors(X, y, k=5):
    rows = np.flatnonzero(y == 1)
    codes = np.column_stack(
        [np.unique(X[:, j].astype(str), return_inverse=True)[1] for j in (2, 3)]
    )
    distance = nominal_continuous(X[:, :2].astype(float), codes, y, rows)
    return rows, nearest_rows(distance, k)


@pytest.mark.parametrize("seed", range(4))
def test_of_tied_rows_both_choose_among_the_nearest(seed):
    X, y = tied(seed)
    rows, near = our_neighbors(X, y)
    D = slow_distances(X, rows)
    np.fill_diagonal(D, np.inf)
    limit = np.sort(D, axis=1)[:, 4]
    crowd = (limit[:, None] + 1e-9 >= D).sum(axis=1)
    assert (crowd > 5).mean() > 0.5, "ties are the rule here"
    own = np.arange(len(rows))[:, None]
    np.testing.assert_allclose(np.sort(D, axis=1)[:, :5], D[own, near])
    theirs.SMOTENC([2, 3], random_state=0, k_neighbors=Logged(n_neighbors=6)).fit_resample(X, y)
    chosen = Logged.answer[:, 1:]
    there = np.where(chosen == own, 0, D[own, chosen])  # of rows at no distance any may come first
    assert (there <= limit[:, None] + 1e-9).all()
    assert not np.array_equal(np.sort(chosen), np.sort(near)), "the choice among equals differs"


@pytest.mark.parametrize("seed", range(4))
def test_with_our_choice_among_equals_imbalanced_learn_makes_our_rows(seed):
    X, y = tied(seed)
    _, near = our_neighbors(X, y)
    ours = SMOTENC([2, 3], random_state=seed)
    assert_same(
        ours.fit_resample(X, y),
        theirs.SMOTENC([2, 3], random_state=seed, k_neighbors=Given(near)).fit_resample(X, y),
    )
    again = SMOTENC([2, 3], random_state=seed).fit_resample(X, y)
    np.testing.assert_array_equal(ours.fit_resample(X, y)[0], again[0])


def test_one_hot_rows_are_as_far_apart():
    X, y = tied(0)
    rows, _ = our_neighbors(X, y)
    codes = np.column_stack(
        [np.unique(X[:, j].astype(str), return_inverse=True)[1] for j in (2, 3)]
    )
    numbers = X[rows, :2].astype(float)
    full = one_hot(numbers, codes[rows], np.median(numbers.std(axis=0))).toarray()
    D = ((full[:, None] - full[None]) ** 2).sum(axis=2)
    np.testing.assert_allclose(D, slow_distances(X, rows))


# What is better than there


def test_whole_numbers_keep_the_weight_of_a_category():
    """imbalanced-learn cuts M / sqrt(2) to a whole number where all numbers are whole."""
    rng = np.random.default_rng(0)
    n, y = 300, np.repeat([0, 1], [220, 80])
    frame = pd.DataFrame({"a": rng.permutation(n * 7)[:n], "b": rng.permutation(n * 9)[:n]})
    frame[["a", "b"]] %= 4
    frame["a"] += rng.permutation(n) % 3
    frame["c"] = pd.Categorical(rng.choice(list("xyz"), n))
    real = frame.astype({"a": float, "b": float})
    ours, _ = SMOTENC("auto", random_state=1).fit_resample(frame, y)
    want, _ = SMOTENC("auto", random_state=1).fit_resample(real, y)
    pd.testing.assert_frame_equal(ours, want.astype({"a": int, "b": int}), check_dtype=False)
    assert ours.dtypes["a"] == frame.dtypes["a"]


def test_no_category_is_invented_where_numbers_hardly_vary():
    """imbalanced-learn draws among all categories of the table where M is below 1e-9 or so."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [150, 50])
    X = np.column_stack([rng.normal(size=(200, 2)) * 1e-10, rng.integers(0, 3, 200) + 10 * y])
    found = {}
    for package, sampler in (("ours", SMOTENC), ("theirs", theirs.SMOTENC)):
        new = sampler([2], random_state=0).fit_resample(X, y)[0][200:]
        found[package] = set(new[:, 2].tolist())
    assert found["ours"] == {10, 11, 12} and found["theirs"] == {0, 1, 2, 10, 11, 12}


def test_truth_values_are_voted_on():
    """imbalanced-learn interpolates them, and a new row is true where either parent is."""
    X, y = table(0, shares=(0.8, 0.2))
    frame = frame_of(X)
    frame["flag"] = np.random.default_rng(1).random(len(y)) < 0.2
    ours, y_new = SMOTENC("auto", random_state=0).fit_resample(frame, y)
    theirs_, _ = theirs.SMOTENC("auto", random_state=0).fit_resample(frame, y)
    rare = frame["flag"][y == 1].mean()
    assert ours["flag"].dtype == bool and y_new.sum() == (y == 0).sum()
    assert ours["flag"][len(y) :].mean() <= rare < theirs_["flag"][len(y) :].mean()


def test_a_table_of_categories_only_is_treated_as_by_smoten():
    X, y = table(0)
    words = X[:, [1, 3]]
    assert_same(
        SMOTENC([0, 1], random_state=0).fit_resample(words, y),
        SMOTEN(random_state=0).fit_resample(words, y),
    )
    with pytest.raises(ValueError, match="not designed to work only with categorical"):
        theirs.SMOTENC([0, 1]).fit_resample(words, y)


def test_every_frame_gives_the_rows_of_the_array():
    X, y = table(5)
    base, _ = SMOTENC([1, 3], random_state=0).fit_resample(X, y)
    pandas_frame = frame_of(X)
    text = pandas_frame.astype({"c0": str, "c1": str})
    polars_frame = pl.DataFrame(text.to_dict("list"))
    enum = polars_frame.with_columns(pl.col("c0").cast(pl.Categorical))
    arrow = pa.table(text.to_dict("list"))
    for frame in (pandas_frame, text, polars_frame, enum, arrow):
        for columns in ("auto", ["c0", "c1"]):
            new, y_new = SMOTENC(columns, random_state=0).fit_resample(frame, y)
            assert type(new) is type(frame)
            got = new.to_pandas() if isinstance(new, (pl.DataFrame, pa.Table)) else new
            np.testing.assert_array_equal(got.astype(object).to_numpy(), base)
            assert len(y_new) == len(base)
    assert SMOTENC("auto").fit_resample(enum, y)[0].schema == enum.schema


def test_gaps_are_measured_kept_and_not_invented():
    X, y = table(6)
    frame = frame_of(X)
    rng = np.random.default_rng(0)
    frame.loc[rng.random(len(y)) < 0.2, "n1"] = np.nan
    frame.loc[rng.random(len(y)) < 0.5, "c0"] = None
    sampler = SMOTENC("auto", random_state=0)
    new, _ = sampler.fit_resample(frame, y)
    made = new[sampler.is_synthetic_]
    base = frame.iloc[sampler.sample_indices_[sampler.is_synthetic_]].reset_index(drop=True)
    made = made.reset_index(drop=True)
    np.testing.assert_array_equal(made["n1"].isna(), base["n1"].isna())
    assert not made[["n0", "n2", "c1"]].isna().any(axis=None)
    assert 0.2 < made["c0"].isna().mean() < 1, "a gap is voted on as a level of its own"
    with pytest.raises(ValueError, match="NaN"):
        theirs.SMOTENC("auto").fit_resample(frame, y)


def test_missing_categories_alone_give_the_rows_of_imbalanced_learn():
    X, y = table(7)
    frame = frame_of(X)
    frame.loc[np.random.default_rng(0).random(len(y)) < 0.4, "c0"] = None
    assert_same(
        SMOTENC("auto", random_state=0).fit_resample(frame, y),
        theirs.SMOTENC("auto", random_state=0).fit_resample(frame, y),
    )


def test_the_columns_and_m_are_told():
    X, y = table(8)
    sampler = SMOTENC([3, 1], random_state=0).fit(X, y)
    sampler.fit_resample(X, y)
    reference = theirs.SMOTENC([3, 1], random_state=0)
    reference.fit_resample(X, y)
    assert sampler.categorical_features_.tolist() == [3, 1]
    assert sampler.continuous_features_.tolist() == [0, 2, 4]
    assert sampler.median_std_ == pytest.approx(reference.median_std_)
    assert clone(sampler).get_params()["categorical_features"] == [3, 1]


def test_an_encoder_is_taken_and_not_used():
    X, y = table(9)
    assert_same(
        SMOTENC([1, 3], random_state=0, categorical_encoder=OneHotEncoder()).fit_resample(X, y),
        SMOTENC([1, 3], random_state=0).fit_resample(X, y),
    )
    with pytest.raises(ParameterError, match="categorical_encoder"):
        SMOTENC([1, 3], categorical_encoder=3).fit_resample(X, y)


@pytest.mark.parametrize(
    ("columns", "error", "words"),
    [
        ([0, 9], ParameterError, "9 is no column"),
        ([1.5], ParameterError, "1.5 is no column"),
        (["category 0"], ParameterError, "'category 0' is not a column of X"),
        ([True, False], ParameterError, "mask categorical_features has 2 values"),
        ([[1]], ParameterError, "flat list"),
        ("names", ParameterError, "categorical_features='names' is not allowed"),
        (3, ParameterError, "categorical_features=3 is not allowed"),
        ([], DataError, "column 'c0' is a category that is not named in categor"),
        (["c0"], DataError, "column 'c1' is a category that is not named in categor"),
    ],
)
def test_columns_that_cannot_be_are_refused(columns, error, words):
    X, y = table(0)
    with pytest.raises(error, match=words):
        SMOTENC(columns).fit_resample(frame_of(X), y)


@pytest.mark.parametrize(
    ("names", "wanted", "words"),
    [
        ([2020, 2021, 2022, 2023, 2024], [2021, 2023], "Numbers are indices, even where names are"),
        (
            [("a", 0), ("a", 1), ("b", 0), ("b", 1), ("c", 0)],
            [("a", 1), ("b", 1)],
            "tuples by their indices",
        ),
    ],
)
def test_columns_with_other_names_than_text_are_given_by_index(names, wanted, words):
    X, y = table(0)
    frame = frame_of(X).set_axis(names, axis=1)
    with pytest.raises(ParameterError, match=words):
        SMOTENC(wanted).fit_resample(frame, y)
    found = SMOTENC([1, 3], random_state=0).fit_resample(frame, y)[0]
    assert list(found.columns) == names


def test_a_table_without_categories_is_refused():
    X, y = table(0)
    numbers = X[:, [0, 2]].astype(float)
    for columns in ([], "auto"):
        with pytest.raises(DataError, match=r"no column is categorical.*use SMOTE"):
            SMOTENC(columns).fit_resample(numbers, y)


def test_places_may_count_from_the_end_and_stand_in_arrays():
    """imbalanced-learn fails on both."""
    X, y = table(0)
    want = SMOTENC([1, 3], random_state=0).fit_resample(X, y)
    mask = np.array([False, True, False, True, False])
    for columns in ([-4, -2], (1, 3), np.array([1, 3]), pd.Index([1, 3]), mask):
        assert_same(SMOTENC(columns, random_state=0).fit_resample(X, y), want)


def test_a_small_class_is_named():
    X, y = table(0)
    y = (np.arange(len(y)) < 4).astype(int)
    with pytest.raises(DataError, match=r"class 1 \(4 rows\) is too small: k_neighbors=5"):
        SMOTENC([1, 3]).fit_resample(X, y)
    assert len(SMOTENC([1, 3], k_neighbors="auto").fit_resample(X, y)[0]) == 2 * (y == 0).sum()


def test_votes_are_counted_as_by_a_loop():
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 4, (200, 5))
    voters, leads = leaders(levels)
    for row, order, lead in zip(levels.tolist(), voters, leads, strict=True):
        most = max(row.count(v) for v in row)
        best = sorted({v for v in row if row.count(v) == most})
        assert order[lead].tolist() == [row.index(v) for v in best]
    drawn = drawn_leader(np.random.RandomState(0), levels, np.zeros(3000, dtype=int))
    shares = np.bincount(drawn, minlength=5)[voters[0][leads[0]]] / 3000
    np.testing.assert_allclose(shares, 1 / leads[0].sum(), atol=0.05)


def test_a_real_table_of_both_kinds(rarebird_data):
    frame = pd.read_csv(rarebird_data / "tabular_binary" / "german_credit.csv")
    y = frame.pop("Class").to_numpy()
    words = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    assert len(words) > 5 and len(words) < frame.shape[1]
    sampler = SMOTENC("auto", random_state=0)
    new, y_new = sampler.fit_resample(frame, y)
    assert len(set(np.unique(y_new, return_counts=True)[1].tolist())) == 1
    rare = frame[y == pd.Series(y).value_counts().idxmin()]
    for name in frame:
        made = new[name][sampler.is_synthetic_]
        if name in words:
            assert set(made) <= set(rare[name])
        else:
            assert rare[name].min() <= made.min() and made.max() <= rare[name].max()
    as_floats = frame.astype({name: float for name in frame if name not in words})
    ours, _ = SMOTE(random_state=0).fit_resample(as_floats, y)
    want, _ = theirs.SMOTENC(words, random_state=0).fit_resample(as_floats, y)
    pd.testing.assert_frame_equal(ours, want)
