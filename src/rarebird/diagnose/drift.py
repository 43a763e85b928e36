"""Whether the share of the rare class changes over time."""

from typing import Any

import numpy as np

from rarebird._errors import DataError
from rarebird.data.frames import to_polars

from .check import Check, check, register_check
from .evidence import rare_class

__all__ = ["order_check", "share_over_time"]

N_BLOCKS = 10


def share_over_time(time: Any, positive: Any, n_blocks: int = N_BLOCKS) -> dict[str, Any]:
    """Return the rare share in blocks of equal size along time, and the chi-square test on it.

    chi2 = sum_b (pos_b - n_b p)^2 / (n_b p (1 - p)) on n_blocks - 1 degrees of freedom.

    Parameters
    ----------
    time, positive : array of shape (n,), bool array of shape (n,)
        Numbers or datetimes without missing values; the rare class.
    n_blocks : int
        How many blocks.

    Examples
    --------
    >>> found = share_over_time(np.arange(100), np.arange(100) >= 50, 2)
    >>> found["shares"], round(found["chi2"], 1)
    ([0.0, 1.0], 100.0)
    """
    from scipy.stats import chi2_contingency

    time, positive = np.asarray(time), np.asarray(positive, dtype=bool)
    order = np.argsort(time, kind="stable")
    blocks = np.array_split(order, n_blocks)
    sizes = np.array([len(block) for block in blocks])
    ones = np.array([positive[block].sum() for block in blocks])
    table, chi2, p_value = np.array([ones, sizes - ones]), 0.0, 1.0
    if table.any(axis=0).all() and table.any(axis=1).all():
        chi2, p_value, *_ = chi2_contingency(table, correction=False)
    return {
        "shares": (ones / np.maximum(sizes, 1)).tolist(),
        "starts": [str(time[block[0]]) for block in blocks if len(block)],
        "chi2": float(chi2),
        "p_value": float(p_value),
        "in_time_order": bool((time[1:] >= time[:-1]).all()),
    }


@register_check(
    name="drift",
    inputs=("labels",),
    summary="The rare share in ten blocks of time, with a chi-square test.",
    evidence="scipy 1.17: equal statistic and p-value; permuted time keeps its level",
    rare_cases="Fewer blocks for few rare rows, five expected in each; below 10 rare rows no test.",
    example={"time": list(range(40)), "y": [0, 0, 0, 1] * 10},
)
def drift_check(time: Any, y: Any, *, classes: Any = None, rare: int | None = None) -> Check | None:
    """Return RB013: how the rare share changes over time; ``None`` below 10 rare rows.

    Rows without a time are left out. There are ten blocks of equal size, or fewer so that five rare
    rows are expected in each.

    Parameters
    ----------
    time, y : array of shape (n,), int array of shape (n,)
        Numbers, datetimes, or text that sorts by time; codes.
    classes, rare : sequence and int, optional
        Labels for the message; the code looked at, by default 1 of two, else the smallest class.

    Raises
    ------
    DataError
        If the lengths differ.

    Notes
    -----
    O(n log n) time, O(n) memory.

    Examples
    --------
    >>> drift_check(np.arange(1000), np.arange(1000) >= 900).severity
    'warning'
    """
    time, y = np.asarray(time), np.asarray(y).astype(np.int64)
    if len(time) != len(y):
        raise DataError(f"drift: {len(time)} times, but {len(y)} labels.")
    code, label = rare_class(y, classes, rare)
    known = time == time  # NaN and NaT equal nothing
    if time.dtype == object:
        known = known.astype(bool) & (time != None)  # noqa: E711  (element by element)
    time, positive = time[known], y[known] == code
    n_rare = int(positive.sum())
    n_blocks = min(N_BLOCKS, n_rare // 5)
    if n_blocks < 2 or n_rare == len(positive):
        return None
    found = share_over_time(time, positive, n_blocks)
    low, high = min(found["shares"]), max(found["shares"])
    drifts = found["p_value"] < 1e-3
    order = "" if found["in_time_order"] else "; the rows are not in time order"
    severity = "warning" if drifts else "info"
    text = (
        f"The share of {label!r} {'changes over' if drifts else 'shows no change over'} time: "
        f"{low:.2%} to {high:.2%} in {n_blocks} blocks (p = {found['p_value']:.2g}){order}."
    )
    return check("RB013", severity, text, n_missing=int((~known).sum()), **found)


def order_check(frame: Any, profile: Any) -> Check | None:
    """Return RB013 where the rows are in the order of a date column, else ``None``.

    Parameters
    ----------
    frame, profile : data frame of shape (n, any), Profile
        The table, and its profile from `profile_table`.

    Examples
    --------
    >>> from rarebird.diagnose import profile_table
    >>> days = [f"2024-01-{day:02d}" for day in range(1, 29)]
    >>> table = {"day": days, "x": [0.1, 0.4] * 14, "y": [0, 0, 0, 1] * 7}
    >>> order_check(table, profile_table(table, "y")).details["column"]
    'day'
    """
    from .profile import typed_column

    frame = to_polars(frame)
    for column in profile.columns:
        if column.kind == "date" and column.used and column.n_missing == 0 and column.n_unique > 10:
            series = typed_column(frame[column.name], column)
            if series.is_sorted() or series.is_sorted(descending=True):
                text = (
                    f"The rows are in the order of {column.name!r}: name it as the time column, so "
                    "that what is tested lies after what is learnt from."
                )
                return check("RB013", "warning", text, column=column.name, in_time_order=True)
    return None
