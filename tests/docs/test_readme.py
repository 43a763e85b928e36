"""The README's commands are what CI runs, and what it says of versions is true."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def commands() -> list[str]:
    """Return the one-line commands that make an environment."""
    return [line for line in README.splitlines() if line.startswith("python3 -m venv")]


def test_two_commands_do_all_the_set_up():
    first, second = commands()
    assert first.endswith(".venv/bin/rarebird study --example digits --quick")
    assert second.count("&&") == 2


def test_ci_runs_the_second_command():
    _, install, test = (part.strip() for part in commands()[1].split("&&"))
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    marked = [line.removesuffix("# README").strip() for line in lines if line.endswith("# README")]
    assert marked == [install.removeprefix(".venv/bin/"), test.removeprefix(".venv/bin/")]


def test_ci_is_executable_and_checks_lint_and_types():
    path = ROOT / ".ci" / "run"
    assert path.stat().st_mode & 0o100
    lines = path.read_text("utf-8").splitlines()
    assert {"ruff check", "ruff format --check", "mypy"} <= set(lines)


def test_oldest_versions_are_those_of_the_project():
    for need in PROJECT["project"]["dependencies"]:
        name, version = need.split(">=")
        assert re.search(rf"{re.escape(name)} {re.escape(version)}\b", README, flags=re.I), need


def test_the_picture_is_small():
    picture = ROOT / "docs" / "images" / "report.png"
    assert picture.stat().st_size < 150_000
    assert "docs/images/report.png" in README


def test_hooks_use_the_tools_of_the_environment():
    text = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert text.count("language: system") == text.count("- id:") == 3
    assert "http" not in text
