"""SMOTEIPF: SMOTE's rows before the filter, and the filter against plain loops."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from imblearn.over_sampling import SMOTE
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.tree import DecisionTreeClassifier

from rarebird._errors import DataError, ParameterError
from rarebird.resample.smote_ipf import SMOTEIPF, iterative_partitioning_filter, partitions


class Sign(ClassifierMixin, BaseEstimator):
    """Says 1 where the first column is positive, whatever it was fitted on."""

    fits = 0

    def fit(self, X, y):
        type(self).fits += 1
        return self

    def predict(self, X):
        return (np.asarray(X)[:, 0] > 0).astype(int)


def data(n_rare=30, seed=0, flipped=0):
    rng = np.random.default_rng(seed)
    X = np.concatenate([rng.normal(-3, 1, (150, 3)), rng.normal(3, 1, (n_rare, 3))])
    X[:, 0] = np.where(np.arange(len(X)) < 150, -1, 1) * (np.abs(X[:, 0]) + 0.1)
    y = np.repeat([0, 1], [150, n_rare])
    y[:flipped] = 1
    return X, y


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_without_noise_the_rows_are_imbalanced_learns_smote(seed):
    X, y = data(seed=seed)
    X_new, y_new = SMOTEIPF(random_state=seed, estimator=Sign()).fit_resample(X, y)
    X_smote, y_smote = SMOTE(random_state=seed).fit_resample(X, y)
    np.testing.assert_array_equal(X_new, X_smote)
    np.testing.assert_array_equal(y_new, y_smote)


def test_just_the_rows_that_the_voters_miss_are_dropped():
    X, y = data(flipped=4)
    X_new, y_new = SMOTEIPF(random_state=0, estimator=Sign()).fit_resample(X, y)
    X_smote, y_smote = SMOTE(random_state=0).fit_resample(X, y)
    right = (X_smote[:, 0] > 0) == y_smote
    assert np.sum(~right) > 4, "no new row is wrong: the case shows nothing"
    np.testing.assert_array_equal(X_new, X_smote[right])
    np.testing.assert_array_equal(y_new, y_smote[right])


@pytest.mark.parametrize(("patience", "n_partitions"), [(1, 2), (3, 9), (2, 5)])
def test_quiet_rounds_in_a_row_end_it(patience, n_partitions):
    X, y = data()
    Sign.fits = 0
    SMOTEIPF(patience=patience, n_partitions=n_partitions, estimator=Sign()).fit_resample(X, y)
    assert Sign.fits == patience * n_partitions
    X, y = data(flipped=20)  # the first round is not quiet
    Sign.fits = 0
    SMOTEIPF(patience=patience, n_partitions=n_partitions, estimator=Sign()).fit_resample(X, y)
    assert Sign.fits == (patience + 1) * n_partitions


def slow_filter(X, y, rng, n_parts, voting, patience, tolerance):
    """The paper's steps in loops; draws as the filter does: the parts, then a seed for each."""
    rows, quiet, rounds = list(range(len(y))), 0, ""
    while quiet < patience:
        shuffled = rng.permutation(len(rows)).tolist()
        dealt = [i for c in np.unique(y) for i in shuffled if y[rows[i]] == c]
        votes = dict.fromkeys(rows, 0)
        for part in range(n_parts):
            own = sorted(dealt[part::n_parts])
            tree = DecisionTreeClassifier(max_depth=2, random_state=rng.randint(2**31 - 1))
            tree.fit(X[[rows[i] for i in own]], y[[rows[i] for i in own]])
            for i, said in zip(rows, tree.predict(X[rows]).tolist(), strict=True):
                votes[i] += int(said != y[i])
        noisy = [
            i
            for i in rows
            if (votes[i] == n_parts if voting == "consensus" else votes[i] > n_parts / 2)
        ]
        quiet = quiet + 1 if len(noisy) < tolerance * len(y) else 0
        rounds += "loud " if quiet == 0 else "quiet "
        rows = [i for i in rows if i not in noisy]
    return rows, rounds


@pytest.mark.parametrize("voting", ["majority", "consensus"])
def test_the_filter_is_that_of_the_loops(voting):
    seen = ""
    for seed in range(8):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(90, 2))
        y = (X[:, 0] + rng.normal(0, 0.8, 90) > 0).astype(int)
        given = {"n_parts": 5, "voting": voting, "patience": 3, "tolerance": 0.03}
        kept = iterative_partitioning_filter(
            X, y, DecisionTreeClassifier(max_depth=2), np.random.RandomState(seed), **given
        )
        rows, rounds = slow_filter(X, y, np.random.RandomState(seed), **given)
        assert kept.tolist() == rows and len(rows) < 90
        seen += rounds + "end "
    assert voting == "majority" or "quiet loud" in seen, "nothing starts the count anew"


def test_parts_are_stratified():
    y = np.repeat([0, 1, 2], [50, 13, 4])
    parts = partitions(y, 4, np.random.RandomState(0))
    for code in range(3):
        sizes = np.bincount(parts[y == code], minlength=4)
        assert sizes.max() - sizes.min() <= 1


def test_planted_noise_goes():
    X, y = data(n_rare=40, flipped=5)
    majority = SMOTEIPF(random_state=0)
    majority.fit_resample(X, y)
    kept = set(majority.sample_indices_[~majority.is_synthetic_].tolist())
    assert not kept & set(range(5)) and len(kept) >= 180


def test_a_consensus_drops_fewer_rows_than_a_majority():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(300, 3))
    y = (X[:, 0] + rng.normal(0, 0.7, 300) > 1).astype(int)
    n_after = [
        len(SMOTEIPF(random_state=0, voting=voting, n_partitions=3).fit_resample(X, y)[0])
        for voting in ("majority", "consensus")
    ]
    assert n_after[0] < n_after[1] < 2 * np.sum(y == 0)


def test_a_seed_repeats_itself_and_an_estimator_is_left_alone():
    X, y = data(flipped=6)
    tree = DecisionTreeClassifier(max_depth=2)
    sampler = SMOTEIPF(random_state=7, estimator=tree)
    first, second = sampler.fit_resample(X, y)[0], clone(sampler).fit_resample(X, y)[0]
    np.testing.assert_array_equal(first, second)
    assert tree.random_state is None and not hasattr(tree, "tree_")


def test_three_classes_and_lineage():
    X, _ = data()
    y = np.repeat([4, 2, 9], [150, 20, 10])
    X[y == 2, 1] += 20
    sampler = SMOTEIPF(random_state=0)
    X_new, y_new = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(y_new, y[sampler.sample_indices_])
    real = ~sampler.is_synthetic_
    np.testing.assert_array_equal(X_new[real], X[sampler.sample_indices_[real]])
    assert np.all(np.unique(y_new, return_counts=True)[1] > 120)


def test_a_class_that_the_filter_would_empty_is_named():
    X, y = data()
    y = np.array(["far", "no", "yes"])[y + 1]
    y[75] = "far"
    with pytest.raises(DataError, match=r"'far' \(1 row\).*SMOTE, which drops none"):
        SMOTEIPF(sampling_strategy={"yes": 100}, random_state=0).fit_resample(X, y)


def test_bad_parameters():
    X, y = data()
    for bad in ({"tolerance": 0}, {"voting": "all"}, {"n_partitions": 1}, {"estimator": "tree"}):
        with pytest.raises(ParameterError, match=next(iter(bad))):
            SMOTEIPF(**bad).fit_resample(X, y)


REFUSED = {
    "one_row": r"1 \(1 row\)",
    "one_in_10k": r"1 \(2 rows\)",
    "single_class": "1 class",
    "missing_values": "NaN",
}


def test_rare_cases(rare):
    if rare.name in REFUSED:
        with pytest.raises(DataError, match=REFUSED[rare.name]):
            SMOTEIPF(random_state=0).fit_resample(rare.X, rare.y)
        return
    X_new, y_new = SMOTEIPF(random_state=0).fit_resample(rare.X, rare.y)
    assert np.isfinite(X_new).all() and set(y_new) == set(rare.y)
    counts = np.unique(rare.y, return_counts=True)[1]
    assert np.all(np.unique(y_new, return_counts=True)[1] <= counts.max())


def test_frames_and_sparse_tables_give_the_rows_of_arrays():
    X, y = data(flipped=5)
    expected, labels = SMOTEIPF(random_state=1).fit_resample(X, y)
    names = ["a", "b", "c"]
    for frame in (pd.DataFrame(X, columns=names), pl.DataFrame(X, schema=names)):
        rows, _ = SMOTEIPF(random_state=1).fit_resample(frame, y)
        np.testing.assert_array_equal(rows.to_numpy(), expected)
    rows, y_sparse = SMOTEIPF(random_state=1).fit_resample(sparse.csr_matrix(X), y)
    np.testing.assert_array_equal(y_sparse, labels)
    np.testing.assert_allclose(rows.toarray(), expected, atol=1e-12)
