from . import (
    data,
    decide,
    diagnose,
    ensemble,
    estimators,
    metrics,
    neighbors,
    pipeline,
    registry,
    resample,
    study,
    weight,
)
from ._version import __version__
from .counts import ClassCounts
from .registry.index import cards
from .study.model import load_model
from .study.run import Study

__all__ = [
    "ClassCounts",
    "Study",
    "__version__",
    "cards",
    "data",
    "decide",
    "diagnose",
    "ensemble",
    "estimators",
    "load_model",
    "metrics",
    "neighbors",
    "pipeline",
    "registry",
    "resample",
    "study",
    "weight",
]
