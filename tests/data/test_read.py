"""Files in: every format gives the same table, and every broken file one clear line."""

import gzip
import os
import re
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rarebird._errors import DataError
from rarebird.data import read_table

TABLE = pl.DataFrame({"x": [1, 2, 3], "u": [0.5, None, 1.5], "s": ["a", "b,c", None]})


def write(path: Path) -> Path:
    """Write TABLE in the format of the name."""
    name = path.name
    if name.endswith(".csv"):
        TABLE.write_csv(path)
    elif name.endswith(".csv.gz"):
        path.write_bytes(gzip.compress(TABLE.write_csv().encode()))
    elif name.endswith(".tsv"):
        TABLE.write_csv(path, separator="\t")
    elif name.endswith((".parquet", ".pq")):
        TABLE.write_parquet(path)
    elif name.endswith("stream.arrow"):
        TABLE.write_ipc_stream(path)
    elif name.endswith((".arrow", ".feather", ".ipc")):
        TABLE.write_ipc(path)
    elif name.endswith(".gz"):
        path.write_bytes(gzip.compress(TABLE.write_ndjson().encode()))
    else:
        TABLE.write_ndjson(path)
    return path


FORMATS = "t.csv t.CSV.gz t.csv.gz t.tsv t.parquet t.pq t.arrow stream.arrow t.feather t.ipc"


@pytest.mark.parametrize("name", [*FORMATS.split(), "t.jsonl", "t.ndjson", "t.jsonl.gz"])
def test_every_format_gives_the_same_table(tmp_path, name):
    path = tmp_path / name
    if name == "t.CSV.gz":
        path.write_bytes(gzip.compress(TABLE.write_csv().encode()))
    else:
        write(path)
    assert_frame_equal(read_table(path), TABLE)
    assert_frame_equal(read_table(str(path)), TABLE)


def test_all_missing_tokens_are_missing_and_numbers_stay_numbers(tmp_path):
    path = tmp_path / "t.csv"
    tokens = ["", "NA", "NaN", "nan", "null", "None", "?", "N/A", " ? ", '""']
    path.write_text(
        "i,x,s\n" + "".join(f"{i},{t},{t}\n" for i, t in enumerate(tokens)) + "9,1.5,w\n"
    )
    table = read_table(path)
    assert table["x"].drop_nulls().to_list() in ([1.5], ["1.5"])
    assert table["s"].to_list() == [None] * len(tokens) + ["w"]


def test_a_column_of_numbers_and_question_marks_is_numeric(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("x,y\n1.5,a\n?,b\n2,a\n")
    assert read_table(path)["x"].to_list() == [1.5, None, 2.0]


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
def test_the_separator_is_found_from_the_header(tmp_path, sep):
    path = tmp_path / "t.csv"
    path.write_text(f"a{sep}b{sep}c\n1{sep}2{sep}3\n")
    assert read_table(path).row(0) == (1, 2, 3)
    assert read_table(path, sep=sep).row(0) == (1, 2, 3)


def test_quotes_line_breaks_and_a_byte_order_mark_are_read(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b'\xef\xbb\xbfa,b\r\n"1,5","two\nlines"\r\n"x""y",\r\n')
    table = read_table(path)
    assert table.columns == ["a", "b"]
    assert table.rows() == [("1,5", "two\nlines"), ('x"y', None)]


def test_same_values_as_pandas(tmp_path):
    path = write(tmp_path / "t.csv")
    ours, theirs = read_table(path), pd.read_csv(path)
    assert ours["u"].sum() == theirs["u"].sum()
    assert ours["s"].null_count() == int(theirs["s"].isna().sum())


def test_a_pattern_or_a_list_stacks_files_by_name(tmp_path):
    for day, rows in (("2", [3]), ("1", [1, 2])):
        pl.DataFrame({"x": rows, "y": rows}).write_csv(tmp_path / f"day{day}.csv")
    assert read_table(tmp_path / "day*.csv")["x"].to_list() == [1, 2, 3]
    both = [tmp_path / "day2.csv", str(tmp_path / "day1.csv")]
    assert read_table(both)["x"].to_list() == [3, 1, 2]


def test_whole_and_broken_numbers_stack_to_broken_ones(tmp_path):
    pl.DataFrame({"x": [1]}).write_csv(tmp_path / "a.csv")
    pl.DataFrame({"x": [1.5]}).write_csv(tmp_path / "b.csv")
    assert read_table(tmp_path / "*.csv")["x"].to_list() == [1.0, 1.5]


@pytest.mark.parametrize(
    "second, says",
    [
        ("x\n1\n", "b.csv' lacks the column 'y'"),
        ("x,y,z\n1,2,3\n", "b.csv' has the column 'z'"),
        ("x,y\n1,two\n", "b.csv': column 'y' is String, but Int64"),
    ],
)
def test_files_that_differ_name_the_file_and_the_column(tmp_path, second, says):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.csv").write_text(second)
    with pytest.raises(DataError, match=re.escape(says)):
        read_table(tmp_path / "?.csv")


BROKEN = [
    ("t.csv", b"", "is empty"),
    ("t.csv", b"\n\n", "is empty"),
    ("t.csv", b"a,b\n", "has a header with 2 columns, but no rows"),
    ("t.csv", b"a,b,a\n1,2,3\n", "two columns called 'a'"),
    ("t.csv", b"a,b\n1,2\n3,4,5\n", "line 3: 3 fields, but the header has 2"),
    ("t.csv", b"a,b\n1,2\n3\n4,5\n", "line 3: 1 field, but the header has 2"),
    ("t.csv", b'a,b\n"1",2\n3\n', "line 3: 1 field, but the header has 2"),
    ("t.csv", b"a,b\n1,caf\xe9\n", "line 2: byte 0xe9 is not UTF-8"),
    ("t.csv", "a,b\n1,2\n".encode("utf-16"), "UTF-16"),
    ("t.csv.gz", b"a,b\n1,2\n", "cannot be read"),
    ("t.csv.gz", gzip.compress(b"a,b\n1,2\n" * 50, mtime=0)[:-9], "cannot be read"),
    ("t.parquet", b"a,b\n1,2\n", "is not a Parquet file"),
    ("t.parquet", b"PAR1 and then nothing of use PAR1", "is not a table"),
    ("t.arrow", b"a,b\n1,2\n", "is not an Arrow file"),
    ("t.feather", b"FEA1" + b"\0" * 20, "Feather version 1"),
    ("t.jsonl", b'{"a": 1}\n{"a": \n', "line 2 is not a JSON object"),
    ("t.xlsx", b"PK", "Save the sheet as CSV"),
    ("t.dat", b"1 2 3", "known are .csv"),
    ("t", b"1,2", "its kind is not known"),
]


@pytest.mark.parametrize("name, content, says", BROKEN)
def test_a_broken_file_is_refused_in_one_line(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_table(path)
    assert says in str(caught.value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_suggests_near_names(tmp_path):
    write(tmp_path / "payments.csv")
    with pytest.raises(DataError, match=r"Did you mean 'payments\.csv'"):
        read_table(tmp_path / "payment.csv")
    with pytest.raises(DataError, match="no folder"):
        read_table(tmp_path / "nowhere" / "payments.csv")
    with pytest.raises(DataError, match="No file matches"):
        read_table(tmp_path / "*.parquet")
    with pytest.raises(DataError, match="is a folder"):
        read_table(tmp_path)
    with pytest.raises(DataError, match="No file is given"):
        read_table([])


def test_a_short_last_column_of_missing_values_is_no_ragged_line(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,\n2,3\n\n")
    assert read_table(path).head(2).rows() == [(1, None), (2, 3)]


DATA = Path(os.environ.get("RAREBIRD_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.mark.skipif(not DATA.is_dir(), reason="no real tables: set RAREBIRD_DATA to their folder")
def test_real_tables_have_the_rows_and_columns_of_their_index():
    index = read_table(DATA / "index.csv").filter(pl.col("group").str.starts_with("tabular_"))
    index = index.filter(pl.col("n_rows") < 6_000)
    assert index.height > 50
    for row in index.iter_rows(named=True):
        table = read_table(DATA / row["file"].split(";")[0])
        assert table.shape == (row["n_rows"], row["n_columns"]), row["name"]
