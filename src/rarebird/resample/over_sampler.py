"""What over-samplers share: all rows stay, and each targeted class grows."""

from collections.abc import Iterable
from typing import Any

from rarebird.tables.plan import Plan
from rarebird.tables.sources import AllRows, RowSource, Source

from .base import Resampler
from .checked import Checked


class OverSampler(Resampler):
    """Base of the samplers that add rows class by class; a subclass writes the hook `_grow`."""

    sampling_type = "over"
    sampling_strategy: Any = "auto"
    random_state: Any = None

    def _grow(self, data: Checked, code: int, n_new: int) -> Source | Iterable[Source]:
        """Return where the new rows of a class come from; at least one is wanted."""
        raise NotImplementedError

    def _voted(self, data: Checked) -> tuple[int, ...]:
        """Return the columns that are not interpolated; see `Plan`."""
        return ()

    def _plan(self, data: Checked) -> Plan:
        sources: list[Source] = [AllRows(data.table.n_rows)]
        for code, n_new in data.targets.items():
            if n_new:
                found = self._grow(data, code, n_new)
                new = [found] if isinstance(found, RowSource) else found
                sources.extend(source.of_class(code) for source in new)
        return Plan(tuple(sources), voted=self._voted(data))
