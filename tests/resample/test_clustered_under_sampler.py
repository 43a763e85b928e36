"""Balanced k-means beside linear programs and enumeration; the sampler beside a slow loop."""

from itertools import combinations, permutations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.optimize import linprog
from sklearn.cluster import KMeans

from rarebird._errors import DataError, ParameterError
from rarebird.resample.clustered_under_sampler import ClusteredUnderSampler
from rarebird.resample.clusters import (
    balanced_assignment,
    balanced_halves,
    balanced_kmeans,
    first_of_each,
)
from rarebird.resample.random_under_sampler import RandomUnderSampler


def total(X, cells):
    return sum(((X[cells == c] - X[cells == c].mean(axis=0)) ** 2).sum() for c in np.unique(cells))


@pytest.mark.parametrize(("n", "k"), [(12, 3), (13, 3), (14, 3), (17, 5), (6, 6), (7, 6), (9, 1)])
def test_an_assignment_costs_what_the_linear_program_says(n, k):
    costs = np.random.default_rng(n * k).random((n, k))
    cells = balanced_assignment(costs)
    sizes = np.bincount(cells, minlength=k)
    assert set(sizes.tolist()) <= {n // k, -(-n // k)}
    per_row = np.kron(np.eye(n), np.ones(k))
    per_cluster = np.tile(np.eye(k), n)
    best = linprog(
        costs.ravel(),
        A_eq=per_row,
        b_eq=np.ones(n),
        A_ub=np.vstack([per_cluster, -per_cluster]),
        b_ub=np.r_[np.full(k, -(-n // k)), np.full(k, -(n // k))],
        bounds=(0, 1),
    )
    assert costs[np.arange(n), cells].sum() == pytest.approx(best.fun, abs=1e-9)


def test_a_small_assignment_is_the_best_of_all():
    costs = np.random.default_rng(4).random((5, 2))
    best = min(
        costs[list(two), 0].sum() + np.delete(costs, two, axis=0)[:, 1].sum()
        for size in (2, 3)
        for two in combinations(range(5), size)
    )
    cells = balanced_assignment(costs)
    assert costs[np.arange(5), cells].sum() == pytest.approx(best)
    square = np.random.default_rng(5).random((4, 4))
    best = min(square[np.arange(4), order].sum() for order in permutations(range(4)))
    assert square[np.arange(4), balanced_assignment(square)].sum() == pytest.approx(best)


@pytest.mark.parametrize("seed", range(5))
def test_halves_cost_what_the_assignment_costs(seed):
    rng = np.random.default_rng(seed)
    X, centres = rng.normal(size=(30, 3)), rng.normal(size=(2, 3))
    gaps = ((X[:, None] - centres) ** 2).sum(axis=2)
    cells = balanced_halves(X, centres, 15)
    best = balanced_assignment(gaps)
    at = np.arange(30)
    assert gaps[at, cells].sum() == pytest.approx(gaps[at, best].sum())
    assert np.bincount(balanced_halves(X, centres, 4)).tolist() == [4, 26]


@pytest.mark.parametrize("exact_rows", [2, 16, 1000])
@pytest.mark.parametrize(("n", "k"), [(200, 7), (200, 40), (199, 64), (60, 60), (61, 60), (30, 1)])
def test_sizes_differ_by_at_most_one(n, k, exact_rows):
    X = np.random.default_rng(0).normal(size=(n, 2))
    cells = balanced_kmeans(X, k, np.random.default_rng(1), exact_rows=exact_rows)
    sizes = np.bincount(cells, minlength=k)
    assert len(sizes) == k and set(sizes.tolist()) <= {n // k, -(-n // k)}


@pytest.mark.parametrize("exact_rows", [64, 1000])
def test_the_clusters_are_clusters(exact_rows):
    X = np.random.default_rng(0).normal(size=(400, 2))
    cells = balanced_kmeans(X, 20, np.random.default_rng(1), exact_rows=exact_rows)
    free = KMeans(20, n_init=5, random_state=0).fit(X).inertia_
    by_chance = total(X, np.random.default_rng(2).permutation(np.arange(400) % 20))
    assert total(X, cells) < free + 0.1 * (by_chance - free)


def test_no_assignment_to_the_found_centres_is_cheaper():
    X = np.random.default_rng(0).normal(size=(40, 2))
    cells = balanced_kmeans(X, 6, np.random.default_rng(1))
    centres = np.stack([X[cells == c].mean(axis=0) for c in range(6)])
    gaps = ((X[:, None] - centres) ** 2).sum(axis=2)
    best = gaps[np.arange(40), balanced_assignment(gaps)].sum()
    assert total(X, cells) == pytest.approx(best)


def test_equal_blobs_are_found():
    rng = np.random.default_rng(0)
    blob = np.repeat(np.arange(4), 25)
    X = np.c_[100 * blob, np.zeros(100)] + rng.normal(size=(100, 2))
    for seed in range(5):
        cells = balanced_kmeans(X, 4, np.random.default_rng(seed), exact_rows=60)
        assert all(len(set(blob[cells == c])) == 1 for c in range(4))


def slow_choice(X, cells, n_keep):
    """For each cluster its rows by distance to their mean, one after another."""
    k = cells.max() + 1
    quota = [n_keep // k] * k
    for c in sorted(range(k), key=lambda c: -np.sum(cells == c))[: n_keep % k]:
        quota[c] += 1
    kept = []
    for c in range(k):
        rows = np.flatnonzero(cells == c)
        mean = X[rows].mean(axis=0)
        gaps = [float(((X[i] - mean) ** 2).sum()) for i in rows]
        kept += [int(i) for _, i in sorted(zip(gaps, rows, strict=True))][: quota[c]]
    return sorted(kept)


@pytest.mark.parametrize("n_clusters", [None, 4, 7])
def test_rows_are_those_nearest_to_the_centres(n_clusters):
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(90, 2)), np.repeat([0, 1], [73, 17])
    sampler = ClusteredUnderSampler(random_state=0, n_clusters=n_clusters)
    _, y_new = sampler.fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [17, 17]
    cells = sampler.clusters_
    assert cells.max() + 1 == (n_clusters or 17) and (cells[73:] == -1).all()
    assert sampler.sample_indices_[:17].tolist() == slow_choice(X[:73], cells[:73], 17)


def test_random_rows_come_from_the_same_clusters():
    X, y = np.random.default_rng(3).normal(size=(90, 2)), np.repeat([0, 1], [73, 17])
    drawn = set()
    for seed in range(3):
        sampler = ClusteredUnderSampler(random_state=seed, selection="random", n_clusters=4)
        sampler.fit_resample(X, y)
        counts = np.bincount(sampler.clusters_[sampler.sample_indices_[:17]])
        assert sorted(counts.tolist()) == [4, 4, 4, 5]
        drawn.add(tuple(sampler.sample_indices_))
    assert len(drawn) == 3


def test_the_class_is_covered_better_than_by_chance():
    rng = np.random.default_rng(0)
    X, y = np.r_[rng.normal(size=(600, 2)), np.zeros((40, 2))], np.repeat([0, 1], [600, 40])

    def gap(sampler):
        kept = sampler.fit_resample(X, y)[0][:40]
        return np.sqrt(((X[:600, None] - kept) ** 2).sum(axis=2)).min(axis=1).mean()

    ours = max(gap(ClusteredUnderSampler(random_state=seed)) for seed in range(5))
    by_chance = min(gap(RandomUnderSampler(random_state=seed)) for seed in range(20))
    assert ours < by_chance


def test_the_same_seed_gives_the_same_rows_and_frames_those_of_the_array():
    X, y = np.random.default_rng(3).normal(size=(90, 2)), np.repeat(["no", "yes"], [73, 17])
    X_new, y_new = ClusteredUnderSampler(random_state=7).fit_resample(X, y)
    for frame in (
        X.copy(),
        pd.DataFrame(X, columns=["a", "b"]),
        pl.DataFrame(X, schema=["a", "b"]),
    ):
        out, labels = ClusteredUnderSampler(random_state=7).fit_resample(frame, y)
        assert type(out) is type(frame)
        np.testing.assert_array_equal(np.asarray(out), X_new)
        np.testing.assert_array_equal(labels, y_new)


@pytest.mark.parametrize("selection", ["nearest", "random"])
def test_rare_cases(rare, selection):
    sampler = ClusteredUnderSampler(random_state=0, selection=selection)
    if rare.name in ("single_class", "missing_values"):
        with pytest.raises(DataError):
            sampler.fit_resample(rare.X, rare.y)
        return
    _, y_new = sampler.fit_resample(rare.X, rare.y)
    n_classes = len(np.unique(rare.y))
    fewest = np.unique(rare.y, return_counts=True)[1].min()
    assert np.unique(y_new, return_counts=True)[1].tolist() == [fewest] * n_classes
    assert len(set(sampler.sample_indices_.tolist())) == len(y_new)


def test_no_row_and_every_row():
    X, y = np.random.default_rng(3).normal(size=(30, 2)), np.repeat([0, 1], [20, 10])
    sampler = ClusteredUnderSampler(sampling_strategy={0: 0, 1: 10}, random_state=0)
    assert sampler.fit_resample(X, y)[1].tolist() == [1] * 10
    assert (sampler.clusters_ == -1).all()


def test_what_is_refused():
    X, y = np.zeros((4, 1)), np.array([0, 0, 0, 1])
    for given in ({"n_clusters": 0}, {"selection": "best"}, {"exact_rows": 1}):
        with pytest.raises(ParameterError, match=next(iter(given))):
            ClusteredUnderSampler(**given).fit_resample(X, y)


def test_first_of_each_against_a_loop():
    rng = np.random.default_rng(0)
    cells, key, quota = rng.integers(0, 5, 60), rng.random(60), np.array([3, 0, 1, 5, 2])
    wanted = []
    for c in range(5):
        rows = np.flatnonzero(cells == c)
        wanted += rows[np.argsort(key[rows])][: quota[c]].tolist()
    assert first_of_each(cells, key, quota).tolist() == sorted(wanted)
