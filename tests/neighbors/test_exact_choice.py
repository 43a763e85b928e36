"""Tree, screen or scikit-learn's call is chosen by what the data show; the answer is the same."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from rarebird.neighbors import ExactNeighbors, exact
from rarebird.neighbors.backends import ExactBackend, neighbor_labels
from rarebird.neighbors.work import visited_boxes

RNG = np.random.default_rng(0)


def surface(n, d, intrinsic):
    """Rows on a curved surface of few dimensions among many columns."""
    flat = RNG.uniform(size=(n, intrinsic))
    return np.cos(flat @ RNG.normal(size=(intrinsic, d)) + RNG.uniform(size=d))


CASES = [(2, 30, True), (3, 12, True), (20, 20, False)]


def peer(X, Q, k):
    return NearestNeighbors(n_neighbors=k).fit(X).kneighbors(Q, return_distance=False)


@pytest.mark.parametrize(("intrinsic", "d", "tree"), CASES)
def test_intrinsic_dimensions_decide_and_not_the_columns(intrinsic, d, tree):
    X = surface(20_000, d, intrinsic) if intrinsic < d else RNG.normal(size=(20_000, d))
    assert ExactNeighbors(X).prefers_tree(X, 6, own=True) is tree


def test_few_queries_do_not_pay_for_a_tree_but_use_one_that_is_there():
    X = surface(60_000, 12, 2)
    search = ExactNeighbors(X)
    assert not search.prefers_tree(X[:40], 6)
    search.kneighbors_of(np.arange(2000), 6)
    assert search.prefers_tree(X[:40], 6)


def test_queries_far_from_the_rows_visit_more_of_the_tree():
    X = RNG.normal(size=(4000, 6))
    assert visited_boxes(X, X + 30, 5) > 1.5 * visited_boxes(X, X, 5)


@pytest.mark.parametrize("n", [1, 2, 9, 40])
def test_boxes_of_few_rows(n):
    X = RNG.normal(size=(n, 3))
    assert 1 <= visited_boxes(X, X, 5) <= n / 16 + 1


def test_the_choice_is_the_same_each_time_and_for_any_threads():
    X = surface(20_000, 12, 3)
    found = {ExactNeighbors(X, n_jobs=j).boxes(X, 6) for j in (1, 2, 2)}
    assert len(found) == 1


@pytest.fixture(params=[True, False], ids=["tree", "screen"])
def way(request, monkeypatch):
    monkeypatch.setattr(ExactNeighbors, "prefers_tree", lambda *_, **__: request.param)
    monkeypatch.setattr(exact, "_SMALL", 0)
    monkeypatch.setattr(exact, "_TINY", 2**60)


@pytest.mark.parametrize("d", [3, 18])
@pytest.mark.parametrize("levels", [2, 4, 40])
def test_labels_are_those_of_scikit_learn_whatever_the_ties(d, levels, way):
    X = RNG.integers(0, levels, (1500, d)).astype(float)
    X[:300] = X[0]  # a crowd of copies
    labels = (X[:, 0] > levels / 2).astype(int)
    labels[RNG.random(1500) < 0.05] = 2
    rows = RNG.permutation(1500)[:700]
    search = ExactNeighbors(X)
    found = search.kneighbors_of(rows, 5, labels=labels)
    plain = search.kneighbors_of(rows, 5)
    np.testing.assert_array_equal(labels[found], labels[plain])
    if d <= 15:
        np.testing.assert_array_equal(plain, peer(X, X[rows], 5))
    true = ((X[rows][:, None] - X) ** 2).sum(axis=2)
    mine = np.take_along_axis(true, found, axis=1)
    np.testing.assert_array_equal(mine, np.sort(true, axis=1)[:, :5])


def test_rows_of_one_label_need_not_be_settled(way, monkeypatch):
    X = RNG.integers(0, 3, (1500, 4)).astype(float)

    def fail(*_):
        raise AssertionError("settled")

    monkeypatch.setattr(ExactNeighbors, "_settle", fail)
    search = ExactNeighbors(X)
    search.kneighbors_of(np.arange(900), 400, labels=np.zeros(1500, int))
    with pytest.raises(AssertionError, match="settled"):
        search.kneighbors_of(np.arange(900), 5)


def test_a_crowd_that_the_screen_cannot_tell_apart(way):
    near = RNG.normal(size=(4000, 16))
    X = np.column_stack([near, np.zeros(4000)])
    X[::1000, -1] = 1e9  # beside these lengths the others hardly differ
    rows, labels = np.arange(0, 4000, 5), RNG.integers(0, 2, 4000)
    for more in ({}, {"labels": labels}):
        found = ExactNeighbors(X).kneighbors_of(rows, 4, **more)
        assert (found >= 0).all()
        np.testing.assert_array_equal(labels[found], labels[peer(X, X[rows], 4)])


def test_copies_are_searched_for_once(monkeypatch):
    X = np.concatenate([np.repeat(RNG.normal(size=(3, 4)), 900, axis=0), RNG.normal(size=(600, 4))])
    asked = []

    class Tree(exact.cKDTree):
        def query(self, Q, *given, **more):
            asked.append(len(Q))
            return super().query(Q, *given, **more)

    monkeypatch.setattr(ExactNeighbors, "prefers_tree", lambda *_, **__: True)
    monkeypatch.setattr(exact, "sliding_tree", lambda X: Tree(X, leafsize=32, balanced_tree=False))
    distance, _ = ExactNeighbors(X).kneighbors(X, 3, return_distance=True, labels=X[:, 0])
    assert max(asked) < 700
    true = np.sort(((X[::50, None] - X) ** 2).sum(axis=2), axis=1)[:, :3]
    np.testing.assert_allclose(distance[::50] ** 2, true, atol=1e-12)


def test_mostly_tied_queries_go_to_scikit_learn_at_once(monkeypatch):
    X = RNG.integers(0, 2, (3000, 18)).astype(float)
    searched = []
    screen = exact.Screen.nearest

    def nearest(self, rows, cols, k):
        searched.append(len(rows))
        return screen(self, rows, cols, k)

    monkeypatch.setattr(exact.Screen, "nearest", nearest)
    ExactNeighbors(X).kneighbors_of(np.arange(1600), 4)
    assert searched == [100]


@pytest.mark.parametrize("name", ["ours", "another"])
def test_labels_by_any_search(name):
    X, labels = RNG.normal(size=(300, 4)), RNG.integers(0, 3, 300)
    search = ExactBackend(4) if name == "ours" else NearestNeighbors(n_neighbors=4)
    found = neighbor_labels(search.fit(X), X[:50], labels)
    np.testing.assert_array_equal(found, labels[peer(X, X[:50], 4)])


def test_more_neighbours_than_rows_are_refused():
    with pytest.raises(ValueError, match="n_neighbors"):
        ExactNeighbors(np.eye(3)).kneighbors(np.eye(3), 4)
