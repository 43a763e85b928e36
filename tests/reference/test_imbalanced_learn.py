"""Beside imbalanced-learn: the same ranking quality, the same synthetic rows."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from rarebird.ensemble import BalancedRandomForestClassifier
from rarebird.study.smote import SmoteClassifier

imblearn_ensemble = pytest.importorskip("imblearn.ensemble")
imblearn_over = pytest.importorskip("imblearn.over_sampling")


def table(n=1600, seed=0):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.06).astype(int)
    X = rng.normal(size=(n, 5)) + y[:, None] * rng.choice([0.4, 1.6], (n, 1))
    return X, y


def test_a_balanced_forest_ranks_as_well_as_imbalanced_learns():
    X, y = table()
    train, test = slice(0, 900), slice(900, None)
    ours, theirs = [], []
    for seed in range(8):
        one = BalancedRandomForestClassifier(n_estimators=40, random_state=seed)
        two = imblearn_ensemble.BalancedRandomForestClassifier(
            40, sampling_strategy="all", replacement=True, bootstrap=False, random_state=seed
        )
        for model, values in ((one, ours), (two, theirs)):
            proba = model.fit(X[train], y[train]).predict_proba(X[test])[:, 1]
            values.append(average_precision_score(y[test], proba))
    noise = np.sqrt((np.var(ours, ddof=1) + np.var(theirs, ddof=1)) / 8)
    assert abs(np.mean(ours) - np.mean(theirs)) < 4 * noise
    assert min(ours) > 2 * y[test].mean()


def test_smote_fits_on_imbalanced_learns_rows():
    X, y = table(400)
    ours = SmoteClassifier(LogisticRegression(), ratio=0.5, random_state=3).fit(X, y)
    goal = int(0.5 * np.bincount(y).max())
    rows = imblearn_over.SMOTE(sampling_strategy={1: goal}, random_state=3).fit_resample(X, y)
    theirs = LogisticRegression().fit(*rows)
    np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))


def test_smote_with_categories_fits_on_imbalanced_learns_rows():
    X, y = table(400)
    X[:, 4] = np.arange(400) % 3
    ours = SmoteClassifier(LogisticRegression(), categorical=(4,), random_state=3).fit(X, y)
    goal = int(np.bincount(y).max())
    sampler = imblearn_over.SMOTENC([4], sampling_strategy={1: goal}, random_state=3)
    theirs = LogisticRegression().fit(*sampler.fit_resample(X, y))
    np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))
