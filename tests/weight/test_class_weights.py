"""Class weights against scikit-learn, and their closed form."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.estimator_checks import parametrize_with_checks

from rarebird._errors import ParameterError, ParameterTypeError
from rarebird.weight import ClassWeightedClassifier, class_weights


@pytest.mark.slow
@parametrize_with_checks([ClassWeightedClassifier(LogisticRegression(tol=1e-9, max_iter=1000))])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def rare_table(n=3000, seed=0, shares=(0.93, 0.05, 0.02)):
    rng = np.random.default_rng(seed)
    y = rng.choice(len(shares), n, p=shares)
    return rng.normal(size=(n, 2)) + y[:, None], y


def test_exponent_one_is_scikit_learns_balanced():
    _, y = rare_table()
    expected = compute_class_weight("balanced", classes=np.unique(y), y=y)
    np.testing.assert_allclose(class_weights(np.bincount(y), 1.0), expected)


@settings(max_examples=100)
@given(
    st.lists(st.integers(0, 10_000), min_size=1, max_size=6).filter(any),
    st.floats(0, 2),
)
def test_tempered_weights_keep_their_closed_form(counts, exponent):
    weights = class_weights(counts, exponent)
    n, present = sum(counts), [c for c, k in enumerate(counts) if k]
    raw = {c: (n / (len(present) * counts[c])) ** exponent for c in present}
    scale = n / sum(raw[c] * counts[c] for c in present)
    expected = [raw[c] * scale if c in raw else 0.0 for c in range(len(counts))]
    np.testing.assert_allclose(weights, expected, rtol=1e-9)
    assert weights @ counts == pytest.approx(n)  # a mean of 1 over rows


def test_exponent_zero_is_no_weighting_and_an_empty_class_weighs_nothing():
    assert class_weights([7, 90, 0], 0.0).tolist() == [1.0, 1.0, 0.0]
    assert class_weights([0, 0]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "make",
    [
        lambda **more: LogisticRegression(tol=1e-8, max_iter=500, **more),
        lambda **more: DecisionTreeClassifier(max_depth=4, random_state=0, **more),
    ],
)
def test_without_the_correction_it_equals_class_weight_balanced(make):
    X, y = rare_table()
    ours = ClassWeightedClassifier(make(), exponent=1.0, correct_prior=False).fit(X, y)
    theirs = make(class_weight="balanced").fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


def test_the_correction_undoes_the_weights_of_a_model_that_only_counts():
    X, y = rare_table()
    plain = GaussianNB(var_smoothing=0).fit(X, y)
    for exponent in (0.5, 1.0):
        ours = ClassWeightedClassifier(GaussianNB(var_smoothing=0), exponent=exponent).fit(X, y)
        np.testing.assert_allclose(ours.predict_proba(X), plain.predict_proba(X), atol=1e-9)


def test_mean_probability_is_the_true_rate_only_with_the_correction():
    X, y = rare_table()
    new, truth = rare_table(seed=1)
    rate = np.bincount(truth) / len(truth)
    with_, without = (
        ClassWeightedClassifier(LogisticRegression(), correct_prior=correct)
        .fit(X, y)
        .predict_proba(new)
        .mean(axis=0)
        for correct in (True, False)
    )
    np.testing.assert_allclose(with_, rate, atol=0.015)
    assert without[2] > 4 * rate[2]


def test_sample_weights_count_as_rows():
    X, y = rare_table(400)
    weight = np.random.default_rng(0).integers(1, 4, 400)
    rows = np.repeat(np.arange(400), weight)
    one = ClassWeightedClassifier(LogisticRegression(tol=1e-9)).fit(X, y, sample_weight=weight)
    two = ClassWeightedClassifier(LogisticRegression(tol=1e-9)).fit(X[rows], y[rows])
    np.testing.assert_allclose(one.predict_proba(X), two.predict_proba(X), atol=1e-5)
    np.testing.assert_allclose(one.fitted_prior_, two.fitted_prior_)
    np.testing.assert_allclose(one.fitted_prior_, 1 / 3)


def test_a_negative_exponent_is_refused():
    with pytest.raises(ParameterError, match="exponent=-1"):
        ClassWeightedClassifier(GaussianNB(), exponent=-1).fit([[0.0], [1.0]], [0, 1])


def test_what_takes_no_weights_is_refused_by_name():
    with pytest.raises(ParameterTypeError, match=r"KNeighborsClassifier.* no sample_weight"):
        ClassWeightedClassifier(KNeighborsClassifier()).fit([[0.0], [1.0]], [0, 1])


def test_the_function_needs_no_scikit_learn():
    code = "import sys; from rarebird.weight import class_weights; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
