"""Beside imbalanced-learn: the same ranking quality."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from rarebird.ensemble import BalancedRandomForestClassifier

imblearn_ensemble = pytest.importorskip("imblearn.ensemble")


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
