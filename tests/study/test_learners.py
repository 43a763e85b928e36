"""The learners against scikit-learn and LightGBM, and the encoder against a slow one."""

import pickle

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from rarebird._compat import lightgbm
from rarebird.study.learners import BoostedTrees, Forest, Logistic, TableEncoder


def mixed(n: int = 300, seed: int = 0) -> np.ndarray:
    """Two numeric columns with gaps, a column of levels of very different sizes, with gaps."""
    rng = np.random.default_rng(seed)
    X = np.column_stack(
        [
            rng.normal(3, 2, n),
            rng.exponential(1, n),
            rng.choice([0, 1, 2, 7], n, p=[0.6, 0.3, 0.08, 0.02]),
        ]
    )
    X[rng.random(n) < 0.1, 1] = np.nan
    X[rng.random(n) < 0.1, 2] = np.nan
    return X


def slow_encoding(X, new, categorical, min_rows, max_levels):
    """One value at a time, columns in the order: numbers, indicators, levels."""
    rows = [[] for _ in new]
    numeric = [j for j in range(X.shape[1]) if j not in categorical]
    for j in numeric:
        known = [v for v in X[:, j] if v == v]
        low, mid, high = (np.quantile(known, q) if known else 0.0 for q in (0.001, 0.5, 0.999))
        train = [min(max(mid if v != v else v, low), high) for v in X[:, j]]
        mean = sum(train) / len(train)
        scale = (sum((v - mean) ** 2 for v in train) / len(train)) ** 0.5
        for row, v in zip(rows, new[:, j], strict=True):
            value = min(max(mid if v != v else v, low), high)
            row.append((value - mean) / (scale if scale > 1e-12 * (1 + abs(mean)) else 1.0))
    for j in numeric:
        gaps = sum(v != v for v in X[:, j])
        if 0 < gaps < len(X):
            for row, v in zip(rows, new[:, j], strict=True):
                row.append(float(v != v))
    for j in categorical:
        names = ["missing" if v != v else v for v in X[:, j]]
        numbers = sorted({v for v in names if v != "missing"})
        levels = [*numbers, "missing"] if "missing" in names else numbers
        common = sorted(levels, key=lambda v: -names.count(v))[:max_levels]
        for level in [v for v in levels if v in common and names.count(v) >= min_rows]:
            for row, v in zip(rows, new[:, j], strict=True):
                row.append(float(level == ("missing" if v != v else v)))
    return np.array(rows)


@pytest.mark.parametrize(
    ("min_rows", "max_levels"), [(10, 50), (1, 50), (1, 2), (40, 50), ("rarest", 50)]
)
def test_the_encoder_equals_a_slow_one(min_rows, max_levels):
    X, new = mixed(), mixed(40, seed=1)
    new[0] = [1e9, -1e9, 5]  # beyond the quantiles, and a level never seen
    if min_rows == "rarest":  # a level with just enough rows is kept
        min_rows = int(np.sum(X[:, 2] == 7))
    encoder = TableEncoder(categorical=(2,), min_rows=min_rows, max_levels=max_levels).fit(X)
    expected = slow_encoding(X, new, (2,), min_rows, max_levels)
    np.testing.assert_allclose(encoder.transform(new), expected, atol=1e-5)
    assert encoder.transform(new).dtype == np.float32


def test_the_encoder_takes_tables_of_one_kind_only():
    levels = np.repeat([[0.0, 1.0], [2.0, 1.0]], 20, axis=0)
    assert TableEncoder(categorical=(0, 1)).fit_transform(levels).shape == (40, 3)
    assert TableEncoder(categorical=(0,)).fit(levels[:, :1] * np.nan).levels_["0"].size == 1
    empty = np.full((30, 2), np.nan)
    np.testing.assert_array_equal(TableEncoder().fit_transform(empty), np.zeros((30, 2)))


def test_the_encoder_learns_from_training_rows_only():
    X, new = mixed(), mixed(40, seed=1)
    encoder = TableEncoder(categorical=(2,)).fit(X)
    before = encoder.transform(new)
    np.testing.assert_array_equal(encoder.transform(np.concatenate([new, new * 100]))[:40], before)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_logistic_equals_scikit_learn_on_scaled_numbers(n_classes, weighted):
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, size=(400, 3))
    y = np.digitize(X @ [1, -2, 0.5] + rng.normal(size=400), [0.8, 1.6][: n_classes - 1])
    weight = rng.uniform(0.5, 2, 400) if weighted else None
    X[:3], X[3:6] = 1.0, -1.0  # the extremes, so that clipping at quantiles changes nothing
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    ours = Logistic(C=0.7).fit(X, y, sample_weight=weight)
    theirs = LogisticRegression(C=0.7, max_iter=1000, tol=1e-8).fit(scaled, y, weight)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=2e-3)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=2e-3)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(scaled), atol=1e-3)


def boosted_data(n_classes=2):
    rng = np.random.default_rng(2)
    X = rng.normal(size=(700, 5))
    X[:, 4] = rng.integers(0, 5, 700)
    X[rng.random((700, 5)) < 0.1] = np.nan
    y = np.digitize(np.nan_to_num(X[:, 0] * X[:, 1] + X[:, 2]), [0.8, 1.8][: n_classes - 1])
    return X, y


@pytest.mark.parametrize("n_classes", [2, 3])
def test_boosted_trees_do_not_depend_on_threads(n_classes):
    X, y = boosted_data(n_classes)
    one, two = (
        BoostedTrees(n_estimators=6, n_threads=n, categorical=(4,)).fit(X, y).predict_proba(X)
        for n in (1, 2)
    )
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_boosted_trees_equal_lightgbm(n_classes):
    lgb = lightgbm()
    if lgb is None:
        pytest.skip("LightGBM cannot be loaded here")
    X, y = boosted_data(n_classes)
    weight = np.random.default_rng(0).uniform(0.2, 2, len(y))
    ours = BoostedTrees(n_estimators=12, num_leaves=7).fit(X, y, sample_weight=weight)
    theirs = lgb.LGBMClassifier(
        n_estimators=12, num_leaves=7, n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1
    ).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-12)


def test_boosted_trees_fall_back_where_lightgbm_cannot_be_loaded(monkeypatch):
    monkeypatch.setattr("rarebird.study.learners.lightgbm", lambda: None)
    X, y = boosted_data(3)
    names = np.array(["a", "b", "c"])[y]
    model = BoostedTrees(n_estimators=5).fit(X, names)
    assert model.booster_ is None
    proba = pickle.loads(pickle.dumps(model)).predict_proba(X)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert np.mean(model.predict(X) == names) > 0.7


@pytest.mark.parametrize("cls", [BoostedTrees, Logistic])
def test_a_category_never_seen_is_answered(cls):
    X, y = boosted_data()
    new = X[:5].copy()
    new[:, 4] = [17, 99, np.nan, -1, 1e6]
    model = cls(categorical=(4,)).fit(X, y)
    assert np.all(np.isfinite(model.predict_proba(new)))


def test_forest_ranks_as_well_as_scikit_learns():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1500, 6))
    y = (X[:, 0] + X[:, 1] ** 2 + rng.normal(size=1500) > 3).astype(int)
    train, test = slice(0, 800), slice(800, None)

    def quality(model):
        proba = model.fit(X[train], y[train]).predict_proba(X[test])[:, 1]
        return average_precision_score(y[test], proba)

    ours = [quality(Forest(n_estimators=25, random_state=s)) for s in range(4)]
    theirs = [
        quality(RandomForestClassifier(25, min_samples_leaf=3, random_state=s)) for s in range(4)
    ]
    noise = np.hypot(np.std(ours, ddof=1), np.std(theirs, ddof=1)) / 2
    assert abs(np.mean(ours) - np.mean(theirs)) < max(4 * noise, 0.02)


def test_forest_draws_at_most_max_rows_with_the_classes_as_they_are():
    X, y = np.arange(1000.0)[:, None], np.repeat([0, 1], [900, 100])
    model = Forest(n_estimators=2, max_rows=100).fit(X, y)
    assert model.draw.sizes(np.array([900, 100])).tolist() == [90, 10]
    assert [tree.tree_.weighted_n_node_samples[0] for tree in model.estimators_] == [100, 100]
    np.testing.assert_allclose(model.fitted_prior_, [0.9, 0.1])
