"""Generate the index, and the list of public names of every folder, from what modules register."""

import json
import pkgutil
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import rarebird
from rarebird._errors import ParameterError

from .card import REGISTERED, ROLES, Card
from .index import PATH, load, simplest_first

ROOT = Path(rarebird.__file__).parent
COMMAND = "python -m rarebird.registry"
_OPTIONAL = ("torch", "lightning", "torch_geometric", "ray", "flwr", "transformers", "faiss")


def modules() -> Iterator[ModuleType | str]:
    """Import and yield every module of the package; the name of one that lacks an extra."""
    for found in pkgutil.walk_packages([str(ROOT)], "rarebird."):
        if found.name.rpartition(".")[2].startswith("__"):
            continue
        try:
            yield import_module(found.name)
        except ImportError as error:
            if (error.name or "").partition(".")[0] not in _OPTIONAL:
                raise
            yield found.name


def build() -> tuple[dict[str, Any], dict[Path, str]]:
    """Return the index, and the text of the stub of every folder that exports names.

    Entries of modules that cannot be imported here, for want of an extra, are taken from the
    index as it is.

    Raises
    ------
    ParameterError
        If two methods have one name in one role, or a label of a paper is explained nowhere.
    """
    found: list[Card] = []
    exports: defaultdict[str, dict[str, str]] = defaultdict(dict)
    references: dict[str, str] = {}
    imported: list[ModuleType] = []
    missing: list[str] = []
    for each in modules():
        if isinstance(each, str):
            missing.append(each)
        else:
            imported.append(each)
    for module in imported:
        names = list(getattr(module, "__all__", ())) if not _is_package(module) else []
        for card, method in REGISTERED:
            if card.object.startswith(f"{module.__name__}:"):
                name = next(key for key, value in vars(module).items() if value is method)
                found.append(replace(card, object=f"{module.__name__}:{name}"))
                names.append(name)
                references |= _references(method)
        folder, own = module.__name__.split(".")[1], module.__name__.rpartition(".")[2]
        wrong = [name for name in names if not name.isidentifier()]
        if wrong:
            raise ParameterError(f"{module.__name__} exports {wrong[0]!r}, which is no name.")
        if own in names:
            raise ParameterError(
                f"{module.__name__} exports its own name, which the import of the module would "
                "hide; call the file something else."
            )
        if not own.startswith("_"):
            exports[folder] |= dict.fromkeys(names, module.__name__)
    old = [Card.from_dict(values) for values in load()["cards"]] if missing else []
    found += [card for card in old if card.object.partition(":")[0] in missing]
    for card in old:
        package, name = card.imported_as
        home = card.object.partition(":")[0]
        if home in missing:
            exports[package.split(".")[1]][name] = home
    _check(found, references)
    counts = Counter(card.role for card in found)
    index = {
        "counts": {role: counts[role] for role in ROLES if counts[role]},
        "references": dict(sorted(references.items())),
        "cards": [card.as_dict() for card in simplest_first(found)],
    }
    stubs = {
        ROOT / folder / "__init__.pyi": _stub(f"rarebird.{folder}", names)
        for folder, names in sorted(exports.items())
        if names and _is_lazy(ROOT / folder / "__init__.py")
    }
    return json.loads(json.dumps(index)), stubs


def _is_package(module: ModuleType) -> bool:
    return hasattr(module, "__path__")


def _is_lazy(path: Path) -> bool:
    return path.is_file() and "attach_stub" in path.read_text("utf-8")


def _references(method: Any) -> dict[str, str]:
    """Return the entries of a docstring's References by their labels."""
    entries = re.findall(
        r"^\s*\.\. \[(\w+)\] (.+?)(?=\n\s*\n|\n\s*\.\. \[|\Z)", method.__doc__ or "", re.M | re.S
    )
    return {label: " ".join(text.split()) for label, text in entries}


def _check(found: list[Card], references: dict[str, str]) -> None:
    from .papers import slugs

    for (role, name), n in Counter((card.role, card.name) for card in found).items():
        if n > 1:
            raise ParameterError(f"Two methods are called {name!r} in the role {role!r}.")
    for card in found:
        unknown = set(card.papers) - set(slugs()) - set(references)
        if unknown:
            raise ParameterError(
                f"Card {card.name!r}: the paper {min(unknown)!r} is neither in papers.csv nor a "
                "label in the docstring's References."
            )


def _stub(package: str, names: dict[str, str]) -> str:
    """Return the text of a stub: one import a module, and ``__all__``."""
    lines = [f"# Generated by {COMMAND}; do not edit."]
    by_module = defaultdict(list)
    for name, module in names.items():
        by_module[module.removeprefix(package)].append(name)
    for module in sorted(by_module):
        lines += [f"from {module} import {name}" for name in sorted(set(by_module[module]))]
    lines += ["", "__all__ = [", *(f'    "{name}",' for name in sorted(names)), "]", ""]
    return "\n".join(lines)


def stale() -> list[str]:
    """Return what differs between the generated files and what they should hold."""
    index, stubs = build()
    told = []
    for role, n in load()["counts"].items():
        if index["counts"].get(role, 0) < n:
            told.append(f"the role {role} has {index['counts'].get(role, 0)} methods and had {n}")
    if index != load():
        told.append(f"{PATH.name} is stale")
    for path, text in stubs.items():
        if not path.is_file() or path.read_text("utf-8") != text:
            told.append(f"{path.relative_to(ROOT)} is stale")
    return told


def write(*, fewer: bool = False) -> None:
    """Write the index and the stubs.

    Raises
    ------
    ParameterError
        If a role would lose methods and ``fewer`` does not allow it.
    """
    index, stubs = build()
    before = load()["counts"] if PATH.is_file() else {}
    lost = [role for role, n in before.items() if index["counts"].get(role, 0) < n]
    if lost and not fewer:
        raise ParameterError(
            f"The role {lost[0]!r} has {index['counts'].get(lost[0], 0)} methods and had "
            f"{before[lost[0]]}. If that is meant: {COMMAND} --fewer."
        )
    PATH.write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", "utf-8")
    for path, text in stubs.items():
        path.write_text(text, "utf-8")
