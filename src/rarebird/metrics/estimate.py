"""What a measured number carries: an interval with its method, or the range of some repeats."""

from dataclasses import dataclass
from typing import Any

__all__ = ["Estimate", "Range"]


@dataclass(frozen=True)
class Estimate:
    """A value with a confidence interval.

    Parameters
    ----------
    value, low, high : float
        The estimate and the ends of the interval; all nan where the value is undefined.
    level : float
        Confidence of the interval, in (0, 1).
    method : str
        How the interval was made, in words.

    Examples
    --------
    >>> Estimate(0.5, 0.3, 0.7, 0.95, "Clopper-Pearson").high
    0.7
    """

    value: float
    low: float
    high: float
    level: float
    method: str

    def __post_init__(self) -> None:
        for name in ("value", "low", "high", "level"):
            object.__setattr__(self, name, float(getattr(self, name)))


@dataclass(frozen=True)
class Range:
    """The mean, the least and the largest of n repeats; no level of confidence belongs to it.

    Examples
    --------
    >>> Range.of([0.25, 1.0, 0.25])
    Range(value=0.5, least=0.25, largest=1.0, n=3)
    """

    value: float
    least: float
    largest: float
    n: int

    @classmethod
    def of(cls, values: Any) -> "Range":
        """Return the range of a sequence of at least one number."""
        values = [float(value) for value in values]
        return cls(sum(values) / len(values), min(values), max(values), len(values))
