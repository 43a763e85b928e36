"""SAMME: adaptive boosting for two classes and many."""

from typing import Annotated, Any

import numpy as np

from rarebird._params import Real
from rarebird.ensemble.training import FOR_CLASSES
from rarebird.ensemble.votes import SAMMEVote
from rarebird.registry import register

from .base import Scheme, Update


@register(
    name="samme-boosting",
    role="scheme",
    **FOR_CLASSES,
    summary="Rows that a member gets wrong count more for the next; better members vote more.",
    evidence="scikit-learn 1.9 AdaBoostClassifier: votes and predictions round by round",
    rare_cases="an absent class is left out; what is no better than chance ends the boosting",
    example={},
    papers=("Zhu2009",),
)
class SAMME(Scheme):
    """Boost by the multi-class exponential loss.

    With err the weighted share of rows that a member gets wrong and C classes,
    alpha = learning_rate * (log((1 - err) / err) + log(C - 1)), and the weight of each wrong row
    is multiplied by exp(alpha). A member with err >= 1 - 1/C is dropped and ends the boosting; one
    without errors ends it with the vote 1.

    Parameters
    ----------
    learning_rate : float, default=1.0
        Factor of the votes.

    Notes
    -----
    O(n C) a round. The weights are scaled to a mean of 1 over the rows with weight.

    References
    ----------
    .. [Zhu2009] Zhu, J.; Zou, H.; Rosset, S.; Hastie, T. Multi-class AdaBoost. Statistics and Its
       Interface 2:349-360, 2009.

    Examples
    --------
    >>> scheme = SAMME()
    >>> scheme.start(np.array([0, 0, 0, 1])).tolist()
    [1.0, 1.0, 1.0, 1.0]
    >>> weights, alpha, stop = scheme.update(0, None, np.array([[1.0, 0.0]] * 4))
    >>> weights.round(2).tolist(), round(alpha, 2), stop
    ([0.67, 0.67, 0.67, 2.0], 1.1, False)
    """

    learning_rate: Annotated[float, Real(min=0, open_low=True)] = 1.0

    @property
    def vote(self) -> SAMMEVote:
        """The vote that belongs to the scheme."""
        return SAMMEVote()

    def start(self, y: np.ndarray, sample_weight: np.ndarray | None = None) -> np.ndarray:
        """Return the given weights, scaled to a mean of 1."""
        self.y_ = y
        self.weights_ = np.ones(len(y)) if sample_weight is None else sample_weight
        self.counted_ = self.weights_ > 0
        return self._scaled()

    def _scaled(self) -> np.ndarray:
        self.weights_ = self.weights_ / self.weights_.sum()
        return self.weights_ * np.count_nonzero(self.counted_)

    def update(self, round: int, member: Any, scores: np.ndarray) -> Update:
        """Return the new weights, and the member's vote."""
        wrong = scores.argmax(axis=1) != self.y_
        err, n_classes = self.weights_[wrong].sum(), scores.shape[1]
        if err <= 0:
            return Update(self._scaled(), 1.0, True)
        if err >= 1 - 1 / n_classes:
            return Update(self._scaled(), 0.0, True)
        alpha = self.learning_rate * (np.log((1 - err) / err) + np.log(n_classes - 1))
        raised = self.weights_ * np.exp(alpha * wrong)
        # no row that counts is ever lost to rounding
        self.weights_ = np.where(self.counted_, np.maximum(raised / raised.sum(), _LEAST), 0)
        return Update(self._scaled(), float(alpha), False)


_LEAST = np.finfo(float).eps
