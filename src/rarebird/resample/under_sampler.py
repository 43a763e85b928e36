"""What under-samplers share: each targeted class gives some of its rows, class by class."""

from typing import Any

import numpy as np

from rarebird.tables.plan import Plan
from rarebird.tables.sources import Kept, Source

from .base import Resampler
from .checked import Checked


class UnderSampler(Resampler):
    """Base of the samplers that drop rows class by class; a subclass writes the hook `_shrink`."""

    sampling_type = "under"
    sampling_strategy: Any = "auto"

    def _shrink(self, data: Checked, code: int, n_keep: int) -> np.ndarray | Source:
        """Return the rows of a class that stay, or where the rows in their place come from."""
        raise NotImplementedError

    def _plan(self, data: Checked) -> Plan:
        sources: list[Source] = []
        for code in range(len(data.classes)):
            n_keep = data.targets.get(code)
            found = data.rows_of(code) if n_keep is None else self._shrink(data, code, n_keep)
            if isinstance(found, np.ndarray):
                found = Kept(found)
            sources.append(found.of_class(code))
        return Plan(tuple(sources))
