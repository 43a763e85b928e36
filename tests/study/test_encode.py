"""A typed table becomes a matrix: codes, parts of dates, NaN for missing and unseen."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarebird.diagnose import profile_table, typed_frame
from rarebird.study.encode import Codebook


def test_categories_become_places_in_the_list_of_levels():
    book = Codebook([("colour", "categorical", ["red", "green"]), ("x", "numeric", [])])
    frame = pl.DataFrame({"x": [1, None, 3], "colour": ["green", "red", None]})
    np.testing.assert_array_equal(book.matrix(frame), [[1, 1], [0, np.nan], [np.nan, 3]])
    assert book.categorical == (0,) and book.names == ["colour", "x"]


@given(st.lists(st.sampled_from(["a", "b", "c", "unseen", None, ""]), min_size=1, max_size=20))
def test_categories_unseen_in_training_are_missing(values):
    levels = ["c", "a", "b"]
    book = Codebook([("s", "categorical", levels)])
    found = book.matrix(pl.DataFrame({"s": pl.Series(values, dtype=pl.String)}))[:, 0]
    expected = [levels.index(v) if v in levels else np.nan for v in values]
    np.testing.assert_array_equal(found, expected)


def test_dates_become_their_parts():
    start = datetime(2024, 2, 28, 23, 15)
    moments = [start, start + timedelta(hours=1), None, datetime(1969, 12, 31, 5)]
    book = Codebook([("when", "date", []), ("ok", "boolean", [])])
    frame = pl.DataFrame({"when": moments, "ok": [True, False, None, True]})
    expected = [
        [np.nan] * 5 if m is None else [m.year, m.month, m.day, m.isoweekday(), m.hour]
        for m in moments
    ]
    found = book.matrix(frame)
    np.testing.assert_array_equal(found[:, :5], expected)
    np.testing.assert_array_equal(found[:, 5], [1, 0, np.nan, 1])
    assert book.names[0] == "when (year)" and book.sources == ["when"] * 5 + ["ok"]
    assert book.categorical == ()


def test_every_column_has_a_name_a_source_and_a_place():
    rows = [("d", "date", []), ("c", "categorical", ["u"]), ("n", "numeric", [])]
    book = Codebook(rows)
    frame = pl.DataFrame({"d": [datetime(2020, 1, 1)], "c": ["u"], "n": [2.5]})
    assert book.matrix(frame).shape == (1, len(book.names)) == (1, len(book.sources))
    assert [book.names[j] for j in book.categorical] == ["c"]
    assert len(set(book.names)) == len(book.names)


def test_a_profile_gives_the_codebook_of_its_used_columns():
    n = 60
    frame = pl.DataFrame(
        {
            "amount": np.linspace(0, 1, n) ** 2,
            "colour": ["red", "green", "blue"] * 20,
            "always": ["same"] * n,
            "when": [datetime(2024, 1, 1) + timedelta(hours=7 * i) for i in range(n)],
            "bad": ["yes" if i % 6 == 0 else "no" for i in range(n)],
        }
    )
    profile = profile_table(frame, "bad")
    book = Codebook.of(profile)
    assert set(book.sources) == {"amount", "colour", "when"}
    X = book.matrix(typed_frame(frame, profile))
    assert X.shape == (n, 7) and not np.isnan(X).any()
    colour = X[:, book.names.index("colour")]
    assert len(np.unique(colour)) == 3 and np.all(colour[:3] == colour[3:6])


@pytest.mark.parametrize("n", [0, 1])
def test_a_table_of_few_rows_has_all_its_columns(n):
    book = Codebook([("d", "date", []), ("c", "categorical", ["u"])])
    frame = pl.DataFrame({"d": [datetime(2020, 1, 1)] * n, "c": ["v"] * n}).with_columns(
        pl.col("d").cast(pl.Datetime("us")), pl.col("c").cast(pl.String)
    )
    assert book.matrix(frame).shape == (n, 6)
