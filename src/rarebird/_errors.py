"""The error family: each member is also the built-in error that users already catch."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_names: ContextVar[tuple[Any, ...]] = ContextVar("class_names", default=())


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


def _named(label: Any) -> Any:
    label = label.item() if hasattr(label, "dtype") else label
    known = _names.get()
    return known[label] if type(label) is int and 0 <= label < len(known) else label


def format_label(label: Any) -> str:
    """Return a label for a message, without its NumPy type; a code as `class_names` has it."""
    return repr(_named(label))


@contextmanager
def class_names(labels: Iterable[Any]) -> Iterator[None]:
    """Name classes by these labels where what runs inside knows only their codes 0 .. C-1.

    It holds for the messages that are written in this thread meanwhile. Labels that are codes
    themselves are named as around it, so parts that encode for each other may all name theirs.

    Examples
    --------
    >>> with class_names(["no", "yes"]):
    ...     with class_names([1, 0]):
    ...         format_label(0)
    "'yes'"
    """
    token = _names.set(tuple(_named(label) for label in labels))
    try:
        yield
    finally:
        _names.reset(token)


def suggest(got: str, known) -> str:
    """Return `` Did you mean 'x'?`` with the nearest known names, or an empty string."""
    from difflib import get_close_matches

    lowered = {str(name).lower(): str(name) for name in known}
    near = get_close_matches(str(got).lower(), list(lowered), n=3, cutoff=0.6)
    if not near:
        return ""
    return " Did you mean " + " or ".join(repr(lowered[name]) for name in near) + "?"
