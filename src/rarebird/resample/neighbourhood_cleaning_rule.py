"""The neighbourhood cleaning rule: editing, and clearing around misjudged rare rows."""

from typing import Annotated, Any

import numpy as np
from sklearn.base import clone

from rarebird._params import Instance, OneOf, Real
from rarebird.neighbors.cleaning_rule import neighbourhood_cleaning
from rarebird.registry import register

from .checked import FOR_CLASSES, Checked
from .cleaning import Cleaner
from .edited_nearest_neighbours import EditedNearestNeighbours
from .parameters import Backend, Neighbors

EditorRule = OneOf(None, Instance("a resampler", methods=("fit_resample",)))


@register(
    name="neighbourhood-cleaning",
    **FOR_CLASSES,
    summary="Editing by vote, then common rows around misjudged rare rows are dropped.",
    evidence="imbalanced-learn 0.14.2: identical rows where its labels are 0, 1, ...",
    rare_cases="one row suffices; a single class, or no more rows than n_neighbors, is refused",
    example={},
)
class NeighbourhoodCleaningRule(Cleaner):
    """Drops rows that lose their neighbours' vote, and neighbours of rare rows that lose it.

    A1: targeted rows whose k nearest others are mostly of another class. A2: the k nearest others
    of each row of the smallest class that is voted out, if they are of a targeted class with more
    than ``threshold_cleaning`` times the smallest class's rows. Both go.

    Parameters
    ----------
    edited_nearest_neighbours : resampler or None, default=None
        What finds A1; ``None``: `EditedNearestNeighbours` with ``kind_sel="mode"``.
    n_neighbors : int or neighbours object, default=3
        k.
    threshold_cleaning : float, default=0.5
        Above 0.

    Attributes
    ----------
    edited_nearest_neighbours_ : resampler
        What found A1, fitted.
    classes_to_clean_ : list
        Classes that A2 may take rows from.

    {raises_few_rows}

    Notes
    -----
    The cost of `EditedNearestNeighbours`, and n_s n d for n_s rows of the smallest class.
    Laurikkala (2001).

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [3.4], [9.0]])
    >>> sampler = NeighbourhoodCleaningRule()
    >>> sampler.fit_resample(X, np.array([0, 0, 0, 1, 1]))[0].ravel().tolist()
    [3.4, 9.0]
    """

    edited_nearest_neighbours: Annotated[Any, EditorRule] = None
    n_neighbors: Neighbors = 3
    threshold_cleaning: Annotated[float, Real(min=0, open_low=True)] = 0.5
    neighbors: Backend = None

    def _left(self, data: Checked) -> np.ndarray:
        self._enough_rows(data)
        shared = ("sampling_strategy", "n_neighbors", "n_jobs", "neighbors")
        editor: Any = EditedNearestNeighbours(kind_sel="mode")
        editor.set_params(**{name: getattr(self, name) for name in shared})
        if self.edited_nearest_neighbours is not None:
            editor = clone(self.edited_nearest_neighbours)
        labels = data.classes[data.codes]
        (editor.plan if hasattr(editor, "plan") else editor.fit_resample)(data.X, labels)
        self.edited_nearest_neighbours_ = editor
        targets = list(data.targets)
        enough = data.counts > data.counts.min() * self.threshold_cleaning
        self.classes_to_clean_ = [data.classes[c] for c in targets if enough[c]]
        return neighbourhood_cleaning(
            data.X,
            data.codes,
            targets,
            n_neighbors=self._search(self.n_neighbors),
            threshold_cleaning=self.threshold_cleaning,
            edited_rows=editor.sample_indices_,
            n_jobs=self.n_jobs,
        )
