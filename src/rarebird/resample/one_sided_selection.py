"""One-sided selection: common rows that are needed to judge, without Tomek links."""

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from rarebird.neighbors.one_sided import one_sided_selection
from rarebird.registry import register

from .checked import FOR_CLASSES
from .condensed_nearest_neighbour import CondensedNearestNeighbour


@register(
    name="one-sided-selection",
    **FOR_CLASSES,
    summary="Common rows that a seed and the rare rows judge rightly go, then Tomek links.",
    evidence="imbalanced-learn 0.14.2: identical rows",
    rare_cases="one row suffices; a single class is refused",
    example={},
)
class OneSidedSelection(CondensedNearestNeighbour):
    """Keeps rare rows, some seeds and the targeted rows these misjudge, then drops Tomek links.

    Of each targeted class ``n_seeds_S`` rows are drawn; with the smallest class they judge the
    others by nearest neighbours.

    Notes
    -----
    n_c (n_s + n_seeds_S) d for a class of n_c rows and the smallest of n_s, and the Tomek links of
    what is left. Kubat and Matwin (1997).

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [5.0], [9.0]])
    >>> sampler = OneSidedSelection(random_state=0)
    >>> sampler.fit_resample(X, np.array([0, 0, 0, 1, 1]))[0].ravel().tolist()
    [0.0, 5.0, 9.0]
    """

    _select: ClassVar[Callable[..., np.ndarray]] = staticmethod(one_sided_selection)
