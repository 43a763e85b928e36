"""A method costs its file: it then is in index, public names, command line and contract tests."""

import filecmp
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import rarebird
from rarebird._optional import available

TESTS = Path(__file__).parents[1]
DUMMIES = Path(__file__).parent / "dummies"
PACKAGE = Path(rarebird.__file__).parent


@dataclass(frozen=True)
class Dummy:
    """A method in one file of ``dummies``, at the path it gets in the package."""

    file: str
    role: str
    name: str
    public: str

    @property
    def folder(self) -> str:
        """The package that exports it."""
        return f"rarebird.{self.file.partition('/')[0]}"


# A further role is a line here and a file in ``dummies``.
ADDED = [
    Dummy("resample/dummy_sampler.py", "resampler", "dummy-sampler", "DummySampler"),
    Dummy("decide/dummy_rule.py", "decision", "dummy-rule", "DummyRule"),
    Dummy("ensemble/dummy_draw.py", "draw", "dummy-draw", "DummyDraw"),
    Dummy("deep/dummy_cross_entropy.py", "loss", "dummy-cross-entropy", "DummyCrossEntropy"),
    Dummy("metrics/dummy_confusion.py", "metric", "dummy-share", "dummy_share"),
    Dummy("metrics/dummy_cells.py", "metric", "dummy-jaccard", "dummy_jaccard"),
    Dummy("metrics/dummy_ranking.py", "metric", "dummy-gini", "dummy_gini"),
    Dummy("metrics/dummy_loss.py", "metric", "dummy-distance", "dummy_distance"),
    Dummy("metrics/dummy_values.py", "metric", "dummy-mse", "dummy_mse"),
]
NEEDS = {"rarebird.deep": "torch"}  # folder: what is imported there


def _installed(dummy: Dummy) -> bool:
    return available(NEEDS.get(dummy.folder, "sys"))


def _parameter(dummy: Dummy):
    why = f"needs {NEEDS.get(dummy.folder)}"
    return pytest.param(
        dummy, marks=pytest.mark.skipif(not _installed(dummy), reason=why), id=dummy.name
    )


GENERATED = {
    "registry/index.json",
    *(f"{d.file.partition('/')[0]}/__init__.pyi" for d in ADDED if _installed(d)),
}
each = pytest.mark.parametrize("dummy", list(map(_parameter, ADDED)))


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of the package and of the contract tests, with the dummies and generated files."""
    root = tmp_path_factory.mktemp("copy")
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, root / "src" / "rarebird", ignore=leave)
    shutil.copytree(TESTS / "contract", root / "tests" / "contract", ignore=leave)
    shutil.copy(TESTS / "conftest.py", root / "tests")
    shutil.copy(TESTS.parent / "pyproject.toml", root)
    shutil.copytree(DUMMIES, root / "src" / "rarebird", ignore=leave, dirs_exist_ok=True)
    python(root, "-m", "rarebird.registry")
    return root


def python(root: Path, *words: str) -> str:
    """Run Python on the copy, and return what it prints."""
    env = {**os.environ, "PYTHONPATH": str(root / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *words], cwd=root, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def tested(copy) -> list[str]:
    """The contract tests of the dummies, all passed."""
    out = python(
        copy, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-k", "dummy", "tests/contract"
    )
    return [line for line in out.splitlines() if "PASSED" in line]


def test_there_is_a_line_for_every_file():
    files = {path.relative_to(DUMMIES).as_posix() for path in DUMMIES.rglob("*.py")}
    assert files == {dummy.file for dummy in ADDED} and len(ADDED) >= 3


@each
def test_it_is_in_the_index_and_counted(copy, dummy):
    index = json.loads((copy / "src/rarebird/registry/index.json").read_text("utf-8"))
    before = json.loads((PACKAGE / "registry" / "index.json").read_text("utf-8"))
    assert (dummy.role, dummy.name) in {(card["role"], card["name"]) for card in index["cards"]}
    new = [other for other in ADDED if other.role == dummy.role]
    assert index["counts"][dummy.role] == before["counts"].get(dummy.role, 0) + len(new)


def test_a_metric_of_each_kind_is_found_by_its_name(copy):
    names = [dummy.name for dummy in ADDED if dummy.role == "metric"]
    code = f"from rarebird.metrics import get_metric; [print(get_metric(n).name) for n in {names}]"
    assert python(copy, "-c", code).split() == names and len(names) == 5


def test_its_own_reference_is_in_the_index(copy):
    index = json.loads((copy / "src/rarebird/registry/index.json").read_text("utf-8"))
    assert index["references"]["Doe2000"].startswith("Doe, J. Keep the first.")


@each
def test_it_is_a_public_name_of_its_folder(copy, dummy):
    code = (
        f"import {dummy.folder} as m; print({dummy.public!r} in dir(m), m.{dummy.public}.card.name)"
    )
    assert python(copy, "-c", code).split() == ["True", dummy.name]


@pytest.fixture(scope="module")
def listed(copy) -> dict[str, list]:
    """What the command line lists."""
    code = "from rarebird.cli import main; main()"
    return {what: json.loads(python(copy, "-c", code, what, "--json"))
            for what in ("methods", "papers")}  # fmt: skip


@each
def test_the_command_line_lists_it(listed, dummy):
    assert (dummy.role, dummy.name) in {(card["role"], card["name"]) for card in listed["methods"]}


def test_the_paper_of_a_dummy_is_served(listed):
    (row,) = (row for row in listed["papers"] if row["slug"] == "encouraging-loss")
    assert "dummy-rule" in {method["name"] for method in row["methods"]}


@each
def test_the_contract_tests_run_on_it_and_pass(tested, dummy):
    mine = [line for line in tested if f"test_contract[{dummy.role}-{dummy.name}-" in line]
    assert len(mine) >= 5


def test_nothing_else_was_edited(copy):
    package = copy / "src" / "rarebird"
    files = {path.relative_to(package).as_posix() for path in package.rglob("*.*")}
    files -= {dummy.file for dummy in ADDED}
    _, changed, unreadable = filecmp.cmpfiles(package, PACKAGE, files, shallow=False)
    assert unreadable == [] and set(changed) == GENERATED
