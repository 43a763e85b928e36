"""Whatever a person gives: one clear line, exit code 2, and nothing half-written."""

import errno
import json
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest
from stores import alter, opened

from rarebird.study import store as storage

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"


@pytest.fixture
def home(tmp_path, monkeypatch, table):
    """A working folder with a good table in it."""
    monkeypatch.chdir(tmp_path)
    table().write_csv("t.csv")
    return tmp_path


def study(*more):
    return ("study", "t.csv", "-t", "bad", "-q", "--out", "out", *more)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t2.csv", None, ["no file", "Did you mean 't.csv'"]),
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n\n  \n", "empty"),
        ("header.csv", b"a,b,bad\n", ["header", "no rows"]),
        ("header.csv.gz", b"a,b,bad\n", "cannot be read"),
        ("image.csv", PNG, "image.csv"),
        ("image.parquet", PNG, ["Parquet", "PNG"]),
        ("image.feather", PNG, "Arrow"),
        ("image.jsonl", PNG, "image.jsonl"),
        ("cut.parquet", b"PAR1 and no more", "cut.parquet"),
        ("latin.csv", "a,bad\nM\xfcller,yes\n".encode("latin-1"), ["line 2", "0xfc", "UTF-8"]),
        ("book.xlsx", b"PK\x03\x04", ["xlsx", "CSV"]),
        ("notes.docx", b"PK\x03\x04", "kind is not known"),
        ("ragged.csv", b"a,bad\n1,yes\n1,2,3\n", "line 3"),
        ("twice.csv", b"a,a,bad\n1,2,yes\n", "two columns"),
        ("list.jsonl", b"[1, 2]\n", "line 1"),
        ("folder.csv", "folder", "folder"),
    ],
)
def test_a_file_that_is_no_table(home, refused, name, content, words):
    if content == "folder":
        (home / name).mkdir()
    elif content is not None:
        (home / name).write_bytes(content)
    refused("study", name, "-t", "bad", "-q", "--out", "out", words=words)
    assert not (home / "out").exists()


def test_a_glob_that_matches_nothing(home, refused):
    refused("study", "x*.csv", "-t", "bad", "-q", words="No file matches")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["a,bad"] + [f"{i},yes" for i in range(30)], ["'yes'", "30"]),
        (["a,bad"] + [f"{i}," for i in range(30)], "bad"),
        (["a,bad"] + [f"{i},{'yes' if i % 3 else 'no' if i % 2 else ''}" for i in range(60)], "%"),
        (["bad"] + ["yes", "no"] * 20, "column"),
        (["a,bad"] + [f"1,{'yes' if i % 3 else 'no'}" for i in range(60)], "column"),
        (["a,bad"] + [f"{i},{i / 7}" for i in range(200)], "bad"),
    ],
    ids=["single class", "no target", "a third missing", "target only", "constants", "numbers"],
)
def test_a_table_that_cannot_be_studied(home, refused, lines, words):
    (home / "u.csv").write_text("\n".join(lines) + "\n")
    refused("study", "u.csv", "-t", "bad", "-q", "--out", "out", words=words)
    assert not (home / "out").exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--target", "bda"], "Did you mean 'bad'"),
        (["--target", "BAD"], "Did you mean 'bad'"),
        (["--time", "agee"], "Did you mean 'age'"),
        (["--group", "color"], "Did you mean 'colour'"),
        (["--time", "age", "--group", "colour"], "not both"),
        (["--time", "bad"], "bad"),
        (["--group", "bad"], "bad"),
        (["--positive", "yess"], "Did you mean 'yes'"),
        (["--objective", "f3"], "f3"),
        (["--objective", "auprc1"], "auprc1"),
        (["--objective", "recall"], "trivial"),
        (["--objective", "recall@0"], "recall@0"),
        (["--objective", "recall@-3"], "recall@-3"),
        (["--objective", "recall@nan"], "recall@nan"),
        (["--objective", "recall@many"], "recall@many"),
        (["--objective", ""], "No metric"),
        (["--cost", "fp=1"], "fn"),
        (["--cost", "fp=1,fn=-5"], "costs -5"),
        (["--cost", "fp=nan,fn=5"], "not finite"),
        (["--cost", "fp=inf,fn=5"], "not finite"),
        (["--cost", "fp=0,fn=0"], "never pays"),
        (["--cost", "fp=a,fn=5"], "no column"),
        (["--cost", "fpp=1,fn=5"], "Did you mean 'fp'"),
        (["--cost", "yes>no=1,nope>yes=5"], "nope"),
        (["--cost", "fp=1,fp=2,fn=3"], "twice"),
        (["--cost", "nothing.csv"], "nothing.csv"),
        (["--cost", ""], "Costs"),
        (["--min-precision", "90"], "between 0 and 1"),
        (["--min-precision", "0"], "between 0 and 1"),
        (["--min-recall", "-0.5"], "between 0 and 1"),
        (["--min-recall", "nan"], "between 0 and 1"),
        (["--min-recall", "inf"], "between 0 and 1"),
        (["--min-recall", "high"], "between 0 and 1"),
        (["--min-recall", "0.8", "--min-precision", "0.9"], "mutually exclusive"),
        (["--cost", "fp=1,fn=5", "--alert-budget", "10"], "mutually exclusive"),
        (["--cost", "fp=1,fn=5", "--objective", "f1"], "both set the threshold"),
        (["--alert-budget", "0"], "AlertBudget"),
        (["--alert-budget", "-5"], "AlertBudget"),
        (["--alert-budget", "nan"], "AlertBudget"),
        (["--alert-budget", "inf"], "AlertBudget"),
        (["--alert-budget", "5/0"], "AlertBudget"),
        (["--alert-budget", "7/3"], "AlertBudget"),
        (["--alert-budget", "some"], "AlertBudget"),
        (["--alert-budget", "240"], "240"),
        (["--time-budget", "0"], "at least"),
        (["--time-budget", "-60"], "at least"),
        (["--time-budget", "nan"], "at least"),
        (["--time-budget", "inf"], "at least"),
        (["--time-budget", "ten"], "15m"),
        (["--time-budget", ""], "15m"),
        (["--seed", "-1"], "seed"),
        (["--seed", "1.5"], "seed"),
        (["--seed", "99999999999"], "seed"),
        (["--jobs", "0"], "--jobs: 0"),
        (["--jobs", "-2"], "--jobs: -2"),
        (["--jobs", "all"], "jobs"),
        (["--treatments", "smoote"], "Did you mean 'smote'"),
        (["--test", "gone.csv"], "gone.csv"),
        (["--example", "digits"], "not both"),
    ],
)  # fmt: skip
def test_a_wish_that_makes_no_sense(home, refused, more, words):
    refused(*study(*more), words=words)
    assert not (home / "out").exists()


def test_no_table_or_no_target(home, refused):
    refused("study", "-q", words="--example")
    refused("study", "t.csv", "-q", words="--target")
    refused("study", "--example", "digit", "-q", words="Did you mean 'digits'")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop("bad"), "no column 'bad'"),
        (lambda t: t.drop("amount"), "amount"),
        (lambda t: t.with_columns(bad=pl.lit("maybe")), "maybe"),
        (lambda t: t.with_columns(bad=pl.lit(None, dtype=pl.String)), "bad"),
    ],
)
def test_a_test_file_that_does_not_fit(home, refused, table, change, words):
    change(table(seed=1)).write_csv("new.csv")
    refused(*study("--test", "new.csv"), words=words)
    assert not (home / "out").exists()


def test_few_missing_target_values_are_dropped_with_a_notice(home, cli, table, small_schedule):
    frame = table().with_row_index("i")
    frame = frame.with_columns(bad=pl.when(pl.col("i") >= 4).then("bad")).drop("i")
    frame.write_csv("t.csv")
    code, out, _ = cli(*study("--treatments", "class-weights"))
    assert (code, out) == (0, "")
    checks = json.loads(Path("out/verdict.json").read_text())["checks"]
    assert any(check["code"] == "RB007" and "4 of 240" in check["message"] for check in checks)


# the folder


def test_a_file_in_the_way_of_the_folder(home, refused):
    (home / "out").write_text("mine")
    refused(*study(), words="is a file")
    (home / "way").write_text("mine")
    refused("study", "t.csv", "-t", "bad", "-q", "--out", "way/out", words="way")
    assert (home / "out").read_text() == (home / "way").read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs /proc, which nobody can write")
def test_a_folder_that_cannot_be_written(home, refused):
    refused("study", "t.csv", "-t", "bad", "-q", "--out", "/proc/nowhere", words="/proc/nowhere")


def test_a_folder_with_other_files(home, refused):
    (home / "out").mkdir()
    (home / "out" / "thesis.txt").write_text("mine")
    refused(*study(), words=["thesis.txt", "--out"])
    assert [path.name for path in (home / "out").iterdir()] == ["thesis.txt"]


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--target", "colour"], "target"),
        (["--seed", "7"], "seed"),
        (["--objective", "f1"], "objective"),
        (["--cost", "fp=1,fn=9"], "cost"),
        (["--quick"], "quick"),
        (["--time-budget", "90"], "budget"),
        (["--treatments", "smote"], "treatments"),
        (["--group", "colour"], "group"),
        (["--test", "t.csv"], "test"),
    ],
)
def test_the_folder_of_another_study(home, refused, finished, more, words):
    shutil.copytree(finished, "out")
    before = contents(home / "out")
    refused(*study("--treatments", "class-weights", *more), words=["another study", words])
    assert contents(home / "out") == before


def test_the_folder_of_a_study_of_other_data(home, refused, finished, table):
    shutil.copytree(finished, "out")
    table(seed=5).write_csv("t.csv")
    refused(*study("--treatments", "class-weights"), words="different: data")


def test_the_folder_of_another_version(home, refused, finished, monkeypatch):
    shutil.copytree(finished, "out")
    monkeypatch.setattr("rarebird.study.steps.__version__", "99.0")
    refused(*study("--treatments", "class-weights"), words="different: version")


def test_a_folder_whose_store_is_gone(home, refused, finished):
    shutil.copytree(finished, "out")
    shutil.rmtree("out/store")
    refused(*study("--treatments", "class-weights"), words="store is gone")


@pytest.mark.parametrize(
    "damage",
    [
        lambda body: b"",
        lambda body: b"[]",
        lambda body: body[: len(body) // 2],
        lambda body: bytes([body[0] ^ 1]) + body[1:],
        lambda body: body.replace(b'"n_folds": 3', b'"n_folds": 2'),
        lambda body: body.replace(b"TABLE parts", b"TABLE partz"),
    ],
)
def test_a_damaged_store(home, refused, finished, damage):
    shutil.copytree(finished, "out")
    store = home / "out/store/study.sqlite"
    damaged = damage(store.read_bytes())
    assert damaged != store.read_bytes()
    store.write_bytes(damaged)
    refused(*study("--treatments", "class-weights"), words=["folder", "out", "another one"])
    assert store.read_bytes() == damaged


def test_cells_without_a_schedule_are_not_taken_for_ones_own(home, refused, finished):
    shutil.copytree(finished, "out")
    alter(home / "out", "DELETE FROM parts WHERE name = 'schedule'")
    refused(*study("--treatments", "class-weights"), words=["no schedule", "Remove the folder"])


@pytest.mark.parametrize(
    "damage",
    [
        "arrays = x''",
        "arrays = x'00000000'",
        "arrays = substr(arrays, 100)",
        "arrays = 7",
        "meta = replace(meta, '0.', '1.')",
        "meta = x'ff'",
        "checksum = checksum + 1",
    ],
)
def test_a_damaged_cell_is_named_and_computed_again(
    home, refused, cli, finished, damage, small_schedule
):
    shutil.copytree(finished, "out")
    alter(home / "out", f"UPDATE parts SET {damage} WHERE name LIKE 'class-weights%0 2'")
    refused(
        *study("--treatments", "class-weights"),
        words=["class-weights: ", "| 0 2", "only this cell"],
    )
    with opened(home / "out") as store:
        assert len(store.done()) == 5
    assert cli(*study("--treatments", "class-weights"))[0] == 0
    verdict = (home / "out/verdict.json").read_bytes()
    assert verdict == (finished / "verdict.json").read_bytes()


def test_two_runs_in_one_folder(home, refused, finished):
    shutil.copytree(finished, "out")
    other = storage.Store(home / "out/store")
    other.open()
    try:
        refused(*study("--treatments", "class-weights"), words="Another run")
    finally:
        other.close()


# out of disk


def test_cells_survive_a_full_disk_and_the_study_goes_on(
    home, refused, cli, finished, monkeypatch, small_schedule
):
    opens = storage.Store.open

    def on_a_small_disk(self):
        opens(self)
        self._file.execute("PRAGMA max_page_count = 4")

    with monkeypatch.context() as patch:
        patch.setattr(storage.Store, "open", on_a_small_disk)
        refused(*study("--treatments", "class-weights"), words=["No space left", "is kept"])
    with opened(home / "out") as store:
        done = {cell: store.read_cell(cell)[0]["seconds"] for cell in store.done()}
    assert 1 <= len(done) < 6
    assert not list((home / "out").rglob(".*.part"))
    assert not (home / "out/verdict.json").exists()
    assert cli(*study("--treatments", "class-weights"))[0] == 0
    with opened(home / "out") as store:  # none was computed twice
        assert {cell: store.read_cell(cell)[0]["seconds"] for cell in done} == done
    assert (home / "out/verdict.json").read_bytes() == (finished / "verdict.json").read_bytes()


def test_a_full_disk_leaves_no_half_file(home, refused, monkeypatch, small_schedule):
    def full(number):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    refused(*study("--treatments", "class-weights"), words=["No space left", "is kept"])
    assert not list((home / "out").rglob(".*.part"))
    assert not (home / "out/verdict.json").exists()


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 300 KiB, where the machine lets us have one."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)]
    try:
        made = subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        made = False
    if not made:
        pytest.skip("this machine does not let us mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_really_full(home, refused, tiny_disk, small_schedule):
    (tiny_disk / "ballast").write_bytes(b"x" * 250_000)
    refused(
        "study", "t.csv", "-t", "bad", "-q", "--treatments", "class-weights", "--out",
        tiny_disk / "out", words="No space left",
    )  # fmt: skip
    assert not list(tiny_disk.rglob(".*.part"))


# study.toml


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("file = ", "cannot be read"),
        ("", "names no table"),
        ('target = "bad"', "names no table"),
        ('file = "t.csv"\nexample = "digits"', "one of them"),
        ('file = "t.csv"\ntarget = "bad"\nobjectiv = "f1"', "Did you mean 'objective'"),
        ('file = "t.csv"\ntarget = 3', "target = 3"),
        ('file = "t.csv"\ntarget = "bad"\nseed = "one"', "seed"),
        ('file = "t.csv"\ntarget = "bad"\nquick = "yes"', "quick"),
        ('file = "t.csv"\ntarget = "bad"\ntreatments = "smote"', "treatments"),
        ('file = "t.csv"\ntarget = "bad"\ntreatments = [3]', "3"),
        ('file = "t.csv"\ntarget = "bad"\ntime_budget = 1', "at least"),
        ('file = "t.csv"\ntarget = "bad"\ncost = [[0, 1], [2]]', "ost"),
        ('file = "t.csv"\ntarget = "bad"\ncost = { fp = 1 }', "fn"),
        ('file = "gone.csv"\ntarget = "bad"', "gone.csv"),
    ],
)
def test_a_study_file_that_makes_no_sense(home, refused, text, words):
    (home / "old").mkdir()
    (home / "old/study.toml").write_text(text)
    refused("study", "old/study.toml", "-q", words=words)
    assert [path.name for path in (home / "old").iterdir()] == ["study.toml"]
    refused("study", "nowhere.toml", "-q", words="No such file")
