"""Optional packages, asked for at the point of use."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from ._errors import MissingDependencyError


def available(module: str) -> bool:
    """Say whether a top-level module is installed, without importing it."""
    return find_spec(module) is not None


def need(module: str, *, extra: str, who: str) -> ModuleType:
    """Import ``module``, or say which command installs it in a `MissingDependencyError`."""
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingDependencyError(
            f'{who} needs {module.split(".")[0]}: pip install "rarebird[{extra}]".'
        ) from error
