"""The contract of decisions and calibrators: checks once, one hook to learn, one hook to act."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.metadata_routing import UNUSED
from sklearn.utils.multiclass import check_classification_targets

from rarebird._errors import DataError, NotFittedError, format_label
from rarebird._params import Rule, check_params
from rarebird._typing import LabelsLike
from rarebird.registry import register

from .actions import Actions

__all__ = ["Calibrator", "Decision", "as_columns"]

# Fields of the card that every decision, and every calibrator, shares.
register_decision = partial(register, role="decision", place="decision", inputs=("probabilities",))
register_calibrator = partial(
    register, role="calibrator", place="decision", inputs=("probabilities",)
)
_TOLERANCE = 1e-9  # what rounding may add to a probability of 1


def as_columns(values: Any, who: str = "as_columns", *, kind: str = "probabilities") -> np.ndarray:
    """Return probabilities or scores as a float array of shape (n, C), one column a class.

    Parameters
    ----------
    values : array-like of shape (n, C) or (n,)
        One dimension holds the probability of code 1 of two classes, or a score s for the columns
        -s and s.
    who, kind : str
        The name in error messages; "probabilities", or "scores": any finite numbers.

    Raises
    ------
    DataError
        If a value is missing or infinite, or a probability is outside [0, 1] or its row's sum is
        not 1 (within 0.001).

    Notes
    -----
    O(n C); a float array of two dimensions is not copied.

    Examples
    --------
    >>> as_columns([0.25]).tolist()
    [[0.75, 0.25]]
    """
    try:
        values = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(f"{who}: the {kind} are not numbers ({error}).") from error
    if values.ndim == 1:
        values = np.column_stack([1.0 - values if kind == "probabilities" else -values, values])
    if values.ndim != 2 or values.shape[1] < 2:
        raise DataError(
            f"{who}: {kind} of shape {values.shape}; expected (n, C), one column for each of "
            "C >= 2 classes, or (n,) for the positive one of two classes."
        )
    bad = ~np.isfinite(values).all(axis=1)
    if bad.any():
        raise DataError(
            f"{who}: the {kind} of {bad.sum()} of {len(values)} rows are missing or infinite "
            f"(the first is row {bad.argmax()}). Fill or drop those rows."
        )
    if kind == "scores" or not values.size:
        return values
    low, high = values.min(), values.max()
    if low < -_TOLERANCE or high > 1 + _TOLERANCE:
        raise DataError(
            f"{who}: values from {low:.4g} to {high:.4g} are no probabilities, which lie in "
            "[0, 1]. Calibrate the scores first."
        )
    off = np.abs(values.sum(axis=1) - 1) > 1e-3
    if off.any():
        raise DataError(
            f"{who}: row {off.argmax()} sums to {values[off.argmax()].sum():.4g}; the "
            "probabilities of a row sum to 1."
        )
    return values if low >= 0 and high <= 1 else values.clip(0, 1)


def as_labels(y: LabelsLike, who: str) -> np.ndarray:
    """Return labels as an array of shape (n,), n > 0, or say why they are no classes."""
    try:
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
    except ValueError as error:
        raise DataError(f"{who}: {error}") from error
    if not len(y):
        raise DataError(f"{who}: the training set has no rows.")
    return y


def as_codes(y: LabelsLike, n_rows: int, n_classes: int, who: str) -> np.ndarray:
    """Return labels as integer codes 0..C-1, or say which value is not one."""
    y = np.asarray(y)
    if y.shape != (n_rows,):
        raise DataError(f"{who}: labels of shape {y.shape} for {n_rows} rows of probabilities.")
    if not n_rows:
        raise DataError(f"{who}: the training set has no rows.")
    whole = y.dtype.kind in "biu" or (y.dtype.kind == "f" and bool(np.all(y == np.floor(y))))
    if not whole or y.min() < 0 or y.max() >= n_classes:
        shown = np.unique(y)[:5].tolist() if y.dtype.kind != "O" else y[:5].tolist()
        raise DataError(
            f"{who}: labels such as {shown} are not codes 0 to {n_classes - 1}, the columns of the "
            "probabilities. Encode them first, or use DecidedClassifier, which takes any labels."
        )
    return y.astype(np.intp)


def as_weights(sample_weight: Any, n_rows: int, who: str) -> np.ndarray:
    """Return the rows' weights, ones for ``None``."""
    if sample_weight is None:
        return np.ones(n_rows)
    weight = np.asarray(sample_weight, dtype=float)
    if weight.shape != (n_rows,):
        raise DataError(f"{who}: weights of shape {weight.shape} for {n_rows} rows.")
    if not np.all(np.isfinite(weight)) or weight.min(initial=0) < 0 or not weight.sum() > 0:
        raise DataError(f"{who}: sample_weight needs finite values >= 0 that are not all zero.")
    return weight


def codes_of(labels: np.ndarray, classes: np.ndarray, who: str) -> np.ndarray:
    """Return the index in ``classes`` of each label, or say which label is not among them."""
    order = np.argsort(classes)
    unknown = np.setdiff1d(labels, classes)
    if unknown.size:
        raise DataError(
            f"{who}: label {format_label(unknown[0])} is not among the classes {classes.tolist()}."
        )
    return order[np.searchsorted(classes, labels, sorter=order)]


def plain(value: Any) -> Any:
    """Return a value as what JSON can hold; numbers that are not finite become ``None``."""
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


class _ProbabilityPart(BaseEstimator):
    """A part that works on probabilities or scores: checks once, around the hook ``_fit``."""

    # `y_proba` stands where scikit-learn has `X`: it is never routed as metadata.
    __metadata_request__fit: ClassVar = {"y_proba": UNUSED}
    rules: ClassVar[dict[str, Rule]] = {}
    input: ClassVar[str] = "probabilities"
    binary_only: ClassVar[bool] = False

    def fit(self, y_proba: Any, y: LabelsLike, sample_weight: Any = None) -> Any:
        """Learn from values (n, C), codes (n,) and weights (n,); return the object itself."""
        who = type(self).__name__
        check_params(who, self.rules, self.get_params(deep=False))
        y_proba = as_columns(y_proba, who, kind=self.input)
        codes = as_codes(y, len(y_proba), y_proba.shape[1], who)
        weight = as_weights(sample_weight, len(y_proba), who)
        if self.binary_only and y_proba.shape[1] != 2:
            raise DataError(
                f"{who}: {y_proba.shape[1]} classes, but it decides between two. Use "
                "DecisionWeights, CostRule or Argmax for many classes."
            )
        self.n_classes_ = int(y_proba.shape[1])
        self._fit(y_proba, codes, weight)
        return self

    def _checked(self, y_proba: Any) -> np.ndarray:
        who = type(self).__name__
        if not hasattr(self, "n_classes_"):
            raise NotFittedError(f"{who}: it is not fitted yet. Call fit(y_proba, y) first.")
        y_proba = as_columns(y_proba, who, kind=self.input)
        if y_proba.shape[1] != self.n_classes_:
            raise DataError(
                f"{who}: {y_proba.shape[1]} columns of {self.input}, but it was fitted with "
                f"{self.n_classes_}."
            )
        return y_proba

    def _fit(self, y_proba: np.ndarray, y: np.ndarray, weight: np.ndarray) -> None:
        """Learn from checked arrays; a part that learns nothing has no such hook."""

    def state(self) -> dict[str, Any]:
        """Return what was learned as plain values, for JSON."""
        learned = {k: plain(v) for k, v in vars(self).items() if k.endswith("_")}
        return {"method": self.card.name, **learned}  # type: ignore[attr-defined]


class Decision(_ProbabilityPart):
    """A rule from probabilities, or scores (``input``), to actions.

    A subclass writes ``_fit``, ``describe`` and ``_predict``, the codes of checked values, or
    ``_act``, which gets the context too. ``takes`` names the arrays of the context that it reads.
    Its card says by ``follows_prior`` whether it stays right under another prior.
    """

    __metadata_request__predict: ClassVar = {"y_proba": UNUSED}
    kind: ClassVar[str] = ""
    takes: ClassVar[tuple[str, ...]] = ()

    def act(self, y_proba: Any, *, context: Mapping[str, Any] | None = None) -> Actions:
        """Return the action for each row.

        Parameters
        ----------
        y_proba : array-like of shape (n, C) or (n,)
            What it was fitted on, for these rows.
        context : mapping of str to array-like, optional
            What else is known of each row, such as its costs ``{"fp": (n,), "fn": (n,)}``.

        Raises
        ------
        DataError
            If the context has an array that this decision does not take.
        """
        values = self._checked(y_proba)
        unread = [name for name in context or {} if name not in self.takes]
        if unread:
            raise DataError(
                f"{type(self).__name__}: {unread[0]!r} is not a value per row that it reads; it "
                f"takes {', '.join(self.takes) or 'none'}. Costs per row are for CostRule."
            )
        return self._act(values, dict(context or {}))

    def predict(self, y_proba: Any) -> np.ndarray:
        """Return the chosen class code of each row, shape (n,); -1 where it abstains."""
        return self.act(y_proba).codes

    def _act(self, y_proba: np.ndarray, context: dict[str, Any]) -> Actions:
        return Actions(self._predict(y_proba).astype(np.intp, copy=False))

    def _predict(self, y_proba: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def describe(self) -> str:
        """Return the rule as one plain sentence."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return kind, sentence and what was learned as plain values, for JSON."""
        return {"kind": self.kind, "describe": self.describe(), **super().state()}


class ThresholdDecision(Decision):
    """A decision of two classes that alerts where the probability is at least ``threshold_``."""

    kind = "threshold"
    binary_only = True
    threshold_: float

    def _predict(self, y_proba: np.ndarray) -> np.ndarray:
        return y_proba[:, 1] >= self.threshold_

    def describe(self) -> str:
        """Return the rule as one plain sentence."""
        if self.threshold_ > 1:
            return "never alert"
        return f"alert when the probability is at least {self.threshold_:.3g}"


class Calibrator(_ProbabilityPart):
    """A map from probabilities to better ones; a subclass writes ``_fit`` and ``_transform``."""

    __metadata_request__transform: ClassVar = {"y_proba": UNUSED}

    def transform(self, y_proba: Any) -> np.ndarray:
        """Return calibrated probabilities, shape (n, C) (two columns for two classes)."""
        return self._transform(self._checked(y_proba))

    def _transform(self, y_proba: np.ndarray) -> np.ndarray:
        raise NotImplementedError
