"""rarebird predict: a decision and probabilities, in the file's order, or one clear line."""

import io
import shutil
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rarebird import load_model


@pytest.fixture
def home(tmp_path, monkeypatch, finished):
    """A working folder with a model and new rows in it."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished, "model")
    return tmp_path


@pytest.fixture
def new(home, table):
    frame = table(n=50, seed=3).drop("bad")
    frame.write_csv("new.csv")
    return frame


def read(text):
    return pl.read_csv(io.StringIO(text))


def test_every_way_out_says_the_same(home, new, cli):
    code, out, err = cli("predict", "model", "new.csv")
    assert (code, err) == (0, "")
    shown = read(out)
    assert shown.columns == ["decision", "p_no", "p_yes"]
    np.testing.assert_allclose(shown["p_no"] + shown["p_yes"], 1)
    model = load_model("model")
    np.testing.assert_allclose(shown.select("p_no", "p_yes"), model.predict_proba(new), rtol=1e-12)
    assert shown["decision"].to_list() == model.predict(new).tolist()
    for name in ("p.csv", "p.parquet", "P.CSV"):
        assert cli("predict", "model/model.skops", "new.csv", "--out", name) == (0, "", "")
    assert_frame_equal(pl.read_csv("p.csv"), shown)
    assert_frame_equal(pl.read_csv("P.CSV"), shown)
    assert_frame_equal(pl.read_parquet("p.parquet"), shown)
    assert sorted(path.name for path in home.iterdir() if path.name[0] in "p.P") == [
        "P.CSV", "p.csv", "p.parquet",
    ]  # fmt: skip


def test_order_of_columns_and_further_columns_do_not_matter(home, new, cli):
    plain = cli("predict", "model", "new.csv")[1]
    new.select("colour", "age", "amount").with_columns(more=1).write_parquet("mixed.parquet")
    assert cli("predict", "model", "mixed.parquet") == (0, plain, "")


def test_rows_are_predicted_one_by_one(home, new, cli):
    plain = cli("predict", "model", "new.csv")[1].splitlines()
    new.reverse().write_csv("back.csv")
    back = cli("predict", "model", "back.csv")[1].splitlines()
    assert back[1:] == plain[:0:-1]
    new.head(1).write_csv("one.csv")
    assert cli("predict", "model", "one.csv")[1].splitlines() == plain[:2]


def test_missing_columns_are_named(home, new, refused):
    new.drop("age", "amount").rename({"colour": "color"}).write_csv("less.csv")
    refused("predict", "model", "less.csv", words=["lacks 3 of the 3", "'amount'", "'colour'"])
    new.rename({"amount": "amuont"}).write_csv("less.csv")
    refused("predict", "model", "less.csv", words="Did you mean 'amuont'")


def test_unseen_categories_are_counted_and_taken_as_missing(home, new, cli):
    new.with_columns(colour=pl.lit("violet")).write_csv("violet.csv")
    code, out, err = cli("predict", "model", "violet.csv")
    assert code == 0 and "'violet'" in err and "not seen" in err
    new.with_columns(colour=pl.lit(None, dtype=pl.String)).write_csv("none.csv")
    assert cli("predict", "model", "none.csv") == (0, out, "")
    assert cli("predict", "model", "violet.csv", "-q")[2] == ""


def test_wrong_types(home, new, cli, refused):
    new.with_columns(amount=pl.lit("much")).write_csv("much.csv")
    refused("predict", "model", "much.csv", words=["'amount'", "numeric", "'much'"])
    some = pl.when(pl.int_range(50) < 3).then(pl.lit("much")).otherwise("amount")
    new.with_columns(amount=some).write_csv("some.csv")
    code, out, err = cli("predict", "model", "some.csv")
    assert code == 0 and "3 values are not numeric" in err
    assert len(read(out)) == 50
    new.with_columns(amount=pl.concat_list("amount", "age")).write_parquet("lists.parquet")
    refused("predict", "model", "lists.parquet", words="'amount'")
    new.with_columns(colour=pl.struct("amount", "age")).write_parquet("structs.parquet")
    refused("predict", "model", "structs.parquet", words="'colour'")
    new.with_columns(amount=pl.lit(b"\x00")).write_parquet("bytes.parquet")
    refused("predict", "model", "bytes.parquet", words="'amount'")


def test_numbers_of_other_types_are_numbers(home, new, cli):
    whole = new.with_columns(pl.col("amount").round().cast(pl.Int8))
    whole.write_parquet("int.parquet")
    whole.with_columns(pl.col("amount").cast(pl.Float64)).write_parquet("float.parquet")
    whole.with_columns(pl.col("amount").cast(pl.String)).write_parquet("text.parquet")
    answers = {cli("predict", "model", f"{name}.parquet") for name in ("int", "float", "text")}
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gone.csv", None, "no file"),
        ("empty.csv", b"", "empty"),
        ("header.csv", b"amount,age,colour\n", "no rows"),
        ("image.parquet", b"\x89PNG\r\n\x1a\n", "Parquet"),
    ],
)
def test_a_file_that_is_no_table(home, refused, name, content, words):
    if content is not None:
        (home / name).write_bytes(content)
    refused("predict", "model", name, "--out", "p.csv", words=words)
    assert not (home / "p.csv").exists()


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("p.xlsx", ".parquet"),
        ("p", ".csv"),
        ("nowhere/p.csv", "no folder nowhere"),
        ("folder.csv", "is a folder"),
        ("new.csv", "is the file that is read"),
        ("/proc/p.csv", "/proc/p.csv"),
    ],
)
def test_a_place_that_cannot_be_written(home, new, refused, out, words):
    (home / "folder.csv").mkdir()
    before = (home / "new.csv").read_bytes()
    refused("predict", "model", "new.csv", "--out", out, words=words)
    assert (home / "new.csv").read_bytes() == before


# the prior


def test_another_prior(home, new, cli):
    before = read(cli("predict", "model", "new.csv")[1])
    code, out, err = cli("predict", "model", "new.csv", "--prior", "0.01")
    assert code == 0 and "tuned again" in err and "0.01" in err
    after = read(out)
    assert (after["p_yes"] < before["p_yes"]).all()
    assert cli("predict", "model", "new.csv", "--prior", "no=0.99,yes=0.01", "-q") == (0, out, "")


@pytest.mark.parametrize(
    ("prior", "words"),
    [
        ("2", "between 0 and 1"),
        ("0", "between 0 and 1"),
        ("nan", "between 0 and 1"),
        ("rare", "--prior"),
        ("", "--prior"),
        ("no=0.5,yes=0.6", "sum to 1"),
        ("no=0.5", "lacks its share"),
        ("no=0.9,yess=0.1", "Did you mean 'yes'"),
        ("no=0.9,yes", "--prior"),
    ],
)
def test_a_prior_that_makes_no_sense(home, new, refused, prior, words):
    refused("predict", "model", "new.csv", "--prior", prior, words=words)


def test_the_cost_rule_follows_the_prior(home, new, cli, table, small_schedule):
    table().write_csv("t.csv")
    done = cli("study", "t.csv", "-t", "bad", "-q", "--out", "costly", "--cost", "fp=1,fn=9",
               "--treatments", "class-weights")  # fmt: skip
    assert done == (0, "", "")
    for prior in (None, "0.01"):
        code, out, err = cli(
            "predict", "costly", "new.csv", *([] if prior is None else ["--prior", prior])
        )
        assert code == 0 and ("follows" in err) == (prior is not None)
        shown = read(out)
        assert ((shown["p_yes"] >= 0.1) == (shown["decision"] == "yes")).all()


# labels of every kind


@pytest.mark.parametrize(
    ("labels", "columns", "dtype"),
    [
        ((0, 1), ["p_0", "p_1"], pl.Int64),
        ((-1, 3), ["p_-1", "p_3"], pl.Int64),
        ((False, True), ["p_False", "p_True"], pl.Boolean),
        (("a b", "c,d", 'e"f'), ["p_a b", "p_c,d", 'p_e"f'], pl.String),
    ],
)
def test_labels_keep_their_type(home, cli, table, small_schedule, labels, columns, dtype):
    frame = table(n=300, labels=labels)
    frame.write_parquet("t.parquet")
    args = (
        "study",
        "t.parquet",
        "-t",
        "bad",
        "-q",
        "--out",
        "out",
        "--treatments",
        "class-weights",
    )
    assert cli(*args) == (0, "", "")
    assert cli("predict", "out", "t.parquet", "--out", "p.parquet") == (0, "", "")
    shown = pl.read_parquet("p.parquet")
    assert shown.columns == ["decision", *columns]
    assert shown["decision"].dtype == dtype
    assert set(shown["decision"].unique()) <= set(labels)
    assert (shown["decision"] == frame["bad"]).mean() > 0.7


def test_dates_and_booleans_are_read_as_in_training(home, cli, table, small_schedule):
    frame = table().with_columns(
        day=pl.date(2024, 1, 1) + pl.duration(days=pl.int_range(240)),
        flag=pl.int_range(240) % 3 == 0,
    )
    frame.write_csv("t.csv")
    args = ("study", "t.csv", "-t", "bad", "-q", "--out", "out", "--treatments", "class-weights")
    assert cli(*args) == (0, "", "")
    frame.write_parquet("t.parquet")
    from_text = cli("predict", "out", "t.csv")
    assert from_text[0] == 0 and from_text[2] == ""
    assert cli("predict", "out", "t.parquet") == from_text


def test_a_reader_that_has_enough_ends_it_quietly(home, new):
    """As in `rarebird predict model new.csv | head -1`."""
    pl.concat([new] * 4000).write_csv("long.csv")
    code = "import sys; from rarebird.cli import main; sys.argv[0] = 'rarebird'; main()"
    run = subprocess.Popen(
        [sys.executable, "-c", code, "predict", "model", "long.csv"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with run:
        assert run.stdout.readline() == "decision,p_no,p_yes\n"
        run.stdout.close()
        assert run.stderr.read() == ""
    assert run.returncode in (0, 1)  # by how much was written in one go
