"""ProWSyn: more new rows from the rare rows near the other classes."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import numpy as np
from sklearn.neighbors import NearestNeighbors

from rarebird._errors import DataError
from rarebird._params import Real
from rarebird.registry import register
from rarebird.tables.sources import Interpolated

from .base import Checked
from .between import draw_partners, to_partners
from .over_sampler import OverSampler
from .parameters import Backend, Positive
from .searches import fitted_search


def _search(X: Any, k: int) -> Any:
    return NearestNeighbors(n_neighbors=k).fit(X)


def proximity_levels(
    X: Any, others: Any, k: int, n_levels: int, search: Callable[[Any, int], Any] = _search
) -> np.ndarray:
    """Return how near each row is to the other classes: 1 (nearest) .. n_levels.

    Level j holds the rows that are among the k nearest of some row of the other classes once the
    levels before are taken away; the last level holds the rest.

    Parameters
    ----------
    X : array of shape (n, d)
        The class's rows.
    others : array of shape (m, d)
        The rows of all other classes.
    k : int
        Neighbours.
    n_levels : int
        Levels.
    search : callable
        Rows and k to a fitted neighbour search.

    Examples
    --------
    >>> proximity_levels(np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([[0.0]]), 1, 3).tolist()
    [1, 2, 3, 3]
    """
    levels = np.full(X.shape[0], n_levels)
    left = np.arange(X.shape[0])
    for level in range(1, n_levels):
        if not len(left):
            break
        fitted = search(X[left], min(k, len(left)))
        near = np.unique(fitted.kneighbors(others, return_distance=False))
        levels[left[near]] = level
        left = np.delete(left, near)
    return levels


@register(
    name="prowsyn",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="New rare rows within levels of nearness to the other classes, most in the nearest.",
    evidence="slow reference; closed form of the weights; smote-variants 1.0.1: energy distance "
    "with one level (benchmarks/beside_smote_variants.py)",
    rare_cases="a class of one row is refused; two rows suffice",
    example={"random_state": 0},
    papers=("Barua2013",),
)
class ProWSyn(OverSampler):
    """Over-samples with weights that fall with the distance from the other classes.

    x_new = x + u (x' - x), u ~ U(0, 1): x is drawn with weight exp(-theta (L_x - 1)), L_x its
    proximity level, and x' is another row of the same level (Barua, Islam and Murase, 2013).

    Parameters
    ----------
    {sampling_strategy}
    {random_state}
    k_neighbors : int, default=5
        Rare neighbours that each row of the other classes puts into a level.
    n_levels : int, default=5
        Levels. This and the other defaults are those of smote-variants.
    theta : float, default=1.0
        How fast the weight falls with the level; 0: all rows alike.
    {neighbors}

    Raises
    ------
    DataError
        If a targeted class has one row.
    ParameterError
        If a parameter is outside its rule.

    Notes
    -----
    O(n_levels n n_c d) for a class of n_c rows, less in few dimensions. Of more than two classes,
    the others are all rows that are not of the class. The weight belongs to the row, as in the
    paper's abstract; smote-variants gives it to the level as a whole, whatever its size. A row
    that is alone in its level is repeated.

    References
    ----------
    .. [Barua2013] Barua, S.; Islam, M. M.; Murase, K. ProWSyn: proximity weighted synthetic
       oversampling technique for imbalanced data set learning. Pacific-Asia Conference on Knowledge
       Discovery and Data Mining, 2013.

    Examples
    --------
    >>> X, y = np.arange(9.0)[:, None], np.array(["no"] * 6 + ["yes"] * 3)
    >>> sampler = ProWSyn(random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> X_new[9:].round(2).ravel().tolist()
    [6.38, 7.62, 6.7]
    """

    k_neighbors: Positive = 5
    n_levels: Positive = 5
    theta: Annotated[float, Real(min=0)] = 1.0
    neighbors: Backend = None

    def _grow(self, data: Checked, code: int, n_new: int) -> Interpolated:
        members, rng = data.rows_of(code), data.start()
        if len(members) < 2:
            raise DataError(
                f"{type(self).__name__}: class {data.name(code)} is too small: a new row lies "
                "between 2 rows. Use RandomOverSampler, which needs one."
            )
        others = data.X[data.codes != code]
        search = partial(fitted_search, self, extra=0)
        levels = proximity_levels(data.X[members], others, self.k_neighbors, self.n_levels, search)
        weights = np.exp(-self.theta * (levels - levels.min()))
        partner = partial(draw_partners, levels, rng=rng)
        return to_partners(rng, members, weights, partner, n_new)
