"""ADASYN: the more foreign neighbours a rare row has, the more new rows it gets."""

import numpy as np

from rarebird.registry import register
from rarebird.tables.sources import Interpolated

from .base_weights import rows_to_make
from .checked import FOR_CLASSES, Checked
from .over_sampler import OverSampler
from .parameters import Backend, Neighbors
from .searches import class_neighbors, labels_in_table, near_among


@register(
    name="adasyn",
    **FOR_CLASSES,
    summary="New rare rows, the more the more other classes are near.",
    evidence="imbalanced-learn 0.14.2: identical rows",
    rare_cases="a class with no more rows than n_neighbors, or no foreign one near is refused",
    example={"random_state": 0},
)
class ADASYN(OverSampler):
    """Over-samples with more new rows where other classes are near.

    r_i is the share of other classes among the k nearest rows of a rare row x_i. The row becomes
    the base of rint(n_new r_i / sum r) rows x_i + u (x' - x_i), u ~ U(0, 1), x' one of the k
    nearest rows of its own class: the total may differ from n_new by the rounding.

    Parameters
    ----------
    n_neighbors : int or neighbours object, default=5
        k, among all rows and within the class.

    Raises
    ------
    DataError
        If a targeted class has no more than ``n_neighbors`` rows, no row with a foreign
        neighbour, or so few new rows to make that all are rounded away.

    Notes
    -----
    O(n_c n d) for a class of n_c rows, less in few dimensions: He et al. (2008).

    Examples
    --------
    >>> X, y = np.array([[0.0], [1], [2], [3], [4], [5], [5.4], [9], [9.3]]), [0] * 6 + [1] * 3
    >>> sampler = ADASYN(n_neighbors=2, random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> X_new[9:].round(2).ravel().tolist(), sampler.parents_[9:].tolist()
    ([8.44, 8.75, 8.7], [[6, 7], [6, 8], [6, 8]])
    """

    legacy_rng = True
    mixed_too = True
    n_neighbors: Neighbors = 5
    neighbors: Backend = None

    def _grow(self, data: Checked, code: int, n_new: int) -> Interpolated:
        class_neighbors(self, data, code, "n_neighbors")
        members = data.rows_of(code)
        near = labels_in_table(self, data, members, self.n_neighbors)
        n_foreign = np.count_nonzero(near != code, axis=1)
        more = "Use a larger n_neighbors, or SMOTE, which makes new rows everywhere in the class."
        if not n_foreign.any():
            raise self._refusal(
                data, code, f"has no row of another class near; there is no border. {more}"
            )
        made = rows_to_make(n_foreign, near.shape[1], n_new)
        if not made.any():
            raise self._refusal(
                data,
                code,
                f"is to get {n_new}, fewer than 1/2 for each: all are rounded away. {more}",
            )
        bases = np.flatnonzero(made)
        own = near_among(self, data.X, members, self.n_neighbors, members[bases])
        self.nn_ = self.nn_k_
        base = np.repeat(np.arange(len(bases)), made[bases])
        column = data.rng.choice(own.shape[1], size=len(base))
        steps = data.rng.uniform(size=len(base))
        return Interpolated(members[bases[base]], own[base, column], steps)
