"""AUC against scikit-learn; five kinds of constructed leaks; no alarm without one."""

import os
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from rarebird._errors import DataError
from rarebird.data import read_table
from rarebird.diagnose import (
    Halves,
    auc_of_counts,
    column_aucs,
    leakage_checks,
    level_aucs,
    profile_table,
)

N = 2000
RNG = np.random.default_rng(0)
Y = (np.arange(N) >= N - 100).astype(int)
HALF = np.arange(N) % 2 == 0
HALVES = Halves(Y, [1], HALF)


def table(**columns):
    noise = {"noise": RNG.normal(size=N), "level": RNG.choice(["a", "b", "c"], N)}
    return pl.DataFrame(noise | columns | {"y": np.where(Y == 1, "yes", "no")})


def flagged(frame, y=Y, target="y"):
    return leakage_checks(frame, y, profile_table(frame, target))


def gaps(share_rare, share_rest):
    hide = RNG.random(N) < np.where(Y == 1, share_rare, share_rest)
    return [None if gap else float(v) for gap, v in zip(hide, RNG.normal(size=N), strict=True)]


LEAKS = {
    "copied": Y,
    "copied as a boolean": Y == 1,
    "small noise": Y + RNG.normal(scale=0.1, size=N),
    "another string": np.where(Y == 1, "charged back", "settled"),
    "several strings": np.where(
        Y == 1, RNG.choice(["x1", "x2"], N), RNG.choice(["w1", "w2", "w3"], N)
    ),
    "rising identifier": np.arange(N) + 10_000,
    "identifier text": [f"{'F' if c else 'N'}-{i * 7919 % 9973:05d}" for i, c in enumerate(Y)],
    "missing for the rare": gaps(1.0, 0.0),
    "missing for the others": gaps(0.0, 1.0),
    "missing in most of the rare": gaps(0.6, 0.0),
    "between others": np.where(
        Y == 1, RNG.normal(0, 0.001, N), RNG.choice([-1, 1], N) * (1 + RNG.random(N))
    ),
}


@pytest.mark.parametrize("kind", LEAKS)
def test_each_kind_of_leak_is_found_and_nothing_else(kind):
    found = flagged(table(leak=LEAKS[kind]))
    assert [check.details["column"] for check in found] == ["leak"]
    assert found[0].code == "RB005"
    unsure = kind in ("rising identifier", "identifier text", "missing in most of the rare")
    assert found[0].severity == ("warning" if unsure else "danger")
    if found[0].severity == "danger":
        assert "either a leak or an easy problem" in found[0].message


def test_a_good_but_honest_column_is_no_leak():
    found = flagged(table(good=Y * 2 + RNG.normal(size=N), missing=gaps(0.3, 0.3)))
    assert found == ()


def test_a_category_of_one_row_each_is_no_leak():
    levels = [f"shop {i % 1500}" for i in RNG.permutation(N)]
    assert flagged(table(shop=levels)) == ()


def test_five_rare_rows_among_many_columns_raise_no_alarm():
    rng = np.random.default_rng(3)
    y = np.r_[np.ones(5, dtype=int), np.zeros(995, dtype=int)]
    frame = pl.DataFrame({f"x{i}": rng.normal(size=1000) for i in range(60)} | {"y": y})
    assert flagged(frame, y) == ()
    assert flagged(frame.with_columns(leak=pl.Series(y)), y)[0].details["column"] == "leak"


@pytest.mark.parametrize("n_rare", [0, 1, 4])
def test_too_few_rare_rows_are_not_judged(n_rare):
    y = (np.arange(N) < max(n_rare, 1)).astype(int)
    frame = pl.DataFrame({"copy": y, "x": RNG.normal(size=N), "y": y})
    assert leakage_checks(frame, y if n_rare else 0 * y, profile_table(frame, "y")) == ()


KINDS = np.array(["ham", "news", "spam"])[np.arange(N) % 20 // 9]  # 45, 45 and 10%
KIND = np.unique(KINDS, return_inverse=True)[1]
GIVEN_AWAY = {  # what is in one class only, and the classes that the message names
    "filled": (lambda one: np.where(one, RNG.normal(size=N), np.nan), ["spam"]),
    "filled in some": (lambda one: np.where(one & HALF, RNG.normal(size=N), np.nan), ["spam"]),
    "missing": (lambda one: np.where(one, np.nan, RNG.normal(size=N)), ["spam"]),
    "a level": (lambda one: np.where(one, "s", RNG.choice(["a", "b"], N)), ["spam"]),
    "a value": (lambda one: one * 9 + RNG.normal(size=N), ["spam"]),
    "between others": (
        lambda one: np.where(one, RNG.normal(0, 0.001, N), 3 * RNG.choice([-1, 1], N)),
        ["spam"],
    ),
    "common": (lambda one: (KIND == 0) * 9 + RNG.normal(size=N), ["ham"]),
    "filled, common": (lambda one: np.where(KIND == 1, RNG.normal(size=N), np.nan), ["news"]),
    "missing, common": (lambda one: np.where(KIND == 1, np.nan, RNG.normal(size=N)), ["news"]),
    "a level, common": (lambda one: np.where(KIND == 1, "n", RNG.choice(["a", "b"], N)), ["news"]),
    "every class": (lambda one: KINDS, ["ham", "news", "spam"]),
}


@pytest.mark.parametrize("kind", GIVEN_AWAY)
def test_what_gives_one_class_of_many_away_is_found_and_the_class_is_named(kind):
    make, classes = GIVEN_AWAY[kind]
    frame = pl.DataFrame(
        {"noise": RNG.normal(size=N), "leak": make(KIND == 2), "y": KINDS}, nan_to_null=True
    )
    (found,) = flagged(frame, KIND)
    assert (found.details["column"], found.details["classes"]) == ("leak", classes)
    assert found.severity == ("warning" if kind == "filled in some" else "danger")
    said = "the target" if len(classes) == 3 else repr(classes[0])
    assert said in found.message


def test_many_classes_and_columns_without_a_leak_raise_no_alarm():
    rng = np.random.default_rng(5)
    y = np.arange(600) % 40
    few = {f"few{i}": rng.permutation(np.r_[[1.0] * 3, [np.nan] * 597]) for i in range(200)}
    frame = {f"x{i}": rng.normal(size=600) for i in range(200)} | few
    assert flagged(pl.DataFrame(frame | {"y": y}, nan_to_null=True), y) == ()


def test_a_few_missing_values_in_one_of_many_classes_are_an_accident():
    y = np.arange(400) % 10  # four in any one class: by chance in one of 1,200 columns
    values = np.where((y == 7) & (np.arange(400) < 40), np.nan, RNG.normal(size=400))
    assert np.isnan(values).sum() == 4
    assert flagged(pl.DataFrame({"x": values, "y": y}, nan_to_null=True), y) == ()


def test_areas_equal_scikit_learns():
    values = RNG.integers(0, 9, N)
    ones, zeros = np.bincount(values[Y == 1], minlength=9), np.bincount(values[Y == 0], minlength=9)
    assert auc_of_counts(ones, zeros) == pytest.approx(roc_auc_score(Y, values))
    assert auc_of_counts([0, 0], [1, 2]) == 0.5


def test_the_rate_of_a_level_is_fitted_on_the_other_half():
    codes = RNG.integers(0, 30, N)
    areas = []
    for fit in (HALF, ~HALF):
        prior = Y[fit].mean()
        rate = {
            c: (Y[fit][codes[fit] == c].sum() + prior) / ((codes[fit] == c).sum() + 1)
            for c in range(30)
        }
        areas.append(roc_auc_score(Y[~fit], [rate[c] for c in codes[~fit]]))
    assert level_aucs(codes, HALVES)[0] == pytest.approx(np.mean(areas))


def test_a_straight_column_has_its_own_area_in_either_direction():
    x = RNG.normal(size=N) + 1.5 * Y
    assert column_aucs(x, HALVES)[0] == pytest.approx(roc_auc_score(Y, x))
    assert column_aucs(-x, HALVES)[0] == pytest.approx(roc_auc_score(Y, x))


def test_bins_do_not_know_the_rows_they_are_tested_on():
    areas = [column_aucs(np.random.default_rng(s).normal(size=N), HALVES)[0] for s in range(20)]
    assert max(areas) < 0.65


def test_labels_of_another_length_are_refused():
    frame = table()
    with pytest.raises(DataError, match="2000 rows, but 3 labels"):
        leakage_checks(frame, Y[:3], profile_table(frame, "y"))


def test_a_large_table_is_sampled_with_its_rare_rows():
    n = 150_000
    y = (np.arange(n) % 10_000 == 0).astype(int)
    frame = pl.DataFrame(
        {"leak": y * 5.0 + RNG.normal(size=n) / 9, "x": RNG.normal(size=n), "y": y}
    )
    assert [check.details["column"] for check in flagged(frame, y)] == ["leak"]


DATA = Path(os.environ.get("RAREBIRD_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="no real tables: set RAREBIRD_DATA to their folder")
def test_the_scenario_column_of_the_card_table_is_found_in_seconds():
    frame = read_table(DATA / "tabular_large" / "simulated_card_fraud.parquet")
    profile = profile_table(frame, "TX_FRAUD")
    start = time.perf_counter()
    found = leakage_checks(frame, frame["TX_FRAUD"].to_numpy(), profile)
    assert time.perf_counter() - start < 5
    assert [check.details["column"] for check in found] == ["TX_FRAUD_SCENARIO"]
