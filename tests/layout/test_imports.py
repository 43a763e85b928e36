"""Imports lead downwards, in no circle, to the module that defines a name."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from layout.sources import imports, modules, own_modules

# Each may import those before it, and itself. Folders of one line do not import each other.
LAYERS = (
    ("_errors", "_params", "_random", "_optional", "_compat", "_threads", "_typing", "_version",
     "registry", "counts"),
    ("tables",),
    ("neighbors",),
    ("metrics",),
    ("decide",),
    ("weight",),
    ("data",),
    ("diagnose", "resample"),
    ("pipeline",),
    ("estimators", "ensemble", "deep"),
    ("study",),
    ("cli",),
)  # fmt: skip
HEIGHT = {name: height for height, names in enumerate(LAYERS) for name in names}
# A folder that may be imported by some modules of a higher layer only.
ONLY_BY = {("resample", "decide"): "rarebird.resample.classifier"}
# Not lazy, and light: its names are the registry's own.
PLAIN_FOLDERS = {"rarebird.registry"}
OUTSIDE = {"sklearn", "scipy", "numpy", "pandas", "polars", "narwhals", "lightgbm", "typer"}


def upwards(importer: str, imported: str) -> bool:
    """Return whether an import leads upwards, sideways, or where only another module may go."""
    if "rarebird" in (importer, imported):  # the map of the package imports nothing at run time
        return False
    a, b = importer.split(".")[1], imported.split(".")[1]
    if ONLY_BY.get((a, b), importer) != importer:
        return True
    same_line_is_fine = HEIGHT[a] == HEIGHT[b] == 0
    return a != b and HEIGHT[b] >= HEIGHT[a] and not same_line_is_fine


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the names along a circle, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_every_module_has_a_layer():
    top = {name.split(".")[1] for name in modules() if "." in name}
    assert top == set(HEIGHT) and len(modules()) >= 150


def test_imports_lead_downwards():
    found = {
        f"{name} -> {imported}"
        for name in modules()
        for imported in own_modules(imports(name))
        if upwards(name, imported)
    }
    assert found == set()


def test_no_modules_import_each_other_in_a_circle():
    graph = {name: own_modules(imports(name)) - {"rarebird", name} for name in modules()}
    assert circle(graph) == []
    assert sum(map(len, graph.values())) >= 400


def test_names_come_from_the_module_that_defines_them():
    folders = {name for name, path in modules().items() if path.name == "__init__.py"}
    folders -= PLAIN_FOLDERS
    found = {
        f"{name}: from {base} import {what}"
        for name in modules()
        for base, what in imports(name)
        if base in folders and what and f"{base}.{what}" not in modules()
        and name not in folders and (base, what) != ("rarebird", "__version__")
    }  # fmt: skip
    assert found == set()


def test_only_one_module_imports_what_is_private_elsewhere():
    found = {
        f"{name}: {base} {what}"
        for name in modules()
        for base, what in imports(name)
        if name != "rarebird._compat" and base.partition(".")[0] in OUTSIDE
        if any(part.startswith("_") for part in [*base.split("."), what])
    }
    assert found == set()


def test_the_core_never_imports_what_needs_torch():
    heavy = ("torch", "lightning", "rarebird.deep")
    for name in modules():
        if not name.startswith("rarebird.deep"):
            assert not [base for base, _ in imports(name) if base.startswith(heavy)], name


@pytest.mark.parametrize(
    ("importer", "imported", "refused"),
    [
        ("rarebird.resample.smote", "rarebird.neighbors.exact", False),
        ("rarebird.resample.smote", "rarebird.resample.base", False),
        ("rarebird.counts", "rarebird._errors", False),
        ("rarebird.neighbors.exact", "rarebird.resample.smote", True),
        ("rarebird.diagnose.leak", "rarebird.resample.base", True),
        ("rarebird.resample.smote", "rarebird.decide.prior", True),
        ("rarebird.resample.classifier", "rarebird.decide.prior", False),
        ("rarebird.study.run", "rarebird.cli.app", True),
    ],
)
def test_the_rule_can_refuse(importer, imported, refused):
    assert upwards(importer, imported) == refused


def test_a_circle_is_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert not circle({"a": {"b", "c"}, "b": {"c"}, "c": set()})
