"""SVM-SMOTE: new rows from the support vectors, inwards or outwards."""

from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
from sklearn.base import clone
from sklearn.svm import SVC

from rarebird._errors import ParameterError
from rarebird._params import Instance, OneOf, Real
from rarebird.registry import register
from rarebird.tables.sources import Interpolated

from .base_weights import in_danger
from .between import to_neighbors
from .checked import FOR_CLASSES, Checked
from .over_sampler import OverSampler
from .parameters import Backend, Neighbors, NeighborsOrAuto
from .searches import check_reach, class_neighbors, near_among, near_in_table

MachineRule = OneOf(None, Instance("a support vector classifier", methods=("fit", "predict")))


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
    **FOR_CLASSES,
    summary="New rare rows around the support vectors of a support vector machine.",
    evidence="imbalanced-learn 0.14.2: identical rows",
    rare_cases="a class with no more rows than k_neighbors is refused, or k_neighbors='auto'; also "
    "one whose support vectors all have foreign neighbours only",
    example={"random_state": 0},
)
class SVMSMOTE(OverSampler):
    """Over-samples from the support vectors of each targeted class.

    Of m neighbours of a support vector x among all rows m' are foreign. It is noise and left out
    if m' = m, in danger if m/2 <= m' < m, else safe. With x' one of the k nearest rows of x's
    class and u ~ U(0, 1), floor(f (n_new + 1)) rows, f ~ Beta(10, 10), are x + u (x' - x) from
    vectors in danger; the rest is x - out_step u (x' - x), outwards, from safe ones. Where a class
    has vectors of one sort only, it gets the rows of that sort only.

    Parameters
    ----------
    {k_or_auto}
    {m_neighbors}
    svm_estimator : classifier or None, default=None
        Has ``support_`` once fitted; ``None``: ``SVC(gamma="scale")``. Fitted once for all classes.
    out_step : float, default=0.5
        The longest step outwards, in [0, 1].

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

    legacy_rng = True
    k_neighbors: NeighborsOrAuto = 5
    m_neighbors: Neighbors = 10
    svm_estimator: Annotated[Any, MachineRule] = None
    out_step: Annotated[float, Real(min=0, max=1)] = 0.5
    neighbors: Backend = None

    def _grow(self, data: Checked, code: int, n_new: int) -> Iterator[Interpolated]:
        support = data.once("support", lambda: self._support(data))
        vectors, danger = self._without_noise(data, code, support[data.codes[support] == code])
        k = class_neighbors(self, data, code, "k_neighbors")
        near = near_among(self, data.X, data.rows_of(code), k, vectors)
        inwards, outwards = split_new_rows(data.rng, n_new)
        for sort, n, step in ((danger, inwards, 1.0), (~danger, outwards, -self.out_step)):
            if sort.any():
                yield to_neighbors(data.start(), vectors[sort], near[sort], n, step_size=step)

    def _support(self, data: Checked) -> np.ndarray:
        """Return the rows that are support vectors."""
        for code, n_new in data.targets.items():
            if n_new:  # refused before the machine is fitted
                check_reach(self, data, code, "m_neighbors")
                class_neighbors(self, data, code, "k_neighbors")
        if self.svm_estimator is None:
            machine = SVC(gamma="scale", random_state=data.start())
        else:
            machine = clone(self.svm_estimator)
        self.svm_estimator_ = machine.fit(data.X, data.classes[data.codes])
        if not hasattr(machine, "support_"):
            raise ParameterError(
                f"SVMSMOTE: svm_estimator={machine!r} has no `support_` once fitted; give a "
                "support vector machine such as sklearn.svm.SVC or NuSVC."
            )
        return machine.support_

    def _without_noise(
        self, data: Checked, code: int, vectors: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return a class's vectors without noise, and whether each is in danger."""
        if len(vectors):
            near = near_in_table(self, data, vectors, self.m_neighbors)
            self.nn_m_ = data.memory["all rows"]
            m, n_foreign = near.shape[1], np.count_nonzero(data.codes[near] != code, axis=1)
            noise = n_foreign == m
            if not noise.all():
                return vectors[~noise], in_danger(n_foreign[~noise], m)
        raise self._refusal(
            data,
            code,
            f"has {len(vectors)} support vectors, all of them noise: each has foreign neighbours "
            "only. Use a larger m_neighbors, another svm_estimator, or SMOTE.",
        )
