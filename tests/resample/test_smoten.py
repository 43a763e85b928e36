import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from imblearn import over_sampling as theirs
from imblearn.metrics.pairwise import ValueDifferenceMetric
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.preprocessing import OrdinalEncoder

from rarebird._errors import DataError
from rarebird.neighbors.mixed import nearest_rows, value_difference
from rarebird.resample.smoten import SMOTEN
from rarebird.resample.votes import lowest_leader
from rarebird.tables.columns import levels_of


def untied(seed, rare=25):
    """Return words whose shares of the rare class all differ, so that no distance is tied."""
    rng = np.random.default_rng(seed)
    times = np.array([rng.permutation(np.arange(1, 80))[:rare] for _ in range(2)])
    common = times.sum(axis=1).max()
    columns = []
    for j in range(2):
        rest = np.repeat(np.arange(rare), times[j])
        rest = rng.permutation(np.append(rest, np.full(common - len(rest), rare)))
        columns.append(np.append(np.arange(rare), rest))
    words = np.array([f"v{i:02d}" for i in range(rare + 1)], dtype=object)
    y = np.repeat([1, 0], [rare, common])
    X = np.column_stack([words[np.column_stack(columns)], rng.choice(["a", "b"], len(y))])
    return X.astype(object), y


def tied(seed, n=200):
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.choice(list("abcd"), n), rng.choice(list("xyz"), n)]).astype(object)
    return X, (rng.random(n) < 0.25).astype(int)


def distances(X, y):
    codes = OrdinalEncoder(dtype=np.int32).fit_transform(X)
    levels = codes.max(axis=0) + 1
    return ValueDifferenceMetric(n_categories=levels).fit(codes, y).pairwise(codes[y == 1])


@pytest.mark.parametrize("seed", range(5))
def test_without_ties_rows_are_those_of_imbalanced_learn(seed):
    X, y = untied(seed)
    near = np.sort(distances(X, y), axis=1)[:, :8]
    assert np.diff(near, axis=1).min() > 1e-9, "no distances are tied"
    for k in (2, 3, 5):
        ours = SMOTEN(random_state=seed, k_neighbors=k).fit_resample(X, y)
        want = theirs.SMOTEN(random_state=seed, k_neighbors=k).fit_resample(X, y)
        np.testing.assert_array_equal(ours[0], want[0])
        np.testing.assert_array_equal(ours[1], want[1])


class Given(BaseEstimator):
    """A search that knows its answers."""

    def __init__(self, near=None, n_neighbors=6, metric=None):
        self.near, self.n_neighbors, self.metric = near, n_neighbors, metric

    def fit(self, X):
        return self

    def kneighbors(self, X, return_distance=False):
        return self.near

    def kneighbors_graph(self):
        raise NotImplementedError


def our_neighbors(X, y):
    codes = OrdinalEncoder(dtype=np.int32).fit_transform(X)
    rows = np.flatnonzero(y == 1)
    near = nearest_rows(value_difference(codes, y, rows), 5)
    return rows, np.column_stack([np.arange(len(rows)), near])


@pytest.mark.parametrize("seed", range(5))
def test_with_our_choice_among_equals_imbalanced_learn_makes_our_rows(seed):
    X, y = tied(seed)
    rows, near = our_neighbors(X, y)
    ours = SMOTEN(random_state=seed)
    new, y_new = ours.fit_resample(X, y)
    want = theirs.SMOTEN(random_state=seed, k_neighbors=Given(near)).fit_resample(X, y)
    np.testing.assert_array_equal(new, want[0])
    np.testing.assert_array_equal(y_new, want[1])
    np.testing.assert_array_equal(new, SMOTEN(random_state=seed).fit_resample(X, y)[0])
    place = np.searchsorted(rows, ours.parents_[ours.is_synthetic_])
    np.testing.assert_array_equal(place, near[place[:, 0]])


@pytest.mark.parametrize("seed", range(5))
def test_of_tied_rows_both_choose_among_the_nearest(seed):
    X, y = tied(seed)
    D = distances(X, y)
    limit = np.sort(D, axis=1)[:, 5]
    crowd = (limit[:, None] + 1e-12 >= D).sum(axis=1)
    assert (crowd > 6).mean() > 0.5, "ties are the rule here"
    _, near = our_neighbors(X, y)
    own = np.arange(len(D))[:, None]
    np.testing.assert_allclose(np.sort(D[own, near]), np.sort(D, axis=1)[:, :6], atol=1e-12)
    sampler = theirs.SMOTEN(random_state=0)
    sampler.fit_resample(X, y)
    chosen = sampler.nn_k_.kneighbors(D, return_distance=False)
    np.testing.assert_allclose(np.sort(D[own, chosen]), np.sort(D, axis=1)[:, :6], atol=1e-12)


def test_every_kind_of_table_gives_the_rows_of_the_array():
    X, y = untied(1)
    base, _ = SMOTEN(random_state=0).fit_resample(X, y)
    columns = dict(zip("abc", X.T.tolist(), strict=True))
    pandas_frame = pd.DataFrame(columns)
    category = pandas_frame.astype("category")
    polars_frame, arrow = pl.DataFrame(columns), pa.table(columns)
    for frame in (pandas_frame, category, polars_frame, arrow):
        new, _ = SMOTEN(random_state=0).fit_resample(frame, y)
        assert type(new) is type(frame)
        got = new.to_pandas() if isinstance(new, (pl.DataFrame, pa.Table)) else new
        np.testing.assert_array_equal(got.astype(object).to_numpy(), base)
    assert SMOTEN(random_state=0).fit_resample(category, y)[0].dtypes.equals(category.dtypes)


@pytest.mark.parametrize("dtype", [np.int16, np.float32, bool, "U3"])
def test_the_type_of_the_values_is_kept(dtype):
    X, y = untied(2)
    numbers = np.unique(X, return_inverse=True)[1].reshape(X.shape).astype(dtype)
    ours, _ = SMOTEN(random_state=0).fit_resample(numbers, y)
    assert ours.dtype == numbers.dtype
    if dtype is not bool:  # truth values tie
        want, _ = theirs.SMOTEN(random_state=0).fit_resample(numbers, y)
        np.testing.assert_array_equal(ours, want)


@pytest.mark.parametrize("make", [sparse.csr_matrix, sparse.csc_array])
def test_sparse_tables_come_back_sparse(make):
    X, y = untied(3)
    numbers = np.unique(X, return_inverse=True)[1].reshape(X.shape).astype(float)
    sampler = SMOTEN(random_state=0)
    new, _ = sampler.fit_resample(make(numbers), y)
    assert type(new) is type(make(numbers)) and new.format == make(numbers).format
    want = SMOTEN(random_state=0)
    np.testing.assert_array_equal(new.toarray(), want.fit_resample(numbers, y)[0])
    np.testing.assert_array_equal(sampler.parents_, want.parents_)


# What is better than there


def test_gaps_are_values_of_their_own():
    X, y = tied(0)
    X[np.random.default_rng(0).random(X.shape) < 0.3] = None
    word = np.where(X == None, "zzz", X)  # noqa: E711 - by element
    new, _ = SMOTEN(random_state=0).fit_resample(X, y)
    want, _ = SMOTEN(random_state=0).fit_resample(word.astype(object), y)
    np.testing.assert_array_equal(np.where(new == None, "zzz", new), want)  # noqa: E711
    numbers = np.where(X == None, np.nan, 1.0).astype(float)  # noqa: E711
    with pytest.raises(ValueError, match="NaN"):
        theirs.SMOTEN().fit_resample(numbers, y)
    assert np.isnan(SMOTEN(random_state=0).fit_resample(numbers, y)[0]).any()


def test_values_of_several_types_need_no_common_order():
    X, y = tied(1)
    X[::7, 0] = 3
    with pytest.raises(TypeError):
        theirs.SMOTEN().fit_resample(X, y)
    new, _ = SMOTEN(random_state=0).fit_resample(X, y)
    assert set(map(type, new[:, 0])) <= {int, str}


def test_large_whole_numbers_are_not_rounded():
    """imbalanced-learn turns a frame of whole and real numbers into floats, real rows too."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [150, 50])
    frame = pd.DataFrame({"id": 2**53 + rng.integers(1, 4, 200), "x": rng.integers(0, 3, 200) / 2})
    ours, _ = SMOTEN(random_state=0).fit_resample(frame, y)
    assert set(ours["id"]) == set(frame["id"])
    assert set(theirs.SMOTEN(random_state=0).fit_resample(frame, y)[0]["id"]) != set(frame["id"])


def test_a_small_class_is_named():
    X, _ = tied(0)
    y = np.where(np.arange(len(X)) < 3, "rare", "usual")
    with pytest.raises(DataError, match=r"class 'rare' \(3 rows\) is too small: k_neighbors=5"):
        SMOTEN().fit_resample(X, y)
    _, y_new = SMOTEN(k_neighbors="auto", random_state=0).fit_resample(X, y)
    assert (y_new == "rare").sum() == (y == "usual").sum()


def test_the_lowest_of_the_most_frequent_is_taken():
    levels = np.random.default_rng(0).integers(0, 4, (300, 6))
    found = levels[np.arange(300), lowest_leader(levels)]
    assert found.tolist() == [np.bincount(row).argmax() for row in levels]


def test_a_gap_is_above_all_levels():
    codes = np.array([[0, -1], [-1, -1], [2, -1]])
    assert levels_of(codes).tolist() == [[0, 1], [3, 1], [2, 1]]


def test_a_real_table_of_categories(rarebird_data):
    frame = pd.read_csv(rarebird_data / "tabular_binary" / "car-good.csv").astype(str)
    y = frame.pop("Class").to_numpy()
    ours = SMOTEN(random_state=0)
    new, y_new = ours.fit_resample(frame, y)
    counts = np.unique(y_new, return_counts=True)[1]
    assert counts[0] == counts[1]
    rare = frame[y == pd.Series(y).value_counts().idxmin()]
    for name in frame:
        assert set(new[name][ours.is_synthetic_]) <= set(rare[name])
