"""The contract of the resamplers for multi-label data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rarebird._errors import DataError
from rarebird.tables.label_sets import LabelSets
from rarebird.tables.plan import Plan
from rarebird.tables.table import Table

from .base import Resampler
from .checked import FOR_CLASSES, Rows
from .label_imbalance import ratios

__all__ = ["MultilabelResampler"]

FOR_LABEL_SETS: dict[str, Any] = {**FOR_CLASSES, "tasks": ("multilabel",)}


@dataclass(frozen=True, eq=False, kw_only=True)
class Labelled(Rows):
    """What a multi-label method's hook works on: the rows and their label sets."""

    sets: np.ndarray  # (n, L), truth values: which row has which label
    ratio: np.ndarray  # (L,), `irlbl` of the input
    mean_ratio: float  # `mean_ir` of the input


class MultilabelResampler(Resampler):
    """Base of the resamplers of multi-label data; a subclass writes the hook `_plan`.

    The plan's new rows carry their label sets as ``y`` of shape (n_new, L). There is no
    ``sampling_strategy``: which labels are rare follows from their ratios.
    """

    def _plan(self, data: Labelled) -> Plan:
        """Return the plan for checked data; must not change the data."""
        raise NotImplementedError

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = False
        return tags

    def _target(self, y: Any) -> LabelSets:
        return LabelSets(y, type(self).__name__)

    def _data(
        self, table: Table, target: Any, start: Callable[[], Any], targets: dict[int, int]
    ) -> Labelled:
        counts = target.matrix.sum(axis=0)
        if not counts.any():
            raise DataError(
                f"{type(self).__name__}: no row has a label; of {len(counts)} labels all have 0 "
                "rows."
            )
        ratio = ratios(counts)
        return Labelled(
            X=self._numbers(table),
            table=table,
            start=start,
            sets=target.matrix,
            ratio=ratio,
            mean_ratio=float(np.nanmean(ratio)),
        )
