"""The cleaning rules give imbalanced-learn's rows."""

import warnings

import numpy as np
import pytest
from imblearn import under_sampling as theirs
from imblearn.utils import check_sampling_strategy
from scipy import sparse
from sklearn.datasets import make_classification
from sklearn.neighbors import NearestNeighbors

from rarebird import neighbors as ours
from rarebird._errors import DataError
from rarebird.neighbors import exact, purity


def table(n, d, weights, seed, **more):
    n_classes = len(weights)
    return make_classification(
        n, d, n_informative=max(2, d // 2), n_redundant=0, flip_y=0.05, weights=list(weights),
        n_classes=n_classes, n_clusters_per_class=1, random_state=seed, **more,
    )  # fmt: skip


def strategy(name):
    def codes(counts):
        y = np.repeat(np.arange(len(counts)), counts)
        return list(check_sampling_strategy(name, y, "clean-sampling"))

    return codes


RULES = {
    "tomek": (theirs.TomekLinks, ours.tomek_links, {}),
    "enn": (theirs.EditedNearestNeighbours, ours.edited, {}),
    "enn-mode": (theirs.EditedNearestNeighbours, ours.edited, {"kind_sel": "mode"}),
    "enn-mode-4": (
        theirs.EditedNearestNeighbours, ours.edited, {"kind_sel": "mode", "n_neighbors": 4}
    ),
    "renn": (theirs.RepeatedEditedNearestNeighbours, ours.repeated_edited, {}),
    "renn-mode": (
        theirs.RepeatedEditedNearestNeighbours, ours.repeated_edited, {"kind_sel": "mode"}
    ),
    "renn-2": (theirs.RepeatedEditedNearestNeighbours, ours.repeated_edited, {"max_iter": 2}),
    "allknn": (theirs.AllKNN, ours.all_knn, {"n_neighbors": 4}),
    "allknn-mode": (theirs.AllKNN, ours.all_knn, {"kind_sel": "mode", "allow_minority": True}),
    "ncr": (theirs.NeighbourhoodCleaningRule, ours.neighbourhood_cleaning, {}),
    "ncr-5": (
        theirs.NeighbourhoodCleaningRule,
        ours.neighbourhood_cleaning,
        {"n_neighbors": 5, "threshold_cleaning": 2.0},
    ),
    "oss": (theirs.OneSidedSelection, ours.one_sided_selection, {"random_state": 3}),
    "oss-many": (
        theirs.OneSidedSelection,
        ours.one_sided_selection,
        {"random_state": 3, "n_seeds_S": 30, "n_neighbors": 3},
    ),
    "cnn": (
        theirs.CondensedNearestNeighbour, ours.condensed_nearest_neighbour, {"random_state": 3}
    ),
    "cnn-3": (
        theirs.CondensedNearestNeighbour,
        ours.condensed_nearest_neighbour,
        {"random_state": 3, "n_seeds_S": 7, "n_neighbors": 3},
    ),
}  # fmt: skip


def compare(name, X, y, how="auto", **more):
    peer, mine, params = RULES[name]
    if name.startswith(("tomek", "enn", "ncr", "oss", "cnn")):
        targets = strategy(how)(np.bincount(y))
    else:
        targets = strategy(how)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler = peer(sampling_strategy=how, **params)
        sampler.fit_resample(X, y)
    kept = mine(X, y, targets, **params, **more)
    if name.startswith("renn"):
        kept, n_iter = kept
        assert n_iter == sampler.n_iter_
    np.testing.assert_array_equal(kept, sampler.sample_indices_)


@pytest.fixture(params=["small", "certified"])
def path(request, monkeypatch):
    """Either the sizes decide, or every certificate and screen is used however small the table."""
    if request.param == "certified":
        monkeypatch.setattr(exact.ExactNeighbors, "prefers_tree", lambda *_, **__: False)
        monkeypatch.setattr(purity.Purity, "_search_is_cheaper", lambda *_: False)
        monkeypatch.setattr(exact, "_SMALL", 0)
        monkeypatch.setattr(purity, "_WORTH", 0)
    return request.param


SHAPES = [
    (300, 2, (0.9, 0.1)),
    (500, 5, (0.8, 0.2)),
    (900, 12, (0.95, 0.05)),
    (700, 20, (0.55, 0.45)),
    (600, 50, (0.9, 0.1)),
    (500, 5, (0.6, 0.3, 0.1)),
    (800, 20, (0.4, 0.3, 0.2, 0.1)),
]


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("how", ["auto", "all"])
def test_rows_are_those_of_imbalanced_learn(name, how, path):
    for seed, (n, d, weights) in enumerate(SHAPES):
        if len(weights) > 2 and d < 4:
            continue
        if name.startswith("cnn"):  # theirs takes seconds on more rows
            n = 90
        X, y = table(n, d, weights, seed)
        compare(name, X, y, how)


@pytest.mark.parametrize("name", ["tomek", "enn", "enn-mode", "renn", "allknn", "ncr", "oss"])
@pytest.mark.parametrize("how", ["auto", "all"])
def test_rows_are_the_same_on_larger_tables(name, how):
    X, y = table(6000, 16, (0.7, 0.3) if how == "all" else (0.93, 0.07), 1)
    compare(name, X, y, how)


@pytest.mark.parametrize("name", RULES)
def test_sparse_rows(name):
    X, y = table(250, 6, (0.7, 0.3), 0)
    compare(name, sparse.csr_matrix(np.where(np.abs(X) < 0.4, 0, X)), y)


@pytest.mark.parametrize("name", ["tomek", "enn", "renn", "allknn"])
def test_threads_change_nothing_and_neither_do_ties(name, path):
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 4, (400, 12)).astype(float), rng.integers(0, 2, 400)
    X = np.concatenate([X, X[:50]])
    y = np.append(y, 1 - y[:50])  # copies in the other class
    kept = []
    for n_jobs in (1, 2, 2):
        got = RULES[name][1](X, y, [0, 1], n_jobs=n_jobs)
        kept.append(got[0] if isinstance(got, tuple) else got)
    np.testing.assert_array_equal(kept[0], kept[1])
    np.testing.assert_array_equal(kept[0], kept[2])


@pytest.mark.parametrize("name", ["enn", "enn-mode", "renn", "allknn", "ncr"])
def test_an_object_finds_the_neighbours(name):
    X, y = table(400, 6, (0.8, 0.2), 0)
    peer, mine, params = RULES[name]
    params = params | {"n_neighbors": NearestNeighbors(n_neighbors=6, metric="manhattan")}
    sampler = peer(**params)
    sampler.fit_resample(X, y)
    kept = mine(X, y, strategy("auto"), **params)
    kept = kept[0] if isinstance(kept, tuple) else kept
    np.testing.assert_array_equal(kept, sampler.sample_indices_)


def test_repeats_that_remove_nothing_keep_each_row_once():
    # imbalanced-learn reorders its own indices once too often here, so that they no longer
    # belong to the rows it returns; the rows are the same.
    rng = np.random.default_rng(0)
    y = rng.permutation(np.repeat([0, 1], [40, 10]))
    X = rng.normal(size=(50, 3)) + 50 * y[:, None]
    kept, n_iter = ours.repeated_edited(X, y, strategy("auto"))
    rows, _ = theirs.RepeatedEditedNearestNeighbours().fit_resample(X, y)
    assert n_iter == 1
    np.testing.assert_array_equal(X[kept], rows)


def test_too_few_rows_are_refused_by_name():
    X = np.arange(6.0)[:, None]
    with pytest.raises(DataError, match=r"class code 1 has 2\), and n_neighbors=6"):
        ours.edited(X, np.array([0, 0, 0, 0, 1, 1]), [0], n_neighbors=6)
