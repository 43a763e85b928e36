"""Safe-Level-SMOTE: new rows nearer to whichever parent has more of its class around it."""

import numpy as np

from rarebird.registry import register
from rarebird.tables.sources import Interpolated

from .between import safe_steps
from .checked import FOR_CLASSES, Checked
from .over_sampler import OverSampler
from .parameters import Backend, Positive
from .searches import class_neighbors, fitted_search, without_itself


@register(
    name="safe-level-smote",
    **FOR_CLASSES,
    summary="SMOTE with new rows nearer to the parent that is safer among its own class.",
    evidence="closed form of the five cases; slow reference; smote-variants 1.0.1: energy distance "
    "where the classes are apart (benchmarks/beside_smote_variants.py)",
    rare_cases="a class with no more rows than k_neighbors, or without a row that has its own "
    "class among its neighbours, is refused",
    example={"random_state": 0},
    papers=("Bunkhumpornpat2009",),
)
class SafeLevelSMOTE(OverSampler):
    """Over-samples between rows of a class, nearer to the safer one.

    x_new = x + g (x' - x), column by column: x' is one of the k nearest rows of x's class, the safe
    level sl of a row is how many of its k nearest rows in the whole table are of its class, and
    with r = sl(x) / sl(x') g ~ U(0, 1 / r) if r >= 1, U(1 - r, 1) if r < 1, and 0 if
    sl(x') = 0 < sl(x); pairs with both at 0 make no row (Bunkhumpornpat, Sinapiromsaran and
    Lursinsap, 2009).

    Parameters
    ----------
    k_neighbors : int, default=5
        Neighbours to choose from, and those that make the safe level; the paper's default.

    Raises
    ------
    DataError
        If a targeted class has no more than ``k_neighbors`` rows, or all safe levels are 0; if X
        is sparse.

    Notes
    -----
    O(n_c n d) for a class of n_c rows, less in few dimensions. The paper takes each row in turn
    and makes fewer rows where levels are 0; here pairs are drawn from those that make one, until
    the count is met. Of more than two classes, a safe level counts the class against all others.
    smote-variants also lets rows of other classes be x'.

    References
    ----------
    .. [Bunkhumpornpat2009] Bunkhumpornpat, C.; Sinapiromsaran, K.; Lursinsap, C. Safe-Level-SMOTE:
       safe-level-synthetic minority over-sampling technique for handling the class imbalanced
       problem. Pacific-Asia Conference on Knowledge Discovery and Data Mining, 2009.

    Examples
    --------
    >>> X, y = np.arange(12.0)[:, None], np.array(["no"] * 8 + ["yes"] * 4)
    >>> sampler = SafeLevelSMOTE(k_neighbors=2, random_state=0)
    >>> sampler.fit_resample(X, y)[0][12:].round(2).ravel().tolist()
    [10.96, 10.02, 9.19, 9.91]
    """

    sparse_too = False
    k_neighbors: Positive = 5
    neighbors: Backend = None

    def _grow(self, data: Checked, code: int, n_new: int) -> Interpolated:
        k, rng = class_neighbors(self, data, code, "k_neighbors"), data.start()
        members = data.rows_of(code)
        X = data.X[members]
        near = fitted_search(self, X, k).kneighbors(X, return_distance=False)
        near = without_itself(near, np.arange(len(members)))
        search = data.once("all rows", lambda: fitted_search(self, data.X, k))
        around = without_itself(search.kneighbors(X, return_distance=False), members)
        safe = np.sum(data.codes[around] == code, axis=1)
        base, column = np.nonzero((safe[:, None] > 0) | (safe[near] > 0))
        if not len(base):
            raise self._refusal(
                data,
                code,
                "has no row with its own class among its nearest rows, so no row is safe. Use more "
                "k_neighbors, or SMOTE, which does not look at other classes.",
            )
        drawn = rng.integers(len(base), size=n_new)
        base, other = base[drawn], near[base[drawn], column[drawn]]
        steps = safe_steps(rng.uniform(size=(n_new, X.shape[1])), safe[base], safe[other])
        return Interpolated(members[base], members[other][:, None], steps[:, None, :])
