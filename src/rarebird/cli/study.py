"""``rarebird study``: its options are those of `StudyFile`."""

import inspect
import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rarebird._errors import BudgetError
from rarebird.study.options import STOPPED, Option, options_of
from rarebird.study.study_file import StudyFile, read_study

from .progress import show_progress

if TYPE_CHECKING:
    from rarebird.diagnose.check import Check
    from rarebird.study.result import StudyResult

_OPTIONS = options_of(StudyFile)
_FIRST = ("file", "target", "example")
_MOST_ALIKE = 3  # dangers of one code that are told in full
_QUIET = Option("Say only what went wrong.", flags=("--quiet", "-q"), reads=bool)


def flag_of(name: str) -> str:
    """Return how the command line spells a parameter.

    Examples
    --------
    >>> flag_of("min_recall"), flag_of("n_jobs")
    ('--min-recall', '--jobs')
    """
    flags = _OPTIONS[name].flags if name in _OPTIONS else ()
    return flags[0] if flags else f"--{name.replace('_', '-')}"


def _parameter(name: str, option: Option) -> inspect.Parameter:
    """Return what typer makes an argument or an option from."""
    more: dict[str, Any] = {"help": option.help}
    if option.completes:
        more["autocompletion"] = lambda incomplete: [
            value for value in option.completes if value.startswith(incomplete)
        ]
    flags = option.flags or (flag_of(name),)
    if not flags[0].startswith("-"):
        kind: Any = Annotated[str | None, typer.Argument(**more)]
    elif option.reads is bool:
        kind = Annotated[bool, typer.Option(*flags, **more)]
    else:
        kind = Annotated[option.reads | None, typer.Option(*flags, **more)]
    default = False if option.reads is bool else None
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, keyword, default=default, annotation=kind)


def study(quiet: bool = False, **given: Any) -> None:
    """Study a table: diagnose, compare treatments with the baseline, choose, write a model."""
    stated = {
        name: value for name, value in given.items() if value is not None and value is not False
    }
    if str(stated.get("file", "")).endswith(".toml"):
        stated = read_study(Path(stated.pop("file"))) | stated
    command = shlex.join(["rarebird", *sys.argv[1:]])

    def run(**more: Any) -> "StudyResult":
        with show_progress(quiet) as progress:
            return StudyFile(**stated, **more, progress=progress).start(command=command)

    try:
        result = run()
    except BudgetError as error:
        if quiet or not sys.stdin.isatty() or not typer.confirm(f"{error} Begin?"):
            raise
        result = run(yes=True)
    if quiet:
        return _end(result)
    _tell_dangers(result.report.dangers)
    for text in result.sentences().values():
        if text:
            typer.echo(text)
    typer.echo(f"\nThe report: {Path(str(result.folder), 'report.html')}")
    _end(result)


def _end(result: "StudyResult") -> None:
    """End as an interrupted command does, where the study was."""
    if result.report.ended == STOPPED:
        raise KeyboardInterrupt


def _tell_dangers(dangers: "Sequence[Check]") -> None:
    """Print what makes a verdict worthless, in red on a terminal; of one code a few."""
    told = Counter[str]()
    for danger in dangers:
        told[danger.code] += 1
        if told[danger.code] <= _MOST_ALIKE:
            typer.secho(f"Danger: {danger.title}. {danger.message}", fg="red", bold=True)
    for code, n in told.items():
        if n > _MOST_ALIKE:
            typer.secho(f"Danger: {n - _MOST_ALIKE} more of {code}.", fg="red", bold=True)
    if told:
        typer.echo()


study.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        *(_parameter(name, _OPTIONS[name]) for name in _FIRST),
        *(_parameter(name, each) for name, each in _OPTIONS.items() if name not in _FIRST),
        _parameter("quiet", _QUIET),
    ]
)
study.__annotations__ = {
    name: each.annotation
    for name, each in study.__signature__.parameters.items()  # type: ignore[attr-defined]
}
