"""Subagging: members on random parts of the rows, classes in their own shares."""

from typing import Any, ClassVar

from sklearn.tree import DecisionTreeClassifier

from rarebird._params import Real
from rarebird.registry import StudyUse, register

from .base import Natural, ResampledEnsemble


@register(
    name="bagging",
    role="ensemble",
    place="ensemble",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Members on random parts of the rows, classes in their own shares.",
    evidence="slow reference: members fitted one by one",
    rare_cases="an absent class is left out; of every class at least one row is drawn",
    example={"estimator": DecisionTreeClassifier(max_depth=3), "n_estimators": 3},
    title="bagging without balancing",
    keeps_conditional=True,
    study=StudyUse(
        after="smote",
        effort=10.0,
        strengths=({"fraction": 0.5, "n_estimators": 10}, {"fraction": 0.3, "n_estimators": 10}),
        learners=("lightgbm", "logistic"),
        learner_params={"lightgbm": {"n_estimators": 40}},
        control_for="under-bagging",
    ),
)
class SubaggingClassifier(ResampledEnsemble):
    """Averages members, each fitted on a random part of the rows with the classes as they are.

    The control of `UnderBaggingClassifier`: what it gains over the baseline is the ensemble's
    part of the gain, not the balancing's (Buhlmann and Yu, 2002).

    Parameters
    ----------
    estimator : classifier
        Cloned for each member.
    fraction : float, default=0.5
        Rows drawn over rows there are, without replacement, in each class.
    n_estimators : int, default=10
        Members.
    correct_prior : bool, default=True
        Whether probabilities refer to the true class shares.
    random_state : int, default=0
        Seed.

    Notes
    -----
    n_estimators fits on fraction * n rows each.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X, y = np.arange(20.0)[:, None], np.repeat([0, 1], [16, 4])
    >>> SubaggingClassifier(DecisionTreeClassifier()).fit(X, y).predict([[19.0]]).tolist()
    [1]
    """

    rules: ClassVar = {
        **ResampledEnsemble.rules,
        "fraction": Real(min=0, max=1, open_low=True),
    }

    def __init__(
        self,
        estimator: Any,
        *,
        fraction: float = 0.5,
        n_estimators: int = 10,
        correct_prior: bool = True,
        random_state: int = 0,
    ):
        self.estimator = estimator
        self.fraction = fraction
        self.n_estimators = n_estimators
        self.correct_prior = correct_prior
        self.random_state = random_state

    @property
    def draw(self) -> Natural:
        """How the rows of a member are drawn."""
        return Natural(self.fraction)
