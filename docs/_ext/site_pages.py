"""The generated pages: methods, papers, checks, references, the API and the command line.

``pages()`` returns their text by path; `site_hooks` writes them before Sphinx reads the sources.
"""

import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import rarebird
from rarebird.diagnose import CODES
from rarebird.registry import PLACES, Card, cards, papers
from rarebird.registry.index import load

DOCS = Path(__file__).resolve().parents[1]
FOLDERS = [
    found.name
    for found in pkgutil.iter_modules(rarebird.__path__)
    if not found.name.startswith("_")
    and found.name not in ("cli", "counts")
    and import_module(f"rarebird.{found.name}").__all__  # a folder may wait for its first method
]
QUESTIONS = {
    "data": "Data: which rows does the learner see, and which new ones?",
    "weight": "Weight: how much does each row or class count?",
    "batch": "Batch: what is in one training step?",
    "representation": "Representation: how are the features shaped?",
    "loss": "Loss: what is being minimised?",
    "ensemble": "Ensemble: which members, and who votes?",
    "decision": "Decision: how does a score become an action?",
    "around": "Around them: learners, metrics and checks",
}


ESCAPED = re.compile(r"([\\`*_{}\[\]<>|$~#])")


def pages() -> dict[str, str]:
    """Return the text of every generated page and fragment by its path in ``docs``."""
    return {
        **_methods(),
        **_papers(),
        **_checks(),
        **_references(),
        **_api(),
        **_command_line(),
        **_changes(),
    }


def md(text: str) -> str:
    """Return plain text as Markdown that shows it unchanged."""
    return ESCAPED.sub(r"\\\1", " ".join(text.split()))


def md_doc(text: str) -> str:
    """Return a sentence of a docstring as Markdown, with its code in backticks."""
    parts = re.split(r"(`+)(.+?)\1", text)  # text, backticks, code, text, ...
    return "".join(
        f"`{part}`" if i % 3 == 2 else ESCAPED.sub(r"\\\1", part) if i % 3 == 0 else ""
        for i, part in enumerate(parts)
    )


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table of cells that are Markdown already."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def anchor(card: Card) -> str:
    """Return the target of a method's entry."""
    return "method-" + re.sub(r"[^a-z0-9]+", "-", f"{card.role} {card.name}".lower())


def _link(card: Card) -> str:
    return f"[{md(card.label)}](#{anchor(card)})"


def _python(card: Card) -> str:
    return "{{py:obj}}`~{}.{}`".format(*card.imported_as)


def _cited(card: Card) -> str:
    labels = load()["references"]
    return ", ".join(
        f"[{md(key)}](#{'ref' if key in labels else 'paper'}-{key.lower()})" for key in card.papers
    )


def _study_use(card: Card) -> str:
    use = card.study
    if use is None:
        return ""
    effort = "timed" if use.effort is None else f"{use.effort:g} of a fit of the bare learner"
    said = [f"after {use.after} in simplicity" if use.after else "the simplest", f"cost {effort}"]
    if use.strengths:
        said.append("strengths " + " or ".join(_given(values) for values in use.strengths))
    if use.control_for:
        said.append(f"control for {use.control_for}")
    return ", ".join(said)


def _given(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items())


def _entry(card: Card) -> str:
    package, name = card.imported_as
    facts = {
        "role": md(card.role),
        "tasks": md(", ".join(card.tasks)),
        "inputs": md(", ".join(card.inputs)),
        "compared with": md(card.evidence),
        "rare cases": md(card.rare_cases),
        "in a study": md(_study_use(card)),
        "needs the extra": md(", ".join(card.requires)),
        "papers": _cited(card),
        "example": f"`{card.example}`",
        "API": f"{{py:obj}}`{package}.{name}`",
    }
    lines = [f"({anchor(card)})=", f"## {md(card.label)}", "", md(card.summary), ""]
    return "\n".join(lines + [f"- **{key}**: {value}" for key, value in facts.items() if value])


def _methods() -> dict[str, str]:
    found: dict[str, str] = {}
    overview = []
    for place in [place for place in PLACES if cards(place=place)]:
        here = cards(place=place)
        rows = [(_link(card), _python(card), md(card.role), md(card.summary)) for card in here]
        overview += [
            f"## {QUESTIONS[place]}\n",
            table(("method", "in Python", "role", "what it does"), rows),
            f"[More about each](methods/{place}.md)\n",
        ]
        entries = "\n\n".join(_entry(card) for card in here)
        found[f"methods/{place}.md"] = f"# {QUESTIONS[place]}\n\n{entries}\n"
    overview += [
        "```{toctree}",
        ":hidden:",
        "",
        *(name.removesuffix(".md") for name in found),
        "```\n",
    ]
    return {"_generated/methods.md": "\n".join(overview), **found}


def _papers() -> dict[str, str]:
    by_key = {(card.role, card.name): card for card in cards()}
    served, not_yet = [], []
    for row in papers():
        target = f"(paper-{row['slug']})="
        if not row["methods"]:
            not_yet.append(f"{target}\n- {md(row['title'])} ({md(row['kind'])}, `{row['slug']}`)")
            continue
        lines = [target, f"### {md(row['title'])}", "", f"`{row['slug']}`, {md(row['kind'])}", ""]
        for method in row["methods"]:
            card = by_key[method["role"], method["name"]]
            lines.append(
                f"- {_link(card)} ({md(card.role)}): {md(card.evidence)}; `{card.example}`"
            )
        served.append("\n".join(lines))
    text = f"{len(served)} of {len(served) + len(not_yet)} papers are served.\n\n## Served\n\n"
    text += "\n\n".join(served) + "\n\n## Not yet\n\n" + "\n\n".join(not_yet) + "\n"
    return {"_generated/papers.md": text}


def _checks() -> dict[str, str]:
    found = {}
    for code in CODES.values():
        parts = {
            "What it looks at": code.what,
            "Why it matters": code.why,
            "What to do": code.what_to_do,
        }
        text = [f"({code.code.lower()})=", f"# {code.code}: {md(code.title)}", ""]
        text += [f"## {title}\n\n{md(body)}\n" for title, body in parts.items()]
        found[f"checks/{code.code}.md"] = "\n".join(text)
    rows = [(f"[{c.code}](checks/{c.code}.md)", md(c.title), md(c.what)) for c in CODES.values()]
    return {"_generated/checks.md": table(("code", "finding", "what it looks at"), rows), **found}


def _references() -> dict[str, str]:
    entries = []
    for label, text in load()["references"].items():
        uses = ", ".join(_link(card) for card in cards(papers=label))
        entries.append(f"(ref-{label.lower()})=\n**{md(label)}**: {md(text)} Used by: {uses}.")
    return {"_generated/references.md": "\n\n".join(entries) + "\n"}


def _api() -> dict[str, str]:
    found = {}
    for folder in FOLDERS:
        package = f"rarebird.{folder}"
        module = import_module(package)
        rows = []
        for name in sorted(module.__all__, key=str.lower):
            value = getattr(module, name)
            found[f"api/{folder}/{_file_name(name, module)}.rst"] = _api_page(package, name, value)
            target = f"{{py:obj}}`~{package}.{name}`"
            rows.append((target, md_doc(_first_line(value))))
        lines = [f"({folder}-api)=", f"# {package}", "", inspect.getdoc(module) or "", ""]
        lines += [table(("name", "what it is"), rows), "```{toctree}", ":hidden:", ":glob:", ""]
        found[f"api/{folder}.md"] = "\n".join([*lines, f"{folder}/*", "```", ""])
    found["api/counts.rst"] = _api_page("rarebird.counts", "ClassCounts", rarebird.ClassCounts)
    return found


def _file_name(name: str, module: Any) -> str:
    """Return a file name that differs from others by more than its case."""
    twins = [other for other in module.__all__ if other.lower() == name.lower()]
    return name if len(twins) == 1 else f"{name}-{sorted(twins).index(name)}"


def _first_line(value: Any) -> str:
    if isinstance(value, str):
        return f"The string {value!r}."
    if isinstance(value, dict | tuple):
        return f"A {type(value).__name__} with {', '.join(map(str, value))}."
    if _is_value(value) and hasattr(value, "card"):
        return value.card.summary
    return " ".join((inspect.getdoc(value) or "").partition("\n\n")[0].split())


def _is_value(value: Any) -> bool:
    """Return whether it is an object with a name of its own, neither a class nor a function."""
    return not (inspect.isclass(value) or inspect.isroutine(value) or hasattr(value, "__wrapped__"))


def _api_page(package: str, name: str, value: Any) -> str:
    lines = [f"{name}", "=" * len(name), "", f".. py:currentmodule:: {package}", ""]
    if inspect.isclass(value):
        lines += [f".. autoclass:: {package}.{name}", "   :members:", "   :inherited-members:", ""]
    elif not _is_value(value):
        lines += [f".. autofunction:: {package}.{name}", ""]
    else:
        text = re.sub(r"([\\*`|_])", r"\\\1", _first_line(value))
        kind = type(value).__name__
        lines += [f".. py:data:: {name}", f"   :type: {kind}", "", f"   {text}", ""]
        if callable(value):
            call = inspect.signature(value)
            bare = [p.replace(annotation=p.empty) for p in call.parameters.values()]
            call = call.replace(parameters=bare, return_annotation=call.empty)
            lines += [f"   Called as ``{name}{call}``; the rest is told at `{kind}`.", ""]
    card = getattr(value, "card", None)
    if card is not None:
        lines += [f"In the index of methods: :ref:`{anchor(card)}`.", ""]
    return "\n".join(lines)


def _command_line() -> dict[str, str]:
    from typer.main import get_command
    from typer.testing import CliRunner

    from rarebird.cli.app import app

    parts = []
    for words in [[], *([name] for name in get_command(app).commands)]:  # type: ignore[attr-defined]
        said = CliRunner(env={"COLUMNS": "100"}).invoke(
            app, [*words, "--help"], prog_name="rarebird"
        )
        title = " ".join(["rarebird", *words])
        parts.append(f"## {title}\n\n```text\n{said.output.strip()}\n```\n")
    return {"_generated/command-line.md": "\n".join(parts)}


def _changes() -> dict[str, str]:
    command = [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "Unreleased"]
    done = subprocess.run(command, cwd=DOCS.parent, capture_output=True, text=True, check=True)
    return {"_generated/unreleased.md": done.stdout.strip() + "\n"}
