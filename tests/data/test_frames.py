"""Any frame becomes the same polars table, with the same fingerprint."""

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

from rarebird._errors import DataError, ParameterTypeError
from rarebird.data import data_hash, to_polars

COLUMNS = {"x": [1, 2, 3], "u": [0.5, None, 1.5], "s": ["a", None, "c"], "b": [True, False, True]}
TABLE = pl.DataFrame(COLUMNS)


@pytest.mark.parametrize(
    "frame",
    [TABLE, TABLE.lazy(), COLUMNS, pa.table(COLUMNS), pd.DataFrame(COLUMNS)],
    ids=["polars", "lazy", "dict", "pyarrow", "pandas"],
)
def test_every_kind_of_frame_gives_the_same_table(frame):
    assert_frame_equal(to_polars(frame), TABLE)
    assert data_hash(frame) == data_hash(TABLE)


def test_pandas_oddities():
    frame = pd.DataFrame(
        {0: [1, 2], "mixed": [1, "a"], "c": pd.Categorical(["u", "v"])}, index=[5, 9]
    )
    found = to_polars(frame)
    assert found.columns == ["0", "mixed", "c"]
    assert found["mixed"].to_list() == ["1", "a"]
    assert found["c"].cast(pl.String).to_list() == ["u", "v"]
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(DataError, match="two columns called 'a'"):
        to_polars(twice)


def test_what_is_no_table_is_refused():
    with pytest.raises(ParameterTypeError, match="not list"):
        to_polars([1, 2])
    with pytest.raises(ParameterTypeError, match="not ndarray"):
        to_polars(np.zeros((2, 2)))
    with pytest.raises(DataError, match="'y' has 1 rows and 'x' has 2"):
        to_polars({"x": [1, 2], "y": [1]})


@pytest.mark.parametrize(
    "other",
    [
        {"x": [1, 2, 3]},
        {"x": [2, 1, None], "s": ["a", "b", None]},
        {"x": [1, 2, 4], "s": ["a", "b", None]},
        {"x": [1, 2, None], "s": ["a", "b", ""]},
        {"x": [1, 2, None], "s": ["ab", "", None]},
        {"x": [1, None, 2], "s": ["a", "b", None]},
        {"x": [1.0, 2.0, None], "s": ["a", "b", None]},
        {"z": [1, 2, None], "s": ["a", "b", None]},
        {"s": ["a", "b", None], "x": [1, 2, None]},
    ],
)
def test_the_hash_sees_every_change(other):
    assert data_hash(other) != data_hash({"x": [1, 2, None], "s": ["a", "b", None]})


def test_the_hash_is_pinned_and_ignores_how_the_table_lies_in_memory(tmp_path):
    frame = pl.DataFrame(
        {
            "i": [1, None],
            "f": [0.5, float("nan")],
            "s": ["é", None],
            "b": [True, None],
            "d": [dt.date(2024, 1, 2), None],
            "t": [dt.datetime(2024, 1, 2, 3), None],
        }
    )
    pinned = data_hash(frame)
    assert len(pinned) == 64
    chunked = pl.concat([frame[:1], frame[1:]], rechunk=False)
    assert data_hash(chunked) == pinned
    frame.write_parquet(tmp_path / "t.parquet")
    assert data_hash(pl.read_parquet(tmp_path / "t.parquet")) == pinned
    as_category = frame.with_columns(pl.col("s").cast(pl.Categorical))
    assert data_hash(as_category) == pinned
    assert (
        data_hash({"x": [1, 2]})
        == "59573ceeb90d6b53681575394b4af416f4a0bedefe44b93f8eb9f8cd1d39bed1"
    )
