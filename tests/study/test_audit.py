"""Columns that bring nothing are left out and not demanded; those that help are kept."""

import numpy as np
import polars as pl
import pytest

from rarebird._errors import ParameterError
from rarebird.study.audit import WHY
from rarebird.study.prepare import prepare

N = 1200


def table(seed=0, **columns):
    rng = np.random.default_rng(seed)
    y = (rng.random(N) < 0.15).astype(int)
    made = {name: make(rng, y) for name, make in columns.items()}
    return pl.DataFrame({"x": rng.normal(size=N) + y, "z": rng.normal(size=N), **made, "y": y})


def names(rng, y):
    return [f"name {i}" for i in rng.integers(0, N // 5, N)]


def numbers(rng, y):
    return rng.permutation(10 * N)[:N]


def in_time_order(rng, y):  # the rare class comes later, and the file is shuffled
    return np.argsort(np.argsort(rng.normal(size=N) + 1.5 * y)) * 7 + rng.integers(0, 7, N)


def shops(rng, y):  # each has a rate of its own
    rate = rng.normal(size=60)
    share = np.exp(np.outer([0, 1.5], rate))
    share /= share.sum(axis=1, keepdims=True)
    return [f"shop {rng.choice(60, p=share[code])}" for code in y]


def shop(rng):
    return rng.integers(0, 90, N)


def left_out(ready):
    return [column.name for column in ready.profile.columns if column.why == WHY]


@pytest.mark.parametrize("seed", [1, 2])
def test_names_and_numbers_that_bring_nothing_are_left_out_and_said(seed):
    ready = prepare(table(seed, name=names, number=numbers), "y")
    assert left_out(ready) == ["name", "number"]
    assert ready.codebook.names == ["x", "z"] and ready.rows.X.shape == (N, 2)
    assert ready.rows.categorical == ()
    (check,) = [check for check in ready.checks if check.code == "RB024"]
    assert check.severity == "info" and "Name a column under keep" in check.message
    gain = check.details["columns"]["name"]
    assert gain["gain"] <= gain["se"] and f"{gain['gain']:+.4f}" in check.message


@pytest.mark.parametrize("make", [in_time_order, shops])
@pytest.mark.parametrize("seed", [1, 2])
def test_what_helps_is_kept(make, seed):
    ready = prepare(table(seed, made=make, name=names), "y")
    assert "made" in ready.profile.features and left_out(ready) == ["name"]


def test_levels_of_few_rows_are_kept_where_they_help():
    rng = np.random.default_rng(0)
    shop = rng.integers(0, 60, 400)  # fewer rows than the trees need for a level
    y = (rng.random(400) < np.where(shop < 12, 0.7, 0.05)).astype(int)
    frame = pl.DataFrame(
        {"x": rng.normal(size=400), "shop": [f"shop {s}" for s in shop]}
    ).with_columns(y=pl.Series(y))
    assert "shop" in prepare(frame, "y").profile.features


def test_a_leak_stays_a_leak():
    frame = table(leak=lambda rng, y: [f"{'FR'[c]}{i}" for c, i in zip(y, shop(rng), strict=True)])
    ready = prepare(frame, "y")
    (leak,) = [check for check in ready.checks if check.code == "RB005"]
    assert leak.severity == "danger" and leak.details["column"] == "leak"
    assert "leak" in ready.profile.features


def test_what_is_named_under_keep_is_used():
    frame = table(name=names, row_id=lambda rng, y: np.arange(N)).with_columns(one=pl.lit(1))
    assert prepare(frame, "y").profile.features == ("x", "z")
    ready = prepare(frame, "y", keep=["name", "row_id"])
    assert ready.profile.features == ("x", "z", "name", "row_id")
    assert not {"RB008", "RB024"} & {check.code for check in ready.checks}
    for keep, words in (
        (["nme"], "Did you mean 'name'"),
        (["y"], "is the target"),
        (["one"], "'one' cannot be used: every value is '1'"),
    ):
        with pytest.raises(ParameterError, match=words):
            prepare(frame, "y", keep=keep)
    with pytest.raises(ParameterError, match="left out and kept"):
        prepare(frame, "y", keep=["name"], drop=["name"])


def test_the_test_set_is_never_looked_at():
    frame = table(name=names, number=numbers, made=in_time_order)
    ready = prepare(frame, "y")
    held = np.isin(np.arange(N), ready.test)
    made, x = frame["made"].to_numpy().copy(), frame["x"].to_numpy().copy()
    made[held], x[held] = made[held][::-1], -x[held]
    changed = frame.with_columns(x=x, made=made)
    again = prepare(changed, "y")
    np.testing.assert_array_equal(again.test, ready.test)
    one, other = ([c for c in each.checks if c.code == "RB024"] for each in (ready, again))
    assert one == other and len(one) == 1
    assert left_out(again) == left_out(ready) == ["name", "number"]


def test_copies_with_new_numbers_are_on_one_side():
    frame = table().head(N // 2)
    frame = pl.concat([frame, frame]).with_columns(
        number=pl.Series(np.random.default_rng(1).permutation(10 * N)[:N])
    )
    ready = prepare(frame, "y")
    x = frame["x"].to_numpy()
    assert left_out(ready) == ["number"]
    assert not set(x[ready.train]) & set(x[ready.test])


def test_one_column_that_is_all_there_is_stays():
    assert prepare(table(name=names).select("name", "y"), "y").profile.features == ("name",)


def test_many_suspects_and_many_classes_are_judged_too():
    many = {f"name{i}": names for i in range(12)}
    frame = table(**many).with_columns(y=pl.col("y") + (pl.col("z") > 1))
    assert left_out(prepare(frame, "y")) == list(many)
