"""Condensed nearest neighbours: common rows that are needed to judge the others."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

import numpy as np

from rarebird._params import OneOf
from rarebird.neighbors.condensed import condensed_nearest_neighbour
from rarebird.registry import register

from .checked import FOR_CLASSES, Checked
from .cleaning import Cleaner
from .parameters import NeighborsRule, Positive


@register(
    name="condensed",
    **FOR_CLASSES,
    summary="Common rows that the rows kept so far judge rightly are dropped, one after the other.",
    evidence="imbalanced-learn 0.14.2: identical rows",
    rare_cases="one row suffices; a single class is refused",
    example={"random_state": 0},
)
class CondensedNearestNeighbour(Cleaner):
    """Keeps the rare rows, some seeds, and each targeted row that the rows kept so far misjudge.

    Of each targeted class ``n_seeds_S`` rows are drawn; then its rows are judged in their order by
    the nearest neighbours among the smallest class and the rows kept.

    Parameters
    ----------
    n_neighbors : int, classifier of neighbours or None, default=None
        Neighbours that judge; ``None`` is 1.
    n_seeds_S : int, default=1
        Rows drawn of each targeted class, with repeats.

    Notes
    -----
    O(n_c m d) for m rows kept of a class of n_c. Hart (1968).

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [5.0], [9.0]])
    >>> sampler = CondensedNearestNeighbour(random_state=0)
    >>> sampler.fit_resample(X, np.array([0, 0, 0, 1, 1]))[0].ravel().tolist()
    [0.0, 3.0, 5.0, 9.0]
    """

    legacy_rng = True
    random_state: Any = None
    n_neighbors: Annotated[Any, OneOf(None, NeighborsRule)] = None
    n_seeds_S: Positive = 1
    _select: ClassVar[Callable[..., np.ndarray]] = staticmethod(condensed_nearest_neighbour)

    def _left(self, data: Checked) -> np.ndarray:
        return self._select(
            data.X,
            data.codes,
            list(data.targets),
            n_neighbors=self.n_neighbors,
            n_seeds_S=self.n_seeds_S,
            random_state=data.rng,
            n_jobs=self.n_jobs,
        )
