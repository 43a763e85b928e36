"""Duplicates against dicts of tuples and against pandas."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from rarebird._errors import DataError
from rarebird.diagnose import duplicate_checks, duplicate_groups, shared_rows, shared_rows_check

RNG = np.random.default_rng(0)
N = 500
FRAME = pl.DataFrame(
    {
        "a": RNG.integers(0, 4, N),
        "b": [None if v == 0 else float(v) for v in RNG.integers(0, 4, N)],
        "c": RNG.choice(["x", "y", None], N).tolist(),
        "d": RNG.integers(0, 40, N),
    }
)
Y = (RNG.random(N) < 0.2).astype(int)


def slow_groups(rows):
    seen = {}
    return [seen.setdefault(row, len(seen)) for row in rows]


@pytest.mark.parametrize("columns", [None, ["a"], ["a", "b"], ["b", "c"]])
def test_groups_equal_those_of_a_dict(columns):
    rows = (FRAME if columns is None else FRAME.select(columns)).rows()
    assert duplicate_groups(FRAME, columns).tolist() == slow_groups(rows)


def test_missing_values_and_zeros_equal_each_other():
    frame = pl.DataFrame({"x": [float("nan"), None, 0.0, -0.0, float("nan")]})
    assert duplicate_groups(frame).tolist() == [0, 0, 1, 1, 0]
    assert duplicate_groups(pl.DataFrame({"x": [1, 2]}), []).tolist() == [0, 0]
    assert duplicate_groups(pl.DataFrame({"x": []})).tolist() == []


def test_categories_and_dates_are_compared_by_value():
    frame = pl.DataFrame({"c": ["u", "v", "u"], "d": ["2024-01-01"] * 3})
    frame = frame.with_columns(pl.col("c").cast(pl.Categorical), pl.col("d").str.to_date())
    assert duplicate_groups(frame).tolist() == [0, 1, 0]


def test_copies_and_conflicts_are_counted_as_pandas_and_a_dict_count_them():
    found = {check.code: check.details for check in duplicate_checks(FRAME, Y, ["a", "b", "c"])}
    table = FRAME.select("a", "b", "c").to_pandas().assign(y=Y)
    copy = table.duplicated()
    assert found["RB010"]["n_rows"] == copy.sum()
    assert found["RB010"]["n_rare"] == (copy & (table["y"] == 1)).sum()
    labels = {}
    rows = FRAME.select("a", "b", "c").rows()
    for row, label in zip(rows, Y, strict=True):
        labels.setdefault(row, set()).add(label)
    torn = np.array([len(labels[row]) > 1 for row in rows])
    assert found["RB017"]["n_rows"] == torn.sum() > 0
    assert found["RB017"]["n_rare"] == (torn & (Y == 1)).sum()


def test_a_table_without_duplicates_has_no_finding():
    assert duplicate_checks({"x": np.arange(9)}, np.arange(9) % 2) == ()


def test_a_class_with_one_row_and_a_single_class_work():
    one = duplicate_checks({"x": [1, 1, 1]}, [0, 0, 1], classes=["no", "yes"])
    assert [check.code for check in one] == ["RB010", "RB017"]
    assert one[1].details["rare_share"] == 1 and "'yes'" in one[1].message
    single = duplicate_checks({"x": [1, 1, 1]}, [0, 0, 0])
    assert [check.code for check in single] == ["RB010"]


def test_lengths_must_agree():
    with pytest.raises(DataError, match="2 rows, but 3 labels"):
        duplicate_checks({"x": [1, 2]}, [0, 1, 0])


def test_shared_rows_equal_those_of_a_set():
    train, test = FRAME.head(300), FRAME.tail(200)
    seen = set(train.rows())
    assert shared_rows(train, test).tolist() == [row in seen for row in test.rows()]
    few = ["a", "c"]
    seen = set(train.select(few).rows())
    assert shared_rows(train, test, few).tolist() == [
        row in seen for row in test.select(few).rows()
    ]


def test_six_digits_are_compared_and_types_may_differ():
    train = pd.DataFrame({"x": [1.2345678, 3.0], "s": pd.Categorical(["u", "v"])})
    test = {"x": [1.2345681, 1.2346, 3], "s": ["u", "u", "v"], "extra": [1, 2, 3]}
    assert shared_rows(train, test).tolist() == [False, False, True]
    assert shared_rows(train, test, digits=6).tolist() == [True, False, True]
    assert shared_rows({"x": [3]}, {"x": [3.0, 3.5]}).tolist() == [True, False]
    assert shared_rows({"x": [1]}, {"z": [1]}).tolist() == [False]


def test_the_finding_counts_shared_rare_rows():
    found = shared_rows_check({"x": [1.0, 2.0]}, {"x": [1.0, 2.0, 5.0]}, y_test=[0, 1, 1])
    assert found.code == "RB019" and found.severity == "warning"
    assert found.details["n_rare_shared"] == 1 and found.details["n_rare"] == 2
    assert shared_rows_check({"x": [1.0]}, {"x": [2.0]}) is None
