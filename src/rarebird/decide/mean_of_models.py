"""``MeanOfModels``: several fitted classifiers as one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, get_tags

from rarebird._typing import TableLike

from .base import Calibrator
from .cross_fitting import align_proba
from .probability_model import ProbabilityModel

__all__ = ["MeanOfModels"]


class MeanOfModels(ClassifierMixin, BaseEstimator):
    """The mean of fitted classifiers, each calibrated by the calibrator that belongs to it.

    p(c | x) = (1 / k) sum_i g_i(p_i(. | x))_c with g_i the calibrator of model i. It is made of
    fitted parts, and cannot be fitted. With the models of k folds and the calibrator of their
    out-of-fold probabilities it is less extreme than one model of all rows, and ranks better.

    Parameters
    ----------
    estimators : list of fitted classifiers
        Their classes are among ``classes``.
    calibrators : list of fitted Calibrator
        One for each.
    classes : array-like of shape (C,)
        All labels.

    Notes
    -----
    The sum of the predictions' costs.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> from rarebird.decide import Identity
    >>> one, two = DummyClassifier().fit([[0]] * 2, [0, 1]), DummyClassifier().fit([[0]], [1])
    >>> same = Identity().fit([[0.5, 0.5]], [0])
    >>> model = MeanOfModels([one, two], [same, same], [0, 1])
    >>> model.predict_proba([[0]]).tolist()
    [[0.25, 0.75]]
    """

    def __init__(self, estimators: Sequence[Any], calibrators: Sequence[Calibrator], classes: Any):
        self.estimators = estimators
        self.calibrators = calibrators
        self.classes = classes

    @property
    def classes_(self) -> np.ndarray:
        """All labels, in the order of the columns."""
        return np.asarray(self.classes)

    @property
    def n_features_in_(self) -> int:
        """Number of columns that the models read."""
        return self.estimators[0].n_features_in_

    def predict_proba(self, X: TableLike) -> np.ndarray:
        """Return probabilities of shape (n, C)."""
        total: Any = 0.0
        for model, calibrator in zip(self.estimators, self.calibrators, strict=True):
            total = total + calibrator.transform(align_proba(model, X, self.classes_))
        return total / len(self.estimators)

    def predict(self, X: TableLike) -> np.ndarray:
        """Return the most probable label of each row."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def fitted(self) -> "MeanOfModels":
        """Return what prediction needs: models of ours without their training settings."""
        parts = [m.fitted() if isinstance(m, ProbabilityModel) else m for m in self.estimators]
        return MeanOfModels(parts, self.calibrators, self.classes)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_clone__(self) -> "MeanOfModels":
        return self  # as a frozen estimator: a clone would not be fitted

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimators[0]).input_tags
        return tags
