"""``Check``: one finding about the data, with a stable code and the numbers behind it."""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from rarebird._errors import ParameterError, suggest
from rarebird.decide.base import plain
from rarebird.registry import register

__all__ = ["CODES", "Check", "Code"]

SEVERITIES = ("info", "warning", "danger")


@dataclass(frozen=True)
class Code:
    """What a finding is: the texts from which its documentation page is made."""

    code: str
    slug: str
    title: str
    what: str
    why: str
    what_to_do: str


_TEXTS = tomllib.loads(Path(__file__).with_name("codes.toml").read_text("utf-8"))
CODES = {code: Code(code, **texts) for code, texts in _TEXTS.items()}


@dataclass(frozen=True)
class Check:
    """One finding.

    Parameters
    ----------
    code : str
        A key of `CODES`; codes never change their meaning.
    severity : {"info", "warning", "danger"}
        How much it matters for what the study says.
    message, details : str, dict
        One sentence with the numbers in it, and these as plain values.

    Raises
    ------
    ParameterError
        If the code or the severity is unknown.

    Examples
    --------
    >>> Check("RB002", "info", "The ratio is 9.").title
    'How unequal the classes are'
    """

    code: str
    severity: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ParameterError(f"Check: no code {self.code!r}.{suggest(self.code, CODES)}")
        if self.severity not in SEVERITIES:
            raise ParameterError(f"Check: severity={self.severity!r}; one of {SEVERITIES}.")

    @property
    def title(self) -> str:
        """The title of the code."""
        return CODES[self.code].title

    @property
    def slug(self) -> str:
        """The slug of the code, which names its documentation page."""
        return CODES[self.code].slug

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as plain values, for JSON."""
        return asdict(self)


# Fields of the card that every check shares.
register_check = partial(register, role="check", place="around", tasks=("binary", "multiclass"))


def some(items: Iterable[Any], show: Callable[[Any], str] = repr, most: int = 8) -> str:
    """Return the first items as text, and how many more there are."""
    texts = [show(item) for item in items]
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def check(code: str, severity: str, message: str, **details: Any) -> Check:
    """Return a `Check`, its details given by name; NumPy values become plain ones.

    Examples
    --------
    >>> check("RB001", "warning", "40 rare rows.", n_rare=40).details
    {'n_rare': 40}
    """
    return Check(code, severity, message, plain(details))
