"""The only list of methods: a card on every public method, and ``cards()`` to read them.

The docs, ``rarebird methods``, the contract tests, the benchmark and the study's candidates all
come from here.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any, TypeVar

from ._errors import ParameterError, suggest

ROLES = (
    "calibrator",
    "check",
    "correction",
    "decision",
    "ensemble",
    "learner",
    "metric",
    "remedy",
    "resampler",
)
PLACES = ("data", "weight", "batch", "representation", "loss", "committee", "decision", "around")
TASKS = ("binary", "multiclass", "multilabel")
INPUTS = ("labels", "probabilities", "scores", "matrix", "frame")
OBJECTIVES = ("ranking", "probability", "decision")

# Importing these registers every method; a new folder adds its line here.
_PACKAGES = (
    "rarebird.decide",
    "rarebird.diagnose",
    "rarebird.ensemble",
    "rarebird.metrics",
    "rarebird.resample",
    "rarebird.study.learners",
    "rarebird.study.remedies",
)


@dataclass(frozen=True)
class Card:
    """What a composer, a reader and a test must know of one method.

    Parameters
    ----------
    name : str
        The method's name in reports and on the command line, unique within its role.
    role : str
        What it does, one of `ROLES`.
    place : str
        Where it puts its thumb on the scale, one of `PLACES` (``"around"``: it measures).
    summary : str
        One sentence for the method index.
    evidence : str
        What the implementation has been compared with, in words a reader can check.
    tasks : tuple of str
        Of `TASKS`.
    inputs : tuple of str
        What it works on, of `INPUTS`.
    objectives : tuple of str
        The objectives for which it makes sense, of `OBJECTIVES`.
    paper : str
        The slug of the paper in the field's index, a BibTeX key of ours, or empty.
    prior_correctable : bool
        Whether the method keeps p(x | class), so that a prior correction repairs its probabilities.
    takes_missing : bool
        Whether missing values may be in its input.
    untreated : bool
        For a learner: whether it may stand for doing nothing.
    control_for : str
        For a control: the name of the remedy whose gain it explains.
    rank : int
        Among equals the lower rank is the simpler one, and wins.
    rare_cases : str
        What the method does with a class that is absent, single or tiny.
    """

    name: str
    role: str
    place: str
    summary: str
    evidence: str
    tasks: tuple[str, ...] = TASKS
    inputs: tuple[str, ...] = ("matrix",)
    objectives: tuple[str, ...] = OBJECTIVES
    paper: str = ""
    prior_correctable: bool = False
    takes_missing: bool = False
    untreated: bool = False
    control_for: str = ""
    rank: int = 0
    rare_cases: str = ""

    def __post_init__(self) -> None:
        known: dict[str, tuple[str, ...]] = {
            "role": ROLES,
            "place": PLACES,
            "tasks": TASKS,
            "inputs": INPUTS,
            "objectives": OBJECTIVES,
        }
        for field, allowed in known.items():
            value = getattr(self, field)
            extra = set((value,) if isinstance(value, str) else value) - set(allowed)
            if extra:
                raise ParameterError(f"Card {self.name!r}: {field} has {extra}; of {allowed}.")
        if not self.evidence:
            raise ParameterError(f"Card {self.name!r}: evidence is empty; say what it equals.")

    def as_dict(self) -> dict[str, Any]:
        """Return the card as plain values, for JSON."""
        return asdict(self)


_REGISTRY: dict[tuple[str, str], tuple[Card, Any]] = {}
T = TypeVar("T")


def register(**fields: Any) -> Callable[[T], T]:
    """Put a card on a class, a function or an instance, and add it to the registry.

    Examples
    --------
    >>> cards(role="metric", name="ap")[0].inputs
    ('scores',)
    """
    card = Card(**fields)

    def add(method: T) -> T:
        key = (card.role, card.name)
        if key in _REGISTRY and _REGISTRY[key][1] is not method:
            raise ParameterError(f"Two methods are called {card.name!r} in the role {card.role!r}.")
        _REGISTRY[key] = (card, method)
        if isinstance(method, type):
            method.card = card  # type: ignore[attr-defined]
        return method

    return add


def _matches(card: Card, wanted: dict[str, Any]) -> bool:
    return all(
        value in getattr(card, field)
        if isinstance(getattr(card, field), tuple)
        else getattr(card, field) == value
        for field, value in wanted.items()
    )


def _load() -> Iterable[tuple[Card, Any]]:
    for package in _PACKAGES:
        import_module(package)
    return sorted(_REGISTRY.values(), key=lambda row: (row[0].role, row[0].rank, row[0].name))


def cards(*, task: str | None = None, **wanted: Any) -> list[Card]:
    """Return the cards whose fields have the wanted values, simplest first within a role.

    Parameters
    ----------
    task : str, optional
        Keep the cards that serve this task.
    **wanted
        Any field of `Card`; for a field that is a tuple, the value it must hold.

    Examples
    --------
    >>> [card.name for card in cards(role="remedy", task="binary")][:1]
    ['nothing']
    """
    if task is not None:
        wanted["tasks"] = task
    return [card for card, _ in _load() if _matches(card, wanted)]


def method(role: str, name: str) -> Any:
    """Return the method that carries the card ``name`` in ``role``.

    Raises
    ------
    ParameterError
        If there is none; near names are suggested.
    """
    rows = {card.name: found for card, found in _load() if card.role == role}
    if name not in rows:
        raise ParameterError(f"No {role} is called {name!r}.{suggest(name, rows)}")
    return rows[name]
