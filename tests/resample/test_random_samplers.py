"""RandomOverSampler and RandomUnderSampler against imbalanced-learn 0.14."""

import numpy as np
import pandas as pd
import pytest
from imblearn import over_sampling, under_sampling
from scipy import sparse
from sklearn.datasets import make_classification

from rarebird._errors import DataError, ParameterError
from rarebird.resample import RandomOverSampler, RandomUnderSampler


def data(n_classes, seed):
    weights = [0.75, 0.2, 0.05] if n_classes == 3 else [0.9, 0.1]
    return make_classification(
        300, 8, n_informative=5, n_classes=n_classes, weights=weights, random_state=seed
    )


PAIRS = [
    (RandomOverSampler, over_sampling.RandomOverSampler, {}),
    (RandomOverSampler, over_sampling.RandomOverSampler, {"shrinkage": 0.7}),
    (RandomOverSampler, over_sampling.RandomOverSampler, {"sampling_strategy": {1: 280}}),
    (RandomUnderSampler, under_sampling.RandomUnderSampler, {}),
    (RandomUnderSampler, under_sampling.RandomUnderSampler, {"replacement": True}),
    (RandomUnderSampler, under_sampling.RandomUnderSampler, {"sampling_strategy": "majority"}),
]


@pytest.mark.parametrize(("ours", "theirs", "given"), PAIRS)
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_rows_are_theirs(ours, theirs, given, n_classes, seed):
    X, y = data(n_classes, seed)
    for kind in (X, np.asfortranarray(X), (X * 100).astype(np.int32), sparse.csr_matrix(X)):
        one, other = ours(random_state=seed, **given), theirs(random_state=seed, **given)
        X_one, y_one = one.fit_resample(kind, y)
        X_other, y_other = other.fit_resample(kind, y)
        assert X_one.dtype == X_other.dtype and y_one.dtype == y_other.dtype
        np.testing.assert_array_equal(y_one, y_other)
        np.testing.assert_array_equal(one.sample_indices_, other.sample_indices_)
        dense = [part.toarray() if sparse.issparse(part) else part for part in (X_one, X_other)]
        np.testing.assert_array_equal(*dense)


def test_frames_with_dates_text_and_gaps_are_theirs():
    X, y = data(2, 0)
    frame = pd.DataFrame({"a": X[:, 0], "text": np.where(X[:, 1] > 0, "u", None)})
    frame["day"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(len(y)), unit="D")
    frame["level"] = pd.Categorical(np.where(X[:, 2] > 0, "low", "high"))
    labels = pd.Series(np.array(["no", "yes"])[y], name="target")
    for ours, theirs, _ in (PAIRS[0], PAIRS[3]):
        X_one, y_one = ours(random_state=3).fit_resample(frame, labels)
        X_other, y_other = theirs(random_state=3).fit_resample(frame, labels)
        pd.testing.assert_frame_equal(X_one, X_other)
        pd.testing.assert_series_equal(y_one, y_other)


def test_one_hot_labels_and_lists_come_back_as_they_were():
    X, y = data(3, 1)
    one_hot = np.eye(3, dtype=int)[y]
    _, out = RandomUnderSampler(random_state=0).fit_resample(X, one_hot)
    _, theirs = under_sampling.RandomUnderSampler(random_state=0).fit_resample(X, one_hot)
    np.testing.assert_array_equal(out, theirs)
    X_new, y_new = RandomOverSampler(random_state=0).fit_resample(X.tolist(), y.tolist())
    assert isinstance(X_new, list) and isinstance(y_new, list)
    column = pd.DataFrame({"y": y})
    assert RandomOverSampler().fit_resample(pd.DataFrame(X), column)[1].columns.tolist() == ["y"]


def test_shrinkage_is_refused_where_it_makes_no_sense():
    X, y = data(2, 0)
    with pytest.raises(ParameterError, match="missing classes"):
        RandomOverSampler(shrinkage={0: 1.0}).fit_resample(X, y)
    with pytest.raises(ParameterError, match=">= 0"):
        RandomOverSampler(shrinkage={1: -1.0}).fit_resample(X, y)
    with pytest.raises(DataError, match="numerical data"):
        RandomOverSampler(shrinkage=1.0).fit_resample(np.where(X > 0, "a", "b").astype(object), y)
