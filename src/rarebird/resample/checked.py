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


@dataclass(frozen=True, eq=False, kw_only=True)
class Rows:
    """The rows that a method's hook works on.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n, d), or None
        The numbers; ``None`` where the method says that it reads none (``reads``).
    table : Table
        The input by columns, for methods that read categories.
    start : callable
        Returns the generator at its start: an integer seed starts again, a generator goes on.
    """

    X: Any
    table: Table
    start: Callable[[], Any]
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
