"""The program ``rarebird``: its help, its commands, and what becomes of errors."""

import sys
from typing import Annotated

import typer

from rarebird._compat import cli_errors
from rarebird._errors import RarebirdError

from .methods import methods
from .papers import papers
from .predict import predict
from .study import flag_of, study

app = typer.Typer(
    name="rarebird",
    add_completion=True,
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
    A study reads the table, says what makes the rare class hard, compares treatments with the
    baseline (no treatment) on the same folds, chooses by what you state (--objective, --cost,
    --min-precision, --min-recall, --alert-budget), calibrates, decides, measures once on a test
    set, and writes a report and a model. "Nothing helps" is an answer. Interrupt it at any time:
    the same command goes on where it stopped.

    \b
    Exit codes: 0 done (also when nothing helps), 2 the input cannot be used (one line says why),
    130 interrupted (go on with the same command).""",
)


def _version(wanted: bool) -> None:
    if wanted:
        from rarebird._version import __version__

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


for _command in (study, predict, methods, papers):
    app.command()(_command)


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
        at_fault = " and ".join(map(flag_of, error.options))
        text = f"{at_fault}: {error.message}" if at_fault else error.message
        print(f"rarebird: {' '.join(text.split())}", file=sys.stderr)
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
