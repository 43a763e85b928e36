"""Exact nearest neighbours, certificates in place of searches, and the cleaning rules on them.

Everything works on a matrix and class codes and returns places of rows; the samplers of
``rarebird.resample`` are thin shells over these functions.
"""

from .condensed import condensed_nearest_neighbour
from .edited import all_knn, edited, repeated_edited
from .engines import ENGINES, ExactEngine, FaissEngine, FaissHnswEngine, engine
from .exact import ExactNeighbors
from .neighbourhood_cleaning import neighbourhood_cleaning
from .one_sided_selection import one_sided_selection
from .purity import Purity
from .screen import Screen
from .tomek import tomek_links, tomek_mask

__all__ = [
    "ENGINES",
    "ExactEngine",
    "ExactNeighbors",
    "FaissEngine",
    "FaissHnswEngine",
    "Purity",
    "Screen",
    "all_knn",
    "condensed_nearest_neighbour",
    "edited",
    "engine",
    "neighbourhood_cleaning",
    "one_sided_selection",
    "repeated_edited",
    "tomek_links",
    "tomek_mask",
]
