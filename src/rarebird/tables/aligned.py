"""Arrays that belong to the rows - weights, groups, costs - follow a plan."""

from typing import Any

import numpy as np

from rarebird._errors import DataError

from .plan import Plan
from .rows import as_narwhals, column_like, take_rows
from .sources import Interpolated, Source
from .table import is_pandas


def resample_aligned(
    values: Any, plan: Plan, n_rows: int, name: str, owner: str, index: Any = None
) -> Any:
    """Return the value of each output row: its own, or for a new row one made from its parents'.

    A new row that lies between rows takes a float array's value interpolated with the same steps,
    cut to its parents' range; else, and of anything that is no float, its base row's value. The
    kind of ``values`` (n_rows, ...) comes out; ``index`` are the labels of the output rows, for
    values of pandas.

    Raises
    ------
    DataError
        If there are not ``n_rows`` values, or a new row has no parent to inherit from.
    """
    if values is None:
        return None
    if not hasattr(values, "__len__") or isinstance(values, str):
        raise DataError(f"{owner}: {name}={values!r} is no array; give one value for each row.")
    shape = getattr(values, "shape", None)
    length = shape[0] if shape else len(values)
    if length != n_rows:
        raise DataError(f"{owner}: {name} has {length} rows, X has {n_rows}; they must be aligned.")
    base = plan.base
    if len(base) and base.min() < 0:
        raise DataError(
            f"{owner}: new rows have no parent, so {name} has no value for them. Leave it out, or "
            "use a resampler that interpolates."
        )
    numbers = _floats(values)
    if numbers is None or plan.only_kept:
        return take_rows(values, base, index)
    made = interpolated(numbers, plan)
    return made if made.ndim > 1 else column_like(made, values, index)


def _floats(values: Any) -> np.ndarray | None:
    """Return an array of floats, or one column of them, as an array; None of anything else."""
    if isinstance(values, (list, tuple)) or hasattr(values, "tocsr"):
        return None
    if is_pandas(values):
        plain = values.ndim == 1 and isinstance(values.dtype, np.dtype)
        found = values.to_numpy() if plain else None
    else:
        frame = None if isinstance(values, np.ndarray) else as_narwhals(values)
        if frame is not None and (not hasattr(frame, "dtype") or not frame.dtype.is_float()):
            return None
        found = np.asarray(values if frame is None else frame.to_numpy())
    return found if found is not None and found.dtype.kind == "f" else None


def interpolated(values: np.ndarray, plan: Plan) -> np.ndarray:
    """Return floats of shape (n, ...) for the plan's rows, new ones within their parents' range.

    Examples
    --------
    >>> plan = Plan((Interpolated(np.array([0]), np.array([1]), np.array([0.25])),))
    >>> interpolated(np.array([10.0, 20.0]), plan).tolist()
    [12.5]
    """
    out = np.concatenate([_of_source(values, source) for source in plan.sources])
    return out if plan.order is None else out[plan.order]


def _of_source(values: np.ndarray, source: Source) -> np.ndarray:
    own = values[source.base]
    if not isinstance(source, Interpolated) or source.steps.ndim == 3:
        return own
    others, steps = source.wide()
    if source.shrink is not None:
        steps = steps * source.shrink[:, None]
    parents = values[np.column_stack([source.base, others])]
    steps = steps.reshape(steps.shape + (1,) * (values.ndim - 1))
    with np.errstate(invalid="ignore"):  # an infinite weight has no value between
        new = own + (steps * (parents[:, 1:] - parents[:, :1])).sum(axis=1)
    new = np.where(np.isnan(new), own, new)
    between = np.clip(new, np.fmin.reduce(parents, axis=1), np.fmax.reduce(parents, axis=1))
    return between.astype(values.dtype, copy=False)
