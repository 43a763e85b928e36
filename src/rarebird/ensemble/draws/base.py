"""The contract of a draw."""

from typing import ClassVar

import numpy as np

from rarebird.decide.prior import prior_correctable
from rarebird.ensemble.training import Training
from rarebird.resample.parameters import Declared, Flag
from rarebird.tables.plan import Plan
from rarebird.tables.sources import Kept

__all__ = ["ClassDraw", "Draw"]


class Draw(Declared):
    """How the rows of a member come about: called, it returns a plan over the training rows.

    ``draw(training, round, rng)`` depends on its arguments only. Annotated class attributes are
    parameters, as in `rarebird.resample`. A function with these arguments is a draw too.
    """

    sequential: ClassVar[bool] = False  # reads scores or memory, so that members follow each other
    by_weight: ClassVar[bool] = False  # draws in proportion to the weights; the fit then has none

    @property
    def keeps_conditional(self) -> bool:
        """Whether p(x | class) is kept, so that a prior correction repairs probabilities."""
        return prior_correctable(self)

    def __call__(self, training: Training, round: int, rng: np.random.Generator) -> Plan:
        """Return the plan of a member's rows.

        Parameters
        ----------
        training : Training
            Rows, class codes, weights and scores.
        round : int
            Number of the member, from 0.
        rng : numpy.random.Generator
            The member's own.
        """
        raise NotImplementedError


class ClassDraw(Draw):
    """A draw of so many rows of each class, all rows of a class equally likely."""

    replacement: Flag = False

    def sizes(self, counts: np.ndarray) -> np.ndarray:
        """Return the rows drawn of each class, given the rows it has, both of shape (C,)."""
        raise NotImplementedError

    def __call__(self, training: Training, round: int, rng: np.random.Generator) -> Plan:
        """Return the plan of the rows drawn, ascending; see `Draw`."""
        parts = [
            rng.choice(rows, size, self.replacement)
            if self.replacement or size < len(rows)
            else rows
            for rows, size in zip(training.rows, self.sizes(training.counts), strict=True)
        ]
        return Plan((Kept(np.sort(np.concatenate(parts))),))
