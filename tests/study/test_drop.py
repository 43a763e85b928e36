"""Columns that a person leaves out are no features, and a wrong name is said."""

import polars as pl
import pytest

from rarebird._errors import ParameterError
from rarebird.study.prepare import prepare

TABLE = pl.DataFrame(
    {
        "x": [i * 0.37 % 1 for i in range(60)],
        "told": [float(i % 6 == 0) + i / 1000 for i in range(60)],
        "bad": ["yes" if i % 6 == 0 else "no" for i in range(60)],
    }
)


def test_a_leak_is_flagged_until_it_is_left_out():
    assert "RB005" in {check.code for check in prepare(TABLE, "bad").checks}
    ready = prepare(TABLE, "bad", drop=["told"])
    assert "RB005" not in {check.code for check in ready.checks}
    assert ready.codebook.names == ["x"]


def test_wrong_names_are_refused():
    with pytest.raises(ParameterError, match="Did you mean 'told'"):
        prepare(TABLE, "bad", drop=["tolt"])
    with pytest.raises(ParameterError, match="is the target"):
        prepare(TABLE, "bad", drop=["bad"])
