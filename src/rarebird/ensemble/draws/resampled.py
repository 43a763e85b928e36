"""A draw by any resampler."""

from dataclasses import field
from typing import Annotated, Any

import numpy as np
from sklearn.base import clone

from rarebird._params import Instance
from rarebird._random import reseed
from rarebird.decide.prior import prior_correctable
from rarebird.ensemble.training import FOR_CLASSES, Training
from rarebird.registry import register
from rarebird.resample.random_under_sampler import RandomUnderSampler
from rarebird.tables.plan import Plan

from .base import Draw


@register(
    name="resampled",
    role="draw",
    **FOR_CLASSES,
    summary="What a resampler makes of the training rows, with a seed of the member's own.",
    evidence="closed form: the resampler's own plan",
    rare_cases="those of the resampler; what it says no to is refused",
    example=lambda: {"resampler": RandomUnderSampler()},
)
class Resampled(Draw):
    """Let a resampler plan the rows of each member.

    With over-samplers and `Bagging` this is over-bagging and SMOTE-bagging, with `SAMME` it is
    SMOTEBoost and its variants.

    Parameters
    ----------
    resampler : Resampler
        Cloned for each member; what is random in it gets a seed of the member's.

    Raises
    ------
    DataError
        If the resampler refuses the rows.

    Notes
    -----
    One plan of the resampler a member.

    Examples
    --------
    >>> training = Training.of(np.arange(8.0)[:, None], np.array([0] * 6 + [1] * 2), ["no", "yes"])
    >>> len(Resampled(RandomUnderSampler())(training, 0, np.random.default_rng(0)))
    4
    """

    resampler: Annotated[Any, Instance("a resampler of rarebird", methods=("plan",))] = field(
        kw_only=False
    )

    @property
    def keeps_conditional(self) -> bool:
        """Whether the resampler keeps p(x | class)."""
        return prior_correctable(self.resampler)

    def __call__(self, training: Training, round: int, rng: np.random.Generator) -> Plan:
        """Return the resampler's plan; see `Draw`."""
        resampler = reseed(clone(self.resampler), int(rng.integers(2**31 - 1)))
        return resampler.plan(training.X, training.classes[training.y])
