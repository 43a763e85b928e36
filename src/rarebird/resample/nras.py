"""NRAS: rare rows that look like noise are dropped first, then SMOTE makes the new ones."""

from typing import Any, ClassVar

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import minmax_scale
from sklearn.utils import check_random_state

from rarebird._errors import DataError
from rarebird._params import Int, Real
from rarebird.registry import register
from rarebird.tables.plan import Interpolated, Kept, Plan

from .base import BackendRule, Checked, Resampler
from .pairs import draw_pairs


def with_propensity(X: np.ndarray, is_rare: np.ndarray) -> np.ndarray:
    """Return X with columns scaled to [0, 1] and the chance of being rare as one column more.

    The chance is that of a logistic regression of ``is_rare`` on the scaled columns.

    Examples
    --------
    >>> found = with_propensity(np.array([[1.0], [2.0], [4.0], [5.0]]), np.array([0, 0, 1, 1]) > 0)
    >>> found.round(2).tolist()
    [[0.0, 0.42], [0.25, 0.46], [0.75, 0.54], [1.0, 0.58]]
    """
    X = minmax_scale(np.asarray(X, dtype=float))
    model = LogisticRegression(max_iter=1000).fit(X, is_rare)
    return np.column_stack([X, model.predict_proba(X)[:, 1]])


@register(
    name="nras",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="SMOTE after rare rows with few rare neighbours are dropped as noise.",
    evidence="slow reference; SMOTE's rows where nothing is noise",
    rare_cases="a class of one row, or one of which noise leaves fewer than two rows, is refused",
    example={"random_state": 0},
    papers=("Rivera2017",),
)
class NRAS(Resampler):
    """Over-samples by SMOTE what a search for noise leaves of a class.

    A row of the class is noise if fewer than ``threshold`` of its k nearest rows are of its class,
    in the scaled columns and the propensity to be of the class (`with_propensity`). Noise is
    dropped, and x_new = x + u (x' - x), u ~ U(0, 1), x' one of the k nearest rows of those left
    (Rivera, 2017).

    Parameters
    ----------
    sampling_strategy : str, float, dict or callable, default="auto"
        See `sampling_targets`; the counts are exact: what is dropped is made anew.
    random_state : int, RandomState or None, default=None
        Seed.
    k_neighbors : int, default=5
        Neighbours, for both steps. This and the next default are those of smote-variants.
    threshold : float, default=0.5
        In [0, 1]; 0 drops nothing and gives `SMOTE`'s rows.
    neighbors : str, backend or None, default=None
        See `rarebird.neighbors.backend`; ``None`` is exact.

    Raises
    ------
    DataError
        If fewer than two rows of a class are left.
    ParameterError
        If a parameter is outside its rule.

    Notes
    -----
    O(n_c n d) for the neighbours, O(n d) a step of the regression. Of more than two classes, the
    propensity is that of the class against all others. Where k rows or fewer are left, all others
    are neighbours. smote-variants draws x' from the k nearest rows of any class; here the second
    step is SMOTE, after which the method is named.

    References
    ----------
    .. [Rivera2017] Rivera, W. A. Noise reduction a priori synthetic over-sampling for class
       imbalanced data sets. Information Sciences 408, 2017.

    Examples
    --------
    >>> X = np.array([0.0, 1, 2, 3, 4, 5, 6, 7, 2.5, 20, 21, 22, 23, 24])[:, None]
    >>> y = np.array(["no"] * 8 + ["yes"] * 6)
    >>> sampler = NRAS(k_neighbors=3, random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> sampler.noise_.tolist(), X_new[8:].round(2).ravel().tolist()
    ([8], [20.0, 21.0, 22.0, 23.0, 24.0, 23.4, 22.09, 20.42])
    """

    kind = "over"
    sparse_too = False
    rules: ClassVar = {
        "k_neighbors": Int(min=1),
        "threshold": Real(min=0, max=1),
        "neighbors": BackendRule,
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: int = 5,
        threshold: float = 0.5,
        neighbors: Any = None,
    ):
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.threshold = threshold
        self.neighbors = neighbors

    def _plan(self, data: Checked) -> Plan:
        noise = np.zeros(len(data.codes), dtype=bool)
        sources: list[Any] = []
        for code, n_new in data.targets.items():
            if n_new == 0:
                continue
            members = data.rows_of(code)
            bad = self._is_noise(data, code)
            noise[members[bad]] = True
            members = members[~bad]
            if len(members) < 2:
                raise DataError(
                    f"{type(self).__name__}: class {data.name(code)} is too small: {len(members)} "
                    f"of its rows are left after those with fewer than {self.threshold:g} of their "
                    f"k_neighbors={self.k_neighbors} nearest in the class, and a new row lies "
                    "between 2. Use a smaller threshold, or RandomOverSampler, which needs none."
                )
            k = min(self.k_neighbors, len(members) - 1)
            X = data.X[members]
            near = self._neighbors(X, k).kneighbors(X, return_distance=False)[:, 1:]
            n_new += int(bad.sum())
            rng = check_random_state(self.random_state)  # anew for each class, as SMOTE
            base, other, steps = draw_pairs(rng, near, n_new)
            labels = np.full(n_new, code)
            sources.append(Interpolated(members[base], members[other], steps, labels))
        self.noise_ = np.flatnonzero(noise)
        return Plan((Kept(np.flatnonzero(~noise)), *sources))

    def _is_noise(self, data: Checked, code: int) -> np.ndarray:
        """Return which rows of the class have too few of their class among their k nearest."""
        own = data.codes == code
        X = with_propensity(data.X, own)
        k = min(self.k_neighbors, len(X) - 1)
        near = self._neighbors(X, k).kneighbors(X[own], return_distance=False)[:, 1:]
        return own[near].mean(axis=1) < self.threshold
