"""Under-bagging: an ensemble of balanced under-samples."""

from dataclasses import field
from typing import Annotated, Any

from sklearn.tree import DecisionTreeClassifier

from rarebird._params import Real
from rarebird.registry import StudyUse, register

from .base import BaseEnsemble, Parts
from .draws.balanced import Balanced
from .training import FOR_CLASSES


@register(
    name="under-bagging",
    role="ensemble",
    **FOR_CLASSES,
    summary="Each member sees all rare rows and another part of the common ones.",
    evidence="slow reference: members fitted one by one; closed form: the prior correction",
    rare_cases="an absent class is left out; one row suffices; a tiny class goes whole to all",
    example={
        "estimator": DecisionTreeClassifier(max_depth=3), "n_estimators": 3, "random_state": 0
    },
    papers=("Wallace2011", "DalPozzolo2015"),
    keeps_conditional=True,
    study=StudyUse(
        after="bagging",
        effort=10.0,
        strengths=({"ratio": 1.0, "n_estimators": 10}, {"ratio": 5.0, "n_estimators": 10}),
        learners=("lightgbm", "logistic"),
        learner_params={"lightgbm": {"n_estimators": 40}},
    ),
)  # fmt: skip
class UnderBaggingClassifier(BaseEnsemble):
    """Average members, each fitted on all rare rows and on another part of the common rows.

    `Ensemble` with ``draw=Balanced(ratio)``; the mean probabilities are moved to the training
    data's class shares.

    Parameters
    ----------
    ratio : float, default=1.0
        Common rows for each rare row.

    Notes
    -----
    n_estimators fits on about (1 + ratio) n_rare rows each.

    References
    ----------
    .. [Wallace2011] Wallace, B. C.; Small, K.; Brodley, C. E.; Trikalinos, T. A. Class Imbalance,
       Redux. IEEE International Conference on Data Mining, 2011.
    .. [DalPozzolo2015] Dal Pozzolo, A.; Caelen, O.; Johnson, R. A.; Bontempi, G. Calibrating
       Probability with Undersampling for Unbalanced Classification. IEEE Symposium Series on
       Computational Intelligence, 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X, y = np.arange(20.0)[:, None], np.repeat([0, 1], [16, 4])
    >>> UnderBaggingClassifier(DecisionTreeClassifier()).fit(X, y).predict([[19.0]]).tolist()
    [1]
    """

    estimator: Any = field(kw_only=False)
    ratio: Annotated[float, Real(min=0, open_low=True)] = 1.0

    def _parts(self) -> Parts:
        return Parts(self.estimator, Balanced(ratio=self.ratio))
