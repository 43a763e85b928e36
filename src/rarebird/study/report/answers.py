"""Is the model any good, which one is shipped, and is a treatment proven to help: three answers.

Each function takes the report and returns sentences. An interval is never given without its level.
"""

from dataclasses import replace

from rarebird.metrics.estimate import Estimate
from rarebird.metrics.lookup import get_metric

from .content import CandidateRow, Report, Shipped
from .names import listed, metric_title, part_title, quoted, shipped_title
from .numerals import is_known, measured, p_value, percent, plural, significant

EVIDENCE = {  # in the table, and above it
    "proven": ("proven", "Proven to help"),
    "likely": ("likely", "Likely to help, not proven"),
    "none": ("no evidence", "No evidence that it helps or harms"),
    "harmful": ("harmful", "Harmful"),
}


def holds_zero(found: Estimate) -> bool:
    """Return whether an interval holds zero, as one without ends does."""
    return not (found.low > 0 or found.high < 0)


def _scaled(found: Estimate, by: float) -> Estimate:
    low, high = sorted((by * found.low, by * found.high))
    return replace(found, value=by * found.value, low=low, high=high)


def _leveled(found: Estimate) -> str:
    text = measured(found, sign=True)
    return f"{text} ({percent(found.level)} interval)" if "[" in text else text


def worth(report: Report) -> list[str]:
    """Return what the model is worth: against chance, and against no model under the goal."""
    found = report.verdict.worth
    if found is None:
        return []
    ap = metric_title(report, get_metric("ap"))
    told = "is not shown to rank rows better than chance"
    if not holds_zero(found.chance):
        told = f"ranks rows {'better' if found.chance.low > 0 else 'worse'} than chance"
    text = f"Out of fold the model {told}: its {ap} differs from that of a random order by "
    lines = [text + _leveled(found.chance) + _and_on_test(found.test_chance)]
    seen: list[Estimate] = [found.chance]
    if report.goal.metric != get_metric("ap"):  # else it is told already
        costs = report.goal.cost is not None and not report.goal.rank_by
        by = report.goal.sign * (1000 if costs else 1)  # what is gained, or saved
        seen.append(_scaled(found.goal, by))
        test = found.test_goal and _scaled(found.test_goal, by)
        lines.append(_under_goal(report, seen[1], costs) + _and_on_test(test))
    if found.answer != "yes":
        start = "So it is"
        if not any(map(holds_zero, seen)):
            start = "Allowing for all models it was chosen from, which the intervals do not, it is"
        what = "unclear whether it is" if found.answer == "unclear" else "not shown to be"
        lines.append(f"{start} {what} better than no model.")
    return lines


def _under_goal(report: Report, found: Estimate, costs: bool) -> str:
    if costs:
        start = f"Against no model it saves {_leveled(found)} per 1,000 rows"
        nothing = "it may save nothing"
    else:
        title = metric_title(report, report.goal.metric)
        start = f"Against no model its {title} is better by {_leveled(found)}"
        nothing = "it may be no better"
    if found.high < 0:
        return start + ", so no model is better"
    return start + (f"; the interval holds zero, so {nothing}" if holds_zero(found) else "")


def _and_on_test(found: Estimate | None) -> str:
    if found is None:
        return "."
    zero = ", an interval that holds zero" if holds_zero(found) else ""
    return f"; on the test set {_leveled(found)}{zero}."


def which_model(report: Report) -> list[str]:
    """Return what the model file holds, on what it was fitted, and whether it keeps the limits."""
    shipped = report.verdict.shipped
    if shipped is None or report.verdict.headline == "no_signal":
        return []
    lines = [f"The model is {shipped_title(report)}."]
    if len(shipped.parts) > 1:
        weights = (f"{part_title(report, each)} {each.weight:.2f}" for each in shipped.parts)
        lines.append(f"The weights of the blend: {', '.join(weights)}.")
    settings = [each.setting for each in shipped.parts if each.setting not in ("", each.learner)]
    lines += [f"Settings: {'; '.join(settings)}."] * bool(settings)
    metric = metric_title(report, report.goal.metric)
    lines.append(
        f"It is chosen by the expected {metric} out of fold: the best, or a simpler model that is "
        "as good within noise. That choice needs no proof."
    )
    models = f"the mean of {plural(shipped.models, 'fitted model')}"
    models = models if shipped.models > 1 else "one fitted model"
    if shipped.whole:
        lines.append(
            f"The file holds {models}, of all {plural(shipped.rows, 'row')}, those of the test set "
            "among them. The measured figure is for a model without the test rows, so a cautious "
            "one."
        )
    else:
        lines.append(
            f"The file holds {models}, of {plural(shipped.rows, 'row')}, none of them of the test "
            "set: what was measured is what is shipped."
        )
    return [*lines, _limits(shipped)]


def _limits(shipped: Shipped) -> str:
    size, speed = significant(shipped.size_mb, 2), significant(shipped.row_ms, 2)
    text = f"It takes {size} MB and {speed} ms per row; the limits are {shipped.limit_mb:g} MB "
    text += f"and {shipped.limit_ms:g} ms."
    beyond = shipped.size_mb > shipped.limit_mb or shipped.row_ms > shipped.limit_ms
    return text + " No model of the comparison keeps both." * beyond


def treatments(report: Report) -> list[str]:
    """Return whether a treatment is proven to help, and what could have been proven."""
    rows = [row for row in report.ranked if row.evidence]
    if not rows:
        return ["No treatment was compared."] if report.verdict.shipped else []
    lines = []
    if all(row.evidence != "proven" for row in rows):
        lines.append("No treatment is proven to help.")
    for word, (_, lead) in EVIDENCE.items():
        mine = [row for row in rows if row.evidence == word]
        if mine:
            tell = (lambda row: row.title) if word == "none" else _effect
            lines.append(f"{lead}: {listed([tell(row) for row in mine], most=20)}.")
    if any(row.role == "control" and row.evidence in ("proven", "likely") for row in rows):
        lines.append("A control does not balance: where it helps, the ensemble does it.")
    dropped = [row.title for row in report.candidates if row.dropped]
    if dropped:
        lines.append(f"Dropped early: {listed(dropped, most=20)}.")
    unproven = [
        quoted(row.title) for row in report.shipped_rows if row.evidence not in ("", "proven")
    ]
    if unproven:
        lines.append(
            f"{listed(unproven)} is shipped for its expected value; that it helps is not proven."
        )
    return [*lines, levels(report), *detectable(report)]


def evidence_of(row: CandidateRow) -> str:
    """Return the evidence for a candidate in a word or two."""
    return EVIDENCE[row.evidence][0] if row.evidence else "–"


def _effect(row: CandidateRow) -> str:
    title = row.title + " (control)" * (row.role == "control")
    return f"{title}, {_effect_text(row)}" if row.effect else title


def _effect_text(row: CandidateRow) -> str:
    """Return an effect with its interval and its p-value for all comparisons."""
    return " ".join(filter(None, [measured(row.effect, sign=True), p_of(row, "({})")]))


def p_of(row: CandidateRow, form: str = "{}") -> str:
    """Return the p-value of a gain; one of a loss would tell nothing."""
    if row.effect is None or row.evidence == "harmful":
        return ""
    return form.format(p_value(row.effect.p_adjusted))


def levels(report: Report) -> str:
    """Return of what level the intervals of the comparison are, and when a treatment is proven."""
    known = [each for row in report.candidates for each in (row.effect, row.difference) if each]
    if not known:
        return ""
    level = percent(known[0].level)
    return (
        "Each is compared with the same learner without it. Brackets are "
        f"{level} intervals of one comparison alone: likely is one on the better side of zero, "
        "harmful one on the worse side. p allows for all comparisons, and proven needs p below "
        f"{report.level:g}: a family-wise error rate of at most {100 * report.level:.2g}%."
    )


def detectable(report: Report) -> list[str]:
    """Return what gain the comparison would have proven in most cases."""
    if not is_known(report.detectable):
        return []
    return [
        f"On these rows, a gain of {significant(report.detectable, 2)} in "
        f"{metric_title(report, report.goal.metric)} is proven in 4 of 5 cases, a smaller one less "
        "often."
    ]
