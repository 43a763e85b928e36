"""What the page shows comes from the report: change every value, and nothing of the old is left."""

import html
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from difflib import SequenceMatcher

import pytest
from made_up import MADE

from rarebird.diagnose.check import CODES
from rarebird.study.goal import Goal
from rarebird.study.report.render import render

# Fields whose values are keys, not text: what they stand for is shown.
KEYS = {"role", "rank_by", "kept", "code", "severity", "headline", "answer", "evidence"}
# Text that decides nothing that a reader sees.
UNSEEN = {
    "name of a candidate",
    "treatment",
    "place",
    "kind",
    "objective",
    "metric",
    "dtype",
    "method",
}
# Numbers and names in the template's own sentences.
OWN = {"95%", "20%", "20", "100", "1,000", "0", "0.5", "1", "0.001", "4", "5"}
NAMES = {"baseline", "model.skops"}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
OTHER = str.maketrans(
    LETTERS + LETTERS.upper() + "0123456789",
    LETTERS[1:] + "a" + LETTERS.upper()[1:] + "A" + "äöüßéèáàóò",
)


def changed(value, by, name=""):
    """The same report with other numbers, texts and lengths; equal texts stay equal."""
    if name in KEYS or value is None or isinstance(value, bool):
        return value
    if is_dataclass(value):
        found = {f.name: changed(getattr(value, f.name), by, f.name) for f in fields(value)}
        return replace(value, **found)
    if isinstance(value, tuple | list):
        more = value * int(10 * by) if name in ("columns", "candidates") else value
        if all(type(item) is int for item in more):  # their shares change too
            return type(value)(round(9 * by * (1 + i)) * n + 31 * i + 1 for i, n in enumerate(more))
        return type(value)(changed(item, by, name) for item in more)
    if isinstance(value, Mapping):
        return {key: changed(item, by, name) for key, item in value.items()}
    if isinstance(value, str):
        return value if value == "ok" else value.translate(OTHER)
    if isinstance(value, int):
        return round(10 * by) * value + 97 * len(name) + 4
    return by * value


def texts(value, name=""):
    """Yield every text of a report that a reader should see, with the name of its field."""
    if isinstance(value, Goal):
        yield "sentence", value.sentence
    elif is_dataclass(value):
        for each in fields(value):
            key = "name of a candidate" if hasattr(value, "role") and each.name == "name" else ""
            yield from texts(getattr(value, each.name), key or each.name)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from texts(item, name)
    elif isinstance(value, Mapping):
        yield from texts([*value.values()], name)
    elif isinstance(value, str) and value and name not in KEYS | UNSEEN | {"chosen", "slug"}:
        yield name, value


def read(page):
    """The text of a page without its plots, style and scripts."""
    for tag in ("svg", "style", "script", "head"):
        page = re.sub(rf"<{tag}\b.*?</{tag}>", " ", page, flags=re.S)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))).replace("\xa0", " ")


def stayed(old, new):
    """The words with a digit that stand in both texts at the same place."""
    old, new = old.split(), new.split()
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    words = (old[i] for block in blocks for i in range(block.a, block.a + block.size))
    return {word.strip("(),.;:[]") for word in words if re.search(r"\d", word)}


@pytest.mark.parametrize(
    "kind", ["treatment", "baseline", "few", "multiclass", "blend", "no-saving"]
)
def test_what_the_page_shows_is_what_the_report_holds(kind, pages):
    report, old = MADE[kind](), read(pages[kind])
    others = [changed(report, by) for by in (0.83, 0.61, 0.29)]
    pages = [read(render(other)) for other in others]
    for name, text in texts(others[0]):
        if report.dangers and name in {"sentence", "why"}:
            continue  # below a danger no decision is told
        assert text.rstrip(".")[1:] in pages[0], name
    assert {text for _, text in texts(report) if len(text) > 3 and f" {text} " in pages[0]} <= NAMES
    advice = " ".join(CODES[check.code].what_to_do for check in report.verdict.checks)
    still = set.intersection(*(stayed(old, new) for new in pages))  # some are by chance
    assert {word for word in still if "RB" not in word} <= OWN | stayed(advice, advice) | {
        str(len(report.classes))
    }


def test_the_rule_sees_a_number_that_no_report_holds():
    page = "<p>Of 1,234 rows 5.6% are rare, {} more.</p><svg>77</svg>"
    old, new = (read(page.format(more)) for more in ("+0.038", "+0.051"))
    assert stayed(old, new) == {"1,234", "5.6%"}
