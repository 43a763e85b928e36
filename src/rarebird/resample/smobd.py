"""SMOBD: SMOTE that starts from rows by their density and not from noise."""

from functools import partial
from typing import Annotated

import numpy as np

from rarebird._params import Int, OneOf, Real
from rarebird.registry import register
from rarebird.tables.sources import Interpolated

from .base_weights import core_distances, density_weights, reach
from .between import draw_neighbors, to_partners
from .checked import FOR_CLASSES, Checked
from .over_sampler import OverSampler
from .parameters import Backend
from .searches import class_neighbors, fitted_search


@register(
    name="smobd",
    **FOR_CLASSES,
    summary="SMOTE from rows drawn by their density, rows far from all others left out.",
    evidence="scikit-learn's OPTICS: core distances; slow reference of the weights; "
    "smote-variants 1.0.1: energy distance without noise (benchmarks/beside_smote_variants.py)",
    rare_cases="a class with no more rows than min_samples is refused",
    example={"random_state": 0},
    papers=("Cao2011",),
)
class SMOBD(OverSampler):
    """Over-samples between near rows of a class, the first drawn by its density.

    x_new = x + u (x' - x), u ~ U(0, 1): x is drawn with weight
    eta1 core / max core + (1 - eta1) count / max count, where core is OPTICS' core distance and
    count the rows within the radius; noise, whose core and reachability distances are both more
    than t times the mean, gets no weight; x' is one of the ``min_samples`` nearest rows of the
    class (Cao and Wang, 2011).

    Parameters
    ----------
    eta1 : float, default=0.5
        Weight of the core distance against the count.
    t : float, default=1.8
        How much farther than the mean noise is.
    min_samples : int, default=5
        Rows, itself included, within the core distance; neighbours to choose x' from.
    max_eps : float or None, default=None
        The radius, in the units of X; a row with a core distance beyond it has none. ``None``: t
        times the mean core distance. (smote-variants: 1.)

    {raises_small_class}

    Notes
    -----
    A class no row of which has ``min_samples`` rows within the radius is refused. O(n_c^2 d) for a
    class of n_c rows, in pieces. The formula and the defaults are those of smote-variants, the
    paper's text not being at hand. The reachability distance is the least over all predecessors, so
    that it does not depend on the order of the rows as OPTICS' does. smote-variants counts the
    infinite reachability of OPTICS' first row in the mean and so never finds noise, and it draws u
    for each column.

    References
    ----------
    .. [Cao2011] Cao, Q.; Wang, S. Applying over-sampling technique based on data density and cost-
       sensitive SVM to imbalanced learning. International Conference on Information Management,
       Innovation Management and Industrial Engineering, 2011.

    Examples
    --------
    >>> X, y = np.arange(12.0)[:, None], np.array(["no"] * 8 + ["yes"] * 4)
    >>> sampler = SMOBD(min_samples=2, random_state=0)
    >>> sampler.fit_resample(X, y)[0][12:].round(2).ravel().tolist()
    [9.39, 8.27, 9.09, 9.87]
    """

    eta1: Annotated[float, Real(min=0, max=1)] = 0.5
    t: Annotated[float, Real(min=0, open_low=True)] = 1.8
    min_samples: Annotated[int, Int(min=2)] = 5
    max_eps: Annotated[float | None, OneOf(None, Real(min=0, open_low=True))] = None
    neighbors: Backend = None

    def _grow(self, data: Checked, code: int, n_new: int) -> Interpolated:
        k, members = class_neighbors(self, data, code, "min_samples"), data.rows_of(code)
        X, rng = data.X[members], data.start()
        core = core_distances(X, k)
        radius = self.t * core.mean() if self.max_eps is None else self.max_eps
        if core.min() > radius:
            more = f"Use max_eps >= {core.min():.3g}, or max_eps=None and t >= 1."
            raise self._refusal(data, code, f"has no row with {k} rows within {radius:.3g}. {more}")
        core = np.where(core <= radius, core, np.inf)
        weights = density_weights(core, *reach(X, core, radius), eta=self.eta1, t=self.t)
        near = fitted_search(self, X, k).kneighbors(X, return_distance=False)[:, 1:]
        partner = partial(draw_neighbors, rng, near)
        return to_partners(rng, members, weights, partner, n_new)
