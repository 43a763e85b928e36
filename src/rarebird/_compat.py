"""The one door to private and version-dependent imports of other people's packages."""

from types import ModuleType


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
