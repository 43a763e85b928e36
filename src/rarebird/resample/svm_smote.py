"""SVM-SMOTE: new rows from the support vectors, inwards or outwards."""

from typing import Any, ClassVar

import numpy as np
from sklearn.base import clone
from sklearn.svm import SVC
from sklearn.utils import check_random_state

from rarebird._errors import DataError, ParameterError
from rarebird._params import Instance, OneOf, Real
from rarebird.registry import register
from rarebird.tables.plan import AllRows, Interpolated, Plan

from .base import BackendRule, Checked, NeighborsRule, Resampler
from .borderline_smote import check_reach, in_danger
from .pairs import draw_pairs, own_neighbors


def split_new_rows(rng: np.random.RandomState, n_new: int) -> tuple[int, int]:
    """Return new rows for danger and for safety: floor(f (n + 1)), f ~ Beta(10, 10), and the rest.

    Examples
    --------
    >>> split_new_rows(np.random.RandomState(0), 100)
    (60, 40)
    """
    inwards = int(rng.beta(10, 10) * (n_new + 1))
    return inwards, n_new - inwards


@register(
    name="svm-smote",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="New rare rows around the support vectors of a support vector machine.",
    evidence="imbalanced-learn 0.14.2: identical rows",
    rare_cases="a class with no more rows than k_neighbors is refused, or k_neighbors='auto'; also "
    "one whose support vectors all have foreign neighbours only",
    example={"random_state": 0},
)
class SVMSMOTE(Resampler):
    """Over-samples from the support vectors of each targeted class.

    Of m neighbours of a support vector x among all rows m' are foreign. It is noise and left out
    if m' = m, in danger if m/2 <= m' < m, else safe. With x' one of the k nearest rows of x's
    class and u ~ U(0, 1), floor(f (n_new + 1)) rows, f ~ Beta(10, 10), are x + u (x' - x) from
    vectors in danger; the rest is x - out_step u (x' - x), outwards, from safe ones. Where a class
    has vectors of one sort only, it gets the rows of that sort only.

    Parameters
    ----------
    sampling_strategy : str, float, dict or callable, default="auto"
        See `sampling_targets`.
    random_state : int, RandomState or None, default=None
        Seed; an integer gives the rows that imbalanced-learn gives.
    k_neighbors : int, neighbours object or "auto", default=5
        k; ``"auto"``: 5, or all others in a class of fewer than 6 rows.
    m_neighbors : int or neighbours object, default=10
        m.
    svm_estimator : classifier or None, default=None
        Has ``support_`` once fitted; ``None``: ``SVC(gamma="scale")``. Fitted once for all classes.
    out_step : float, default=0.5
        The longest step outwards, in [0, 1].
    neighbors : str, backend or None, default=None
        See `rarebird.neighbors.backend`; ``None`` is exact.

    Raises
    ------
    DataError
        If a targeted class has no more than ``k_neighbors`` rows, no support vector or only noise
        among them, or if the table has no more rows than ``m_neighbors``.
    ParameterError
        If a parameter is outside its rule, or ``svm_estimator`` has no ``support_``.

    Notes
    -----
    O(n^2 d) to O(n^3 d), the cost of the support vector machine: Nguyen et al. (2011).

    Examples
    --------
    >>> rng = np.random.RandomState(0)
    >>> X = np.concatenate([rng.normal(0, 1, (60, 2)), rng.normal(2, 1, (12, 2))])
    >>> X_new, y_new = SVMSMOTE(random_state=0).fit_resample(X, [0] * 60 + [1] * 12)
    >>> X_new.shape, sum(y_new)
    ((120, 2), 60)
    """

    kind = "over"
    rules: ClassVar = {
        "k_neighbors": OneOf("auto", NeighborsRule),
        "m_neighbors": NeighborsRule,
        "svm_estimator": OneOf(
            None, Instance("a support vector classifier", methods=("fit", "predict"))
        ),
        "out_step": Real(min=0, max=1),
        "neighbors": BackendRule,
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
        m_neighbors: Any = 10,
        svm_estimator: Any = None,
        out_step: float = 0.5,
        neighbors: Any = None,
    ):
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.m_neighbors = m_neighbors
        self.svm_estimator = svm_estimator
        self.out_step = out_step
        self.neighbors = neighbors

    def _plan(self, data: Checked) -> Plan:
        rng = check_random_state(self.random_state)
        sources: list[Any] = [AllRows(data.table.n_rows)]
        targets = {code: n_new for code, n_new in data.targets.items() if n_new}
        sizes = {code: self._size(data, code) for code in targets}  # refused before the machine
        if not targets:
            return Plan(tuple(sources))
        support, among_all = self._support(data)
        for code, n_new in targets.items():
            members = data.rows_of(code)
            vectors, danger = self._sorts(
                data, code, support[data.codes[support] == code], among_all
            )
            search = self.nn_k_ = self._neighbors(data.X[members], sizes[code])
            near = search.kneighbors(data.X[vectors], return_distance=False)[:, 1:]
            inwards, outwards = split_new_rows(rng, n_new)
            for sort, n, step in ((danger, inwards, 1.0), (~danger, outwards, -self.out_step)):
                if not sort.any():
                    continue
                # a generator anew for each sort, as imbalanced-learn
                fresh = check_random_state(self.random_state)
                base, other, steps = draw_pairs(fresh, members[near[sort]], n, step_size=step)
                labels = np.full(n, code)
                sources.append(Interpolated(vectors[sort][base], other, steps, labels))
        return Plan(tuple(sources))

    def _size(self, data: Checked, code: int) -> Any:
        check_reach(self, "m_neighbors", self.m_neighbors, data, code)
        return own_neighbors(type(self).__name__, self.k_neighbors, data, code)

    def _support(self, data: Checked) -> tuple[np.ndarray, Any]:
        """Return the support vectors' rows, and the search among all rows."""
        if self.svm_estimator is None:
            machine = SVC(gamma="scale", random_state=self.random_state)
        else:
            machine = clone(self.svm_estimator)
        self.svm_estimator_ = machine.fit(data.X, data.classes[data.codes])
        if not hasattr(machine, "support_"):
            raise ParameterError(
                f"SVMSMOTE: svm_estimator={machine!r} has no `support_` once fitted; give a "
                "support vector machine such as sklearn.svm.SVC or NuSVC."
            )
        search = self.nn_m_ = self._neighbors(data.X, self.m_neighbors)
        return machine.support_, search

    def _sorts(
        self, data: Checked, code: int, vectors: np.ndarray, search: Any
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return a class's vectors without noise, and whether each is in danger."""
        if len(vectors):
            near = search.kneighbors(data.X[vectors], return_distance=False)[:, 1:]
            m, n_foreign = near.shape[1], np.count_nonzero(data.codes[near] != code, axis=1)
            noise = n_foreign == m
            if not noise.all():
                return vectors[~noise], in_danger(n_foreign[~noise], m)
        raise DataError(
            f"SVMSMOTE: class {data.name(code)} has {len(vectors)} support vectors, all of them "
            "noise: each has foreign neighbours only. Use a larger m_neighbors, another "
            "svm_estimator, or SMOTE."
        )
