"""One class label a row, as class codes and back."""

from typing import Any

import numpy as np
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from rarebird._errors import DataError
from rarebird.counts import encode

from .plan import Plan
from .rows import take_rows
from .target import as_array, check_nothing_missing, index_of

__all__ = ["ClassLabels"]


class ClassLabels:
    """Class labels of any kind as codes 0 .. C-1; the y of a plan's new rows are such codes.

    Parameters
    ----------
    y : array, list, series or frame of shape (n,) or (n, 1), or one-hot of shape (n, C)
        Labels; a one-hot row has the column of its one as its label.
    owner : str
        For messages.

    Attributes
    ----------
    n_rows : int
        Rows of y.
    flat : ndarray of shape (n,)
        The labels.
    classes : ndarray of shape (C,)
        The labels there are, sorted.
    codes : ndarray of shape (n,)
        Indices into ``classes``.
    counts : ndarray of shape (C,)
        Rows of each class.

    Raises
    ------
    DataError
        If y has no rows, missing labels, several labels a row, or numbers that are no classes.

    Examples
    --------
    >>> labels = ClassLabels(["no", "yes", "no"], "SMOTE")
    >>> labels.classes.tolist(), labels.codes.tolist()
    (['no', 'yes'], [0, 1, 0])
    """

    def __init__(self, y: Any, owner: str = "ClassLabels"):
        flat = _flat(as_array(y, owner), owner)
        check_nothing_missing(flat, owner)
        try:
            check_classification_targets(flat)
            self.classes, self.codes = encode(flat)
        except (TypeError, ValueError) as error:
            raise DataError(
                f"{owner}: y cannot be used as classes ({str(error).splitlines()[0]}). Give one "
                "label a row; for a number to be predicted, cut it into classes first."
            ) from None
        self.y, self.flat, self.n_rows = y, flat, len(flat)
        self.counts = np.bincount(self.codes, minlength=len(self.classes))

    def rows(self, plan: Plan) -> np.ndarray:
        """Return, for each output row, an input row that has its label."""
        wanted = plan.y_of(self.codes)
        base = plan.base
        own = self.codes[np.maximum(base, 0)] == wanted
        first = np.array([np.argmax(self.codes == code) for code in range(len(self.classes))])
        return np.where((base >= 0) & own, base, first[wanted])

    def build(self, plan: Plan, X_new: Any) -> Any:
        """Return the labels of the plan's rows as the kind of y that came in."""
        y = self.y
        if isinstance(y, np.ndarray) and y.ndim == 1:
            return self.classes[plan.y_of(self.codes)].astype(y.dtype, copy=False)
        taken = take_rows(y, self.rows(plan), index_of(X_new))
        one_column = isinstance(y, np.ndarray) and y.shape[1:] == (1,)
        return taken.ravel() if one_column else taken


def _flat(y: np.ndarray, owner: str) -> np.ndarray:
    """Return y as an array of shape (n,); one-hot rows become the column of their one."""
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
    raise DataError(
        f"{owner}: y should be a 1d array, got an array of shape {y.shape} instead. Give one label "
        "for each row."
    )
