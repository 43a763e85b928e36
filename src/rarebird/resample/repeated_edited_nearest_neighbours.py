"""Edited nearest neighbours, again and again."""

from typing import Any, ClassVar

from rarebird._params import Int
from rarebird.neighbors.editing import repeated_edited
from rarebird.registry import register
from rarebird.tables.plan import Kept, Plan

from .base import Checked
from .cleaning import neighbor_count
from .edited_nearest_neighbours import EditedNearestNeighbours


@register(
    name="repeated-edited",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Editing is repeated until no row goes, or a class would get too small.",
    evidence="imbalanced-learn 0.14.2: identical rows",
    rare_cases="one row suffices; a single class, or no more rows than n_neighbors, is refused",
    example={},
)
class RepeatedEditedNearestNeighbours(EditedNearestNeighbours):
    """Repeats `EditedNearestNeighbours` until nothing changes.

    It ends as well when a class has fewer rows than the smallest had at first, or none, and after
    ``max_iter`` repeats.

    Parameters
    ----------
    sampling_strategy : str, list or callable, default="auto"
        Classes that may lose rows; see `sampling_targets`.
    n_neighbors : int or neighbours object, default=3
        k; an object counts the row itself among its neighbours.
    max_iter : int, default=100
        Most repeats.
    kind_sel : {"all", "mode"}, default="all"
        Whether all k must agree, or the most frequent class.
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
    From the second repeat on, only rows that lost a neighbour are looked at. Tomek (1976).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0], [1.0], [3.0], [3.5], [9.0]])
    >>> sampler = RepeatedEditedNearestNeighbours(n_neighbors=1)
    >>> X_new, _ = sampler.fit_resample(X, np.array([0, 0, 0, 1, 1]))
    >>> X_new.ravel().tolist(), sampler.n_iter_
    ([0.0, 1.0, 9.0], 3)
    """

    rules: ClassVar = {**EditedNearestNeighbours.rules, "max_iter": Int(min=1)}

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        n_neighbors: Any = 3,
        max_iter: int = 100,
        kind_sel: str = "all",
        n_jobs: int | None = None,
        neighbors: Any = None,
    ):
        self.sampling_strategy = sampling_strategy
        self.n_neighbors = n_neighbors
        self.max_iter = max_iter
        self.kind_sel = kind_sel
        self.n_jobs = n_jobs
        self.neighbors = neighbors

    def _plan(self, data: Checked) -> Plan:
        self._enough_rows(data, neighbor_count(self.n_neighbors))
        kept, self.n_iter_ = repeated_edited(
            data.X,
            data.codes,
            self._targets(data),
            n_neighbors=self._search(self.n_neighbors),
            max_iter=self.max_iter,
            kind_sel=self.kind_sel,
            n_jobs=self.n_jobs,
        )
        return Plan((Kept(kept),))
