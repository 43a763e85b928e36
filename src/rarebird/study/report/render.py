"""Data in, one HTML file out: the logic of the report; its text is in the templates."""

from functools import cache
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from . import plots, words
from .numerals import (
    MISSING,
    count,
    fixed,
    known,
    measured,
    memory,
    p_value,
    percent,
    plural,
    ranged,
    seconds,
    significant,
)
from .slider import slider_data

MOST_ROWS = 400  # of a table; the report stays small whatever the file
MOST_ALIKE = 3  # dangers of one code in the box before the verdict
_RANK = {"danger": 0, "warning": 1, "info": 2}


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
    # Our own files, not anyone's data: the only texts besides the plots that are not escaped.
    env.globals["css"] = Markup(sources["report.css"])
    env.globals["js"] = Markup(sources["report.js"])
    return env


def render(data: dict) -> str:
    """Return the report of a study as one self-contained HTML file.

    The file needs no network, and forbids itself to use one. Whatever is None or missing in
    ``data`` is left out, and where a reader would miss it the report says why.

    Parameters
    ----------
    data : dict
        Plain values, as ``json.loads`` returns them. Required: ``target``, ``task`` and
        ``verdict``. In ``outcome``, ``found``, ``found_low`` and ``found_high`` are counts of
        rare rows out of ``n_positive``; ``curves.cost.cost`` is the mean cost of a row.

    Returns
    -------
    str
        The file; linear in the number of scores behind the slider, below 1.5 MB.

    Examples
    --------
    >>> page = render({"target": "fraud", "task": "binary", "verdict": {"nothing_helps": True}})
    >>> page[:15], "Leave the data as they are" in page
    ('<!doctype html>', True)
    """
    return _clean(_environment().get_template("template.html").render(_page(data)))


def render_inline(data: dict) -> str:
    """Return the report's first screen as a fragment of HTML, for a notebook.

    Parameters
    ----------
    data : dict
        As for `render`.

    Examples
    --------
    >>> render_inline({"target": "t", "task": "binary", "verdict": {}})[:7]
    '<style>'
    """
    first = {"inline": True, **_first(data)}
    return _clean(_environment().get_template("first.html").render(first)).strip()


def _clean(page: str) -> str:
    return page.encode("utf-8", "replace").decode("utf-8")


def _first(data: dict) -> dict:
    """Return what the first screen shows."""
    return {
        "title": data.get("title") or f"Study of {words.quoted(data.get('target'))}",
        "file": data.get("file"),
        "target": data.get("target"),
        "created": str(data.get("created") or "")[:10],
        "size": _size(data),
        "kind": words.outcome_kind(data),
        "dangers": _dangers(words.dangers(data)),
        "headline": words.headline(data),
        "lede": words.lede(data),
        "to_do": words.what_to_do(data),
        "catch": words.cost_and_catch(data),
        "brackets": any("[" in line for line in words.cost_and_catch(data)),
        "sure": words.how_sure(data),
        "facts": _facts(data),
        "few": _few(data),
        "predict": _predict(data),
    }


def _size(data: dict) -> str:
    parts = []
    if known(data.get("n_rows")):
        parts.append(plural(data["n_rows"], "row"))
    if known(data.get("n_columns")):
        parts.append(plural(data["n_columns"], "column"))
    return ", ".join(parts)


def _predict(data: dict) -> str:
    names = {f["name"] for f in (data.get("reproduce") or {}).get("files") or []}
    usable = words.outcome_kind(data) not in ("few-rows", "none")
    return "rarebird predict model.skops FILE" if usable and "model.skops" in names else ""


def _few(data: dict) -> dict | None:
    few = data.get("few_rows")
    if not few:
        return None
    return {
        "can_see": few.get("can_see") or [],
        "cannot_learn": few.get("cannot_learn") or [],
        "needed": count(few["needed"]) if known(few.get("needed")) else "",
    }


def _facts(data: dict) -> list[dict]:
    """Return the few large numbers of the first screen."""
    found = data.get("outcome") or {}
    facts = []
    if known(found.get("found")) and found.get("n_positive"):
        n = found["n_positive"]
        low, high = found.get("found_low"), found.get("found_high")
        between = _between(low / n, high / n) if known(low) and known(high) else ""
        facts.append(
            _fact(percent(found["found"] / n), f"of {words.rare_rows(data)} found", between)
        )
    if known(found.get("precision")) and found.get("alerts") != 0:
        between = _between(found.get("precision_low"), found.get("precision_high"))
        facts.append(_fact(percent(found["precision"]), "of alerts right", between))
    if known(found.get("per_1000_alerts")):
        rate = found["per_1000_alerts"]
        text = significant(rate, 2) if rate < 10 else count(rate)
        facts.append(_fact(text, "alerts per 1,000 rows", ""))
    test = data["verdict"].get("test")
    if not facts and test and known(test.get("value")):
        value, _, between = measured(test).partition(" ")
        low_high = between.strip("[]").replace(", ", " to ")
        facts.append(_fact(value, f"{words.measured_title(data)}, test set", low_high))
    return facts


def _between(low: float | None, high: float | None) -> str:
    return f"{percent(low)} to {percent(high)}" if known(low) and known(high) else ""


def _fact(value: str, what: str, between: str) -> dict:
    return {"value": value, "what": what, "between": between}


def _checks(checks: list[dict]) -> list[dict]:
    rows = []
    for c in sorted(checks, key=lambda c: _RANK.get(c.get("severity"), 3)):
        known_code = _codes().get(c.get("code"))
        rows.append(
            {
                "code": c.get("code") or "",
                "severity": c.get("severity") or "info",
                "message": c.get("message") or "",
                "title": c.get("title") or (known_code.title if known_code else ""),
                "advice": c.get("what_to_do") or (known_code.what_to_do if known_code else ""),
                "docs": f"checks/{c.get('code')}" if c.get("code") else "",
            }
        )
    return rows


def _dangers(checks: list[dict]) -> list[dict]:
    """Return the dangers, those of one code together: the verdict must stay in sight."""
    groups: dict[str, dict] = {}
    for c in _checks(checks):
        group = groups.setdefault(c["code"] or c["title"], {**c, "messages": []})
        group["messages"].append(c["message"])
    for group in groups.values():
        more = len(group["messages"]) - MOST_ALIKE
        group["more"] = count(more) if more > 0 else ""
        group["messages"] = group["messages"][:MOST_ALIKE]
    return list(groups.values())


@cache
def _codes() -> dict:
    from rarebird.diagnose.check import CODES

    return CODES


def _page(data: dict) -> dict:
    """Return everything the file shows."""
    curves = data.get("curves") or {}
    rows = data.get("candidates") or []
    view = {
        **_first(data),
        "inline": False,
        "version": data.get("version") or "",
        "binary": data.get("task") == "binary",
        "metric": words.metric_title(data),
        "metric_title": _capital(words.metric_title(data)),
        "better": words.greater_is_better(data),
        "averaging": (data.get("objective") or {}).get("averaging") or "",
        "chosen_title": words.model_title(data),
        "has_test": any(known((r.get("test_difference") or {}).get("value")) for r in rows),
        "rare": words.rare(data),
        "who": words.who_is_rare(data),
        "unassessed": words.not_assessed(data),
        "counts": _counts(data),
        "checks": _checks(data["verdict"].get("checks") or []),
        "candidates": _candidates(data),
        "tuning": words.tuning_gain(data),
        "alone": words.compared(data) == 0,
        "has_control": any(r["role"] == "control" for r in rows),
        "per_class": _per_class(words.per_class(data)),
        "operating": bool(curves.get("operating")),
        "baseline": bool(curves.get("baseline_precision_recall")),
        "slider": slider_data(data.get("slider")),
        "importance": _importance(data),
        "columns": _columns(data),
        "reproduce": _reproduce(data),
        "prior": _prior(data),
    }
    draw = {
        "counts": plots.counts(data),
        "forest": plots.forest(data),
        "forest_wide": plots.forest(data, wide=True),
        "precision_recall": plots.precision_recall(data),
        "calibration": plots.calibration(data),
        "gain": plots.gain(data),
        "cost": plots.cost(data),
        "per_class": plots.per_class(data),
        "importance": plots.importance(data),
    }
    view["plots"] = {name: Markup(svg) for name, svg in draw.items()}
    return view


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _limited(rows: list) -> dict:
    return {"rows": rows[:MOST_ROWS], "left_out": count(max(len(rows) - MOST_ROWS, 0))}


def _counts(data: dict) -> dict:
    return _limited(
        [
            {
                "name": str(r["class"]),
                "n": count(r.get("n")),
                "share": percent(r.get("share")),
                "train": count(r.get("train")),
                "test": count(r.get("test")),
            }
            for r in data.get("counts") or []
        ]
    )


def _candidates(data: dict) -> list[dict]:
    """Return the comparison's rows: the baseline first, then the best difference first."""
    sign = 1 if words.greater_is_better(data) else -1
    settled = words.chosen(data)

    def place(row: dict) -> tuple:
        value = (row.get("difference") or {}).get("value")
        return (row["role"] != "baseline", not known(value), -sign * value if known(value) else 0)

    rows = []
    for row in sorted(data.get("candidates") or [], key=place):
        difference, test = row.get("difference") or {}, row.get("test_difference") or {}
        status = str(row.get("status") or "ok")
        p = difference.get("p_adjusted")
        difference_text, _, between = measured(difference, sign=True).partition(" ")
        test_text, _, test_between = measured(test, sign=True).partition(" ")
        rows.append(
            {
                "title": words.title_of(row),
                "name": str(row["name"]),
                "summary": row.get("summary") or "",
                "role": row["role"],
                "place": row.get("place") or "",
                "chosen": row is settled,
                "value": significant(row.get("value")),
                "difference": "0" if row["role"] == "baseline" else difference_text,
                "between": between,
                "p": p_value(p if known(p) else difference.get("p")),
                "test": test_text,
                "test_between": test_between,
                "seconds": seconds(row.get("seconds")),
                "memory": memory(row.get("memory_mb")),
                "fits": plural(row["fits"], "fit") if known(row.get("fits")) else "",
                "config": row.get("config") or "",
                "status": "" if status == "ok" else status,
            }
        )
    return rows


def _per_class(rows: list[dict]) -> dict:
    return _limited(
        [
            {
                "name": str(r["class"]),
                "n": count(r.get("n_test")),
                "value": measured(r),
                "recall": percent(r.get("recall")),
                "recall_between": _between(r.get("recall_low"), r.get("recall_high")),
                "precision": percent(r.get("precision")),
            }
            for r in sorted(rows, key=lambda r: r.get("n_test") or 0)
        ]
    )


def _importance(data: dict) -> dict:
    rows = [r for r in data.get("importance") or [] if known(r.get("value"))]
    shown = [
        {"name": str(r["column"]), "value": ranged(r)}
        for r in sorted(rows, key=lambda r: -r["value"])
    ]
    return {**_limited(shown), "n": rows[0]["n"] if rows else 0}


def _columns(data: dict) -> dict:
    rows = [
        {
            "name": str(r["name"]),
            "kind": r.get("kind") or MISSING,
            "missing": count(r.get("n_missing")),
            "unique": count(r.get("n_unique")),
            "used": bool(r.get("used")),
            "why": r.get("why") or "",
        }
        for r in data.get("columns") or []
    ]
    used = [r for r in rows if r["used"]]
    return {
        "total": count(len(rows)),
        "n_used": count(len(used)),
        "dropped": _limited([r for r in rows if not r["used"]]),
        "used": _limited(used),
    }


def _prior(data: dict) -> list[dict]:
    """Return the class shares that the model was taught and is set for, where they are known."""
    prior = data["verdict"].get("prior") or {}
    training, deployment = prior.get("training") or {}, prior.get("deployment") or {}
    return [
        {
            "name": str(name),
            "training": percent(training.get(name)),
            "deployment": percent(deployment.get(name)),
        }
        for name in list(dict.fromkeys([*training, *deployment]))[:MOST_ROWS]
    ]


def _reproduce(data: dict) -> dict | None:
    given = data.get("reproduce")
    if not given:
        return None
    budget, cap, n_train = (given.get(name) for name in ("budget", "row_cap", "n_train"))
    capped = known(cap) and known(n_train) and cap < n_train
    folds, repeats = given.get("n_folds"), given.get("n_repeats")
    facts = [
        ("Compared on", f"{count(cap)} of {count(n_train)} training rows" if capped else None),
        (
            "Folds",
            f"{count(folds)}, {'once' if repeats == 1 else f'{count(repeats)} times'}"
            if known(folds) and known(repeats)
            else None,
        ),
        ("Design", given.get("design")),
        ("Fingerprint of the data", given.get("data_hash")),
        ("Seed", given.get("seed")),
        ("Cells (candidate × repeat × fold)", given.get("cells")),
        ("Time budget", seconds(budget) if known(budget) else budget),
    ]
    return {
        "command": given.get("command") or "",
        "python": given.get("python") or "",
        "facts": [
            (name, fixed(value, 0) if known(value) and name != "Seed" else str(value))
            for name, value in facts
            if value is not None and value != ""
        ],
        "versions": sorted((given.get("versions") or {}).items()),
        "files": given.get("files") or [],
    }
