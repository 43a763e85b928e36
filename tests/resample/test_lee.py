"""Lee: SMOTE's rows where nothing is rejected, and the rejection against brute force."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from imblearn.over_sampling import SMOTE
from scipy import sparse

from rarebird._errors import DataError
from rarebird.resample.lee import Lee


def data(apart, n_rare=25, seed=0):
    rng = np.random.default_rng(seed)
    X = np.concatenate([rng.normal(size=(150, 3)), rng.normal(apart, 1, (n_rare, 3))])
    return X, np.repeat([0, 1], [150, n_rare])


def slow_share(rows, X, y, k):
    shares = []
    for row in rows:
        nearest = sorted(range(len(X)), key=lambda i: np.sum((X[i] - row) ** 2))[:k]
        shares.append(sum(y[i] != 1 for i in nearest) / k)
    return np.array(shares)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_where_nothing_is_rejected_the_rows_are_imbalanced_learns_smote(seed):
    X, y = data(20, seed=seed)
    X_new, y_new = Lee(random_state=seed).fit_resample(X, y)
    X_smote, y_smote = SMOTE(random_state=seed).fit_resample(X, y)
    np.testing.assert_array_equal(X_new, X_smote)
    np.testing.assert_array_equal(y_new, y_smote)


@pytest.mark.parametrize("level", [0.4, 0.5, 0.8])
def test_it_takes_the_rows_of_smote_that_pass_and_then_draws_more(level):
    X, y = data(1.2)
    sampler = Lee(random_state=0, rejection_level=level)
    rows = sampler.fit_resample(X, y)[0][175:]
    assert len(rows) == 125
    assert sampler.plan_.notes["rejection_levels"] == {1: level}
    assert np.all(slow_share(rows, X, y, 5) < level)
    smote = SMOTE(random_state=0).fit_resample(X, y)[0][175:]
    passed = smote[slow_share(smote, X, y, 5) < level]
    assert 0 < len(passed) < 125, "nothing is rejected: the case shows nothing"
    np.testing.assert_array_equal(rows[: len(passed)], passed)


def test_new_rows_lie_between_their_parents():
    X, y = data(1.2)
    sampler = Lee(random_state=0)
    rows = sampler.fit_resample(X, y)[0][175:]
    a, b = sampler.parents_[175:].T
    assert np.all(y[a] == 1) and np.all(y[b] == 1)
    parts = np.linalg.norm(X[a] - rows, axis=1) + np.linalg.norm(X[b] - rows, axis=1)
    np.testing.assert_allclose(parts, np.linalg.norm(X[a] - X[b], axis=1))


def test_where_every_place_is_among_the_others_the_level_rises_and_is_told():
    rng = np.random.default_rng(0)
    centres = 100 * rng.normal(size=(8, 2))  # each rare row alone among 20 others
    X = np.concatenate([np.repeat(centres, 20, axis=0) + rng.normal(size=(160, 2)), centres])
    y = np.array(["no", "yes"])[np.repeat([0, 1], [160, 8])]
    sampler = Lee(random_state=0, rejection_level=0.2)
    X_new, y_new = sampler.fit_resample(X, y)
    assert np.sum(y_new == "yes") == 160
    assert sampler.plan_.notes["rejection_levels"] == {"yes": pytest.approx(0.9)}
    np.testing.assert_allclose(slow_share(X_new[168:], X, y == "yes", 5), 0.8)


def test_of_three_classes_the_others_are_all_the_rest():
    X, _ = data(1.5)
    y = np.repeat([2, 0, 1], [100, 45, 30])
    X[y == 1] += 2
    sampler = Lee(random_state=0)
    X_new, y_new = sampler.fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [100, 100, 100]
    level = sampler.plan_.notes["rejection_levels"][1]
    rows = X_new[175:][y_new[175:] == 1]
    assert np.all(slow_share(rows, X, y, 5) < level)


REFUSED = {
    "one_row": r"1 \(1 row\)",
    "one_in_10k": r"1 \(2 rows\)",
    "single_class": "1 class",
    "missing_values": "NaN",
}


def test_rare_cases(rare):
    if rare.name in REFUSED:
        with pytest.raises(DataError, match=REFUSED[rare.name]):
            Lee(random_state=0).fit_resample(rare.X, rare.y)
        return
    X_new, y_new = Lee(random_state=0).fit_resample(rare.X, rare.y)
    assert np.isfinite(X_new).all()
    assert len(set(np.unique(y_new, return_counts=True)[1])) == 1


def test_frames_and_sparse_tables_give_the_rows_of_arrays():
    X, y = data(1.2)
    expected, _ = Lee(random_state=1).fit_resample(X, y)
    names = ["a", "b", "c"]
    for frame in (pd.DataFrame(X, columns=names), pl.DataFrame(X, schema=names)):
        rows, _ = Lee(random_state=1).fit_resample(frame, y)
        np.testing.assert_array_equal(rows.to_numpy(), expected)
    rows, _ = Lee(random_state=1).fit_resample(sparse.csr_matrix(X), y)
    np.testing.assert_allclose(rows.toarray(), expected, atol=1e-12)
