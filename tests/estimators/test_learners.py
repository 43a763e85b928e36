"""The learners against scikit-learn and LightGBM, and the encoding against a slow one."""

import pickle

import numpy as np
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from rarebird._compat import lightgbm
from rarebird._errors import DataError, NotFittedError
from rarebird.ensemble import Forest, UnderBaggingClassifier
from rarebird.estimators import BoostedTrees, KernelLogistic, Logistic, QuantileClipper


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


def slow_encoding(X, new, categorical):
    """One value at a time, columns in the order: levels, rare levels, numbers, indicators."""
    rows = [[] for _ in new]
    for j in categorical:
        names, asked = (["missing" if v != v else v for v in rows[:, j]] for rows in (X, new))
        numbers = sorted({v for v in names if v != "missing"})
        levels = [*numbers, "missing"] if "missing" in names else numbers
        common = [v for v in levels if names.count(v) >= 10]
        for row, name in zip(rows, asked, strict=True):
            row.extend(float(name == level) for level in common)
            if len(common) < len(levels):
                row.append(float(name not in common))
    numeric = [j for j in range(X.shape[1]) if j not in categorical]
    for j in numeric:
        known = [v for v in X[:, j] if v == v]
        low, high = (np.quantile(known, q) if known else 0.0 for q in (0.001, 0.999))
        train = [min(max(v, low), high) for v in known] or [0.0]
        mid, mean = np.median(train), sum(train) / len(train)
        scale = (sum((v - mean) ** 2 for v in train) / len(train)) ** 0.5
        for row, v in zip(rows, new[:, j], strict=True):
            value = mid if v != v else min(max(v, low), high)
            row.append((value - mean) / (scale if scale > 1e-12 * (1 + abs(mean)) else 1.0))
    for j in numeric:
        if 0 < sum(v != v for v in X[:, j]) < len(X):
            for row, v in zip(rows, new[:, j], strict=True):
                row.append(float(v != v))
    return np.array(rows)


def encoded(X, new, categorical):
    model = Logistic(categorical=categorical).fit(X, np.arange(len(X)) % 2)
    found = model.encoder_.transform(new)
    return found.toarray() if hasattr(found, "toarray") else found


@pytest.mark.parametrize("rows", [30, 300, 900])
def test_the_encoding_equals_a_slow_one(rows):
    X, new = mixed(rows), mixed(40, seed=1)
    new[0] = [1e9, -1e9, 5]  # beyond the quantiles, and a level never seen
    np.testing.assert_allclose(encoded(X, new, (2,)), slow_encoding(X, new, (2,)), atol=1e-9)


def test_the_encoding_takes_tables_of_one_kind_only_and_columns_without_values():
    levels = np.repeat([[0.0, 1.0], [2.0, 1.0]], 20, axis=0)
    assert encoded(levels, levels, (0, 1)).shape == (40, 3)
    assert encoded(levels[:, :1] * np.nan, levels[:, :1], (0,)).shape == (40, 1)
    empty = np.full((30, 2), np.nan)
    np.testing.assert_array_equal(encoded(empty, empty, ()), np.zeros((30, 2)))


def test_of_many_levels_the_50_most_frequent_have_a_column():
    X = np.repeat(np.arange(60.0), np.arange(60) + 20)[:, None]
    found = encoded(X, np.arange(60.0)[:, None], (0,))
    assert found.shape == (60, 51)
    np.testing.assert_array_equal(found[10:, :50], np.eye(50))
    np.testing.assert_array_equal(found[:10, 50], 1)


def test_the_encoding_learns_from_training_rows_only():
    X, new = mixed(), mixed(40, seed=1)
    before = encoded(X, new, (2,))
    both = np.concatenate([new, new * 100])
    np.testing.assert_array_equal(encoded(X, both, (2,))[:40], before)


def test_the_clipper_keeps_missing_values_and_names_and_survives_empty_columns():
    X = np.column_stack([mixed()[:, 1], np.full(300, np.nan)])
    clipper = QuantileClipper(share=0.05).fit(X)
    out = clipper.transform(X)
    np.testing.assert_array_equal(np.isnan(out[:, 0]), np.isnan(X[:, 0]))
    assert not out[:, 1].any()
    low, high = np.nanquantile(X[:, 0], [0.05, 0.95])
    assert np.nanmin(out[:, 0]) == low and np.nanmax(out[:, 0]) == high
    with pytest.raises(ValueError, match="3 features"):
        clipper.transform(np.zeros((2, 3)))


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
    np.testing.assert_allclose(ours.model_.coef_, theirs.coef_, atol=2e-3)
    np.testing.assert_allclose(ours.model_.intercept_, theirs.intercept_, atol=2e-3)
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
    monkeypatch.setattr("rarebird.estimators.boosted_trees.lightgbm", lambda: None)
    X, y = boosted_data(3)
    names = np.array(["a", "b", "c"])[y]
    model = BoostedTrees(n_estimators=5).fit(X, names)
    assert model.booster_ is None
    proba = pickle.loads(pickle.dumps(model)).predict_proba(X)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert np.mean(model.predict(X) == names) > 0.7


@pytest.mark.parametrize("cls", [BoostedTrees, Logistic, KernelLogistic])
def test_a_category_never_seen_is_answered(cls):
    X, y = boosted_data()
    new = X[:5].copy()
    new[:, 4] = [17, 99, np.nan, -1, 1e6]
    model = cls(categorical=(4,)).fit(X, y)
    assert np.all(np.isfinite(model.predict_proba(new)))


@pytest.mark.parametrize("cls", [BoostedTrees, Logistic, KernelLogistic])
def test_one_class_gives_a_constant(cls):
    model = cls().fit(mixed(), ["only"] * 300)
    np.testing.assert_array_equal(model.predict_proba(mixed(40)), np.ones((40, 1)))
    assert set(model.predict(mixed(40))) == {"only"}


@pytest.mark.parametrize("cls", [BoostedTrees, Logistic, KernelLogistic])
@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_an_unfitted_learner_says_so(cls, method):
    with pytest.raises(NotFittedError, match=f"{cls.__name__}: it is not fitted yet"):
        getattr(cls(), method)(mixed(5))


@pytest.mark.parametrize("labels", [2, 1])
@pytest.mark.parametrize("cls", [BoostedTrees, Logistic, KernelLogistic])
def test_other_columns_than_in_training_are_refused(cls, labels):
    model = cls().fit(mixed(), np.arange(300) % labels)
    for table in (mixed(4)[:, :2], pl.DataFrame(mixed(4)[:, :2]), mixed(4)[:, :2].tolist()):
        with pytest.raises(DataError, match=r"X has 2 features, but .* is expecting 3 features"):
            model.predict(table)
    with pytest.raises(DataError, match=r"shape \(3,\)"):
        model.predict(mixed(3)[0])


@pytest.mark.parametrize("cls", [BoostedTrees, Logistic, KernelLogistic])
def test_labels_for_fewer_rows_are_refused(cls):
    with pytest.raises(DataError, match=rf"{cls.__name__}: .*inconsistent.*300, 299"):
        cls().fit(mixed(), np.arange(299) % 2)


def test_labels_for_fewer_rows_of_shared_bins_are_refused(with_lightgbm):
    with pytest.raises(DataError, match=r"inconsistent.*300, 299"):
        BoostedTrees().bind(mixed(), np.arange(299) % 2)


def test_logistic_on_one_class_forgets_the_model_and_takes_any_table():
    model = Logistic().fit(mixed(), np.arange(300) % 2).fit(mixed()[:, :2], ["only"] * 300)
    assert model.n_features_in_ == 2 and model.model_ is None and model.encoder_ is None
    for table in (sparse.csr_array((4, 2)), [[0.0, 1.0]] * 4):
        np.testing.assert_array_equal(model.predict_proba(table), np.ones((4, 1)))


# --- shared bins --------------------------------------------------------------------------------


@pytest.fixture
def with_lightgbm():
    if lightgbm() is None:
        pytest.skip("LightGBM cannot be loaded here")


@pytest.mark.parametrize("kind", ["array", "sparse", "frame"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_rows_of_shared_bins_give_the_trees_of_these_rows(with_lightgbm, n_classes, weighted, kind):
    X, y = boosted_data(n_classes)
    if kind == "sparse":
        X = sparse.csr_array(np.nan_to_num(X))
    elif kind == "frame":
        X = pl.DataFrame(X)
    rows = np.random.default_rng(0).integers(0, 700, 400)  # unordered, some twice
    weight = np.random.default_rng(1).uniform(0.5, 2, 400) if weighted else None
    model = BoostedTrees(n_estimators=5, min_child_samples=5, categorical=(4,))
    bins = model.bind(X, y)
    order = np.argsort(rows, kind="stable")
    taken = X[rows[order].tolist()] if kind == "frame" else X[rows[order]]
    expected = clone(model).fit(taken, y[rows][order], weight if weight is None else weight[order],
                                bins=bins)  # fmt: skip
    found = clone(model).fit_rows(bins, rows, weight)
    np.testing.assert_array_equal(found.predict_proba(X), expected.predict_proba(X))
    assert found.classes_.tolist() == list(range(n_classes)) and found.n_features_in_ == 5


def test_all_rows_of_shared_bins_are_a_plain_fit(with_lightgbm):
    X, y = boosted_data()
    model = BoostedTrees(n_estimators=5)
    found = clone(model).fit_rows(model.bind(X, y), np.arange(700))
    np.testing.assert_array_equal(found.predict_proba(X), clone(model).fit(X, y).predict_proba(X))


def test_labels_of_shared_bins_stay_labels(with_lightgbm):
    X, y = boosted_data(3)
    names = np.array(["a", "b", "c"])[y]
    bins = BoostedTrees().bind(X, names)
    two = BoostedTrees(n_estimators=2).fit_rows(bins, np.flatnonzero(y != 1))
    assert two.classes_.tolist() == ["a", "c"]
    one = BoostedTrees(n_estimators=2).fit_rows(bins, np.flatnonzero(y == 1))
    assert one.predict(X[:2]).tolist() == ["b", "b"]


def test_nothing_is_shared_where_lightgbm_cannot_be_loaded(monkeypatch):
    monkeypatch.setattr("rarebird.estimators.boosted_trees.lightgbm", lambda: None)
    X, y = boosted_data()
    learner = BoostedTrees(n_estimators=2)
    assert learner.bind(X, y) is None
    model = UnderBaggingClassifier(learner, n_estimators=2, random_state=0).fit(X, y)
    assert all(member.hist_ is not None for member in model.estimators_)


# --- the forest ---------------------------------------------------------------------------------


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
    assert [tree.tree_.weighted_n_node_samples[0] for tree in model.estimators_] == [100, 100]
    np.testing.assert_allclose(model.fitted_prior_, [0.9, 0.1])
