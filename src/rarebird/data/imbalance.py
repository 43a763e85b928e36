"""Make a table's classes as rare as a question needs them."""

import logging
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np

from rarebird._errors import DataError, ParameterError, ParameterTypeError, format_label
from rarebird._random import RandomState, as_legacy_rng
from rarebird.tables.class_labels import ClassLabels
from rarebird.tables.convert import as_table
from rarebird.tables.executor import execute
from rarebird.tables.plan import Plan
from rarebird.tables.sources import Kept

__all__ = ["make_imbalance"]

log = logging.getLogger(__name__)
_WHO = "make_imbalance"


def make_imbalance(
    X: Any,
    y: Any,
    *,
    sampling_strategy: Any = None,
    random_state: RandomState = None,
    verbose: bool = False,
    **kwargs: Any,
) -> tuple[Any, Any]:
    """Drop rows at random until every class has the rows asked for; return X and y, class by class.

    A float r cuts the rarer of two classes to round(r * n_largest) rows.

    Parameters
    ----------
    X : array, sparse matrix, list or data frame of shape (n, d)
        The same kind comes out, with its column names and types.
    y : array-like of shape (n,), or one-hot of shape (n, C)
        Labels, of one-hot rows the column of the one; the same kind comes out.
    sampling_strategy : dict, callable or float
        Rows to keep of each class; classes that are not named stay whole. A callable gets y (and
        ``kwargs``) and returns the dict. For two classes also a float r in (0, 1]; of two equal
        classes the one that sorts last is cut.
    random_state : int, Generator, RandomState or None, default=None
        Seed; an integer or a RandomState gives the rows that imbalanced-learn gives.
    verbose : bool, default=False
        Whether to log the counts before and after, at level INFO.

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
    >>> X, y = np.arange(200.0).reshape(100, 2), np.repeat(["no", "yes"], 50)
    >>> X_new, y_new = make_imbalance(X, y, sampling_strategy=0.1, random_state=0)
    >>> dict(zip(*np.unique_counts(y_new), strict=True))
    {np.str_('no'): np.int64(50), np.str_('yes'): np.int64(5)}
    """
    if kwargs and not callable(sampling_strategy):
        raise ParameterTypeError(
            f"{_WHO}: unknown parameters {', '.join(kwargs)}; only a callable sampling_strategy "
            "takes more."
        )
    labels, table = ClassLabels(y, _WHO), as_table(X, _WHO)
    counts = dict(zip(labels.classes.tolist(), labels.counts.tolist(), strict=True))
    if labels.n_rows != table.n_rows:
        raise DataError(
            f"{_WHO}: X has {table.n_rows} rows, y has {labels.n_rows}; one label each."
        )
    if len(counts) < 2:
        raise DataError(f"{_WHO}: the target 'y' needs to have more than 1 class; it has {counts}.")
    wanted = sampling_strategy
    if callable(sampling_strategy):
        wanted = sampling_strategy(y, **kwargs)
    elif isinstance(sampling_strategy, Real) and not isinstance(sampling_strategy, bool):
        wanted = _share(float(sampling_strategy), counts)
    _check(wanted, counts, sampling_strategy)
    rng, parts = as_legacy_rng(random_state), []
    for code, label in enumerate(counts):
        rows = np.flatnonzero(labels.codes == code)
        if label in wanted:
            rows = rows[rng.choice(len(rows), wanted[label], replace=False)]
        parts.append(rows)
    plan = Plan((Kept(np.concatenate(parts)),), n_rows=table.n_rows)
    if verbose:
        left = dict(zip(counts, map(len, parts), strict=True))
        log.info("%s: from %s to %s", _WHO, counts, left)
    X_new, y_new = execute(plan, table, labels, owner=_WHO, keep_index=True)
    return X_new, y_new


def _check(wanted: Any, counts: Mapping[Any, int], given: Any) -> None:
    """Refuse what is no dict of labels to rows that there are."""
    if not isinstance(wanted, Mapping):
        raise ParameterError(
            f"{_WHO}: sampling_strategy={given!r} is not allowed; it must be a dict of labels to "
            "rows, a callable that returns one, or a number in (0, 1]."
        )
    for label, n in wanted.items():
        if label not in counts:
            raise DataError(
                f"{_WHO}: class {format_label(label)} has no rows; the classes are "
                f"{', '.join(map(format_label, counts))}."
            )
        whole = isinstance(n, Integral) and not isinstance(n, bool)
        if not whole or not 0 <= int(n) <= counts[label]:
            raise ParameterError(
                f"{_WHO}: {n!r} rows of class {format_label(label)} are asked for; give a whole "
                f"number from 0 to the {counts[label]} rows that it has."
            )


def _share(ratio: float, counts: Mapping[Any, int]) -> dict[Any, int]:
    """Return the rows to keep of the rarer of two classes."""
    if not 0 < ratio <= 1:
        raise ParameterError(
            f"{_WHO}: sampling_strategy={ratio:g} is not allowed; a number must be in (0, 1], the "
            "rows of the rarer class for each row of the other."
        )
    if len(counts) != 2:
        raise DataError(
            f"{_WHO}: sampling_strategy={ratio:g} needs two classes, y has {len(counts)} "
            f"({counts}). Give a dict of labels to rows."
        )
    rare = min(reversed(list(counts)), key=counts.__getitem__)
    rows, most = round(ratio * max(counts.values())), max(counts.values())
    if not 1 <= rows <= counts[rare]:
        raise ParameterError(
            f"{_WHO}: sampling_strategy={ratio:g} asks for {rows} rows of class {rare!r}, which "
            f"has {counts[rare]}; give a number whose share of the {most} rows of the other class "
            f"is 1 to {counts[rare]}."
        )
    return {rare: rows}
