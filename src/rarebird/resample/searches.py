"""Searches for neighbours that samplers make, and refusals of classes too small for them."""

from typing import Any

import numpy as np
from sklearn.base import clone

from rarebird._errors import DataError
from rarebird.neighbors.backends import backend, neighbor_labels

from .base import Resampler
from .checked import Checked

WAY_OUT = "RandomOverSampler, which needs no neighbours"


def is_number(wanted: Any) -> bool:
    """Say whether neighbours are asked for by their number, and not by an object."""
    return isinstance(wanted, (int, np.integer))


def others_of(wanted: Any) -> int:
    """Return k of a number, or of an object that counts the row itself among its neighbours.

    Examples
    --------
    >>> from sklearn.neighbors import NearestNeighbors
    >>> others_of(3), others_of(NearestNeighbors(n_neighbors=3))
    (3, 2)
    """
    return int(wanted) if is_number(wanted) else getattr(wanted, "n_neighbors", 2) - 1


def fitted_search(sampler: Resampler, X: Any, wanted: Any, *, extra: int = 1) -> Any:
    """Return a search fitted on X that finds ``wanted + extra`` rows by default.

    The sampler's parameter ``neighbors`` says by which algorithm, ``n_jobs`` with how many
    threads; an object in place of the number is cloned.
    """
    if not is_number(wanted):
        return clone(wanted).fit(X)
    k = int(wanted) + extra
    name = getattr(sampler, "neighbors", None) or "exact"
    search = backend(name, k, n_jobs=getattr(sampler, "n_jobs", None))
    return (search if isinstance(name, str) else clone(search).set_params(n_neighbors=k)).fit(X)


def class_neighbors(sampler: Resampler, data: Checked, code: int, parameter: str) -> Any:
    """Return what a parameter asks for as neighbours within a class, "auto" as their number.

    Raises
    ------
    DataError
        If the class has no more rows; it is named, with its count.
    """
    wanted, n = getattr(sampler, parameter), int(data.counts[code])
    if isinstance(wanted, str):
        wanted = max(min(5, n - 1), 1)
    k = others_of(wanted)
    if n > k:
        return wanted
    less = f"{parameter}<={n - 1}, " if n > 1 else ""
    auto = f"{parameter}='auto', " if n > 1 and sampler.rules[parameter].allows("auto") else ""
    raise DataError(
        f"{type(sampler).__name__}: class {data.name(code)} is too small: {parameter}={k} needs at "
        f"least {k + 1} rows (Expected n_neighbors <= n_samples_fit, but n_neighbors = {k + 1}, "
        f"n_samples_fit = {n}). Use {less}{auto}{'or ' if less else ''}{WAY_OUT}."
    )


def near_among(
    sampler: Resampler, X: Any, rows: np.ndarray, wanted: Any, queries: np.ndarray | None = None
) -> np.ndarray:
    """Return the nearest of ``rows`` for each of them, or for ``queries``, without itself.

    Row numbers of X, shape (n, k); the fitted search is kept as ``nn_k_``.
    """
    part = X[rows]
    search = fitted_search(sampler, part, wanted)
    sampler.nn_k_ = search  # type: ignore[attr-defined]
    own = part if queries is None else X[queries]
    return rows[search.kneighbors(own, return_distance=False)[:, 1:]]


def near_in_table(sampler: Resampler, data: Checked, rows: np.ndarray, wanted: Any) -> np.ndarray:
    """Return the nearest rows of the whole table for each of ``rows``, without itself; (m, k)."""
    search = data.once("all rows", lambda: fitted_search(sampler, data.X, wanted))
    return search.kneighbors(data.X[rows], return_distance=False)[:, 1:]


def labels_in_table(sampler: Resampler, data: Checked, rows: np.ndarray, wanted: Any) -> np.ndarray:
    """Return the class codes of the rows that `near_in_table` finds."""
    search = data.once("all rows", lambda: fitted_search(sampler, data.X, wanted))
    return neighbor_labels(search, data.X[rows], data.codes)[:, 1:]


def check_reach(
    sampler: Resampler, data: Checked, code: int, parameter: str, wanted: Any = None
) -> None:
    """Refuse to look for more neighbours than the whole table has rows.

    Raises
    ------
    DataError
        Naming the class that is to grow, and the way out.
    """
    n, k = data.table.n_rows, others_of(getattr(sampler, parameter) if wanted is None else wanted)
    if n <= k:
        raise DataError(
            f"{type(sampler).__name__}: class {data.name(code)} has too few rows around it: "
            f"{parameter}={k} needs a table of at least {k + 1}, and there are {n} of all classes. "
            f"Use {parameter}<={n - 1}, or {WAY_OUT}."
        )


def without_itself(near: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return k of the k + 1 neighbours of each row, the row itself left out wherever it stands.

    Examples
    --------
    >>> without_itself(np.array([[4, 0, 2], [7, 8, 9]]), np.array([0, 1])).tolist()
    [[4, 2], [7, 8]]
    """
    itself = near == rows[:, None]
    itself[~itself.any(axis=1), -1] = True
    return near[~itself].reshape(len(near), -1)
