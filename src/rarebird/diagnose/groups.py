"""Whether the rare rows come from a few groups."""

from typing import Any

import numpy as np

from rarebird._errors import DataError

from .check import Check, check, register_check
from .evidence import effective_sample, rare_class


@register_check(
    name="groups",
    inputs=("labels",),
    summary="How many groups hold rare rows, and how many equal groups they are worth.",
    evidence="closed form; slow reference: a dict of counts",
    rare_cases="An absent rare class is refused.",
    example={"groups": [1, 1, 2, 2, 3, 3], "y": [0, 1, 0, 0, 0, 1]},
)
def groups_check(groups: Any, y: Any, *, classes: Any = None, rare: int | None = None) -> Check:
    """Return RB018: in how many groups the rare rows lie, and whether few hold most.

    Parameters
    ----------
    groups, y : array of shape (n,), int array of shape (n,)
        What rows belong together (a patient, a customer); codes.
    classes, rare : sequence and int, optional
        Labels for the message; the code looked at, by default 1 of two, else the smallest class.

    Raises
    ------
    DataError
        If the rare class has no rows.

    Notes
    -----
    O(n log n) time, O(n) memory. The groups are worth (sum m)^2 / sum m^2 equal ones, with m the
    rare rows of each.

    Examples
    --------
    >>> groups_check(["a", "a", "b", "c"], [1, 1, 1, 0]).details["n_groups"]
    2
    """
    y = np.asarray(y)
    code, label = rare_class(y, classes, rare)
    inside = np.asarray(groups)[y == code]
    if not inside.size:
        raise DataError(f"groups: class {label!r} has 0 of {len(y)} rows; at least 1 is needed.")
    inside = inside.astype(str) if inside.dtype == object else inside
    values, sizes = np.unique(inside, return_counts=True)
    worth, largest = effective_sample(sizes), float(sizes.max() / sizes.sum())
    biggest = str(values[sizes.argmax()])
    text = (
        f"The {len(inside):,} {label!r} rows lie in {len(sizes):,} groups, worth {worth:,.1f} "
        f"equal ones; {biggest!r} holds {largest:.0%} of them."
    )
    details: dict[str, Any] = {"n_groups": len(sizes), "effective": worth}
    details |= {"largest": biggest, "largest_share": largest}
    return check(
        "RB018", "danger" if worth < 5 else "warning" if worth < 30 else "info", text, **details
    )
