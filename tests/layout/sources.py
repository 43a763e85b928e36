"""The source files of the package, and what they import: read, never run."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import rarebird

ROOT = Path(__file__).parents[2]
PACKAGE = Path(rarebird.__file__).parent


@cache
def modules() -> dict[str, Path]:
    """Return the path of every module by its dotted name; a folder has its own name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ["rarebird", *path.relative_to(PACKAGE).with_suffix("").parts]
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


@cache
def tree(name: str) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(modules()[name].read_text("utf-8"))


@cache
def imports(name: str) -> tuple[tuple[str, str], ...]:
    """Return (module, name or "") of every import of a module, at any depth."""
    return tuple(imports_in(tree(name), name, modules()[name].name == "__init__.py"))


def imports_in(
    parsed: ast.Module, name: str = "", is_folder: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield (module, name or "") of every import in a syntax tree."""
    for node in ast.walk(parsed):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = name.split(".")
                home = parts[: len(parts) - node.level + is_folder]
                base = ".".join([*home, *([node.module] if node.module else [])])
            yield from ((base, alias.name) for alias in node.names)


def own_modules(found: Iterable[tuple[str, str]]) -> set[str]:
    """Return the modules of the package among imports; a name's is the one it is imported from."""
    mine = [(base, what) for base, what in found if base.partition(".")[0] == "rarebird"]
    return {f"{base}.{what}" if f"{base}.{what}" in modules() else base for base, what in mine}


def uses(parsed: ast.Module, found: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return (module, name) of what a syntax tree takes from modules of the package."""
    found = list(found)
    asked = {node.attr for node in ast.walk(parsed) if isinstance(node, ast.Attribute)}
    return {*found, *((module, name) for module in own_modules(found) for name in asked)}
