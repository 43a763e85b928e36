"""MWMOTE: more new rows near the border and where the rare class is thin, inside its clusters."""

from functools import partial
from typing import Annotated

import numpy as np
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform

from rarebird._errors import DataError
from rarebird._params import Int, OneOf, Real
from rarebird.registry import register
from rarebird.tables.sources import Interpolated

from .base import Checked
from .between import draw_partners, to_partners
from .over_sampler import OverSampler
from .parameters import Backend, Positive
from .searches import fitted_search

MAX_ROWS = 10_000  # of a class: weights and clusters hold its pairs, 2 GB for so many


def closeness(distances: np.ndarray, n_columns: int, cf_th: float, cmax: float) -> np.ndarray:
    """Return Cf = min(n_columns / distance, cf_th) / cf_th * cmax; cmax at distance 0.

    Examples
    --------
    >>> closeness(np.array([0.0, 0.4, 4.0]), 2, 5.0, 2.0).tolist()
    [2.0, 2.0, 0.2]
    """
    with np.errstate(divide="ignore"):
        return np.minimum(n_columns / distances, cf_th) / cf_th * cmax


def selection_weights(factors: np.ndarray, near: np.ndarray, n_rows: int) -> np.ndarray:
    """Return S_w(x) = sum_y Cf(y, x) Df(y, x) with Df(y, x) = Cf(y, x) / sum_q Cf(y, q).

    Parameters
    ----------
    factors : ndarray of shape (m, k)
        Cf of each border row y of the other classes and the k rows of the class next to it; of
        all other rows it is 0.
    near : ndarray of shape (m, k)
        Places of these rows among the class's.
    n_rows : int
        Rows of the class.

    Examples
    --------
    >>> factors, near = np.array([[1.0, 1.0], [2.0, 0.5]]), np.array([[0, 1], [1, 2]])
    >>> selection_weights(factors, near, 3).tolist()
    [0.5, 2.1, 0.1]
    """
    weights = factors**2 / factors.sum(axis=1, keepdims=True)
    return np.bincount(near.ravel(), weights.ravel(), minlength=n_rows)


def average_linkage(X: np.ndarray, cp: float) -> np.ndarray:
    """Return a cluster for each row: clusters merge while their mean distance is at most cp d_avg.

    d_avg is the mean over the rows of the distance to the nearest other row.

    Examples
    --------
    >>> average_linkage(np.array([[0.0], [1.0], [10.0], [11.0]]), 3.0).tolist()
    [1, 1, 2, 2]
    """
    if len(X) == 1:
        return np.ones(1, dtype=int)
    distances = pdist(X)
    square = squareform(distances)
    np.fill_diagonal(square, np.inf)
    d_avg = square.min(axis=1).mean()
    return fcluster(linkage(distances, "average"), cp * d_avg, criterion="distance")


@register(
    name="mwmote",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="New rare rows inside clusters, most from rare rows near the border and in thin "
    "places.",
    evidence="slow reference, from the distances to the selection weights and the clusters",
    rare_cases="a class of one row, of more than 10,000, or one none of whose rows has one of its "
    "own near by, is refused",
    example={"random_state": 0},
    papers=("Barua2014",),
)
class MWMOTE(OverSampler):
    """Over-samples with weights from the distance to the other classes' border rows.

    (1) Rows of the class without one of their class among their k1 nearest of all are left out.
    (2) The border: the k2 nearest rows of the other classes to each row that is left. (3) Each
    border row gives weight to its k3 nearest rows of the class (`closeness`,
    `selection_weights`). (4) x_new = x + u (x' - x), u ~ U(0, 1): x drawn by weight, x' another
    row of x's cluster (`average_linkage`; Barua et al., 2014).

    Parameters
    ----------
    {sampling_strategy}
    {random_state}
    k1 : int, default=5
        Neighbours that decide what is noise. This and the defaults below are the paper's.
    k2 : int, default=3
        Border rows for each row of the class.
    k3 : int or None, default=None
        Rows of the class for each border row; ``None``: half of the class.
    cf_th : float, default=5.0
        Closeness counts up to this value.
    cmax : float, default=2.0
        What that value becomes.
    cp : float, default=3.0
        The larger, the larger the clusters.
    {neighbors}

    Raises
    ------
    DataError
        If all rows of a class are left out in step (1), or it has more than 10,000 rows.
    ParameterError
        If a parameter is outside its rule.

    Notes
    -----
    O(n_c n d) for the searches and O(n_c^2 (d + k2)) time, O(n_c^2) memory for weights and clusters
    of a class of n_c rows. Rows left out in step (1) are neither base nor partner; smote-variants
    lets them in again in step (3), and clusters by k-means. A row alone in its cluster is repeated.
    Closeness depends on the units: scale the columns first.

    References
    ----------
    .. [Barua2014] Barua, S.; Islam, M. M.; Yao, X.; Murase, K. MWMOTE: majority weighted minority
       oversampling technique for imbalanced data set learning. IEEE Transactions on Knowledge and
       Data Engineering 26, 2014.

    Examples
    --------
    >>> X, y = np.arange(9.0)[:, None], np.array(["no"] * 6 + ["yes"] * 3)
    >>> X_new, y_new = MWMOTE(random_state=0).fit_resample(X, y)
    >>> X_new[9:].round(2).ravel().tolist()
    [7.25, 6.77, 6.6]
    """

    k1: Positive = 5
    k2: Positive = 3
    k3: Annotated[int | None, OneOf(None, Int(min=1))] = None
    cf_th: Annotated[float, Real(min=0, open_low=True)] = 5.0
    cmax: Annotated[float, Real(min=0, open_low=True)] = 2.0
    cp: Annotated[float, Real(min=0)] = 3.0
    neighbors: Backend = None

    def _grow(self, data: Checked, code: int, n_new: int) -> Interpolated:
        if data.counts[code] > MAX_ROWS:
            raise DataError(
                f"{type(self).__name__}: class {data.name(code)} is too large: the distances of "
                f"all its pairs are held, for at most {MAX_ROWS:,} rows. Use ADASYN or "
                "BorderlineSMOTE, or give a part of the rows."
            )
        members = self._without_noise(data, code)
        part = data.X[members]
        part = part.toarray() if sparse.issparse(part) else part
        clusters = average_linkage(part, self.cp)
        weights = self._weights(data, code, members)
        partner = partial(draw_partners, clusters, rng=data.rng)
        return to_partners(data.rng, members, weights, partner, n_new)

    def _without_noise(self, data: Checked, code: int) -> np.ndarray:
        """Return the rows of the class that have one of their class among their k1 nearest."""
        members = data.rows_of(code)
        k = min(self.k1, len(data.codes) - 1)
        search = data.once("all rows", lambda: fitted_search(self, data.X, k))
        near = search.kneighbors(data.X[members], return_distance=False)[:, 1:]
        kept = members[np.any(data.codes[near] == code, axis=1)]
        if not len(kept):
            raise DataError(
                f"{type(self).__name__}: class {data.name(code)}: none of its rows has another one "
                f"among its k1={self.k1} nearest, so all count as noise. Use a larger k1, or "
                "RandomOverSampler, which needs no neighbours."
            )
        return kept

    def _weights(self, data: Checked, code: int, members: np.ndarray) -> np.ndarray:
        """Return the selection weight of each of these rows of the class."""
        others = np.flatnonzero(data.codes != code)
        search = fitted_search(self, data.X[others], min(self.k2, len(others)), extra=0)
        border = others[np.unique(search.kneighbors(data.X[members], return_distance=False))]
        k3 = max(1, int(data.counts[code]) // 2) if self.k3 is None else self.k3
        search = fitted_search(self, data.X[members], min(k3, len(members)), extra=0)
        distances, near = search.kneighbors(data.X[border])
        factors = closeness(distances, data.X.shape[1], self.cf_th, self.cmax)
        return selection_weights(factors, near, len(members))
