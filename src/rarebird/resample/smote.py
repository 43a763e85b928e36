"""SMOTE: new rare rows between a rare row and one of its nearest rare neighbours."""

from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from sklearn.utils import check_random_state

from rarebird._errors import DataError, ParameterError
from rarebird._params import OneOf
from rarebird.registry import StudyUse, register
from rarebird.tables.columns import ColumnsRule, read_columns, split_columns
from rarebird.tables.convert import CATEGORY, OTHER
from rarebird.tables.plan import AllRows, Interpolated, Plan

from .base import BackendRule, Checked, NeighborsRule, Resampler
from .pairs import draw_pairs, own_neighbors
from .smoten import nominal_plan
from .smotenc import mixed_plan

__all__ = ["SMOTE", "draw_pairs", "own_neighbors"]


@register(
    name="smote",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="New rare rows on the line between a rare row and a rare neighbour.",
    evidence="imbalanced-learn 0.14.2: identical rows; HEOM and HVDM: slow reference",
    rare_cases="a class with no more rows than k_neighbors is refused, or k_neighbors='auto'",
    example={"random_state": 0},
    title="SMOTE",
    study=StudyUse(
        after="random-under",
        effort=None,
        strengths=(
            {"sampling_strategy": {"min_ratio": 1.0}},
            {"sampling_strategy": {"min_ratio": 0.3}},
        ),
    ),
    papers=("smote",),
)
class SMOTE(Resampler):
    """Over-samples with new rows between near rows of a class; takes any table.

    x_new = x + u (x' - x), u ~ U(0, 1), x' one of the k nearest rows of x's class (Chawla et al.,
    2002). A table with categories is treated as by `SMOTENC`, one of categories only as by
    `SMOTEN`, and gaps may be anywhere.

    Parameters
    ----------
    sampling_strategy : str, float, dict or callable, default="auto"
        See `sampling_targets`.
    random_state : int, RandomState or None, default=None
        Seed; an integer gives the rows that imbalanced-learn gives.
    k_neighbors : int, neighbours object or "auto", default=5
        Neighbours to choose from; ``"auto"``: 5, or all others in a class of fewer than 6 rows.
    neighbors : str, backend or None, default=None
        See `rarebird.neighbors.backend`; ``None`` is exact. For tables of numbers without gaps.
    categorical_features : "auto", or array-like of int, str or bool, default="auto"
        Columns by place, name or mask. ``"auto"``: text and categories, and beside them truth
        values; where all else is numbers, truth values are numbers too.
    metric : "auto", "nc", "heom" or "vdm", default="auto"
        How rows are compared. ``"nc"``: as `SMOTENC`. ``"heom"``: differences of numbers over the
        column's range, 1 for categories that differ. ``"vdm"``: differences over 4 standard
        deviations, and for categories how much the classes differ between them (HVDM). ``"auto"``
        is ``"nc"``. Categories only: as `SMOTEN`, or with ``"heom"`` the number that differ.

    Raises
    ------
    DataError
        If a targeted class has no more than ``k_neighbors`` rows (it is named, with its count), or
        a column holds neither numbers nor categories.
    ParameterError
        If a parameter is outside its rule.

    Notes
    -----
    O(n_c^2 d) for a class of n_c rows, less in few dimensions; O(n_new d) for the new rows. Where
    a number is missing, ``"nc"`` measures as
    `sklearn.metrics.pairwise.nan_euclidean_distances` and a missing category is a level of its
    own; ``"heom"`` and ``"vdm"`` put 1 for the column, even where both rows' values are missing,
    after Wilson and Martinez (1997). A new row has its base row's value where a parent's is
    missing, so no gap is made where the base row has none.

    Examples
    --------
    >>> X, y = np.arange(9.0)[:, None], np.array(["no"] * 6 + ["yes"] * 3)
    >>> sampler = SMOTE(k_neighbors="auto", random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> X_new[9:].round(2).ravel().tolist(), sampler.parents_[9:].tolist()
    ([7.4, 6.91, 6.42], [[8, 7], [8, 6], [6, 7]])
    """

    kind = "over"
    reads = "table"
    missing_too = True
    rules: ClassVar = {
        "k_neighbors": OneOf("auto", NeighborsRule),
        "neighbors": BackendRule,
        "categorical_features": ColumnsRule,
        "metric": OneOf("auto", "nc", "heom", "vdm"),
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
        neighbors: Any = None,
        categorical_features: Any = "auto",
        metric: str = "auto",
    ):
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.neighbors = neighbors
        self.categorical_features = categorical_features
        self.metric = metric

    def _plan(self, data: Checked) -> Plan:
        owner = type(self).__name__
        numeric, voted = self._columns(data, owner)
        X = None
        if not voted:
            X = data.X if data.X is not None else self._numbers(data.table, owner)
            if self.metric in ("auto", "nc") and not self._measured_here(X):
                return self._numbers_plan(data, X, owner)
        if self.neighbors is not None:
            raise ParameterError(
                f"{owner}: neighbors={self.neighbors!r} compares numbers without gaps; leave it "
                "out for this table and metric."
            )
        choice = {"k_neighbors": self.k_neighbors, "random_state": self.random_state}
        if not numeric:
            metric = "heom" if self.metric == "heom" else "vdm"
            return nominal_plan(owner, data, metric=metric, **choice)
        metric = "nc" if self.metric == "auto" else self.metric
        if X is None:
            X, codes = read_columns(data.table, numeric, voted, owner)
        elif sparse.issparse(X):
            raise DataError(
                f"{owner}: a sparse matrix with gaps, or with metric={self.metric!r}, would be "
                "made dense; give X.toarray() if it fits into memory."
            )
        else:
            codes = np.empty((len(X), 0), dtype=np.int32)
        return mixed_plan(owner, data, X, codes, voted, metric=metric, **choice)

    def _columns(self, data: Checked, owner: str) -> tuple[list[int], list[int]]:
        table = data.table
        numbers_only = not {CATEGORY, OTHER} & set(table.kinds)
        if isinstance(self.categorical_features, str) and (numbers_only or data.X is not None):
            return list(range(table.n_columns)), []
        return split_columns(table, self.categorical_features, owner)

    def _measured_here(self, X: Any) -> bool:
        """Say whether there are gaps that the search for neighbours cannot measure."""
        values = X.data if sparse.issparse(X) else X
        if values.dtype.kind != "f" or not np.isnan(values.sum(dtype=float)):
            return False
        return isinstance(self.k_neighbors, (str, int, np.integer)) and bool(np.isnan(values).any())

    def _numbers_plan(self, data: Checked, X: Any, owner: str) -> Plan:
        sources: list[Any] = [AllRows(data.table.n_rows)]
        for code, n_new in data.targets.items():
            if n_new == 0:
                continue
            members = data.rows_of(code)
            k = own_neighbors(owner, self.k_neighbors, data, code)
            search = self.nn_k_ = self._neighbors(X[members], k)
            near = search.kneighbors(X[members], return_distance=False)[:, 1:]
            rng = check_random_state(self.random_state)  # anew for each class, as imbalanced-learn
            base, other, steps = draw_pairs(rng, near, n_new)
            labels = np.full(n_new, code)
            sources.append(Interpolated(members[base], members[other], steps, labels))
        return Plan(tuple(sources))
