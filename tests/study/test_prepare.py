"""From a table to rows: the split, the codes, and the test part that nothing touches."""

import numpy as np
import polars as pl
import pytest

from rarebird._errors import DataError, ParameterError
from rarebird.study.prepare import FEW_ROWS, prepare


def table(n=300, rare=40, seed=0, labels=("no", "yes")):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat([0, 1], [n - rare, rare]))
    return pl.DataFrame(
        {
            "amount": rng.normal(size=n) + y,
            "colour": rng.choice(["red", "green", "blue"], n),
            "shop": rng.integers(0, 25, n),
            "day": np.arange(n) // 3 + 0.25,
            "bad": np.array(labels)[y],
        }
    )


def test_rows_are_the_table_and_the_split_is_a_split():
    frame = table()
    ready = prepare(frame, "bad")
    assert ready.classes == ["no", "yes"]
    np.testing.assert_array_equal(ready.rows.y, (frame["bad"] == "yes").to_numpy())
    X = ready.rows.X
    np.testing.assert_array_equal(X[:, ready.codebook.names.index("amount")], frame["amount"])
    both = np.concatenate([ready.train, ready.test])
    np.testing.assert_array_equal(np.sort(both), np.arange(300))
    assert np.bincount(ready.rows.y[ready.test]).tolist() == [52, 8]
    assert ready.rows.categorical == (ready.codebook.names.index("colour"),)


def test_the_same_seed_gives_the_same_test_part_and_another_another():
    one, two, other = (prepare(table(), "bad", seed=s).test for s in (0, 0, 1))
    np.testing.assert_array_equal(one, two)
    assert one.tolist() != other.tolist()


def test_the_rarer_class_is_positive_unless_one_is_named():
    frame = table(labels=("b", "a"))
    assert prepare(frame, "bad").classes == ["b", "a"]
    assert prepare(frame, "bad", positive="b").classes == ["a", "b"]
    with pytest.raises(ParameterError, match="'c' is no class"):
        prepare(frame, "bad", positive="c")


@pytest.mark.parametrize("labels", [(-7, 100), (0, 1), (False, True)])
def test_labels_of_any_kind_become_codes(labels):
    frame = table().with_columns(
        pl.Series("bad", [labels[int(v == "yes")] for v in table()["bad"]])
    )
    ready = prepare(frame, "bad")
    assert ready.classes == list(labels)
    assert np.bincount(ready.rows.y).tolist() == [260, 40]


def test_time_puts_the_last_moments_away():
    frame = table().sample(fraction=1, shuffle=True, seed=1)
    ready = prepare(frame, "bad", time="day")
    day = frame["day"].to_numpy()
    assert day[ready.train].max() < day[ready.test].min()
    assert ready.rows.design.kind == "time" and 50 <= len(ready.test) <= 63


def test_groups_stay_whole():
    frame = table()
    ready = prepare(frame, "bad", group="shop")
    shop = frame["shop"].to_numpy()
    assert not set(shop[ready.train]) & set(shop[ready.test])


def test_copies_of_a_row_are_on_one_side():
    frame = pl.concat([table(150, 20)] * 2).select("amount", "colour", "bad")
    ready = prepare(frame, "bad")
    amount = frame["amount"].to_numpy()
    assert not set(amount[ready.train]) & set(amount[ready.test])


def test_a_file_for_the_test_is_all_of_the_test():
    other = table(80, 12, seed=5)
    ready = prepare(table(), "bad", test=other)
    assert ready.train.tolist() == list(range(300)) and ready.test.tolist() == list(range(300, 380))
    np.testing.assert_array_equal(ready.rows.y[300:], (other["bad"] == "yes").to_numpy())
    np.testing.assert_array_equal(
        ready.rows.X[300:, ready.codebook.names.index("amount")], other["amount"]
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop("bad"), "no column 'bad'"),
        (lambda t: t.with_columns(bad=pl.lit("maybe")), "'maybe'"),
    ],
)
def test_a_test_file_that_does_not_fit_is_refused(change, words):
    with pytest.raises(DataError, match=words):
        prepare(table(), "bad", test=change(table(80, 12, seed=5)))


def test_time_and_group_together_are_refused():
    with pytest.raises(ParameterError, match="not both"):
        prepare(table(), "bad", time="day", group="shop")


def test_rows_without_a_target_are_left_out():
    frame = table()
    gaps = frame.with_columns(bad=pl.when(pl.col("day") < 4).then(None).otherwise("bad"))
    ready = prepare(gaps, "bad")
    np.testing.assert_array_equal(
        ready.rows.y, (frame.filter(pl.col("day") >= 4)["bad"] == "yes").to_numpy()
    )


def test_too_few_rare_rows_put_nothing_away():
    ready = prepare(table(300, FEW_ROWS - 1), "bad")
    assert len(ready.test) == 0 and len(ready.train) == 300
    assert len(prepare(table(300, FEW_ROWS + 2), "bad").test) > 0


def test_tiny_classes_of_many_train_and_are_not_assessed():
    frame = table()
    names = frame["bad"].to_list()
    names[:3] = ["odd"] * 3
    ready = prepare(frame.with_columns(pl.Series("bad", names)), "bad")
    code = ready.classes.index("odd")
    assert ready.unassessed == [code]
    assert not np.any(ready.rows.y[ready.test] == code)
    assert np.sum(ready.rows.y[ready.train] == code) == 3


def test_a_missing_time_is_refused_with_its_count():
    frame = table().with_columns(day=pl.when(pl.col("day") < 2).then(None).otherwise(pl.col("day")))
    with pytest.raises(DataError, match=r"missing in 6 rows"):
        prepare(frame, "bad", time="day")


def test_what_the_test_rows_hold_changes_nothing_about_the_training_rows():
    frame = table()
    ready = prepare(frame, "bad")
    held = np.isin(np.arange(300), ready.test)
    changed = frame.with_columns(
        amount=pl.Series(np.where(held, frame["amount"].to_numpy() * 3 + 1, frame["amount"]))
    )
    again = prepare(changed, "bad")
    np.testing.assert_array_equal(again.test, ready.test)
    np.testing.assert_array_equal(again.rows.X[again.train], ready.rows.X[ready.train])
