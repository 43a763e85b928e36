"""A model in a skops file: types by their public names, and nothing else is loaded."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from rarebird._errors import ModelFileError, suggest
from rarebird.registry import cards

from .store import write_whole

_ROLES = (
    "calibrator", "correction", "decision", "draw", "ensemble", "estimator", "learner",
    "resampler", "scheme", "weighting",
)  # fmt: skip
# parts of models that are no methods; skops itself trusts NumPy's types and most of scikit-learn's
_PARTS = (
    "numpy.dtype",  # in scikit-learn's imputer
    "rarebird.decide.FittedModel",
    "rarebird.decide.MeanOfModels",
    "rarebird.estimators.LinearSplines",
    "rarebird.estimators.QuantileClipper",
    "rarebird.study.StudyModel",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",  # where LightGBM is absent
)
TRUSTED = frozenset(_PARTS) | {
    ".".join(card.imported_as)
    for card in cards()
    if card.role in _ROLES and card.imported_as[1][:1].isupper()  # a class, no function
}


def write_object(path: Path, found: Any) -> str:
    """Write a skops file and return its SHA-256."""
    import skops.io

    content = _with_public_names(skops.io.dumps(found))
    write_whole(path, content)
    return hashlib.sha256(content).hexdigest()


def _with_public_names(content: bytes) -> bytes:
    """Name our types by folder, as users import them: moving a file then breaks no saved model.

    Times and addresses in memory go, so that the same model is the same file.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        schema = json.dumps(json.loads(old.read("schema.json"), object_hook=_public))
        numbers = {
            n: i for i, n in enumerate(dict.fromkeys(re.findall(r'"__id__": (\d+)', schema)))
        }

        def renamed(text: str) -> str:
            return re.sub(r"\d{9,}", lambda found: str(numbers.get(found[0], found[0])), text)

        schema = re.sub(r'("__id__": |"file": ")(\d+)', lambda m: m[1] + renamed(m[2]), schema)
        new.writestr(zipfile.ZipInfo("schema.json"), schema, zipfile.ZIP_DEFLATED)
        for part in sorted(set(old.namelist()) - {"schema.json"}, key=renamed):
            new.writestr(zipfile.ZipInfo(renamed(part)), old.read(part), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _public(node: dict[str, Any]) -> dict[str, Any]:
    module, name = str(node.get("__module__")), str(node.get("__class__"))
    if not module.startswith("rarebird."):
        return node
    folder = ".".join(module.split(".")[:2])
    if not hasattr(import_module(folder), name):
        raise ModelFileError(
            f"{module}.{name} cannot be saved in a model: {folder} does not export it. Register "
            "it, or put its name into __all__ of its module."
        )
    return {**node, "__module__": folder}


def read_object(path: Path, check: Callable[[Any], None]) -> Any:
    """Return what a skops file holds, once ``check`` has found nothing wrong with it."""
    import skops.io

    if path.is_dir():
        path = path / "model.skops"
    if not path.is_file():
        near = suggest(path.name, [found.name for found in path.parent.glob("*.skops")])
        raise ModelFileError(f"There is no model file {path}.{near}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"The model file {path} cannot be read: {error.strerror}.") from error
    if not zipfile.is_zipfile(path):
        raise ModelFileError(f"{path} is not a model file of rarebird (or it is truncated).")
    _check_manifest(path, content)
    try:
        unknown = skops.io.get_untrusted_types(data=content)
        foreign = sorted(set(unknown) - TRUSTED)
        if foreign:
            raise ModelFileError(
                f"{path} holds types that a model of rarebird does not: {', '.join(foreign[:3])}. "
                "It is not loaded."
            )
        found = skops.io.loads(content, trusted=unknown)
        check(found)
    except ModelFileError:
        raise
    except Exception as error:  # a damaged file can fail anywhere inside the reader
        raise ModelFileError(
            f"{path} is damaged or was not written by this version of rarebird "
            f"({type(error).__name__})."
        ) from error
    return found


def _check_manifest(path: Path, content: bytes) -> None:
    manifest = path.with_name("manifest.json")
    if not manifest.is_file():
        return
    try:
        wanted = json.loads(manifest.read_text("utf-8"))["model_sha256"]
    except (ValueError, TypeError, LookupError, OSError) as error:
        raise ModelFileError(
            f"{manifest} is not the manifest of a model. Copy it and {path.name} from the study "
            "again."
        ) from error
    if wanted != hashlib.sha256(content).hexdigest():
        raise ModelFileError(
            f"{path} is not the file that {manifest.name} describes: it was altered or mixed up. "
            "Copy both from the study again."
        )
