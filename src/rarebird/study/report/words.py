"""The report in plain words: each function takes it and returns sentences.

Nothing here computes a result; the sentences say what the numbers say, and leave out what is not
known.
"""

from .answers import detectable
from .content import CandidateRow, Outcome, Report
from .names import class_name, listed, metric_title, quoted, rare, rare_rows, shipped_title
from .numerals import (
    count,
    decimals_for,
    fixed,
    is_known,
    measured,
    odds,
    parts,
    percent,
    plural,
    significant,
)

_FEW_POSITIVES = 100


def _model_title(row: CandidateRow | None, *, quotes: bool = False) -> str:
    """Return what to call a candidate's model: the baseline's by its learner."""
    if row and row.role != "baseline":
        return quoted(row.title) if quotes else row.title
    learner = row.config.split(" (")[0] if row else ""
    return f"the plain model ({learner})" if learner else "the plain model"


def answer(report: Report) -> str:
    """Return what the page may say: the verdict's headline, or what overrules it.

    That is ``danger`` where a check must be settled first, ``few-rows`` where there is no model,
    and ``no_gain`` where a model that ranks better than chance is no better than none under the
    goal.
    """
    verdict = report.verdict
    if verdict.test is None:
        return "few-rows"
    if verdict.headline == "no_signal":
        return "no_signal"
    if report.dangers:
        return "danger"
    if verdict.worth and verdict.worth.answer == "no":
        return "no_gain"
    return verdict.headline


def advised(report: Report) -> bool:
    """Return whether the page may tell to use the model."""
    return not report.dangers and answer(report) in ("ship", "cannot_tell", "too_few")


def _unclear(report: Report) -> bool:
    return report.verdict.worth is not None and report.verdict.worth.answer == "unclear"


def headline(report: Report) -> str:
    """Return the verdict in one sentence."""
    unclear = _unclear(report)
    if (kind := answer(report)) == "ship":
        care = " only on trial" if unclear else ""
        return f"Use this model{care}: {shipped_title(report)}."
    if kind == "cannot_tell":
        start = "The model may work" if unclear else "The model works"
        end = "and" if unclear else "but"
        return f"{start}, {end} these rows cannot tell methods apart; here is the safest."
    return {
        "danger": "Do not use this model yet: a danger in the table must be settled first.",
        "few-rows": f"There are too few {rare_rows(report)} for a model.",
        "too_few": f"There are too few {rare_rows(report)} to compare methods; here is a plain "
        "model.",
        "no_signal": f"Nothing in this table predicts {quoted(report.verdict.target)}.",
        "no_gain": "The model ranks rows better than chance, but for your goal it is no better "
        "than no model.",
    }[kind]


def unfinished(report: Report) -> str:
    """Return what ended the study early, and how it goes on."""
    if not report.ended:
        return ""
    return (
        f"This study is unfinished. {report.ended.rstrip('.')}. What follows is as far as it came; "
        "the same command goes on from there."
    )


def lede(report: Report) -> str:
    """Return the sentence under the headline: the size of the answer."""
    kind = answer(report)
    if kind == "no_signal":
        return "No model that was tried is shown to do better than chance."
    if report.few or kind == "few-rows":
        return report.few.message if report.few else ""
    row, baseline = report.settled, report.baseline
    if row is None or baseline is None:
        return ""
    told = []
    if not report.compared:
        told.append(f"Nothing could be compared with {_model_title(baseline)}.")
    if kind in ("cannot_tell", "too_few"):
        return " ".join([f"It is {shipped_title(report)}.", *told, *detectable(report)])
    if kind == "danger":
        told.append(f"The study would ship {shipped_title(report)}.")
    title = metric_title(report, report.goal.metric)
    if len(report.verdict.shipped.parts if report.verdict.shipped else ()) > 1:
        return " ".join([*told, f"Out of fold no model of the comparison has a better {title}."])
    decimals = decimals_for(row.difference) if row.difference else 3
    text = f"In cross-validation its {title} is {fixed(row.value, decimals)}"
    if row != baseline:
        text += f", against {fixed(baseline.value, decimals)} for the baseline, "
        text += _model_title(baseline)
    lower = "" if report.goal.metric.greater_is_better else ", lower is better"
    proven = "proven" in report.verdict.evidence.values()
    none = ["No treatment is proven to help."] * bool(report.compared and not proven)
    return " ".join([*told, f"{text}{lower}.", *none])


def what_to_do(report: Report) -> list[str]:
    """Return the steps to take, most urgent first; none contradicts a warning above them."""
    kind, few = answer(report), report.few
    again = ["Run the same study again: it goes on from what is stored."] * bool(report.ended)
    more = f"Collect or label about {count(few.needed)} more {rare_rows(report)}" if few else ""
    collect = [f"{more}, then run the same command again."] * bool(few and few.needed)
    if report.dangers:
        settle = "First settle the warning at the top; until then, trust no number below"
        if report.verdict.test is not None:
            settle += " and do not use the model"
        return [settle + ".", "Then run the study again.", *collect]
    if kind == "few-rows":
        return again + collect
    if kind == "no_signal":
        target = quoted(report.verdict.target)
        return [
            *again,
            "Do not use the model. The file model.skops is written all the same.",
            f"Check that {target} holds what you mean, and that its rows are joined rightly.",
            f"Add columns that are known beforehand and bear on {target}, or choose another "
            "target; then run the study again.",
        ]
    if kind == "no_gain":
        return [
            *again,
            "Do not act on the model's decisions: the file model.skops is written, but under your "
            "goal no model is as good.",
            "Check the goal you stated; with other costs or limits the model may be of use.",
            f"More {rare_rows(report)}, or columns that bear on them, may change this.",
        ]
    title = shipped_title(report)
    use = f"Use the file model.skops: {title}, fitted and calibrated."
    if _unclear(report):
        use = f"Try the file model.skops ({title}) on new rows before you rely on it."
    steps = [*again, use, decision_sentence(report), goal_sentence(report)]
    if report.binary:
        steps.append(
            f"If {rare_rows(report)} will be more or less common in use than the "
            f"{percent(report.verdict.prior[1])} here, give their share when "
            "predicting; the probabilities follow."
        )
    return [step for step in steps if step] + collect


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
        f"{word} of {class_name(report, row.label)} ({percent(recall)} of {plural(row.n, 'row')})"
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
    nobody = " No row reaches the point where the model alerts." if not found.alerts else ""
    return text + "." + nobody


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
    """Return what the test set says, and how far it can be trusted."""
    test, baseline = report.verdict.test, report.verdict.baseline
    if test is None:
        return []
    of_them = f", {count(test.n_positive)} of them {rare(report)}" if report.binary else ""
    line = f"On the test set ({plural(test.n, 'row')}{of_them}) the model's "
    line += f"{metric_title(report, report.goal.headline)} is {measured(test.estimate)}"
    if baseline and baseline.estimate.value != test.estimate.value:
        line += f"; the baseline reaches {measured(baseline.estimate)}"
    found = test.estimate
    level = f"Brackets are {percent(found.level)} intervals ({found.method})."
    few = f"With {plural(test.n_positive, 'rare row')} to measure on, the intervals are wide; more "
    few += "rare rows would narrow them."
    wide = report.binary and test.n_positive < _FEW_POSITIVES
    return [line + ".", *[level] * is_known(found.low), *[few] * wide]


def not_assessed(report: Report) -> str:
    """Name the classes that are too small to be measured."""
    names = listed([class_name(report, label) for label in report.unassessed])
    return f"Too small to be assessed, but kept for learning: {names}." if names else ""


def who_is_rare(report: Report) -> str:
    """Return the sentence that opens the part on the classes."""
    if not report.binary:
        ends = max(report.classes, key=lambda r: r.n), min(report.classes, key=lambda r: r.n)
        most, least = (
            f"{class_name(report, row.label)} with {plural(row.n, 'row')}" for row in ends
        )
        return f"{len(report.classes)} classes, from {most} to {least}."
    row = report.classes[1]
    common = f", {odds(row.share)}" if 0 < row.share < 0.5 else ""
    text = f"{count(row.n)} of {plural(report.n_rows, 'row')} {'is' if row.n == 1 else 'are'} "
    text += f"{rare(report)}{common}."
    split = f" The training set has {count(row.n_train)} of them, the test set {count(row.n_test)}."
    return text if report.few else text + split


def tuning_gain(report: Report) -> str:
    """Return what tuning the decision is worth, on its own line and credited to no treatment."""
    rows = dict.fromkeys(row for row in (report.baseline, *report.shipped_rows) if row)
    gains = [
        f"{significant(row.tuned_gain, 2, sign=True)} for {_model_title(row, quotes=True)}"
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
