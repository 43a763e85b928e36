"""MWMOTE: more new rows near the border and where the rare class is thin, inside its clusters."""

from functools import partial
from typing import Annotated

import numpy as np
from scipy import sparse

from rarebird._params import Int, OneOf, Real
from rarebird.registry import register
from rarebird.tables.sources import Interpolated

from .base_weights import average_linkage, closeness, selection_weights
from .between import draw_partners, to_partners
from .checked import FOR_CLASSES, Checked
from .over_sampler import OverSampler
from .parameters import Backend, Positive
from .searches import fitted_search, near_in_table

MAX_ROWS = 10_000  # of a class: weights and clusters hold its pairs, 2 GB for so many


@register(
    name="mwmote",
    **FOR_CLASSES,
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

    Rows of the class without one of their class among their k1 nearest of all are noise, and left
    out. The border are the k2 nearest rows of the other classes to each row that is left. Each
    border row gives weight to its k3 nearest rows of the class (`closeness`,
    `selection_weights`). Then x_new = x + u (x' - x), u ~ U(0, 1): x drawn by weight, x' another
    row of x's cluster (`average_linkage`; Barua et al., 2014).

    Parameters
    ----------
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

    Raises
    ------
    DataError
        If all rows of a class are noise, or it has more than 10,000 rows.

    Notes
    -----
    O(n_c n d) for the searches and O(n_c^2 (d + k2)) time, O(n_c^2) memory for weights and clusters
    of a class of n_c rows. Noise is neither base nor partner; smote-variants lets it in again
    where weight is given, and clusters by k-means. A row alone in its cluster is repeated.
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
    [6.91, 6.61, 6.73]
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
            raise self._refusal(
                data,
                code,
                f"is too large: the distances of all its pairs are held, for at most {MAX_ROWS:,} "
                "rows. Use ADASYN or BorderlineSMOTE, or give a part of the rows.",
            )
        members, rng = self._without_noise(data, code), data.rng
        if not len(members):
            raise self._refusal(
                data,
                code,
                f"counts as noise: none of its rows has another one among its k1={self.k1} "
                "nearest. Use a larger k1, or RandomOverSampler, which needs no neighbours.",
            )
        X = data.X[members].toarray() if sparse.issparse(data.X) else data.X[members]
        partner = partial(draw_partners, rng, average_linkage(X, self.cp))
        return to_partners(rng, members, self._weights(data, code, members), partner, n_new)

    def _without_noise(self, data: Checked, code: int) -> np.ndarray:
        """Return the rows of the class that have one of their class among their k1 nearest."""
        rows = data.rows_of(code)
        near = near_in_table(self, data, rows, min(self.k1, len(data.codes) - 1))
        return rows[np.any(data.codes[near] == code, axis=1)]

    def _weights(self, data: Checked, code: int, members: np.ndarray) -> np.ndarray:
        """Return the selection weight of each of these rows of the class."""
        X, others = data.X[members], np.flatnonzero(data.codes != code)
        search = fitted_search(self, data.X[others], min(self.k2, len(others)), extra=0)
        border = others[np.unique(search.kneighbors(X, return_distance=False))]
        k3 = max(1, int(data.counts[code]) // 2) if self.k3 is None else self.k3
        search = fitted_search(self, X, min(k3, X.shape[0]), extra=0)
        distances, near = search.kneighbors(data.X[border])
        factors = closeness(distances, X.shape[1], self.cf_th, self.cmax)
        return selection_weights(factors, near, X.shape[0])
