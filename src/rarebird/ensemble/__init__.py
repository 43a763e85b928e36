"""Committees: which experts there are, and who votes."""

from .balanced_random_forest import BalancedRandomForestClassifier
from .base import Balanced, Draw, Natural, ResampledEnsemble
from .under_bagging import UnderBaggingClassifier

__all__ = [
    "Balanced",
    "BalancedRandomForestClassifier",
    "Draw",
    "Natural",
    "ResampledEnsemble",
    "UnderBaggingClassifier",
]
