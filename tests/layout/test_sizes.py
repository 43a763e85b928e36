"""Files are short, public folders tell what they hold, and what is private looks private."""

import ast
import contextlib
import io
import re
from importlib import import_module

import pytest

from layout.sources import ROOT, imports, imports_in, modules, tree, uses
from rarebird.registry.index import load

LONGEST = 350

FOLDERS = sorted(
    name
    for name, path in modules().items()
    if (path.name == "__init__.py" and name.count(".") == 1 and name != "rarebird.cli")
)


def test_no_file_is_long():
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in modules().items()}
    assert {name: n for name, n in lines.items() if n > LONGEST} == {}


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_public_module_lists_what_is_public(folder):
    module = import_module(folder)
    shown = [name for name in dir(module) if not name.startswith("_")]
    assert shown == sorted(module.__all__) and len(set(shown)) == len(shown)
    for name in shown:
        assert getattr(module, name) is not None


@pytest.mark.parametrize("folder", FOLDERS)
def test_help_lists_what_is_public(folder):
    module = import_module(folder)
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        help(module)
    words = set(re.findall(r"\w+", text.getvalue()))
    assert set(module.__all__) <= words


def public_helpers() -> set[str]:
    """Return functions and classes that nobody else uses and that do not start with ``_``.

    A formula that a test calls by itself is used.
    """
    used = set()
    for name in modules():
        used |= uses(tree(name), imports(name))
    for folder in ("tests", "benchmarks", "examples"):
        for path in (ROOT / folder).rglob("*.py"):
            parsed = ast.parse(path.read_text("utf-8"))
            used |= uses(parsed, imports_in(parsed, "tests"))
    registered = {tuple(card["object"].split(":")) for card in load()["cards"]}
    found = set()
    for name in modules():
        exported = _exported(tree(name))
        for node in tree(name).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                if node.name.startswith("_") or node.name in exported:
                    continue
                if (name, node.name) not in used | registered:
                    found.add(f"{name}.{node.name}")
    return found


def _exported(module: ast.Module) -> set[str]:
    for node in module.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def test_what_only_its_own_module_uses_starts_with_an_underscore():
    assert public_helpers() == set()
