"""Parameters as data: an annotated class attribute is a parameter, its rule and its text.

``k_neighbors: Annotated[int, Int(min=1)] = 5`` in a resampler declares a keyword argument of the
constructor with a default and the rule that `check_params` applies. What a docstring does not say
of its parameters and errors is put in from `TEXTS`, in the order of the constructor; a line
``{m_neighbors}`` is replaced by the text of that name.
"""

import re
from dataclasses import dataclass
from inspect import get_annotations, signature
from textwrap import indent
from typing import Annotated, Any, get_origin

from rarebird._params import Instance, Int, OneOf, Rule
from rarebird.tables.columns import ColumnsRule

NeighborsRule = OneOf(
    Int(min=1), Instance("a neighbours object with fit and kneighbors", methods=("kneighbors",))
)
Neighbors = Annotated[Any, NeighborsRule]
NeighborsOrAuto = Annotated[Any, OneOf("auto", NeighborsRule)]
Positive = Annotated[int, Int(min=1)]
Backend = Annotated[
    Any,
    OneOf(
        None,
        Instance("a backend's name", types=(str,)),
        Instance("a backend", methods=("kneighbors",)),
    ),
]
Jobs = Annotated[int | None, OneOf(None, Int())]
Columns = Annotated[Any, ColumnsRule]
Flag = Annotated[bool, OneOf(True, False)]
Encoder = Annotated[
    Any, OneOf(None, Instance("an encoder", methods=("fit_transform", "inverse_transform")))
]

PARAMETER_ERROR = """\
    ParameterError
        If a parameter is outside its rule.
"""
SECTIONS = re.compile(r"(?=^    \w+\n    -+\n)", re.MULTILINE)
ENTRIES = re.compile(r"(?=^    \w+ : )", re.MULTILINE)

TEXTS = {
    "raises": """\
Raises
------
DataError, ParameterError
    As `Resampler.fit_resample`.""",
    "raises_small_class": """\
Raises
------
DataError
    If a targeted class has too few rows for its neighbours; it is named, with its count.""",
    "raises_few_rows": """\
Raises
------
DataError
    If there are not more than k rows.""",
    "raises_no_sets": """\
Raises
------
DataError
    If y is no matrix of 0 and 1, or no row has a label.""",
    "sampling_strategy": """\
sampling_strategy : str, float, dict or callable, default=?
    See `sampling_targets`.""",
    "classes_to_clean": """\
sampling_strategy : str, list or callable, default=?
    Classes that may lose rows; see `sampling_targets`.""",
    "sampling_strategy_of_smote": """\
sampling_strategy : str, float, dict or callable, default=?
    Of the default SMOTE; see `sampling_targets`.""",
    "random_state_of_smote": """\
random_state : int, Generator, RandomState or None, default=?
    Seed of the default SMOTE; an integer gives the rows that imbalanced-learn gives.""",
    "smote": """\
smote : SMOTE or None, default=?
    An over-sampler of rarebird, or imbalanced-learn's SMOTE: ours with its parameters.""",
    "random_state": """\
random_state : int, Generator, RandomState or None, default=?
    Seed.""",
    "random_state_as_theirs": """\
random_state : int, Generator, RandomState or None, default=?
    Seed; an integer or a RandomState gives the rows that imbalanced-learn gives.""",
    "k_neighbors_or_auto": """\
k_neighbors : int, neighbours object or "auto", default=?
    Neighbours to choose from; ``"auto"``: 5, or all others in a class of fewer than 6 rows.""",
    "n_neighbors_or_object": """\
n_neighbors : int or neighbours object, default=?
    k; an object counts the row itself among its neighbours.""",
    "k_or_auto": """\
k_neighbors : int, neighbours object or "auto", default=?
    k; ``"auto"``: 5, or all others in a class of fewer than 6 rows.""",
    "m_neighbors": """\
m_neighbors : int or neighbours object, default=?
    m.""",
    "neighbors": """\
neighbors : str, backend or None, default=?
    See `rarebird.neighbors.backend`; ``None`` is exact.""",
    "n_jobs": """\
n_jobs : int or None, default=?
    Threads; ``None`` is what the linear algebra may use.""",
    "categorical_features": """\
categorical_features : "auto", or array-like of int, str or bool, default=?
    Columns by index, name or mask; ``"auto"``: text, categories and truth values.""",
    "categorical_encoder": """\
categorical_encoder : encoder or None, default=?
    Not used, as nothing is encoded; taken so that code for imbalanced-learn runs.""",
}


def declare(cls: Any) -> None:
    """Make a class's constructor from its annotations, and complete its docstring.

    A rule stands in ``Annotated`` and moves to ``cls.rules``, where those of the base classes are
    already; the annotation that is left is what ``help`` shows. ``ClassVar`` marks what is no
    parameter.
    """
    rules: dict[str, Rule] = dict(getattr(cls, "rules", {}))
    plain = {}
    for name, kind in get_annotations(cls).items():
        if get_origin(kind) is Annotated:
            plain[name], rules[name] = kind.__origin__, kind.__metadata__[0]
        else:
            plain[name] = kind
            rules.pop(name, None)
    cls.__annotations__, cls.rules = plain, rules
    dataclass(eq=False, repr=False, kw_only=True, match_args=False)(cls)
    if vars(cls)["__doc__"]:
        cls.__doc__ = _completed(cls, vars(cls)["__doc__"])


def _completed(cls: Any, doc: str) -> str:
    """Return a docstring with every parameter and the errors that every resampler raises."""
    doc = re.sub(r"^    \{(\w+)\}$", lambda line: _text(cls, line[1]), doc, flags=re.MULTILINE)
    head, *rest = SECTIONS.split(doc)
    sections = {part.split()[0]: part for part in rest}
    said = sections.pop("Parameters", "").partition("-\n")[2]
    own = {entry.split()[0]: entry.rstrip() for entry in ENTRIES.split(said) if entry.strip()}
    names = list(signature(cls).parameters)
    theirs = {"random_state": "random_state_as_theirs"} if cls.legacy_rng else {}
    texts = {name: name for name in TEXTS} | theirs | cls.texts
    for name in names:
        if name not in own and name in texts:
            own[name] = _text(cls, texts[name])
    entries = [own.pop(name) for name in names if name in own] + [*own.values()]
    shown = "\n".join(["    Parameters", "    ----------", *entries]) + "\n\n"
    errors = sections.pop("Raises", _text(cls, "raises") + "\n\n").rstrip() + "\n"
    errors += "" if "ParameterError\n" in errors else PARAMETER_ERROR
    first = [sections.pop("Attributes", ""), errors + "\n"]
    return "".join([head, shown if entries else "", *first, *sections.values()])


def _text(cls: Any, name: str) -> str:
    """Return a shared text with the parameter's default."""
    text = TEXTS[name]
    if "default=?" in text:
        default = getattr(cls, text.partition(" ")[0])
        shown = f'"{default}"' if isinstance(default, str) else repr(default)
        text = text.replace("default=?", f"default={shown}")
    return indent(text, "    ")
