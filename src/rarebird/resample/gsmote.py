"""Geometric SMOTE: new rare rows inside balls around rare rows, cut and flattened."""

from typing import Annotated

import numpy as np

from rarebird._params import OneOf, Real
from rarebird.registry import register
from rarebird.tables.sources import Explicit

from .around import ball_points, truncate_and_deform
from .checked import FOR_CLASSES, Checked
from .over_sampler import OverSampler
from .parameters import Backend, NeighborsOrAuto
from .searches import class_neighbors, fitted_search, near_among


@register(
    name="geometric-smote",
    **FOR_CLASSES,
    summary="New rare rows in a ball around a rare row, cut and flattened towards a neighbour.",
    evidence="slow reference; closed form of the ball, the half balls and the segment",
    rare_cases="a class with no more rows than k_neighbors is refused, or k_neighbors='auto'; "
    "with selection_strategy='majority' one row suffices",
    example={"random_state": 0},
    papers=("Douzas2019",),
)
class GeometricSMOTE(OverSampler):
    """Over-samples inside hyperspheres around rows of a class.

    x_new = x + R e: R the distance to a chosen surface row x_s, e uniform in the unit ball, then
    truncated and deformed along (x_s - x) / R (`truncate_and_deform`; Douzas and Bacao, 2019).

    Parameters
    ----------
    truncation_factor : float, default=1.0
        In [-1, 1]: 1 keeps the half of the ball towards the surface row, 0 all, -1 the other half.
        This and the defaults below are those of the authors' package.
    deformation_factor : float, default=0.0
        In [0, 1]: 0 is the ball, 1 the line through the surface row.
    selection_strategy : {"combined", "minority", "majority"}, default="combined"
        The surface row: one of the k nearest of the class (``"minority"``), the nearest of all
        other classes (``"majority"``), or whichever of these two is nearer (``"combined"``).
    k_neighbors : int, neighbours object or "auto", default=5
        Neighbours of the class; ``"auto"``: 5, or all others in a class of fewer than 6 rows.

    Raises
    ------
    DataError
        If a class has no more than ``k_neighbors`` rows and its neighbours are asked for.

    Notes
    -----
    O(n_c^2 d) for the class's neighbours, O(n_c n d) for the nearest of the others, less in few
    dimensions; O(n_new d) for the new rows, which are dense. Base rows are drawn with replacement,
    as in the authors' package (the paper goes through them in turns). The parents of a new row are
    x and x_s, which is of another class where the nearest of those was chosen.

    References
    ----------
    .. [Douzas2019] Douzas, G.; Bacao, F. Geometric SMOTE: a geometrically enhanced drop-in
       replacement for SMOTE. Information Sciences 501, 2019.

    Examples
    --------
    >>> X, y = np.arange(9.0)[:, None], np.array(["no"] * 6 + ["yes"] * 3)
    >>> sampler = GeometricSMOTE(k_neighbors="auto", random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> X_new[9:].round(2).ravel().tolist(), sampler.parents_[9:].tolist()
    ([6.17, 6.39, 6.27], [[8, 6], [7, 6], [7, 6]])
    """

    sparse_too = False
    truncation_factor: Annotated[float, Real(min=-1, max=1)] = 1.0
    deformation_factor: Annotated[float, Real(min=0, max=1)] = 0.0
    selection_strategy: Annotated[str, OneOf("combined", "minority", "majority")] = "combined"
    k_neighbors: NeighborsOrAuto = 5
    neighbors: Backend = None

    def _grow(self, data: Checked, code: int, n_new: int) -> Explicit:
        base, surface = self._choose(data, code, n_new)
        centre = data.X[base].astype(float)
        axes = data.X[surface] - centre
        radius = np.linalg.norm(axes, axis=1)[:, None]
        axes /= np.where(radius > 0, radius, 1)
        points = ball_points(data.rng.normal(size=centre.shape), data.rng.uniform(size=n_new))
        points = truncate_and_deform(points, axes, self.truncation_factor, self.deformation_factor)
        return Explicit(centre + radius * points, np.column_stack([base, surface]))

    def _choose(self, data: Checked, code: int, n_new: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the base row and the surface row of each new row."""
        members, others = data.rows_of(code), np.flatnonzero(data.codes != code)
        X, rng = data.X, data.rng
        if self.selection_strategy != "majority":
            k = class_neighbors(self, data, code, "k_neighbors")
            near = near_among(self, X, members, k)
            base, column = np.divmod(rng.integers(near.size, size=n_new), near.shape[1])
            surface = near[base, column]
        else:
            base = rng.integers(len(members), size=n_new)
        rows = members[base]
        if self.selection_strategy != "minority":
            search = fitted_search(self, X[others], 1, extra=0)
            nearest = others[search.kneighbors(X[members], return_distance=False)[:, 0]][base]
            if self.selection_strategy == "majority":
                surface = nearest
            else:
                far = _distances(X, rows, surface) > _distances(X, rows, nearest)
                surface = np.where(far, nearest, surface)
        return rows, surface


def _distances(X: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.linalg.norm(X[one].astype(float) - X[other], axis=1)
