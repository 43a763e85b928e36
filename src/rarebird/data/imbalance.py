"""Make a table's classes as rare as a question needs them."""

import logging
from collections.abc import Mapping
from numbers import Real
from typing import Any

from rarebird._errors import DataError, ParameterError, ParameterTypeError

__all__ = ["make_imbalance"]

log = logging.getLogger(__name__)


def make_imbalance(
    X: Any,
    y: Any,
    *,
    sampling_strategy: Any = None,
    random_state: Any = None,
    verbose: bool = False,
    **kwargs: Any,
) -> tuple[Any, Any]:
    """Drop rows at random until every class has the number of rows asked for.

    A float r cuts the rarer of two classes to round(r * n_largest) rows.

    Parameters
    ----------
    X : array, sparse matrix, list or data frame of shape (n, d)
        The same kind comes out, with its column names and types.
    y : array-like of shape (n,), or one-hot of shape (n, C)
        Labels, of one-hot rows the place of the one; the same kind comes out.
    sampling_strategy : dict, callable or float
        Rows to keep of each class; classes that are not named stay whole. A callable gets y and
        returns the dict. For two classes also a float r in (0, 1]; of two equal classes the one
        that sorts last is cut.
    random_state : int, RandomState or None, default=None
        Seed; an integer gives the rows that imbalanced-learn gives.
    verbose : bool, default=False
        Whether to log the counts before and after, at level INFO.
    **kwargs
        For a callable ``sampling_strategy``.

    Returns
    -------
    X_new, y_new
        The rows that are left, class by class.

    Raises
    ------
    DataError
        If y has fewer than two classes, or a class named has no rows.
    ParameterError
        If ``sampling_strategy`` is none of these or asks for more rows than there are.

    Notes
    -----
    O(n log n) for n labels.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.arange(200.0).reshape(100, 2), np.repeat(["no", "yes"], 50)
    >>> X_new, y_new = make_imbalance(X, y, sampling_strategy=0.1, random_state=0)
    >>> dict(zip(*np.unique_counts(y_new), strict=True))
    {np.str_('no'): np.int64(50), np.str_('yes'): np.int64(5)}
    """
    # reading a table should not load resamplers
    from rarebird.resample.random_under_sampler import RandomUnderSampler

    if kwargs and not callable(sampling_strategy):
        raise ParameterTypeError(
            f"make_imbalance: unknown parameters {', '.join(kwargs)}; only a callable "
            "sampling_strategy takes more."
        )
    if callable(sampling_strategy):
        wanted = sampling_strategy(y, **kwargs)
    elif isinstance(sampling_strategy, Real) and not isinstance(sampling_strategy, bool):
        wanted = _share(float(sampling_strategy), y)
    else:
        wanted = sampling_strategy
    if not isinstance(wanted, Mapping):
        raise ParameterError(
            f"make_imbalance: sampling_strategy={sampling_strategy!r} is not allowed; it must be "
            "a dict of labels to rows, a callable that returns one, or a number in (0, 1]."
        )
    sampler = RandomUnderSampler(sampling_strategy=dict(wanted), random_state=random_state)
    try:
        X_new, y_new = sampler.fit_resample(X, y)
    except (DataError, ParameterError) as error:
        text = str(error).replace(type(sampler).__name__, "make_imbalance")
        raise type(error)(text) from None
    if verbose:
        log.info("make_imbalance: from %s to %s", _counts(y), _counts(y_new))
    return X_new, y_new


def _counts(y: Any) -> dict[Any, int]:
    from rarebird.tables.labels import as_labels

    found = as_labels(y, "make_imbalance")
    return dict(zip(found.classes.tolist(), found.counts.tolist(), strict=True))


def _share(ratio: float, y: Any) -> dict[Any, int]:
    """Return the rows to keep of the rarer of two classes."""
    if not 0 < ratio <= 1:
        raise ParameterError(
            f"make_imbalance: sampling_strategy={ratio:g} is not allowed; a number must be in "
            "(0, 1], the rows of the rarer class for each row of the other."
        )
    counts = _counts(y)
    if len(counts) != 2:
        raise DataError(
            f"make_imbalance: sampling_strategy={ratio:g} needs two classes, y has {len(counts)} "
            f"({counts}). Give a dict of labels to rows."
        )
    rare = min(reversed(counts), key=counts.__getitem__)
    rows = round(ratio * max(counts.values()))
    if not 1 <= rows <= counts[rare]:
        raise ParameterError(
            f"make_imbalance: sampling_strategy={ratio:g} asks for {rows} rows of class {rare!r}, "
            f"which has {counts[rare]}; give a number whose share of the {max(counts.values())} "
            f"rows of the other class is 1 to {counts[rare]}."
        )
    return {rare: rows}
