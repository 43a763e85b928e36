"""NRAS: noise against a slow reference, new rows against SMOTE."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

from rarebird._errors import DataError
from rarebird.resample import SMOTE
from rarebird.resample.base_weights import with_propensity
from rarebird.resample.nras import NRAS


def data(seed=0, counts=(70, 25), d=3):
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(len(counts)), counts)
    return (rng.normal(size=(len(y), d)) + 1.8 * np.eye(3)[y % 3]) * [1, 100, 0.01], y


def slow_noise(X, y, label, k, threshold):
    scaled = (X - X.min(axis=0)) / (X.max(axis=0) - X.min(axis=0))
    model = LogisticRegression(max_iter=1000).fit(scaled, y == label)
    both = np.column_stack(
        [scaled, model.predict_proba(scaled)[:, list(model.classes_).index(True)]]
    )
    noise = []
    for i in np.flatnonzero(y == label):
        gaps = sorted((sum((both[i] - both[j]) ** 2), j) for j in range(len(X)) if j != i)
        if sum(y[j] == label for _, j in gaps[:k]) < threshold * k:
            noise.append(i)
    return noise


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("k", "threshold"), [(5, 0.5), (7, 0.3)])
def test_noise_is_that_of_the_slow_reference_and_the_rest_is_smoted(seed, k, threshold):
    X, y = data(seed, (70, 25, 18))
    sampler = NRAS(k_neighbors=k, threshold=threshold, random_state=1)
    X_new, y_new = sampler.fit_resample(X, y)
    noise = sorted(slow_noise(X, y, 1, k, threshold) + slow_noise(X, y, 2, k, threshold))
    assert noise and sampler.noise_.tolist() == noise
    left = np.setdiff1d(np.arange(len(X)), noise)
    np.testing.assert_array_equal(X_new[: len(left)], X[left])
    X_smote, y_smote = SMOTE(k_neighbors=k, random_state=1).fit_resample(X[left], y[left])
    np.testing.assert_array_equal(X_new, X_smote)
    np.testing.assert_array_equal(y_new, y_smote)
    assert np.bincount(y_new).tolist() == [70, 70, 70]
    assert not set(sampler.parents_.ravel()) & set(noise)


def test_where_nothing_is_noise_the_rows_are_those_of_smote():
    X, y = data(5)
    X_new, _ = NRAS(threshold=0, random_state=3).fit_resample(X, y)
    np.testing.assert_array_equal(X_new, SMOTE(random_state=3).fit_resample(X, y)[0])


def test_the_counts_are_exact_for_any_strategy():
    X, y = data(0, (70, 25, 18))
    sampler = NRAS(sampling_strategy={1: 40, 2: 18}, random_state=0)
    _, y_new = sampler.fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [70, 40, 18]
    assert np.all(y[sampler.noise_] == 1)  # the class that gets no new rows loses none


def test_the_propensity_does_not_depend_on_units():
    X, y = data(1)
    np.testing.assert_allclose(
        with_propensity(X, y == 1), with_propensity(X * [1e3, 1e-3, 7] + 5, y == 1), atol=1e-6
    )


def test_frames_give_the_rows_of_the_array():
    X, y = data(2)
    base, _ = NRAS(random_state=3).fit_resample(X, y)
    for frame in (pd.DataFrame(X, columns=list("abc")), pl.DataFrame(X, schema=list("abc"))):
        out, _ = NRAS(random_state=3).fit_resample(frame, y)
        np.testing.assert_array_equal(out.to_numpy(), base)


def test_a_class_of_noise_is_refused():
    X = np.arange(30.0)[:, None]
    y = np.where(np.isin(np.arange(30), [5, 15, 25]), "rare", "common")
    with pytest.raises(DataError, match=r"'rare' \(3 rows\) is too small: 0 of its rows are left"):
        NRAS().fit_resample(X, y)
    with pytest.raises(DataError, match=r"'rare' \(1 row\)"):
        NRAS(threshold=0).fit_resample(X[:12], y[:12])
