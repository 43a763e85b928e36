"""What a method's hook works on, after every check."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from rarebird.tables.table import Table

from .targets import ClassTargets

T = TypeVar("T")
# what most resamplers' cards say that they are for; the contract tests call them on each
FOR_CLASSES: dict[str, Any] = {
    "role": "resampler",
    "place": "data",
    "tasks": ("binary", "multiclass"),
    "inputs": ("table",),
}
OVER_STRENGTHS = tuple(
    {"sampling_strategy": {"min_ratio": ratio, "min_rows": 2}} for ratio in (1.0, 0.3)
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Rows:
    """The rows that a method's hook works on."""

    X: Any  # the numbers (n, d), an ndarray or CSR matrix; None where the method reads none
    table: Table  # the input by columns, for methods that read categories
    start: Callable[[], Any]  # the generator at its start, where an integer seed starts again
    memory: dict[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def rng(self) -> Any:
        """The one generator that goes on through the whole call."""
        return self.start()

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what ``make`` returns, made at the first call only: a search all classes share."""
        if name not in self.memory:
            self.memory[name] = make()
        return self.memory[name]


@dataclass(frozen=True, eq=False, kw_only=True)
class Checked(ClassTargets, Rows):
    """What the hook of a method for classes works on: the rows and the class targets."""
