"""What the cleaning methods share: targets that follow the counts, and refusals in words."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import clone

from rarebird._errors import DataError
from rarebird.counts import ClassCounts
from rarebird.neighbors.backends import backend
from rarebird.tables.plan import Plan
from rarebird.tables.sources import Kept

from .base import Resampler
from .checked import Checked
from .parameters import Jobs
from .searches import is_number, others_of
from .targets import sampling_targets


class Cleaner(Resampler):
    """Base of the methods that drop rows at odds with their neighbours.

    Parameters
    ----------
    sampling_strategy : str, list or callable, default="auto"
        Classes that may lose rows; see `sampling_targets`.
    """

    sampling_type = "clean"
    sampling_strategy: Any = "auto"
    n_jobs: Jobs = None

    def _plan(self, data: Checked) -> Plan:
        return Plan((Kept(self._left(data)),))

    def _left(self, data: Checked) -> np.ndarray:
        """Return the rows that stay."""
        raise NotImplementedError

    def targets_of(self, counts: np.ndarray, classes: np.ndarray) -> "OrderedDict[Any, int]":
        """Return the labels that may lose rows, given the rows now left of each class."""
        present = np.flatnonzero(counts)
        found = ClassCounts(counts[present], classes[present])
        owner = type(self).__name__
        return sampling_targets(self.sampling_strategy, None, "clean", counts=found, owner=owner)

    def _follow(self, data: Checked) -> Callable[[np.ndarray], list[int]]:
        """Return a function from the rows left of each class to the classes that may lose rows."""

        def follow(counts: np.ndarray) -> list[int]:
            targets = self.targets_of(counts, data.classes)
            return [code for code, label in enumerate(data.classes) if label in targets]

        return follow

    def _search(self, n_neighbors: Any) -> Any:
        """Return k, or the object that finds k others and the row itself."""
        neighbors = getattr(self, "neighbors", None)
        if is_number(n_neighbors) and neighbors is not None:
            return clone(backend(neighbors)).set_params(n_neighbors=int(n_neighbors) + 1)
        return n_neighbors

    def _enough_rows(self, data: Checked) -> None:
        """Refuse a table with no more rows than neighbours are looked for."""
        k = others_of(getattr(self, "n_neighbors", 0))
        n, rarest = len(data.codes), int(np.argmin(data.counts))
        if n <= k:
            raise DataError(
                f"{type(self).__name__}: {n} rows (class {data.name(rarest)} among them) are too "
                f"few for n_neighbors={k}, which needs at least {k + 1}. Use n_neighbors<={n - 1}."
            )
