"""Over-sampling, then cleaning what came out: one plan over the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any, ClassVar

import numpy as np
from sklearn.base import clone

from rarebird._params import Instance, Int, OneOf
from rarebird.counts import ClassCounts
from rarebird.tables.convert import ArrayTable, SparseTable
from rarebird.tables.plan import Kept, Plan

from .base import Checked, Resampler
from .edited_nearest_neighbours import EditedNearestNeighbours
from .smote import SMOTE
from .targets import sampling_targets
from .tomek_links import TomekLinks

_OURS = Instance("a resampler of rarebird", types=(Resampler,))


@dataclass(frozen=True)
class Plainly:
    """A cleaner of this class; a subclass that cleans otherwise, by repeats say, is none."""

    kind: type[Resampler]

    def allows(self, value: Any) -> bool:
        """Say whether the value keeps the rule."""
        return isinstance(value, self.kind) and type(value)._plan is self.kind._plan

    def __str__(self) -> str:
        return f"{self.kind.__name__} of rarebird"


@dataclass(frozen=True)
class Namesake:
    """An object of another library with our class's name and no parameter that ours lacks."""

    ours: type[Resampler]

    def allows(self, value: Any) -> bool:
        """Say whether the value keeps the rule."""
        same = type(value).__name__ == self.ours.__name__ and hasattr(value, "fit_resample")
        return same and _given(value).keys() <= signature(self.ours).parameters.keys()

    def __str__(self) -> str:
        return f"imbalanced-learn's {self.ours.__name__}"


def _given(value: Any) -> Mapping[str, Any]:
    return value.get_params(deep=False) if hasattr(value, "get_params") else {}


def _ours(value: Any, kind: type[Resampler]) -> Any:
    """Return a resampler of ours, not yet cloned: the value, or one with its parameters."""
    return value if isinstance(value, Resampler) else kind(**_given(value))


class Combined(Resampler):
    """Base of SMOTE followed by cleaning; a subclass says by what, in the parameter ``cleans``."""

    kind = "over"
    cleans: ClassVar[str]
    cleaner: ClassVar[type[Resampler]]
    rules: ClassVar = {
        "smote": OneOf(None, _OURS, Namesake(SMOTE)),
        "enn": OneOf(None, Plainly(EditedNearestNeighbours), Namesake(EditedNearestNeighbours)),
        "tomek": OneOf(None, Plainly(TomekLinks), Namesake(TomekLinks)),
        "n_jobs": OneOf(None, Int()),
    }

    def _plan(self, data: Checked) -> Plan:
        over, cleaner = self.smote, getattr(self, self.cleans)
        if over is None:
            over = SMOTE(sampling_strategy=self.sampling_strategy, random_state=self.random_state)
        if cleaner is None:
            cleaner = self.cleaner(sampling_strategy="all", n_jobs=self.n_jobs)
        over, cleaner = clone(_ours(over, SMOTE)), clone(_ours(cleaner, self.cleaner))
        over.fit_resample(data.X, data.classes[data.codes])
        plan = over.plan_
        table = SparseTable if data.table.is_sparse else ArrayTable
        X = table(data.X, type(self).__name__).build(plan)
        codes = plan.labels(data.codes)
        present = ClassCounts(np.bincount(codes, minlength=len(data.classes)), data.classes)
        aims = sampling_targets(
            cleaner.sampling_strategy, None, "clean", counts=present, owner=type(cleaner).__name__
        )
        targets = [int(np.flatnonzero(data.classes == label)[0]) for label in aims]
        kept = cleaner.kept(X, codes, targets)
        cleaner.sampling_strategy_, cleaner.plan_ = aims, Plan((Kept(kept),))
        self.smote_ = over
        setattr(self, f"{self.cleans}_", cleaner)
        return plan.take(kept)
