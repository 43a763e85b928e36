"""The command line as a stranger meets it: help, mistakes, lists, and quick to start."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from rarebird import __version__, cli
from rarebird._errors import DataError, ParameterError
from rarebird.cli.progress import show_progress
from rarebird.diagnose.check import Check
from rarebird.registry import ROLES, cards
from rarebird.study.options import seconds as _seconds
from rarebird.study.study_file import StudyFile
from rarebird.study.study_file import default_out as _default_out

HEAVY = ("sklearn", "polars", "lightgbm", "scipy", "pandas", "pyarrow", "matplotlib", "skops")


def run(monkeypatch, capsys, *args):
    """Run the command line in this process; return exit code, standard output and error."""
    monkeypatch.setattr(sys, "argv", ["rarebird", *args])
    with pytest.raises(SystemExit) as end:
        cli.main()
    out, err = capsys.readouterr()
    return end.value.code, out, err


@pytest.fixture
def command(monkeypatch, capsys):
    return lambda *args: run(monkeypatch, capsys, *args)


def loaded_after(code):
    """Heavy packages that a fresh process has loaded after some code."""
    code += f"\nimport sys\nprint(*[n for n in {HEAVY!r} if n in sys.modules], sep=',')"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return out.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "code",
    [
        "import rarebird; rarebird.__version__; dir(rarebird)",
        "import rarebird.study, rarebird.cli",
        *(
            f"import sys; sys.argv = ['rarebird', *{words!r}]\n"
            "from rarebird.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass"
            for words in (["--help"], ["study", "--help"], ["--version"], [], ["studdy"])
        ),
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(code):
    assert loaded_after(code) == ""


def test_the_test_above_would_notice():
    assert loaded_after("import rarebird.data; rarebird.data.example('wine')") != ""


def test_the_installed_command_runs():
    script = Path(sys.executable).with_name("rarebird")
    if not script.exists():
        pytest.skip("rarebird is not installed as a command here")
    out = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == f"rarebird {__version__}"


def test_help_reads_like_a_manual(command):
    code, out, err = command("--help")
    assert (code, err) == (0, "")
    for word in ("rarebird study --example digits", "--quick", "predict", "Exit codes", "methods"):
        assert word in out
    assert max(map(len, out.splitlines())) <= 100
    assert command("-h") == (code, out, err)


@pytest.mark.parametrize("name", ["study", "predict", "methods"])
def test_every_option_of_a_command_is_explained(command, name):
    code, out, err = command(name, "--help")
    assert (code, err) == (0, "")
    for line in out.splitlines():
        if line.startswith("  -") and "--help" not in line:
            assert len(line.split("  ")[-1].strip()) > 0, line
    if name == "study":
        words = "target example objective cost min-precision min-recall alert-budget positive"
        words += " time group test out time-budget quick jobs seed treatments quiet"
        assert all(f"--{word}" in out for word in words.split())


def test_without_arguments_the_help_is_shown_as_it_is(command):
    code, out, err = command()
    assert (code, out) == (2, "")
    assert err == command("--help")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["studdy"], "Did you mean 'study'"),
        (["predicct", "m", "f"], "Did you mean 'predict'"),
        (["fly"], "fly"),
        (["study", "t.csv", "--objetcive", "f1"], "--objective"),
        (["study", "t.csv", "--targt", "x"], "--target"),
        (["--verion"], "--version"),
        (["study", "t.csv", "--seed", "one"], "seed"),
        (["study", "t.csv", "--target"], "--target"),
        (["study", "a.csv", "b.csv", "-t", "x"], "b.csv"),
        (["predict"], "model"),
        (["predict", "m"], "file"),
        (["methods", "--role", "resmapler"], "Did you mean 'resampler'"),
        (["methods", "--place", "nowhere"], "nowhere"),
        (["methods", "--task", "regresion"], "regression"),
    ],
)
def test_a_wrong_word_is_one_line(command, words, said):
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    assert err.startswith("rarebird: ") and len(err.splitlines()) == 1
    assert said in err


def test_a_list_of_cards(command):
    code, out, err = command("methods", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found == json.loads(json.dumps([card.as_dict() for card in cards()]))
    assert {card["role"] for card in found} <= set(ROLES)


@pytest.mark.parametrize(
    "wanted",
    [{"role": "ensemble"}, {"place": "ensemble"}, {"task": "multiclass", "role": "decision"}],
)
def test_filters(command, wanted):
    words = [word for name, value in wanted.items() for word in (f"--{name}", value)]
    found = json.loads(command("methods", *words, "--json")[1])
    assert [card["name"] for card in found] == [card.name for card in cards(**wanted)]
    assert 0 < len(found) < len(cards())
    code, out, err = command("methods", *words)
    assert (code, err) == (0, "")
    assert all(card["name"] in out for card in found)


def test_nothing_is_an_empty_list(command):
    assert json.loads(command("methods", "--role", "check", "--place", "loss", "--json")[1]) == []


# troubles that nobody foresaw, and some that everybody does


@pytest.mark.parametrize(
    ("trouble", "code", "said"),
    [
        (DataError("two\nlines"), 2, "rarebird: two lines\n"),
        (PermissionError(13, "Permission denied", "x.csv"), 2, "x.csv: Permission denied\n"),
        (MemoryError(), 2, "not enough memory"),
        (KeyboardInterrupt(), 130, "the same command goes on"),
    ],
)
def test_troubles_end_in_one_line(monkeypatch, command, trouble, code, said):
    def fail(**filters):
        raise trouble

    monkeypatch.setattr("rarebird.cli.methods.cards", fail)
    got, out, err = command("methods")
    assert (got, out) == (code, "")
    assert said in err and len(err.splitlines()) == 1


def test_a_bug_is_not_hidden(monkeypatch, capsys):
    monkeypatch.setattr("rarebird.cli.methods.cards", lambda **filters: 1 / 0)
    monkeypatch.setattr(sys, "argv", ["rarebird", "methods"])
    with pytest.raises(ZeroDivisionError):
        cli.main()


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("1.5m", 90), ("2H", 7200), (" 15m ", 900)]
)
def test_times(text, seconds):
    assert _seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "1d", "1h30", "ten"])
def test_times_that_are_none(text):
    with pytest.raises(ParameterError, match="15m"):
        _seconds(text)


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("sales.csv", "sales"),
        ("/data/Sales.CSV.gz", "Sales"),
        ("a.b.parquet", "a.b"),
        ("x.pq", "x"),
        ("parts/*.jsonl", "all"),
        ("part-[0-9]?.csv", "part-all"),
        ("digits", "digits"),
    ],
)
def test_the_folder_is_named_after_the_file(name, folder):
    assert str(_default_out(name)) == f"rarebird-study-{folder}"


def test_progress_is_plain_lines_where_there_is_no_terminal(capsys):
    with show_progress(False) as show:
        for done in range(0, 101):
            show("comparing", done, 100)
        show("writing", 0, 1)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "comparing 0/100" and lines[-1] == "writing"
    assert len(lines) == 12  # a line each tenth
    with show_progress(True) as show:
        show("comparing", 1, 2)
    assert capsys.readouterr().err == ""


def test_progress_is_a_bar_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with show_progress(False) as show:
        show("reading", 0, 1)
        show("comparing", 3, 10)
    assert "comparing" in capsys.readouterr().err


@pytest.fixture
def found_dangers(monkeypatch, command):
    """Return a function that runs a study which finds these dangers."""

    def tell(*dangers, words=()):
        report = SimpleNamespace(dangers=dangers, ended="")
        result = SimpleNamespace(
            report=report, folder="out", sentences=lambda: {"headline": "The baseline is best."}
        )
        monkeypatch.setattr(StudyFile, "start", lambda self, command: result)
        return command("study", "--example", "digits", *words)

    return tell


def test_dangers_are_told_before_the_verdict_and_in_red_on_a_terminal(found_dangers, monkeypatch):
    leak = Check("RB005", "danger", "Column 'paid' alone predicts the target.")
    code, out, _ = found_dangers(leak)
    title = "A single column gives the target away"
    assert code == 0
    assert out.splitlines()[:3] == [
        f"Danger: {title}. Column 'paid' alone predicts the target.",
        "",
        "The baseline is best.",
    ]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    out = found_dangers(leak)[1]
    assert out.startswith("\x1b[31m") and "\x1b[0m" in out.splitlines()[0]


def test_no_danger_is_no_line_and_many_of_one_code_are_few(found_dangers):
    assert found_dangers()[1].startswith("The baseline is best.")
    assert found_dangers(words=["--quiet"])[1] == ""
    leaks = [Check("RB005", "danger", f"Column {i}.") for i in range(8)]
    lines = found_dangers(*leaks, Check("RB023", "danger", "Rows."))[1].splitlines()
    assert [line.split()[0] for line in lines[:5]] == ["Danger:"] * 5
    assert lines[4] == "Danger: 5 more of RB005." and lines[3].endswith("Rows.")
