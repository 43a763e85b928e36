"""SMOTE: new rare rows between a rare row and one of its nearest rare neighbours."""

from typing import Annotated, Any

import numpy as np
from scipy import sparse

from rarebird._errors import DataError, ParameterError
from rarebird._params import OneOf
from rarebird.registry import StudyUse, register
from rarebird.tables.columns import finite_numbers, read_columns, split_columns
from rarebird.tables.sources import Interpolated
from rarebird.tables.table import CATEGORY, OTHER

from .checked import FOR_CLASSES, OVER_STRENGTHS, Checked
from .mixed_rows import MixedRows, NominalRows, NumberRows
from .over_sampler import OverSampler
from .parameters import Backend, Columns, NeighborsOrAuto
from .searches import is_number


@register(
    name="smote",
    **FOR_CLASSES,
    summary="New rare rows on the line between a rare row and a rare neighbour.",
    evidence="imbalanced-learn 0.14.2: identical rows; HEOM and HVDM: slow reference",
    rare_cases="a class with no more rows than k_neighbors is refused, or k_neighbors='auto'",
    example={"random_state": 0},
    title="SMOTE",
    study=StudyUse(
        after="random-under",
        effort=None,
        strengths=OVER_STRENGTHS,
        params={"k_neighbors": "auto"},
    ),
    papers=("smote",),
)
class SMOTE(OverSampler):
    """Over-samples with new rows between near rows of a class; takes any table.

    x_new = x + u (x' - x), u ~ U(0, 1), x' one of the k nearest rows of x's class (Chawla et al.,
    2002). A table with categories is treated as by `SMOTENC`, one of categories only as by
    `SMOTEN`, and values may be missing anywhere.

    Parameters
    ----------
    {k_neighbors_or_auto}
    neighbors : str, backend or None, default=None
        See `rarebird.neighbors.backend`; ``None`` is exact. For numbers without missing values.
    categorical_features : "auto", or array-like of int, str or bool, default="auto"
        Columns by index, name or mask. ``"auto"``: text and categories, and beside them truth
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

    Notes
    -----
    O(n_c^2 d) for a class of n_c rows, less in few dimensions; O(n_new d) for the new rows. Where
    a number is missing, ``"nc"`` measures as
    `sklearn.metrics.pairwise.nan_euclidean_distances` and a missing category is a level of its
    own; ``"heom"`` and ``"vdm"`` put 1 for the column, even where both rows' values are missing,
    after Wilson and Martinez (1997). A new row has its base row's value where a parent's is
    missing, so no value is missing that its base row has.

    Examples
    --------
    >>> X, y = np.arange(9.0)[:, None], np.array(["no"] * 6 + ["yes"] * 3)
    >>> sampler = SMOTE(k_neighbors="auto", random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> X_new[9:].round(2).ravel().tolist(), sampler.parents_[9:].tolist()
    ([7.4, 6.91, 6.42], [[8, 7], [8, 6], [6, 7]])
    """

    reads = "table"
    missing_too = True
    legacy_rng = True
    k_neighbors: NeighborsOrAuto = 5
    neighbors: Backend = None
    categorical_features: Columns = "auto"
    metric: Annotated[str, OneOf("auto", "nc", "heom", "vdm")] = "auto"

    def _grow(self, data: Checked, code: int, n_new: int) -> Interpolated:
        return self._view(data).grow(self, data, code, n_new)

    def _voted(self, data: Checked) -> tuple[int, ...]:
        return self._view(data).voted

    def _view(self, data: Checked) -> NumberRows | MixedRows | NominalRows:
        """Return how the table is read: as numbers, as categories, or as both."""
        return data.once("view", lambda: self._read(data))

    def _read(self, data: Checked) -> NumberRows | MixedRows | NominalRows:
        owner, table, X = type(self).__name__, data.table, data.X
        numeric, voted = list(range(table.n_columns)), list[int]()
        auto = isinstance(self.categorical_features, str)
        if not auto or (X is None and {CATEGORY, OTHER} & set(table.kinds)):
            numeric, voted = split_columns(table, self.categorical_features, owner)
        metric = "nc" if self.metric == "auto" else self.metric
        if not voted:
            X = finite_numbers(table, owner, missing_too=True) if X is None else X
            if metric == "nc" and not self._measured_here(X):
                return NumberRows(X)
        if self.neighbors is not None:
            raise ParameterError(
                f"{owner}: neighbors={self.neighbors!r} compares numbers without missing values; "
                "leave it out for this table and metric."
            )
        if not numeric:
            return NominalRows.of(table, "heom" if metric == "heom" else "vdm")
        if voted:
            return MixedRows(*read_columns(table, numeric, voted, owner), tuple(voted), metric)
        if sparse.issparse(X):
            raise DataError(
                f"{owner}: a sparse matrix with missing values, or with metric={self.metric!r}, "
                "would be made dense; give X.toarray() if it fits into memory."
            )
        return MixedRows(X, np.empty((len(X), 0), dtype=np.int32), (), metric)

    def _measured_here(self, X: Any) -> bool:
        """Say whether values are missing that the search for neighbours cannot measure."""
        values = X.data if sparse.issparse(X) else X
        if values.dtype.kind != "f" or not np.isnan(values.sum(dtype=float)):
            return False
        number = isinstance(self.k_neighbors, str) or is_number(self.k_neighbors)
        return number and bool(np.isnan(values).any())
