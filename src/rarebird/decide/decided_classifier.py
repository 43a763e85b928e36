"""A classifier with a calibrator and a decision behind it."""

from dataclasses import KW_ONLY, dataclass, replace
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, clone

from rarebird._errors import DataError, NotFittedError, ParameterError, class_names
from rarebird._params import Instance, OneOf, Rule, check_params
from rarebird._random import RandomState
from rarebird._typing import LabelsLike, TableLike
from rarebird.registry import register

from .argmax import Argmax
from .base import Decision
from .cross_fitting import OutOfFold, align_proba, fit_folds, fit_learner, out_of_fold
from .folds import FoldsRule, as_folds, stratified_folds
from .identity import Identity
from .mean_of_models import MeanOfModels
from .probability_model import WrappedModel

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
@dataclass(eq=False, repr=False)
class DecidedClassifier(WrappedModel, BaseEstimator):
    """Fit a classifier, and learn calibration and decision from rows that it has not seen.

    The rows' out-of-fold probabilities are calibrated fold by fold and given to the decision; then
    classifier and calibrator are fitted on all rows.

    Parameters
    ----------
    estimator : classifier with ``predict_proba``
        Cloned, except with ``cv="prefit"``.
    decision, calibrator : Decision, and Calibrator (optional)
        From probabilities to classes, and to better ones (`Identity` unless given); cloned.
    cv : int, "prefit", splitter or iterable of (train, test)
        Number of stratified folds, or the folds; rows outside every test fold teach the classifier
        only. With "prefit" the classifier is fitted already, and ``fit`` gets held-out rows.
    fitted_prior : None, "balanced" or array-like of shape (n_classes,)
        Class shares that the classifier's probabilities refer to where they differ from those of
        ``y`` (it resamples or weights inside), undone first; "balanced" means equal shares.
    ensemble : bool, default=False
        Whether the classifiers of the folds are kept: ``estimator_`` is then their mean, each with
        the calibrator of their out-of-fold probabilities, and nothing is fitted on all rows.
    forward : bool, default=False
        Whether folds follow one another in time; then each is calibrated by the earlier ones.
    random_state : int, Generator, RandomState or None
        Seed of the folds.

    Attributes
    ----------
    estimator_, calibrator_, decision_ : object
        The fitted parts.
    classes_, training_prior_, prior_ : ndarray of shape (n_classes,)
        Labels, their weighted shares, and those that probabilities refer to: see `set_prior`.
    oof_proba_, oof_y_, oof_rows_, oof_weight_ : ndarray of shape (m, n_classes) or (m,)
        What the decision was fitted on: calibrated out-of-fold probabilities, class codes, row
        numbers, and weights or None.

    Raises
    ------
    DataError
        If there is one class only, the test folds overlap, or the classifier refuses the rows.
    ParameterTypeError
        If weights are given to a classifier that takes none, or it has no ``predict_proba``.

    Notes
    -----
    cv + 1 fits of the classifier, cv with ``ensemble``; one where ``fit`` gets the out-of-fold
    scores.

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
        "decision": Instance("a Decision of rarebird.decide", methods=("fit", "act", "state")),
        "calibrator": OneOf(None, Instance("a Calibrator", methods=("fit", "transform"))),
        "cv": OneOf("prefit", FoldsRule),
        "fitted_prior": OneOf(
            None,
            "balanced",
            Instance("a share for each class", (), (Real, list, tuple, np.ndarray)),
        ),
        "ensemble": OneOf(True, False),
        "forward": OneOf(True, False),
    }

    estimator: Any
    decision: Decision
    _: KW_ONLY
    calibrator: Any = None
    cv: Any = 5
    fitted_prior: Any = None
    ensemble: bool = False
    forward: bool = False
    random_state: RandomState = 0

    def fit(
        self,
        X: TableLike,
        y: LabelsLike,
        sample_weight: Any = None,
        *,
        oof: OutOfFold | None = None,
    ) -> "DecidedClassifier":
        """Fit on rows and labels, and return the object itself.

        Parameters
        ----------
        X, y, sample_weight : array-like of shape (n, d), (n,) and (n,)
            Rows, labels of any kind, and weights (optional).
        oof : OutOfFold, optional
            Scores of these rows by clones of ``estimator``, as of `out_of_fold`, where they are
            there already; they replace ``cv`` and ``forward``, and say which classes there are.
        """
        check_params(_WHO, self.rules, self.get_params(deep=False))
        prefit = isinstance(self.cv, str)
        if self.ensemble and self.fitted_prior is not None:
            raise ParameterError(
                f"{_WHO}: ensemble=True takes no fitted_prior. Leave it out: the calibrator of "
                "each fold's classifier brings its probabilities to the class shares."
            )
        self._check_estimator(self.estimator, sample_weight is not None and not prefit)
        if prefit and not hasattr(self.estimator, "classes_"):
            raise NotFittedError(f"{_WHO}: cv='prefit' needs a classifier that is fitted already.")
        known = None if oof is None else oof.classes
        known = self.estimator.classes_ if prefit else known
        y, codes, weight = self._begin(X, y, sample_weight, classes=known)
        members: list[Any] = []
        if prefit:
            self.estimator_ = self.estimator
        elif self.ensemble and oof is None:
            folds = as_folds(self.cv, X, y, codes, self.random_state)
            oof, members = fit_folds(
                self.estimator, X, y, folds, weight, classes=self.classes_, forward=self.forward
            )
            self.estimator_ = members[0]
        else:
            more = {} if weight is None else {"sample_weight": weight}
            self.estimator_ = fit_learner(_WHO, clone(self.estimator), X, y, **more)
        if oof is None:
            oof = self._scores(X, y, codes, weight)
        elif not np.array_equal(oof.classes, self.classes_) or oof.rows.max() >= len(y):
            raise DataError(
                f"{_WHO}: oof is of {oof.rows.max() + 1} rows or more and the classes "
                f"{oof.classes.tolist()}, but fit got {len(y)} rows and {self.classes_.tolist()}."
            )
        given, n_classes = self.fitted_prior, len(self.classes_)
        if given is not None:
            equal = np.full(n_classes, 1 / n_classes)
            self.fitted_prior_ = equal if isinstance(given, str) else np.asarray(given, dtype=float)
        oof = replace(oof, proba=self._at_training_prior(oof.proba))
        calibrator = Identity() if self.calibrator is None else self.calibrator
        as_it_is = isinstance(calibrator, Identity) and given is None
        if as_it_is and getattr(self.estimator_, "prior_", self.prior_) is None:
            self.prior_ = None  # a model of ours whose probabilities refer to no class shares
        self.calibrator_ = clone(calibrator).fit(oof.proba, oof.y, oof.weight)
        seen = oof.calibrated(calibrator)
        if members:
            same = [self.calibrator_] * len(members)
            self.estimator_ = MeanOfModels(members, same, self.classes_)
            self.calibrator_ = Identity().fit(oof.proba, oof.y)
        with class_names(self.classes_):  # of which the decision knows the codes
            self.decision_ = clone(self.decision).fit(seen.proba, seen.y, seen.weight)
        self.oof_proba_, self.oof_y_ = seen.proba, seen.y
        self.oof_rows_, self.oof_weight_ = seen.rows, seen.weight
        return self

    def _scores(
        self, X: TableLike, y: np.ndarray, codes: np.ndarray, weight: np.ndarray | None
    ) -> OutOfFold:
        if self.estimator_ is self.estimator:
            proba = align_proba(self.estimator_, X, self.classes_)
            fold = stratified_folds(codes, 5, self.random_state)  # for the calibrator
            return OutOfFold(proba, codes, fold, weight, classes=self.classes_)
        folds = as_folds(self.cv, X, y, codes, self.random_state)
        return out_of_fold(
            self.estimator, X, y, folds, weight, classes=self.classes_, forward=self.forward
        )
