"""The command line: study, predict, methods. Heavy imports happen inside the commands."""

import contextlib
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from . import __version__
from ._compat import cli_errors
from ._errors import RarebirdError

app = typer.Typer(
    name="rarebird",
    add_completion=False,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="""Learning when some outcomes are rare: fraud, churn, disease, defects.

    \b
    First steps:
      rarebird study --example digits                    try it on data that is already here
      rarebird study sales.csv --target churned          your own table, ten minutes at most
      rarebird study sales.csv --target churned --quick  a first look, under a minute
      rarebird predict rarebird-study-sales new.csv      decisions and probabilities for new rows

    \b
    A study reads the table, says what makes the rare class hard, compares remedies with doing
    nothing on the same folds, chooses by what you state (--objective, --cost, --min-precision,
    --min-recall, --capacity), calibrates, decides, measures once on rows that nothing has seen,
    and writes a report and a model. "Nothing helps" is an answer. Interrupt it at any time: the
    same command goes on where it stopped.

    \b
    Exit codes: 0 done (also when nothing helps), 2 the input cannot be used (one line says why),
    130 interrupted (go on with the same command).""",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rarebird {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(2)


def _seconds(text: str) -> float:
    """Read 90, 90s, 15m or 2h.

    Examples
    --------
    >>> _seconds("15m"), _seconds("90")
    (900.0, 90.0)
    """
    from ._errors import ParameterError

    units = {"s": 1, "m": 60, "h": 3600}
    number = text.strip().lower()
    unit = units.get(number[-1:], 0)
    try:
        return float(number[:-1]) * unit if unit else float(number)
    except ValueError:
        raise ParameterError(
            f"--time-budget={text!r} is not allowed; write seconds, or 90s, 15m, 2h."
        ) from None


@contextlib.contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Yield a progress callable: a bar on a terminal, plain lines elsewhere, nothing with -q."""
    if quiet:
        yield lambda stage, done, total: None
        return
    if not sys.stderr.isatty():
        last: list[tuple[str, int]] = [("", -1)]

        def line(stage: str, done: int, total: int) -> None:
            tenth = 10 * done // max(total, 1)
            if (stage, tenth) != last[0]:
                last[0] = (stage, tenth)
                count = f" {done}/{total}" if total > 1 else ""
                print(f"{stage}{count}", file=sys.stderr, flush=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        shown = [""]

        def move(stage: str, done: int, total: int) -> None:
            if stage != shown[0]:
                shown[0] = stage
                bar.reset(task, description=stage, total=total if total > 1 else None)
            bar.update(task, completed=done, description=stage)

        yield move


# what study.toml may hold; a wish may also be a number, costs a table or a matrix
_STORED = {
    **dict.fromkeys(("file", "example", "target", "test", "objective", "time", "group"), (str,)),
    **dict.fromkeys(("min_precision", "min_recall", "capacity"), (str, int, float)),
    "cost": (str, list, dict),
    "positive": (str, int, float, bool),
    "time_budget": (int, float),
    "quick": (bool,),
    "seed": (int,),
    "remedies": (list,),
}


def _from_toml(path: Path) -> dict[str, Any]:
    import tomllib

    from ._errors import DataError, suggest

    try:
        stored = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or error
        raise DataError(f"{path} cannot be read as a study ({what}).") from error
    for key, value in stored.items():
        if key not in _STORED:
            raise DataError(f"{path}: a study has no {key!r}.{suggest(key, _STORED)}")
        if type(value) not in _STORED[key]:
            raise DataError(f"{path}: {key} = {value!r} is not of the right type.")
    if ("file" in stored) == ("example" in stored):
        raise DataError(
            f"{path} names no table: the study was run on one in memory. Add a line file = ..."
            if "file" not in stored
            else f"{path} names a file and an example; give one of them."
        )
    return stored


def _default_out(name: str) -> Path:
    base = Path(name).name or "table"
    base = re.sub(r"(?i)(\.(csv|tsv|parquet|pq|feather|arrow|ipc|jsonl|ndjson))?(\.gz)?$", "", base)
    base = re.sub(r"(\[[^]]*\]|[*?])+", "all", base)  # a glob
    return Path("rarebird-study-" + (base or "table"))


@app.command()
def study(
    file: Annotated[
        str | None,
        typer.Argument(
            help="CSV (.gz too), TSV, Parquet, Arrow or JSON lines; a quoted glob of them; or the "
            "study.toml of an earlier study."
        ),
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", "-t", help="The column to predict.")
    ] = None,
    example: Annotated[
        str | None,
        typer.Option(help="Use data that is already installed: digits, breast-cancer or wine."),
    ] = None,
    objective: Annotated[
        str | None,
        typer.Option(
            help="What counts: ap, roc-auc, brier, logloss, balanced-accuracy, f1, f2, mcc, gmean, "
            "recall@K, ... Default: average precision (ap)."
        ),
    ] = None,
    cost: Annotated[
        str | None,
        typer.Option(
            help="What mistakes cost: 'fp=1,fn=50'; for many classes 'predicted>true=cost,...' or "
            "a CSV file with the matrix."
        ),
    ] = None,
    min_precision: Annotated[
        str | None, typer.Option(help="Precision that must be kept, like 0.9.")
    ] = None,
    min_recall: Annotated[
        str | None, typer.Option(help="Recall that must be kept, like 0.8.")
    ] = None,
    capacity: Annotated[
        str | None,
        typer.Option(help="Alerts that can be worked through: 500 a file, or 5/1000 a row."),
    ] = None,
    positive: Annotated[
        str | None, typer.Option(help="The label of interest of two; default: the rarer one.")
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(help="Column with the time: test on the last rows, train on earlier."),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(help="Column whose equal rows must stay together (customer, patient)."),
    ] = None,
    drop: Annotated[
        str | None,
        typer.Option(help="Columns to leave out, with commas between (known only later, say)."),
    ] = None,
    test: Annotated[
        str | None, typer.Option(help="File to measure on, instead of a fifth of the rows.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the files. Default: rarebird-study-<file name>.")
    ] = None,
    time_budget: Annotated[
        str | None,
        typer.Option(
            help="Time for the whole study: 600, 90s, 15m, 1h. Default 10m; 45s with --quick."
        ),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A first look, under a minute.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="Processes; -1 is all cores.")] = -1,
    seed: Annotated[int | None, typer.Option(help="Same seed, same result. Default: 0.")] = None,
    remedies: Annotated[
        str | None,
        typer.Option(help="Only these, by name, separated by commas (rarebird methods)."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say only what went wrong.")] = False,
) -> None:
    """Study a table: diagnose, compare remedies with doing nothing, choose, write a model."""
    from ._errors import ParameterError

    given = {
        "objective": objective,
        "cost": cost,
        "min_precision": min_precision,
        "min_recall": min_recall,
        "capacity": capacity,
        "positive": positive,
        "time": time,
        "group": group,
    }
    options: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
    if time_budget is not None:
        options["time_budget"] = _seconds(time_budget)
    if drop is not None:
        options["drop"] = [name.strip() for name in drop.split(",") if name.strip()]
    if remedies is not None:
        options["remedies"] = [name.strip() for name in remedies.split(",") if name.strip()]
    if cost is not None and cost.lower().endswith(".csv"):
        options["cost"] = _absolute(cost)  # study.toml may be run from elsewhere
    options |= {"quick": quick} if quick else {}
    options |= {"seed": seed} if seed is not None else {}
    if file is not None and file.endswith(".toml"):
        stored = _from_toml(Path(file))
        source, target = stored.pop("file", None), target or stored.pop("target", None)
        example, test = stored.pop("example", example), test or stored.pop("test", None)
        options = {k: v for k, v in stored.items() if k not in ("target", "test")} | options
        folder = Path(file).resolve().parent
        if source is not None and not Path(source).exists() and (folder / source).exists():
            source = str(folder / source)
        file, out = source, out or folder
    if (file is None) == (example is None):
        raise ParameterError(
            "Give a file, or --example digits (not both). See rarebird study --help."
        )
    from .data import example as load_example
    from .data import read_table
    from .study import Study

    if example is not None:
        frame, own = load_example(example)
        target, name = target or own, example
    else:
        if target is None:
            raise ParameterError("Which column is to be predicted? Give --target COLUMN.")
        frame, name = read_table(file), str(file)
    with _progress(quiet) as progress:
        result = Study(
            **options, n_jobs=jobs, out=out or _default_out(name), progress=progress
        ).run(
            frame,
            target,
            test=read_table(test) if test is not None else None,
            name=Path(name).name,
            source={"example": example} if example else {"file": _absolute(file)},
            test_source=_absolute(test),
            command=shlex.join(["rarebird", *sys.argv[1:]]),
        )
    if quiet:
        return
    for text in result.sentences().values():
        if text:
            typer.echo(text)
    typer.echo(f"\nThe report: {result.folder / 'report.html'}")


def _absolute(name: str | None) -> str | None:
    return None if name is None else os.path.abspath(name)  # noqa: PTH100 (keeps globs)


@app.command()
def predict(
    model: Annotated[str, typer.Argument(help="model.skops, or the folder of a study.")],
    file: Annotated[str, typer.Argument(help="A table of new rows, of any kind `study` reads.")],
    out: Annotated[
        Path | None, typer.Option(help="CSV or Parquet file; CSV on standard output without it.")
    ] = None,
    prior: Annotated[
        str | None,
        typer.Option(
            help="Class shares where the model is used: 0.002 for the rare class of two, or "
            "'a=0.7,b=0.2,c=0.1'."
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No notes on standard error.")
    ] = False,
) -> None:
    """Predict new rows: a decision and a probability for every class, in the file's order."""
    import polars as pl

    from ._errors import ParameterError, StoreError
    from .data import read_table
    from .study import load_model

    if out is not None:
        if out.suffix.lower() not in (".csv", ".parquet"):
            raise ParameterError(f"--out={out}: the name must end in .csv or .parquet.")
        if not out.parent.is_dir():
            raise StoreError(f"There is no folder {out.parent} to write {out.name} into.")
        if out.is_dir():
            raise StoreError(f"{out} is a folder; name a file with --out.")
        if out.exists() and Path(file).exists() and out.samefile(file):
            raise ParameterError(f"--out={out} is the file that is read; give another name.")
    found = load_model(model)
    if prior is not None:
        found.set_prior(_prior(prior))
    X, notes = found.matrix(read_table(file))
    if prior is not None:
        notes.append(f"prior {prior}: {found.prior_note}")
    proba = found.proba_of_matrix(X)
    table = pl.DataFrame(
        {
            "decision": pl.Series([found.classes[code] for code in found.decision.predict(proba)]),
            **{f"p_{label}": proba[:, code] for code, label in enumerate(found.classes)},
        }
    )
    if not quiet:
        for note in notes:
            print(note, file=sys.stderr)
    if out is None:
        sys.stdout.write(table.write_csv())
        return
    import io

    from .study.store import write_whole

    buffer = io.BytesIO()
    (table.write_parquet if out.suffix.lower() == ".parquet" else table.write_csv)(buffer)
    write_whole(out, buffer.getvalue())


def _prior(text: str) -> Any:
    from ._errors import ParameterError

    try:
        if "=" in text:
            pairs = (part.rpartition("=") for part in text.split(","))
            return {name.strip(): float(value) for name, _, value in pairs}
        return float(text)
    except ValueError:
        raise ParameterError(
            f"--prior={text!r} is not allowed; write 0.002, or 'a=0.7,b=0.3' with every class."
        ) from None


@app.command()
def methods(
    place: Annotated[
        str | None, typer.Option(help="data, weight, committee, decision, around.")
    ] = None,
    task: Annotated[str | None, typer.Option(help="binary or multiclass.")] = None,
    role: Annotated[
        str | None,
        typer.Option(help="remedy, learner, ensemble, decision, calibrator, metric, check."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="A list of cards, for programs.")] = False,
) -> None:
    """List the methods: what each does, and what its implementation was compared with."""
    from ._errors import ParameterError, suggest
    from .registry import PLACES, ROLES, TASKS, cards

    wanted = {"place": (place, PLACES), "task": (task, TASKS), "role": (role, ROLES)}
    for name, (value, known) in wanted.items():
        if value is not None and value not in known:
            raise ParameterError(
                f"--{name}={value!r} is not allowed; one of {', '.join(known)}."
                + suggest(value, known)
            )
    found = cards(**{name: value for name, (value, _) in wanted.items() if value is not None})
    if json:
        import json as encoder

        typer.echo(encoder.dumps([card.as_dict() for card in found], indent=1))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("role", "name", "place", "what it does", "compared with"):
        table.add_column(column, overflow="fold")
    for card in found:
        table.add_row(card.role, card.name, card.place, card.summary, card.evidence)
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def main() -> None:
    """Run the command line; every foreseen trouble is one line and exit code 2."""
    usage = cli_errors()
    try:
        code = app(standalone_mode=False)
        if code == 130:  # so typer says that Ctrl-C was pressed
            raise KeyboardInterrupt
    except usage as error:
        text = error.format_message()  # type: ignore[attr-defined]
        print(f"rarebird: {' '.join(text.split())}", file=sys.stderr)
        raise SystemExit(2) from None
    except RarebirdError as error:
        print(f"rarebird: {' '.join(str(error).split())}", file=sys.stderr)
        raise SystemExit(2) from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"rarebird: {where}{error.strerror or error}", file=sys.stderr)
        raise SystemExit(2) from None
    except MemoryError:
        print("rarebird: there is not enough memory for these data.", file=sys.stderr)
        raise SystemExit(2) from None
    except (KeyboardInterrupt, typer.Abort):
        print("rarebird: interrupted; the same command goes on from here.", file=sys.stderr)
        raise SystemExit(130) from None
    raise SystemExit(code or 0)
