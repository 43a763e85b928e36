"""Editing with growing neighbourhoods."""

import numpy as np

from rarebird.neighbors.editing import all_knn
from rarebird.registry import register

from .checked import FOR_CLASSES, Checked
from .edited_nearest_neighbours import EditedNearestNeighbours
from .parameters import Flag


@register(
    name="all-knn",
    **FOR_CLASSES,
    summary="Editing with 1, then 2, ... then k neighbours.",
    evidence="imbalanced-learn 0.14.2: identical rows",
    rare_cases="one row suffices; a single class, or no more rows than n_neighbors, is refused",
    example={},
)
class AllKNN(EditedNearestNeighbours):
    """Repeats `EditedNearestNeighbours` with 1, 2, ... k neighbours.

    Parameters
    ----------
    n_neighbors : int or neighbours object, default=3
        k; of an object only its number of neighbours less one is used.
    allow_minority : bool, default=False
        Go on when a class has got smaller than the smallest was.

    {raises_few_rows}

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

    mixed_too = False  # of a search object only its number of neighbours is used
    allow_minority: Flag = False

    def _left(self, data: Checked) -> np.ndarray:
        self._enough_rows(data)
        return all_knn(
            data.X,
            data.codes,
            self._follow(data),
            n_neighbors=self._search(self.n_neighbors),
            kind_sel=self.kind_sel,
            allow_minority=self.allow_minority,
            n_jobs=self.n_jobs,
        )
