"""What the report calls a class, a model, a treatment and a metric."""

from rarebird.metrics.kinds import Metric
from rarebird.registry import cards

from .content import Part, Report
from .numerals import NBSP

# Class names that say nothing without the name of the target column.
_BARE = {"yes", "no", "true", "false", "y", "n", "t", "f", "pos", "neg", "positive", "negative"}
PLAIN = "without a treatment"


def quoted(name: str) -> str:
    """Return a name in quotation marks."""
    return f"“{name}”"


def listed(names: list[str], *, most: int = 12) -> str:
    """Return names as "a, b and c"; of too many the first, and how many more there are.

    >>> listed(["a"]), listed(["a", "b", "c"]), listed(["a", "b", "c"], most=1)
    ('a', 'a, b and c', 'a and 2 more')
    """
    if len(names) > most:
        names = [*names[:most], f"{len(names) - most:,} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def class_name(report: Report, label: str) -> str:
    """Return what to call a class; a bare label such as 1 or yes gets its column in front."""
    bare = label.casefold() in _BARE or not any(c.isalpha() for c in label)
    return quoted(f"{report.verdict.target}{NBSP}={NBSP}{label}" if bare else label)


def rare(report: Report) -> str:
    """Return what to call the rare class, which is the smallest one of many."""
    if report.binary:
        return class_name(report, report.classes[-1].label)
    return class_name(report, min(report.classes, key=lambda row: row.n).label)


def rare_rows(report: Report) -> str:
    """Return what to call the rows of the rare class."""
    return f"{rare(report)} rows"


def metric_title(report: Report, metric: Metric) -> str:
    """Return a metric's title, with what becomes of it where there are many classes."""
    averaged = metric.averaging and not report.binary
    return f"{metric.title} ({metric.averaging})" if averaged else metric.title


def _learner_title(name: str) -> str:
    """Return what to call a learner; the user's own by its name."""
    return next((card.label for card in cards(role="learner") if card.name == name), name)


def part_title(report: Report, part: Part, *, plain: str = "") -> str:
    """Return what to call one of the models that are shipped."""
    row = next((row for row in report.candidates if row.name == part.treatment), None)
    treatment = row.title if row else part.treatment
    if not treatment:
        return " ".join(filter(None, [_learner_title(part.learner), plain]))
    return f"{treatment} with {_learner_title(part.learner)}" if part.learner else treatment


def shipped_title(report: Report) -> str:
    """Return what to call the shipped model: a learner, a treatment, or a blend of several."""
    parts = report.verdict.shipped.parts if report.verdict.shipped else ()
    if not parts:
        return "the model"
    if len(parts) == 1:
        return part_title(report, parts[0], plain=PLAIN)
    return f"a blend of {listed([part_title(report, part) for part in parts])}"
