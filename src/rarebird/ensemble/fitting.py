"""Fitting one member: draw, take the rows or share their bins, fit."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone

from rarebird._random import reseed, seed_of
from rarebird.decide.cross_fitting import fit_learner
from rarebird.tables.aligned import resample_aligned
from rarebird.tables.plan import Plan
from rarebird.tables.sources import AllRows
from rarebird.tables.table import Table

from .training import Training


@dataclass(frozen=True, eq=False)
class Fitting:
    """What all members of an ensemble are fitted with."""

    estimator: Any  # cloned for each member
    draw: Any
    table: Table  # the training rows
    seed: int  # a member depends on it, on its number and on the training data
    bins: Any  # what ``estimator.bind`` made of the rows, once for all; None: nothing is shared

    def member(self, training: Training, number: int) -> tuple[Any, np.ndarray]:
        """Return the fitted member, and the weighted class shares of the rows it learned from."""
        rng = np.random.default_rng(seed_of(self.seed, "member", number))
        plan = self.draw(training, number, rng)
        codes, weight = plan.y_of(training.y), None
        if training.weights is not None and not getattr(self.draw, "by_weight", False):
            weight = resample_aligned(
                training.weights, plan, self.table.n_rows, "sample_weight", "Ensemble"
            )
        model = reseed(clone(self.estimator), seed_of(self.seed, "fit", number))
        more = {} if weight is None else {"sample_weight": weight}
        if self.bins is not None and plan.only_kept:
            model.fit_rows(self.bins, plan.base, **more)
        else:
            shared = {} if self.bins is None else {"bins": self.bins}
            X, y = self._rows(plan, training), training.classes[codes]
            fit_learner("Ensemble", model, X, y, **more, **shared)
        mass = np.bincount(codes, weight, len(training.classes))
        return model, mass / mass.sum()

    def _rows(self, plan: Plan, training: Training) -> Any:
        """Return the rows of a plan; those of the training data themselves where it is all."""
        if plan.order is None and [type(source) for source in plan.sources] == [AllRows]:
            return training.X
        return self.table.build(plan)
