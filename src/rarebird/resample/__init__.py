"""Resampling: which rows a learner sees, and which new ones."""

from .base import Resampler
from .plan import AllRows, Explicit, Interpolated, Kept, Perturbed, Plan
from .random_over_sampler import RandomOverSampler
from .random_under_sampler import RandomUnderSampler
from .smote import SMOTE
from .targets import sampling_targets

__all__ = [
    "SMOTE",
    "AllRows",
    "Explicit",
    "Interpolated",
    "Kept",
    "Perturbed",
    "Plan",
    "RandomOverSampler",
    "RandomUnderSampler",
    "Resampler",
    "sampling_targets",
]
