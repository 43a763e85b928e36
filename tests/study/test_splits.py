"""Splits: groups whole, classes even, time forward; nothing on both sides."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rarebird._errors import DataError
from rarebird.study.splits import Design, forward_folds, stratified_group_folds


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 25)), min_size=1, max_size=120),
    st.integers(2, 6),
    st.integers(0, 5),
)
def test_groups_stay_whole_and_every_row_has_a_fold(rows, n_folds, seed):
    y, groups = (np.array(part) for part in zip(*rows, strict=True))
    fold = stratified_group_folds(y, groups, n_folds, np.random.default_rng(seed))
    again = stratified_group_folds(y, groups, n_folds, np.random.default_rng(seed))
    np.testing.assert_array_equal(fold, again)
    assert fold.min() >= 0 and fold.max() < n_folds
    for group in np.unique(groups):
        assert len(set(fold[groups == group])) == 1


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=150), st.integers(2, 7))
def test_rows_of_their_own_spread_every_class_within_one(labels, n_folds):
    y = np.array(labels)
    fold = stratified_group_folds(y, np.arange(len(y)), n_folds, np.random.default_rng(0))
    for code in np.unique(y):
        assert np.ptp(np.bincount(fold[y == code], minlength=n_folds)) <= 1
    assert np.ptp(np.bincount(fold, minlength=n_folds)) <= 1


def test_groups_of_equal_rows_spread_the_rare_class():
    y = np.tile([0, 0, 0, 1], 40)
    groups = np.repeat(np.arange(40), 4)
    fold = stratified_group_folds(y, groups, 5, np.random.default_rng(0))
    assert np.bincount(fold[y == 1]).tolist() == [8] * 5


def test_rows_of_their_own_fill_up_what_groups_leave():
    y = np.array([1, 1] + [1] * 8 + [0] * 30)
    groups = np.concatenate([[0, 0], np.arange(1, 39)])
    fold = stratified_group_folds(y, groups, 5, np.random.default_rng(0))
    assert np.bincount(fold[y == 1]).tolist() == [2] * 5
    assert np.bincount(fold).tolist() == [8] * 5


def test_another_seed_gives_other_folds():
    y, groups = np.tile([0, 1], 50), np.arange(100)
    one, two = (stratified_group_folds(y, groups, 4, np.random.default_rng(s)) for s in (0, 1))
    assert np.any(one != two)


TIMES = st.lists(st.integers(0, 12), min_size=2, max_size=60).filter(lambda t: len(set(t)) > 1)


@settings(max_examples=200, deadline=None)
@given(TIMES, st.integers(1, 6))
def test_forward_folds_never_train_on_the_future(times, n_folds):
    time = np.array(times)
    folds = forward_folds(time, n_folds)
    assert len(folds) == min(n_folds, len(set(times)) - 1)  # as many as the moments allow
    tested = np.concatenate([test for _, test in folds])
    assert len(set(tested)) == len(tested)
    for train, test in folds:
        assert len(train) and len(test)
        assert time[train].max() < time[test].min()  # strictly: ties of time stay together
    first = folds[0][0]
    np.testing.assert_array_equal(np.sort(np.concatenate([first, tested])), np.arange(len(time)))


def test_forward_folds_without_ties_are_of_equal_size():
    time = np.random.default_rng(0).permutation(60)
    folds = forward_folds(time, 5)
    assert [len(test) for _, test in folds] == [10] * 5
    assert [len(train) for train, _ in folds] == [10, 20, 30, 40, 50]


def test_rows_of_one_moment_cannot_be_split_forward():
    with pytest.raises(DataError, match=r"20 rows .* one moment"):
        forward_folds(np.ones(20), 3)


@settings(max_examples=100, deadline=None)
@given(TIMES, st.floats(0.05, 0.6))
def test_a_held_out_part_lies_after_the_rest(times, share):
    time = np.array(times)
    train, test = Design("time", time).hold_out(np.zeros(len(time), int), share, seed=0)
    assert len(train) and len(test)
    assert time[train].max() < time[test].min()
    np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(len(time)))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 40)), min_size=20, max_size=100))
def test_a_held_out_part_shares_no_group_with_the_rest(rows):
    y, key = (np.array(part) for part in zip(*rows, strict=True))
    design = Design("group", key)
    train, test = design.hold_out(y, 0.2, seed=1)
    assert not set(key[train]) & set(key[test])
    np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(len(y)))
    for one, two in zip((train, test), design.hold_out(y, 0.2, seed=1), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_held_out_part_has_its_share_of_every_class():
    y = np.repeat([0, 1], [950, 50])
    _, test = Design("stratified", np.arange(1000)).hold_out(y, 0.2, seed=0)
    assert np.bincount(y[test]).tolist() == [190, 10]


def test_folds_of_a_design_cover_the_rows_once():
    y = np.repeat([0, 1], [45, 5])
    pairs = Design("stratified", np.arange(50)).folds(y, 5, seed=0)
    np.testing.assert_array_equal(np.sort(np.concatenate([t for _, t in pairs])), np.arange(50))
    for train, test in pairs:
        assert not set(train) & set(test)
        assert np.bincount(y[test]).tolist() == [9, 1]


def test_folds_without_rows_are_left_out():
    y, key = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    assert len(Design("group", key).folds(y, 4, seed=0)) == 2


def test_a_time_design_ignores_the_seed_and_takes_rows():
    design = Design("time", np.arange(10)[::-1])
    y = np.zeros(10, int)
    one, two = (design.folds(y, 2, seed=s) for s in (0, 1))
    assert [a.tolist() for pair in one for a in pair] == [a.tolist() for p in two for a in p]
    assert design.take(np.array([0, 3])).key.tolist() == [9, 6]
