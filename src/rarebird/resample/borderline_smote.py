"""Borderline-SMOTE: new rows only from rare rows with many, but not only, foreign neighbours."""

import warnings
from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from rarebird._params import OneOf
from rarebird.registry import StudyUse, register
from rarebird.tables.plan import Plan
from rarebird.tables.sources import Interpolated

from .base_weights import in_danger
from .between import to_neighbors
from .checked import FOR_CLASSES, OVER_STRENGTHS, Checked
from .over_sampler import OverSampler
from .parameters import Backend, Neighbors, NeighborsOrAuto
from .searches import (
    check_reach,
    class_neighbors,
    is_number,
    labels_in_table,
    near_among,
    near_in_table,
    others_of,
)


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
    **FOR_CLASSES,
    summary="SMOTE from those rare rows only that have many foreign neighbours.",
    evidence="imbalanced-learn 0.14.2: identical rows, both kinds",
    rare_cases="a class with no row in danger gets no new one, with a warning; one that has such a "
    "row and no more rows than k_neighbors is refused, or k_neighbors='auto'",
    example={"random_state": 0},
    title="Borderline-SMOTE",
    study=StudyUse(
        after="tomek-links",
        effort=None,
        strengths=OVER_STRENGTHS,
        params={"k_neighbors": "auto"},
        quick=False,
    ),
)
class BorderlineSMOTE(OverSampler):
    """Over-samples from the rare rows near the border.

    A rare row x is in danger if m/2 <= m' < m of its m nearest rows are of other classes. Only
    such rows are bases: x_new = x + u (x' - x), u ~ U(0, 1). Of kind 1, x' is one of the k nearest
    rows of x's class; of kind 2, of all rows, and x' - x is first multiplied by v ~ U(0, 1/2)
    where x' is of another class.

    Parameters
    ----------
    {k_or_auto}
    {m_neighbors}
    kind : {"borderline-1", "borderline-2"}, default="borderline-1"
        Where x' comes from.

    Attributes
    ----------
    in_danger_indices : dict of label to ndarray
        The rows in danger of each class that has any.

    Raises
    ------
    DataError
        If a targeted class with a row in danger has no more than ``k_neighbors`` rows (kind 1), or
        if the table has no more rows than neighbours are asked for.

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

    legacy_rng = True
    mixed_too = True
    k_neighbors: NeighborsOrAuto = 5
    m_neighbors: Neighbors = 10
    kind: Annotated[str, OneOf("borderline-1", "borderline-2")] = "borderline-1"
    neighbors: Backend = None

    def _plan(self, data: Checked) -> Plan:
        self.in_danger_indices = data.once("bases", dict[Any, np.ndarray])
        return super()._plan(data)

    def _grow(self, data: Checked, code: int, n_new: int) -> Interpolated | tuple[()]:
        m, members = others_of(self.m_neighbors), data.rows_of(code)
        wanted = data.once("m", lambda: self._wanted(data, code))
        if self.kind == "borderline-1":
            labels = labels_in_table(self, data, members, wanted)
        else:
            near = near_in_table(self, data, members, wanted)
            labels = data.codes[near]
        self.nn_m_ = data.memory["all rows"]
        danger = in_danger(np.count_nonzero(labels[:, :m] != code, axis=1), m)
        if not danger.any():
            warnings.warn(
                f"{type(self).__name__}: no row of class {data.name(code)} is in danger (at least "
                f"half of its {m} neighbours foreign, but not all); the class gets no new rows. "
                "Try another m_neighbors, or SMOTE.",
                stacklevel=7,
            )
            return ()
        bases = members[danger]
        data.memory["bases"][data.classes.tolist()[code]] = bases
        if self.kind == "borderline-1":
            k = class_neighbors(self, data, code, "k_neighbors")
            near = near_among(self, data.X, members, k, bases)
            return to_neighbors(data.start(), bases, near, n_new)
        if self._one_search:
            near = near[danger][:, : self._k]
        else:
            check_reach(self, data, code, "k_neighbors", self._k)
            near = near_among(self, data.X, np.arange(len(data.codes)), self._k, bases)
        source = to_neighbors(data.start(), bases, near, n_new)
        # the generator starts again for the shrinking, as imbalanced-learn's
        shrink = shrink_foreign(data.start(), data.codes[source.others] != code)
        return replace(source, shrink=shrink)

    @property
    def _k(self) -> Any:
        return 5 if isinstance(self.k_neighbors, str) else self.k_neighbors

    @property
    def _one_search(self) -> bool:
        """Whether one search among all rows serves m and the k of kind 2."""
        kind_2 = self.kind == "borderline-2"
        return kind_2 and is_number(self.m_neighbors) and is_number(self._k)

    def _wanted(self, data: Checked, code: int) -> Any:
        """Return what is looked for among all rows, refused where they are too few."""
        check_reach(self, data, code, "m_neighbors")
        if not self._one_search:
            return self.m_neighbors
        check_reach(self, data, code, "k_neighbors", max(self.m_neighbors, self._k))
        return max(self.m_neighbors, self._k)
