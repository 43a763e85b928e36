"""Parameter rules are data beside the parameters; one function checks and states them."""

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ._errors import ParameterError


class Rule(Protocol):
    """What a parameter may be: ``allows(value)`` decides, ``str(rule)`` says it to a person."""

    def allows(self, value: Any) -> bool:
        """Say whether the value keeps the rule."""
        ...


@dataclass(frozen=True)
class Int:
    """A whole number between ``min`` and ``max``, both included."""

    min: int | None = None
    max: int | None = None

    def allows(self, value: Any) -> bool:
        """Say whether the value keeps the rule."""
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            return False
        value = int(value)
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    def __str__(self) -> str:
        low = f" >= {self.min}" if self.min is not None else ""
        high = (" and" if low else "") + f" <= {self.max}" if self.max is not None else ""
        return f"a whole number{low}{high}"


@dataclass(frozen=True)
class Real:
    """A finite number between ``min`` and ``max``, without the ends that are open."""

    min: float | None = None
    max: float | None = None
    open_low: bool = False
    open_high: bool = False

    def allows(self, value: Any) -> bool:
        """Say whether the value keeps the rule."""
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            return False
        value = float(value)
        if not math.isfinite(value):
            return False
        above = self.min is None or (value > self.min if self.open_low else value >= self.min)
        below = self.max is None or (value < self.max if self.open_high else value <= self.max)
        return above and below

    def __str__(self) -> str:
        low = f" {'>' if self.open_low else '>='} {self.min:g}" if self.min is not None else ""
        high = f" {'<' if self.open_high else '<='} {self.max:g}" if self.max is not None else ""
        return f"a number{low}{' and' if low and high else ''}{high}"


@dataclass(frozen=True)
class OneOf:
    """One of some values; a member that is itself a rule allows what that rule allows."""

    options: tuple[Any, ...]

    def __init__(self, *options: Any) -> None:
        object.__setattr__(self, "options", options)

    def allows(self, value: Any) -> bool:
        """Say whether the value keeps the rule."""
        for option in self.options:
            if hasattr(option, "allows"):
                if option.allows(value):
                    return True
            elif option is value or (type(option) is type(value) and option == value):
                return True
        return False

    def __str__(self) -> str:
        texts = [str(o) if hasattr(o, "allows") else repr(o) for o in self.options]
        return texts[0] if len(texts) == 1 else ", ".join(texts[:-1]) + " or " + texts[-1]


@dataclass(frozen=True)
class Instance:
    """An object of a type, or one that has all the named methods."""

    name: str
    methods: tuple[str, ...] = ()
    types: tuple[type, ...] = ()

    def allows(self, value: Any) -> bool:
        """Say whether the value keeps the rule."""
        if self.types and isinstance(value, self.types):
            return True
        return bool(self.methods) and all(hasattr(value, m) for m in self.methods)

    def __str__(self) -> str:
        return self.name


def check_params(owner: str, rules: Mapping[str, Rule], values: Mapping[str, Any]) -> None:
    """Check every value that has a rule.

    Raises
    ------
    ParameterError
        For the first value outside its rule, naming the owner, the value and the rule.

    Examples
    --------
    >>> check_params("SMOTE", {"k_neighbors": Int(min=1)}, {"k_neighbors": 0})
    Traceback (most recent call last):
        ...
    rarebird._errors.ParameterError: SMOTE: k_neighbors=0 is not allowed; \
it must be a whole number >= 1.
    """
    for name, rule in rules.items():
        if name in values and not rule.allows(values[name]):
            raise ParameterError(
                f"{owner}: {name}={values[name]!r} is not allowed; it must be {rule}."
            )
