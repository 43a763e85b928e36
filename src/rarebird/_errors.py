"""The error family: each member is also the built-in error that users already catch."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class RarebirdError(Exception):
    """Base of every error that rarebird raises on purpose; its text is one line for a person.

    ``options``, the parameters at fault, come first: a command line can put its own names there.
    """

    options: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """The text without the names of the parameters at fault."""
        return super().__str__()

    def __str__(self) -> str:
        return f"{' and '.join(self.options)}: {self.message}" if self.options else self.message


@contextmanager
def about(*options: str) -> Iterator[None]:
    """Name the parameters at fault in an error of ours that passes through.

    Examples
    --------
    >>> with about("seed"):
    ...     raise ParameterError("-1 is not allowed.")
    Traceback (most recent call last):
        ...
    rarebird._errors.ParameterError: seed: -1 is not allowed.
    """
    try:
        yield
    except RarebirdError as error:
        error.options = error.options or options
        raise


class DataError(RarebirdError, ValueError):
    """The data cannot be used as they are: a class, a column or a file is not what is needed."""


class ParameterError(RarebirdError, ValueError):
    """A parameter has a value outside its rule."""


class BudgetError(ParameterError):
    """What was asked for takes longer than the time allowed, and was not begun."""


class ParameterTypeError(RarebirdError, TypeError):
    """A parameter or an input has a type that is not supported."""


class MissingDependencyError(RarebirdError, ImportError):
    """An optional package is needed; the text holds the command that installs it."""


class StoreError(RarebirdError, RuntimeError):
    """A study's folder cannot be read, written or continued."""


class ModelFileError(RarebirdError, RuntimeError):
    """A model file is truncated, altered, foreign or holds types that are not on the allow-list."""


def __getattr__(name: str) -> Any:
    """Make `NotFittedError`, which is also scikit-learn's, when it is first asked for.

    Importing this module must not load scikit-learn; whoever raises or catches that error has it.
    """
    if name != "NotFittedError":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from sklearn.exceptions import NotFittedError as Theirs

    text = """A fitted attribute was asked for before ``fit``; also scikit-learn's error of it."""
    made = type(name, (RarebirdError, Theirs), {"__doc__": text, "__module__": __name__})
    return globals().setdefault(name, made)


def format_label(label: Any) -> str:
    """Return a label for a message, without its NumPy type."""
    return repr(label.item() if hasattr(label, "dtype") else label)


def suggest(got: str, known) -> str:
    """Return `` Did you mean 'x'?`` with the nearest known names, or an empty string."""
    from difflib import get_close_matches

    lowered = {str(name).lower(): str(name) for name in known}
    near = get_close_matches(str(got).lower(), list(lowered), n=3, cutoff=0.6)
    if not near:
        return ""
    return " Did you mean " + " or ".join(repr(lowered[name]) for name in near) + "?"
