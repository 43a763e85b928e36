"""From probabilities to actions: priors, calibration, thresholds, floors, capacity and costs."""

from .argmax import Argmax
from .base import Calibrator, Decision, as_columns
from .bias_corrected_temperature import BiasCorrectedTemperature
from .capacity import Capacity, parse_capacity
from .costs import CostRule, cost_matrix, cost_threshold
from .cross_fitted import cross_fitted
from .floor import PrecisionFloor, RecallFloor
from .identity import Identity
from .multipliers import ClassMultipliers
from .parse_costs import parse_costs
from .prior import PriorCorrection, correct_prior
from .threshold import TunedThreshold, default_threshold
from .wrapper import DecidedClassifier

__all__ = [
    "Argmax",
    "BiasCorrectedTemperature",
    "Calibrator",
    "Capacity",
    "ClassMultipliers",
    "CostRule",
    "DecidedClassifier",
    "Decision",
    "Identity",
    "PrecisionFloor",
    "PriorCorrection",
    "RecallFloor",
    "TunedThreshold",
    "as_columns",
    "correct_prior",
    "cost_matrix",
    "cost_threshold",
    "cross_fitted",
    "default_threshold",
    "parse_capacity",
    "parse_costs",
]
