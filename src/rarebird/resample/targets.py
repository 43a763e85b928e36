"""``sampling_strategy``: which classes are resampled, and to how many rows."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np

from rarebird._errors import DataError, ParameterError, format_label, suggest
from rarebird.counts import ClassCounts

__all__ = ["sampling_targets"]

STRATEGIES = ("minority", "majority", "not minority", "not majority", "all", "auto")
BOUNDS = ("min_ratio", "max_rows")
KINDS = ("over", "under", "clean")


def sampling_targets(
    strategy: Any,
    y: Any,
    kind: str,
    *,
    counts: ClassCounts | None = None,
    owner: str = "sampling_strategy",
) -> "OrderedDict[Any, int]":
    """Return, for each targeted class, the rows to add (over), to keep (under) or 0-based aims.

    A string names classes, which are brought to the size of the largest (over) or smallest class
    (under). A float r is, for two classes, n_rare / n_common after resampling, truncated as in
    imbalanced-learn; for more classes every class is brought to at least round(r * n_largest)
    (over) or at most round(n_smallest / r) (under). A dict maps labels to totals; a float in it
    is a share of the largest class (over) or of the class itself (under), rounded.
    ``{"min_ratio": r, "max_rows": m}`` states the same bounds for every class: at least
    round(r * n_largest) rows each (over) or at most round(n_smallest / r) (under), and no class
    above m by what is added or kept. A list names the classes a cleaning method may take from. A
    callable gets y and returns a dict.

    Parameters
    ----------
    strategy : str, float, dict, list or callable
        The user's ``sampling_strategy``.
    y : ndarray of shape (n,)
        Labels.
    kind : {"over", "under", "clean"}
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
    """
    found = ClassCounts.from_labels(y) if counts is None else counts
    labels = list(found.classes)
    rows = {label: int(n) for label, n in zip(labels, found.counts, strict=True)}
    if len(rows) < 2:
        raise DataError(
            f"{owner}: the target 'y' needs to have more than 1 class. Got {len(rows)} class "
            f"instead, {format_label(labels[0])} with {rows[labels[0]]} rows."
            if rows
            else f"{owner}: there are no rows; the target 'y' needs to have more than 1 class."
        )
    rule = _Rule(owner, kind, rows)
    if isinstance(strategy, np.ndarray) and strategy.ndim == 0:
        strategy = strategy.item()
    if isinstance(strategy, str):
        aims = rule.by_name(strategy)
    elif isinstance(strategy, Mapping):
        bounds = set(strategy) <= set(BOUNDS) and not set(strategy) & set(labels)
        aims = rule.by_bounds(strategy) if bounds and strategy else rule.by_class(strategy)
    elif isinstance(strategy, (list, tuple, np.ndarray)):
        aims = rule.by_list(list(strategy))
    elif isinstance(strategy, Real) and not isinstance(strategy, bool):
        aims = rule.by_ratio(float(strategy))
    elif isinstance(strategy, Callable):  # type: ignore[arg-type]
        wanted = strategy(y)
        if not isinstance(wanted, Mapping):
            raise ParameterError(
                f"{owner}: the callable sampling_strategy returned {wanted!r}, which is not "
                "allowed; it must return a dict of label to rows."
            )
        aims = rule.by_class(wanted)
    else:
        raise ParameterError(
            f"{owner}: sampling_strategy={strategy!r} is not allowed; it must be one of "
            f"{', '.join(STRATEGIES)}, a number in (0, 1], a dict, a list (cleaning) or a callable."
        )
    return OrderedDict((label, aims[label]) for label in labels if label in aims)


class _Rule:
    """The spellings of ``sampling_strategy`` over one set of counts."""

    def __init__(self, owner: str, kind: str, counts: dict[Any, int]):
        self.owner, self.kind, self.counts = owner, kind, counts
        self.largest = max(counts, key=counts.__getitem__)
        self.smallest = min(counts, key=counts.__getitem__)

    def _error(self, text: str) -> ParameterError:
        return ParameterError(f"{self.owner}: {text}")

    def _aim(self, label: Any) -> int:
        if self.kind == "over":
            return self.counts[self.largest] - self.counts[label]
        return self.counts[self.smallest]

    def by_name(self, name: str) -> dict[Any, int]:
        if name not in STRATEGIES:
            raise self._error(
                f"sampling_strategy={name!r} is unknown; when it is a string, it needs to be one "
                f"of {', '.join(STRATEGIES)}.{suggest(name, STRATEGIES)}"
            )
        if name == "auto":
            name = "not majority" if self.kind == "over" else "not minority"
        if name == ("majority" if self.kind == "over" else "minority"):
            what = "over-sampler" if self.kind == "over" else "under-sampler and clean-sampler"
            raise self._error(f"'sampling_strategy'='{name}' cannot be used with {what}.")
        chosen = {
            "minority": lambda c: c == self.smallest,
            "majority": lambda c: c == self.largest,
            "not minority": lambda c: c != self.smallest,
            "not majority": lambda c: c != self.largest,
            "all": lambda c: True,
        }[name]
        return {label: self._aim(label) for label in self.counts if chosen(label)}

    def _known(self, labels: Any) -> None:
        unknown = [label for label in labels if label not in self.counts]
        if unknown:
            raise DataError(
                f"{self.owner}: the {', '.join(map(format_label, unknown))} target class is/are "
                "not present in the data; the classes are "
                f"{', '.join(map(format_label, self.counts))}."
            )

    def by_list(self, labels: list[Any]) -> dict[Any, int]:
        if self.kind != "clean":
            raise self._error(
                "'sampling_strategy' cannot be a list for samplers which are not cleaning methods."
            )
        self._known(labels)
        return {label: self._aim(label) for label in labels}

    def by_class(self, wanted: Mapping[Any, Any]) -> dict[Any, int]:
        if self.kind == "clean":
            raise self._error(
                "'sampling_strategy' as a dict for cleaning methods is not supported. Please give "
                "a list of the classes to be targeted by the sampling."
            )
        self._known(wanted)
        return {label: self._to(label, value) for label, value in wanted.items()}

    def _to(self, label: Any, value: Any) -> int:
        n = self.counts[label]
        if not isinstance(value, Real) or isinstance(value, bool):
            raise self._error(
                f"sampling_strategy: {value!r} for class {format_label(label)} is not allowed; "
                "give a whole number of rows or a share in (0, 1]."
            )
        if isinstance(value, Real) and not isinstance(value, Integral):
            if not 0 < float(value) <= 1:
                raise self._error(
                    f"sampling_strategy: {value!r} for class {format_label(label)} is not allowed; "
                    "give a whole number of rows or a share in (0, 1]."
                )
            value = round(float(value) * (self.counts[self.largest] if self.kind == "over" else n))
        if value < 0:
            raise self._error(
                "the number of samples in a class cannot be negative; "
                f"{value} asked of {format_label(label)}."
            )
        if self.kind == "over" and value < n:
            raise self._error(
                "with over-sampling methods, the number of samples in a class should be greater "
                f"or equal to the original number of samples. Originally, class "
                f"{format_label(label)} has {n} samples and {value} samples are asked."
            )
        if self.kind == "under" and value > n:
            raise self._error(
                "with under-sampling methods, the number of samples in a class should be less or "
                f"equal to the original number of samples. Originally, class "
                f"{format_label(label)} has {n} samples and {value} samples are asked."
            )
        return int(value) - n if self.kind == "over" else int(value)

    def by_ratio(self, ratio: float) -> dict[Any, int]:
        if not 0 < ratio <= 1:
            raise self._error(
                "when 'sampling_strategy' is a float, it should be in the range (0, 1]. "
                f"Got {ratio} instead."
            )
        if self.kind == "clean":
            raise self._error(
                "cleaning methods do not let the user specify the sampling ratio; give a list of "
                "the classes to clean."
            )
        if len(self.counts) > 2:
            return self.by_bounds({"min_ratio": ratio})
        if self.kind == "over":
            aims = {
                label: int(self.counts[self.largest] * ratio - n)
                for label, n in self.counts.items()
                if label != self.largest
            }
            if any(n <= 0 for n in aims.values()):
                raise self._error(
                    f"sampling_strategy={ratio}: the specified ratio required to remove samples "
                    "from the minority class while trying to generate new samples. Please "
                    "increase the ratio."
                )
            return aims
        aims = {
            label: int(self.counts[self.smallest] / ratio)
            for label in self.counts
            if label != self.smallest
        }
        if any(n > self.counts[label] for label, n in aims.items()):
            raise self._error(
                f"sampling_strategy={ratio}: the specified ratio required to generate new sample "
                "in the majority class while trying to remove samples. Please increase the ratio."
            )
        return aims

    def by_bounds(self, bounds: Mapping[str, Any]) -> dict[Any, int]:
        if self.kind == "clean":
            raise self._error("cleaning methods take no bounds; give a list of classes.")
        ratio: Any = bounds.get("min_ratio", 1.0)
        most = bounds.get("max_rows")
        if not isinstance(ratio, Real) or not 0 < float(ratio) <= 1:
            raise self._error(f"min_ratio={ratio!r} is not allowed; it must be in (0, 1].")
        if most is not None and (not isinstance(most, Integral) or most < 1):
            raise self._error(f"max_rows={most!r} is not allowed; it must be a whole number >= 1.")
        if "min_ratio" not in bounds and self.kind == "under":
            goal = self.counts[self.largest]
        elif self.kind == "over":
            goal = round(float(ratio) * self.counts[self.largest])
        else:
            goal = round(self.counts[self.smallest] / float(ratio))
        goal = goal if most is None else min(goal, int(most))
        if self.kind == "over":
            return {label: goal - n for label, n in self.counts.items() if n < goal}
        return {label: goal for label, n in self.counts.items() if n > goal}
