"""rarebird: learning when some outcomes are rare."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

try:
    __version__ = version("rarebird")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"

# Public names and where they live; loaded on first use, so that the import stays cheap.
_LAZY = {
    "ClassCounts": "rarebird.counts",
    "Study": "rarebird.study",
    "cards": "rarebird.registry",
    "load_model": "rarebird.study",
}
_FOLDERS = (
    "data",
    "decide",
    "diagnose",
    "ensemble",
    "metrics",
    "neighbors",
    "pipeline",
    "resample",
    "study",
    "weight",
)

__all__ = ["ClassCounts", "Study", "__version__", "cards", "load_model"]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    if name in _FOLDERS:
        return import_module(f"rarebird.{name}")
    raise AttributeError(f"module 'rarebird' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_FOLDERS])
