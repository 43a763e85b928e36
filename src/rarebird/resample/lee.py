"""Lee's SMOTE with rejection: a new row stays only where the rows around it are of its class."""

from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from rarebird._params import Real
from rarebird.registry import register
from rarebird.tables.convert import as_table
from rarebird.tables.plan import Plan
from rarebird.tables.sources import Interpolated

from .base_weights import share_of_others
from .between import to_neighbors
from .checked import FOR_CLASSES, Checked
from .over_sampler import OverSampler
from .parameters import Backend, Positive
from .searches import class_neighbors, fitted_search, near_among

FRUITLESS, RAISE = 6, 0.1  # draws in a row that yield nothing raise the level
LEAST = 20  # rows in a draw after the first


@register(
    name="lee",
    **FOR_CLASSES,
    summary="SMOTE whose new rows are rejected where most rows around are of other classes.",
    evidence="imbalanced-learn 0.14.2: SMOTE's rows where nothing is rejected; slow reference; "
    "smote-variants 1.0.1: energy distance (benchmarks/beside_smote_variants.py)",
    rare_cases="a class with no more rows than k_neighbors is refused",
    example={"random_state": 0},
    papers=("Lee2015",),
)
class Lee(OverSampler):
    """Over-samples by SMOTE and rejects new rows among the other classes.

    x_new = x + u (x' - x) as in `SMOTE`; it is accepted if, of its k nearest rows in the whole
    table, a share below ``rejection_level`` is not of its class (Lee, Kim and Lee, 2015).

    Parameters
    ----------
    random_state : int, Generator, RandomState or None, default=None
        Seed; an integer gives the rows of `SMOTE` if none of those is rejected.
    k_neighbors : int, default=5
        Neighbours to choose from, and to judge by; this and the next are smote-variants' defaults.
    rejection_level : float, default=0.5
        Above 0, at most 1.

    {raises_small_class}

    Notes
    -----
    O(n_c^2 d) for a class of n_c rows, and O(n d) for each row drawn, less in few dimensions.
    Where six draws in a row yield nothing, the level of the class goes up by 0.1, as in
    smote-variants; ``plan_.notes["rejection_levels"]`` has the level that each class ended with.

    References
    ----------
    .. [Lee2015] Lee, J.; Kim, N.; Lee, J.-H. An over-sampling technique with rejection for
       imbalanced class learning. International Conference on Ubiquitous Information Management and
       Communication, 2015.

    Examples
    --------
    >>> X, y = np.arange(12.0)[:, None], np.array(["no"] * 8 + ["yes"] * 4)
    >>> sampler = Lee(k_neighbors=2, random_state=0)
    >>> sampler.fit_resample(X, y)[0][12:].round(2).ravel().tolist()
    [9.4, 9.91, 10.42, 8.65]
    """

    legacy_rng = True  # for the rows of SMOTE
    k_neighbors: Positive = 5
    rejection_level: Annotated[float, Real(min=0, max=1, open_low=True)] = 0.5
    neighbors: Backend = None

    def _plan(self, data: Checked) -> Plan:
        levels = data.once("levels", dict[Any, float])
        return replace(super()._plan(data), notes={"rejection_levels": levels})

    def _grow(self, data: Checked, code: int, n_new: int) -> list[Interpolated]:
        k, members = class_neighbors(self, data, code, "k_neighbors"), data.rows_of(code)
        near = near_among(self, data.X, members, k)
        search = data.once("all rows", lambda: fitted_search(self, data.X, k, extra=0))
        rng, table, level = data.start(), as_table(data.X), float(self.rejection_level)
        found, missing, drawing, fruitless = [], n_new, n_new, 0
        while missing:
            drawn = to_neighbors(rng, members, near, drawing)
            around = search.kneighbors(table.build(Plan((drawn,))), return_distance=False)
            kept = np.flatnonzero(share_of_others(around, data.codes, code) < level)[:missing]
            found.append(drawn.take(kept))
            missing -= len(kept)
            fruitless = 0 if len(kept) else fruitless + 1
            level += RAISE * (fruitless > 0 and fruitless % FRUITLESS == 0)
            drawing = max(missing, LEAST)
        data.memory["levels"][data.classes.tolist()[code]] = level
        return found
