"""MLSMOTE against a slow reference, for numbers, categories and sparse tables."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from rarebird._errors import DataError, ParameterError
from rarebird.resample.label_imbalance import irlbl, mean_ir
from rarebird.resample.mlsmote import MLSMOTE, label_shares, rank_labels


def data(seed=0, n=90):
    rng = np.random.default_rng(seed)
    Y = (rng.random((n, 4)) < [0.7, 0.5, 0.15, 0.1]).astype(int)
    return rng.normal(size=(n, 3)) + Y[:, :3], Y


def vdm(column, has_label, a, b):
    """Value difference of two categories, from the two shares of the label in each."""
    one, other = (np.mean(has_label[column == value]) for value in (a, b))
    return ((one - other) ** 2 + ((1 - one) - (1 - other)) ** 2) ** 0.5


def slow(X, Y, k, rng, categories=None):
    rows, sets, kinds, parents = [], [], [], []
    for label in np.flatnonzero(irlbl(Y) > mean_ir(Y)):
        has_label = Y[:, label] == 1
        bag = np.flatnonzero(has_label)
        near = []
        for i in bag:

            def gap(j, i=i, has_label=has_label):
                found = sum((X[i] - X[j]) ** 2)
                for column in [] if categories is None else categories.T:
                    found += vdm(column, has_label, column[i], column[j]) ** 2
                return found

            near.append(sorted((j for j in bag if j != i), key=gap)[:k])
        place = rng.integers(0, len(near[0]), size=len(bag))
        steps = rng.uniform(size=(len(bag), 1, X.shape[1]))[:, 0]
        for i, own, p, step in zip(bag, near, place, steps, strict=True):
            partner = own[p]
            rows.append([a + u * (b - a) for a, b, u in zip(X[i], X[partner], step, strict=True)])
            votes = Y[i] + sum(Y[j] for j in own)
            sets.append((votes > (len(own) + 1) / 2).astype(int))
            parents.append([i, partner])
            if categories is not None:
                counts = [Counter(column[own].tolist()) for column in categories.T]
                kinds.append([min(c, key=lambda v, c=c: (-c[v], v)) for c in counts])
    return np.array(rows), np.array(sets), np.array(kinds), np.array(parents)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("k", [3, 5, 50])
def test_the_rows_are_those_of_the_slow_reference(seed, k):
    X, Y = data(seed)
    sampler = MLSMOTE(k_neighbors=k, random_state=seed)
    X_new, Y_new = sampler.fit_resample(X, Y)
    rows, sets, _, parents = slow(X, Y, k, np.random.default_rng(seed))
    np.testing.assert_allclose(X_new[90:], rows, atol=1e-12)
    np.testing.assert_array_equal(Y_new[90:], sets)
    np.testing.assert_array_equal(sampler.parents_[90:], parents)
    rare = irlbl(Y) > mean_ir(Y)
    assert len(rows) == Y[:, rare].sum()
    assert irlbl(Y_new)[rare].max() < irlbl(Y)[rare].max()


@pytest.mark.parametrize("seed", range(3))
def test_categories_are_compared_by_vdm_and_voted(seed):
    X, Y = data(seed, 150)
    rng = np.random.default_rng(seed + 100)
    categories = np.column_stack(
        [rng.integers(0, 4, 150) + (Y[:, 2] & (rng.random(150) < 0.6)), rng.integers(0, 2, 150)]
    )
    frame = pd.DataFrame(X, columns=list("abc"))
    frame.insert(1, "kind", np.array(list("uvwxy"))[categories[:, 0]])
    frame["flag"] = categories[:, 1] == 1
    sampler = MLSMOTE(random_state=seed)
    out, out_Y = sampler.fit_resample(frame, pd.DataFrame(Y))
    rows, sets, kinds, parents = slow(X, Y, 5, np.random.default_rng(seed), categories)
    np.testing.assert_array_equal(sampler.parents_[150:], parents)
    np.testing.assert_allclose(out[list("abc")].to_numpy()[150:], rows, atol=1e-12)
    np.testing.assert_array_equal(out["kind"][150:], np.array(list("uvwxy"))[kinds[:, 0]])
    np.testing.assert_array_equal(out["flag"][150:], kinds[:, 1] == 1)
    np.testing.assert_array_equal(out_Y.to_numpy()[150:], sets)
    assert out.dtypes.equals(frame.dtypes)


def test_shares_have_the_vdm_s_distances():
    rng = np.random.default_rng(0)
    column, has_label = rng.integers(0, 4, 50), rng.random(50) < 0.3
    shares = label_shares(column[:, None], has_label)[:, 0]
    for i, j in rng.integers(0, 50, (30, 2)):
        wanted = vdm(column, has_label, column[i], column[j])
        assert abs(shares[i] - shares[j]) == pytest.approx(wanted)


def test_new_rows_lie_in_the_box_of_their_parents():
    X, Y = data(1)
    sampler = MLSMOTE(random_state=0)
    X_new, _ = sampler.fit_resample(X, Y)
    one, other = sampler.parents_[90:].T
    low, high = np.minimum(X[one], X[other]), np.maximum(X[one], X[other])
    assert np.all((X_new[90:] >= low - 1e-12) & (X_new[90:] <= high + 1e-12))
    line = (X_new[90:] - X[one]) / (X[other] - X[one])
    assert line.std(axis=1).max() > 0.1  # a step for each column, not one for the row


def test_a_sparse_table_stays_sparse_and_in_the_box():
    X, Y = data(2)
    X[np.random.default_rng(0).random(X.shape) < 0.4] = 0
    thin = sparse.csr_matrix(X)
    sampler = MLSMOTE(random_state=0)
    out, thin_Y = sampler.fit_resample(thin, Y)
    assert isinstance(out, sparse.csr_matrix)
    one, other = sampler.parents_[90:].T
    new = out.toarray()[90:]
    assert np.all(new >= np.minimum(X[one], X[other]) - 1e-12)
    assert np.all(new <= np.maximum(X[one], X[other]) + 1e-12)
    assert np.all(new[(X[one] == 0) & (X[other] == 0)] == 0)
    whole = MLSMOTE(random_state=0)
    _, whole_Y = whole.fit_resample(X, Y)
    np.testing.assert_array_equal(sampler.parents_[90:, 0], whole.parents_[90:, 0])
    assert len(whole_Y) == len(thin_Y)
    with pytest.raises(ParameterError, match="sparse"):
        MLSMOTE(categorical_features=[0]).fit_resample(thin, Y)


def test_labels_are_ranked_by_more_than_half():
    Y = np.array([[1, 1, 0], [1, 0, 1], [0, 0, 1], [1, 0, 1]]) == 1
    even = rank_labels(Y, np.array([0]), np.array([[1, 2, 3]]))  # of 4: 3, 1 and 3 votes
    assert even.astype(int).tolist() == [[1, 0, 1]]
    half = rank_labels(Y, np.array([0]), np.array([[1]]))  # of 2: 2, 1 and 1 votes: no majority
    assert half.astype(int).tolist() == [[1, 0, 0]]


def test_a_label_of_one_row_is_repeated_and_one_of_none_is_left_out():
    X, Y = data(3)
    Y[:, 2:] = 0
    Y[7, 2] = 1
    sampler = MLSMOTE(random_state=0)
    X_new, Y_new = sampler.fit_resample(X, Y)
    np.testing.assert_array_equal(X_new[90:], X[[7]])
    np.testing.assert_array_equal(Y_new[90:], Y[[7]])


def test_gaps_are_refused_by_name():
    X, Y = data()
    frame = pd.DataFrame(X, columns=list("abc"))
    frame.loc[4, "b"] = np.nan
    with pytest.raises(DataError, match="NaN, in column 'b'"):
        MLSMOTE().fit_resample(frame, Y)
