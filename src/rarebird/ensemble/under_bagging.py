"""Under-bagging: a ensemble of balanced under-samples."""

from typing import Any, ClassVar

from sklearn.tree import DecisionTreeClassifier

from rarebird._params import Real
from rarebird.registry import StudyUse, register

from .base import Balanced, ResampledEnsemble


@register(
    name="under-bagging",
    role="ensemble",
    place="ensemble",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Each member sees all rare rows and a fresh part of the common ones.",
    evidence="slow reference: members fitted one by one; closed form: the prior correction",
    rare_cases="an absent class is left out; one row suffices; a tiny class goes whole to all",
    example={"estimator": DecisionTreeClassifier(max_depth=3), "n_estimators": 3},
    study=StudyUse(
        after="bagging",
        effort=10.0,
        strengths=({"ratio": 1.0, "n_estimators": 10}, {"ratio": 5.0, "n_estimators": 10}),
        learners=("lightgbm", "logistic"),
        learner_params={"lightgbm": {"n_estimators": 40}},
    ),
    keeps_conditional=True,
)
class UnderBaggingClassifier(ResampledEnsemble):
    """Averages members, each fitted on all rare rows and a fresh part of the common rows.

    `ResampledEnsemble` with ``draw=Balanced(ratio)``; the mean is corrected to the true class
    shares (Wallace et al., 2011; Dal Pozzolo et al., 2015, for the correction).

    Parameters
    ----------
    estimator : classifier
        Cloned for each member.
    ratio : float, default=1.0
        Common rows for each rare row.
    n_estimators : int, default=10
        Members.
    correct_prior : bool, default=True
        Whether probabilities refer to the true class shares.
    random_state : int, default=0
        Seed.

    Notes
    -----
    n_estimators fits on about (1 + ratio) n_rare rows each.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X, y = np.arange(20.0)[:, None], np.repeat([0, 1], [16, 4])
    >>> UnderBaggingClassifier(DecisionTreeClassifier()).fit(X, y).predict([[19.0]]).tolist()
    [1]
    """

    rules: ClassVar = {**ResampledEnsemble.rules, "ratio": Real(min=0, open_low=True)}

    def __init__(
        self,
        estimator: Any,
        *,
        ratio: float = 1.0,
        n_estimators: int = 10,
        correct_prior: bool = True,
        random_state: int = 0,
    ):
        self.estimator = estimator
        self.ratio = ratio
        self.n_estimators = n_estimators
        self.correct_prior = correct_prior
        self.random_state = random_state

    @property
    def draw(self) -> Balanced:
        """How the rows of a member are drawn."""
        return Balanced(self.ratio)
