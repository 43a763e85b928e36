"""The learners that a study adds to the plain ones: splines, kernels, more trees, fewer bytes."""

import pickle

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import average_precision_score

from rarebird._compat import lightgbm
from rarebird._errors import ModelFileError
from rarebird.ensemble import BalancedRandomForestClassifier, ExtraTrees, Forest
from rarebird.estimators import BoostedTrees, KernelLogistic, LinearSplines, Logistic

SMALL = {
    "n_estimators": 12,
    "reg_lambda": 1.0,
    "feature_fraction": 0.5,
    "subsample": 0.7,
    "extra_trees": True,
    "path_smooth": 2.0,
}


def bent(n=400, seed=0, n_classes=2):
    """Rows whose class is a ring in two columns, beside noise, levels and gaps."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    X[:, 3] = rng.integers(0, 3, n)
    radius = np.hypot(X[:, 0], X[:, 1])
    X[rng.random(n) < 0.1, 2] = np.nan
    return X, np.digitize(radius, [1.0, 2.0][: n_classes - 1])


# --- splines ------------------------------------------------------------------------------------


def test_a_column_and_its_tents_make_every_line_with_bends_at_the_knots():
    x = np.linspace(0, 8, 33)
    splines = LinearSplines(knots=3).fit(x[:, None])
    np.testing.assert_allclose(splines.knots_, [0, 2, 4, 6, 8])
    design = np.column_stack([np.ones(33), x, splines.transform(x[:, None])])
    assert design.shape[1] == 5
    for bend in (2, 4, 6):
        line = np.maximum(x - bend, 0)
        np.testing.assert_allclose(design @ np.linalg.lstsq(design, line)[0], line, atol=1e-9)


def test_missing_values_constant_columns_and_wide_tables_have_few_tents():
    X = np.column_stack([np.arange(9.0), np.full(9, np.nan), np.ones(9), np.arange(9) % 2])
    X[4, 0] = np.nan
    out = LinearSplines(knots=3).fit(X).transform(X)
    assert out.shape == (9, 3) and not out[4].any()
    wide = np.random.default_rng(0).normal(size=(20, 240))
    assert LinearSplines(knots=7).fit(wide).transform(wide).shape == (20, 480)


def test_splines_let_the_logistic_model_bend():
    (X, y), (new, truth) = bent(), bent(seed=1)

    def quality(model):
        return average_precision_score(truth, model.fit(X, y).predict_proba(new)[:, 1])

    plain, splines = (quality(Logistic(categorical=(3,), knots=k)) for k in (0, 7))
    assert splines > plain + 0.1


# --- the kernel ---------------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
def test_the_kernel_model_is_the_minimum_of_what_it_says(weighted):
    X, y = bent(60)
    weight = np.random.default_rng(1).uniform(0.5, 2, 60) if weighted else np.ones(60)
    model = KernelLogistic(C=2.0, categorical=(3,)).fit(X, y, sample_weight=weight)
    Z = np.asarray(model.encoder_.transform(X))
    squared = ((Z[:, None] - Z[None]) ** 2).sum(axis=2)
    K = np.exp(-squared / np.median(squared[np.triu_indices(60, 1)]))

    def loss(theta):
        f = K @ theta[1:] + theta[0]
        return weight @ np.logaddexp(0, -(2 * y - 1) * f) + theta[1:] @ K @ theta[1:] / 4

    theta = minimize(loss, np.zeros(61), method="L-BFGS-B", options={"maxfun": 10**6}).x
    np.testing.assert_allclose(model.rate_, 1 / np.median(squared[np.triu_indices(60, 1)]))
    expected = 1 / (1 + np.exp(-(K @ theta[1:] + theta[0])))
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], expected, atol=3e-3)


def test_landmarks_are_bounded_and_hold_the_rare_class():
    X, y = bent(900)
    y = (np.arange(900) < 20).astype(int)
    model = KernelLogistic(n_landmarks=50, categorical=(3,)).fit(X, y)
    assert len(model.landmarks_) == 50
    rare = np.asarray(model.encoder_.transform(X[:20]))
    assert all((model.landmarks_ == row).all(axis=1).any() for row in rare)


def test_the_kernel_model_tells_three_classes_apart():
    (X, y), (new, truth) = bent(n_classes=3), bent(seed=1, n_classes=3)
    model = KernelLogistic(categorical=(3,)).fit(X, y)
    assert np.mean(model.predict(new) == truth) > 0.8 and model.dual_.shape[1] == 3


# --- boosted trees ------------------------------------------------------------------------------


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("saved", [False, True])
@pytest.mark.parametrize("there", [True, False])
def test_one_fit_serves_as_those_of_fewer_trees(monkeypatch, n_classes, saved, there):
    if not there:
        monkeypatch.setattr("rarebird.estimators.boosted_trees.lightgbm", lambda: None)
    X, y = bent(n_classes=n_classes)
    model = BoostedTrees(**SMALL).fit(X, y)
    if saved:
        model = pickle.loads(pickle.dumps(model))
    found = model.staged_proba(X, [9, 3, 50])
    for stage, proba in zip([9, 3, 12], found, strict=True):
        alone = BoostedTrees(**SMALL | {"n_estimators": stage}).fit(X, y)
        np.testing.assert_allclose(proba, alone.predict_proba(X), atol=1e-12)


def test_every_dial_of_the_trees_changes_them_and_threads_do_not():
    if lightgbm() is None:
        pytest.skip("LightGBM cannot be loaded here")
    X, y = bent()
    plain = BoostedTrees(n_estimators=5).fit(X, y).predict_proba(X)
    for name in set(SMALL) - {"n_estimators"}:
        turned = BoostedTrees(n_estimators=5, **{name: SMALL[name]}).fit(X, y)
        assert np.any(turned.predict_proba(X) != plain), name
    one, two = (BoostedTrees(**SMALL, n_threads=n).fit(X, y).predict_proba(X) for n in (1, 2))
    np.testing.assert_array_equal(one, two)


# --- forests ------------------------------------------------------------------------------------


def test_extra_trees_rank_as_well_as_scikit_learns():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1500, 6))
    y = (X[:, 0] + X[:, 1] ** 2 + rng.normal(size=1500) > 3).astype(int)
    train, test = slice(0, 800), slice(800, None)

    def quality(model):
        proba = model.fit(X[train], y[train]).predict_proba(X[test])[:, 1]
        return average_precision_score(y[test], proba)

    ours = [quality(ExtraTrees(n_estimators=25, random_state=s)) for s in range(4)]
    theirs = [
        quality(ExtraTreesClassifier(25, min_samples_leaf=3, max_features=1.0, random_state=s))
        for s in range(4)
    ]
    noise = np.hypot(np.std(ours, ddof=1), np.std(theirs, ddof=1)) / 2
    assert abs(np.mean(ours) - np.mean(theirs)) < max(4 * noise, 0.02)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("cls", [Forest, ExtraTrees, BalancedRandomForestClassifier])
def test_a_saved_forest_answers_the_same_in_a_tenth_of_the_bytes(cls, n_classes):
    X, y = bent(1500, n_classes=n_classes)
    X[::7, 0] = np.nan
    names = np.array(["a", "b", "c"])[y]
    model = cls(n_estimators=8, random_state=0).fit(X, names, np.linspace(0.5, 2, len(y)) // 0.5)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(copy.predict(bent(200, seed=3)[0]),
                                  model.predict(bent(200, seed=3)[0]))  # fmt: skip
    assert len(pickle.dumps(model)) < 0.25 * len(pickle.dumps(model.estimators_))


@pytest.mark.parametrize("field", ["sizes", "left", "which", "shares", "leaf", "feature"])
def test_damaged_trees_of_a_forest_are_refused(field):
    X, y = bent()
    model = Forest(n_estimators=3, random_state=0).fit(X, y)
    state = model.__getstate__()
    state["estimators_"][field] = state["estimators_"][field][:-1]
    with pytest.raises(ModelFileError, match="trees of this model are damaged"):
        Forest().__setstate__(state)
