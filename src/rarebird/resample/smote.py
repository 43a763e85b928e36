"""SMOTE: new rare rows between a rare row and one of its nearest rare neighbours."""

from typing import Any, ClassVar

import numpy as np
from sklearn.utils import check_random_state

from rarebird._params import OneOf
from rarebird.registry import register

from .base import Checked, EngineRule, NeighborsRule, Resampler, too_few
from .plan import AllRows, Interpolated, Plan


def draw_pairs(
    rng: np.random.RandomState, neighbors: np.ndarray, n_new: int, *, step_size: float = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw, for each new row, a base row, one of its neighbours and a step ~ step_size U(0, 1).

    Base and neighbour are uniform over all pairs; the pairs are drawn first, then the steps.

    Parameters
    ----------
    rng : RandomState
        Draws ``randint`` of all pairs, then ``uniform``.
    neighbors : ndarray of shape (n, k)
        The neighbours of each of n possible base rows.
    n_new : int
        New rows.
    step_size : float, default=1.0
        The longest step.

    Examples
    --------
    >>> near = np.array([[1, 2], [0, 2], [1, 0]])
    >>> base, other, step = draw_pairs(np.random.RandomState(0), near, 3)
    >>> base.tolist(), other.tolist(), step.round(2).tolist()
    ([2, 2, 0], [1, 0, 1], [0.86, 0.62, 0.38])
    """
    pairs = rng.randint(low=0, high=neighbors.size, size=n_new)
    steps = step_size * rng.uniform(size=n_new)
    base, place = np.divmod(pairs, neighbors.shape[1])
    return base, neighbors[base, place], steps


@register(
    name="smote",
    role="resampler",
    place="data",
    summary="New rare rows on the line between a rare row and a rare neighbour.",
    evidence="imbalanced-learn 0.14.2: identical rows",
    paper="smote",
    rare_cases="a class with no more rows than k_neighbors is refused, or k_neighbors='auto'",
)
class SMOTE(Resampler):
    """Over-samples with new rows between near rows of a class.

    x_new = x + u (x' - x), u ~ U(0, 1), x' one of the k nearest rows of x's class (Chawla et al.,
    2002).

    Parameters
    ----------
    sampling_strategy : str, float, dict or callable, default="auto"
        See `sampling_targets`.
    random_state : int, RandomState or None, default=None
        Seed; an integer gives the rows that imbalanced-learn gives.
    k_neighbors : int, neighbours object or "auto", default=5
        Neighbours to choose from; ``"auto"``: 5, or all others in a class of fewer than 6 rows.
    neighbors : str, engine or None, default=None
        See `rarebird.neighbors.engine`; ``None`` is exact.

    Raises
    ------
    DataError
        If a targeted class has no more than ``k_neighbors`` rows; it is named, with its count.
    ParameterError
        If a parameter is outside its rule.

    Notes
    -----
    O(n_c^2 d) for a class of n_c rows, less in few dimensions; O(n_new d) for the new rows.

    Examples
    --------
    >>> X, y = np.arange(9.0)[:, None], np.array(["no"] * 6 + ["yes"] * 3)
    >>> sampler = SMOTE(k_neighbors="auto", random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> X_new[9:].round(2).ravel().tolist(), sampler.parents_[9:].tolist()
    ([7.14, 6.38, 7.35], [[8, 6], [6, 7], [7, 8]])
    """

    kind = "over"
    rules: ClassVar = {"k_neighbors": OneOf("auto", NeighborsRule), "neighbors": EngineRule}

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
        neighbors: Any = None,
    ):
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.neighbors = neighbors

    def _plan(self, data: Checked) -> Plan:
        sources: list[Any] = [AllRows(data.table.n_rows)]
        for code, n_new in data.targets.items():
            if n_new == 0:
                continue
            members = data.rows_of(code)
            k = own_neighbors(type(self).__name__, self.k_neighbors, data, code)
            self.nn_k_ = self._neighbors(data.X[members], k)
            near = self.nn_k_.kneighbors(data.X[members], return_distance=False)[:, 1:]
            rng = check_random_state(self.random_state)  # anew for each class, as imbalanced-learn
            base, other, steps = draw_pairs(rng, near, n_new)
            labels = np.full(n_new, code)
            sources.append(Interpolated(members[base], members[other], steps, labels))
        return Plan(tuple(sources))


def own_neighbors(owner: str, wanted: Any, data: Checked, code: int) -> Any:
    """Return k for a class, or refuse a class that is too small for it."""
    n = int(data.counts[code])
    if isinstance(wanted, str):
        wanted = min(5, n - 1)
        k = max(wanted, 1)
    else:
        k = int(wanted) if isinstance(wanted, (int, np.integer)) else wanted.n_neighbors - 1
    if n <= k:
        raise too_few(
            owner,
            data.name(code),
            n,
            "k_neighbors",
            k,
            way_out="k_neighbors='auto', or RandomOverSampler, which needs no neighbours",
        )
    return wanted
