"""Public text uses the words of the field: no coined term, no archaic turn.

Public text is docstrings, sentences in strings, the report's template, examples and every page of
Markdown. An identifier is no text.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from layout.sources import PACKAGE, ROOT, modules, tree

# What is not written, and what is written in its place.
BANNED = {
    r"remed(?:y|ies)": "treatment",
    r"committees?": "ensemble",
    r"doing nothing": "the baseline",
    r"untouched (?:part|rows|set|\d+)": "test set",
    r"rows to learn": "training set",
    r"wish(?:es)?": "goal",
    r"capacit(?:y|ies)": "alert budget",
    r"gaps?": "missing value; distance, difference or step",
    r"holes?": "missing value",
    r"engines?": "algorithm or backend",
    r"aims": "sampling targets",
    r"multipliers?": "decision weights",
    r"floors?(?!\()": "constraint, minimum precision or minimum recall",
    r"costs? a row": "cost per row",
    r"anew": "again",
    r"(?:of|among) equals": "among tied rows",
    r"as people have them": "of any kind",
    r"(?:its|their) kin": "variants",
    r"found and right": "precision-recall curve",
    r"do the probabilities hold": "calibration plot",
    r"found for the effort": "cumulative gain",
}
PATTERNS = {rf"\b(?:{pattern})\b": word for pattern, word in BANNED.items()}
PATTERNS[r"[\d}][ \u00a0\u202f]%"] = "95%, without a space"
# (file, what stands there): why it may.
ALLOWED: dict[tuple[str, str], str] = {}


def sentences(parsed: ast.Module) -> Iterator[str]:
    """Yield docstrings and every string that holds more than one word; f-strings with {}."""
    inner = {id(part) for node in ast.walk(parsed) if isinstance(node, ast.JoinedStr)
             for part in ast.walk(node) if part is not node}  # fmt: skip
    for node in ast.walk(parsed):
        if isinstance(node, ast.JoinedStr):
            parts = [p.value if isinstance(p, ast.Constant) else "{}" for p in node.values]
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            is_sentence = id(node) not in inner and " " in node.value
            yield from [node.value] * is_sentence


def texts() -> Iterator[tuple[str, str]]:
    """Yield (file, text) of everything that a user may read."""
    for name, path in modules().items():
        where = f"src/rarebird/{path.relative_to(PACKAGE).as_posix()}"
        yield where, "\n".join(sentences(tree(name)))
    for path in sorted((ROOT / "examples").glob("*.py")):
        yield f"examples/{path.name}", "\n".join(sentences(ast.parse(path.read_text("utf-8"))))
    by_hand = [*PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.toml")]
    by_hand += [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    by_hand += [*(ROOT / "docs" / "guides").glob("*.md"), *(ROOT / "docs" / "changes").glob("*.md")]
    for path in by_hand:
        inside = path.is_relative_to(PACKAGE)
        where = path.relative_to(PACKAGE if inside else ROOT).as_posix()
        yield f"src/rarebird/{where}" if inside else where, path.read_text("utf-8")


def banned(where: str, text: str) -> list[str]:
    """Return what should not stand in a text, each with what to write."""
    return [
        f"{where}: {found[0]!r}; write {word}"
        for pattern, word in PATTERNS.items()
        for found in re.finditer(pattern, text, re.I)
        if (where, found[0].lower()) not in ALLOWED
    ]


def test_public_text_uses_the_words_of_the_field():
    assert [told for where, text in texts() for told in banned(where, text)] == []


def test_there_is_text_to_read_and_every_exception_has_a_use():
    by_file = dict(texts())
    assert len(by_file) >= 160 and sum(map(len, by_file.values())) > 250_000
    for (where, word), reason in ALLOWED.items():
        assert word in by_file[where].lower() and len(reason.split()) >= 4


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("A remedy is compared with doing nothing.", 2),
        ("Rows are numbered anew, in 95 % of the cases.", 2),
        ("The ensemble is compared with the baseline in 95% of the cases.", 0),
        ("The wishing well", 0),
    ],
)
def test_the_rule_can_refuse(text, n):
    assert len(banned("x", text)) == n


def test_identifiers_are_no_text():
    parsed = ast.parse("engine = {'wish': f'{engine} % of', 'a': 'no gap here'}")
    assert sorted(sentences(parsed)) == ["no gap here", "{} % of"]
