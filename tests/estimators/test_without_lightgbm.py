"""Columns of categories where LightGBM cannot be loaded, against scikit-learn's trees."""

import pickle

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.preprocessing import FunctionTransformer

from rarebird._errors import DataError, ModelFileError
from rarebird.estimators import BoostedTrees
from rarebird.estimators.trees import check_estimator


@pytest.fixture(autouse=True)
def without_lightgbm(monkeypatch):
    monkeypatch.setattr("rarebird.estimators.boosted_trees.lightgbm", lambda: None)


def levels_without_order(n=600, n_levels=12):
    rng = np.random.default_rng(4)
    level = rng.integers(0, n_levels, n)
    y = (rng.random(n) < np.where(level % 3 == 0, 0.8, 0.1)).astype(int)
    X = np.column_stack([rng.normal(size=n), 3.0 * level, rng.normal(size=n)])
    X[:20, 1] = np.nan
    return X, y


def test_without_lightgbm_categories_have_no_order():
    X, y = levels_without_order()
    settings = {"max_leaf_nodes": 3, "learning_rate": 0.1, "min_samples_leaf": 20}
    theirs = HistGradientBoostingClassifier(
        max_iter=4, categorical_features=[1], early_stopping=False, random_state=0, **settings
    ).fit(X, y)
    ours = BoostedTrees(categorical=(1,), n_estimators=4, num_leaves=3).fit(X, y)
    new = X.copy()
    new[:5, 1] = [1, 400, -5, 1e6, np.nan]  # levels never seen
    loaded = pickle.loads(pickle.dumps(ours))
    check_estimator(loaded)
    for table in (X, new):
        np.testing.assert_array_equal(ours.predict_proba(table), theirs.predict_proba(table))
        np.testing.assert_array_equal(loaded.predict_proba(table), ours.predict_proba(table))
    empty = np.where([False, True, False], np.nan, X)
    assert np.isfinite(ours.fit(empty, y).predict_proba(X)).all()


def test_without_lightgbm_a_column_has_at_most_255_levels():
    X, y = np.column_stack([np.zeros(512), np.arange(512) % 256]), np.arange(512) % 2
    with pytest.raises(DataError, match=r"column 1 has 256 levels.* at most 255"):
        BoostedTrees(categorical=(1,)).fit(X, y)
    most = X[X[:, 1] < 255]
    model = BoostedTrees(categorical=(1,), n_estimators=2).fit(most, most[:, 1] % 2)
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.parametrize("damage", ["bitset", "column", "mapper", "preprocessor", "words"])
def test_damaged_categories_of_the_stand_in_are_found(damage):
    """Its prediction walks bit sets without looking."""
    X, y = levels_without_order()
    model = BoostedTrees(categorical=(1,), n_estimators=2).fit(X, y)
    check_estimator(model)
    hist = model.hist_
    tree = hist._predictors[0][0]
    root = tree.nodes[:1]
    assert root["is_categorical"][0]
    if damage == "bitset":
        root["bitset_idx"] = len(tree.raw_left_cat_bitsets)
    elif damage == "column":
        root["feature_idx"] = 1  # no column of categories: these are first
    elif damage == "mapper":
        hist._bin_mapper.is_categorical_ = hist._bin_mapper.is_categorical_[:1]
    elif damage == "preprocessor":
        hist._preprocessor = FunctionTransformer()
    else:
        tree.raw_left_cat_bitsets = tree.raw_left_cat_bitsets[:, :1].copy()
    with pytest.raises(ModelFileError, match="damaged"):
        check_estimator(model)
