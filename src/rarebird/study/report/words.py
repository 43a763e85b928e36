"""The study in plain words: each function takes the report's data and returns sentences.

Nothing here computes a result; the sentences say what the numbers in the data say, and leave out
what is not known.
"""

from .numerals import (
    NBSP,
    count,
    decimals_for,
    fixed,
    interval,
    known,
    measured,
    odds,
    p_value,
    percent,
    plural,
    significant,
)

# Class names that say nothing without the name of the target column.
_BARE = {"yes", "no", "true", "false", "y", "n", "t", "f", "pos", "neg", "positive", "negative"}
FEW_POSITIVES = 100


def quoted(name: object) -> str:
    """Return a name in quotation marks.

    >>> quoted("fraud")
    '“fraud”'
    """
    return f"“{name}”"


def class_name(data: dict, label: object) -> str:
    r"""Return what to call a class; a bare label such as 1 or yes gets its column in front.

    >>> class_name({"target": "is_fraud"}, 1), class_name({"target": "kind"}, "theft")
    ('“is_fraud\xa0=\xa01”', '“theft”')
    """
    text = str(label)
    bare = text.casefold() in _BARE or not any(c.isalpha() for c in text)
    return quoted(f"{data.get('target')}{NBSP}={NBSP}{text}") if bare else quoted(text)


def is_positive(data: dict, label: object) -> bool:
    """Say whether this is the rare class; labels may have become text on the way.

    >>> is_positive({"positive": 1}, "1")
    True
    """
    return data.get("positive") is not None and str(label) == str(data["positive"])


def rare(data: dict) -> str:
    """Return what to call the rare class: the user's word, or its name in quotation marks."""
    return (data.get("words") or {}).get("rare") or class_name(data, data.get("positive"))


def rare_rows(data: dict) -> str:
    """Return what to call the rows of the rare class.

    >>> rare_rows({"target": "kind", "positive": "fraud"}), rare_rows({"words": {"rare": "frauds"}})
    ('“fraud” rows', 'frauds')
    """
    given = (data.get("words") or {}).get("rare")
    return given or f"{rare(data)} rows"


def candidate(data: dict, name: str | None) -> dict | None:
    """Return the candidate of this name, if it is among those compared."""
    rows = data.get("candidates") or []
    return next((row for row in rows if name is not None and row["name"] == name), None)


def baseline(data: dict) -> dict | None:
    """Return the candidate that stands for the baseline."""
    return next((row for row in data.get("candidates") or [] if row["role"] == "baseline"), None)


def chosen(data: dict) -> dict | None:
    """Return the candidate that the study settles on: the chosen one, or the baseline."""
    verdict = data["verdict"]
    if verdict.get("nothing_helps"):
        return baseline(data)
    return candidate(data, verdict.get("chosen"))


def title_of(row: dict | None, fallback: str = "the plain model") -> str:
    """Return a candidate's title, without what the report says beside it anyway.

    >>> title_of({"name": "plain", "title": "plain ensemble (control)"})
    'plain ensemble'
    """
    if row is None:
        return fallback
    return str(row.get("title") or row["name"]).removesuffix(" (control)")


def plain_model(data: dict) -> str:
    """Return what to call the model of the baseline: its title, or else its learner."""
    row = baseline(data)
    title = title_of(row)
    if title.casefold() != "the baseline":
        return quoted(title)
    learner = str(row.get("config") or "").split(" (")[0]
    return f"the plain model ({learner})" if learner else "the plain model"


def model_title(data: dict) -> str:
    """Return what to call the model that the study settles on, or nothing where there is none."""
    row = chosen(data)
    if row is None:
        return ""
    return plain_model(data).strip("“”") if row["role"] == "baseline" else title_of(row)


def outcome_kind(data: dict) -> str:
    """Say which of five answers the study gives: few-rows, nothing, control, treatment or none."""
    verdict = data["verdict"]
    if data.get("few_rows"):
        return "few-rows"
    if verdict.get("nothing_helps"):
        return "baseline"
    row = candidate(data, verdict.get("chosen"))
    if row is None:
        return "treatment" if verdict.get("chosen") else "none"
    return row["role"]


def compared(data: dict) -> int:
    """Return how many candidates were compared with the baseline."""
    stated = data["verdict"].get("candidates_compared")
    others = [row for row in data.get("candidates") or [] if row["role"] != "baseline"]
    return int(stated) if known(stated) else len(others)


def metric_title(data: dict) -> str:
    """Return the name of what is being maximised or minimised, for the middle of a sentence."""
    objective = data.get("objective") or {}
    return str(objective.get("title") or data["verdict"].get("objective") or "the objective")


def measured_title(data: dict) -> str:
    """Return the name of what was measured on the test set."""
    name = (data["verdict"].get("test") or {}).get("metric")
    own = (data.get("objective") or {}).get("name") or data["verdict"].get("objective")
    floor = "@" in str(own) and name == str(own).partition("@")[0]
    return str(name) if floor else metric_title(data)


def per_class(data: dict) -> list[dict]:
    """Return the rows of the classes, of a study with many."""
    return (data.get("curves") or {}).get("per_class") or data.get("per_class") or []


def greater_is_better(data: dict) -> bool:
    """Say whether more of the objective is better."""
    return bool((data.get("objective") or {}).get("greater_is_better", True))


def headline(data: dict) -> str:
    """Return the verdict in one sentence."""
    kind = outcome_kind(data)
    if kind == "few-rows":
        return f"There are too few {rare_rows(data)} to choose a method."
    if kind == "baseline":
        return "Leave the data as they are: the plain model is the best choice."
    if kind == "none":
        return "The study makes no choice."
    title = title_of(chosen(data), str(data["verdict"].get("chosen")))
    if kind == "control":
        what = "the ensemble" if (chosen(data) or {}).get("place") == "ensemble" else "the model"
        return f"Use {quoted(title)}: {what} helps, the balancing does not."
    return f"Use {quoted(title)}: it beats the baseline."


def lede(data: dict) -> str:
    """Return the sentence under the headline: the size of the answer."""
    kind = outcome_kind(data)
    verdict = data["verdict"]
    if kind == "few-rows":
        return str(data["few_rows"].get("message") or "")
    if kind == "none":
        reasons = [c["message"] for c in dangers(data)]
        wish = (data.get("objective") or {}).get("wish") or {}
        if wish.get("met") is False and wish.get("why"):
            reasons.insert(0, wish["why"])
        return str(reasons[0]) if reasons else "No candidate could be compared."
    plain = plain_model(data)
    if kind == "baseline":
        tried = compared(data)
        if not tried:
            return f"Nothing could be compared with {plain}."
        subject = (
            "The one alternative compared does not do"
            if tried == 1
            else f"None of the {count(tried)} alternatives compared does"
        )
        return (
            f"{subject} better than {plain} by more than chance. "
            "That is good news: no rows are invented or thrown away, and there is less to look "
            "after."
        )
    better = "" if greater_is_better(data) else ", lower is better"
    # The folds decide, so the folds' values are the ones to set side by side.
    row, base = chosen(data), baseline(data)
    if row and base and known(row.get("value")) and known(base.get("value")):
        difference = verdict.get("difference") or row.get("difference") or {}
        decimals = decimals_for(difference.get("low"), difference.get("high"))
        return (
            f"In cross-validation its {metric_title(data)} is {fixed(row['value'], decimals)}, "
            f"against {fixed(base['value'], decimals)} for the baseline, {plain}{better}."
        )
    return f"Judged by {metric_title(data)}{better}."


def dangers(data: dict) -> list[dict]:
    """Return the checks that must be read before the verdict."""
    return [c for c in data["verdict"].get("checks") or [] if c.get("severity") == "danger"]


def what_to_do(data: dict) -> list[str]:
    """Return the steps to take, most urgent first."""
    steps = []
    if dangers(data):
        steps.append("First settle the warning at the top; until then, trust no number below.")
    few = data.get("few_rows")
    if few:
        if known(few.get("needed")) and few["needed"] > 0:
            steps.append(
                f"Collect or label about {count(few['needed'])} more {rare_rows(data)}, then run "
                "the same command again."
            )
        return steps
    row = chosen(data)
    if row is None:
        return [*steps, "Look at the checks below, change what they name, and run the study again."]
    files = {f["name"] for f in (data.get("reproduce") or {}).get("files") or []}
    if not files or "model.skops" in files:
        name = plain_model(data) if row is baseline(data) else quoted(title_of(row))
        steps.append(f"Use the file model.skops: {name}, fitted and calibrated.")
    decision = decision_sentence(data)
    if decision:
        steps.append(decision)
    wish = wish_sentence(data)
    if wish:
        steps.append(wish)
    share = prior_share(data)
    if data.get("task") == "binary" and known(share):
        steps.append(
            f"If {rare_rows(data)} will be more or less common in use than the "
            f"{percent(share)} here, say so when predicting (--prior); the probabilities follow."
        )
    return steps


def wish_sentence(data: dict) -> str:
    """Return what became of the user's wish: costs are followed, constraints are met or not."""
    wish = (data.get("objective") or {}).get("wish")
    if not wish or wish.get("met") is None:
        return ""
    text, why = str(wish.get("text") or "").rstrip("."), str(wish.get("why") or "").rstrip(".")
    tail = f": {why}." if why else "."
    if not wish.get("met"):
        return f"Your wish ({text}) cannot be met{tail}"
    return (
        f"The decision follows your costs ({text})."
        if wish.get("kind") == "cost"
        else (f"Your wish ({text}) is met{tail}")
    )


def prior_share(data: dict) -> float | None:
    """Return the share of the rare class that the model is set for."""
    prior = data["verdict"].get("prior") or {}
    shares = prior.get("deployment") or prior.get("training") or {}
    share = shares.get(data.get("positive"), shares.get(str(data.get("positive"))))
    if known(share):
        return share
    row = next((r for r in data.get("counts") or [] if is_positive(data, r["class"])), None)
    return row.get("share") if row else None


def decision_sentence(data: dict) -> str:
    """Return when to act, with the interval of the threshold."""
    decision = data["verdict"].get("decision") or {}
    threshold = decision.get("threshold")
    text = str(decision.get("describe") or "")
    if not text and known(threshold):
        text = f"Act where the probability of {rare(data)} is {significant(threshold)} or more"
    if not text:
        return ""
    text = text[0].upper() + text[1:].rstrip(".")
    low, high = decision.get("low"), decision.get("high")
    if known(low) and known(high) and known(threshold) and low < high:
        text += (
            f" (95{NBSP}% interval of the threshold: {significant(low, 2)} to "
            f"{significant(high, 2)})"
        )
    why = str(decision.get("why") or "").rstrip(".")
    if why and not decision.get("tuned", True):
        text += f"; it was not tuned: {why}"
    return text + "."


def cost_and_catch(data: dict) -> list[str]:
    """Return what the decisions cost and catch, measured on the test set."""
    found = data.get("outcome")
    if found and known(found.get("found")) and found.get("n_positive"):
        return _catch(data, found) + _cost(data, found)
    rows = [r for r in per_class(data) if known(r.get("recall"))]
    if not rows:
        return []
    best = max(rows, key=lambda r: r["recall"])
    worst = min(rows, key=lambda r: r["recall"])
    if best is worst:
        return [
            f"Of the {class_name(data, best['class'])} rows it finds {percent(best['recall'])}."
        ]
    return [
        f"It finds most of {class_name(data, best['class'])} ({percent(best['recall'])} of "
        f"{plural(best.get('n_test') or 0, 'row')}) and least of "
        f"{class_name(data, worst['class'])} ({percent(worst['recall'])} of "
        f"{plural(worst.get('n_test') or 0, 'row')})."
    ]


def _catch(data: dict, found: dict) -> list[str]:
    n = found["n_positive"]
    base = n if n < FEW_POSITIVES else 1000  # few rows are not blown up to a thousand
    scale = base / n
    low, high = found.get("found_low"), found.get("found_high")
    between = interval(low * scale, high * scale, 0) if known(low) and known(high) else ""
    of = f"Of the {count(n)}" if base == n else f"Of {count(base)}"
    text = f"{of} {rare_rows(data)} it finds {count(found['found'] * scale)}"
    text += f" {between}" if between else ""
    if known(found.get("per_1000_alerts")):
        rate = found["per_1000_alerts"]
        text += f", at {significant(rate, 2) if rate < 10 else count(rate)} alerts per 1,000 rows"
    if known(found.get("precision")) and found.get("alerts") != 0:
        text += f", {odds(found['precision'])} of them right"
        between = ""
        if known(found.get("precision_low")) and known(found.get("precision_high")):
            between = f"{percent(found['precision_low'])} to {percent(found['precision_high'])}"
        text += f" ({between})" if between else ""
    return [text + "."]


def _cost(data: dict, found: dict) -> list[str]:
    cost, before = found.get("cost_per_1000"), found.get("cost_no_model_per_1000")
    if not known(cost):
        return []
    text = f"Mistakes then cost {significant(cost)} per 1,000 rows"
    if known(before):
        text += f", against {significant(before)} without any model"
    return [text + "."]


def how_sure(data: dict) -> list[str]:
    """Return how far the answer can be trusted."""
    verdict = data["verdict"]
    kind = outcome_kind(data)
    if kind in ("few-rows", "none"):
        return []
    lines = []
    row = chosen(data)
    best = _closest(data) if kind == "baseline" else row
    difference = (best or {}).get("difference") if kind == "baseline" else verdict.get("difference")
    if difference and known(difference.get("value")):
        p = difference.get("p_adjusted", difference.get("p"))
        tried = compared(data)
        if kind == "baseline":
            line = f"The nearest rival, {quoted(title_of(best))}, differs by "
        else:
            line = "The paired difference to the baseline is "
        line += measured(difference, sign=True)
        if known(p):
            line += f" (p {'' if p < 0.001 else '= '}{p_value(p)}"
            line += f", allowing for {plural(tried, 'comparison')})" if tried > 1 else ")"
        lines.append(line + ".")
    level = verdict.get("level")
    if known(level) and compared(data):
        lines.append(
            f"Where no treatment truly helps, a study like this recommends one at most "
            f"{odds(level)} times."
        )
    lines += _on_test(data)
    return lines


def _closest(data: dict) -> dict | None:
    rows = [
        row
        for row in data.get("candidates") or []
        if row["role"] != "baseline" and known((row.get("difference") or {}).get("value"))
    ]
    sign = 1 if greater_is_better(data) else -1
    return max(rows, key=lambda row: sign * row["difference"]["value"], default=None)


def _on_test(data: dict) -> list[str]:
    verdict = data["verdict"]
    test, base = verdict.get("test"), verdict.get("baseline")
    if not test or not known(test.get("value")):
        return []
    n, positives = test.get("n"), test.get("n_positive")
    where = "On the test set"
    if known(n):
        where += f" ({plural(n, 'row')}"
        binary = data.get("task") == "binary" and known(positives)
        where += f", {count(positives)} of them {rare(data)})" if binary else ")"
    line = f"{where} its {measured_title(data)} is {measured(test)}"
    if base and known(base.get("value")) and outcome_kind(data) != "baseline":
        line += f"; the baseline reaches {measured(base)}"
    lines = [line + "."]
    if data.get("task") == "binary" and known(positives) and positives < FEW_POSITIVES:
        lines.append(
            f"With {plural(positives, 'rare row')} to measure on, the intervals are wide; more "
            "rare rows would narrow them."
        )
    return lines


def not_assessed(data: dict) -> str:
    """Name the classes that are too small to be measured."""
    names = [class_name(data, label) for label in data.get("unassessed") or []]
    if not names:
        return ""
    if len(names) == 1:
        listed = names[0]
    elif len(names) > 12:
        listed = f"{', '.join(names[:12])} and {count(len(names) - 12)} more"
    else:
        listed = f"{', '.join(names[:-1])} and {names[-1]}"
    return f"Too small to be assessed, but kept for learning: {listed}."


def who_is_rare(data: dict) -> str:
    """Return the sentence that opens the part on the classes."""
    rows = [row for row in data.get("counts") or [] if known(row.get("n"))]
    if not rows:
        return ""
    least = min(rows, key=lambda row: row["n"])
    most = max(rows, key=lambda row: row["n"])
    if data.get("task") == "binary":
        row = next((r for r in rows if is_positive(data, r["class"])), least)
        total = sum(r["n"] for r in rows)
        share = row["n"] / total if total else None
        common = f", {odds(share)}" if known(share) and 0 < share < 0.5 else ""
        split = ""
        if known(row.get("train")) and known(row.get("test")):
            split = (
                f" The study learned from {count(row['train'])} of them and put "
                f"{count(row['test'])} away untouched."
            )
        return (
            f"{count(row['n'])} of {plural(total, 'row')} "
            f"{'is' if row['n'] == 1 else 'are'} {rare(data)}{common}.{split}"
        )
    return (
        f"{len(rows)} classes, from {class_name(data, most['class'])} with "
        f"{plural(most['n'], 'row')} to {class_name(data, least['class'])} with "
        f"{plural(least['n'], 'row')}."
    )


def tuning_gain(data: dict) -> str:
    """Return what tuning the decision is worth, on its own line and credited to no treatment."""
    gains = [
        (
            plain_model(data) if row["role"] == "baseline" else quoted(title_of(row)),
            row["tuned_gain"],
        )
        for row in (baseline(data), chosen(data))
        if row is not None and known(row.get("tuned_gain"))
    ]
    gains = list(dict.fromkeys(gains))
    if not gains:
        return ""
    parts = [f"{significant(gain, 2, sign=True)} for {title}" for title, gain in gains]
    decides = (data.get("objective") or {}).get("objective") == "decision"
    unit = f" (in {metric_title(data)})" if decides else ""
    return (
        f"Tuning the decision, in place of an untuned 0.5, is worth {' and '.join(parts)}{unit}. "
        "Every candidate got the same tuning, so none of this is in the differences above."
    )
