"""``Card``: what a composer, a reader and a test must know of one method."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, TypeVar

from rarebird._errors import ParameterError, suggest

ROLES = (
    "resampler", "generator", "draw", "scheme", "ensemble", "estimator", "learner", "weighting",
    "boosting-objective", "loss", "reduction", "head", "batches", "representation", "augment",
    "optimizer", "recipe", "decision", "calibrator", "correction", "metric", "measure", "check",
    "query", "protocol", "reader",
)  # fmt: skip
PLACES = (
    "data", "weight", "batch", "representation", "loss", "ensemble", "decision", "around",
)  # fmt: skip
TASKS = (
    "binary", "multiclass", "multilabel", "ordinal", "regression", "clustering", "detection",
    "segmentation", "ranking",
)  # fmt: skip
INPUTS = (
    "table", "text", "image", "series", "stream", "graph", "bags", "multimodal", "tensor",
    "embeddings", "labels", "probabilities", "scores", "values",
)  # fmt: skip
EXTRAS = ("tune", "deep", "graph", "cluster", "faiss", "federated", "text", "app")


@dataclass(frozen=True)
class StudyUse:
    """How a study compares a method with the baseline.

    Parameters
    ----------
    after : str
        The candidate it follows in simplicity, which orders them. Empty for the baseline only.
    effort : float or None
        Cost in fits of the bare learner on as many rows, where its price is not measured; ``None``:
        it is, by ``benchmarks/fit_costs.py``.
    strengths : tuple of mapping
        Parameters that set how far it goes, best guess first; empty where there are none.
    params : mapping, or function that returns one
        Parameters of the method where they differ from its own. In the index: their texts.
    learners : tuple of str
        Learners that may stand behind it; empty for a method that is its own.
    learner_params : mapping of str to mapping
        Parameters of a learner where they differ from its own, as for the members of an ensemble.
    counterpart : str
        The learner whose first setting it is compared with, where no learner stands behind it.
    control_for : str
        The candidate whose gain it explains; it is compared, and never a treatment.
    quick : bool
        Whether a quick study compares it without being asked.
    """

    after: str
    effort: float | None
    strengths: tuple[Mapping[str, Any], ...] = ()
    params: Any = field(default_factory=dict)
    learners: tuple[str, ...] = ("lightgbm", "logistic", "forest", "extra-trees", "kernel")
    learner_params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    counterpart: str = ""
    control_for: str = ""
    quick: bool = True

    def arguments(self) -> dict[str, Any]:
        """Return ``params``: what it returns, where it is a function."""
        return dict(self.params() if callable(self.params) else self.params)


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a composer, a reader and a test must know of one method.

    Parameters
    ----------
    name : str
        The method's name in reports and on the command line, unique within its role.
    role : str
        What it does, one of `ROLES`.
    place : str
        Where it corrects for imbalance, one of `PLACES` (``"around"``: it measures, or nowhere).
    tasks, inputs : tuple of str
        What it works on, of `TASKS` and `INPUTS`; everything else it refuses.
    summary, title : str
        One sentence for the index of methods; the name in a sentence, by default the name itself.
    evidence : str
        What the implementation has been compared with, in words a reader can check.
    rare_cases : str
        What it does with a class that is absent, single or tiny.
    example : mapping, or function that returns one
        Arguments of a small instance, or of a call of a function. In the index: the call as text.
    papers : tuple of str
        Slugs of the list of papers, or labels of entries in the docstring's References.
    requires : tuple of str
        Extras without which it does not run, of `EXTRAS`.
    needs : tuple of str
        What a loss wants beside scores and labels.
    keeps_conditional : bool
        Whether p(x | class) is kept, so that a prior correction repairs the probabilities.
    follows_prior : bool
        Whether a decision stays right when the probabilities move to another prior.
    study : StudyUse, optional
        Given for the candidates of a study.

    Raises
    ------
    ParameterError
        If a field is missing, empty or outside its list.
    """

    name: str
    role: str
    place: str
    tasks: tuple[str, ...]
    inputs: tuple[str, ...]
    summary: str
    evidence: str
    rare_cases: str
    example: Any
    title: str = ""
    papers: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    keeps_conditional: bool = False
    follows_prior: bool = False
    study: StudyUse | None = None
    object: str = ""  # "module:name", set by the index

    def __post_init__(self) -> None:
        for name in ("name", "tasks", "inputs", "summary", "evidence", "rare_cases"):
            if not getattr(self, name):
                raise ParameterError(f"Card {self.name!r}: {name} is empty; say what it is.")
        lists = {
            "role": ROLES, "place": PLACES, "tasks": TASKS, "inputs": INPUTS, "requires": EXTRAS,
        }  # fmt: skip
        for name, allowed in lists.items():
            value = getattr(self, name)
            extra = sorted({*([value] if isinstance(value, str) else value)} - {*allowed})
            if extra:
                raise ParameterError(
                    f"Card {self.name!r}: {name} has {extra[0]!r}, which is not in the list."
                    f"{suggest(extra[0], allowed)} The list is {', '.join(allowed)}."
                )

    @property
    def label(self) -> str:
        """The title, or the name where there is none."""
        return self.title or self.name

    @property
    def imported_as(self) -> tuple[str, str]:
        """The public module and the name in it, such as ``("rarebird.resample", "SMOTE")``."""
        module, _, name = self.object.partition(":")
        return ".".join(module.split(".")[:2]), name

    def arguments(self) -> dict[str, Any]:
        """Return the example's arguments, made by the function where the card holds one."""
        return dict(self.example() if callable(self.example) else self.example)

    def as_dict(self) -> dict[str, Any]:
        """Return the card as plain values, for JSON; the example as the text of a call."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        if not isinstance(self.example, str):
            called = self.object.partition(":")[2] or self.name
            given = ", ".join(f"{name}={value!r}" for name, value in self.arguments().items())
            values["example"] = f"{called}({' '.join(given.split())})"
        if self.study is not None:
            params = {
                name: value if isinstance(value, str) else repr(value)
                for name, value in self.study.arguments().items()
            }
            values["study"] = {**asdict(replace(self.study, params={})), "params": params}
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Card":
        """Return the card that `as_dict` was called on, with the example as text."""

        def frozen(given: Mapping[str, Any]) -> dict[str, Any]:
            return {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}

        study = values["study"] and StudyUse(**frozen(values["study"]))
        return cls(**frozen({**values, "study": study}))


REGISTERED: list[tuple[Card, Any]] = []  # by importing modules; read when the index is built
T = TypeVar("T")


def register(**fields: Any) -> Callable[[T], T]:
    """Put a `Card` with these fields on a class, a function or a value.

    Raises
    ------
    ParameterError
        If a field is missing, empty or outside its list.

    Examples
    --------
    >>> from rarebird.resample import SMOTE
    >>> SMOTE.card.role, SMOTE.card.papers
    ('resampler', ('smote',))
    """
    module = sys._getframe(1).f_globals["__name__"]

    def add(method: T) -> T:
        try:
            card = Card(object=f"{module}:{getattr(method, '__name__', '')}", **fields)
        except TypeError as error:
            raise ParameterError(f"Card {fields.get('name')!r}: {error}.") from error
        put = setattr if isinstance(method, type) else object.__setattr__  # frozen values too
        put(method, "card", card)
        REGISTERED.append((card, method))
        return method

    return add
