"""Parameters as data: an annotated class attribute is a parameter, its rule and its text.

``k_neighbors: Annotated[int, Int(min=1)] = 5`` in a resampler declares a keyword argument of the
constructor with a default and the rule that `check_params` applies. What a docstring does not say
of its parameters and errors is put in, in the order of the constructor, from the docstrings of the
base classes and from `TEXTS`; a line ``{m_neighbors}`` is replaced by the text of that name.
"""

import re
from dataclasses import dataclass
from inspect import cleandoc, get_annotations, signature
from typing import Annotated, Any, ClassVar, dataclass_transform, get_origin

import numpy as np
from sklearn.base import BaseEstimator

from rarebird._params import Instance, Int, OneOf, Rule
from rarebird.tables.columns import ColumnsRule
from rarebird.tables.table import Table

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

AS_RESAMPLERS = """\
Raises
------
DataError, ParameterError
    As `Resampler.fit_resample`.
"""
PARAMETER_ERROR = """\
ParameterError
    If a parameter is outside its rule.
"""
SECTIONS = re.compile(r"(?=^\w+\n-+\n)", re.MULTILINE)
TOKENS = re.compile(r"^\{(\w+)\}$", re.MULTILINE)
ENTRIES = re.compile(r"(?=^\w+ : )", re.MULTILINE)

TEXTS = {
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
    "random_state": """\
random_state : int, Generator, RandomState or None, default=?
    Seed.""",
    "random_state_as_theirs": """\
random_state : int, Generator, RandomState or None, default=?
    Seed; an integer or a RandomState gives the rows that imbalanced-learn gives.""",
    "k_neighbors_or_auto": """\
k_neighbors : int, neighbours object or "auto", default=?
    Neighbours to choose from; ``"auto"``: 5, or all others in a class of fewer than 6 rows.""",
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


@dataclass_transform(kw_only_default=True, eq_default=False)
class Declared(BaseEstimator):
    """An estimator whose parameters are annotated class attributes; `_declare` reads them."""

    rules: ClassVar[dict[str, Rule]] = {}
    texts: ClassVar[dict[str, str]] = {}  # beside `TEXTS`

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        _declare(cls)

    def _set_names(self, table: Table) -> None:
        """Remember the number of columns, and their names where the table has any."""
        self.n_features_in_ = table.n_columns
        if table.names is not None and all(isinstance(name, str) for name in table.names):
            self.feature_names_in_ = np.array(table.names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_


def _declare(cls: Any) -> None:
    """Make a class's constructor from its annotations, and complete its docstring.

    A rule stands in ``Annotated`` and moves to ``cls.rules``, where those of the base classes are
    already; the annotation that is left is what ``help`` shows. What has no annotation, or
    ``ClassVar``, is no parameter.
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
    """Return a docstring with every parameter, and the errors that all of its kind raise."""
    texts = dict(TEXTS)
    if getattr(cls, "legacy_rng", False):
        texts["random_state"] = texts["random_state_as_theirs"]
    for base in reversed(cls.__mro__):
        texts |= vars(base).get("texts", {})

    def text(name: str) -> str:
        default = getattr(cls, texts[name].partition(" ")[0], None)
        shown = f'"{default}"' if isinstance(default, str) else repr(default)
        return texts[name].replace("default=?", f"default={shown}")

    doc = TOKENS.sub(lambda line: text(line[1]) if line[1] in texts else line[0], cleandoc(doc))
    head, *rest = SECTIONS.split(doc + "\n\n")
    sections = {part.split()[0]: part for part in rest}
    said = ENTRIES.split(sections.pop("Parameters", "").partition("-\n")[2])
    own = {entry.split()[0]: entry.rstrip() for entry in said if entry.strip()}
    cls.texts = vars(cls).get("texts", {}) | own  # for the subclasses
    texts |= own
    entries = [text(name) for name in {**dict(signature(cls).parameters), **own} if name in texts]
    if entries:
        head += "\n".join(["Parameters", "----------", *entries]) + "\n\n"
    errors = sections.pop("Raises", text("raises") + "\n" if "raises" in texts else "")
    if errors and "ParameterError\n" not in errors:
        errors = errors.rstrip() + "\n" + PARAMETER_ERROR + "\n"
    return "".join([head, sections.pop("Attributes", ""), errors, *sections.values()])
