"""Profiles of tables whose answer is known by construction."""

import datetime as dt
import os
import time
import uuid
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from rarebird._errors import DataError
from rarebird.data import read_table
from rarebird.diagnose import profile_table, typed_frame

N = 200
RNG = np.random.default_rng(0)
Y = ["yes" if i % 10 == 0 else "no" for i in range(N)]
DAYS = [dt.date(2024, 1, 1) + dt.timedelta(days=int(i)) for i in RNG.permutation(N)]
WORDS = np.array(["red", "green", "blue", "cyan", "pink", "grey", "plum", "gold"])


def codes(profile):
    return [check.code for check in profile.checks]


KINDS = [
    ("float", RNG.normal(size=N), "numeric", True),
    ("unique_float_id", np.arange(N) + 0.5, "numeric", True),
    ("int_few", RNG.integers(0, 3, N), "numeric", True),
    ("int_many", RNG.integers(0, 5000, N), "numeric", True),
    ("rising", np.arange(N) * 3 + 7, "identifier", False),
    ("falling", -np.arange(N), "identifier", False),
    ("shuffled", RNG.permutation(N), "identifier", False),
    ("customer_id", np.r_[RNG.permutation(10 * N)[: N - 4], [1, 1, 2, 2]], "identifier", False),
    ("CustomerID", np.r_[RNG.permutation(10 * N)[: N - 4], [1, 1, 2, 2]], "identifier", False),
    ("names", [f"n{i}" for i in range(N)], "identifier", False),
    ("uuids", [str(uuid.UUID(int=i // 2 * 7)) for i in range(0, 2 * N, 2)], "identifier", False),
    ("booleans", [i % 3 == 0 for i in range(N)], "boolean", True),
    ("word", RNG.choice(WORDS, N), "categorical", True),
    ("number_text", [f" {x:.3f}" for x in RNG.normal(size=N)], "numeric", True),
    ("date", DAYS, "date", True),
    ("iso", [str(day) for day in DAYS], "date", True),
    ("iso_time", [f"{day}T10:00:00" for day in DAYS], "date", True),
    ("zulu", [f"{day}T10:00:00.5Z" for day in DAYS], "date", True),
    ("german", [day.strftime("%d.%m.%Y") for day in DAYS], "date", True),
    ("us", [day.strftime("%m/%d/%Y") for day in DAYS], "date", True),
    ("version", [f"1.{i % 7}.{i % 3}" for i in range(N)], "categorical", True),
    ("text", [" ".join(RNG.choice(WORDS, 7)) for _ in range(N)], "text", True),
    ("list", [[1, 2]] * N, "text", False),
    ("constant", ["a"] * N, "constant", False),
    ("all_missing", [None] * N, "constant", False),
    ("one_value_or_missing", [None if i % 2 else "a" for i in range(N)], "categorical", True),
    ("split", ["train" if i % 3 else "test" for i in range(N)], "categorical", False),
    ("fold", [i % 5 for i in range(N)], "numeric", False),
    ("is_train", [i % 3 == 0 for i in range(N)], "boolean", False),
    ("set_point", RNG.integers(0, 2, N), "numeric", True),
    ("duration", [dt.timedelta(seconds=int(i)) for i in RNG.integers(0, 99, N)], "numeric", True),
]


@pytest.mark.parametrize("name, values, kind, used", KINDS, ids=[row[0] for row in KINDS])
def test_each_column_is_what_it_was_made_to_be(name, values, kind, used):
    values = values.tolist() if isinstance(values, np.ndarray) else values
    frame = pl.DataFrame({name: values, "z": RNG.normal(size=N), "y": Y})
    column = profile_table(frame, "y").column(name)
    assert (column.kind, column.used) == (kind, used)
    assert bool(column.why) == (not used)
    assert column.n_unique == (0 if name == "list" else pl.Series(values).drop_nulls().n_unique())


def test_each_oddity_has_its_code():
    frame = pl.DataFrame({name: pl.Series(values) for name, values, _, _ in KINDS} | {"y": Y})
    found = codes(profile_table(frame, "y"))
    assert set(found) >= {"RB008", "RB009", "RB011", "RB012", "RB016", "RB020"}


def test_typed_columns_hold_the_same_values():
    used = {name: pl.Series(values) for name, values, _, is_used in KINDS if is_used}
    frame = pl.DataFrame(used | {"y": Y})
    typed = typed_frame(frame, profile_table(frame, "y"))
    assert set(typed.dtypes) == {pl.Float64, pl.String, pl.Boolean, pl.Datetime("us")}
    noon = [dt.datetime(d.year, d.month, d.day) for d in DAYS]
    for name in ("date", "iso", "german", "us"):
        assert typed[name].to_list() == noon
    assert typed["zulu"][0] == noon[0] + dt.timedelta(hours=10, milliseconds=500)
    assert typed["number_text"].to_list() == [float(text) for text in frame["number_text"]]
    assert typed["duration"].to_list() == [v.total_seconds() for v in frame["duration"]]
    assert typed["float"].to_list() == frame["float"].to_list()
    new = frame.head(3).with_columns(pl.lit("what?").alias("number_text")).drop("y")
    assert typed_frame(new, profile_table(frame, "y"))["number_text"].null_count() == 3
    with pytest.raises(DataError, match=r"lacks 1 of .* 'iso'"):
        typed_frame(frame.drop("iso"), profile_table(frame, "y"))


def test_nothing_is_changed_in_the_callers_frame():
    frame = pd.DataFrame({"x": [1.0, np.nan, np.inf, 4.0], "y": [0, 0, 0, 1]})
    before = frame.copy()
    profile = profile_table(frame, "y")
    assert profile.column("x").n_missing == 2
    assert "RB022" in codes(profile)
    assert typed_frame(frame, profile)["x"].to_list() == [1.0, None, None, 4.0]
    pd.testing.assert_frame_equal(frame, before)


def test_ambiguous_dates_stay_categories():
    frame = pl.DataFrame(
        {"d": ["01/02/2020", "03/04/2020"] * 5, "x": RNG.normal(size=10), "y": [0, 1] * 5}
    )
    assert profile_table(frame, "y").column("d").kind == "categorical"


def test_levels_are_most_frequent_first_and_ties_by_name():
    frame = pl.DataFrame({"c": ["b", "a", "c", "c", None] * 4, "y": [0, 0, 0, 0, 1] * 4})
    assert profile_table(frame, "y").column("c").levels == ("c", "a", "b")


def test_time_and_group_columns_are_no_features():
    frame = pl.DataFrame(
        {"when": DAYS, "who": [i % 40 for i in range(N)], "x": RNG.normal(size=N), "y": Y}
    )
    profile = profile_table(frame, "y", time="when", group="who")
    assert profile.features == ("x",)
    assert profile.column("when").why == "the time column"
    assert codes(profile) == []


def test_repeating_identifiers_look_like_groups():
    frame = pl.DataFrame(
        {"patient_id": [i % 40 for i in range(N)], "x": RNG.normal(size=N), "y": Y}
    )
    assert codes(profile_table(frame, "y")) == ["RB021"]


@pytest.mark.parametrize(
    "labels",
    [
        Y,
        [i % 10 == 0 for i in range(N)],
        [-7 if i % 10 else 40 for i in range(N)],
        [i % 4 * 1.0 for i in range(N)],
    ],
    ids=["strings", "booleans", "gaps", "whole floats"],
)
def test_counts_are_those_of_pandas(labels):
    profile = profile_table({"x": RNG.normal(size=N), "y": labels}, "y")
    theirs = pd.Series(labels).value_counts().sort_index()
    assert profile.counts.classes.tolist() == theirs.index.tolist()
    assert profile.counts.counts.tolist() == theirs.tolist()


def test_few_missing_targets_are_left_out_and_many_refused():
    few = [None] * 9 + Y[9:]
    profile = profile_table({"x": RNG.normal(size=N), "y": few}, "y")
    assert (profile.n_rows, profile.n_missing_target, codes(profile)) == (N - 9, 9, ["RB007"])
    with pytest.raises(DataError, match=r"missing in 11 of 200 rows \(5.5%\)"):
        profile_table({"x": RNG.normal(size=N), "y": [None] * 11 + Y[11:]}, "y")
    with pytest.raises(DataError, match="missing in all 200 rows"):
        profile_table({"x": RNG.normal(size=N), "y": [None] * N}, "y")


REFUSED = [
    ({"x": [1, 2], "y": [0, 1]}, "z", "no target column 'z'.* The columns are 'x', 'y'"),
    ({"x": [1, 2], "is_fraud": [0, 1]}, "is_frued", "Did you mean 'is_fraud'"),
    ({"x": RNG.normal(size=N), "y": ["no"] * N}, "y", "single class, 'no', in all 200 rows"),
    ({"x": RNG.normal(size=N), "y": RNG.normal(size=N)}, "y", "regression"),
    ({"x": RNG.normal(size=N), "y": RNG.integers(0, 10**6, N)}, "y", "regression"),
    ({"x": RNG.normal(size=N), "y": [f"r{i}" for i in range(N)]}, "y", "200 classes in 200 rows"),
    ({"x": RNG.normal(size=N), "y": DAYS}, "y", "dates"),
    ({"x": [1.0] * N, "y": Y}, "y", r"No column is left .*\('x': every value is '1.0'"),
    ({"y": Y}, "y", "there is no other column"),
]


@pytest.mark.parametrize("table, target, says", REFUSED, ids=[row[2][:20] for row in REFUSED])
def test_what_cannot_be_studied_is_refused(table, target, says):
    with pytest.raises(DataError, match=says):
        profile_table(table, target)


def test_missing_time_and_group_columns_are_refused():
    table = {"x": [1.5, 2.5, 0.5], "y": [0, 1, 0]}
    with pytest.raises(DataError, match="no time column 'day'"):
        profile_table(table, "y", time="day")
    with pytest.raises(DataError, match="is the target"):
        profile_table(table, "y", group="y")


def test_duplicates_are_counted_as_pandas_counts_them():
    frame = pd.DataFrame({"a": RNG.integers(0, 5, N), "b": RNG.choice([0.5, np.nan], N), "y": Y})
    assert profile_table(frame, "y").n_duplicates == frame[["a", "b"]].duplicated().sum() > 0


@pytest.mark.parametrize("n", [3, 7])
def test_tiny_tables_have_profiles(n):
    profile = profile_table({"x": RNG.normal(size=n), "y": [1] + [0] * (n - 1)}, "y")
    assert profile.counts.counts.tolist() == [n - 1, 1]


DATA = Path(os.environ.get("RAREBIRD_DATA", Path(__file__).parents[3] / "shared" / "data"))
real = pytest.mark.skipif(
    not DATA.is_dir(), reason="no real tables: set RAREBIRD_DATA to their folder"
)


@real
@pytest.mark.parametrize(
    "name",
    ["adult", "hypothyroid", "automobile", "wdbc", "sms_spam", "bank_marketing", "winequality_red"],
)
def test_real_tables_have_the_imbalance_of_their_index(name):
    row = read_table(DATA / "index.csv").filter(pl.col("name") == name).row(0, named=True)
    frame = read_table(DATA / row["file"])
    profile = profile_table(frame, row["target"])
    assert profile.counts.imbalance_ratio == pytest.approx(row["imbalance_ratio"], rel=1e-3)
    assert str(profile.counts.rarest) == row["minority_label"]


@real
@pytest.mark.slow
def test_a_large_table_takes_seconds():
    frame = read_table(DATA / "tabular_large" / "simulated_card_fraud.parquet")
    start = time.perf_counter()
    profile = profile_table(frame, "TX_FRAUD")
    assert time.perf_counter() - start < 3
    assert profile.column("TRANSACTION_ID").kind == "identifier"
