"""The rows that imbalanced-learn keeps, from any table."""

import logging
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from imblearn.datasets import make_imbalance as theirs

from rarebird._errors import DataError, ParameterError, ParameterTypeError
from rarebird.data import make_imbalance

RNG = np.random.RandomState(0)
X = RNG.normal(size=(300, 3))
Y = RNG.permutation(np.repeat([0, 1, 2], [150, 100, 50]))
NAMES = np.array(["common", "odd", "rare"])
FRAME = {"number": X[:, 0], "whole": np.arange(300), "text": NAMES[Y]}


def thirds(y, part=3):
    labels, counts = np.unique(y, return_counts=True)
    return {label: n // part for label, n in zip(labels, counts, strict=True)}


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(
    "labels, strategy, more",
    [
        (Y, {0: 20, 2: 5}, {}),
        (Y, {2: 0}, {}),
        (Y, {1: 100, 2: 7}, {}),
        (Y - 1, {-1: 3}, {}),
        (NAMES[Y], {"rare": 4, "odd": 9}, {}),
        (Y, thirds, {}),
        (Y, thirds, {"part": 10}),
    ],
    ids=["dict", "none_left", "whole", "negative", "text", "callable", "callable_more"],
)
def test_the_rows_are_theirs(seed, labels, strategy, more):
    known = theirs(X, labels, sampling_strategy=strategy, random_state=seed, **more)
    found = make_imbalance(X, labels, sampling_strategy=strategy, random_state=seed, **more)
    for ours, other in zip(found, known, strict=True):
        assert ours.dtype == other.dtype
        np.testing.assert_array_equal(ours, other)


def test_a_random_state_object_goes_on_as_theirs():
    ours, other = np.random.RandomState(3), np.random.RandomState(3)
    for _ in range(3):
        found = make_imbalance(X, Y, sampling_strategy={0: 9}, random_state=ours)
        known = theirs(X, Y, sampling_strategy={0: 9}, random_state=other)
        np.testing.assert_array_equal(found[0], known[0])


def test_pandas_rows_and_index_are_theirs():
    frame = pd.DataFrame(FRAME, index=np.arange(1000, 1300))
    labels = pd.Series(NAMES[Y], index=frame.index, name="y")
    strategy = {"common": 10, "rare": 2}
    found = make_imbalance(frame, labels, sampling_strategy=strategy, random_state=1)
    known = theirs(frame, labels, sampling_strategy=strategy, random_state=1)
    pd.testing.assert_frame_equal(found[0], known[0])
    pd.testing.assert_series_equal(found[1], known[1])


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pd", "pl", "pa"])
def test_every_frame_comes_back_as_it_was(make):
    table = make(FRAME)
    rows, labels = make_imbalance(table, Y, sampling_strategy={0: 20, 2: 5}, random_state=4)
    kept = theirs(np.arange(300)[:, None], Y, sampling_strategy={0: 20, 2: 5}, random_state=4)
    assert type(rows) is type(table)
    same = "schema" if make is not pd.DataFrame else "dtypes"
    assert str(getattr(rows, same)) == str(getattr(table, same))
    np.testing.assert_array_equal(np.asarray(rows["whole"]), kept[0].ravel())
    np.testing.assert_array_equal(labels, kept[1])


def test_polars_labels_and_lists_keep_their_kind():
    strategy = {"rare": 5}
    known = theirs(X, NAMES[Y], sampling_strategy=strategy, random_state=0)
    series = make_imbalance(
        pl.DataFrame(X), pl.Series("y", NAMES[Y]), sampling_strategy=strategy, random_state=0
    )[1]
    assert isinstance(series, pl.Series) and series.name == "y"
    assert series.to_list() == known[1].tolist()
    lists = make_imbalance(
        X.tolist(), NAMES[Y].tolist(), sampling_strategy=strategy, random_state=0
    )
    assert lists == (known[0].tolist(), known[1].tolist())


@pytest.mark.parametrize("ratio, rows", [(0.05, 10), (0.052, 10), (0.0525, 10), (0.0526, 11)])
def test_a_number_rounds_and_draws_as_the_dict(ratio, rows):
    labels = np.repeat(["b", "a"], [200, 60])
    found = make_imbalance(X[:260], labels, sampling_strategy=ratio, random_state=0)
    known = theirs(X[:260], labels, sampling_strategy={"a": rows}, random_state=0)
    np.testing.assert_array_equal(found[0], known[0])
    assert (found[1] == "b").sum() == 200


def test_of_two_equal_classes_the_last_is_cut():
    found = make_imbalance(X[:100], np.tile([1, 0], 50), sampling_strategy=0.5, random_state=0)
    assert np.bincount(found[1]).tolist() == [50, 25]


@pytest.mark.parametrize("strategy", [{5: 3}, {0: 151}, {0: -1}, "auto", [1]])
def test_what_they_refuse_is_refused(strategy):
    with pytest.raises(ValueError):
        theirs(X, Y, sampling_strategy=strategy)
    with pytest.raises(ValueError, match=r"^make_imbalance: "):
        make_imbalance(X, Y, sampling_strategy=strategy)


def test_what_else_is_refused():
    with pytest.raises(ParameterError, match="None is not allowed"):  # theirs: UnboundLocalError
        make_imbalance(X, Y)
    with pytest.raises(ParameterError, match="must be a dict"):
        make_imbalance(X, Y, sampling_strategy=lambda y: 3)
    with pytest.raises(ParameterTypeError, match="unknown parameters random_sate"):
        make_imbalance(X, Y, sampling_strategy={0: 3}, random_sate=0)
    with pytest.raises(DataError, match=r"needs two classes, y has 3 \(\{0: 150"):
        make_imbalance(X, Y, sampling_strategy=0.5)
    two = np.repeat([0, 1], [250, 50])
    with pytest.raises(ParameterError, match="asks for 125 rows of class 1, which has 50"):
        make_imbalance(X, two, sampling_strategy=0.5)
    with pytest.raises(ParameterError, match="asks for 0 rows"):
        make_imbalance(X, two, sampling_strategy=0.001)
    with pytest.raises(ParameterError, match=r"must be in \(0, 1\]"):
        make_imbalance(X, two, sampling_strategy=1.5)
    with pytest.raises(DataError, match="more than 1 class"):
        make_imbalance(X, np.zeros(300, int), sampling_strategy={0: 3})


def test_gaps_and_text_pass():
    table = np.array([["a", None], ["b", np.nan]] * 20, dtype=object)
    rows, labels = make_imbalance(
        table, np.tile([0, 1], 20), sampling_strategy={1: 3}, random_state=0
    )
    assert len(rows) == 23 and labels.sum() == 3


def test_verbose_logs_and_the_input_stays(caplog):
    before = pickle.dumps((X, Y))
    with caplog.at_level(logging.INFO, logger="rarebird.data.imbalance"):
        make_imbalance(X, Y, sampling_strategy={2: 1}, verbose=True)
    assert "from {0: 150, 1: 100, 2: 50} to {0: 150, 1: 100, 2: 1}" in caplog.text
    assert pickle.dumps((X, Y)) == before


def test_one_hot_labels_are_counted_by_row(caplog):
    y = (Y == 2).astype(int)
    hot = np.c_[1 - y, y]
    with caplog.at_level(logging.INFO, logger="rarebird.data.imbalance"):
        found = make_imbalance(X, hot, sampling_strategy=0.1, random_state=0, verbose=True)
    known = make_imbalance(X, y, sampling_strategy=0.1, random_state=0)
    np.testing.assert_array_equal(found[0], known[0])
    assert found[1].sum(axis=0).tolist() == [250, 25]
    assert "from {0: 250, 1: 50} to {0: 250, 1: 25}" in caplog.text
