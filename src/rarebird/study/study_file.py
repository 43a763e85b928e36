"""``StudyFile``: a study and its tables, as ``study.toml`` and the command line state them."""

import glob
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rarebird._errors import DataError, ParameterError, about, suggest
from rarebird.data.examples import EXAMPLES

from .options import option, options_of
from .run import Study

if TYPE_CHECKING:
    from .result import StudyResult

__all__ = ["StudyFile"]


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyFile(Study):
    """A study, and the files that hold its tables; the other options are those of `Study`."""

    file: str | None = option(
        "CSV (.gz too), TSV, Parquet, Arrow or JSON lines; a quoted glob of them; or the "
        "study.toml of an earlier study.",
        flags=("FILE",),
    )
    target: str | None = option("The column to predict.", flags=("--target", "-t"))
    example: str | None = option(
        f"Use data that is already installed: {', '.join(EXAMPLES)}.", completes=EXAMPLES
    )
    test: str | None = option("File to measure on, instead of a fifth of the rows.")
    out: Any = option(
        "Folder for the files. Default: rarebird-study-<file name>.", reads=Path, stored=()
    )
    data_hash: str = ""  # of the table that study.toml was written for

    def start(self, command: str = "") -> "StudyResult":
        """Read the tables and run the study; ``command`` is what the report says to run again.

        Raises
        ------
        DataError, ParameterError, StoreError
            See `Study.run`; also if no table or no target is stated, or a file cannot be read.
        """
        from rarebird.data.examples import example
        from rarebird.data.frames import data_hash
        from rarebird.data.read import read_table

        if (self.file is None) == (self.example is None):
            with about("file", "example"):
                raise ParameterError("give one of them, not both, such as the example digits.")
        if self.example is not None:
            frame, target = example(self.example)
            target, name, source = self.target or target, self.example, {"example": self.example}
        else:
            if self.target is None:
                with about("target"):
                    raise ParameterError("which column is to be predicted?")
            frame, target, name = read_table(self.file), self.target, str(self.file)
            if self.data_hash and data_hash(frame) != self.data_hash:
                raise DataError(
                    f"{self.file} is not the table that this study was written for: its rows have "
                    "changed. Remove the line data_hash of study.toml to study it as it is, in "
                    "another folder."
                )
            source = {"file": os.path.abspath(name)}  # noqa: PTH100 (keeps globs)
        test = None
        if self.test is not None:
            test, source["test"] = read_table(self.test), str(Path(self.test).absolute())
        return replace(self, out=self.out or default_out(name)).run(
            frame, target, test=test, name=Path(name).name, source=source, command=command
        )


def default_out(name: str) -> Path:
    """Return the folder for the study of a file, in the current one.

    >>> str(default_out("data/sales.csv.gz"))
    'rarebird-study-sales'
    """
    base = Path(name).name or "table"
    base = re.sub(r"(?i)(\.(csv|tsv|parquet|pq|feather|arrow|ipc|jsonl|ndjson))?(\.gz)?$", "", base)
    base = re.sub(r"(\[[^]]*\]|[*?])+", "all", base)  # a glob
    return Path("rarebird-study-" + (base or "table"))


def read_study(path: Path) -> dict[str, Any]:
    """Return the arguments of `StudyFile` in a ``study.toml``; it goes on in its folder."""
    import tomllib

    try:
        stored = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or error
        raise DataError(f"{path} cannot be read as a study ({what}).") from error
    known = {name: each.stored for name, each in options_of(StudyFile).items() if each.stored}
    known["data_hash"] = (str,)
    for key, value in stored.items():
        if key not in known:
            raise DataError(f"{path}: a study has no {key!r}.{suggest(key, known)}")
        if type(value) not in known[key]:
            raise DataError(f"{path}: {key} = {value!r} is not of the right type.")
    if ("file" in stored) == ("example" in stored):
        raise DataError(
            f"{path} names no table: the study was run on one in memory. Add a line file = ..."
            if "file" not in stored
            else f"{path} names a file and an example; give one of them."
        )
    folder = path.resolve().parent
    for key in {"file", "test"} & set(stored):  # as they are seen from there
        beside = os.path.normpath(folder / stored[key])
        if glob.glob(beside) or not glob.glob(stored[key]):  # noqa: PTH207 (keeps globs)
            stored[key] = beside
    return {"out": folder, **stored}
