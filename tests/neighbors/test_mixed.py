import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.metrics.pairwise import ValueDifferenceMetric
from sklearn.metrics.pairwise import euclidean_distances, nan_euclidean_distances

from rarebird.neighbors.mixed import (
    MixedDistance,
    Numbers,
    Overlap,
    class_shares,
    heom,
    hvdm,
    median_deviation,
    nearest_rows,
    nominal_continuous,
    value_difference,
)


def table(seed=0, n=60, gaps=0.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3)) * [1, 10, 0.1]
    codes = np.column_stack([rng.integers(0, 4, n), rng.integers(0, 30, n)])
    labels = rng.integers(0, 3, n)
    X[rng.random(X.shape) < gaps] = np.nan
    codes[rng.random(codes.shape) < gaps] = -1
    return X, codes, labels, np.flatnonzero(labels == 1)


def whole(distance):
    return np.concatenate([distance.block(slice(i, i + 1)) for i in range(distance.n)])


def slow(rows, one):
    """Return sum over columns of one(i, j) for all pairs of rows."""
    return np.array([[one(i, j) for j in rows] for i in rows])


def share(codes, labels, j, value):
    """P(class | the value v of column j) by counting."""
    there = codes[:, j] == value
    return np.array([(there & (labels == c)).sum() / there.sum() for c in range(3)])


def test_nominal_continuous_is_euclid_and_a_weight_for_each_difference():
    X, codes, labels, rows = table()
    m = np.median(X[rows].std(axis=0))
    differ = slow(rows, lambda i, j: (codes[i] != codes[j]).sum())
    want = euclidean_distances(X[rows]) ** 2 + m**2 * differ
    np.testing.assert_allclose(
        whole(nominal_continuous(X, codes, labels, rows)), want, rtol=1e-9, atol=1e-9
    )


def test_nominal_continuous_with_gaps_scales_as_nan_euclidean():
    X, codes, labels, rows = table(gaps=0.3)
    X[rows[0]] = np.nan
    m = np.median(np.nanstd(X[rows], axis=0))
    want = nan_euclidean_distances(X[rows]) ** 2
    assert np.isnan(want[0]).all()
    want[np.isnan(want)] = 2 * np.nanvar(X[rows], axis=0).sum()
    want += m**2 * slow(rows, lambda i, j: (codes[i] != codes[j]).sum())
    np.testing.assert_allclose(
        whole(nominal_continuous(X, codes, labels, rows)), want, rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("gaps", [0, 0.3])
def test_heom_is_the_sum_over_columns(gaps):
    X, codes, labels, rows = table(gaps=gaps)
    reach = np.nanmax(X, axis=0) - np.nanmin(X, axis=0)

    def one(i, j):
        total = 0.0
        for a in range(X.shape[1]):
            gap = np.isnan(X[i, a]) or np.isnan(X[j, a])
            total += 1 if gap else ((X[i, a] - X[j, a]) / reach[a]) ** 2
        for a in range(codes.shape[1]):
            total += codes[i, a] < 0 or codes[j, a] < 0 or codes[i, a] != codes[j, a]
        return total

    np.testing.assert_allclose(whole(heom(X, codes, labels, rows)), slow(rows, one))


@pytest.mark.parametrize("gaps", [0, 0.3])
def test_hvdm_is_the_sum_over_columns(gaps):
    X, codes, labels, rows = table(gaps=gaps)
    spread = 4 * np.nanstd(X, axis=0)

    def one(i, j):
        total = 0.0
        for a in range(X.shape[1]):
            gap = np.isnan(X[i, a]) or np.isnan(X[j, a])
            total += 1 if gap else ((X[i, a] - X[j, a]) / spread[a]) ** 2
        for a in range(codes.shape[1]):
            if codes[i, a] < 0 or codes[j, a] < 0:
                total += 1
                continue
            p, q = (share(codes, labels, a, codes[r, a]) for r in (i, j))
            total += ((p - q) ** 2).sum()
        return total

    np.testing.assert_allclose(
        whole(hvdm(X, codes, labels, rows)), slow(rows, one), rtol=1e-9, atol=1e-12
    )


def test_value_difference_is_that_of_imbalanced_learn():
    _, codes, labels, rows = table(n=200)
    theirs = ValueDifferenceMetric(n_categories=[4, 30]).fit(codes, labels).pairwise(codes[rows])
    np.testing.assert_allclose(
        whole(value_difference(codes, labels, rows)), theirs, rtol=1e-12, atol=1e-15
    )


def test_a_gap_is_a_level_of_its_own_in_value_differences():
    _, codes, labels, rows = table(n=200, gaps=0.2)
    filled = np.where(codes < 0, codes.max(axis=0) + 1, codes)
    np.testing.assert_array_equal(
        whole(value_difference(codes, labels, rows)),
        whole(value_difference(filled, labels, rows)),
    )


def test_class_shares_count():
    _, codes, labels, _ = table(n=200, gaps=0.2)
    found = class_shares(codes[:, 0], labels)
    for value in (0, 1, 2, 3, -1):
        np.testing.assert_allclose(found[value], share(codes, labels, 0, value))


def test_constant_and_wholly_missing_columns_measure_nothing_and_warn_of_nothing():
    X, codes, labels, rows = table()
    X[:, 1], X[:, 2] = 5.0, np.nan
    assert median_deviation(X[rows]) == pytest.approx(np.median([X[rows, 0].std(), 0]))
    assert median_deviation(X[rows][:, 2:]) == 1
    for make in (heom, hvdm):
        found = whole(make(X, codes, labels, rows))
        less = whole(make(X[:, :1], codes, labels, rows))
        np.testing.assert_allclose(found, less + 1)  # 1 for the column that is missing
    assert np.isfinite(whole(nominal_continuous(X, codes, labels, rows))).all()


def test_many_columns_are_counted_without_overflow():
    codes = np.zeros((3, 300), dtype=int)
    codes[1] = 1
    found = whole(MixedDistance(3, categories=Overlap(codes, 2.0)))
    assert found[0].tolist() == [0, 600, 0]


def ranked(D, k):
    """The k nearest others of each row; of equals those that follow the row, going round."""
    n = len(D)
    return np.array(
        [
            sorted((j for j in range(n) if j != i), key=lambda j: (D[i, j], (j - i) % n))[:k]
            for i in range(n)
        ]
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 90), st.integers(1, 4), st.integers(1, 8), st.integers(0, 10**6))
def test_nearest_rows_are_a_sorted_list_whatever_the_ties(n, levels, k, seed):
    k = min(k, n - 1)
    rng = np.random.default_rng(seed)
    X = rng.integers(0, levels, (n, 2)).astype(float)
    codes = rng.integers(0, levels, (n, 1))
    distance = MixedDistance(n, Numbers(X), Overlap(codes, 0.25))
    want = ranked(whole(distance), k)
    np.testing.assert_array_equal(nearest_rows(distance, k), want)
    for n_jobs, block in ((1, 1), (2, 1), (2, 8 * n * 7)):
        found = nearest_rows(distance, k, n_jobs=n_jobs, block_bytes=block)
        np.testing.assert_array_equal(found, want)


def test_no_choice_depends_on_threads_or_blocks():
    X, codes, labels, _ = table(n=900, gaps=0.1)
    every = np.arange(900)
    for make in (nominal_continuous, heom, hvdm):
        distance = make(X, codes, labels, every)
        want = nearest_rows(distance, 5, n_jobs=1)
        for n_jobs, block in ((2, 1), (2, 1 << 16), (1, 1 << 30)):
            found = nearest_rows(distance, 5, n_jobs=n_jobs, block_bytes=block)
            np.testing.assert_array_equal(found, want)


def test_equal_rows_share_their_neighbours_evenly():
    distance = MixedDistance(500, Numbers(np.zeros((500, 1))))
    chosen = np.bincount(nearest_rows(distance, 5).ravel(), minlength=500)
    assert (chosen == 5).all()


def test_rows_too_far_apart_for_floats_are_still_others():
    for n in (3, 100):
        X = np.linspace(-1e200, 1e200, n)[:, None]
        with np.errstate(over="ignore"):
            found = nearest_rows(MixedDistance(n, Numbers(X)), 2)
        assert all(i not in row for i, row in enumerate(found.tolist()))
