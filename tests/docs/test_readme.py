"""The README's commands are what CI runs, and what it says of versions is true."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
CI = ROOT / ".ci" / "run"
README = (ROOT / "README.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def commands() -> list[str]:
    """Return the one-line commands that make an environment."""
    return [line for line in README.splitlines() if line.startswith("python3 -m venv")]


def test_two_commands_do_all_the_set_up():
    first, second = commands()
    assert first.endswith(".venv/bin/rarebird study --example digits --quick")
    assert second.count("&&") == 2


def test_ci_runs_the_second_command_on_the_wheel():
    _, install, test = (part.strip() for part in commands()[1].split("&&"))
    lines = CI.read_text("utf-8").splitlines()
    marked = [line.removesuffix("# README").strip() for line in lines if line.endswith("# README")]
    assert marked == [test.removeprefix(".venv/bin/")]
    (wheel,) = (line for line in lines if line.startswith("pip install") and ".whl" in line)
    extras = r"\[[a-z,]+\]"
    assert re.findall(extras, wheel) == re.findall(extras, install) == ["[test]"]
    assert not [line for line in lines if "pip install -e" in line]


def test_ci_is_executable_and_checks_packages_lint_types_and_documentation():
    assert CI.stat().st_mode & 0o100
    lines = CI.read_text("utf-8").splitlines()
    assert {"ruff check", "ruff format --check", "mypy"} <= set(lines)
    assert [line for line in lines if line.startswith("python -m build ")]
    assert [line for line in lines if line.startswith("python -m sphinx -W ")]


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
