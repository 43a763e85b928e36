"""The documentation builds, is whole, and needs no network."""

import importlib.util
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rarebird.diagnose import CODES
from rarebird.registry import cards

ROOT = Path(__file__).parents[2]
EXTERNAL = re.compile(r"[a-z]+:")
CITED = (  # Davis and Goadrich (2006), Cui et al., 2019, Elkan 2001
    r"[A-Z][a-z]+(?:'s interval| et al\.| and [A-Z][a-z]+)?,? \(?((?:19|20)\d\d)\)?[,;.) ]"
)


def load_build():
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "docs" / "build.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_build"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


build = load_build()


class Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.targets, self.loaded, self.ids = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        for name in ("href", "src"):
            if name in attrs:
                (self.targets if tag == "a" else self.loaded).append(attrs[name])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    build.build(out)
    return out


@pytest.fixture(scope="module")
def pages(site):
    return {path: Links(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}


def test_every_link_leads_to_something(site, pages):
    assert len(pages) > 80
    for path, page in pages.items():
        for target in [*page.targets, *page.loaded]:
            if EXTERNAL.match(target):
                continue
            name, _, anchor = target.partition("#")
            goal = (path.parent / name).resolve() if name else path
            assert goal.is_file(), f"{path.relative_to(site)}: {target}"
            if anchor:
                assert anchor in pages[goal].ids, f"{path.relative_to(site)}: {target}"


def test_nothing_is_loaded_from_elsewhere(pages):
    for path, page in pages.items():
        assert [t for t in page.loaded if EXTERNAL.match(t) and t != "data:,"] == [], path


def test_ids_are_unique(pages):
    for path, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), path


def test_every_card_has_a_page_with_its_evidence(site):
    index = (site / "methods.html").read_text("utf-8")
    paths = [build.method_path(card) for card in cards()]
    assert len(set(paths)) == len(paths) >= 40
    for card, path in zip(cards(), paths, strict=True):
        assert f'href="{path}"' in index
        text = (site / path).read_text("utf-8")
        assert build.html.escape(card.evidence) in text
        assert build.html.escape(card.summary) in text


def test_every_check_code_has_a_page_and_an_anchor(site, pages):
    assert len(CODES) >= 20
    for code, row in CODES.items():
        assert code in pages[site / "checks.html"].ids
        assert build.html.escape(row.what_to_do) in (site / "checks" / f"{code}.html").read_text()


def test_every_public_name_is_in_the_api(site, pages):
    from importlib import import_module

    for module in build.MODULES:
        names = import_module(f"rarebird.{module}").__all__
        assert names and set(names) <= set(pages[site / "api" / f"{module}.html"].ids)


def test_the_command_line_is_there(site):
    text = (site / "cli.html").read_text("utf-8")
    assert all(f'id="{name}"' in text for name in ("study", "predict", "methods"))
    assert "--min-precision" in text


def test_a_docstring_becomes_fields_and_code():
    found = build.docstring(
        "Say x * y.\n\nParameters\n----------\na, b : int\n    Both, ``0 < a``.\nc : str\n    Name."
        "\n\nExamples\n--------\n>>> 1 + 1\n2\n"
    )
    assert "Say x * y." in found
    assert "<dt><code>a, b : int</code></dt><dd><p>Both, <code>0 &lt; a</code>.</p>" in found
    assert found.count("<dt>") == 2
    assert "&gt;&gt;&gt;" in found


def test_code_stands_in_one_box():
    found = build.markdown("```sh\nls -l\n```")
    assert found.count("<pre") == 1 and found.startswith('<pre class="code">')


def test_a_dead_link_in_markdown_stops_the_build():
    with pytest.raises(SystemExit, match="leads nowhere"):
        build.markdown("[x](nowhere.md)", "README.md", "index.html")


# --- references and dependencies ---------------------------------------------------------------


def test_every_paper_of_a_card_is_known():
    entries, slugs = build.bibliography(), build.slugs()
    papers = {card.paper for card in cards()} - {""}
    assert len(papers) >= 10
    assert papers <= {*entries, *slugs}
    assert set(slugs) <= papers, "a slug that no card uses"


def test_every_reference_is_whole():
    entries = build.bibliography()
    source = (ROOT / "docs" / "references.bib").read_text("utf-8")
    assert len(entries) == source.count("\n@") + 1
    for key, entry in entries.items():
        assert {"author", "title", "year"} <= set(entry), key
        assert re.fullmatch(r"(19|20)\d\d", entry["year"]), key


def test_every_work_that_a_docstring_cites_is_in_the_references():
    entries = build.bibliography().values()
    years = [(entry["author"].split(",")[0].split()[-1], entry["year"]) for entry in entries]
    cited = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        text = re.sub(r"\s+", " ", path.read_text("utf-8"))
        for found in re.finditer(CITED, text):
            before = text[max(0, found.start() - 160) : found.end()]
            cited.append((path.name, found.group(0), before, found.group(1)))
    assert len(cited) >= 20
    for name, words, before, year in cited:
        assert any(year == y and author in before for author, y in years), f"{name}: {words}"


def test_every_dependency_has_its_reason():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    wanted = {("", need) for need in project["dependencies"]}
    for extra, needs in project["optional-dependencies"].items():
        wanted |= {(extra, need) for need in needs if not need.startswith("rarebird[")}
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in text.splitlines()]
    core = {("", f"{r[0]}>={r[1]}") for r in rows if len(r) == 4}
    extras = {(r[0], f"{r[1]}>={r[2]}") for r in rows if len(r) == 5}
    listed = {row for row in core | extras if row[1][-1].isdigit()}
    assert listed == wanted
