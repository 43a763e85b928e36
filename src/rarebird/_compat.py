"""The one door to private and version-dependent imports of other people's packages."""

from types import ModuleType
from typing import Any


def lightgbm() -> ModuleType | None:
    """Return LightGBM, or ``None`` where its shared library cannot be loaded (no OpenMP, say)."""
    try:
        import lightgbm as module  # noqa: TID251
    except (ImportError, OSError):
        return None
    return module


def cli_errors() -> tuple[type[Exception], ...]:
    """Return the errors of wrong usage; newer typer has its own copy of click."""
    import typer

    found = getattr(typer, "TyperException", None)
    if found is None:
        from click import ClickException

        found = ClickException
    return (found,)


def sklearn_trees() -> tuple[Any, Any]:
    """Return what scikit-learn's trees are made of: their class, and the type of their nodes."""
    from sklearn.tree import _tree

    return _tree.Tree, _tree.NODE_DTYPE
