"""RUSBoost: random under-sampling in every round of boosting."""

from dataclasses import field
from typing import Annotated, Any

from sklearn.tree import DecisionTreeClassifier

from rarebird._params import Real
from rarebird.decide.folds import FoldsRule
from rarebird.registry import register
from rarebird.resample.parameters import Flag, Positive
from rarebird.resample.random_under_sampler import RandomUnderSampler

from .base import BaseEnsemble, Parts
from .draws.resampled import Resampled
from .schemes.samme import SAMME
from .training import FOR_CLASSES


@register(
    name="rus-boost",
    role="ensemble",
    **FOR_CLASSES,
    summary="Boosting in which every member learns from a balanced under-sample.",
    evidence="slow reference: a loop of trees; imbalanced-learn 0.14: equal votes and predictions "
    "on the same rows of each round",
    rare_cases="an absent class is left out; a class of one row, whose held-out rows would be "
    "none, is refused, and so is a first member no better than chance",
    example={"n_estimators": 5, "cv": 3, "random_state": 0},
    title="RUSBoost",
    papers=("Seiffert2010",),
)
class RUSBoostClassifier(BaseEnsemble):
    """Boost by SAMME, each member fitted on a random under-sample of the rows with their weights.

    `Ensemble` with ``draw=Resampled(RandomUnderSampler(...))`` and ``scheme=SAMME(...)``. The
    errors that set the weights are those on all rows; the paper's own boosting is AdaBoost.M2, and
    SAMME is what imbalanced-learn takes in its place. Scores of boosting are no probabilities, so
    they are calibrated on held-out rows.

    Parameters
    ----------
    estimator : classifier or None, default=None
        Cloned for each member; takes sample_weight. None is a tree of one split.
    learning_rate : float, default=1.0
        Factor of the votes.
    replacement : bool, default=False
        Whether a row may be drawn more than once.

    Notes
    -----
    (cv + 1) n_estimators fits on about C n_rare rows each, and as many predictions of all rows.
    Members follow one another; ``n_jobs`` is for the prediction. A member learned from balanced
    rows is often wrong on half of all rows when these are weighted: boosting then ends early.

    References
    ----------
    .. [Seiffert2010] Seiffert, C.; Khoshgoftaar, T. M.; Van Hulse, J.; Napolitano, A. RUSBoost: A
       Hybrid Approach to Alleviating Class Imbalance. IEEE Transactions on Systems, Man, and
       Cybernetics A 40:185-197, 2010.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.arange(40.0)[:, None], np.repeat([0, 1], [32, 8])
    >>> RUSBoostClassifier(random_state=0).fit(X, y).predict([[1.0], [39.0]]).tolist()
    [0, 1]
    """

    estimator: Any = field(default=None, kw_only=False)
    n_estimators: Positive = 50
    learning_rate: Annotated[float, Real(min=0, open_low=True)] = 1.0
    sampling_strategy: Any = "auto"
    replacement: Flag = False
    cv: Annotated[Any, FoldsRule] = 5

    def _parts(self) -> Parts:
        stump = DecisionTreeClassifier(max_depth=1) if self.estimator is None else self.estimator
        sampler = RandomUnderSampler(
            sampling_strategy=self.sampling_strategy, replacement=self.replacement
        )
        return Parts(stump, Resampled(sampler), SAMME(learning_rate=self.learning_rate))
