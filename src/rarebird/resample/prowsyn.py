"""ProWSyn: more new rows from the rare rows near the other classes."""

from functools import partial
from typing import Annotated

import numpy as np

from rarebird._params import Real
from rarebird.registry import register
from rarebird.tables.sources import Interpolated

from .base_weights import proximity_levels
from .between import draw_partners, to_partners
from .checked import FOR_CLASSES, Checked
from .over_sampler import OverSampler
from .parameters import Backend, Positive
from .searches import fitted_search


@register(
    name="prowsyn",
    **FOR_CLASSES,
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
    k_neighbors : int, default=5
        Rare neighbours that each row of the other classes puts into a level.
    n_levels : int, default=5
        Levels. This and the other defaults are those of smote-variants.
    theta : float, default=1.0
        How fast the weight falls with the level; 0: all rows alike.

    Raises
    ------
    DataError
        If a targeted class has one row.

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
    [7.91, 6.61, 6.73]
    """

    k_neighbors: Positive = 5
    n_levels: Positive = 5
    theta: Annotated[float, Real(min=0)] = 1.0
    neighbors: Backend = None

    def _grow(self, data: Checked, code: int, n_new: int) -> Interpolated:
        members, rng = data.rows_of(code), data.start()
        if len(members) < 2:
            raise self._refusal(
                data,
                code,
                "is too small: a new row lies between 2 rows. Use RandomOverSampler, which needs "
                "one.",
            )
        X, others = data.X[members], data.X[data.codes != code]
        search = partial(fitted_search, self, extra=0)
        levels = proximity_levels(X, others, self.k_neighbors, self.n_levels, search)
        weights = np.exp(-self.theta * (levels - levels.min()))
        return to_partners(rng, members, weights, partial(draw_partners, rng, levels), n_new)
