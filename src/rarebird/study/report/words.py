"""The report in plain words: each function takes it and returns sentences.

Nothing here computes a result; the sentences say what the numbers say, and leave out what is not
known.
"""

from .content import CandidateRow, Outcome, Report
from .numerals import (
    NBSP,
    count,
    decimals_for,
    fixed,
    is_known,
    measured,
    odds,
    p_value,
    parts,
    percent,
    plural,
    significant,
)

# Class names that say nothing without the name of the target column.
_BARE = {"yes", "no", "true", "false", "y", "n", "t", "f", "pos", "neg", "positive", "negative"}
_FEW_POSITIVES = 100
_MOST_NAMES = 12


def _quoted(name: str) -> str:
    return f"“{name}”"


def _class_name(report: Report, label: str) -> str:
    """Return what to call a class; a bare label such as 1 or yes gets its column in front."""
    bare = label.casefold() in _BARE or not any(c.isalpha() for c in label)
    return _quoted(f"{report.verdict.target}{NBSP}={NBSP}{label}" if bare else label)


def _rare(report: Report) -> str:
    """Return what to call the rare class of two: its name in quotation marks."""
    return _class_name(report, report.classes[-1].label)


def rare_rows(report: Report) -> str:
    """Return what to call the rows of the rare class, which is the smallest one of many."""
    if report.binary:
        return f"{_rare(report)} rows"
    return f"{_class_name(report, min(report.classes, key=lambda row: row.n).label)} rows"


def model_title(row: CandidateRow | None, *, quotes: bool = False) -> str:
    """Return what to call a candidate's model: the baseline's by its learner."""
    if row and row.role != "baseline":
        return _quoted(row.title) if quotes else row.title
    learner = row.config.split(" (")[0] if row else ""
    return f"the plain model ({learner})" if learner else "the plain model"


def headline(report: Report) -> str:
    """Return the verdict in one sentence."""
    row = report.settled
    if report.few or row is None:
        return f"There are too few {rare_rows(report)} to choose a method."
    if row.role == "baseline":
        return "Leave the data as they are: the plain model is the best choice."
    if row.role == "control":
        what = "the ensemble" if row.place == "ensemble" else "the model"
        return f"Use {_quoted(row.title)}: {what} helps, the balancing does not."
    return f"Use {_quoted(row.title)}: it beats the baseline."


def lede(report: Report) -> str:
    """Return the sentence under the headline: the size of the answer."""
    row, baseline = report.settled, report.baseline
    if report.few or row is None or baseline is None:
        return report.few.message if report.few else ""
    plain, tried = model_title(baseline), report.compared
    if row.role == "baseline":
        if not tried:
            return f"Nothing could be compared with {plain}."
        one = "The one alternative compared does not do"
        subject = one if tried == 1 else f"None of the {tried} alternatives compared does"
        return (
            f"{subject} better than {plain} by more than chance. That is good news: no rows are "
            "invented or thrown away, and there is less to look after."
        )
    # The folds decide, so the folds' values are the ones to set side by side.
    decimals = decimals_for(row.difference)
    return (
        f"In cross-validation its {report.goal.metric.title} is {fixed(row.value, decimals)}, "
        f"against {fixed(baseline.value, decimals)} for the baseline, {plain}"
        f"{'' if report.goal.metric.greater_is_better else ', lower is better'}."
    )


def what_to_do(report: Report) -> list[str]:
    """Return the steps to take, most urgent first."""
    steps, row = [], report.settled
    if report.dangers:
        steps.append("First settle the warning at the top; until then, trust no number below.")
    if report.few or row is None:
        if report.few and report.few.needed:
            steps.append(
                f"Collect or label about {count(report.few.needed)} more {rare_rows(report)}, then "
                "run the same command again."
            )
        return steps
    steps += [f"Use the file model.skops: {model_title(row, quotes=True)}, fitted and calibrated."]
    steps += filter(None, [decision_sentence(report), goal_sentence(report)])
    if report.binary:
        steps.append(
            f"If {rare_rows(report)} will be more or less common in use than the "
            f"{percent(report.verdict.prior[1])} here, give their share when "
            "predicting; the probabilities follow."
        )
    return steps


def goal_sentence(report: Report) -> str:
    """Return what became of the user's goal: costs are followed, constraints are met or not."""
    goal, rule = report.goal, report.verdict.decision
    if not goal.sentence or rule is None:
        return ""
    if goal.cost is not None and rule.met:
        return f"The decision follows your costs ({goal.sentence})."
    tail = f": {rule.why.rstrip('.')}." if rule.why else "."
    return f"Your goal ({goal.sentence}) {'is met' if rule.met else 'cannot be met'}{tail}"


def decision_sentence(report: Report) -> str:
    """Return when to act, with the interval of the threshold."""
    rule = report.verdict.decision
    if rule is None:
        return ""
    text = rule.sentence[0].upper() + rule.sentence[1:].rstrip(".")
    threshold = rule.threshold
    if threshold and threshold.low < threshold.high:
        low, high = (significant(end, 2) for end in (threshold.low, threshold.high))
        text += f" (95% interval of the threshold: {low} to {high})"
    if rule.why and not rule.tuned:
        text += f"; it was not tuned: {rule.why.rstrip('.')}"
    return text + "."


def cost_and_catch(report: Report) -> list[str]:
    """Return what the decisions cost and catch, measured on the test set."""
    if report.outcome:
        return [_catch(report, report.outcome), *_cost(report.outcome)]
    found = sorted(
        ((row.recall.value, row) for row in report.per_class if row.recall), key=lambda one: -one[0]
    )
    if not found:
        return []
    told = [
        f"{word} of {_class_name(report, row.label)} ({percent(recall)} of {plural(row.n, 'row')})"
        for word, (recall, row) in (("most", found[0]), ("least", found[-1]))
    ]
    return [f"It finds {' and '.join(told)}."]


def _catch(report: Report, found: Outcome) -> str:
    n = found.n_positive
    few = n < _FEW_POSITIVES  # few rows are not blown up to a thousand
    base = n if few else 1000
    caught = measured(found.recall, write=lambda share: count(share * base))
    text = f"Of {'the ' if few else ''}{count(base)} {rare_rows(report)} it finds {caught}"
    text += f", at {alerts(found)} alerts per 1,000 rows"
    if found.precision:
        between = parts(found.precision, write=percent)[1]
        text += f", {odds(found.precision.value)} of them right {between}".rstrip()
    return text + "."


def alerts(found: Outcome) -> str:
    """Return the alerts per 1,000 rows."""
    rate = 1000 * found.alert_rate
    return significant(rate, 2) if 0 < rate < 10 else count(rate)


def _cost(found: Outcome) -> list[str]:
    if found.cost is None or found.cost_without_model is None:
        return []
    with_model, without = (
        significant(1000 * cost) for cost in (found.cost, found.cost_without_model)
    )
    return [f"Mistakes then cost {with_model} per 1,000 rows, against {without} without any model."]


def how_sure(report: Report) -> list[str]:
    """Return how far the answer can be trusted."""
    lines, row, tried = [], report.settled, report.compared
    if report.few or row is None:
        return []
    if row.role == "baseline":
        row = next((r for r in report.ranked if r.difference), row)
        start = f"The nearest rival, {_quoted(row.title)}, differs by"
    else:
        start = "The paired difference to the baseline is"
    if row.difference:
        p = row.difference.p_adjusted
        p_text = f"p {'' if p < 0.001 else '= '}{p_value(p)}"
        if tried > 1:
            p_text += f", allowing for {plural(tried, 'comparison')}"
        lines.append(f"{start} {measured(row.difference, sign=True)} ({p_text}).")
    if tried:
        lines.append(
            f"The false-positive rate of the recommendation is at most {100 * report.level:.2g}%, "
            "family-wise: so rarely does a study recommend a treatment where none truly helps."
        )
    return lines + _on_test(report)


def _on_test(report: Report) -> list[str]:
    test, baseline = report.verdict.test, report.verdict.baseline
    if test is None:
        return []
    of_them = f", {count(test.n_positive)} of them {_rare(report)}" if report.binary else ""
    line = f"On the test set ({plural(test.n, 'row')}{of_them}) its {report.goal.headline.title} "
    line += f"is {measured(test.estimate)}"
    if baseline and report.verdict.chosen:
        line += f"; the baseline reaches {measured(baseline.estimate)}"
    few = f"With {plural(test.n_positive, 'rare row')} to measure on, the intervals are wide; more "
    few += "rare rows would narrow them."
    return [line + ".", *[few] * (report.binary and test.n_positive < _FEW_POSITIVES)]


def not_assessed(report: Report) -> str:
    """Name the classes that are too small to be measured."""
    names = [_class_name(report, label) for label in report.unassessed]
    if len(names) > _MOST_NAMES:
        names = [*names[:_MOST_NAMES], f"{count(len(names) - _MOST_NAMES)} more"]
    listed = " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
    return f"Too small to be assessed, but kept for learning: {listed}." if listed else ""


def who_is_rare(report: Report) -> str:
    """Return the sentence that opens the part on the classes."""
    if not report.binary:
        ends = max(report.classes, key=lambda r: r.n), min(report.classes, key=lambda r: r.n)
        most, least = (
            f"{_class_name(report, row.label)} with {plural(row.n, 'row')}" for row in ends
        )
        return f"{len(report.classes)} classes, from {most} to {least}."
    row = report.classes[1]
    common = f", {odds(row.share)}" if 0 < row.share < 0.5 else ""
    text = f"{count(row.n)} of {plural(report.n_rows, 'row')} {'is' if row.n == 1 else 'are'} "
    text += f"{_rare(report)}{common}."
    split = f" The training set has {count(row.n_train)} of them, the test set {count(row.n_test)}."
    return text if report.few else text + split


def tuning_gain(report: Report) -> str:
    """Return what tuning the decision is worth, on its own line and credited to no treatment."""
    rows = dict.fromkeys(row for row in (report.baseline, report.settled) if row)
    gains = [
        f"{significant(row.tuned_gain, 2, sign=True)} for {model_title(row, quotes=True)}"
        for row in rows
        if is_known(row.tuned_gain)
    ]
    if not gains:
        return ""
    unit = f" (in {report.goal.metric.title})" if report.goal.tunes_threshold else ""
    return (
        f"Tuning the decision, in place of an untuned 0.5, is worth {' and '.join(gains)}{unit}. "
        "Every candidate got the same tuning, so none of this is in the differences above."
    )
