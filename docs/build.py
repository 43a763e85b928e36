"""Build the documentation: a static site of plain files that needs no server and no network.

    python docs/build.py [--out docs/_site]

The method index, the check pages, the API and the command line are generated from the registry,
the docstrings and ``--help``; the guides are Markdown by hand.
"""

import argparse
import html
import inspect
import posixpath
import re
import shutil
import textwrap
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import jinja2
from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
MODULES = (
    "study", "resample", "neighbors", "decide", "metrics", "diagnose", "ensemble", "weight", "data",
)  # fmt: skip
PLACES = {
    "data": "Data: which rows does the learner see, and which new ones?",
    "weight": "Weight: how much does each row or class count?",
    "batch": "Batch: what is in one step of training?",
    "representation": "Representation: how are the features shaped?",
    "loss": "Loss: what is being minimised?",
    "committee": "Committee: which experts, and who votes?",
    "decision": "Decision: how does a score become an action?",
    "around": "Around them: learners, checks and measures",
}
GUIDES = (
    "first-study", "state-what-you-want", "is-doing-nothing-enough", "use-the-model",
    "read-the-report", "which-resampler", "coming-from-imbalanced-learn", "the-library",
)  # fmt: skip
SOURCES = {  # Markdown by hand, and the page each becomes
    "README.md": "index.html",
    **{f"docs/guides/{name}.md": f"guides/{name}.html" for name in GUIDES},
    "docs/dependencies.md": "dependencies.html",
    "CONTRIBUTING.md": "contributing.html",
    "CHANGELOG.md": "changelog.html",
}
LINKS = {  # what else a Markdown file may link to
    **SOURCES,
    "docs/guides": "index.html",
    "src/rarebird/diagnose/check.py": "checks.html",
    "src/rarebird/registry.py": "methods.html",
    "src/rarebird/cli.py": "cli.html",
    "docs/references.bib": "references.html",
    "examples": "examples.html",
    "LICENSE": "LICENSE",
}


@dataclass
class Page:
    """A page of the site: where it lies, what it is called, and its body."""

    path: str
    title: str
    body: str
    section: str = ""


@dataclass
class Section:
    """One part of a numpydoc docstring; ``items`` are (name, text) pairs of a list of fields."""

    title: str
    text: str
    items: list[tuple[str, str]] = field(default_factory=list)


# --- Markdown and docstrings -----------------------------------------------------------------


def code(text: str, language: str) -> str:
    try:
        lexer = get_lexer_by_name({"sh": "bash", "": "text"}.get(language, language))
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    return f'<pre class="code">{highlight(text, lexer, HtmlFormatter(nowrap=True))}</pre>'


def slug(text: str) -> str:
    """Return a name for an address: recall@1% becomes recall-1."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")


def markdown(text: str, source: str = "", page: str = "") -> str:
    """Return HTML; headings get an id, and links to files of the project lead to their pages."""
    parser = MarkdownIt("commonmark", {"highlight": lambda t, lang, _: code(t, lang)})
    tokens = parser.enable("table").parse(text)
    for i, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slug(re.sub(r"[`*]", "", tokens[i + 1].content)))
        for child in token.children or ():
            for name in ("href", "src"):
                target = child.attrGet(name)
                if isinstance(target, str):
                    child.attrSet(name, moved(target, source, page))
    return parser.renderer.render(tokens, parser.options, {})


def moved(target: str, source: str, page: str) -> str:
    """Return where a link in a Markdown file leads on the page made from it."""
    if re.match(r"[a-z]+:|#", target) or not source:
        return target
    name, _, anchor = target.partition("#")
    file = posixpath.normpath(posixpath.join(posixpath.dirname(source), name))
    if file in LINKS:
        goal = LINKS[file]
    elif file.startswith("docs/images/"):
        goal = file.removeprefix("docs/")
    elif file.startswith("examples/"):
        goal, anchor = "examples.html", slug(Path(file).stem)
    else:
        raise SystemExit(f"{source}: the link {target!r} leads nowhere on the site.")
    return relative(goal, page) + (f"#{anchor}" if anchor else "")


def relative(goal: str, page: str) -> str:
    return posixpath.relpath(goal, posixpath.dirname(page) or ".")


def sections(doc: str) -> list[Section]:
    """Cut a numpydoc docstring at its underlined headings; the first section has no title."""
    parts = re.split(r"^([A-Z][A-Za-z ]+)\n-{3,}\n", inspect.cleandoc(doc) + "\n", flags=re.M)
    found = [Section("", parts[0].strip())]
    for title, text in zip(parts[1::2], parts[2::2], strict=True):
        section = Section(title, text.strip("\n"))
        if title in ("Parameters", "Attributes", "Returns", "Raises"):
            for block in re.split(r"\n(?=\S)", section.text):
                name, _, rest = block.partition("\n")
                section.items.append((name, textwrap.dedent(rest).strip()))
        found.append(section)
    return found


def docstring(doc: str | None, *, skip: tuple[str, ...] = ()) -> str:
    """Return a docstring as HTML."""
    out = []
    for section in sections(doc or ""):
        if section.title in skip:
            continue
        if section.title:
            out.append(f"<h4>{section.title}</h4>")
        if section.items:
            rows = "".join(
                f"<dt><code>{html.escape(name)}</code></dt><dd>{prose(text)}</dd>"
                for name, text in section.items
            )
            out.append(f"<dl>{rows}</dl>")
        elif section.title == "Examples":
            out.append(code(section.text, "pycon"))
        else:
            out.append(prose(section.text))
    return "\n".join(out)


def prose(text: str) -> str:
    """Return docstring text as HTML; a star or a dollar in a formula is only that."""
    return markdown(re.sub(r"(?<!\\)\*", r"\\*", text.replace("``", "`")))


def signature(name: str, thing: Any) -> str:
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return name
    bare = found.replace(
        parameters=[p.replace(annotation=p.empty) for p in found.parameters.values()],
        return_annotation=found.empty,
    )
    text = f"{name}{bare}"
    if len(text) > 88:
        text = f"{name}(\n    " + ",\n    ".join(_parameters(bare)) + ",\n)"
    return code(text, "python")


def _parameters(found: inspect.Signature) -> list[str]:
    out, star = [], False
    for p in found.parameters.values():
        if p.kind is p.KEYWORD_ONLY and not star:
            out.append("*")
            star = True
        star = star or p.kind is p.VAR_POSITIONAL
        out.append(str(p))
    return out


# --- generated pages -------------------------------------------------------------------------


def bibliography() -> dict[str, dict[str, str]]:
    """Return the entries of references.bib: one field a line, values in braces."""
    text = (DOCS / "references.bib").read_text("utf-8")
    entries = {}
    for key, body in re.findall(r"^@\w+\{([^,\s]+),\n(.*?)^\}", text, flags=re.M | re.S):
        entries[key] = dict(re.findall(r"^\s*(\w+) = \{(.*)\},?$", body, flags=re.M))
    return entries


def slugs() -> list[str]:
    lines = (DOCS / "paper_slugs.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def cited(entry: dict[str, str]) -> str:
    where = entry.get("journal") or entry.get("booktitle") or entry.get("publisher") or ""
    text = f"{entry['author'].replace(' and ', ', ')} ({entry['year']}). {entry['title']}."
    return html.escape(text) + (f" <i>{html.escape(where)}</i>." if where else "")


def source_of(card: Any, page: str) -> str:
    if not card.paper:
        return ""
    entries = bibliography()
    if card.paper in entries:
        goal = relative("references.html", page)
        return f'<a href="{goal}#{card.paper}">{cited(entries[card.paper])}</a>'
    return f"the paper <code>{html.escape(card.paper)}</code> of the method index"


def method_path(card: Any) -> str:
    return f"methods/{card.role}-{slug(card.name)}.html"


def anchors() -> dict[int, str]:
    """Return where each public object is documented, by its id."""
    found = {}
    for module in MODULES:
        package = import_module(f"rarebird.{module}")
        for name in package.__all__:
            found.setdefault(id(getattr(package, name)), f"api/{module}.html#{name}")
    return found


def documented(card: Any, thing: Any) -> tuple[str, Any, str]:
    """Return the name, the object whose docstring tells of a card, and how to call the method."""
    if inspect.isclass(thing) or inspect.isfunction(thing):
        return thing.__name__, thing, ""
    if card.role == "metric":
        metrics = import_module("rarebird.metrics")
        fn = thing.fn.func if isinstance(thing.fn, partial) else thing.fn
        stem = re.sub(r"_of_(cells|matrix)$", "", fn.__name__)
        names = [name for name in metrics.__all__ if name == stem or name.endswith(f"_{stem}")]
        if not names:
            raise SystemExit(f"The metric {card.name!r} has no public function {stem!r}.")
        return names[0], getattr(metrics, names[0]), f'rarebird.metrics.get_metric("{card.name}")'
    use = f"rarebird study FILE --target COLUMN --remedies {card.name}"
    if card.name == "nothing":
        use = "rarebird study FILE --target COLUMN   # it is a row of every comparison"
    built = type(thing.build(thing.settings(1)[0], categorical=(), seed=0, threads=1))
    return built.__name__, built, use


def method_page(card: Any) -> Page:
    from rarebird.registry import method

    page = method_path(card)
    name, thing, use = documented(card, method(card.role, card.name))
    parts = {section.title: section.text for section in sections(inspect.getdoc(thing) or "")}
    rows = {
        "Role": card.role,
        "Place": card.place,
        "Tasks": ", ".join(card.tasks),
        "Works on": ", ".join(card.inputs),
        "Makes sense for": ", ".join(card.objectives),
        "Compared with": html.escape(card.evidence),
        "Source": source_of(card, page),
        "Complexity and notes": prose(parts["Notes"]) if "Notes" in parts else "",
        "Rare cases": html.escape(card.rare_cases),
    }
    if card.role in ("remedy", "ensemble", "learner"):
        rows["Missing values"] = "taken as they are" if card.takes_missing else "filled in first"
    if card.role in ("remedy", "ensemble"):
        rows["Its probabilities"] = (
            "repaired by a prior correction" if card.prior_correctable
            else "calibrated on real rows"
        )  # fmt: skip
    if card.control_for:
        goal = relative(f"methods/remedy-{slug(card.control_for)}.html", page)
        rows["Control for"] = f'<a href="{goal}">{card.control_for}</a>'
    table = "".join(f"<tr><th>{k}</th><td>{v}</td></tr>" for k, v in rows.items() if v)
    body = f"<h1>{html.escape(card.name)}</h1><p>{html.escape(card.summary)}</p>"
    body += f'<table class="facts">{table}</table>'
    if use:
        body += "<h2>Use</h2>" + code(use, "bash" if use.startswith("rarebird ") else "python")
        body += "<h2>What it rests on</h2>"
    else:
        body += "<h2>Signature</h2>"
    body += signature(name, thing) + docstring(inspect.getdoc(thing), skip=("Notes",))
    goal = anchors().get(id(thing))
    if goal:
        body += f'<p>In the API: <a href="{relative(goal, page)}"><code>{name}</code></a>.</p>'
    return Page(page, card.name, body, "methods")


def method_index(cards: list[Any]) -> Page:
    body = "<h1>Methods</h1><p>Every method, from the registry (<code>rarebird methods</code>).</p>"
    for place, question in PLACES.items():
        here = [card for card in cards if card.place == place]
        if not here:
            continue
        body += f'<h2 id="{place}">{question}</h2>'
        for role in dict.fromkeys(card.role for card in here):
            rows = "".join(
                f'<tr><td><a href="{method_path(card)}">{html.escape(card.name)}</a></td>'
                f"<td>{html.escape(card.summary)}</td><td>{html.escape(card.evidence)}</td></tr>"
                for card in here
                if card.role == role
            )
            head = "<tr><th>name</th><th>what it does</th><th>compared with</th></tr>"
            body += f"<h3>{role}</h3><table>{head}{rows}</table>"
    return Page("methods.html", "Methods", body)


def check_pages() -> list[Page]:
    from rarebird.diagnose import CODES

    pages, rows = [], ""
    for row in CODES.values():
        path = f"checks/{row.code}.html"
        rows += (
            f'<tr id="{row.code}"><td><a href="{path}">{row.code}</a></td>'
            f"<td>{html.escape(row.title)}</td><td>{html.escape(row.what)}</td></tr>"
        )
        body = (
            f'<h1 id="{row.code}">{row.code}: {html.escape(row.title)}</h1>'
            f"<p>{html.escape(row.what)}</p><h2>Why it matters</h2><p>{html.escape(row.why)}</p>"
            f"<h2>What to do</h2><p>{html.escape(row.what_to_do)}</p>"
        )
        pages.append(Page(path, f"{row.code} {row.slug}", body, "checks"))
    head = "<tr><th>code</th><th>title</th><th>what it says</th></tr>"
    body = (
        "<h1>Checks</h1><p>What a study may find in a table. A code never changes its meaning; its "
        "severity (info, warning, danger) depends on the numbers.</p>"
        f"<table>{head}{rows}</table>"
    )
    return [Page("checks.html", "Checks", body), *pages]


def api_pages() -> list[Page]:
    pages = []
    top = [("ClassCounts", "rarebird.counts"), ("cards", "rarebird.registry")]
    body = "<h1>rarebird</h1>" + "".join(
        entry(name, getattr(import_module(module), name)) for name, module in top
    )
    links = "".join(
        f'<li><a href="api/{m}.html">rarebird.{m}</a>: '
        f"{html.escape((import_module(f'rarebird.{m}').__doc__ or '').strip())}</li>"
        for m in MODULES
    )
    pages.append(Page("api.html", "API", f"<h1>API</h1><ul>{links}</ul>{body}"))
    for module in MODULES:
        package = import_module(f"rarebird.{module}")
        body = f"<h1>rarebird.{module}</h1>{docstring(package.__doc__)}"
        body += "".join(entry(name, getattr(package, name)) for name in package.__all__)
        pages.append(Page(f"api/{module}.html", f"rarebird.{module}", body, "api"))
    return pages


def entry(name: str, thing: Any) -> str:
    """Return a public object with its signature, its docstring and, for a class, its methods."""
    out = f'<section><h2 id="{name}">{name}</h2>'
    if not callable(thing):
        return out + f"<p>A constant: {type(thing).__name__} of {len(thing)}.</p></section>"
    out += signature(name, thing) + docstring(inspect.getdoc(thing))
    if inspect.isclass(thing):
        for key, value in inspect.getmembers(thing, inspect.isroutine):
            ours = (getattr(value, "__module__", "") or "").startswith("rarebird")
            if ours and not key.startswith("_"):
                out += f'<h3 id="{name}.{key}">{key}</h3>' + signature(key, value)
                out += docstring(inspect.getdoc(value))
    return out + "</section>"


def cli_page() -> Page:
    from typer.testing import CliRunner

    from rarebird.cli import app

    names = [command.name or command.callback.__name__ for command in app.registered_commands]
    body = "<h1>Command line</h1>"
    for name in ("", *names):
        words = [name] if name else []
        shown = " ".join(["rarebird", *words])
        text = CliRunner().invoke(app, [*words, "--help"], prog_name="rarebird").output
        body += f'<h2 id="{name or "rarebird"}">{shown}</h2>' + code(text, "text")
    return Page("cli.html", "Command line", body)


def references_page() -> Page:
    rows = "".join(
        f'<li id="{key}">{cited(entry)} <code>{key}</code></li>'
        for key, entry in sorted(bibliography().items(), key=lambda row: row[1]["author"])
    )
    return Page("references.html", "References", f"<h1>References</h1><ul>{rows}</ul>")


def examples_page() -> Page:
    body = "<h1>Examples</h1><p>One small file a question; every one runs in the tests.</p>"
    for path in sorted((ROOT / "examples").glob("*.py")):
        name = path.stem.replace("_", " ")
        body += f'<h2 id="{slug(path.stem)}">{name}</h2>' + code(path.read_text("utf-8"), "python")
    return Page("examples.html", "Examples", body)


def written_pages() -> list[Page]:
    pages = []
    for source, path in SOURCES.items():
        text = (ROOT / source).read_text("utf-8")
        title = re.search(r"^# (.+)$", text, flags=re.M).group(1)
        pages.append(Page(path, title, markdown(text, source, path), path.partition("/")[0]))
    return pages


def build(out: Path) -> list[Page]:
    """Write the whole site into a folder, and return its pages."""
    from rarebird.registry import cards

    found = cards()
    pages = [
        *written_pages(), method_index(found), *map(method_page, found), *check_pages(),
        *api_pages(), cli_page(), examples_page(), references_page(),
    ]  # fmt: skip
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(DOCS / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    template = templates.get_template("page.html")
    titles = {page.path: page.title for page in pages}
    guides = [path for path in titles if path.startswith("guides/")]
    more = ["methods.html", "checks.html", "api.html", "cli.html", "examples.html"]
    more += ["dependencies.html", "references.html", "contributing.html", "changelog.html"]
    if out == DOCS / "_site" and out.exists():  # nobody's folder but ours is emptied
        shutil.rmtree(out)
    for page in pages:
        file = out / page.path
        file.parent.mkdir(parents=True, exist_ok=True)
        text = template.render(
            page=page,
            home=relative("index.html", page.path),
            style=relative("style.css", page.path),
            menus=[
                [(relative(path, page.path), titles[path], path == page.path) for path in menu]
                for menu in (guides, more)
            ],
        )
        file.write_text(text, "utf-8")
    style = (DOCS / "templates" / "style.css").read_text("utf-8")
    (out / "style.css").write_text(style + HtmlFormatter().get_style_defs(".code"), "utf-8")
    shutil.copytree(DOCS / "images", out / "images", dirs_exist_ok=True)
    shutil.copy(ROOT / "LICENSE", out / "LICENSE")
    return pages


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the documentation.")
    parser.add_argument("--out", type=Path, default=DOCS / "_site", help="the folder to write")
    out = parser.parse_args().out
    pages = build(out)
    print(f"{len(pages)} pages in {out}")


if __name__ == "__main__":
    main()
