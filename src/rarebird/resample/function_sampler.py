"""A resampler made of the user's own function."""

from typing import Annotated, Any

import numpy as np
from scipy import sparse

from rarebird._errors import DataError, ParameterError, ParameterTypeError
from rarebird._params import Instance, OneOf, check_params
from rarebird.tables.plan import Plan
from rarebird.tables.rows import column_like
from rarebird.tables.sources import NO_ROW, Explicit

from .base import Resampler
from .parameters import Flag

__all__ = ["FunctionSampler"]

FunctionRule = OneOf(None, Instance("a function of X and y", methods=("__call__",)))


class FunctionSampler(Resampler):
    """Resamples by a function: (X', y') = func(X, y).

    Parameters
    ----------
    func : callable or None, default=None
        Called as ``func(X, y, **kw_args)``; returns X and y, and as a third value what it likes.
        ``None`` returns the rows as they are.
    accept_sparse : bool, default=True
        Whether X may be a sparse matrix.
    kw_args : dict or None, default=None
        Keyword arguments of the function.
    validate : bool, default=True
        Check X and y, hand an array (or sparse matrix) of numbers and labels of shape (n,) to the
        function, and return what it makes of them as the kinds of table and labels that came in.
        ``False`` hands both over as they are, frames too, and returns what the function returns.

    Raises
    ------
    DataError
        If there is one class only; with ``validate``, if X has missing values or anything but
        numbers, y is no classes, or the function returns X and y of different lengths.
    ParameterTypeError
        If X is sparse and ``accept_sparse`` is false.

    Notes
    -----
    Which rows the function took is unknown: ``sample_indices_``, ``parents_`` and
    ``is_synthetic_`` do not exist, and weights or groups cannot pass through.

    Examples
    --------
    >>> def every_other(X, y):
    ...     return X[::2], y[::2]
    >>> X, y = np.arange(6.0)[:, None], ["a", "a", "a", "b", "b", "b"]
    >>> FunctionSampler(func=every_other).fit_resample(X, y)[1]
    ['a', 'a', 'b']
    """

    func: Annotated[Any, FunctionRule] = None
    accept_sparse: Flag = True
    kw_args: Annotated[dict[str, Any] | None, OneOf(None, Instance("a dict", types=(dict,)))] = None
    validate: Flag = True

    def fit(self, X: Any, y: Any) -> "FunctionSampler":
        """Check X of shape (n, d) and y of shape (n,); the function is not called.

        Raises
        ------
        DataError, ParameterError, ParameterTypeError
            As `fit_resample`.
        """
        self._ready(X, y)
        return self

    def fit_resample(
        self, X: Any, y: Any, *, keep_index: bool | None = None, **aligned: Any
    ) -> Any:
        """Return what the function makes of X of shape (n, d) and y of shape (n,).

        Raises
        ------
        DataError
            If arrays are to be carried along: what became of their rows is not known.
        ParameterError
            If ``keep_index`` is true, for the same reason.
        """
        if aligned:
            raise DataError(
                f"FunctionSampler: {', '.join(aligned)} cannot be carried along, as it is not "
                "known which rows the function takes. Resample them inside the function, or use "
                "another resampler."
            )
        if keep_index:
            raise ParameterError(
                "FunctionSampler: keep_index=True is not allowed, as it is not known which rows "
                "the function takes. With validate=False the function gets and returns the frame."
            )
        data, labels = self._ready(X, y)
        func, more = self.func or (lambda X, y: (X, y)), self.kw_args or {}
        if data is None:
            return func(X, y, **more)
        numbers = data.X.asformat(data.table.format) if data.table.is_sparse else data.X
        out = func(numbers, labels.flat, **more)
        if not isinstance(out, tuple) or len(out) not in (2, 3):
            raise DataError(
                f"FunctionSampler: the function returned a {type(out).__name__}; it must return "
                "the tuple (X, y), or (X, y, anything)."
            )
        n_rows, n_labels = (len(v) if isinstance(v, list) else v.shape[0] for v in out[:2])
        if n_rows != n_labels:
            raise DataError(
                f"FunctionSampler: the function returned {n_rows} rows and {n_labels} labels."
            )
        X_new = _like_table(out[0], X, data.table)
        return (X_new, _like_labels(out[1], labels.y), *out[2:])

    def _ready(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Return checked data and labels, or two ``None`` where nothing is to be checked."""
        owner = "FunctionSampler"
        check_params(owner, self.rules, self.get_params(deep=False))
        data: Any = None
        labels: Any = None
        if self.validate:
            if sparse.issparse(X) and not self.accept_sparse:
                raise ParameterTypeError(
                    f"{owner}: a sparse matrix was passed, but dense data is required. Use "
                    "X.toarray(), or accept_sparse=True."
                )
            data, labels = self._check(X, y)
        values = np.asarray(y) if labels is None else labels.classes
        if len(np.unique(values)) < 2:
            raise DataError(
                f"{owner}: the target 'y' needs to have more than 1 class. Got 1 class instead, "
                f"{values.ravel()[:1].tolist()} in each of {len(np.asarray(y))} rows."
            )
        self.sampling_strategy_ = "auto"
        return data, labels

    def plan(self, X: Any, y: Any) -> Plan:
        """Refuse: what the function takes is not known before it is called.

        Raises
        ------
        ParameterError
            Always.
        """
        raise ParameterError(
            "FunctionSampler: there is no plan, as it is not known which rows the function takes. "
            "Call fit_resample, or use another resampler."
        )

    def partial_fit_resample(
        self, X: Any, y: Any, *, keep_index: bool | None = None, **aligned: Any
    ) -> Any:
        """Return what the function makes of the next batch; see `fit_resample`."""
        return self.fit_resample(X, y, keep_index=keep_index, **aligned)

    def _planned(self) -> Plan:
        raise AttributeError(
            "FunctionSampler does not know which rows its function takes, so there is no "
            "sample_indices_, parents_ or is_synthetic_."
        )


def _like_table(X_new: Any, X: Any, table: Any) -> Any:
    """Return rows as the kind of table that came in, where the function has not done so."""
    if isinstance(X, (list, tuple)) and isinstance(X_new, np.ndarray):
        return X_new.tolist()
    if table.names is None:
        return X_new
    if sparse.issparse(X_new):
        X_new = X_new.toarray()
    if not isinstance(X_new, np.ndarray):
        return X_new
    if X_new.shape[1:] != (table.n_columns,):
        raise DataError(
            f"FunctionSampler: the function returned an array of shape {X_new.shape} for a frame "
            f"of {table.n_columns} columns. With validate=False it gets and returns the frame."
        )
    return table.build(Plan((Explicit(X_new, np.full((len(X_new), 1), NO_ROW)),)))


def _like_labels(y_new: Any, y: Any) -> Any:
    """Return labels as the kind that came in, where the function has not done so."""
    if not isinstance(y_new, np.ndarray):
        return y_new
    if isinstance(y, np.ndarray):
        one_hot = y.ndim == 2 and y.shape[1] > 1
        return (y_new[:, None] == np.arange(y.shape[1])).astype(y.dtype) if one_hot else y_new
    one_column = getattr(y, "ndim", 1) == 1 or y.shape[1] == 1
    return column_like(y_new, y) if one_column else y_new
