"""``rarebird predict``."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer


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

    from rarebird._errors import ParameterError, StoreError
    from rarebird.data.read import read_table
    from rarebird.study.model import load_model

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
    rows = read_table(file)
    X, notes = found.matrix(rows)
    if prior is not None:
        notes.append(f"prior {prior}: {found.prior_note}")
    proba = found.model.predict_proba(X)
    table = pl.DataFrame(
        {
            "decision": pl.Series(found.decide(proba, rows).tolist()),
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

    from rarebird.study.store import write_whole

    buffer = io.BytesIO()
    (table.write_parquet if out.suffix.lower() == ".parquet" else table.write_csv)(buffer)
    write_whole(out, buffer.getvalue())


def _prior(text: str) -> Any:
    from rarebird._errors import ParameterError

    try:
        if "=" in text:
            pairs = (part.rpartition("=") for part in text.split(","))
            return {name.strip(): float(value) for name, _, value in pairs}
        return float(text)
    except ValueError:
        raise ParameterError(
            f"--prior={text!r} is not allowed; write 0.002, or 'a=0.7,b=0.3' with every class."
        ) from None
