"""A classifier whose rare rows count more, and its probabilities for rows as they are."""

from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.tree import DecisionTreeClassifier

from rarebird._params import OneOf, Real, Rule, check_params
from rarebird._typing import LabelsLike, TableLike
from rarebird.decide.cross_fitting import fit_learner
from rarebird.decide.probability_model import WrappedModel
from rarebird.registry import StudyUse, register

from .weights import class_weights


@register(
    name="class-weights",
    role="estimator",
    place="weight",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Rare rows count more: w_c = (n / (C n_c))^exponent, the prior corrected.",
    evidence="scikit-learn 1.9: exponent 1 equals class_weight='balanced'",
    rare_cases="an absent class is left out; a single class gives a constant",
    example={"estimator": DecisionTreeClassifier(max_depth=3, random_state=0)},
    title="class weights",
    keeps_conditional=True,
    study=StudyUse(after="baseline", effort=1.0, strengths=({"exponent": 1.0}, {"exponent": 0.5})),
)
class ClassWeightedClassifier(WrappedModel, BaseEstimator):
    """Fit a classifier with class weights, and undo their shift of its probabilities.

    Weighting class c by w_c acts as a training prior proportional to n_c w_c; ``predict_proba``
    corrects it back to the true shares n_c / n.

    Parameters
    ----------
    estimator : classifier
        Must take ``sample_weight`` in ``fit``; cloned.
    exponent : float, default=1.0
        See `class_weights`.
    correct_prior : bool, default=True
        ``False`` leaves the classifier's own probabilities.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    estimator_ : classifier
        The fitted one.
    fitted_prior_, training_prior_, prior_ : ndarray of shape (n_classes,)
        Class shares with the weights and without them, and those that probabilities refer to: see
        `set_prior`.

    Raises
    ------
    ParameterTypeError
        If the classifier takes no weights, or has no ``predict_proba``.

    Notes
    -----
    The cost of one fit of ``estimator``, plus O(n). King and Zeng (2001) for the correction.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = np.arange(10.0)[:, None], np.repeat(["no", "yes"], [8, 2])
    >>> ClassWeightedClassifier(LogisticRegression()).fit(X, y).predict_proba(X).shape
    (10, 2)
    """

    rules: ClassVar[dict[str, Rule]] = {
        "exponent": Real(min=0),
        "correct_prior": OneOf(True, False),
    }

    def __init__(self, estimator: Any, *, exponent: float = 1.0, correct_prior: bool = True):
        self.estimator = estimator
        self.exponent = exponent
        self.correct_prior = correct_prior

    def fit(
        self, X: TableLike, y: LabelsLike, sample_weight: Any = None
    ) -> "ClassWeightedClassifier":
        """Fit on rows (n, d), labels (n,) and weights (n,); return the object itself."""
        check_params(type(self).__name__, self.rules, self.get_params(deep=False))
        self._check_estimator(self.estimator, True)
        y, codes, weight = self._begin(X, y, sample_weight, least=1)
        counts = np.bincount(codes, weight, len(self.classes_))
        weights = class_weights(counts, self.exponent)
        self.fitted_prior_ = counts * weights / (counts @ weights)
        if not self.correct_prior:
            self.prior_ = None
        row_weight = weights[codes] if weight is None else weights[codes] * weight
        who, learner = type(self).__name__, clone(self.estimator)
        self.estimator_ = fit_learner(who, learner, X, y, sample_weight=row_weight)
        return self
