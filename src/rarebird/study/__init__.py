"""The main job: a person's file in, an honest report and a usable model out."""

from importlib import import_module
from typing import Any

_LAZY = {
    "Study": "rarebird.study.run",
    "StudyModel": "rarebird.study.model",
    "StudyResult": "rarebird.study.result",
    "load_model": "rarebird.study.model",
}

__all__ = ["Study", "StudyModel", "StudyResult", "load_model"]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'rarebird.study' has no attribute {name!r}")
