"""PolynomFitSMOTE against loops over the links of its figures and against numpy.polyfit."""

from itertools import combinations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from rarebird._errors import DataError, ParameterError
from rarebird.resample.polynom_fit_smote import (
    PolynomFitSMOTE,
    pairs_of,
    polynomial_curve,
    spread,
)

TOPOLOGIES = ["star", "bus", "mesh", "poly_1", "poly_3"]


def data(n_rare=9, d=3, seed=0):
    rng = np.random.default_rng(seed)
    X = np.concatenate([rng.normal(size=(80, d)), rng.normal(2, 1, (n_rare, d))])
    return X, np.repeat(["no", "yes"], [80, n_rare])


def new_rows(X, y, topology, n_new, seed=0):
    aim = {"yes": int(np.sum(y == "yes")) + n_new}
    sampler = PolynomFitSMOTE(sampling_strategy=aim, random_state=seed, topology=topology)
    return sampler, sampler.fit_resample(X, y)[0][len(y) :]


def slow(rare, topology, m):
    """The paper's figure: every link, m inner points each, in plain loops."""
    if topology == "star":
        links = [(row, rare.mean(axis=0)) for row in rare]
    elif topology == "bus":
        links = [(rare[i], rare[i + 1]) for i in range(len(rare) - 1)]
    else:
        links = list(combinations(rare, 2))
    return np.array([a + (b - a) * i / (m + 1) for a, b in links for i in range(1, m + 1)])


@pytest.mark.parametrize("topology", ["star", "bus", "mesh"])
@pytest.mark.parametrize("m", [1, 2, 3])
def test_where_the_count_divides_the_rows_are_the_papers(topology, m):
    X, y = data()
    expected = slow(X[y == "yes"], topology, m)
    _, rows = new_rows(X, y, topology, len(expected))
    np.testing.assert_allclose(np.sort(rows, axis=0), np.sort(expected, axis=0), atol=1e-12)
    np.testing.assert_allclose(rows[rows[:, 0].argsort()], expected[expected[:, 0].argsort()])


def test_fewer_rows_than_links_are_the_midpoints_of_as_many_pairs():
    X, y = data()
    rare = X[y == "yes"]
    sampler, rows = new_rows(X, y, "mesh", 20)
    parents = sampler.parents_[len(y) :] - 80
    assert len({tuple(sorted(pair)) for pair in parents.tolist()}) == 20
    np.testing.assert_allclose(rows, rare[parents].mean(axis=1))
    assert new_rows(X, y, "mesh", 20, seed=1)[0].parents_.tolist() != sampler.parents_.tolist()


@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.parametrize("n_new", [1, 5, 13, 71])
def test_counts_are_exact(topology, n_new):
    X, y = data()
    assert len(new_rows(X, y, topology, n_new)[1]) == n_new


@pytest.mark.parametrize("degree", [1, 2, 4])
def test_the_curve_is_polyfits(degree):
    X = np.random.default_rng(degree).normal(size=(12, 3))
    t = np.linspace(0, 11, 40)
    expected = np.column_stack(
        [np.polyval(np.polyfit(np.arange(12), column, degree), t) for column in X.T]
    )
    np.testing.assert_allclose(polynomial_curve(X, degree, t), expected, atol=1e-10)


def test_a_curve_of_full_degree_goes_through_every_row():
    X = np.random.default_rng(0).normal(size=(6, 2))
    np.testing.assert_allclose(polynomial_curve(X, 5, np.arange(6.0)), X, atol=1e-10)


def test_rows_of_a_curve_lie_on_it_in_all_columns_at_once():
    rng = np.random.default_rng(0)
    t = np.arange(10.0)
    rare = np.column_stack([t, t**2])  # in the order of their means already
    X = np.concatenate([rng.normal(size=(60, 2)), rng.permutation(rare)])
    y = np.repeat(["no", "yes"], [60, 10])
    sampler, rows = new_rows(X, y, "poly_2", 40)
    np.testing.assert_allclose(rows[:, 1], rows[:, 0] ** 2, atol=1e-8)
    assert rows[:, 0].min() >= 0 and rows[:, 0].max() <= 9
    nearest = X[sampler.parents_[70:, 0]]
    assert np.all(np.abs(nearest[:, 0] - rows[:, 0]) <= 0.5 + 1e-8)


@given(st.integers(1, 40), st.integers(1, 200), st.integers(0, 3))
def test_links_get_equal_shares(n_links, n_new, seed):
    links, steps = spread(np.random.default_rng(seed), n_links, n_new)
    sizes = np.bincount(links, minlength=n_links)
    assert len(links) == n_new and sizes.max() - sizes.min() <= 1
    for link in np.unique(links):
        m = sizes[link]
        np.testing.assert_allclose(steps[links == link], np.arange(1, m + 1) / (m + 1))


def test_pairs_are_all_pairs_and_large_numbers_are_exact():
    i, j = pairs_of(np.arange(45))
    assert sorted(zip(i.tolist(), j.tolist(), strict=True)) == list(combinations(range(10), 2))
    n = 3_000_000_001
    last = np.array([n * (n - 1) // 2 - 1, (n - 1) * (n - 2) // 2])
    assert [part.tolist() for part in pairs_of(last)] == [[n - 2, 0], [n - 1, n - 1]]


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_every_class_is_drawn_from_its_own_rows(topology):
    X, _ = data(n_rare=20)
    y = np.repeat([5, -3, 9], [70, 18, 12])
    sampler = PolynomFitSMOTE(random_state=0, topology=topology)
    _, y_new = sampler.fit_resample(X, y)
    assert np.unique(y_new, return_counts=True)[1].tolist() == [70, 70, 70]
    parents = sampler.parents_
    assert all(set(y[row[row >= 0]]) == {label} for row, label in zip(parents, y_new, strict=True))


WORKS = {"class_absent", "seven_rows", "one_in_10k", "string_labels", "negative_labels"} | {
    "duplicate_rows",
    "tied_distances",
    "constant_column",
    "unseen_categories",
}
REFUSED = {"one_row": r"1 \(1 row\)", "single_class": "1 class", "missing_values": "NaN"}


@pytest.mark.parametrize("topology", TOPOLOGIES[:4])
def test_rare_cases(rare, topology):
    sampler = PolynomFitSMOTE(random_state=0, topology=topology)
    if rare.name in REFUSED:
        with pytest.raises(DataError, match=REFUSED[rare.name]):
            sampler.fit_resample(rare.X, rare.y)
        return
    assert rare.name in WORKS
    X_new, y_new = sampler.fit_resample(rare.X, rare.y)
    assert np.isfinite(X_new).all()
    assert len(set(np.unique(y_new, return_counts=True)[1])) == 1


def test_a_class_too_small_for_the_degree_and_other_refusals():
    X, y = data(n_rare=4)
    with pytest.raises(DataError, match=r"'yes' \(4 rows\).*at least 5 rows.*lower degree"):
        PolynomFitSMOTE(topology="poly_4").fit_resample(X, y)
    for bad in ("poly", "poly_0", "poly_x", "ring", 3):
        with pytest.raises(ParameterError, match="topology"):
            PolynomFitSMOTE(topology=bad).fit_resample(X, y)
    with pytest.raises(DataError, match="sparse"):
        PolynomFitSMOTE().fit_resample(sparse.csr_matrix(X), y)


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_frames_give_the_rows_of_arrays(topology):
    X, y = data()
    sampler = PolynomFitSMOTE(random_state=1, topology=topology)
    expected, _ = sampler.fit_resample(X, y)
    names = ["a", "b", "c"]
    for frame in (pd.DataFrame(X, columns=names), pl.DataFrame(X, schema=names)):
        rows, _ = sampler.fit_resample(frame, y)
        assert list(rows.columns) == names
        np.testing.assert_array_equal(rows.to_numpy(), expected)
