"""Editing with growing neighbourhoods."""

from typing import Any, ClassVar

from rarebird._params import OneOf
from rarebird.neighbors.editing import all_knn
from rarebird.registry import register
from rarebird.tables.plan import Kept, Plan

from .base import Checked
from .cleaning import neighbor_count
from .edited_nearest_neighbours import EditedNearestNeighbours


@register(
    name="all-knn",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Editing with 1, then 2, ... then k neighbours.",
    evidence="imbalanced-learn 0.14.2: identical rows",
    rare_cases="one row suffices; a single class, or no more rows than n_neighbors, is refused",
    example={},
)
class AllKNN(EditedNearestNeighbours):
    """Repeats `EditedNearestNeighbours` with 1, 2, ... k neighbours.

    Parameters
    ----------
    sampling_strategy : str, list or callable, default="auto"
        Classes that may lose rows; see `sampling_targets`.
    n_neighbors : int or neighbours object, default=3
        k; of an object only its number of neighbours less one is used.
    kind_sel : {"all", "mode"}, default="all"
        Whether all neighbours must agree, or the most frequent class.
    allow_minority : bool, default=False
        Go on when a class has got smaller than the smallest was.
    n_jobs : int or None, default=None
        Threads; ``None`` is what the linear algebra may use.
    neighbors : str, backend or None, default=None
        See `rarebird.neighbors.backend`; ``None`` is exact.

    Raises
    ------
    DataError
        If there are not more than k rows.
    ParameterError
        If a parameter is outside its rule.

    Notes
    -----
    What shows for k shows for every smaller number; see `EditedNearestNeighbours`. Tomek (1976).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0], [1.0], [3.0], [3.5], [9.0]])
    >>> sampler = AllKNN(n_neighbors=1)
    >>> sampler.fit_resample(X, np.array([0, 0, 0, 1, 1]))[0].ravel().tolist()
    [0.0, 1.0, 3.5, 9.0]
    """

    rules: ClassVar = {**EditedNearestNeighbours.rules, "allow_minority": OneOf(True, False)}

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        n_neighbors: Any = 3,
        kind_sel: str = "all",
        allow_minority: bool = False,
        n_jobs: int | None = None,
        neighbors: Any = None,
    ):
        self.sampling_strategy = sampling_strategy
        self.n_neighbors = n_neighbors
        self.kind_sel = kind_sel
        self.allow_minority = allow_minority
        self.n_jobs = n_jobs
        self.neighbors = neighbors

    def _plan(self, data: Checked) -> Plan:
        self._enough_rows(data, neighbor_count(self.n_neighbors))
        kept = all_knn(
            data.X,
            data.codes,
            self._targets(data),
            n_neighbors=self._search(self.n_neighbors),
            kind_sel=self.kind_sel,
            allow_minority=self.allow_minority,
            n_jobs=self.n_jobs,
        )
        return Plan((Kept(kept),))
