"""SMOBD: SMOTE that starts from rows by their density and not from noise."""

from typing import Annotated, Any

import numpy as np
from sklearn.metrics import pairwise_distances_chunked

from rarebird._errors import DataError
from rarebird._params import Int, OneOf, Real
from rarebird.registry import register
from rarebird.tables.sources import Interpolated

from .base import Checked
from .between import to_partners
from .over_sampler import OverSampler
from .parameters import Backend
from .searches import class_neighbors, fitted_search

MIB = 64  # of distances at a time


def core_distances(X: Any, min_samples: int) -> np.ndarray:
    """Return each row's distance to its ``min_samples``-th nearest row, itself the first.

    Examples
    --------
    >>> core_distances(np.array([[0.0], [1.0], [3.0]]), 2).tolist()
    [1.0, 1.0, 2.0]
    """
    nearest = pairwise_distances_chunked(
        X,
        reduce_func=lambda D, _: np.partition(D, min_samples - 1, axis=1)[:, min_samples - 1],
        working_memory=MIB,
    )
    return np.concatenate(list(nearest))


def reach(X: Any, core: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's reachability distance, and how many rows are within the radius.

    The reachability of i is min over j != i of max(core_j, |x_i - x_j|), the least that OPTICS
    can give it; infinite if no core row is within the radius. A row counts itself.

    Examples
    --------
    >>> near, count = reach(np.array([[0.0], [1.0], [3.0]]), np.array([1.0, 1.0, 2.0]), 1.5)
    >>> near.tolist(), count.tolist()
    ([1.0, 1.0, inf], [2, 2, 1])
    """

    def reduce(D: np.ndarray, start: int) -> np.ndarray:
        within = radius >= D
        far = np.where(within & (core <= radius), np.maximum(core, D), np.inf)
        far[np.arange(len(D)), start + np.arange(len(D))] = np.inf
        return np.column_stack([far.min(axis=1), within.sum(axis=1)])

    found = np.concatenate(
        list(pairwise_distances_chunked(X, reduce_func=reduce, working_memory=MIB))
    )
    return found[:, 0], found[:, 1].astype(int)


def density_weights(
    core: np.ndarray, reachability: np.ndarray, count: np.ndarray, *, eta: float, t: float
) -> np.ndarray:
    """Return weights eta core / max core + (1 - eta) count / max count, 0 for noise; sum 1.

    Noise is a row whose core and reachability distances are both more than t times their (finite)
    means. An infinite core distance stands for 1.1 times the largest finite one, of which there
    must be one. Weights that are all 0 become equal.

    Examples
    --------
    >>> core, reachability = np.array([1.0, 2.0, 9.0]), np.array([1.0, 1.0, 9.0])
    >>> density_weights(core, reachability, np.array([3, 3, 1]), eta=0.5, t=1.8).round(3).tolist()
    [0.476, 0.524, 0.0]
    """
    finite = core[np.isfinite(core)]
    reached = reachability[np.isfinite(reachability)]
    noise = (core > t * finite.mean()) & (reachability > t * reached.mean())
    core = np.where(np.isfinite(core), core, 1.1 * finite.max())
    weights = (1 - eta) * count / count.max() + (eta * core / core.max() if core.any() else 0)
    weights = np.where(noise, 0.0, weights)
    return weights / weights.sum() if weights.any() else np.full(len(core), 1 / len(core))


@register(
    name="smobd",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
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
    {sampling_strategy}
    {random_state}
    eta1 : float, default=0.5
        Weight of the core distance against the count. The defaults of this and of the next two
        are those of smote-variants.
    t : float, default=1.8
        How much farther than the mean noise is.
    min_samples : int, default=5
        Rows, itself included, within the core distance; neighbours to choose x' from.
    max_eps : float or None, default=None
        The radius, in the units of X; a row with a core distance beyond it has none. ``None``: t
        times the mean core distance. (smote-variants: 1.)
    {neighbors}

    Raises
    ------
    DataError
        If a targeted class has no more than ``min_samples`` rows, or none of them has so many
        within the radius.
    ParameterError
        If a parameter is outside its rule.

    Notes
    -----
    O(n_c^2 d) for a class of n_c rows, in pieces. The formula is that of smote-variants, the
    paper's text not being at hand. The reachability distance is the least over all predecessors,
    so that it does not depend on the order of the rows as OPTICS' does. smote-variants counts the
    infinite reachability of OPTICS' first row in the mean and so never finds noise, and it draws
    u for each column.

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
    [10.44, 10.89, 10.96, 9.62]
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
            raise DataError(
                f"{type(self).__name__}: no row of class {data.name(code)} has {k} rows within "
                f"{radius:.3g}. Use max_eps >= {core.min():.3g}, or max_eps=None and t >= 1."
            )
        core = np.where(core <= radius, core, np.inf)
        weights = density_weights(core, *reach(X, core, radius), eta=self.eta1, t=self.t)
        near = fitted_search(self, X, k).kneighbors(X, return_distance=False)[:, 1:]

        def partner(base: np.ndarray) -> np.ndarray:
            return near[base, rng.randint(near.shape[1], size=n_new)]

        return to_partners(rng, members, weights, partner, n_new)
