"""What a report shows of many classes, as frozen values."""

from dataclasses import dataclass
from typing import Any

from rarebird.metrics.curves import CalibrationBin

from .slider import Slider


@dataclass(frozen=True)
class Confused:
    """Rows of one class that were taken for another."""

    true: str
    predicted: str
    n: int
    share: float  # of the rows of the true class


@dataclass(frozen=True)
class Confusion:
    """How often each class was predicted as each: ``counts[true][predicted]`` rows."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @property
    def rarest(self) -> tuple[int, ...]:
        """Codes of the classes that have rows, the rarest first."""
        sizes = [sum(row) for row in self.counts]
        return tuple(sorted((c for c, n in enumerate(sizes) if n), key=sizes.__getitem__))

    @property
    def largest(self) -> tuple[Confused, ...]:
        """The mistakes by pair of classes, most rows first."""
        found = [
            Confused(self.labels[i], self.labels[j], n, n / sum(row))
            for i, row in enumerate(self.counts)
            for j, n in enumerate(row)
            if n and i != j
        ]
        return tuple(sorted(found, key=lambda one: (-one.n, -one.share)))


@dataclass(frozen=True)
class ClassCalibration:
    """Stated and observed shares of one class against the rest."""

    label: str
    n: int  # rows of the class
    bins: tuple[CalibrationBin, ...]


@dataclass(frozen=True)
class ClassSlider:
    """The slider of one class against the rest."""

    label: str
    slider: Slider


@dataclass(frozen=True)
class ManyClasses:
    """What the model makes of many classes; the rarest come first in its parts."""

    confusion: Confusion  # on the test set, as calibration is
    calibration: tuple[ClassCalibration, ...]
    sliders: tuple[ClassSlider, ...] = ()  # out of fold

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The sliders as plain values, for the page's script."""
        return [{"label": one.label, **vars(one.slider)} for one in self.sliders]
