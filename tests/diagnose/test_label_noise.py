"""Confident learning against a loop, and against planted errors."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from rarebird._errors import DataError
from rarebird.diagnose import confident_labels, label_noise_check


def slow(proba, y):
    n_classes = proba.shape[1]
    mean = [
        np.mean([p[j] for p, c in zip(proba, y, strict=True) if c == j] or [np.inf])
        for j in range(n_classes)
    ]
    found = []
    for p in proba:
        ok = [j for j in range(n_classes) if p[j] >= mean[j] - 1e-9]
        found.append(max(ok, key=lambda j: (p[j], -j)) if ok else -1)
    return found


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("absent", [False, True])
def test_equal_to_a_loop(n_classes, absent):
    rng = np.random.default_rng(n_classes)
    proba = rng.dirichlet(np.ones(n_classes), 200)
    y = rng.integers(0, n_classes - absent, 200)
    assert confident_labels(proba, y).tolist() == slow(proba, y)


def noisy(n=2000, flips=8, seed=0):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.08).astype(int)
    X = rng.normal(size=(n, 2)) + 4 * y[:, None]
    rows = rng.choice(np.flatnonzero(y == 0), flips, replace=False)
    given = y.copy()
    given[rows] = 1
    proba = cross_val_predict(LogisticRegression(), X, given, method="predict_proba")
    return proba, given, rows


def test_planted_wrong_labels_are_found_first():
    proba, y, rows = noisy()
    found = label_noise_check(proba, y, classes=["no", "yes"])
    listed = found.details["rows"]
    assert len(set(listed) & set(rows.tolist())) >= 7
    assert set(listed[:5]) <= set(rows.tolist())
    assert "'yes'" in found.message


def test_missed_rare_rows_are_found():
    proba, y, _ = noisy(flips=0)
    hidden = np.flatnonzero(y == 1)[:6]
    y[hidden] = 0
    found = label_noise_check(proba, y)
    assert set(hidden.tolist()) <= set(found.details["missed_rows"])


def test_clean_labels_raise_no_suspicion():
    y = np.repeat([0, 1], [90, 10])
    proba = np.eye(2)[y]
    assert label_noise_check(proba, y) is None


@pytest.mark.parametrize(
    "y", [np.repeat([0, 1], [96, 4]), np.zeros(100, dtype=int), np.ones(100, dtype=int)]
)
def test_too_few_rare_rows_or_one_class_say_nothing(y):
    assert label_noise_check(np.random.default_rng(0).dirichlet([1, 1], 100), y) is None


def test_a_model_that_cannot_rank_says_nothing():
    rng = np.random.default_rng(0)
    y = (rng.random(500) < 0.2).astype(int)
    assert label_noise_check(rng.dirichlet([1, 1], 500), y) is None


def test_shapes_and_missing_probabilities_are_refused():
    with pytest.raises(DataError, match="2 rows"):
        label_noise_check(np.ones((3, 2)), np.zeros(2, dtype=int))
    with pytest.raises(DataError, match="finite"):
        label_noise_check(np.full((2, 2), np.nan), np.zeros(2, dtype=int))
