"""Over-sampling, then cleaning what came out: one plan over the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Annotated, Any, ClassVar

import numpy as np
from sklearn.base import clone

from rarebird._params import Instance, OneOf
from rarebird.tables.array_table import ArrayTable
from rarebird.tables.plan import Plan
from rarebird.tables.sources import Kept
from rarebird.tables.sparse_table import SparseTable

from .base import Resampler
from .checked import Checked
from .cleaning import Cleaner
from .parameters import Jobs
from .smote import SMOTE


@dataclass(frozen=True)
class OnePass:
    """A cleaner of this class; a subclass that cleans otherwise, by repeats say, is none."""

    cleaner: type[Cleaner]

    def allows(self, value: Any) -> bool:
        """Say whether the value keeps the rule."""
        return isinstance(value, self.cleaner) and type(value)._left is self.cleaner._left

    def __str__(self) -> str:
        return f"{self.cleaner.__name__} of rarebird"


@dataclass(frozen=True)
class _Namesake:
    """An object of another library with our class's name and no parameter that ours lacks."""

    ours: type[Resampler]

    def allows(self, value: Any) -> bool:
        """Say whether the value keeps the rule."""
        same = type(value).__name__ == self.ours.__name__ and hasattr(value, "fit_resample")
        return same and _given(value).keys() <= signature(self.ours).parameters.keys()

    def __str__(self) -> str:
        return f"imbalanced-learn's {self.ours.__name__}"


def part(ours: type[Resampler], own: Any) -> OneOf:
    """Return the rule of a part: none, one of ours, or its namesake in imbalanced-learn."""
    return OneOf(None, own, _Namesake(ours))


def _given(value: Any) -> Mapping[str, Any]:
    return value.get_params(deep=False) if hasattr(value, "get_params") else {}


def _copy(value: Any, ours: type[Resampler]) -> Any:
    """Return a clone of a resampler of ours, or one of ours with another library's parameters."""
    return clone(value if isinstance(value, Resampler) else ours(**_given(value)))


class Combined(Resampler):
    """Base of SMOTE followed by cleaning; a subclass says by what, in the parameter ``cleans``.

    Parameters
    ----------
    sampling_strategy : str, float, dict or callable, default="auto"
        Of the default SMOTE; see `sampling_targets`.
    random_state : int, Generator, RandomState or None, default=None
        Seed of the default SMOTE; an integer gives the rows that imbalanced-learn gives.
    smote : SMOTE or None, default=None
        An over-sampler of rarebird, or imbalanced-learn's SMOTE: ours with its parameters.
    """

    cleans: ClassVar[str]
    cleaner: ClassVar[type[Cleaner]]
    legacy_rng = True
    sampling_strategy: Any = "auto"
    random_state: Any = None
    smote: Annotated[Any, part(SMOTE, Instance("a resampler of rarebird", types=(Resampler,)))] = (
        None
    )
    n_jobs: Jobs = None

    def _takes_missing(self) -> bool:
        parts = (self.smote, getattr(self, self.cleans))
        return all(isinstance(part, Resampler) and part._takes_missing() for part in parts)

    def _for_mixed(self, categorical: list[int]) -> Resampler:
        smote = self._smote()._for_mixed(categorical)
        cleaner = {self.cleans: self._cleaner()._for_mixed(categorical)}
        return clone(self).set_params(smote=smote, **cleaner)

    def _smote(self) -> Any:
        given = {"sampling_strategy": self.sampling_strategy, "random_state": self.random_state}
        return SMOTE(**given) if self.smote is None else _copy(self.smote, SMOTE)

    def _cleaner(self) -> Any:
        given = getattr(self, self.cleans)
        if given is None:
            return self.cleaner(sampling_strategy="all", n_jobs=self.n_jobs)
        return _copy(given, self.cleaner)

    def _plan(self, data: Checked) -> Plan:
        cleaner, over = self._cleaner(), self._smote()
        self.smote_ = over
        if self.smote is None:  # its targets and numbers are known already
            over.sampling_strategy_ = self.sampling_strategy_
            over._set_names(data.table)
            plan = over._run(data)
        else:
            plan = over.plan(data.X, data.classes[data.codes])
        table = SparseTable if data.table.is_sparse else ArrayTable
        X = table(data.X, type(self).__name__).build(plan)
        codes = plan.y_of(data.codes)
        counts = np.bincount(codes, minlength=len(data.classes))
        targets = cleaner.sampling_strategy_ = cleaner.targets_of(counts, data.classes)
        wanted = [code for code, label in enumerate(data.classes) if label in targets]
        kept = cleaner.kept(X, codes, wanted)
        cleaner.plan_ = Plan((Kept(kept),), n_rows=len(codes))
        setattr(self, f"{self.cleans}_", cleaner)
        return plan.take(kept)
