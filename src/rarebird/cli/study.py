"""``rarebird study``."""

import os
import re
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .progress import show_progress


def _seconds(text: str) -> float:
    """Read 90, 90s, 15m or 2h.

    Examples
    --------
    >>> _seconds("15m"), _seconds("90")
    (900.0, 90.0)
    """
    from rarebird._errors import ParameterError

    units = {"s": 1, "m": 60, "h": 3600}
    number = text.strip().lower()
    unit = units.get(number[-1:], 0)
    try:
        return float(number[:-1]) * unit if unit else float(number)
    except ValueError:
        raise ParameterError(
            f"--time-budget={text!r} is not allowed; write seconds, or 90s, 15m, 2h."
        ) from None


# what study.toml may hold; a wish may also be a number, costs a table or a matrix
_STORED = {
    **dict.fromkeys(("file", "example", "target", "test", "objective", "time", "group"), (str,)),
    **dict.fromkeys(("min_precision", "min_recall", "alert_budget"), (str, int, float)),
    "cost": (str, list, dict),
    "positive": (str, int, float, bool),
    "time_budget": (int, float),
    "quick": (bool,),
    "seed": (int,),
    "treatments": (list,),
}


def _from_toml(path: Path) -> dict[str, Any]:
    import tomllib

    from rarebird._errors import DataError, suggest

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
    alert_budget: Annotated[
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
    treatments: Annotated[
        str | None,
        typer.Option(help="Only these, by name, separated by commas (rarebird methods)."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say only what went wrong.")] = False,
) -> None:
    """Study a table: diagnose, compare treatments with the baseline, choose, write a model."""
    from rarebird._errors import ParameterError

    given = {
        "objective": objective,
        "cost": cost,
        "min_precision": min_precision,
        "min_recall": min_recall,
        "alert_budget": alert_budget,
        "positive": positive,
        "time": time,
        "group": group,
    }
    options: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
    if time_budget is not None:
        options["time_budget"] = _seconds(time_budget)
    if drop is not None:
        options["drop"] = [name.strip() for name in drop.split(",") if name.strip()]
    if treatments is not None:
        options["treatments"] = [name.strip() for name in treatments.split(",") if name.strip()]
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
    from rarebird.data.examples import example as load_example
    from rarebird.data.read import read_table
    from rarebird.study.run import Study

    if example is not None:
        frame, own = load_example(example)
        target, name = target or own, example
    else:
        if target is None:
            raise ParameterError("Which column is to be predicted? Give --target COLUMN.")
        frame, name = read_table(file), str(file)
    with show_progress(quiet) as progress:
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
