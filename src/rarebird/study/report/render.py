"""A report in, one HTML file out; its text is in the templates."""

from dataclasses import asdict
from functools import cache
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from rarebird.diagnose.check import CODES, Check

from . import answers, many_classes, names, numerals, plots, words
from .content import Report

_SEVERITIES = ("danger", "warning", "info")
_PLOTS = (
    plots.counts, plots.forest, plots.precision_recall, plots.calibration, plots.gain, plots.cost,
    plots.per_class, plots.importance, many_classes.class_calibration,
)  # fmt: skip
# What the templates call, by its name.
_FILTERS = (
    numerals.count, numerals.measured, numerals.memory, numerals.parts,
    numerals.percent, numerals.plural, numerals.seconds, numerals.significant, asdict,
)  # fmt: skip
_SENTENCES = (
    answers.detectable, answers.evidence_of, answers.levels, answers.p_of, answers.treatments,
    answers.which_model, answers.worth, names.metric_title, names.rare_rows, names.shipped_title,
    numerals.percent, words.advised, words.alerts, words.answer, words.cost_and_catch,
    words.headline, words.how_sure, words.lede, words.not_assessed, words.tuning_gain,
    words.unfinished, words.what_to_do, words.who_is_rare, many_classes.rarest_found,
    many_classes.worst_confusion,
)  # fmt: skip


@cache
def _environment() -> Environment:
    package = files(__package__)
    names = ("template.html", "first.html", "report.css", "report.js")
    sources = {name: (package / name).read_text(encoding="utf-8") for name in names}
    env = Environment(
        loader=DictLoader(sources),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {"by_severity": _by_severity} | {each.__name__: each for each in _FILTERS}
    env.globals |= {each.__name__: each for each in _SENTENCES}
    # Our own files, not anyone's data: the only texts besides the plots that are not escaped.
    css, js = (Markup(sources[name]) for name in ("report.css", "report.js"))
    # of a table; of the dangers of one code; of a confusion matrix
    most = {"MOST_ROWS": 400, "MOST_ALIKE": 3, "MOST_CLASSES": many_classes.MOST_CLASSES}
    env.globals |= {"css": css, "js": js, "codes": CODES, **most}
    return env


def render(report: Report) -> str:
    """Return the report of a study as one self-contained HTML file.

    The file needs no network, and forbids itself to use one. It stays below 1.5 MB.
    """
    drawn = {draw.__name__: Markup(draw(report)) for draw in _PLOTS}
    drawn["forest_wide"] = Markup(plots.forest(report, wide=True))
    return _filled("template.html", report, inline=False, plots=drawn)


def render_inline(report: Report) -> str:
    """Return the report's first screen as a fragment of HTML, for a notebook."""
    return _filled("first.html", report, inline=True).strip()


def _filled(name: str, report: Report, **more: object) -> str:
    page = _environment().get_template(name).render(report=report, verdict=report.verdict, **more)
    return page.encode("utf-8", "replace").decode("utf-8")


def _by_severity(checks: tuple[Check, ...]) -> list[Check]:
    return sorted(checks, key=lambda check: _SEVERITIES.index(check.severity))
