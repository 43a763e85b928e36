"""DiversityUnderSampler beside a slow loop, and the rules of its paper."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from rarebird._errors import DataError, ParameterError
from rarebird.resample import diversity_under_sampler
from rarebird.resample.diversity_under_sampler import DiversityUnderSampler, rings, shares
from rarebird.resample.random_under_sampler import RandomUnderSampler


def table(n=900, n_rare=60, d=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n + n_rare, d)) + 4 * rng.integers(0, 3, (n + n_rare, 1))
    return X, np.repeat([0, 1], [n, n_rare])


def slow_rings(X, clusters, n_groups):
    groups = np.full(len(X), -1)
    for cluster in set(clusters.tolist()):
        rows = np.flatnonzero(clusters == cluster)
        mean = X[rows].mean(axis=0)
        by_distance = sorted(rows.tolist(), key=lambda i: float(((X[i] - mean) ** 2).sum()))
        for group, part in enumerate(np.array_split(by_distance, n_groups)):
            groups[part] = group
    return groups


@pytest.mark.parametrize("n_groups", [1, 2, 5, 9])
def test_rings_are_those_of_a_loop(n_groups):
    rng = np.random.default_rng(n_groups)
    X, clusters = rng.normal(size=(103, 2)), rng.choice([0, 1, 2, 4], 103, p=[0.03, 0.3, 0.3, 0.37])
    groups = rings(X, clusters, n_groups)
    np.testing.assert_array_equal(groups, slow_rings(X, clusters, n_groups))
    for cluster in set(clusters.tolist()):
        sizes = np.bincount(groups[clusters == cluster], minlength=n_groups)
        assert sizes.max() - sizes.min() <= 1 and sizes.tolist() == sorted(sizes.tolist())[::-1]


def test_shares_give_at_least_one_and_the_number_asked():
    rng = np.random.default_rng(0)
    for _ in range(200):
        sizes = rng.integers(1, 30, rng.integers(1, 20))
        n_keep = int(rng.integers(len(sizes), sizes.sum() + 1))
        got = shares(sizes, n_keep)
        assert got.sum() == n_keep and (got >= 1).all() and (got <= sizes).all()
        ideal = 1 + (sizes - 1) * (n_keep - len(sizes)) / max((sizes - 1).sum(), 1)
        assert np.abs(got - ideal).max() < 1


@pytest.mark.parametrize("n_clusters", [None, 1, 7])
def test_every_group_of_every_cluster_gives(n_clusters):
    X, y = table()
    sampler = DiversityUnderSampler(
        random_state=0, sampling_strategy={0: 0.25}, n_clusters=n_clusters
    )
    _, y_new = sampler.fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [225, 60]
    cells = sampler.clusters_ * 5 + sampler.groups_
    assert (cells[y == 1] < 0).all()
    assert len(set(sampler.clusters_[:900].tolist())) <= (n_clusters or 30)
    if n_clusters is None:
        assert len(set(sampler.clusters_[:900].tolist())) >= 20
    assert set(cells[sampler.sample_indices_].tolist()) == set(cells.tolist())
    given = np.bincount(cells[sampler.sample_indices_[:225]])
    np.testing.assert_array_equal(
        given[given > 0], shares(np.unique(cells[:900], return_counts=True)[1], 225)
    )
    np.testing.assert_array_equal(
        sampler.groups_[:900], slow_rings(X[:900], sampler.clusters_[:900], 5)
    )


def test_with_few_rows_wanted_there_are_as_many_groups_as_rows():
    X, y = table()
    for n_keep in (1, 3, 5, 11, 37):
        sampler = DiversityUnderSampler(random_state=0, sampling_strategy={0: n_keep})
        sampler.fit_resample(X, y)
        cells = sampler.clusters_[:900] * 5 + sampler.groups_[:900]
        drawn = cells[sampler.sample_indices_[:n_keep]]
        assert set(drawn.tolist()) == set(cells.tolist())
        assert len(drawn) == n_keep


def test_a_share_of_one_returns_every_row():
    X, y = table()
    sampler = DiversityUnderSampler(random_state=0, sampling_strategy={0: 1.0})
    X_new, _ = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(X_new, X)


def test_distances_are_covered_more_evenly_than_by_chance():
    X, y = table()
    expected = (np.arange(60) + 0.5) / 60

    def ranks(clusters):
        rank = np.empty(900)  # of the distance within the cluster, in (0, 1)
        for cluster in set(clusters.tolist()):
            rows = np.flatnonzero(clusters == cluster)
            gaps = ((X[rows] - X[rows].mean(axis=0)) ** 2).sum(axis=1)
            rank[rows] = (np.argsort(np.argsort(gaps)) + 0.5) / len(rows)
        return rank

    ours, by_chance = [], []
    for seed in range(20):
        sampler = DiversityUnderSampler(random_state=seed)
        plain = RandomUnderSampler(random_state=seed)
        sampler.fit_resample(X, y)
        plain.fit_resample(X, y)
        rank = ranks(sampler.clusters_[:900])
        for one, found in ((sampler, ours), (plain, by_chance)):
            found.append(np.abs(np.sort(rank[one.sample_indices_[:60]]) - expected).mean())
    assert np.mean(ours) < 0.8 * np.mean(by_chance)


def test_many_columns_are_clustered_on_their_first_components(monkeypatch):
    seen = []

    class Recorded(diversity_under_sampler.PCA):
        def fit_transform(self, X, y=None):
            out = super().fit_transform(X, y)
            seen.append((X.shape, out.shape))
            return out

    monkeypatch.setattr(diversity_under_sampler, "PCA", Recorded)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(400, 300)), np.repeat([0, 1], [340, 60])
    X[:170] += 3
    sampler = DiversityUnderSampler(random_state=0, n_clusters=2)
    sampler.fit_resample(X, y)
    found = sampler.clusters_[:340]
    assert len(set(found[:170].tolist())) == len(set(found[170:].tolist())) == 1
    assert found[0] != found[-1]
    assert seen == [((340, 300), (340, 256))]


def test_the_same_seed_gives_the_same_rows_and_frames_those_of_the_array():
    X, y = table()
    one = DiversityUnderSampler(random_state=7)
    X_new, y_new = one.fit_resample(X, y)
    names = list("abc")
    for frame in (X.copy(), pd.DataFrame(X, columns=names), pl.DataFrame(X, schema=names)):
        out, labels = DiversityUnderSampler(random_state=7).fit_resample(frame, y)
        assert type(out) is type(frame)
        np.testing.assert_array_equal(np.asarray(out), X_new)
        np.testing.assert_array_equal(labels, y_new)
    other = DiversityUnderSampler(random_state=8)
    other.fit_resample(X, y)
    assert not np.array_equal(other.sample_indices_, one.sample_indices_)
    drawn = [DiversityUnderSampler(random_state=seed, n_clusters=1) for seed in (7, 8)]
    for sampler in drawn:
        sampler.fit_resample(X, y)
    assert not np.array_equal(drawn[0].sample_indices_, drawn[1].sample_indices_)


def test_rare_cases(rare):
    sampler = DiversityUnderSampler(random_state=0)
    if rare.name in ("single_class", "missing_values"):
        with pytest.raises(DataError):
            sampler.fit_resample(rare.X, rare.y)
        return
    _, y_new = sampler.fit_resample(rare.X, rare.y)
    n_classes = len(np.unique(rare.y))
    fewest = np.unique(rare.y, return_counts=True)[1].min()
    assert np.unique(y_new, return_counts=True)[1].tolist() == [fewest] * n_classes
    assert len(set(sampler.sample_indices_.tolist())) == len(y_new)


def test_what_is_refused_and_a_target_of_no_rows():
    X, y = table()
    with pytest.raises(ParameterError, match="n_groups=0"):
        DiversityUnderSampler(n_groups=0).fit_resample(X, y)
    _, y_new = DiversityUnderSampler(sampling_strategy={0: 0}).fit_resample(X, y)
    assert y_new.tolist() == [1] * 60
