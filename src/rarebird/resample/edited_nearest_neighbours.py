"""Edited nearest neighbours: rows at odds with their neighbours are dropped."""

from typing import Annotated, Any

import numpy as np

from rarebird._params import OneOf
from rarebird.neighbors.editing import edited
from rarebird.registry import register

from .checked import FOR_CLASSES, Checked
from .cleaning import Cleaner
from .parameters import Backend, Neighbors


@register(
    name="edited",
    **FOR_CLASSES,
    summary="Common rows that their neighbours would put into another class are dropped.",
    evidence="imbalanced-learn 0.14.2: identical rows",
    rare_cases="one row suffices; a single class, or no more rows than n_neighbors, is refused",
    example={},
)
class EditedNearestNeighbours(Cleaner):
    """Drops targeted rows unless all, or most, of their k nearest others share their class.

    Parameters
    ----------
    n_neighbors : int or neighbours object, default=3
        k; an object counts the row itself among its neighbours.
    kind_sel : {"all", "mode"}, default="all"
        Whether all k must agree, or the most frequent class (the first of tied ones).

    {raises_few_rows}

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

    mixed_too = True
    n_neighbors: Neighbors = 3
    kind_sel: Annotated[str, OneOf("all", "mode")] = "all"
    neighbors: Backend = None

    def _left(self, data: Checked) -> np.ndarray:
        self._enough_rows(data)
        return self.kept(data.X, data.codes, list(data.targets))

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
