"""SMOTE-N: new rows of categories, each the most frequent among a row and its neighbours."""

from dataclasses import field

from rarebird.registry import register
from rarebird.tables.sources import Interpolated

from .checked import FOR_CLASSES, Checked
from .mixed_rows import NominalRows
from .over_sampler import OverSampler
from .parameters import Encoder, NeighborsOrAuto


@register(
    name="smoten",
    **FOR_CLASSES,
    summary="SMOTE for categories: each is the most frequent among a rare row and its neighbours.",
    evidence="imbalanced-learn 0.14.2: identical rows up to the choice among tied neighbours",
    rare_cases="a class with no more rows than k_neighbors is refused, or k_neighbors='auto'",
    example={"random_state": 0},
    papers=("smote",),
)
class SMOTEN(OverSampler):
    """Over-samples tables of categories.

    A new row takes in each column the most frequent value (the lowest if tied) among a row drawn
    from the class and its k nearest, by ``d(x, x') = sum_j (sum_c |P(c | x_j) - P(c | x'_j)|)^2``
    with P(c | v) the share of class c among all rows with the value v.

    Parameters
    ----------
    random_state : int, Generator, RandomState or None, default=None
        Seed; an integer draws the rows that imbalanced-learn draws.
    k_neighbors : int, neighbours object or "auto", default=5
        Neighbours that vote besides the row; of an object only ``n_neighbors`` is used. ``"auto"``:
        5, or all others in a class of fewer than 6 rows.

    {raises_small_class}

    Notes
    -----
    O(n_c^2 c) for a class of n_c rows with c columns, in blocks of 8 MB a thread; Chawla et al.
    (2002). A missing value is a value of its own, above all others. Among rows at the same
    distance the row itself comes first, then those that follow it in the table.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([["a", "x"], ["b", "y"]] * 8)
    >>> y = np.repeat([0, 1], [10, 6])
    >>> X_new, y_new = SMOTEN(random_state=0).fit_resample(X, y)
    >>> X_new[16:].tolist(), y_new[16:].tolist()
    ([['a', 'x'], ['a', 'x'], ['a', 'x'], ['a', 'x']], [1, 1, 1, 1])
    """

    reads = "table"
    missing_too = True
    legacy_rng = True
    categorical_encoder: Encoder = field(default=None, kw_only=False)
    k_neighbors: NeighborsOrAuto = 5

    def _grow(self, data: Checked, code: int, n_new: int) -> Interpolated:
        view = data.once("view", lambda: NominalRows.of(data.table))
        return view.grow(self, data, code, n_new)

    def _voted(self, data: Checked) -> tuple[int, ...]:
        return tuple(range(data.table.n_columns))
