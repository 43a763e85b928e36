"""What y may be, as class codes and back."""

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from rarebird._errors import DataError
from rarebird.counts import encode

from .plan import Plan
from .table import is_missing, is_pandas


class Labels:
    """Labels of any kind as codes 0 .. C-1, and a plan's labels as that kind.

    Attributes
    ----------
    flat : ndarray of shape (n,)
        The labels.
    classes : ndarray of shape (C,)
        The labels there are, sorted.
    codes : ndarray of shape (n,)
        Places in ``classes``.
    counts : ndarray of shape (C,)
        Rows of each class.
    """

    def __init__(self, y: Any, flat: np.ndarray):
        self.y, self.flat = y, flat
        self.classes, self.codes = encode(flat)
        self.counts = np.bincount(self.codes, minlength=len(self.classes))

    def rows(self, plan: Plan) -> np.ndarray:
        """Return, for each output row, an input row that has its label."""
        wanted = plan.labels(self.codes)
        base = plan.base
        own = self.codes[np.maximum(base, 0)] == wanted
        first = np.array([np.argmax(self.codes == code) for code in range(len(self.classes))])
        return np.where((base >= 0) & own, base, first[wanted])

    def build(self, plan: Plan, X_new: Any) -> Any:
        """Return the labels of the plan's rows as the kind of y that came in."""
        y = self.y
        if isinstance(y, np.ndarray) and y.ndim == 1:
            return self.classes[plan.labels(self.codes)].astype(y.dtype, copy=False)
        rows = self.rows(plan)
        if isinstance(y, (list, tuple)):
            return [y[i] for i in rows.tolist()]
        if isinstance(y, np.ndarray):
            taken = y[rows]
            return taken.ravel() if y.shape[1] == 1 else taken
        if sparse.issparse(y):
            return y.tocsr()[rows]
        if is_pandas(y):
            taken = y.iloc[rows]
            same = is_pandas(X_new)
            return taken.set_axis(X_new.index) if same else taken.reset_index(drop=True)
        import narwhals.stable.v2 as nw

        found = nw.from_native(y, allow_series=True, eager_only=True, pass_through=True)
        if isinstance(found, (nw.Series, nw.DataFrame)):
            return found[rows].to_native()
        return self.classes[plan.labels(self.codes)]


def as_labels(y: Any, owner: str) -> Labels:
    """Return the labels of y.

    Raises
    ------
    DataError
        If y has no rows, missing labels, several labels a row, or numbers that are no classes.
    """
    flat = _flat(y, owner)
    if len(flat) and flat.dtype.kind in "fOmM":
        missing = sum(map(is_missing, flat.tolist()))
        if missing:
            raise DataError(
                f"{owner}: y has {missing} missing labels (Input y contains NaN); drop those rows."
            )
    if not len(flat):
        raise DataError(f"{owner}: y has no rows; the target 'y' needs to have more than 1 class.")
    try:
        check_classification_targets(flat)
        return Labels(y, flat)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{owner}: y cannot be used as classes ({str(error).splitlines()[0]}). Give one label "
            "a row; for a number to be predicted, cut it into classes first."
        ) from None


def _flat(y: Any, owner: str) -> np.ndarray:
    """Return y as an array of shape (n,); one-hot rows become the place of their one."""
    if y is None:
        raise DataError(f"{owner}: requires y to be passed, but the target y is None.")
    if sparse.issparse(y):
        y = y.toarray()
    if isinstance(y, (list, tuple)):
        y = np.asarray(y)
    elif not isinstance(y, np.ndarray):
        import narwhals.stable.v2 as nw

        native = nw.from_native(y, allow_series=True, eager_only=True, pass_through=True)
        if isinstance(native, (nw.Series, nw.DataFrame)):
            y = np.asarray(native.to_numpy())
        else:
            y = np.asarray(y)
    if y.ndim == 1:
        return y
    if y.ndim == 2 and y.shape[1] == 1:
        return y.ravel()
    if y.ndim == 2 and type_of_target(y) == "multilabel-indicator":
        if np.any(y.sum(axis=1) > 1):
            raise DataError(
                f"{owner}: Multilabel and multioutput targets are not supported; y has rows with "
                "several labels. Use MLROS, MLRUS or MLSMOTE."
            )
        return y.argmax(axis=1)
    raise DataError(f"{owner}: y should be a 1d array, got an array of shape {y.shape} instead.")
