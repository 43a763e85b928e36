"""The files of a study, each written whole."""

import contextlib
import io
import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rarebird._version import __version__
from rarebird.decide.base import plain

from .result import StudyResult
from .store import write_whole

OURS = {
    "report.html": "this report",
    "model.skops": "the model, for `rarebird predict`",
    "manifest.json": "versions, hashes, priors, threshold and columns of the model",
    "results.parquet": "a row for each cell of the comparison",
    "study.toml": "runs the study again: `rarebird study study.toml`",
    "verdict.json": "the verdict, for programs",
}


def write_files(folder: Path, result: StudyResult, stated: Mapping[str, Any]) -> None:
    """Write the files of `OURS`; the verdict comes last, so that where it is, all are."""
    import polars as pl

    verdict, again = result.verdict, result.report.reproduce
    if result.model is not None:
        digest = result.model.save(folder / "model.skops")
        manifest = {
            "model_sha256": digest,
            "versions": versions(),
            "data_hash": again.data_hash,
            "target": verdict["target"],
            "classes": verdict["classes"],
            "chosen": verdict["chosen"],
            "training_prior": plain(result.model.model.training_prior_),
            "deployment_prior": plain(result.model.model.prior_),
            "decision": verdict["decision"],
            "threshold": verdict["decision"]["threshold"],
            "costs": verdict["decision"].get("costs"),
            "goal": result.report.goal.as_dict(),
            "seed": again.seed,
            "columns": [
                {"name": c["name"], "kind": c["kind"], "dtype": c["dtype"]}
                for c in result.model.columns
            ],
        }
        write_whole(folder / "manifest.json", _json(manifest))
    if result.cells:
        buffer = io.BytesIO()
        pl.DataFrame(result.cells, infer_schema_length=None).write_parquet(buffer)
        write_whole(folder / "results.parquet", buffer.getvalue())
    head = "# `rarebird study study.toml` runs this study again.\n"
    stated = {**stated, "data_hash": again.data_hash} if "file" in stated else stated
    lines = [f"{key} = {_toml(_portable(key, value, folder))}\n" for key, value in stated.items()]
    write_whole(folder / "study.toml", (head + "".join(lines)).encode())
    write_whole(folder / "report.html", result.html().encode())
    write_whole(folder / "verdict.json", _json(verdict))  # the last: all is there


def _portable(key: str, value: Any, folder: Path) -> Any:
    """Return a stated value, with paths as they are seen from the folder of ``study.toml``."""
    if key not in ("file", "test"):
        return value
    with contextlib.suppress(ValueError):  # another drive
        value = Path(os.path.relpath(value, folder.absolute())).as_posix()
    return value


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_toml(str(k))} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    value = getattr(value, "item", lambda: value)()
    # JSON's texts are TOML's, but for the escapes of rare characters, which stay as they are
    return json.dumps(value, ensure_ascii=False, default=str).replace("\x7f", "\\u007f")


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False, default=float).encode()


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version(), "rarebird": __version__}
    for package in ("numpy", "scipy", "scikit-learn", "lightgbm", "polars", "skops"):
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found
