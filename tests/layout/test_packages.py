"""The wheel and the sdist hold what the package reads, and CI tests the wheel."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import rarebird
from layout.sources import PACKAGE, ROOT


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> dict[str, set[str]]:
    """Names of the package's files in the wheel and in the sdist."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as file:
        in_wheel = {name for name in file.namelist() if name.startswith("rarebird/")}
    with tarfile.open(sdist) as file:
        names = [name.partition("/")[2] for name in file.getnames()]
    return {
        "wheel": in_wheel,
        "sdist": {n.removeprefix("src/") for n in names if n.startswith("src/rarebird/")},
        "beside": {name for name in names if not name.startswith("src/")},
    }


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_a_package_holds_every_file_of_the_source(built, kind):
    source = ROOT / "src" / "rarebird"
    wanted = {
        f"rarebird/{path.relative_to(source).as_posix()}"
        for path in source.rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".pyo")
    }
    assert built[kind] == wanted
    endings = {name.rpartition(".")[2] for name in built[kind]}
    assert endings == {"py", "pyi", "typed", "json", "csv", "toml", "html", "css", "js"}


def test_the_sdist_holds_tests_documentation_and_licence(built):
    wanted = {"pyproject.toml", "README.md", "LICENSE", "docs/conf.py", "tests/conftest.py"}
    assert wanted <= built["beside"]
    assert not [name for name in built["beside"] if name.startswith(("docs/_", "docs/api/"))
                and not name.startswith("docs/_ext/")]  # fmt: skip


def test_what_is_tested_is_what_was_installed():
    where = os.environ.get("RAREBIRD_INSTALLED_IN")
    if where is None:
        pytest.skip("set by .ci/run, which tests the wheel")
    assert Path(rarebird.__file__).parent == PACKAGE
    assert PACKAGE.is_relative_to(Path(where).resolve())
