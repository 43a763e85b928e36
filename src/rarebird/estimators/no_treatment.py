"""The baseline: no treatment."""

from typing import Any

from sklearn.tree import DecisionTreeClassifier

from rarebird.registry import StudyUse, register


@register(
    name="baseline",
    role="estimator",
    place="around",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="No treatment: the learner on the rows as they are.",
    evidence="closed form: the learner itself",
    rare_cases="those of the learner",
    example={"estimator": DecisionTreeClassifier(max_depth=3, random_state=0)},
    keeps_conditional=True,
    study=StudyUse(after="", effort=1.0),
)
def baseline(estimator: Any) -> Any:
    """Return the estimator as it is: what every treatment is compared with.

    Parameters
    ----------
    estimator : classifier
        Any classifier.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> baseline(LogisticRegression(C=0.1))
    LogisticRegression(C=0.1)
    """
    return estimator
