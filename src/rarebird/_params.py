"""Parameter rules are data beside the parameters; one function checks and states them."""

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from ._errors import ParameterError


class Rule(Protocol):
    """What a parameter may be: ``allows(value)`` decides, ``str(rule)`` says it to a person."""

    def allows(self, value: Any) -> bool:
        """Say whether the value keeps the rule."""
        ...


@dataclass(frozen=True)
class Real:
    """A finite number between ``min`` and ``max``, without the ends that are open."""

    min: float | None = None
    max: float | None = None
    open_low: bool = False
    open_high: bool = False
    _type: ClassVar[Any] = numbers.Real
    _text: ClassVar[tuple[str, str]] = "a number", "g"

    def allows(self, value: Any) -> bool:
        """Say whether the value keeps the rule."""
        if isinstance(value, bool) or not isinstance(value, self._type):
            return False
        number = int(value) if isinstance(value, numbers.Integral) else float(value)
        low, high = self.min, self.max
        above = low is None or number > low or (number == low and not self.open_low)
        below = high is None or number < high or (number == high and not self.open_high)
        return abs(number) < math.inf and above and below

    def __str__(self) -> str:
        name, form = self._text
        ends = []
        if self.min is not None:
            ends.append(f"{'>' if self.open_low else '>='} {self.min:{form}}")
        if self.max is not None:
            ends.append(f"{'<' if self.open_high else '<='} {self.max:{form}}")
        return f"{name} {' and '.join(ends)}".rstrip()


@dataclass(frozen=True)
class Int(Real):
    """A whole number between ``min`` and ``max``, both included."""

    _type = numbers.Integral
    _text = "a whole number", ""


@dataclass(frozen=True)
class OneOf:
    """One of some values; a member that is itself a rule allows what that rule allows."""

    options: tuple[Any, ...]

    def __init__(self, *options: Any) -> None:
        object.__setattr__(self, "options", options)

    def allows(self, value: Any) -> bool:
        """Say whether the value keeps the rule."""
        return any(
            option.allows(value)
            if hasattr(option, "allows")
            else option is value or (type(option) is type(value) and option == value)
            for option in self.options
        )

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
        able = bool(self.methods) and all(hasattr(value, m) for m in self.methods)
        return able or isinstance(value, self.types)

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
