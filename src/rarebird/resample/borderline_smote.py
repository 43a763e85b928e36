"""Borderline-SMOTE: new rows only from rare rows with many, but not only, foreign neighbours."""

import warnings
from typing import Any, ClassVar

import numpy as np
from sklearn.utils import check_random_state

from rarebird._errors import DataError
from rarebird._params import OneOf
from rarebird.neighbors.backends import neighbor_labels
from rarebird.registry import StudyUse, register
from rarebird.tables.plan import AllRows, Interpolated, Plan

from .base import BackendRule, Checked, NeighborsRule, Resampler
from .pairs import draw_pairs, own_neighbors


def in_danger(n_foreign: np.ndarray, m: int) -> np.ndarray:
    """Say which rows are in danger: m/2 <= m' < m of their m neighbours are of other classes.

    Examples
    --------
    >>> in_danger(np.array([4, 5, 9, 10]), 10).tolist()
    [False, True, True, False]
    """
    return (n_foreign >= m / 2) & (n_foreign < m)


def shrink_foreign(rng: np.random.RandomState, foreign: np.ndarray) -> np.ndarray:
    """Return what differences are multiplied by: U(0, 1/2) to a foreign row, else 1.

    Examples
    --------
    >>> shrink_foreign(np.random.RandomState(0), np.array([False, True])).round(2).tolist()
    [1.0, 0.27]
    """
    shrink = np.ones(len(foreign))
    shrink[foreign] = rng.uniform(low=0.0, high=0.5, size=np.count_nonzero(foreign))
    return shrink


@register(
    name="borderline-smote",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="SMOTE from those rare rows only that have many foreign neighbours.",
    evidence="imbalanced-learn 0.14.2: identical rows, both kinds",
    rare_cases="a class with no row in danger gets no new one, with a warning; one that has such a "
    "row and no more rows than k_neighbors is refused, or k_neighbors='auto'",
    example={"random_state": 0},
    title="Borderline-SMOTE",
    study=StudyUse(
        after="tomek-links",
        effort=None,
        strengths=(
            {"sampling_strategy": {"min_ratio": 1.0}},
            {"sampling_strategy": {"min_ratio": 0.3}},
        ),
        quick=False,
    ),
)
class BorderlineSMOTE(Resampler):
    """Over-samples from the rare rows near the border.

    A rare row x is in danger if m/2 <= m' < m of its m nearest rows are of other classes. Only
    such rows are bases: x_new = x + u (x' - x), u ~ U(0, 1). Of kind 1, x' is one of the k nearest
    rows of x's class; of kind 2, of all rows, and x' - x is first multiplied by v ~ U(0, 1/2)
    where x' is of another class.

    Parameters
    ----------
    sampling_strategy : str, float, dict or callable, default="auto"
        See `sampling_targets`.
    random_state : int, RandomState or None, default=None
        Seed; an integer gives the rows that imbalanced-learn gives.
    k_neighbors : int, neighbours object or "auto", default=5
        k; ``"auto"``: 5, or all others in a class of fewer than 6 rows.
    m_neighbors : int or neighbours object, default=10
        m.
    kind : {"borderline-1", "borderline-2"}, default="borderline-1"
        Where x' comes from.
    neighbors : str, backend or None, default=None
        See `rarebird.neighbors.backend`; ``None`` is exact.

    Attributes
    ----------
    in_danger_indices : dict of label to ndarray
        The rows in danger of each class that has any.

    Raises
    ------
    DataError
        If a targeted class with a row in danger has no more than ``k_neighbors`` rows (kind 1), or
        if the table has no more rows than neighbours are asked for.
    ParameterError
        If a parameter is outside its rule.

    Warns
    -----
    UserWarning
        If no row of a targeted class is in danger: it gets no new rows, as in imbalanced-learn.

    Notes
    -----
    O(n_c n d) for a class of n_c rows, less in few dimensions: Han et al. (2005). Kind 2 makes one
    search serve m and k.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1], [2], [3], [4], [4.4], [5.9], [9]]), [0] * 5 + [1] * 3
    >>> sampler = BorderlineSMOTE(k_neighbors=2, m_neighbors=3, random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> sampler.in_danger_indices[1].tolist(), X_new[8:].round(2).ravel().tolist()
    ([5, 6], [5.47, 7.77])
    """

    rules: ClassVar = {
        "kind": OneOf("borderline-1", "borderline-2"),
        "k_neighbors": OneOf("auto", NeighborsRule),
        "m_neighbors": NeighborsRule,
        "neighbors": BackendRule,
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
        m_neighbors: Any = 10,
        kind: str = "borderline-1",
        neighbors: Any = None,
    ):
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.m_neighbors = m_neighbors
        self.kind = kind  # type: ignore[misc]
        self.neighbors = neighbors

    def _plan(self, data: Checked) -> Plan:
        sources: list[Any] = [AllRows(data.table.n_rows)]
        bases_of: dict[Any, np.ndarray] = {}
        self.in_danger_indices = bases_of
        m, search = _size(self.m_neighbors), None
        for code, n_new in data.targets.items():
            if n_new == 0:
                continue
            search = search or self._search(data, code)
            members = data.rows_of(code)
            if self.kind == "borderline-1":
                labels = neighbor_labels(search, data.X[members], data.codes)[:, 1:]
            else:
                near = search.kneighbors(data.X[members], return_distance=False)[:, 1:]
                labels = data.codes[near]
            danger = in_danger(np.count_nonzero(labels[:, :m] != code, axis=1), m)
            if not danger.any():
                self._warn(data.name(code), m)
                continue
            bases = members[danger]
            bases_of[data.classes.tolist()[code]] = bases
            if self.kind == "borderline-1":
                near = self._own(data, code, members, bases)
            else:
                near = self._all(data, code, bases, near[danger], search)
            # a generator anew for the pairs and for the shrinking, as imbalanced-learn
            base, other, steps = draw_pairs(check_random_state(self.random_state), near, n_new)
            shrink = None
            if self.kind == "borderline-2":
                foreign = data.codes[other] != code
                shrink = shrink_foreign(check_random_state(self.random_state), foreign)
            labels = np.full(n_new, code)
            sources.append(Interpolated(bases[base], other, steps, labels, shrink=shrink))
        return Plan(tuple(sources))

    def _search(self, data: Checked, code: int) -> Any:
        """Return the search among all rows for m neighbours; for kind 2 it finds k as well."""
        wanted = self.m_neighbors
        if self.kind == "borderline-2" and _are_numbers(self.m_neighbors, self._k):
            wanted = max(wanted, self._k)
        check_reach(self, "m_neighbors", self.m_neighbors, data, code)
        if wanted is not self.m_neighbors:
            check_reach(self, "k_neighbors", wanted, data, code)
        search = self.nn_m_ = self._neighbors(data.X, wanted)
        return search

    @property
    def _k(self) -> Any:
        return 5 if isinstance(self.k_neighbors, str) else self.k_neighbors

    def _own(self, data: Checked, code: int, members: np.ndarray, bases: np.ndarray) -> np.ndarray:
        """Return the k nearest rows of the class."""
        k = own_neighbors(type(self).__name__, self.k_neighbors, data, code)
        search = self.nn_k_ = self._neighbors(data.X[members], k)
        return members[search.kneighbors(data.X[bases], return_distance=False)[:, 1:]]

    def _all(
        self, data: Checked, code: int, bases: np.ndarray, near: np.ndarray, search: Any
    ) -> np.ndarray:
        """Return the k nearest of all rows, from those already found where they are enough."""
        if _are_numbers(self.m_neighbors, self._k):
            self.nn_k_ = search
            return near[:, : self._k]
        check_reach(self, "k_neighbors", self._k, data, code)
        search = self.nn_k_ = self._neighbors(data.X, self._k)
        return search.kneighbors(data.X[bases], return_distance=False)[:, 1:]

    def _warn(self, who: str, m: int) -> None:
        warnings.warn(
            f"{type(self).__name__}: no row of class {who} is in danger (at least half of its {m} "
            "neighbours foreign, but not all); the class gets no new rows. Try another "
            "m_neighbors, or SMOTE.",
            stacklevel=4,
        )


def _are_numbers(*wanted: Any) -> bool:
    return all(isinstance(k, (int, np.integer)) for k in wanted)


def check_reach(sampler: Resampler, parameter: str, wanted: Any, data: Checked, code: int) -> None:
    """Refuse to look for more neighbours than the whole table has rows.

    Raises
    ------
    DataError
        Naming the class that is to grow, and the way out.
    """
    n, k = data.table.n_rows, _size(wanted)
    if n <= k:
        raise DataError(
            f"{type(sampler).__name__}: class {data.name(code)} has too few rows around it: "
            f"{parameter}={k} needs a table of at least {k + 1}, and there are {n} of all classes. "
            f"Use {parameter}<={n - 1}, or "
            "RandomOverSampler, which needs no neighbours."
        )


def _size(wanted: Any) -> int:
    """Return k of a number or of a neighbours object, which counts the row itself."""
    return int(wanted) if isinstance(wanted, (int, np.integer)) else wanted.n_neighbors - 1
