"""``Check``: one finding about the data, with a stable code and the numbers behind it."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from rarebird._errors import ParameterError, suggest
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


_TABLE = (
    Code(
        "RB001",
        "rare-rows",
        "How many rare rows there are",
        "The rows of the rarest class, and their effective number when rows have weights.",
        "The rare rows, not all rows, decide how precisely the rare class can be known.",
        "Below 50 rare rows expect wide intervals; collect or label more rare rows before tuning.",
    ),
    Code(
        "RB002",
        "imbalance-ratio",
        "How unequal the classes are",
        "The largest class count divided by the smallest one.",
        "A high ratio makes accuracy useless and moves thresholds; it is not the difficulty.",
        "Judge by average precision, costs or recall at an alert budget, never by accuracy alone.",
    ),
    Code(
        "RB003",
        "overlap",
        "Where the rare rows lie",
        "The shares of rare rows that are safe, borderline, rare or outliers by their neighbours.",
        "Overlap with the other classes, more than the ratio, is what makes a rare class hard.",
        "Mostly safe: the baseline may do. Mostly outliers: better features help, copies rarely.",
    ),
    Code(
        "RB004",
        "label-noise",
        "Rare rows that may be labelled wrongly",
        "Rows whose out-of-fold probabilities point confidently at another class than their label.",
        "A few wrong labels are a large part of a rare class, and resampling multiplies them.",
        "Have a person look at the listed rows; correct them at the source, drop none unseen.",
    ),
    Code(
        "RB005",
        "leakage",
        "A single column gives the target away",
        "One column alone predicts the target almost perfectly on rows it was not fitted on.",
        "Such a column is often written after the outcome; the model then fails in real use.",
        "Ask when it is filled in. If after the outcome, leave the column out; else keep it.",
    ),
    Code(
        "RB006",
        "too-few-to-compare",
        "Too few rare rows to tell treatments apart",
        "The rare rows at hand against the number needed to see a difference of the stated size.",
        "With fewer rows, the winner of a comparison is decided by chance.",
        "Take the simplest method, read the intervals, and collect rare rows up to that number.",
    ),
    Code(
        "RB007",
        "missing-target",
        "Rows without a target value",
        "Rows whose target is missing; they take no part in training or testing.",
        "If the target is missing for a reason, what is left is a biased picture.",
        "Find out why it is missing; do not count missing as the common class.",
    ),
    Code(
        "RB008",
        "identifier",
        "Identifier left out",
        "A column that names rows rather than describes them; it is not used as a feature.",
        "A model can learn identifiers by heart, and they say nothing about new rows.",
        "Nothing, unless the column is a real quantity: then give it as floating-point numbers.",
    ),
    Code(
        "RB009",
        "constant",
        "Constant column left out",
        "A column with one value in every row, or with none at all.",
        "It cannot help to tell rows apart.",
        "Check whether the export went wrong if you expected it to vary.",
    ),
    Code(
        "RB010",
        "duplicates",
        "Duplicate rows",
        "Rows that equal another row in every feature and in the target.",
        "Copies on both sides of a split make scores too good; copied rare rows most of all.",
        "Remove copies made by the export. Where features have few values, copies are natural.",
    ),
    Code(
        "RB011",
        "split-column",
        "A column looks like somebody's split",
        "A column such as train/test or a fold number; it is not used as a feature.",
        "Using it as a feature is meaningless; ignoring it may break a split meant to be kept.",
        "To keep that split, cut the file in two by this column and give both files.",
    ),
    Code(
        "RB012",
        "text",
        "Free text, or values that are no columns",
        "Free text is used as word counts, hashed into 128 columns; nested values are left out.",
        "Hashed counts know words and nothing else; what nested values know is lost.",
        "Where the text matters, turn it into columns first: key words, or embeddings.",
    ),
    Code(
        "RB013",
        "drift",
        "The rare share changes over time",
        "The share of the rare class in ten equal blocks of time, with a chi-square test.",
        "A random split hides the change; probabilities learnt in the past are wrong tomorrow.",
        "Name the time column so that tests lie after training, and watch the rare share in use.",
    ),
    Code(
        "RB014",
        "tiny-classes",
        "Classes too small to assess",
        "Classes with fewer rows than training and testing need.",
        "A class with a row or two cannot stand on both sides of a split.",
        "Merge the class with a related one, leave it out, or collect rows of it.",
    ),
    Code(
        "RB015",
        "files-differ",
        "The test file differs from the training file",
        "Columns, types, levels or class shares that are not the same in the two files.",
        "Scores on a file from elsewhere answer another question, and new levels are unknown.",
        "Make both files the same way; if the class shares truly differ, set the deployment prior.",
    ),
    Code(
        "RB016",
        "missing-values",
        "Many missing values",
        "Columns in which a large share of the values is missing.",
        "Filled-in values carry little; that a value is missing may itself tell the class.",
        "Ask why it is missing, and whether it will be missing alike when the model is used.",
    ),
    Code(
        "RB017",
        "conflicting-rows",
        "Equal rows with different targets",
        "Rows that agree in every feature but not in the target.",
        "No model can tell them apart; they bound what can be reached.",
        "Add the feature that separates them, or correct the labels.",
    ),
    Code(
        "RB018",
        "groups",
        "The rare class sits in few groups",
        "How many groups hold rare rows, and the share of the largest one.",
        "The groups, not the rows, are the sample: ten patients are ten, not a thousand visits.",
        "Keep each group in one fold, and read the intervals as if there were few rare rows.",
    ),
    Code(
        "RB019",
        "test-rows-in-training",
        "Test rows that are also in training",
        "Rows of the test set whose features equal, to six digits, those of a training row.",
        "The model has seen their answer, so the score on them says nothing about new rows.",
        "Remove them from one side, or split so that equal rows stay together.",
    ),
    Code(
        "RB020",
        "converted",
        "Text read as numbers or dates",
        "A column of text in which every value is a number or a date; it is used as such.",
        "Read as text, each value would be a category of its own.",
        "Nothing, unless the values are labels (postcodes, say): then put a letter before them.",
    ),
    Code(
        "RB021",
        "repeated-identifier",
        "A column looks like groups",
        "A column named like an identifier whose values repeat.",
        "Rows of one customer or patient on both sides of a split make scores too good.",
        "If rows of one value belong together, name it as the group column.",
    ),
    Code(
        "RB022",
        "infinite-values",
        "Infinite values",
        "Values that are infinite; they are treated as missing.",
        "They usually come from a division by zero.",
        "Repair the column where it is made.",
    ),
    Code(
        "RB023",
        "interpolated-rows",
        "Test rows that were made from training rows",
        "Test rows in line with two training rows, as SMOTE and its variants make them.",
        "Resampled before it is split, a table puts children of training rows into the test part.",
        "Give the table as it was before resampling; what is resampled is the training part only.",
    ),
)
CODES: dict[str, Code] = {row.code: row for row in _TABLE}


@dataclass(frozen=True)
class Check:
    """One finding.

    Parameters
    ----------
    code : str
        A key of `CODES`; codes never change their meaning.
    severity : {"info", "warning", "danger"}
        How much it matters for what the study says.
    message : str
        One sentence with the numbers in it.
    details : dict
        The numbers, as plain values.

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
    return Check(code, severity, message, {name: _plain(value) for name, value in details.items()})


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):  # a NumPy array or number
        return _plain(value.tolist())
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
