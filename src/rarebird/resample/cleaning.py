"""What the cleaning methods share: targets that follow the counts, and refusals in words."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from sklearn.base import clone

from rarebird._errors import DataError
from rarebird._params import Int, OneOf
from rarebird.counts import ClassCounts
from rarebird.neighbors.backends import backend

from .base import BackendRule, Checked, Resampler
from .targets import sampling_targets

JobsRule = OneOf(None, Int())


class Cleaner(Resampler):
    """Base of the methods that drop rows at odds with their neighbours.

    A subclass has ``sampling_strategy``, ``n_jobs`` and ``neighbors``.
    """

    kind = "clean"
    rules: ClassVar = {"n_jobs": JobsRule, "neighbors": BackendRule}

    def _targets(self, data: Checked) -> Callable[[np.ndarray], list[int]]:
        """Return a function from the rows left of each class to the classes that may lose rows."""

        def targets(counts: np.ndarray) -> list[int]:
            present = np.flatnonzero(counts)
            found = ClassCounts(counts[present], data.classes[present])
            aims = sampling_targets(
                self.sampling_strategy, None, "clean", counts=found, owner=type(self).__name__
            )
            place = {label: code for code, label in enumerate(data.classes)}
            return [place[label] for label in aims]

        return targets

    def _search(self, n_neighbors: Any) -> Any:
        """Return k, or the object that finds k others and the row itself."""
        if isinstance(n_neighbors, (int, np.integer)) and self.neighbors is not None:
            return clone(backend(self.neighbors)).set_params(n_neighbors=int(n_neighbors) + 1)
        return n_neighbors

    def _enough_rows(self, data: Checked, k: int) -> None:
        """Refuse a table with no more than k rows."""
        if len(data.codes) > k:
            return
        rarest = int(np.argmin(data.counts))
        raise DataError(
            f"{type(self).__name__}: {len(data.codes)} rows (class {data.name(rarest)} among them) "
            f"are too few for n_neighbors={k}, which needs at least {k + 1}. Use "
            f"n_neighbors<={len(data.codes) - 1}."
        )


def neighbor_count(n_neighbors: Any) -> int:
    """Return k of a number, or of an object that counts the row itself among its neighbours."""
    if isinstance(n_neighbors, (int, np.integer)):
        return int(n_neighbors)
    return getattr(n_neighbors, "n_neighbors", 2) - 1
