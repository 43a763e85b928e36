"""What flows through fit in the place of X: the rows, their y and the arrays beside them."""

from dataclasses import dataclass, field
from inspect import Parameter, signature
from typing import Any

import numpy as np

from rarebird._errors import DataError
from rarebird._typing import LabelsLike, TableLike
from rarebird.tables.rows import take_rows

OUTER = "outer."  # before the names of arrays that only pass through an inner pipeline


@dataclass(frozen=True)
class Rows:
    """What flows through fit in the place of X, so that a step can change y and weights too."""

    X: TableLike
    y: LabelsLike
    aligned: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Follows:
    """Stands for an array that belongs to the rows; a step gets today's from `Rows`."""

    key: str


def resampled(
    sampler: Any, name: str, rows: Rows, params: dict[str, Any], carried: dict[str, Any]
) -> Rows:
    """Return the rows that a sampler makes, with the arrays that follow them."""
    takes = signature(sampler.fit_resample).parameters.get("aligned")
    if carried and takes is not None and takes.kind is Parameter.VAR_KEYWORD:
        params = {key: value for key, value in params.items() if key not in carried}
        out = sampler.fit_resample(rows.X, rows.y, **params, **carried)
        return Rows(out[0], out[1], dict(zip(carried, out[-len(carried) :], strict=True)))
    X, y = sampler.fit_resample(rows.X, rows.y, **params)[:2]
    if not carried:
        return Rows(X, y)
    index = getattr(sampler, "sample_indices_", None)
    if index is None or len(index) != n_rows(X):
        names = ", ".join(key.replace(OUTER, "") for key in carried)
        raise DataError(
            f"Pipeline: {names} cannot follow the rows through step {name!r} "
            f"({type(sampler).__name__}), which does not say what its new rows are made of. Use "
            "the sampler of that name in rarebird.resample, one with sample_indices_ "
            f"(RandomOverSampler, say), or leave {names} out."
        )
    index = np.asarray(index)
    return Rows(X, y, {key: take_rows(values, index) for key, values in carried.items()})


def n_rows(X: TableLike) -> int:
    """Return the rows of anything that has rows."""
    shape = getattr(X, "shape", None)
    return shape[0] if shape else len(X if hasattr(X, "__len__") else np.asarray(X))


def belongs_to_rows(value: Any, n: int) -> bool:
    """Say whether this is an array with one entry for each of n rows."""
    shape = getattr(value, "shape", None)
    if shape is not None:
        return len(shape) > 0 and shape[0] == n
    return (isinstance(value, (list, tuple)) or hasattr(value, "__array__")) and len(value) == n
