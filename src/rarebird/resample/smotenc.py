"""SMOTE-NC: numbers are interpolated, categories are voted on by the neighbours."""

from dataclasses import field
from typing import Any

import numpy as np

from rarebird._errors import DataError
from rarebird.neighbors.mixed import median_deviation
from rarebird.registry import register
from rarebird.tables.columns import read_columns, split_columns
from rarebird.tables.plan import Plan
from rarebird.tables.sources import Interpolated

from .checked import FOR_CLASSES, Checked
from .mixed_rows import MixedRows, NominalRows
from .over_sampler import OverSampler
from .parameters import Columns, Encoder, NeighborsOrAuto


@register(
    name="smotenc",
    **FOR_CLASSES,
    summary="SMOTE for numbers and categories: the neighbours vote on the categories.",
    evidence="imbalanced-learn 0.14.2: identical rows where no distances are tied",
    rare_cases="a class with no more rows than k_neighbors is refused, or k_neighbors='auto'",
    example={"categorical_features": [0]},
    papers=("smote",),
)
class SMOTENC(OverSampler):
    """Over-samples tables of numbers and categories.

    d(x, x')^2 = sum_j (x_j - x'_j)^2 + M^2 (categories that differ), M the median over the numeric
    columns of the class's standard deviation. Numbers: x + u (x' - x), u ~ U(0, 1), x' one of the
    k nearest rows of x's class. Categories: the most frequent among all k, drawn if tied.

    Parameters
    ----------
    categorical_features : "auto", or array-like of int, str or bool
        Columns by index, name or mask; ``"auto"``: text, categories and truth values.
    random_state : int, Generator, RandomState or None, default=None
        Seed; an integer gives the rows that imbalanced-learn gives where no distances are tied.
    k_neighbors : int, neighbours object or "auto", default=5
        Neighbours that vote; ``"auto"``: 5, or all others in a class of fewer than 6 rows. An
        object is given the class with its categories one-hot, as sparse rows.

    Attributes
    ----------
    categorical_features_, continuous_features_ : ndarray of int
        Indices of the columns.
    median_std_ : dict of label to float
        M of each class that got new rows.

    Raises
    ------
    DataError
        If no column is categorical, a column holds neither numbers nor categories, or a class has
        no more than ``k_neighbors`` rows.
    ParameterError
        If a parameter is outside its rule, or names no column.

    Notes
    -----
    O(n_c^2 (d + c)) for a class of n_c rows with d numeric columns and c categories, in blocks of
    8 MB a thread; Chawla et al. (2002). A missing category is a level of its own. Missing numbers
    count as in `sklearn.metrics.pairwise.nan_euclidean_distances` (rows that share no number are
    as far apart as two rows of the class on average), and a new row has its base row's value where
    either parent's is missing. Among rows at the same distance those that follow in the table come
    first. A table of categories only is treated as by `SMOTEN`.

    Examples
    --------
    >>> X = np.array([[float(i), "ab"[i % 2]] for i in range(16)], dtype=object)
    >>> y = np.repeat([0, 1], [10, 6])
    >>> X_new, y_new = SMOTENC("auto", k_neighbors=2, random_state=0).fit_resample(X, y)
    >>> [(round(x, 2), word) for x, word in X_new[16:]]
    [(11.46, 'b'), (10.42, 'b'), (10.35, 'a'), (14.12, 'b')]
    """

    reads = "table"
    missing_too = True
    legacy_rng = True
    categorical_features: Columns = field(kw_only=False)
    categorical_encoder: Encoder = None
    k_neighbors: NeighborsOrAuto = 5

    def _plan(self, data: Checked) -> Plan:
        owner, table = type(self).__name__, data.table
        numeric, voted = split_columns(table, self.categorical_features, owner)
        self.categorical_features_ = np.array(voted, dtype=np.intp)
        self.continuous_features_ = np.array(numeric, dtype=np.intp)
        self.median_std_: dict[Any, float] = {}
        if not voted:
            raise DataError(
                f"{owner}: no column is categorical; it is not designed to work only with "
                "numerical features. Name some in categorical_features, or use SMOTE."
            )
        if not numeric:
            data.memory["view"] = NominalRows.of(table)
            return super()._plan(data)
        X, codes = read_columns(table, numeric, voted, owner)
        data.memory["view"] = MixedRows(X, codes, tuple(voted), "nc")
        for code in filter(data.targets.get, data.targets):
            part = np.asarray(X[data.codes == code], dtype=float)
            self.median_std_[data.classes[code]] = median_deviation(part)
        return super()._plan(data)

    def _grow(self, data: Checked, code: int, n_new: int) -> Interpolated:
        return data.memory["view"].grow(self, data, code, n_new)

    def _voted(self, data: Checked) -> tuple[int, ...]:
        return data.memory["view"].voted
