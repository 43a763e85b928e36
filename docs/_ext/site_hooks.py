"""What Sphinx calls: write the generated pages, link bare names, refuse what is not offline."""

import inspect
import re
from collections import defaultdict
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from site_pages import DOCS, FOLDERS, pages


def write(app: Any = None) -> None:
    """Write the pages that changed and remove those that are gone."""
    wanted = pages()
    for folder in ("_generated", "api", "checks", "methods"):
        for path in (DOCS / folder).rglob("*.*"):
            if path.relative_to(DOCS).as_posix() not in wanted:
                path.unlink()
    for name, text in wanted.items():
        path = DOCS / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")


def skip(app: Any, what: str, name: str, value: Any, skipped: bool, options: Any) -> bool | None:
    """Leave out what a class inherits from other packages."""
    inner = getattr(value, "fget", None) or getattr(value, "__func__", value)
    home = getattr(inner, "__module__", None) or ""
    return True if inspect.isroutine(inner) and not home.startswith("rarebird") else None


def bars(app: Any, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    """Take ``|x|`` in a docstring for a length, as formulas mean it; Sphinx would substitute x."""
    in_example = False
    for i, line in enumerate(lines):
        in_example = line.lstrip().startswith(">>>") or (in_example and bool(line.strip()))
        if not in_example:
            parts = line.split("``")
            parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
            lines[i] = "``".join(parts)


@cache
def _homes() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for folder in FOLDERS:
        for name in import_module(f"rarebird.{folder}").__all__:
            found[name].add(f"rarebird.{folder}.{name}")
    return found


def find(app: Any, env: Any, node: Any, contnode: Any) -> Any:
    """Resolve a bare name such as ``correct_prior`` that one public folder exports."""
    homes = _homes().get(node.get("reftarget"), set())
    if node.get("refdomain") != "py" or len(homes) != 1:
        return None
    domain = env.get_domain("py")
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", min(homes), node, contnode)


OUTSIDE = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["'](?:https?:)?//|"""
    r"""<link\b(?=[^>]*\brel=["'](?:stylesheet|icon|preload|preconnect|dns-prefetch))"""
    r"""[^>]*\bhref=["'](?:https?:)?//|@import\s+(?:url\()?["']?(?:https?:)?//|"""
    r"""url\(\s*["']?(?:https?:)?//""",
    re.I,
)


def from_outside(folder: Path) -> list[str]:
    """Return the pages and styles that would ask another machine for something."""
    paths = [*folder.rglob("*.html"), *folder.rglob("*.css")]
    return sorted(
        path.relative_to(folder).as_posix()
        for path in paths
        if OUTSIDE.search(path.read_text("utf-8"))
    )


def check(app: Any, exception: Exception | None) -> None:
    """Refuse a site that is not offline."""
    from sphinx.errors import ExtensionError

    if (
        exception is None
        and app.builder.name == "html"
        and (found := from_outside(Path(app.outdir)))
    ):
        raise ExtensionError(f"These pages ask for something from outside: {', '.join(found)}")


def setup(app: Any) -> dict[str, bool]:
    """Tell Sphinx what to call."""
    app.connect("builder-inited", write)
    app.connect("autodoc-skip-member", skip)
    app.connect("autodoc-process-docstring", bars, priority=400)  # before numpydoc
    app.connect("missing-reference", find)
    app.connect("build-finished", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
