"""One probability model: what every classifier of rarebird does between its members and a label."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import Tags, check_consistent_length, get_tags
from sklearn.utils.validation import has_fit_parameter

from rarebird._errors import (
    DataError,
    NotFittedError,
    ParameterError,
    ParameterTypeError,
    format_label,
)
from rarebird._typing import LabelsLike, TableLike
from rarebird.tables.rows import take_rows

from .actions import Actions
from .argmax import Argmax
from .base import Calibrator, Decision, as_labels, as_weights, codes_of
from .cross_fitting import align_proba
from .folds import folds_within
from .identity import Identity
from .prior import class_shares, correct_prior

__all__ = ["FittedModel", "ProbabilityModel", "WrappedModel"]


class ProbabilityModel(ClassifierMixin):
    """Mixin of every classifier whose probabilities refer to stated class shares.

    The order is fixed: members are averaged, the mean is brought to the training data's shares
    (one grown tree's 0 and 1 would not move), calibrated on real rows, moved to the shares of
    where the model is used (`set_prior`), and decided. A subclass calls ``_begin`` first in
    ``fit``, and writes ``_proba(X)``: the mean of its members at the training data's shares, for
    which ``_at_training_prior`` is there.

    Attributes
    ----------
    classes_, training_prior_ : ndarray of shape (n_classes,)
        The labels, in the order of the columns, and their weighted shares of the training data.
    prior_ : ndarray of shape (n_classes,) or None
        The shares that ``predict_proba`` refers to; those of the training data until `set_prior`.
        None where the model was asked for probabilities as its members give them.
    fitted_prior_ : ndarray of shape (n_classes,) or None
        The shares that the members' probabilities refer to, after resampling or weighting; None
        where these are the training data's.
    calibrator_, decision_ : object
        `Identity` and `Argmax` where there is none.
    prior_note_ : str
        What became of the decision in `set_prior`.
    """

    classes_: np.ndarray
    training_prior_: np.ndarray
    prior_: np.ndarray | None
    fitted_prior_: np.ndarray | None
    calibrator_: Calibrator
    decision_: Decision
    prior_note_: str

    def _proba(self, X: TableLike) -> np.ndarray:
        """Return probabilities at the training data's prior, before calibration."""
        raise NotImplementedError

    def _begin(
        self,
        X: TableLike,
        y: LabelsLike,
        sample_weight: Any,
        *,
        classes: Any = None,
        least: int = 2,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Check labels and weights, set the neutral parts, return labels, codes and weights."""
        who = type(self).__name__
        y = as_labels(y, who)
        try:
            check_consistent_length(X, y)
        except ValueError as error:
            raise DataError(f"{who}: {error}") from error
        weight = None if sample_weight is None else as_weights(sample_weight, len(y), who)
        self.classes_ = np.unique(y) if classes is None else np.asarray(classes)
        n_classes = len(self.classes_)
        if n_classes < least:
            raise DataError(
                f"{who}: only one class, {self.classes_.tolist()}, in {len(y)} rows; at least two "
                "classes are needed. Check the target column and its filter."
            )
        codes = codes_of(y, self.classes_, who)
        mass = np.bincount(codes, weight, n_classes)
        self.training_prior_ = self.prior_ = mass / mass.sum()
        self.fitted_prior_, self.prior_note_ = None, ""
        self.calibrator_, self.decision_ = Identity(), Argmax()
        if n_classes > 1:
            flat = np.full((1, n_classes), 1 / n_classes)  # they learn the number of classes only
            self.calibrator_.fit(flat, [0])
            self.decision_.fit(flat, [0])
        return y, codes, weight

    def _without_weightless(
        self, X: TableLike, y: np.ndarray, codes: np.ndarray, weight: Any, cv: Any = None
    ) -> tuple[Any, np.ndarray, np.ndarray, np.ndarray | None, Any]:
        """Return rows, labels, codes, weights and folds without the rows of weight 0.

        A resampler or a draw counts rows: one of weight 0 would count as much as any other.
        """
        if weight is None or weight.all():
            return X, y, codes, weight, cv
        lost = np.setdiff1d(codes, codes[weight > 0])
        if lost.size:
            raise DataError(
                f"{type(self).__name__}: class {format_label(self.classes_[lost[0]])} has "
                f"{(codes == lost[0]).sum()} rows, all of weight 0. Give one of them a weight, or "
                "leave the class out."
            )
        rows = np.flatnonzero(weight)
        return take_rows(X, rows), y[rows], codes[rows], weight[rows], folds_within(cv, weight > 0)

    def _check_estimator(self, estimator: Any, weighted: bool, way_out: str = "") -> None:
        who, name = type(self).__name__, type(estimator).__name__
        if not hasattr(estimator, "predict_proba"):
            raise ParameterTypeError(
                f"{who}: {name} has no predict_proba. Wrap it in CalibratedClassifierCV of "
                "scikit-learn, or take a classifier with probabilities."
            )
        if weighted and not has_fit_parameter(estimator, "sample_weight"):
            raise ParameterTypeError(
                f"{who}: {name}.fit takes no sample_weight. Leave the weights out, or take a "
                f"classifier that uses them{way_out}."
            )

    def _at_training_prior(self, proba: np.ndarray) -> np.ndarray:
        """Bring probabilities from the shares that were learned from to the training data's."""
        source = self.fitted_prior_
        if self.prior_ is None or source is None or len(self.classes_) < 2:
            return proba
        return correct_prior(proba, source, self.training_prior_)

    def _at_prior(self, proba: np.ndarray) -> np.ndarray:
        if self.prior_ is None or np.array_equal(self.prior_, self.training_prior_):
            return proba
        return correct_prior(proba, self.training_prior_, self.prior_)

    def _check_fitted(self) -> None:
        if not hasattr(self, "classes_"):
            raise NotFittedError(
                f"{type(self).__name__}: it is not fitted yet. Call fit(X, y) first."
            )

    def predict_proba(self, X: TableLike) -> np.ndarray:
        """Return probabilities under ``prior_``, shape (n, n_classes), as in ``classes_``."""
        self._check_fitted()
        proba = self._proba(X)
        if len(self.classes_) < 2:
            return proba
        return self._at_prior(self.calibrator_.transform(proba))

    def act(self, X: TableLike, row_costs: Any = None) -> Actions:
        """Return the decision for each row: codes, and sets or abstentions where there are any.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Rows.
        row_costs : mapping of arrays (n,), or array-like of shape (n, C, C), optional
            Costs of each row, for a decision that takes them: see `CostRule`.
        """
        proba = self.predict_proba(X)
        if len(self.classes_) < 2:
            return Actions(np.zeros(len(proba), dtype=np.intp))
        if row_costs is not None and not isinstance(row_costs, Mapping):
            row_costs = {"costs": row_costs}
        return self.decision_.act(proba, context=row_costs)

    def predict(self, X: TableLike, row_costs: Any = None) -> np.ndarray:
        """Return the decided label of each row, shape (n,); None where a decision abstains.

        ``row_costs`` is that of `act`; with scikit-learn's metadata routing it is asked for by
        ``set_predict_request(row_costs=True)``.
        """
        return self.act(X, row_costs).labels(self.classes_)

    def set_prior(self, prior: Any) -> Any:
        """Move the probabilities to the class shares of where the model is used; return the model.

        p'(c | x) is proportional to p(c | x) prior_c / training_prior_c. A decision that follows
        the probabilities stays; another is fitted again on stored out-of-fold scores under the new
        shares, where there are any. ``prior_note_`` says which.

        Parameters
        ----------
        prior : float, array-like of shape (n_classes,) or mapping
            The share of the second of two classes; shares in the order of ``classes_``; or a share
            for each label.

        Raises
        ------
        ParameterError
            If the shares are not those of the classes (`class_shares`), or the probabilities refer
            to no class shares.
        """
        self._check_fitted()
        if self.prior_ is None:
            raise ParameterError(
                f"{type(self).__name__}: its probabilities are those of its members as they are, "
                "which refer to no class shares from which they could be moved. Fit with "
                "correct_prior=True and, where a calibrator can be given, one other than Identity."
            )
        self.prior_ = class_shares(prior, self.classes_, self.training_prior_)
        self.prior_note_ = self._decide_again(self.prior_)
        return self

    def _decide_again(self, shares: np.ndarray) -> str:
        card, y = getattr(self.decision_, "card", None), getattr(self, "oof_y_", None)
        if card is not None and card.follows_prior:
            return "the decision follows from the probabilities"
        if y is None:
            return "the decision is kept: there are no out-of-fold scores to fit it on again"
        mass = np.bincount(y, self.oof_weight_, len(shares))  # forward folds leave rows out
        ratio = np.divide(shares * mass.sum(), mass, out=np.zeros(len(mass)), where=mass > 0)
        weight = ratio[y] * (1.0 if self.oof_weight_ is None else self.oof_weight_)
        self.decision_ = clone(self.decision_).fit(self._at_prior(self.oof_proba_), y, weight)
        if getattr(self.decision_, "tuned_", True):
            return "the decision was tuned again on out-of-fold scores under this prior"
        return (
            "there are too few rows to tune the decision on: it is the untuned one for this prior"
        )

    def fitted(self) -> "ProbabilityModel":
        """Return what prediction needs, without the parts that were for training only."""
        self._check_fitted()
        return self


class WrappedModel(MetaEstimatorMixin, ProbabilityModel):
    """Mixin of classifiers around one fitted ``estimator_``."""

    estimator: Any
    estimator_: Any

    def _proba(self, X: TableLike) -> np.ndarray:
        return self._at_training_prior(align_proba(self.estimator_, X, self.classes_))

    def fitted(self) -> "FittedModel":
        """Return the fitted parts alone, without resampler and training settings: what to save."""
        self._check_fitted()
        return FittedModel.of(self)

    @property
    def n_features_in_(self) -> int:
        """Number of columns seen by the classifier."""
        self._check_fitted()
        return self.estimator_.n_features_in_

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the columns, where the classifier saw any."""
        self._check_fitted()
        return self.estimator_.feature_names_in_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        inner = self.estimator if hasattr(self, "estimator") else self.estimator_
        tags.input_tags = get_tags(inner).input_tags
        return tags


class FittedModel(WrappedModel, BaseEstimator):
    """A fitted classifier without resampler and training settings: what to save.

    It is made by the ``fitted`` of any model around one classifier, predicts and takes another
    prior as that one does, and cannot be fitted. A classifier of rarebird inside is cut down too.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from rarebird.decide import Argmax, DecidedClassifier
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]] * 10, ["ok", "ok", "fraud", "fraud"] * 10
    >>> model = DecidedClassifier(LogisticRegression(), Argmax()).fit(X, y)
    >>> model.fitted().predict([[0.0], [3.0]]).tolist()
    ['ok', 'fraud']
    """

    KEPT = (
        "classes_", "training_prior_", "prior_", "fitted_prior_", "calibrator_", "decision_",
        "prior_note_", "estimator_", "oof_proba_", "oof_y_", "oof_weight_", "oof_rows_",
    )  # fmt: skip

    @classmethod
    def of(cls, model: WrappedModel) -> "FittedModel":
        """Return the fitted parts of a model."""
        small = cls()
        small.__dict__.update({k: v for k, v in vars(model).items() if k in cls.KEPT})
        if isinstance(small.estimator_, ProbabilityModel):
            small.estimator_ = small.estimator_.fitted()
        return small

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_clone__(self) -> "FittedModel":
        return self  # as a frozen estimator: a clone would not be fitted
