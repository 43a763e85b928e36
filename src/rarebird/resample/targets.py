"""``sampling_strategy``: which classes are resampled, and to how many rows."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from rarebird._errors import DataError, ParameterError, format_label
from rarebird.counts import ClassCounts

from .strategies import BOUNDS, STRATEGIES, TYPES

__all__ = ["ClassTargets", "sampling_targets"]


@dataclass(frozen=True, eq=False, kw_only=True)
class ClassTargets:
    """The classes of a table's rows, and how many rows are wanted.

    Parameters
    ----------
    codes : ndarray of shape (n,)
        Class codes 0 .. C-1, in the order of the sorted labels.
    classes : ndarray of shape (C,)
        The labels.
    counts : ndarray of shape (C,)
        Rows of each class.
    targets : mapping of int to int
        For each targeted class code, in order: rows to add (over) or to keep (under).

    Examples
    --------
    >>> codes, classes = np.array([0, 1, 0]), np.array(["no", "yes"])
    >>> found = ClassTargets(
    ...     codes=codes, classes=classes, counts=np.array([2, 1]), targets={1: 5}
    ... )
    >>> found.name(1), found.rows_of(0).tolist()
    ("'yes' (1 row)", [0, 2])
    """

    codes: np.ndarray
    classes: np.ndarray
    counts: np.ndarray
    targets: Mapping[int, int]

    def rows_of(self, code: int) -> np.ndarray:
        """Return the rows of a class, in order."""
        return np.flatnonzero(self.codes == code)

    def name(self, code: int) -> str:
        """Return a class and its row count for messages, such as ``'yes' (7 rows)``."""
        n = int(self.counts[code])
        return f"{format_label(self.classes[code])} ({n} row{'s' if n != 1 else ''})"


def sampling_targets(
    strategy: Any,
    y: Any,
    sampling_type: str,
    *,
    counts: ClassCounts | None = None,
    owner: str = "sampling_strategy",
) -> "OrderedDict[Any, int]":
    """Return, for each targeted class, the rows to add (over) or to keep (under, clean).

    A string names classes, which are brought to the size of the largest (over) or smallest class
    (under). A float r is, for two classes, n_rare / n_common after resampling, truncated as in
    imbalanced-learn; for more classes it is ``{"min_ratio": r}``. A dict maps labels to totals; a
    float in it is a share of the largest class (over) or of the class itself (under), rounded. A
    list names the classes a cleaning method may take from. A callable gets y and returns a dict.

    Bounds hold for every class at once, and the narrowest counts. ``{"min_ratio": r}``: at least
    round(r * n_largest) rows (over), at most round(n_smallest / r) (under). ``{"max_ratio": r}``
    (under): at most round(r * n_reference), the reference being the smaller of two classes and the
    lower median count of many, so that one tiny class does not throw the table away.
    ``{"max_rows": m}``: no class above m rows by what is added or kept. ``{"min_rows": m}``:
    classes of fewer than m rows stay as they are.

    Parameters
    ----------
    strategy : str, float, dict, list or callable
        The user's ``sampling_strategy``.
    y : ndarray of shape (n,)
        Labels.
    sampling_type : {"over", "under", "clean"}
        What the sampler does.
    counts : ClassCounts, optional
        Those of y, where they are known already.
    owner : str
        The sampler's name, for messages.

    Raises
    ------
    ParameterError
        If the strategy is unknown, or cannot be reached by adding (over) or dropping rows (under).
    DataError
        If there are fewer than two classes or a named class has no rows.

    Notes
    -----
    O(n log n) to count n labels.

    Examples
    --------
    >>> y = np.repeat([0, 1, 2], [100, 20, 4])
    >>> dict(sampling_targets("auto", y, "over"))
    {np.int64(1): 80, np.int64(2): 96}
    >>> dict(sampling_targets({"min_ratio": 0.29}, y, "over"))
    {np.int64(1): 9, np.int64(2): 25}
    >>> dict(sampling_targets({"max_ratio": 1.5}, y, "under"))
    {np.int64(0): 30}
    """
    found = ClassCounts.from_labels(y) if counts is None else counts
    rows = {label: int(n) for label, n in zip(found.classes, found.counts, strict=True)}
    if len(rows) < 2:
        what = "there are no rows; the target 'y' needs to have more than 1 class."
        for label, n in rows.items():
            what = (
                "the target 'y' needs to have more than 1 class. Got 1 class instead, "
                f"{format_label(label)} with {n} rows."
            )
        raise DataError(f"{owner}: {what}")
    read = TYPES[sampling_type](owner, rows)
    if isinstance(strategy, np.ndarray) and strategy.ndim == 0:
        strategy = strategy.item()
    if callable(strategy):
        wanted = strategy(y)
        if not isinstance(wanted, Mapping):
            raise ParameterError(
                f"{owner}: the callable sampling_strategy returned {wanted!r}, which is not "
                "allowed; it must return a dict of label to rows."
            )
        targets = read.by_class(wanted)
    elif isinstance(strategy, str):
        targets = read.by_name(strategy)
    elif isinstance(strategy, Mapping):
        bounds = strategy and set(strategy) <= set(BOUNDS) and not set(strategy) & set(rows)
        targets = read.by_bounds(strategy) if bounds else read.by_class(strategy)
    elif isinstance(strategy, (list, tuple, np.ndarray)):
        targets = read.by_list(list(strategy))
    elif isinstance(strategy, Real) and not isinstance(strategy, bool):
        targets = read.by_ratio(float(strategy))
    else:
        raise ParameterError(
            f"{owner}: sampling_strategy={strategy!r} is not allowed; it must be one of "
            f"{', '.join(STRATEGIES)}, a number in (0, 1], a dict, a list (cleaning) or a callable."
        )
    return OrderedDict((label, targets[label]) for label in rows if label in targets)
