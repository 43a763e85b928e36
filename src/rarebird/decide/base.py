"""The decision contract: checks once, one hook to learn, one hook to act."""

from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.metadata_routing import UNUSED

from rarebird._errors import DataError, NotFittedError
from rarebird._params import Rule, check_params

__all__ = ["Calibrator", "Decision", "as_columns"]


def as_columns(proba: Any, who: str = "as_columns") -> np.ndarray:
    """Return probabilities as a float array of shape (n, C), one column a class.

    Parameters
    ----------
    proba : array-like of shape (n, C) or (n,)
        Probabilities; one dimension means the probability of code 1 of two classes.
    who : str
        The name in the error messages.

    Raises
    ------
    DataError
        If they are missing, not finite, outside [0, 1], or a row's sum is not 1 (within 0.001).

    Notes
    -----
    O(n C). An array of floats with two dimensions is returned as it is, without a copy.

    Examples
    --------
    >>> as_columns([0.25]).tolist()
    [[0.75, 0.25]]
    """
    try:
        proba = np.asarray(proba, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(f"{who}: the probabilities are not numbers ({error}).") from error
    if proba.ndim == 1:
        proba = np.column_stack([1.0 - proba, proba])
    if proba.ndim != 2 or proba.shape[1] < 2:
        raise DataError(
            f"{who}: probabilities of shape {proba.shape}; expected (n, C), one column for "
            "each of C >= 2 classes, or (n,) for the positive one of two classes."
        )
    bad = ~np.isfinite(proba).all(axis=1)
    if bad.any():
        raise DataError(
            f"{who}: the probabilities of {bad.sum()} of {len(proba)} rows are missing or infinite "
            f"(the first is row {bad.argmax()}). Fill or drop those rows."
        )
    if proba.size and (proba.min() < 0 or proba.max() > 1):
        raise DataError(
            f"{who}: values from {proba.min():.4g} to {proba.max():.4g} are no probabilities, "
            "which lie in [0, 1]. Calibrate the scores first."
        )
    off = np.abs(proba.sum(axis=1) - 1) > 1e-3
    if off.any():
        raise DataError(
            f"{who}: row {off.argmax()} sums to {proba[off.argmax()].sum():.4g}; the probabilities "
            "of a row sum to 1."
        )
    return proba


def as_codes(y: Any, n_rows: int, n_classes: int, who: str) -> np.ndarray:
    """Return labels as integer codes 0..C-1, or say which value is not one."""
    y = np.asarray(y)
    if y.shape != (n_rows,):
        raise DataError(f"{who}: labels of shape {y.shape} for {n_rows} rows of probabilities.")
    if not n_rows:
        raise DataError(f"{who}: there are no rows to learn from.")
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


class ProbabilityPart(BaseEstimator):
    """A part that works on probabilities: checks once, around the hook ``_fit``."""

    # `proba` stands where scikit-learn has `X`: it is never routed as metadata.
    __metadata_request__fit: ClassVar = {"proba": UNUSED}
    rules: ClassVar[dict[str, Rule]] = {}
    binary_only: ClassVar[bool] = False

    def fit(self, proba: Any, y: Any, sample_weight: Any = None) -> Any:
        """Learn from probabilities (n, C) and codes (n,); return the object itself."""
        who = type(self).__name__
        check_params(who, self.rules, self.get_params(deep=False))
        proba = as_columns(proba, who)
        codes = as_codes(y, len(proba), proba.shape[1], who)
        weight = as_weights(sample_weight, len(proba), who)
        if self.binary_only and proba.shape[1] != 2:
            raise DataError(
                f"{who}: {proba.shape[1]} classes, but it decides between two. Use "
                "DecisionWeights, CostRule or Argmax for many classes."
            )
        self.n_classes_ = int(proba.shape[1])
        self._fit(proba, codes, weight)
        return self

    def _checked(self, proba: Any) -> np.ndarray:
        who = type(self).__name__
        if not hasattr(self, "n_classes_"):
            raise NotFittedError(f"{who}: it is not fitted yet. Call fit(proba, y) first.")
        proba = as_columns(proba, who)
        if proba.shape[1] != self.n_classes_:
            raise DataError(
                f"{who}: {proba.shape[1]} columns of probabilities, but it was fitted with "
                f"{self.n_classes_}."
            )
        return proba

    def _fit(self, proba: np.ndarray, y: np.ndarray, weight: np.ndarray) -> None:
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return what was learned as plain values, for JSON."""
        learned = {k: plain(v) for k, v in vars(self).items() if k.endswith("_")}
        return {"method": self.card.name, **learned}  # type: ignore[attr-defined]


class Decision(ProbabilityPart):
    """A rule from probabilities to actions; a subclass writes ``_fit``, ``_predict``, ``describe``.

    ``kind`` is ``"threshold"``, ``"cost"``, ``"alert-budget"``, ``"argmax"`` or ``"weights"``.
    """

    __metadata_request__predict: ClassVar = {"proba": UNUSED}
    kind: ClassVar[str] = ""

    def predict(self, proba: Any) -> np.ndarray:
        """Return the chosen class code of each row, shape (n,)."""
        return self._predict(self._checked(proba)).astype(np.intp, copy=False)

    def _predict(self, proba: np.ndarray) -> np.ndarray:
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

    def _predict(self, proba: np.ndarray) -> np.ndarray:
        return proba[:, 1] >= self.threshold_

    def describe(self) -> str:
        """Return the rule as one plain sentence."""
        if self.threshold_ > 1:
            return "never alert"
        return f"alert when the probability is at least {self.threshold_:.3g}"


class Calibrator(ProbabilityPart):
    """A map from probabilities to better ones; a subclass writes ``_fit`` and ``_transform``."""

    __metadata_request__transform: ClassVar = {"proba": UNUSED}

    def transform(self, proba: Any) -> np.ndarray:
        """Return calibrated probabilities, shape (n, C) (two columns for two classes)."""
        return self._transform(self._checked(proba))

    def _transform(self, proba: np.ndarray) -> np.ndarray:
        raise NotImplementedError
