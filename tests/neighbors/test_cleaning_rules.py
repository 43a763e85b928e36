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
        monkeypatch.setattr(exact, "_TREE_DIMENSIONS", 1)
        monkeypatch.setattr(purity, "_TREE_DIMENSIONS", 1)
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
    if name.startswith("cnn"):
        shapes = SHAPES[1::3]
    else:
        shapes = SHAPES
    for seed, shape in enumerate(shapes):
        n, d, weights = shape
        if len(weights) > 2 and d < 4:
            continue
        X, y = table(n, d, weights, seed)
        compare(name, X, y, how)
