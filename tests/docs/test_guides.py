"""Every code block of the guides and of the README runs."""

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
STUDY = "rarebird study --example digits --quick"  # the README's; what the guides go on with


def blocks(path: Path) -> list[tuple[str, str]]:
    """Return (language, code) of each fenced block."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", path.read_text("utf-8"), flags=re.M | re.S)


def rarebird(command: str, folder: Path) -> None:
    code = "from rarebird.cli import main; main()"
    words = shlex.split(command)[1:]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which the README's study has been run, and rows for predicting lie."""
    from rarebird.data import example

    where = tmp_path_factory.mktemp("guides")
    rarebird(f"{STUDY} --time-budget 5 --yes --treatments class-weights", where)
    frame, target = example("digits")
    frame.drop(target).head(200).write_csv(where / "new.csv")
    return where


def run_blocks(path: Path, folder: Path) -> None:
    names: dict = {"__name__": "guide"}
    for language, code in blocks(path):
        if language == "python":
            quicker = code.replace("quick=True)", "quick=True, time_budget=5, yes=True)")
            exec(compile(quicker, str(path), "exec"), names)
        elif language == "pycon":
            test = doctest.DocTestParser().get_doctest(code, names, path.name, str(path), 0)
            test.globs = names  # one namespace a page
            result = doctest.DocTestRunner().run(test, clear_globs=False)
            assert result.attempted and not result.failed, path.name
        elif language == "sh":
            for line in code.splitlines():
                if line.startswith("rarebird predict"):
                    rarebird(line, folder)


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_the_blocks_of_a_guide_run(path, folder, monkeypatch):
    assert blocks(path)
    monkeypatch.chdir(folder)
    run_blocks(path, folder)


def test_the_blocks_of_the_readme_run(folder, monkeypatch):
    monkeypatch.chdir(folder)
    run_blocks(ROOT / "README.md", folder)


def stated() -> list[str]:
    paths = [*GUIDES, ROOT / "README.md"]
    lines = [line for path in paths for _, code in blocks(path) for line in code.splitlines()]
    return sorted({line for line in lines if line.startswith("rarebird study ")})


def test_the_study_commands_are_understood():
    from typer.testing import CliRunner

    from rarebird.cli.app import app
    from rarebird.study.parse_goal import parse_goal

    known = CliRunner().invoke(app, ["study", "--help"]).output
    assert STUDY in stated()
    assert len(stated()) >= 6
    for line in stated():
        words = shlex.split(line, comments=True)[2:]
        options = [word for word in words if word.startswith("--")]
        assert all(f"{option} " in known for option in options), line
        goal = {
            option[2:].replace("-", "_"): words[words.index(option) + 1]
            for option in options
            if option
            in ("--objective", "--cost", "--min-precision", "--min-recall", "--alert-budget")
        }
        classes = ["ok", "dent", "crack", "crack, deep"] if "crack" in line else ["no", "yes"]
        parse_goal(classes, n_rows=10_000, **goal)  # refuses what makes no sense


def test_there_are_guides():
    assert len(GUIDES) == 9
