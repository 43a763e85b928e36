"""What the spellings of ``sampling_strategy`` mean for each type of sampler."""

from collections.abc import Mapping
from numbers import Integral
from typing import Any, ClassVar

from rarebird._errors import DataError, ParameterError, format_label, suggest
from rarebird._params import Int, OneOf, Rule, check_params
from rarebird._params import Real as Number

STRATEGIES = ("minority", "majority", "not minority", "not majority", "all", "auto")
BOUNDS: dict[str, Rule] = {
    "min_ratio": Number(min=0, max=1, open_low=True),
    "max_ratio": Number(min=0, open_low=True),
    "max_rows": OneOf(None, Int(min=1)),
    "min_rows": OneOf(None, Int(min=1)),
}
Targets = dict[Any, int]


class _Strategy:
    """What the spellings mean over the rows of at least two classes, for one type of sampler."""

    auto: ClassVar[str]
    impossible: ClassVar[str]
    what: ClassVar[str]

    def __init__(self, owner: str, counts: dict[Any, int]):
        self.owner, self.counts = owner, counts
        self.largest = max(counts, key=counts.__getitem__)
        self.smallest = min(counts, key=counts.__getitem__)

    def error(self, text: str) -> ParameterError:
        return ParameterError(f"{self.owner}: {text}")

    def by_name(self, name: str) -> Targets:
        if name not in STRATEGIES:
            raise self.error(
                f"sampling_strategy={name!r} is unknown; when it is a string, it needs to be one "
                f"of {', '.join(STRATEGIES)}.{suggest(name, STRATEGIES)}"
            )
        if name == self.impossible:
            raise self.error(f"'sampling_strategy'='{name}' cannot be used with {self.what}.")
        name = self.auto if name == "auto" else name
        one = self.largest if name.endswith("majority") else self.smallest
        return {
            label: self.level(label)
            for label in self.counts
            if name == "all" or (label == one) != name.startswith("not ")
        }

    def level(self, label: Any) -> int:
        """Return the target of a class that is named without a number."""
        return self.counts[self.smallest]

    def by_list(self, labels: list[Any]) -> Targets:
        raise self.error(
            "'sampling_strategy' cannot be a list for samplers which are not cleaning methods."
        )

    def by_class(self, wanted: Mapping[Any, Any]) -> Targets:
        self.check_known(wanted)
        return {label: self.reach(label, self._total(label, n)) for label, n in wanted.items()}

    def check_known(self, labels: Any) -> None:
        unknown = [label for label in labels if label not in self.counts]
        if unknown:
            raise DataError(
                f"{self.owner}: the {', '.join(map(format_label, unknown))} target class is/are "
                "not present in the data; the classes are "
                f"{', '.join(map(format_label, self.counts))}."
            )

    def _total(self, label: Any, value: Any) -> int:
        whole = isinstance(value, Integral) and not isinstance(value, bool)
        if not whole and not BOUNDS["min_ratio"].allows(value):
            raise self.error(
                f"sampling_strategy: {value!r} for class {format_label(label)} is not allowed; "
                "give a whole number of rows or a share in (0, 1]."
            )
        if value < 0:
            raise self.error(
                "the number of samples in a class cannot be negative; "
                f"{value} asked of {format_label(label)}."
            )
        return int(value) if whole else round(float(value) * self.share_of(label))

    def share_of(self, label: Any) -> int:
        """Return the rows that a share is a share of."""
        return self.counts[label]

    def reach(self, label: Any, total: int) -> int:
        """Return the target that leads to a total."""
        raise NotImplementedError

    def beyond(self, label: Any, total: int, what: str, order: str) -> ParameterError:
        return self.error(
            f"with {what} methods, the number of samples in a class should be {order} or equal to "
            f"the original number of samples. Originally, class {format_label(label)} has "
            f"{self.counts[label]} samples and {total} samples are asked."
        )

    def by_ratio(self, ratio: float) -> Targets:
        """Return the targets for n_rare / n_common, of many classes for a least ratio of each."""
        if not 0 < ratio <= 1:
            raise self.error(
                "when 'sampling_strategy' is a float, it should be in the range (0, 1]. "
                f"Got {ratio} instead."
            )
        return self.by_two(ratio) if len(self.counts) == 2 else self.by_bounds({"min_ratio": ratio})

    def by_two(self, ratio: float) -> Targets:
        raise NotImplementedError

    def by_bounds(self, bounds: Mapping[str, Any]) -> Targets:
        """Return the targets of classes with ``min_rows`` that are outside the other bounds."""
        check_params(self.owner, BOUNDS, bounds)
        others = dict(bounds)
        least = others.pop("min_rows", None) or 0
        found = self.within(others)
        return {label: n for label, n in found.items() if self.counts[label] >= least}

    def within(self, bounds: Mapping[str, Any]) -> Targets:
        raise NotImplementedError


class _Under(_Strategy):
    """Rows to keep of each targeted class, for under-samplers."""

    auto: ClassVar[str] = "not minority"
    impossible: ClassVar[str] = "minority"
    what: ClassVar[str] = "under-sampler and clean-sampler"

    def reach(self, label: Any, total: int) -> int:
        """Return the target that leads to a total."""
        if total > self.counts[label]:
            raise self.beyond(label, total, "under-sampling", "less")
        return total

    def by_two(self, ratio: float) -> Targets:
        (label,) = (label for label in self.counts if label != self.smallest)
        n_keep = int(self.counts[self.smallest] / ratio)
        if n_keep > self.counts[label]:
            raise self.error(
                f"sampling_strategy={ratio}: the specified ratio required to generate new sample "
                "in the majority class while trying to remove samples. Please increase the ratio."
            )
        return {label: n_keep}

    def within(self, bounds: Mapping[str, Any]) -> Targets:
        most = self.most(**bounds)
        return {label: most for label, n in self.counts.items() if n > most}

    def most(
        self,
        min_ratio: float | None = None,
        max_ratio: float | None = None,
        max_rows: int | None = None,
    ) -> int:
        """Return the rows that no class exceeds afterwards."""
        most = self.counts[self.largest] if max_rows is None else int(max_rows)
        if min_ratio is not None:
            most = min(most, round(self.counts[self.smallest] / float(min_ratio)))
        if max_ratio is not None:
            ordered = sorted(self.counts.values())
            reference = ordered[(len(ordered) - 1) // 2]
            most = min(most, max(1, round(float(max_ratio) * reference)))
        return most


class _Clean(_Under):
    """Classes that may lose rows, for cleaning methods."""

    def by_list(self, labels: list[Any]) -> Targets:
        self.check_known(labels)
        return {label: self.level(label) for label in labels}

    def by_class(self, wanted: Mapping[Any, Any]) -> Targets:
        raise self.error(
            "'sampling_strategy' as a dict for cleaning methods is not supported. Please give a "
            "list of the classes to be targeted by the sampling."
        )

    def by_two(self, ratio: float) -> Targets:
        raise self.error(
            "cleaning methods do not let the user specify the sampling ratio; give a list of the "
            "classes to clean."
        )

    def within(self, bounds: Mapping[str, Any]) -> Targets:
        raise self.error("cleaning methods take no bounds; give a list of the classes to clean.")


class _Over(_Strategy):
    """Rows to add to each targeted class, for over-samplers."""

    auto: ClassVar[str] = "not majority"
    impossible: ClassVar[str] = "majority"
    what: ClassVar[str] = "over-sampler"

    def level(self, label: Any) -> int:
        """Return the rows that bring a class to the size of the largest."""
        return self.counts[self.largest] - self.counts[label]

    def share_of(self, label: Any) -> int:
        return self.counts[self.largest]

    def reach(self, label: Any, total: int) -> int:
        if total < self.counts[label]:
            raise self.beyond(label, total, "over-sampling", "greater")
        return total - self.counts[label]

    def by_two(self, ratio: float) -> Targets:
        (label,) = (label for label in self.counts if label != self.largest)
        n_new = int(self.counts[self.largest] * ratio - self.counts[label])
        if n_new <= 0:
            raise self.error(
                f"sampling_strategy={ratio}: the specified ratio required to remove samples from "
                "the minority class while trying to generate new samples. Please increase the "
                "ratio."
            )
        return {label: n_new}

    def within(self, bounds: Mapping[str, Any]) -> Targets:
        if "max_ratio" in bounds:
            raise self.error(
                f"max_ratio={bounds['max_ratio']!r} is for under-samplers; an over-sampler takes "
                "min_ratio, the least share of the largest class."
            )
        largest = self.counts[self.largest]
        total = round(float(bounds.get("min_ratio", 1.0)) * largest)
        total = min(total, int(bounds.get("max_rows") or total))
        return {label: total - n for label, n in self.counts.items() if n < total}


TYPES: dict[str, type[_Strategy]] = {"over": _Over, "under": _Under, "clean": _Clean}
