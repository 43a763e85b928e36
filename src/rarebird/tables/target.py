"""A target stands beside a table: what y holds, and the y of a plan's rows as its own kind."""

from typing import Any, Protocol

import numpy as np
from scipy import sparse

from rarebird._errors import DataError

from .plan import Plan
from .rows import as_narwhals
from .table import is_missing

__all__ = ["Target"]


class Target(Protocol):
    """What y holds: `ClassLabels`, `LabelSets` or `RealValues`, which check it when made.

    Attributes
    ----------
    n_rows : int
        Rows of y.
    """

    n_rows: int

    def build(self, plan: Plan, X_new: Any) -> Any:
        """Return the y of the plan's rows as the kind that came in; pandas' index from X_new."""
        ...


def as_array(y: Any, owner: str) -> np.ndarray:
    """Return y of any kind as a dense array.

    Raises
    ------
    DataError
        If there is no y, or no rows, or rows that do not fit into one array.
    """
    if y is None:
        raise DataError(f"{owner}: requires y to be passed, but the target y is None.")
    if sparse.issparse(y):
        y = y.toarray()
    frame = None if isinstance(y, (list, tuple, np.ndarray)) else as_narwhals(y)
    try:
        values = np.asarray(y if frame is None else frame.to_numpy())
    except ValueError:
        raise DataError(
            f"{owner}: y is a {type(y).__name__} of parts of different shapes; give one label, one "
            "label set or one number for each row."
        ) from None
    if values.ndim and not len(values):
        raise DataError(f"{owner}: y has no rows; the target 'y' needs to have more than 1 class.")
    return values


def check_nothing_missing(values: np.ndarray, owner: str, what: str = "labels") -> None:
    """Refuse missing labels or numbers, with their count."""
    if values.dtype.kind in "fOmM":
        missing = sum(map(is_missing, values.ravel().tolist()))
        if missing:
            raise DataError(
                f"{owner}: y has {missing} missing {what} (Input y contains NaN); drop those rows."
            )


def index_of(X_new: Any) -> Any:
    """Return the index of a frame of pandas, else None."""
    return getattr(X_new, "index", None) if hasattr(X_new, "iloc") else None
