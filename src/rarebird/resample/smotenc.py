"""SMOTE-NC: numbers are interpolated, categories are voted on by the neighbours."""

from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.utils import check_random_state

from rarebird._errors import DataError, ParameterError
from rarebird._params import OneOf
from rarebird.neighbors.mixed import (
    heom,
    hvdm,
    median_deviation,
    nearest_rows,
    nominal_continuous,
)
from rarebird.registry import register
from rarebird.tables.columns import ColumnsRule, levels_of, read_columns, split_columns
from rarebird.tables.plan import AllRows, Interpolated, Plan

from .base import Checked, NeighborsRule, Resampler
from .pairs import draw_pairs, own_neighbors
from .smoten import EncoderRule, nominal_plan
from .votes import drawn_leader, voted_source

METRICS = {"nc": nominal_continuous, "heom": heom, "vdm": hvdm}


def one_hot(X: np.ndarray, codes: np.ndarray, weight: float) -> sparse.csr_array:
    """Return rows between which Euclid finds SMOTE-NC's distance; for a caller's own search.

    Examples
    --------
    >>> one_hot(np.array([[3.0], [4.0]]), np.array([[0], [1]]), 2**0.5).toarray().tolist()
    [[3.0, 1.0, 0.0], [4.0, 0.0, 1.0]]
    """
    parts = [sparse.csr_array(X)]
    starts = np.arange(len(X) + 1, dtype=np.int32)
    for column in codes.T:
        place = np.unique(column, return_inverse=True)[1].astype(np.int32)
        parts.append(sparse.csr_array((np.full(len(X), weight / np.sqrt(2)), place, starts)))
    return sparse.hstack(parts, format="csr")


def mixed_plan(
    owner: str,
    data: Checked,
    X: np.ndarray,
    codes: np.ndarray,
    voted: list[int],
    *,
    metric: str,
    k_neighbors: Any,
    random_state: Any,
) -> Plan:
    """Return the plan: numbers as SMOTE, categories by vote of the base row's k neighbours.

    Parameters
    ----------
    owner : str
        For messages.
    data : Checked
        Classes and targets.
    X : ndarray of shape (n, d)
        The numeric columns, gaps NaN.
    codes : ndarray of shape (n, c)
        The codes of the columns ``voted``, gaps -1.
    voted : list of c ints
        Places in the table.
    metric : "nc", "heom" or "vdm"
        See `SMOTE`.
    k_neighbors, random_state
        See `SMOTENC`. The state starts anew for each class and again for its votes.
    """
    sources: list[Any] = [AllRows(data.table.n_rows)]
    levels = levels_of(codes)
    for code, n_new in data.targets.items():
        if n_new == 0:
            continue
        rows = data.rows_of(code)
        k = own_neighbors(owner, k_neighbors, data, code)
        if isinstance(k, (int, np.integer)):
            near = nearest_rows(METRICS[metric](X, codes, data.codes, rows), int(k))
        elif metric == "nc":
            part = one_hot(X[rows], codes[rows], median_deviation(np.asarray(X[rows], float)))
            near = clone(k).fit(part).kneighbors(part, return_distance=False)[:, 1:]
        else:
            raise ParameterError(
                f"{owner}: metric={metric!r} needs a whole number as k_neighbors; an object "
                "measures its own distance."
            )
        rng = check_random_state(random_state)
        base, other, steps = draw_pairs(rng, near, n_new)
        donors = None
        if voted:
            rng = check_random_state(random_state)
            own = levels[rows]
            chosen = [drawn_leader(rng, own[near, place], base) for place in range(len(voted))]
            donors = rows[near[base[:, None], np.column_stack(chosen)]]
        labels = np.full(n_new, code)
        source = Interpolated(rows[base], rows[other], steps, labels, donors=donors)
        sources.append(voted_source(data.table, source, voted))
    return Plan(tuple(sources), voted=tuple(voted))


@register(
    name="smotenc",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="SMOTE for numbers and categories: the neighbours vote on the categories.",
    evidence="imbalanced-learn 0.14.2: identical rows where no distances are tied",
    rare_cases="a class with no more rows than k_neighbors is refused, or k_neighbors='auto'",
    example={"categorical_features": [0]},
    papers=("smote",),
)
class SMOTENC(Resampler):
    """Over-samples tables of numbers and categories.

    d(x, x')^2 = sum_j (x_j - x'_j)^2 + M^2 (categories that differ), M the median over the numeric
    columns of the class's standard deviation. Numbers: x + u (x' - x), u ~ U(0, 1), x' one of the
    k nearest rows of x's class. Categories: the most frequent among all k, drawn if tied.

    Parameters
    ----------
    categorical_features : "auto", or array-like of int, str or bool
        Columns by place, name or mask; ``"auto"``: text, categories and truth values.
    categorical_encoder : encoder or None, default=None
        Not used, as nothing is encoded; taken so that code for imbalanced-learn runs.
    sampling_strategy : str, float, dict or callable, default="auto"
        See `sampling_targets`.
    random_state : int, RandomState or None, default=None
        Seed; an integer gives the rows that imbalanced-learn gives where no distances are tied.
    k_neighbors : int, neighbours object or "auto", default=5
        Neighbours that vote; ``"auto"``: 5, or all others in a class of fewer than 6 rows. An
        object is given the class with its categories one-hot, as sparse rows.

    Attributes
    ----------
    categorical_features_, continuous_features_ : ndarray of int
        Places of the columns.
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

    kind = "over"
    reads = "table"
    missing_too = True
    rules: ClassVar = {
        "categorical_features": ColumnsRule,
        "categorical_encoder": EncoderRule,
        "k_neighbors": OneOf("auto", NeighborsRule),
    }

    def __init__(
        self,
        categorical_features: Any,
        *,
        categorical_encoder: Any = None,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
    ):
        self.categorical_features = categorical_features
        self.categorical_encoder = categorical_encoder
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors

    def _plan(self, data: Checked) -> Plan:
        owner = type(self).__name__
        numeric, voted = split_columns(data.table, self.categorical_features, owner)
        self.categorical_features_ = np.array(voted, dtype=np.intp)
        self.continuous_features_ = np.array(numeric, dtype=np.intp)
        spread: dict[Any, float] = {}
        self.median_std_ = spread
        choice = {"k_neighbors": self.k_neighbors, "random_state": self.random_state}
        if not voted:
            raise DataError(
                f"{owner}: no column is categorical; it is not designed to work only with "
                "numerical features. Name some in categorical_features, or use SMOTE."
            )
        if not numeric:
            return nominal_plan(owner, data, metric="vdm", **choice)
        X, codes = read_columns(data.table, numeric, voted, owner)
        for code, n_new in data.targets.items():
            if n_new:
                part = np.asarray(X[data.codes == code], dtype=float)
                spread[data.classes[code]] = median_deviation(part)
        return mixed_plan(owner, data, X, codes, voted, metric="nc", **choice)
