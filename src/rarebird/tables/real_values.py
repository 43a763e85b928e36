"""One number a row (regression)."""

from typing import Any

import numpy as np

from rarebird._errors import DataError

from .aligned import interpolated
from .plan import Plan
from .rows import column_like, take_rows
from .target import as_array, check_nothing_missing, index_of

__all__ = ["RealValues"]


class RealValues:
    """Numbers to be predicted; the y of a plan's new rows are such numbers.

    A new row without a y of its own that lies between rows has the value between theirs, by the
    same step and within their range; any other has its base row's.

    Parameters
    ----------
    y : array, list, series or frame of shape (n,) or (n, 1)
        Finite numbers. The same kind comes out, floats in place of whole numbers where a row is
        new.
    owner : str
        For messages.

    Attributes
    ----------
    n_rows : int
        Rows of y.
    values : ndarray of float of shape (n,)
        The numbers.

    Raises
    ------
    DataError
        If y has no rows, or values that are missing, infinite or no numbers.

    Examples
    --------
    >>> from rarebird.tables import AllRows, Interpolated
    >>> between = Interpolated(np.array([0]), np.array([1]), np.array([0.5]))
    >>> RealValues([10.0, 20.0]).build(Plan((AllRows(2), between)), None)
    [10.0, 20.0, 15.0]
    """

    def __init__(self, y: Any, owner: str = "RealValues"):
        values = as_array(y, owner)
        if values.ndim == 2 and values.shape[1] == 1:
            values = values.ravel()
        if values.ndim != 1:
            raise DataError(
                f"{owner}: y has shape {values.shape}; expected one number for each row, shape "
                "(n,)."
            )
        check_nothing_missing(values, owner, "numbers")
        try:
            self.values = values.astype(float)
        except (TypeError, ValueError):
            raise DataError(
                f"{owner}: y holds {values[0]!r}; expected a number for each row."
            ) from None
        if not np.isfinite(self.values).all():
            raise DataError(f"{owner}: y contains infinity; replace it by a number.")
        self.y, self.n_rows = y, len(values)

    def build(self, plan: Plan, X_new: Any) -> Any:
        """Return the numbers of the plan's rows as the kind of y that came in."""
        if plan.only_kept:
            return take_rows(self.y, plan.base, index_of(X_new))
        between = interpolated(self.values, plan)
        own = plan.y_of(np.full(self.n_rows, np.nan))  # NaN: a new row has none of its own
        made = np.where(np.isnan(own), between, own)
        return column_like(made, self.y, index_of(X_new))
