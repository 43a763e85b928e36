"""Safe-Level-SMOTE: new rows nearer to whichever parent has more of its class around it."""

from typing import Any, ClassVar

import numpy as np
from sklearn.utils import check_random_state

from rarebird._errors import DataError
from rarebird._params import Int
from rarebird.registry import register
from rarebird.tables.plan import AllRows, Interpolated, Plan

from .base import BackendRule, Checked, Resampler, too_few


def safe_gaps(u: np.ndarray, own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return steps in the part of [0, 1] that the safe levels of the two parents leave.

    With r = own / other: [0, 1 / r] if r >= 1 (only 0 if other = 0), [1 - r, 1] if r < 1.

    Parameters
    ----------
    u : ndarray of shape (n, d)
        Uniform on [0, 1).
    own, other : ndarray of shape (n,)
        Safe levels of the base row and of its neighbour, not both 0.

    Examples
    --------
    >>> u = np.full((4, 1), 0.5)
    >>> safe_gaps(u, np.array([4, 4, 2, 3]), np.array([4, 2, 4, 0])).ravel().tolist()
    [0.5, 0.25, 0.75, 0.0]
    """
    width = np.minimum(own, other) / np.maximum(own, other)
    return np.where(own < other, 1 - width, 0.0)[:, None] + width[:, None] * u


def without_itself(near: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return k of the k + 1 neighbours of each row, the row itself left out wherever it stands.

    Examples
    --------
    >>> without_itself(np.array([[4, 0, 2], [7, 8, 9]]), np.array([0, 1])).tolist()
    [[4, 2], [7, 8]]
    """
    itself = near == rows[:, None]
    itself[~itself.any(axis=1), -1] = True
    return near[~itself].reshape(len(near), -1)


@register(
    name="safe-level-smote",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="SMOTE with new rows nearer to the parent that is safer among its own class.",
    evidence="closed form of the five cases; slow reference; smote-variants 1.0.1: energy distance "
    "where the classes are apart (benchmarks/beside_smote_variants.py)",
    rare_cases="a class with no more rows than k_neighbors, or without a row that has its own "
    "class among its neighbours, is refused",
    example={"random_state": 0},
    papers=("Bunkhumpornpat2009",),
)
class SafeLevelSMOTE(Resampler):
    """Over-samples between rows of a class, nearer to the safer one.

    x_new = x + g (x' - x), column by column: x' is one of the k nearest rows of x's class, the safe
    level sl of a row is how many of its k nearest rows in the whole table are of its class, and
    with r = sl(x) / sl(x') g ~ U(0, 1 / r) if r >= 1, U(1 - r, 1) if r < 1, and 0 if
    sl(x') = 0 < sl(x); pairs with both at 0 make no row (Bunkhumpornpat, Sinapiromsaran and
    Lursinsap, 2009).

    Parameters
    ----------
    sampling_strategy : str, float, dict or callable, default="auto"
        See `sampling_targets`; the counts are exact.
    random_state : int, RandomState or None, default=None
        Seed.
    k_neighbors : int, default=5
        Neighbours to choose from, and those that make the safe level; the paper's default.
    neighbors : str, backend or None, default=None
        See `rarebird.neighbors.backend`; ``None`` is exact.

    Raises
    ------
    DataError
        If a targeted class has no more than ``k_neighbors`` rows, or all safe levels are 0; if X
        is sparse.
    ParameterError
        If a parameter is outside its rule.

    Notes
    -----
    O(n_c n d) for a class of n_c rows, less in few dimensions. The paper takes each row in turn
    and makes fewer rows where levels are 0; here pairs are drawn from those that make one, until
    the count is met. Of more than two classes, a safe level counts the class against all others.
    smote-variants also lets rows of other classes be x'.

    References
    ----------
    .. [Bunkhumpornpat2009] Bunkhumpornpat, C.; Sinapiromsaran, K.; Lursinsap, C. Safe-Level-SMOTE:
       safe-level-synthetic minority over-sampling technique for handling the class imbalanced
       problem. Pacific-Asia Conference on Knowledge Discovery and Data Mining, 2009.

    Examples
    --------
    >>> X, y = np.arange(12.0)[:, None], np.array(["no"] * 8 + ["yes"] * 4)
    >>> sampler = SafeLevelSMOTE(k_neighbors=2, random_state=0)
    >>> sampler.fit_resample(X, y)[0][12:].round(2).ravel().tolist()
    [9.4, 9.91, 10.42, 8.82]
    """

    kind = "over"
    sparse_too = False
    rules: ClassVar = {"k_neighbors": Int(min=1), "neighbors": BackendRule}

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: int = 5,
        neighbors: Any = None,
    ):
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.neighbors = neighbors

    def _plan(self, data: Checked) -> Plan:
        sources: list[Any] = [AllRows(data.table.n_rows)]
        everyone = self._neighbors(data.X, self.k_neighbors)
        for code, n_new in data.targets.items():
            if n_new == 0:
                continue
            members = data.rows_of(code)
            if len(members) <= self.k_neighbors:
                raise too_few(
                    type(self).__name__,
                    data.name(code),
                    len(members),
                    "k_neighbors",
                    self.k_neighbors,
                    way_out="RandomOverSampler, which needs no neighbours",
                )
            X = data.X[members]
            near = self._neighbors(X, self.k_neighbors).kneighbors(X, return_distance=False)
            near = without_itself(near, np.arange(len(members)))
            around = everyone.kneighbors(X, return_distance=False)
            around = without_itself(around, members)
            safe = np.sum(data.codes[around] == code, axis=1)
            base, place = np.nonzero((safe[:, None] > 0) | (safe[near] > 0))
            if not len(base):
                raise DataError(
                    f"{type(self).__name__}: class {data.name(code)} has no row with its own class "
                    "among its nearest rows, so no place is safe. Use more k_neighbors, or SMOTE, "
                    "which does not look at other classes."
                )
            rng = check_random_state(self.random_state)
            drawn = rng.randint(len(base), size=n_new)
            base, other = base[drawn], near[base[drawn], place[drawn]]
            steps = safe_gaps(rng.uniform(size=(n_new, X.shape[1])), safe[base], safe[other])
            labels = np.full(n_new, code)
            sources.append(
                Interpolated(members[base], members[other][:, None], steps[:, None, :], labels)
            )
        return Plan(tuple(sources))
