"""A classifier with a calibrator and a decision behind it."""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import Tags, assert_all_finite, check_consistent_length, column_or_1d, get_tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from rarebird._errors import DataError, ParameterError, ParameterTypeError
from rarebird._params import Instance, Int, OneOf, Rule, check_params
from rarebird._random import RandomState
from rarebird.registry import register

from .argmax import Argmax
from .base import Decision, as_weights
from .cross_fitting import cross_fitted
from .folds import stratified_folds, take_rows
from .identity import Identity
from .prior import correct_prior

_WHO = "DecidedClassifier"


def _example() -> dict[str, Any]:
    from sklearn.tree import DecisionTreeClassifier

    return {"estimator": DecisionTreeClassifier(max_depth=3), "decision": Argmax(), "cv": 3}


@register(
    name="decided",
    role="estimator",
    place="decision",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Any classifier with out-of-fold calibration and a decision learned behind it.",
    evidence="scikit-learn 1.9: check_estimator, cross_val_predict with the same folds",
    rare_cases="a class with fewer rows than folds is unknown to some folds, where it has "
    "probability 0; one class alone is refused",
    example=_example,
)
class DecidedClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Fit a classifier, and learn calibration and decision from rows that it has not seen.

    The rows' out-of-fold probabilities are corrected for the training prior, calibrated with the
    same folds (each fold by the others) and given to the decision; then classifier and calibrator
    are fitted on all rows.

    Parameters
    ----------
    estimator : classifier with ``predict_proba``
        Cloned, except with ``cv="prefit"``.
    decision : Decision
        From probabilities to classes; cloned.
    calibrator : Calibrator, optional
        `Identity` unless given; cloned.
    cv : int, "prefit", splitter or iterable of (train, test)
        Number of stratified folds, or the folds; rows outside every test fold teach the classifier
        only. With "prefit" the classifier is fitted already, and ``fit`` gets held-out rows.
    correct_prior : None, "balanced" or array-like of shape (n_classes,)
        Class shares that the classifier saw in training where they differ from those in ``y`` (it
        resamples or weights inside); "balanced" means equal shares. Undone in ``predict_proba``.
    random_state : int, Generator, RandomState or None
        Seed of the folds.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, in the order of their codes.
    estimator_, calibrator_, decision_ : object
        The fitted parts.
    prior_, target_prior_ : ndarray of shape (n_classes,)
        Weighted class shares in ``y``, and those where the model is used: see `set_prior`.

    Raises
    ------
    DataError
        If there is one class only, or the test folds overlap or hold fewer than two classes.
    ParameterTypeError
        If weights are given to a classifier that takes none, or it has no ``predict_proba``.

    Notes
    -----
    cv + 1 fits of the classifier.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from rarebird.decide import CostRule
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]] * 10, ["ok", "ok", "ok", "fraud"] * 10
    >>> model = DecidedClassifier(LogisticRegression(), CostRule([[0, 1], [9, 0]])).fit(X, y)
    >>> model.predict([[0.0], [3.0]]).tolist()
    ['ok', 'fraud']
    """

    rules: ClassVar[dict[str, Rule]] = {
        "decision": Instance("a Decision of rarebird.decide", methods=("fit", "predict", "state")),
        "calibrator": OneOf(None, Instance("a Calibrator", methods=("fit", "transform"))),
        "cv": OneOf(
            Int(2),
            "prefit",
            Instance("a splitter", methods=("split",)),
            Instance("(train, test) pairs", methods=("__iter__",)),
        ),
    }

    def __init__(
        self,
        estimator: Any,
        decision: Decision,
        *,
        calibrator: Any = None,
        cv: Any = 5,
        correct_prior: Any = None,
        random_state: RandomState = 0,
    ) -> None:
        self.estimator = estimator
        self.decision = decision
        self.calibrator = calibrator
        self.cv = cv
        self.correct_prior = correct_prior
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "DecidedClassifier":
        """Fit on rows (n, d) and labels (n,) of any kind; return the object itself."""
        params = self.get_params(deep=False)
        if isinstance(self.cv, str):  # text has a method `split`, too
            check_params(_WHO, {"cv": OneOf("prefit")}, params)
        check_params(_WHO, self.rules, params)
        self._check_estimator(sample_weight)
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        check_consistent_length(X, y)
        if not len(y):
            raise DataError(f"{_WHO}: there are no rows to learn from.")
        weight = as_weights(sample_weight, len(y), _WHO)
        self._encode(y)
        shares = np.bincount(self._codes(y), weight, len(self.classes_)) / weight.sum()
        self.prior_ = self.target_prior_ = shares
        self.training_prior_ = self._training_prior()
        given = None if sample_weight is None else weight
        if isinstance(self.cv, str):
            self.estimator_ = self.estimator
            folds = stratified_folds(self._codes(y), 5, self.random_state)
            proba = self.estimator_.predict_proba(X)
        else:
            self.estimator_ = self._fit_part(X, y, given)
            proba, folds = self._out_of_fold(X, y, given)
        self._learn(proba, self._codes(y), folds, weight)
        return self

    def _check_estimator(self, sample_weight: Any) -> None:
        name = type(self.estimator).__name__
        if not hasattr(self.estimator, "predict_proba"):
            raise ParameterTypeError(
                f"{_WHO}: {name} has no predict_proba. Wrap it in CalibratedClassifierCV of "
                "scikit-learn, or take a classifier with probabilities."
            )
        fits = not isinstance(self.cv, str)
        if (
            fits
            and sample_weight is not None
            and not has_fit_parameter(self.estimator, "sample_weight")
        ):
            raise ParameterTypeError(
                f"{_WHO}: {name}.fit takes no sample_weight. Leave the weights out, or take a "
                "classifier that uses them."
            )

    def _encode(self, y: np.ndarray) -> None:
        if isinstance(self.cv, str):
            check_is_fitted(self.estimator)
            self.classes_ = np.asarray(self.estimator.classes_)
            unknown = np.setdiff1d(y, self.classes_)
            if unknown.size:
                raise DataError(
                    f"{_WHO}: label {unknown.tolist()[0]!r} is not among the fitted classes "
                    f"{self.classes_.tolist()}."
                )
        else:
            self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise DataError(
                f"{_WHO}: only one class, {self.classes_.tolist()}, in {len(y)} rows; at least two "
                "classes are needed. Check the target column and its filter."
            )

    def _codes(self, y: np.ndarray) -> np.ndarray:
        order = np.argsort(self.classes_)
        return order[np.searchsorted(self.classes_, y, sorter=order)]

    def _training_prior(self) -> np.ndarray | None:
        if self.correct_prior is None:
            return None
        if isinstance(self.correct_prior, str):
            if self.correct_prior != "balanced":
                raise ParameterError(
                    f"{_WHO}: correct_prior={self.correct_prior!r} is not allowed; it must be "
                    'None, "balanced" or a share for each class.'
                )
            return np.full(len(self.classes_), 1 / len(self.classes_))
        return np.asarray(self.correct_prior, dtype=float)

    def _fit_part(self, X: Any, y: np.ndarray, weight: np.ndarray | None) -> Any:
        more = {} if weight is None else {"sample_weight": weight}
        return clone(self.estimator).fit(X, y, **more)

    def _splits(self, X: Any, y: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        if isinstance(self.cv, int | np.integer):
            folds = stratified_folds(self._codes(y), int(self.cv), self.random_state)
            for k in np.unique(folds):
                yield np.flatnonzero(folds != k), np.flatnonzero(folds == k)
        else:
            yield from (self.cv.split(X, y) if hasattr(self.cv, "split") else self.cv)

    def _out_of_fold(
        self, X: Any, y: np.ndarray, weight: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        proba, folds = np.zeros((len(y), len(self.classes_))), np.full(len(y), -1)
        for k, (train, test) in enumerate(self._splits(X, y)):
            if np.any(folds[test] >= 0):
                raise DataError(f"{_WHO}: the test folds overlap; each row may be tested once.")
            folds[test] = k
            known = np.unique(y[train])
            if len(known) == 1:  # nothing to learn: that class is all this fold knows
                proba[np.ix_(test, self._codes(known))] = 1.0
                continue
            part = self._fit_part(
                take_rows(X, train), y[train], None if weight is None else weight[train]
            )
            proba[np.ix_(test, self._codes(part.classes_))] = part.predict_proba(take_rows(X, test))
        return proba, folds

    def _learn(
        self, proba: np.ndarray, codes: np.ndarray, folds: np.ndarray, weight: np.ndarray
    ) -> None:
        seen = folds >= 0
        if not weight[seen].sum() > 0:
            raise DataError(f"{_WHO}: no row with weight is in a test fold.")
        proba, codes, weight = self._corrected(proba[seen]), codes[seen], weight[seen]
        calibrator = Identity() if self.calibrator is None else self.calibrator
        calibrated = (
            proba
            if isinstance(calibrator, Identity)
            else cross_fitted(calibrator, proba, codes, folds[seen], weight)
        )
        self.calibrator_ = clone(calibrator).fit(proba, codes, weight)
        self.decision_ = clone(self.decision).fit(calibrated, codes, weight)

    def _corrected(self, proba: np.ndarray) -> np.ndarray:
        if self.training_prior_ is None:
            return proba
        return correct_prior(proba, self.training_prior_, self.prior_)

    def set_prior(self, target_prior: Any) -> "DecidedClassifier":
        """Move the probabilities to the class shares (n_classes,) of where the model is used.

        Shares are in the order of ``classes_``; a float is that of the second of two. The decision
        keeps its thresholds. Returns the object itself.
        """
        check_is_fitted(self)
        if np.ndim(target_prior) == 0:
            target_prior = [1 - target_prior, target_prior]
        correct_prior(self.prior_[None], self.prior_, target_prior)  # refuses what cannot be
        self.target_prior_ = np.asarray(target_prior, dtype=float)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return corrected and calibrated probabilities, shape (n, n_classes)."""
        check_is_fitted(self)
        proba = self.calibrator_.transform(self._corrected(self.estimator_.predict_proba(X)))
        if self.target_prior_ is self.prior_:
            return proba
        return correct_prior(proba, self.prior_, self.target_prior_)

    def predict(self, X: Any) -> np.ndarray:
        """Return the decided labels, shape (n,)."""
        check_is_fitted(self)
        return self.classes_[self.decision_.predict(self.predict_proba(X))]

    def decision_state(self) -> dict[str, Any]:
        """Return the fitted decision as plain values, for JSON."""
        check_is_fitted(self)
        return self.decision_.state()

    @property
    def n_features_in_(self) -> int:
        """Number of columns seen by the classifier."""
        check_is_fitted(self)
        return self.estimator_.n_features_in_

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the columns, where the classifier saw any."""
        check_is_fitted(self)
        return self.estimator_.feature_names_in_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags
