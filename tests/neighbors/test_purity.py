"""Certificates say what an obvious count says."""

import numpy as np
import pytest

from rarebird.neighbors import Purity, exact, purity


@pytest.fixture(params=[False, True], ids=["by size", "certified"], autouse=True)
def path(request, monkeypatch):
    if request.param:
        monkeypatch.setattr(exact.ExactNeighbors, "prefers_tree", lambda *_, **__: False)
        monkeypatch.setattr(Purity, "_search_is_cheaper", lambda *_: False)
        monkeypatch.setattr(exact, "_SMALL", 0)
        monkeypatch.setattr(purity, "_WORTH", 0)


def table(n, d, n_classes, seed):
    rng = np.random.default_rng(seed)
    codes = np.sort(rng.integers(0, n_classes, n))
    X = rng.normal(size=(n, d)) + 1.5 * rng.normal(size=(n_classes, d))[codes]
    order = rng.permutation(n)
    return X[order], codes[order]


def slow(X, codes, rows, k, kind, among):
    """Return the verdicts by sorting all distances."""
    out = []
    for row in rows:
        gaps = ((X[among] - X[row]) ** 2).sum(axis=1)
        gaps[among == row] = -1
        labels = codes[among[np.argsort(gaps)[1 : k + 1]]].tolist()
        if kind == "all":
            out.append(all(label == codes[row] for label in labels))
        else:
            most = max(labels.count(label) for label in labels)
            winner = min(label for label in labels if labels.count(label) == most)
            out.append(winner == codes[row])
    return np.array(out)


@pytest.mark.parametrize("kind", ["all", "mode"])
@pytest.mark.parametrize("n_classes", [2, 3, 4])
@pytest.mark.parametrize("d", [2, 20])
def test_verdicts_while_rows_vanish(kind, n_classes, d):
    X, codes = table(500, d, n_classes, seed=n_classes + d)
    rng = np.random.default_rng(1)
    memory = Purity(X, codes, 4, kind_sel=kind)
    among = np.arange(500)
    for k in (4, 1, 2, 4, 3):
        rows = rng.permutation(among)[: len(among) // 2]
        want = slow(X, codes, rows, k, kind, among)
        np.testing.assert_array_equal(memory.keep(rows, k, among), want)
        among = np.sort(rng.permutation(among)[: int(0.8 * len(among))])
        among = among[np.argsort(codes[among], kind="stable")]


def test_nothing_is_searched_again_while_witnesses_live(path, monkeypatch):
    X, codes = table(500, 12, 2, seed=0)
    memory = Purity(X, codes, 3)
    kept = np.flatnonzero(memory.keep(np.arange(500)))

    def fail(*_):
        raise AssertionError("searched again")

    monkeypatch.setattr(memory, "_search", fail)
    assert memory.keep(kept).all()
