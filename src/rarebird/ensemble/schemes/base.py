"""The contract of a scheme."""

from typing import Any, ClassVar, NamedTuple

import numpy as np

from rarebird.decide.prior import prior_correctable
from rarebird.ensemble.votes import MeanVote
from rarebird.resample.parameters import Declared

__all__ = ["Scheme", "Update"]


class Update(NamedTuple):
    """What a scheme makes of a new member.

    Parameters
    ----------
    weights : ndarray of shape (n,) or None
        Weights of the rows for the next member; None: all count the same.
    alpha : float
        The member's vote; a member without one is dropped.
    stop : bool
        Whether there shall be no further member.
    """

    weights: np.ndarray | None
    alpha: float
    stop: bool


class Scheme(Declared):
    """What follows from a member for the next one: weights of the rows, and the member's vote.

    An ensemble works with a clone, which may keep what it needs between the calls. Annotated
    class attributes are parameters, as in `rarebird.resample`.
    """

    sequential: ClassVar[bool] = True  # a member depends on those before it

    @property
    def keeps_conditional(self) -> bool:
        """Whether the weights keep p(x | class)."""
        return prior_correctable(self)

    @property
    def vote(self) -> Any:
        """The vote that belongs to the scheme."""
        return MeanVote()

    def start(self, y: np.ndarray, sample_weight: np.ndarray | None = None) -> np.ndarray | None:
        """Return the weights for the first member, shape (n,), from class codes and weights."""
        raise NotImplementedError

    def update(self, round: int, member: Any, scores: np.ndarray) -> Update:
        """Return weights, vote and end, given a fitted member.

        Parameters
        ----------
        round : int
            Number of the member, from 0.
        member : classifier
            The fitted member.
        scores : ndarray of shape (n, C)
            Its probabilities of the training rows, as they are.
        """
        raise NotImplementedError
