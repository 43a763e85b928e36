"""InstanceHardnessThreshold beside imbalanced-learn, and where theirs goes wrong."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from imblearn.under_sampling import InstanceHardnessThreshold as Theirs
from scipy import sparse
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from rarebird._errors import DataError, ParameterError
from rarebird.resample.instance_hardness_threshold import InstanceHardnessThreshold, easiest

FAST = {"estimator": DecisionTreeClassifier(max_depth=3)}


def table(counts=(90, 40, 15), d=3, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    return rng.normal(size=(len(y), d)) + y[:, None], y


def check_same(X, y, **given):
    ours, theirs = InstanceHardnessThreshold(**given), Theirs(**given)
    X_new, y_new = ours.fit_resample(X, y)
    X_old, y_old = theirs.fit_resample(X, y)
    np.testing.assert_array_equal(ours.sample_indices_, theirs.sample_indices_)
    if sparse.issparse(X_old):
        X_new, X_old = X_new.toarray(), X_old.toarray()
    np.testing.assert_array_equal(X_new, X_old)
    np.testing.assert_array_equal(y_new, y_old)


def test_the_default_forest_keeps_imbalanced_learns_rows():
    X, y = table()
    check_same(X, y, random_state=0)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "estimator",
    [
        DecisionTreeClassifier(max_depth=3),
        GaussianNB(),
        LogisticRegression(),
        make_pipeline(StandardScaler(), RandomForestClassifier(5)),
        BaggingClassifier(DecisionTreeClassifier(max_features=1), n_estimators=3),
    ],
)
def test_other_learners_keep_imbalanced_learns_rows(estimator, seed):
    X, y = table(seed=seed)
    check_same(X, y, estimator=estimator, random_state=seed)
    check_same(X, y, estimator=estimator, random_state=seed, cv=3, sampling_strategy={0: 37, 1: 20})
    check_same(X, y, estimator=estimator, random_state=np.random.RandomState(seed).randint(99))


def test_a_random_state_object_and_sparse_tables():
    X, y = table()
    one, two = np.random.RandomState(1), np.random.RandomState(1)
    ours = InstanceHardnessThreshold(**FAST, random_state=one)
    theirs = Theirs(**FAST, random_state=two)
    ours.fit_resample(X, y)
    theirs.fit_resample(X, y)
    np.testing.assert_array_equal(ours.sample_indices_, theirs.sample_indices_)
    assert one.randint(1000) == two.randint(1000)
    check_same(sparse.csr_matrix(X * (X > 0)), y, **FAST, random_state=0)


@pytest.mark.parametrize("names", [[1, 2, 3], [-1, 0, 1], [-7, 3, 100], ["a", "b", "c"], [2, 4, 9]])
def test_rows_do_not_depend_on_what_the_classes_are_called(names):
    X, y = table()
    plain = InstanceHardnessThreshold(**FAST, random_state=0)
    _, y_plain = plain.fit_resample(X, y)
    named = InstanceHardnessThreshold(**FAST, random_state=0)
    _, y_named = named.fit_resample(X, np.array(names)[y])
    np.testing.assert_array_equal(named.sample_indices_, plain.sample_indices_)
    np.testing.assert_array_equal(y_named, np.array(names)[y_plain])


def test_theirs_is_wrong_on_other_labels():
    X, y = table((90, 40))
    right = InstanceHardnessThreshold(**FAST, random_state=0)
    right.fit_resample(X, y)
    theirs = Theirs(**FAST, random_state=0)
    theirs.fit_resample(X, 2 * y - 1)  # the label -1 reads the last column, that of label 1
    assert not np.array_equal(theirs.sample_indices_, right.sample_indices_)
    with pytest.raises(IndexError):
        Theirs(**FAST, random_state=0).fit_resample(X, np.array(["no", "yes"])[y])


def test_a_splitter_may_be_given():
    X, y = table()
    folds = StratifiedKFold(4, shuffle=True, random_state=3)
    sampler = InstanceHardnessThreshold(estimator=GaussianNB(), cv=folds)
    assert len(sampler.fit_resample(X, y)[1]) >= 45


@pytest.mark.parametrize("n_keep", [1, 7, 49, 99, 100])
def test_the_number_kept_is_the_number_asked_without_ties(n_keep):
    easiness = np.random.default_rng(0).permutation(100)
    kept = easiest(easiness, n_keep)
    np.testing.assert_array_equal(kept, np.flatnonzero(easiness >= 100 - n_keep))


def test_frames_give_the_rows_of_the_array():
    X, y = table()
    X_new, y_new = InstanceHardnessThreshold(**FAST, random_state=0).fit_resample(X, y)
    for frame in (pd.DataFrame(X, columns=list("abc")), pl.DataFrame(X, schema=list("abc"))):
        out, labels = InstanceHardnessThreshold(**FAST, random_state=0).fit_resample(frame, y)
        assert type(out) is type(frame)
        np.testing.assert_array_equal(out.to_numpy(), X_new)
        np.testing.assert_array_equal(labels, y_new)


def test_rare_cases(rare):
    sampler = InstanceHardnessThreshold(**FAST, random_state=0)
    if rare.name == "single_class":
        with pytest.raises(DataError, match="more than 1 class"):
            sampler.fit_resample(rare.X, rare.y)
        return
    _, y_new = sampler.fit_resample(rare.X, rare.y)
    fewest = min(np.unique(rare.y, return_counts=True)[1])
    assert np.unique(y_new, return_counts=True)[1].min() == fewest
    if rare.name in ("one_row", "seven_rows", "duplicate_rows", "tied_distances", "one_in_10k"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = Theirs(**FAST, random_state=0)
            theirs.fit_resample(rare.X, rare.y)
        np.testing.assert_array_equal(sampler.sample_indices_, theirs.sample_indices_)


def test_what_is_refused():
    X, y = table((3, 2))
    with pytest.raises(DataError, match=r"0 \(3 rows\), 1 \(2 rows\). Use cv<=3"):
        InstanceHardnessThreshold(random_state=0).fit_resample(X, y)
    with pytest.raises(ParameterError, match="predict_proba"):
        InstanceHardnessThreshold(estimator=LinearSVC()).fit_resample(X, y)
    with pytest.raises(ParameterError, match="must be a classifier"):
        InstanceHardnessThreshold(estimator=GaussianMixture()).fit_resample(X, y)
    with pytest.raises(ParameterError, match="cv=1"):
        InstanceHardnessThreshold(cv=1).fit_resample(X, y)


def test_a_target_of_no_rows():
    X, y = table()
    _, y_new = InstanceHardnessThreshold(
        **FAST, random_state=0, sampling_strategy={0: 0}
    ).fit_resample(X, y)
    assert 0 not in y_new
