"""NRAS: rare rows that look like noise are dropped first, then SMOTE makes the new ones."""

from dataclasses import replace
from typing import Annotated

import numpy as np

from rarebird._params import Real
from rarebird.registry import register
from rarebird.tables.plan import Plan
from rarebird.tables.sources import Interpolated, Kept

from .base_weights import with_propensity
from .between import to_neighbors
from .checked import FOR_CLASSES, Checked
from .over_sampler import OverSampler
from .parameters import Backend, Positive
from .searches import fitted_search, near_among


@register(
    name="nras",
    **FOR_CLASSES,
    summary="SMOTE after rare rows with few rare neighbours are dropped as noise.",
    evidence="slow reference; SMOTE's rows where nothing is noise",
    rare_cases="a class of one row, or one of which noise leaves fewer than two rows, is refused",
    example={"random_state": 0},
    papers=("Rivera2017",),
)
class NRAS(OverSampler):
    """Over-samples by SMOTE what a search for noise leaves of a class.

    A row of the class is noise if fewer than ``threshold`` of its k nearest rows are of its class,
    in the scaled columns and the propensity to be of the class (`with_propensity`). Noise is
    dropped, and x_new = x + u (x' - x), u ~ U(0, 1), x' one of the k nearest rows of those left
    (Rivera, 2017).

    Parameters
    ----------
    random_state : int, Generator, RandomState or None, default=None
        Seed.
    k_neighbors : int, default=5
        Neighbours, for both steps; this and the next are smote-variants' defaults.
    threshold : float, default=0.5
        In [0, 1]; 0 drops nothing and gives `SMOTE`'s rows.

    Raises
    ------
    DataError
        If fewer than two rows of a class are left.

    Notes
    -----
    O(n_c n d) for the neighbours, O(n d) a step of the regression. As many rows more are made as
    are dropped. Of more than two classes, the propensity is that of the class against all others.
    Where k rows or fewer are left, all others are neighbours. smote-variants draws x' from the k
    nearest rows of any class; here the second step is SMOTE, after which the method is named.

    References
    ----------
    .. [Rivera2017] Rivera, W. A. Noise reduction a priori synthetic over-sampling for class
       imbalanced data sets. Information Sciences 408, 2017.

    Examples
    --------
    >>> X = np.array([0.0, 1, 2, 3, 4, 5, 6, 7, 2.5, 20, 21, 22, 23, 24])[:, None]
    >>> y = np.array(["no"] * 8 + ["yes"] * 6)
    >>> sampler = NRAS(k_neighbors=3, random_state=0)
    >>> X_new, _ = sampler.fit_resample(X, y)
    >>> sampler.noise_.tolist(), X_new[8:].round(2).ravel().tolist()
    ([8], [20.0, 21.0, 22.0, 23.0, 24.0, 23.4, 22.09, 20.42])
    """

    sparse_too = False
    legacy_rng = True  # for the rows of SMOTE
    k_neighbors: Positive = 5
    threshold: Annotated[float, Real(min=0, max=1)] = 0.5
    neighbors: Backend = None

    def _plan(self, data: Checked) -> Plan:
        noise = data.once("noise", lambda: np.zeros(len(data.codes), dtype=bool))
        plan = super()._plan(data)
        self.noise_ = np.flatnonzero(noise)
        return replace(plan, sources=(Kept(np.flatnonzero(~noise)), *plan.sources[1:]))

    def _grow(self, data: Checked, code: int, n_new: int) -> Interpolated:
        members, own = data.rows_of(code), data.codes == code
        X = with_propensity(data.X, own)
        search = fitted_search(self, X, min(self.k_neighbors, len(X) - 1))
        near = search.kneighbors(X[own], return_distance=False)[:, 1:]
        bad = own[near].mean(axis=1) < self.threshold
        data.memory["noise"][members[bad]] = True
        left = members[~bad]
        if len(left) < 2:
            text = (
                f"is too small: {len(left)} of its rows are left with {self.threshold:g} of their "
                f"k_neighbors={self.k_neighbors} nearest in the class, and a new row lies between "
                "2. Use a smaller threshold, or RandomOverSampler, which needs none."
            )
            raise self._refusal(data, code, text)
        near = near_among(self, data.X, left, min(self.k_neighbors, len(left) - 1))
        return to_neighbors(data.start(), left, near, n_new + int(bad.sum()))
