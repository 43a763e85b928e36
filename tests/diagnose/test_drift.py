"""The share over time against scipy's chi-square test."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from scipy.stats import chi2_contingency

from rarebird._errors import DataError
from rarebird.diagnose import drift_check, order_check, profile_table, share_over_time

N = 5000
RNG = np.random.default_rng(0)


def test_statistic_and_p_value_equal_scipys():
    time, rare = RNG.permutation(N), RNG.random(N) < 0.1
    found = share_over_time(time, rare)
    blocks = [rare[np.argsort(time)][i * 500 : (i + 1) * 500] for i in range(10)]
    table = np.array([[block.sum(), (~block).sum()] for block in blocks])
    theirs = chi2_contingency(table, correction=False)
    assert found["chi2"] == pytest.approx(theirs.statistic)
    assert found["p_value"] == pytest.approx(theirs.pvalue)
    assert found["shares"] == pytest.approx([block.mean() for block in blocks])


def test_no_drift_is_rarely_called_drift():
    p = [share_over_time(np.arange(N), RNG.random(N) < 0.05)["p_value"] for _ in range(300)]
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.09


def test_a_rising_share_is_a_warning_whatever_the_order_of_the_rows():
    y = (RNG.random(N) < np.linspace(0.02, 0.2, N)).astype(int)
    found = drift_check(np.arange(N), y, classes=["ok", "bad"])
    assert found.code == "RB013" and found.severity == "warning" and "'bad'" in found.message
    assert found.details["in_time_order"]
    mixed = RNG.permutation(N)
    again = drift_check(mixed, y[mixed])
    assert again.details["shares"] == found.details["shares"]
    assert not again.details["in_time_order"]


@pytest.mark.parametrize(
    "time",
    [
        np.datetime64("2024-01-01") + np.arange(100),
        np.arange(100.0),
        np.array([f"2024-{i:03d}" for i in range(100)], dtype=object),
    ],
    ids=["dates", "floats", "text"],
)
def test_missing_times_are_left_out(time):
    y = (np.arange(100) % 4 == 0).astype(int)
    time = time.copy()
    time[3] = {"M": np.datetime64("NaT"), "f": np.nan, "O": None}[time.dtype.kind]
    found = drift_check(time, y)
    assert found.details["n_missing"] == 1 and found.severity == "info"
    assert len(found.details["shares"]) == 5


@pytest.mark.parametrize("n_rare", [0, 1, 7, 100])
def test_few_rare_rows_or_one_class_have_no_test(n_rare):
    assert drift_check(np.arange(100), (np.arange(100) < n_rare).astype(int), rare=1) is None


def test_lengths_must_agree():
    with pytest.raises(DataError, match="3 times, but 2 labels"):
        drift_check(np.arange(3), np.zeros(2, dtype=int))


def test_rows_in_the_order_of_a_date_are_noticed_unless_it_is_named():
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=i) for i in range(60)]
    frame = pl.DataFrame({"day": days, "x": RNG.normal(size=60), "y": [0, 0, 1] * 20})
    assert order_check(frame, profile_table(frame, "y")).details["column"] == "day"
    assert order_check(frame, profile_table(frame, "y", time="day")) is None
    shuffled = frame.sample(fraction=1, shuffle=True, seed=0)
    assert order_check(shuffled, profile_table(shuffled, "y")) is None
