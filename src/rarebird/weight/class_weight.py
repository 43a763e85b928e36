"""Class weights, from none to balanced."""

from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.tree import DecisionTreeClassifier

from rarebird._params import Real, check_params
from rarebird.counts import ClassCounts
from rarebird.decide.prior import correct_prior
from rarebird.registry import StudyUse, register

__all__ = ["tempered_class_weights"]


def tempered_class_weights(counts: Any, exponent: float = 1.0) -> np.ndarray:
    """Return one weight a class, w_c = (n / (C n_c))^exponent, scaled to a mean of 1 over rows.

    Exponent 1 is scikit-learn's ``"balanced"``, 0 is no weighting; an empty class gets 0.

    Parameters
    ----------
    counts : array-like of shape (n_classes,)
        Rows per class.
    exponent : float
        Between 0 and 1 as a rule.

    Examples
    --------
    >>> tempered_class_weights([90, 10]).round(3).tolist()
    [0.556, 5.0]
    """
    counts = np.asarray(counts, dtype=float)
    present = counts > 0
    weights = np.zeros(len(counts))
    weights[present] = (counts.sum() / (present.sum() * counts[present])) ** exponent
    scale = (weights * counts).sum()
    return weights * counts.sum() / scale if scale else weights


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
class ClassWeightedClassifier(ClassifierMixin, BaseEstimator):
    """Fits a classifier with tempered class weights and undoes their shift of the prior.

    Weighting class c by w_c acts as a training prior proportional to n_c w_c; ``predict_proba``
    corrects it back to the true shares n_c / n, unless ``correct_prior`` is false.

    Parameters
    ----------
    estimator : classifier
        Must take ``sample_weight`` in ``fit``.
    exponent : float, default=1.0
        See `tempered_class_weights`.
    correct_prior : bool, default=True
        Whether probabilities refer to the true class shares.

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

    _rules: ClassVar = {"exponent": Real(min=0)}

    def __init__(self, estimator: Any, *, exponent: float = 1.0, correct_prior: bool = True):
        self.estimator = estimator
        self.exponent = exponent
        self.correct_prior = correct_prior

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "ClassWeightedClassifier":
        """Fit on X of shape (n, d) and labels y of shape (n,)."""
        check_params(type(self).__name__, self._rules, self.get_params(deep=False))
        counts = ClassCounts.from_labels(y, sample_weight=sample_weight)
        weights = tempered_class_weights(counts.counts, self.exponent)
        row_weights = weights[np.searchsorted(counts.classes, np.asarray(y))]
        if sample_weight is not None:
            row_weights = row_weights * np.asarray(sample_weight)
        self.classes_ = counts.classes
        self.prior_ = counts.prior
        shifted = counts.counts * weights
        self.training_prior_ = shifted / shifted.sum()
        self.estimator_ = clone(self.estimator).fit(X, y, sample_weight=row_weights)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return probabilities of shape (n, n_classes), in the order of ``classes_``."""
        proba = self.estimator_.predict_proba(X)
        if not self.correct_prior or len(self.classes_) < 2:
            return proba
        return correct_prior(proba, self.training_prior_, self.prior_)

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable label of each row."""
        return self.classes_[np.argmax(self.predict_proba(X), axis=1)]
