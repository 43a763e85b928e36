"""SafeLevelSMOTE: the paper's five cases, and every new row against brute force."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from rarebird._errors import DataError
from rarebird.resample.between import safe_steps
from rarebird.resample.safe_level_smote import SafeLevelSMOTE
from rarebird.resample.searches import without_itself


def data(apart=1.5, n_rare=25, seed=0):
    rng = np.random.default_rng(seed)
    X = np.concatenate([rng.normal(size=(150, 3)), rng.normal(apart, 1, (n_rare, 3))])
    return X, np.repeat([0, 1], [150, n_rare])


def nearest(X, i, k, among):
    return sorted((j for j in among if j != i), key=lambda j: np.sum((X[j] - X[i]) ** 2))[:k]


def interval(own, other):
    """The paper's cases, one after the other; None: no row."""
    if other == 0:
        return None if own == 0 else (0.0, 0.0)
    ratio = own / other
    if ratio == 1:
        return 0.0, 1.0
    return (0.0, 1 / ratio) if ratio > 1 else (1 - ratio, 1.0)


@pytest.mark.parametrize("own", range(6))
@pytest.mark.parametrize("other", range(6))
def test_gaps_fill_the_papers_interval(own, other):
    if interval(own, other) is None:
        return
    u = np.array([[0.0, 0.5, 1.0]])
    low, high = interval(own, other)
    gaps = safe_steps(u, np.array([own]), np.array([other]))
    np.testing.assert_allclose(gaps, [[low, (low + high) / 2, high]], atol=1e-15)


@pytest.mark.parametrize("apart", [0.7, 1.5])
def test_every_row_is_one_that_the_paper_allows(apart):
    X, y = data(apart)
    rare, k = np.flatnonzero(y == 1).tolist(), 5
    safe = {i: sum(y[j] for j in nearest(X, i, k, range(len(X)))) for i in rare}
    near = {i: nearest(X, i, k, rare) for i in rare}
    assert 0 in safe.values() and max(safe.values()) > 1, "the case shows nothing"
    sampler = SafeLevelSMOTE(random_state=0)
    rows = sampler.fit_resample(X, y)[0][175:]
    drawn = set()
    for row, (a, b) in zip(rows, sampler.parents_[175:].tolist(), strict=True):
        low, high = interval(safe[a], safe[b])
        gap = (row - X[a]) / (X[b] - X[a])
        assert b in near[a] and np.all(gap >= low - 1e-9) and np.all(gap <= high + 1e-9)
        drawn.add((a, b))
    allowed = {(a, b) for a in rare for b in near[a] if interval(safe[a], safe[b]) is not None}
    assert drawn <= allowed and len(drawn) > 0.5 * len(allowed)


def test_pairs_and_gaps_are_uniform():
    X, y = data(20)  # all safe levels are k: every pair is allowed, and g ~ U(0, 1)
    sampler = SafeLevelSMOTE(sampling_strategy={1: 50_025, 0: 150}, random_state=0)
    rows = sampler.fit_resample(X, y)[0][175:]
    a, b = sampler.parents_[175:].T
    gaps = (rows - X[a]) / (X[b] - X[a])
    np.testing.assert_allclose(
        np.quantile(gaps, [0.1, 0.5, 0.9], axis=0).T, np.tile([0.1, 0.5, 0.9], (3, 1)), atol=0.01
    )
    assert abs(np.corrcoef(gaps.T)[0, 1]) < 0.02, "each column has its own gap"
    pairs = np.unique(np.column_stack([a, b]), axis=0, return_counts=True)[1]
    assert len(pairs) == 125 and pairs.min() > 300 and pairs.max() < 500


def test_a_row_leaves_itself_out_wherever_it_stands():
    near = np.array([[0, 5, 6], [9, 1, 7], [3, 4, 5]])
    assert without_itself(near, np.array([0, 1, 2])).tolist() == [[5, 6], [9, 7], [3, 4]]


def test_a_class_without_a_safe_row_is_refused():
    rng = np.random.default_rng(0)
    centres = 100 * np.arange(7.0)[:, None] + np.zeros(2)
    X = np.concatenate([np.repeat(centres, 8, axis=0) + rng.normal(size=(56, 2)), centres])
    y = np.array(["no", "yes"])[np.repeat([0, 1], [56, 7])]
    with pytest.raises(DataError, match=r"'yes' \(7 rows\).*no row is safe"):
        SafeLevelSMOTE(k_neighbors=5).fit_resample(X, y)


def test_of_three_classes_the_others_are_all_the_rest():
    X, _ = data()
    y = np.repeat([0, 1, 2], [100, 45, 30])
    sampler = SafeLevelSMOTE(random_state=0)
    _, y_new = sampler.fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [100, 100, 100]
    assert np.all(y[sampler.parents_[175:]] == y_new[175:, None])


REFUSED = {
    "one_row": r"1 \(1 row\)",
    "one_in_10k": r"1 \(2 rows\)",
    "single_class": "1 class",
    "missing_values": "NaN",
}


def test_rare_cases(rare):
    if rare.name in REFUSED:
        with pytest.raises(DataError, match=REFUSED[rare.name]):
            SafeLevelSMOTE(random_state=0).fit_resample(rare.X, rare.y)
        return
    X_new, y_new = SafeLevelSMOTE(random_state=0).fit_resample(rare.X, rare.y)
    assert np.isfinite(X_new).all()
    assert len(set(np.unique(y_new, return_counts=True)[1])) == 1


def test_frames_give_the_rows_of_arrays_and_sparse_tables_are_refused():
    X, y = data()
    expected, _ = SafeLevelSMOTE(random_state=1).fit_resample(X, y)
    names = ["a", "b", "c"]
    for frame in (pd.DataFrame(X, columns=names), pl.DataFrame(X, schema=names)):
        rows, _ = SafeLevelSMOTE(random_state=1).fit_resample(frame, y)
        np.testing.assert_array_equal(rows.to_numpy(), expected)
    with pytest.raises(DataError, match="sparse"):
        SafeLevelSMOTE().fit_resample(sparse.csr_matrix(X), y)
