"""The documentation: every method, paper, check and public name has its entry; it is offline."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import site_hooks
import site_pages
from rarebird import cards
from rarebird.diagnose import CODES
from rarebird.registry import papers
from rarebird.registry.index import load

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return site_pages.pages()


def test_every_method_has_an_entry_with_what_its_card_says(pages):
    for card in cards():
        text = pages[f"methods/{card.place}.md"]
        entry = text.split(f"({site_pages.anchor(card)})=\n")[1].split("\n(method-")[0]
        for told in (card.summary, card.role, card.evidence, card.rare_cases, *card.tasks):
            assert site_pages.md(told) in entry, (card.name, told)
        assert f"`{card.example}`" in entry
        assert ("in a study" in entry) == (card.study is not None)
        assert f"(#{site_pages.anchor(card)})" in pages["_generated/methods.md"]
    anchors = {site_pages.anchor(card) for card in cards()}
    assert len(anchors) == len(cards()) >= 85


def test_every_paper_has_an_entry(pages):
    served, not_yet = pages["_generated/papers.md"].split("## Not yet")
    for row in papers():
        text = served if row["methods"] else not_yet
        entry = text.split(f"(paper-{row['slug']})=\n")[1].split("\n(paper-")[0]
        assert site_pages.md(row["title"]) in entry
        for method in row["methods"]:
            assert f"`{method['example']}`" in entry
            assert site_pages.md(method["evidence"]) in entry
    assert pages["_generated/papers.md"].count("(paper-") == 211


def test_every_check_has_a_page_with_a_stable_address(pages):
    assert len(CODES) >= 23
    for code in CODES.values():
        text = pages[f"checks/{code.code}.md"]
        assert text.startswith(f"({code.code.lower()})=\n# {code.code}: ")
        assert all(site_pages.md(part) in text for part in (code.what, code.why, code.what_to_do))


def test_every_reference_says_who_uses_it(pages):
    text = pages["_generated/references.md"]
    assert len(load()["references"]) >= 21
    for label in load()["references"]:
        entry = text.split(f"(ref-{label.lower()})=\n")[1].split("\n(ref-")[0]
        assert "](#method-" in entry.split("Used by: ")[1]


def test_every_public_name_has_a_page(pages):
    assert len(site_pages.FOLDERS) >= 13
    for folder in site_pages.FOLDERS:
        for name in import_module(f"rarebird.{folder}").__all__:
            assert f"`~rarebird.{folder}.{name}`" in pages[f"api/{folder}.md"]
            found = [
                text for path, text in pages.items() if path.startswith(f"api/{folder}/{name}")
            ]
            assert any(text.startswith(f"{name}\n=") for text in found)


def test_every_command_and_the_changes_to_come_are_there(pages):
    for command in ("study", "predict", "methods", "papers"):
        assert f"## rarebird {command}\n" in pages["_generated/command-line.md"]
    assert pages["_generated/unreleased.md"].startswith("## Unreleased")


def test_two_names_that_differ_in_case_have_two_files():
    module = import_module("rarebird.metrics")
    files = [site_pages._file_name(name, module).lower() for name in module.__all__]
    assert len(set(files)) == len(files)


def test_bars_are_lengths_outside_of_code():
    lines = ["|x| and ``|y|``", ">>> a | b", "{|}", "", "max(|z|)"]
    site_hooks.bars(None, "class", "", None, None, lines)
    assert lines == [r"\|x\| and ``|y|``", ">>> a | b", "{|}", "", r"max(\|z\|)"]


@pytest.mark.parametrize(
    ("page", "refused"),
    [
        ('<script src="https://cdn.example/x.js">', True),
        ('<link rel="stylesheet" href="//fonts.example/x.css">', True),
        ("<style>@import 'https://fonts.example/x.css'</style>", True),
        ("<style>b { background: url(https://x.example/x.png) }</style>", True),
        ('<img src="http://x.example/x.png">', True),
        ('<script src="_static/x.js">', False),
        ('<a href="https://pradyunsg.example">a link asks for nothing</a>', False),
    ],
)
def test_a_page_that_asks_for_something_from_outside_is_found(tmp_path, page, refused):
    (tmp_path / "page.html").write_text(page, "utf-8")
    assert site_hooks.from_outside(tmp_path) == (["page.html"] if refused else [])


def test_links_of_the_markdown_by_hand_lead_somewhere():
    by_hand = [DOCS.parent / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    by_hand += [*DOCS.glob("*.md"), *(DOCS / "guides").glob("*.md")]
    n = 0
    for path in by_hand:
        for target in re.findall(r"\]\(([^)#\s]+)\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
            n += 1
    assert n >= 30


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    done = subprocess.run(
        [*command, str(DOCS), str(tmp_path)], cwd=DOCS.parent, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "checks" / "RB005.html").is_file()
    assert "SMOTENC" in (tmp_path / "api" / "resample" / "SMOTE.html").read_text("utf-8")
