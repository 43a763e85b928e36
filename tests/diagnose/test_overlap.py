"""Types of rare rows against a loop over all distances."""

import numpy as np
import pytest

from rarebird._errors import DataError
from rarebird.diagnose import overlap, overlap_check


def slow_shares(X, y, code=1, k=5):
    """The definition, one row and one distance at a time."""
    X = np.where(np.isnan(X), np.nanmean(X, axis=0), X)
    Z = X - X.mean(axis=0)
    # the spread is that of the known values, so it is set by the caller where values are missing
    spread = Z.std(axis=0)
    Z = Z / np.where(spread > 0, spread, 1)

    def near(i):
        distance = [((Z[i] - Z[j]) ** 2).sum() if j != i else np.inf for j in range(len(Z))]
        return np.argsort(distance, kind="stable")[:k]

    found = dict.fromkeys(overlap.TYPES, 0)
    rows = [i for i in range(len(y)) if y[i] == code]
    for i in rows:
        same = [j for j in near(i) if y[j] == code]
        if len(same) >= 4:
            found["safe"] += 1
        elif len(same) >= 2:
            found["borderline"] += 1
        elif len(same) == 0:
            found["outlier"] += 1
        else:
            again = sum(y[j] == code for j in near(same[0]))
            found["rare" if again <= 1 else "borderline"] += 1
    return {name: count / len(rows) for name, count in found.items()}


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0, 6.0])
def test_shares_equal_those_of_a_loop(shift):
    rng = np.random.default_rng(int(shift))
    X = rng.normal(size=(300, 3)) * [1, 100, 0.01]
    y = (np.arange(300) < 40).astype(int)
    X[y == 1, 0] += shift
    X = np.c_[X, np.ones(300)]
    assert overlap_check(X, y).details["shares"] == pytest.approx(slow_shares(X, y))


def test_far_apart_is_safe_and_mixed_is_not():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 2))
    y = (np.arange(1000) < 50).astype(int)
    hard = overlap_check(X, y)
    assert hard.severity == "warning" and hard.details["shares"]["safe"] == 0
    X[y == 1] += 30
    easy = overlap_check(X, y)
    assert easy.severity == "info" and easy.details["shares"]["safe"] == 1
    assert easy.code == "RB003"


def test_missing_values_are_put_at_the_mean():
    X = np.array([[np.nan], [0.0], [0.1], [-0.1], [0.2], [-0.2], [50.0], [-50.0]])
    y = np.array([1, 1, 1, 1, 1, 1, 0, 0])
    assert overlap_check(X, y).details["shares"]["safe"] == 1


def test_duplicates_and_ties_are_counted_without_the_row_itself():
    X = np.zeros((30, 1))
    y = np.ones(30, dtype=int)
    assert overlap_check(X, y).details["shares"]["safe"] == 1
    one = np.r_[1, np.zeros(29, dtype=int)]
    assert overlap_check(X, one).details["shares"]["outlier"] == 1


@pytest.mark.parametrize("n", [2, 3, 7])
def test_small_tables_work(n):
    y = np.r_[1, np.zeros(n - 1, dtype=int)]
    assert overlap_check(np.arange(n * 2.0).reshape(n, 2), y).details["shares"]["outlier"] == 1


def test_an_absent_class_and_a_single_row_are_refused_by_name():
    with pytest.raises(DataError, match="class 'yes' has 0 of 3 rows"):
        overlap_check(np.zeros((3, 1)), np.zeros(3, dtype=int), classes=["no", "yes"], rare=1)
    with pytest.raises(DataError, match="1 of 1 rows"):
        overlap_check(np.zeros((1, 1)), np.ones(1, dtype=int))


def test_of_many_classes_the_smallest_is_looked_at():
    y = np.repeat([0, 1, 2], [20, 6, 20])
    found = overlap_check(
        y[:, None] * 100.0 + np.arange(46)[:, None] / 50, y, classes=["a", "b", "c"]
    )
    assert "'b'" in found.message and found.details["shares"]["safe"] == 1


def test_a_sample_keeps_the_shares_and_the_seed_decides(monkeypatch):
    monkeypatch.setattr(overlap, "MAX_QUERIES", 300)
    monkeypatch.setattr(overlap, "MAX_PAIRS", 300 * 2000)
    rng = np.random.default_rng(0)
    y = (rng.random(8000) < 0.3).astype(int)
    X = rng.normal(size=(8000, 2)) + y[:, None]
    whole = slow_shares(X[:1500], y[:1500])
    found = overlap_check(X, y, random_state=1)
    assert found.details["n_queries"] == 300
    assert 1900 < found.details["n_base"] < 2100
    assert found.details["shares"]["safe"] == pytest.approx(whole["safe"], abs=0.08)
    assert overlap_check(X, y, random_state=1) == found
    assert overlap_check(X, y, random_state=2) != found


def test_no_columns_tell_nothing_apart():
    found = overlap_check(np.zeros((9, 0)), np.arange(9) % 2)
    assert found.details["shares"]["outlier"] == 1
