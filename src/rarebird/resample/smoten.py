"""SMOTE-N: new rows of categories, each the most frequent among a row and its neighbours."""

from typing import Any, ClassVar

import numpy as np
from sklearn.utils import check_random_state

from rarebird._params import Instance, OneOf
from rarebird.neighbors.mixed import MixedDistance, Overlap, nearest_rows, value_difference
from rarebird.registry import register
from rarebird.tables.columns import levels_of
from rarebird.tables.plan import AllRows, Interpolated, Plan

from .base import Checked, NeighborsRule, Resampler
from .pairs import own_neighbors
from .votes import lowest_leader, voted_source

EncoderRule = OneOf(None, Instance("an encoder", methods=("fit_transform", "inverse_transform")))


def nominal_plan(
    owner: str, data: Checked, *, metric: str, k_neighbors: Any, random_state: Any
) -> Plan:
    """Return the plan: rows drawn again, each column voted on by the row and its k nearest.

    Parameters
    ----------
    owner : str
        For messages.
    data : Checked
        Classes, targets and the table, of which every column counts as categorical.
    metric : "vdm" or "heom"
        The classes' shares in each category, or the number of categories that differ.
    k_neighbors, random_state
        See `SMOTEN`. The state starts anew for each class.
    """
    table = data.table
    voted = list(range(table.n_columns))
    codes = np.column_stack([table.codes(j).astype(np.int32) for j in voted])
    levels = levels_of(codes)
    sources: list[Any] = [AllRows(table.n_rows)]
    for code, n_new in data.targets.items():
        if n_new == 0:
            continue
        rows = data.rows_of(code)
        k = own_neighbors(owner, k_neighbors, data, code)
        k = int(k) if isinstance(k, (int, np.integer)) else k.n_neighbors - 1
        if metric == "heom":
            distance = MixedDistance(len(rows), categories=Overlap(codes[rows], 1, unknown=True))
        else:
            distance = value_difference(codes, data.codes, rows)
        own = np.arange(len(rows))
        near = np.column_stack([own, nearest_rows(distance, k)])
        votes = [lowest_leader(levels[rows][near, j]) for j in voted]
        donors = rows[near[own[:, None], np.column_stack(votes)]]
        drawn = check_random_state(random_state).choice(len(rows), size=n_new, replace=True)
        others = rows[near[drawn, 1:]]
        source = Interpolated(
            rows[drawn],
            others,
            np.broadcast_to(0.0, others.shape),
            np.full(n_new, code),
            donors=donors[drawn],
        )
        sources.append(voted_source(table, source, voted))
    return Plan(tuple(sources), voted=tuple(voted))


@register(
    name="smoten",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="SMOTE for categories: each is the most frequent among a rare row and its neighbours.",
    evidence="imbalanced-learn 0.14.2: identical rows up to the choice among tied neighbours",
    rare_cases="a class with no more rows than k_neighbors is refused, or k_neighbors='auto'",
    example={"random_state": 0},
    papers=("smote",),
)
class SMOTEN(Resampler):
    """Over-samples tables of categories.

    A new row takes in each column the most frequent value (the lowest if tied) among a row drawn
    from the class and its k nearest, by d(x, x') = sum_j (sum_c |P(c | x_j) - P(c | x'_j)|)^2 with
    P(c | v) the share of class c among all rows with the value v.

    Parameters
    ----------
    categorical_encoder : encoder or None, default=None
        Not used, as nothing is encoded; taken so that code for imbalanced-learn runs.
    sampling_strategy : str, float, dict or callable, default="auto"
        See `sampling_targets`.
    random_state : int, RandomState or None, default=None
        Seed; an integer draws the rows that imbalanced-learn draws.
    k_neighbors : int, neighbours object or "auto", default=5
        Neighbours that vote besides the row; of an object only ``n_neighbors`` is used. ``"auto"``:
        5, or all others in a class of fewer than 6 rows.

    Raises
    ------
    DataError
        If a targeted class has no more than ``k_neighbors`` rows; it is named, with its count.
    ParameterError
        If a parameter is outside its rule.

    Notes
    -----
    O(n_c^2 c) for a class of n_c rows with c columns, in blocks of 8 MB a thread; Chawla et al.
    (2002). A gap is a value of its own, above all others. Among rows at the same distance the row
    itself comes first, then those that follow it in the table.

    Examples
    --------
    >>> X = np.array([["a", "x"], ["b", "y"]] * 8)
    >>> y = np.repeat([0, 1], [10, 6])
    >>> X_new, y_new = SMOTEN(random_state=0).fit_resample(X, y)
    >>> X_new[16:].tolist(), y_new[16:].tolist()
    ([['a', 'x'], ['a', 'x'], ['a', 'x'], ['a', 'x']], [1, 1, 1, 1])
    """

    kind = "over"
    reads = "table"
    missing_too = True
    rules: ClassVar = {
        "categorical_encoder": EncoderRule,
        "k_neighbors": OneOf("auto", NeighborsRule),
    }

    def __init__(
        self,
        categorical_encoder: Any = None,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
    ):
        self.categorical_encoder = categorical_encoder
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors

    def _plan(self, data: Checked) -> Plan:
        return nominal_plan(
            type(self).__name__,
            data,
            metric="vdm",
            k_neighbors=self.k_neighbors,
            random_state=self.random_state,
        )
