"""A resampler made of the user's own function."""

from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from rarebird._errors import DataError, ParameterError, ParameterTypeError
from rarebird._params import Instance, OneOf, check_params
from rarebird.tables.plan import NO_ROW, Explicit, Plan

from .base import Resampler

__all__ = ["FunctionSampler"]


def identity(X: Any, y: Any) -> tuple[Any, Any]:
    """Return the rows as they are."""
    return X, y


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
        If there is one class only; with ``validate``, if X holds gaps or anything but numbers, y
        is no classes, or the function returns X and y of different lengths.
    ParameterError
        If a parameter is outside its rule.
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

    rules: ClassVar = {
        "func": OneOf(None, Instance("a function of X and y", methods=("__call__",))),
        "accept_sparse": OneOf(True, False),
        "kw_args": OneOf(None, Instance("a dict", types=(dict,))),
        "validate": OneOf(True, False),
    }

    def __init__(
        self,
        *,
        func: Any = None,
        accept_sparse: bool = True,
        kw_args: dict[str, Any] | None = None,
        validate: bool = True,
    ):
        self.func = func
        self.accept_sparse = accept_sparse
        self.kw_args = kw_args
        self.validate = validate

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
        func = identity if self.func is None else self.func
        more = self.kw_args or {}
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
        return (X_new, _like_labels(out[1], labels), *out[2:])

    def _ready(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Return checked data and labels, or two ``None`` where nothing is to be checked."""
        owner = "FunctionSampler"
        check_params(owner, self.rules, self.get_params(deep=False))
        data = labels = None
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
    n = len(X_new)
    parents = np.full((n, 1), NO_ROW)
    return table.build(Plan((Explicit(X_new, np.zeros(n, dtype=np.intp), parents),)))


def _like_labels(y_new: Any, labels: Any) -> Any:
    """Return labels as the kind that came in, where the function has not done so."""
    y = labels.y
    if not isinstance(y_new, np.ndarray):
        return y_new
    if isinstance(y, (list, tuple)):
        return y_new.tolist()
    if isinstance(y, np.ndarray):
        one_hot = y.ndim == 2 and y.shape[1] > 1
        return (y_new[:, None] == np.arange(y.shape[1])).astype(y.dtype) if one_hot else y_new
    import narwhals.stable.v2 as nw

    frame = nw.from_native(y, allow_series=True, eager_only=True, pass_through=True)
    if isinstance(frame, nw.Series):
        return _series(y_new, frame).to_native()
    if isinstance(frame, nw.DataFrame) and frame.shape[1] == 1:
        return _series(y_new, frame[:, 0]).to_frame().to_native()
    return y_new


def _series(values: np.ndarray, like: Any) -> Any:
    import narwhals.stable.v2 as nw

    return nw.new_series(like.name, values.tolist(), like.dtype, backend=like.implementation)
