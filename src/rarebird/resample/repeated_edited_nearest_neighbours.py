"""Edited nearest neighbours, again and again."""

import numpy as np

from rarebird.neighbors.editing import repeated_edited
from rarebird.registry import register

from .checked import FOR_CLASSES, Checked
from .edited_nearest_neighbours import EditedNearestNeighbours
from .parameters import Positive


@register(
    name="repeated-edited",
    **FOR_CLASSES,
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
    max_iter : int, default=100
        Most repeats.

    {raises_few_rows}

    Notes
    -----
    From the second repeat on, only rows that lost a neighbour are looked at. Tomek (1976).

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [3.5], [9.0]])
    >>> sampler = RepeatedEditedNearestNeighbours(n_neighbors=1)
    >>> X_new, _ = sampler.fit_resample(X, np.array([0, 0, 0, 1, 1]))
    >>> X_new.ravel().tolist(), sampler.n_iter_
    ([0.0, 1.0, 9.0], 3)
    """

    max_iter: Positive = 100

    def _left(self, data: Checked) -> np.ndarray:
        self._enough_rows(data)
        kept, self.n_iter_ = repeated_edited(
            data.X,
            data.codes,
            self._follow(data),
            n_neighbors=self._search(self.n_neighbors),
            max_iter=self.max_iter,
            kind_sel=self.kind_sel,
            n_jobs=self.n_jobs,
        )
        return kept
