"""One field an option: from it the constructor, study.toml and the command line derive."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from rarebird._errors import ParameterError, about
from rarebird._params import Int

_LEAST_SECONDS = 5.0
STOPPED = "It was interrupted."  # what `Report.ended` says where the user did so


@dataclass(frozen=True)
class Option:
    """What is known of an option beside its name, type and default."""

    help: str  # what it does, in words for a person
    flags: tuple[str, ...] = ()  # the command line's names; by default ``--name-of-the-field``
    reads: type = str  # what the command line reads; nothing for a switch (bool)
    stored: tuple[type, ...] = (str,)  # what study.toml may hold; nothing: no result depends on it
    parse: Callable[[Any], Any] | None = None  # to a checked value; raises a ``ParameterError``
    completes: Sequence[str] = ()  # values that the shell proposes


def option(help: str, *, default: Any = None, **more: Any) -> Any:
    """Return a dataclass field with an `Option`."""
    return field(default=default, metadata={"option": Option(help, **more)})


def options_of(cls: type) -> dict[str, Option]:
    """Return the options of a dataclass by field name."""
    return {f.name: f.metadata["option"] for f in fields(cls) if "option" in f.metadata}


def parse_fields(stated: Any) -> None:
    """Put a checked value in the place of every stated one of a frozen dataclass."""
    for f in fields(stated):
        parse = f.metadata["option"].parse if "option" in f.metadata else None
        value = getattr(stated, f.name)
        if parse is not None and (value is not None or f.default is not None):
            with about(f.name):
                object.__setattr__(stated, f.name, parse(value))


def parameters_section(cls: type) -> str:
    """Return the numpydoc entries of a dataclass's options."""
    lines = []
    for f in fields(cls):
        if "option" not in f.metadata:
            continue
        kind = f.type.__name__ if isinstance(f.type, type) else str(f.type)
        kind = kind.replace("typing.Any", "object").replace(" | None", "")
        what = "optional" if f.default is None else f"default={f.default!r}"
        lines += [f"{f.name} : {kind}, {what}", f"    {f.metadata['option'].help}"]
    return "\n    ".join(lines)


def seconds(value: Any) -> float:
    """Read a time: 90, "90s", "15m" or "2h".

    >>> seconds("15m"), seconds(90)
    (900.0, 90.0)
    """
    text = str(value).strip().lower()
    unit = {"s": 1, "m": 60, "h": 3600}.get(text[-1:], 0)
    try:
        found = float(text[:-1]) * unit if unit else float(text)
    except ValueError:
        raise ParameterError(f"{value!r} is not allowed; write seconds, or 90s, 15m, 2h.") from None
    if not _LEAST_SECONDS <= found < float("inf"):
        raise ParameterError(
            f"{value!r} is not allowed; it must be at least {_LEAST_SECONDS:g} seconds."
        )
    return found


def names(value: Any) -> list[str]:
    """Read names: a list, or text with commas between.

    >>> names("smote, tomek-links")
    ['smote', 'tomek-links']
    """
    if isinstance(value, str):
        return [name.strip() for name in value.split(",") if name.strip()]
    if not all(isinstance(name, str) for name in value):
        raise ParameterError(f"{value!r} is not allowed; it must be a list of names.")
    return list(value)


def costs(value: Any) -> Any:
    """Return stated costs as plain values; the path of a file holds from every folder."""
    if isinstance(value, str):
        text = value.strip()
        return str(Path(text).absolute()) if text.lower().endswith(".csv") else value
    return dict(value) if isinstance(value, Mapping) else getattr(value, "tolist", lambda: value)()


def seed(value: Any) -> int:
    """Check a seed."""
    return _checked(Int(0, 2**32 - 1), value)


def jobs(value: Any) -> int:
    """Check a number of processes; None is -1, all cores."""
    if value is None or (value == -1 and not isinstance(value, float)):
        return -1
    return _checked(Int(1), value, ", or -1 (all cores)")


def _checked(rule: Int, value: Any, more: str = "") -> int:
    if not rule.allows(value):
        raise ParameterError(f"{value!r} is not allowed; it must be {rule}{more}.")
    return int(value)


def above_zero(value: Any) -> float:
    """Check a number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ParameterError(f"{value!r} is not allowed; it must be a number above 0.")
    return float(value)


def switch(value: Any) -> bool:
    """Check a value that is true or false."""
    if not isinstance(value, bool):
        raise ParameterError(f"{value!r} is not allowed; it must be true or false.")
    return value
