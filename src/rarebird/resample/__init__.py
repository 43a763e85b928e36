"""Resampling: which rows a learner sees, and which new ones."""

from .all_knn import AllKNN
from .base import Resampler
from .condensed_nearest_neighbour import CondensedNearestNeighbour
from .edited_nearest_neighbours import EditedNearestNeighbours
from .neighbourhood_cleaning_rule import NeighbourhoodCleaningRule
from .one_sided_selection import OneSidedSelection
from .plan import AllRows, Explicit, Interpolated, Kept, Perturbed, Plan
from .random_over_sampler import RandomOverSampler
from .random_under_sampler import RandomUnderSampler
from .repeated_edited_nearest_neighbours import RepeatedEditedNearestNeighbours
from .smote import SMOTE
from .smote_enn import SMOTEENN
from .smote_tomek import SMOTETomek
from .targets import sampling_targets
from .tomek_links import TomekLinks

__all__ = [
    "SMOTE",
    "SMOTEENN",
    "AllKNN",
    "AllRows",
    "CondensedNearestNeighbour",
    "EditedNearestNeighbours",
    "Explicit",
    "Interpolated",
    "Kept",
    "NeighbourhoodCleaningRule",
    "OneSidedSelection",
    "Perturbed",
    "Plan",
    "RandomOverSampler",
    "RandomUnderSampler",
    "RepeatedEditedNearestNeighbours",
    "Resampler",
    "SMOTETomek",
    "TomekLinks",
    "sampling_targets",
]
