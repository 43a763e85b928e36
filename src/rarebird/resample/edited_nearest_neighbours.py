"""Edited nearest neighbours: rows at odds with their neighbours are dropped."""

from typing import Any, ClassVar

import numpy as np

from rarebird._params import OneOf
from rarebird.neighbors.editing import edited
from rarebird.registry import register
from rarebird.tables.plan import Kept, Plan

from .base import Checked, NeighborsRule
from .cleaning import Cleaner, neighbor_count


@register(
    name="edited",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Common rows that their neighbours would put into another class are dropped.",
    evidence="imbalanced-learn 0.14.2: identical rows",
    rare_cases="one row suffices; a single class, or no more rows than n_neighbors, is refused",
    example={},
)
class EditedNearestNeighbours(Cleaner):
    """Drops targeted rows unless all, or most, of their k nearest others share their class.

    Parameters
    ----------
    sampling_strategy : str, list or callable, default="auto"
        Classes that may lose rows; see `sampling_targets`.
    n_neighbors : int or neighbours object, default=3
        k; an object counts the row itself among its neighbours.
    kind_sel : {"all", "mode"}, default="all"
        Whether all k must agree, or the most frequent class (of equals the first).
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
    A row agrees with all its neighbours if k rows of its class are nearer than its nearest row of
    another class; the few rows near at hand mostly show that, and only the others are searched
    for. Wilson (1972).

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [3.5], [9.0]])
    >>> sampler = EditedNearestNeighbours(n_neighbors=1)
    >>> sampler.fit_resample(X, np.array([0, 0, 0, 1, 1]))[0].ravel().tolist()
    [0.0, 1.0, 3.5, 9.0]
    """

    rules: ClassVar = {
        **Cleaner.rules,
        "n_neighbors": NeighborsRule,
        "kind_sel": OneOf("all", "mode"),
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        n_neighbors: Any = 3,
        kind_sel: str = "all",
        n_jobs: int | None = None,
        neighbors: Any = None,
    ):
        self.sampling_strategy = sampling_strategy
        self.n_neighbors = n_neighbors
        self.kind_sel = kind_sel
        self.n_jobs = n_jobs
        self.neighbors = neighbors

    def _plan(self, data: Checked) -> Plan:
        self._enough_rows(data, neighbor_count(self.n_neighbors))
        return Plan((Kept(self.kept(data.X, data.codes, list(data.targets))),))

    def kept(self, X: Any, codes: np.ndarray, targets: list[int]) -> np.ndarray:
        """Return the rows that stay, given class codes and the codes that may lose rows."""
        return edited(
            X,
            codes,
            targets,
            n_neighbors=self._search(self.n_neighbors),
            kind_sel=self.kind_sel,
            n_jobs=self.n_jobs,
        )
