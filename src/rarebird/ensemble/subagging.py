"""Subagging: members on random parts of the rows, classes in their own shares."""

from dataclasses import field
from typing import Annotated, Any

from sklearn.tree import DecisionTreeClassifier

from rarebird._params import Real
from rarebird.registry import StudyUse, register

from .base import BaseEnsemble, Parts
from .draws.natural import Natural
from .training import FOR_CLASSES


@register(
    name="bagging",
    role="ensemble",
    **FOR_CLASSES,
    summary="Members on random parts of the rows, classes in their own shares.",
    evidence="slow reference: members fitted one by one",
    rare_cases="an absent class is left out; of every class at least one row is drawn",
    example={
        "estimator": DecisionTreeClassifier(max_depth=3), "n_estimators": 3, "random_state": 0
    },
    title="bagging without balancing",
    papers=("Buhlmann2002",),
    keeps_conditional=True,
    study=StudyUse(
        after="smote",
        effort=10.0,
        strengths=({"fraction": 0.5, "n_estimators": 10}, {"fraction": 0.3, "n_estimators": 10}),
        learners=("lightgbm", "logistic"),
        learner_params={"lightgbm": {"n_estimators": 40}},
        control_for="under-bagging",
    ),
)  # fmt: skip
class SubaggingClassifier(BaseEnsemble):
    """Average members, each fitted on a random part of the rows with the classes as they are.

    `Ensemble` with ``draw=Natural(fraction)``, and the control of `UnderBaggingClassifier`: what
    it gains over the baseline is the ensemble's part of the gain, not the balancing's.

    Parameters
    ----------
    fraction : float, default=0.5
        Rows drawn over rows there are, without replacement, in each class.

    Notes
    -----
    n_estimators fits on fraction * n rows each.

    References
    ----------
    .. [Buhlmann2002] Buhlmann, P.; Yu, B. Analyzing Bagging. Annals of Statistics 30:927-961, 2002.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X, y = np.arange(20.0)[:, None], np.repeat([0, 1], [16, 4])
    >>> SubaggingClassifier(DecisionTreeClassifier()).fit(X, y).predict([[19.0]]).tolist()
    [1]
    """

    estimator: Any = field(kw_only=False)
    fraction: Annotated[float, Real(min=0, max=1, open_low=True)] = 0.5

    def _parts(self) -> Parts:
        return Parts(self.estimator, Natural(fraction=self.fraction))
