"""Arrays that belong to the rows - weights, groups, costs - follow a plan."""

from typing import Any

import numpy as np
from scipy import sparse

from rarebird._errors import DataError

from .plan import Interpolated, Plan
from .table import is_pandas


def resample_aligned(
    values: Any, plan: Plan, n_rows: int, name: str, owner: str, index: Any = None
) -> Any:
    """Return the value of each output row: its own, or for a new row one made from its parents'.

    A new row that lies between rows takes a float array's value interpolated with the same steps,
    cut to its parents' range; else, and of anything that is no float, its base row's value.

    Parameters
    ----------
    values : array-like of shape (n_rows, ...)
        The same kind comes out.
    plan : Plan
        What the rows became.
    n_rows : int
        Rows that went in.
    name, owner : str
        For messages.
    index : pandas Index, optional
        The labels of the output rows, for values of pandas.

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
    if isinstance(values, (list, tuple)):
        return [values[i] for i in base.tolist()]
    if sparse.issparse(values):
        return values.tocsr()[base]
    if isinstance(values, np.ndarray):
        return _array(values, plan, base)
    if is_pandas(values):
        taken = _series(values, values.iloc[base].reset_index(drop=True), plan, base)
        return taken if index is None else taken.set_axis(index)
    import narwhals.stable.v2 as nw

    found = nw.from_native(values, allow_series=True, eager_only=True, pass_through=True)
    if isinstance(found, (nw.Series, nw.DataFrame)):
        taken = found[base]
        if isinstance(found, nw.Series) and found.dtype.is_float():
            numbers = _array(np.asarray(found.to_numpy()), plan, base)
            taken = nw.new_series(found.name, numbers, found.dtype, backend=found.implementation)
        return taken.to_native()
    return _array(np.asarray(values), plan, base)


def _array(values: np.ndarray, plan: Plan, base: np.ndarray) -> np.ndarray:
    out = values[base]
    if values.dtype.kind != "f":
        return out
    start = 0
    fresh = out if plan.order is None else np.empty_like(out)
    if plan.order is not None:
        fresh[plan.order] = out
    for source in plan.sources:
        rows = slice(start, start + len(source))
        start += len(source)
        if isinstance(source, Interpolated) and source.steps.ndim < 3:
            fresh[rows] = _between(values, source)
    return fresh if plan.order is None else fresh[plan.order]


def _between(values: np.ndarray, source: Interpolated) -> np.ndarray:
    others, steps = source.wide()
    if source.shrink is not None:
        steps = steps * source.shrink[:, None]
    own = values[source.base]
    parents = values[np.column_stack([source.base, others])]
    steps = steps.reshape(steps.shape + (1,) * (values.ndim - 1))
    with np.errstate(invalid="ignore"):  # an infinite weight has no value between
        new = own + (steps * (parents[:, 1:] - parents[:, :1])).sum(axis=1)
    new = np.where(np.isnan(new), own, new)
    return np.clip(new, np.fmin.reduce(parents, axis=1), np.fmax.reduce(parents, axis=1))


def _series(values: Any, taken: Any, plan: Plan, base: np.ndarray) -> Any:
    import pandas as pd

    if isinstance(values, pd.Series) and isinstance(values.dtype, np.dtype):
        taken = pd.Series(_array(values.to_numpy(), plan, base), name=values.name)
        return taken.astype(values.dtype)
    return taken
