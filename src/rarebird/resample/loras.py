"""LoRAS: new rare rows as random means of noisy copies of neighbouring rare rows."""

import math
from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from sklearn.base import clone

from rarebird._errors import ParameterError
from rarebird._params import Instance, Int, OneOf, Real
from rarebird.registry import register
from rarebird.tables.sources import Explicit

from .around import affine_means
from .between import even_bases
from .checked import FOR_CLASSES, Checked
from .over_sampler import OverSampler
from .parameters import Backend
from .searches import fitted_search

StdRule = OneOf(
    Real(min=0), Instance("one such number for each column", types=(list, tuple, np.ndarray))
)
EmbeddingRule = OneOf(None, Instance("an object with fit_transform", methods=("fit_transform",)))


@register(
    name="loras",
    **FOR_CLASSES,
    summary="New rare rows as random means of noisy copies of a rare row's neighbourhood.",
    evidence="slow reference; closed form of the variance",
    rare_cases="one row suffices by default; a class of fewer rows than a given n_neighbors is "
    "refused",
    example={"random_state": 0},
    papers=("Bej2021",),
)
class LoRAS(OverSampler):
    """Over-samples with localized random affine combinations of shadow rows.

    Of each of the k rows around a row of the class, ``n_shadow`` shadows s = x + std e are made, e
    ~ N(0, 1) in each column. A new row is sum_m w_m s_m over ``n_affine`` of these shadows drawn
    with replacement, w ~ Dirichlet(1, .., 1) (Bej et al., 2021).

    Parameters
    ----------
    n_neighbors : int or None, default=None
        Rows of a neighbourhood, the row itself among them; ``None``: 30, or 8 in a class of fewer
        than 100 rows (all of them where there are fewer). This and the defaults below are those of
        the authors' package.
    n_shadow : int or None, default=None
        Shadows of each row; ``None``: ceil(2 n_affine / n_neighbors). The paper's tables have 40.
    std : float or array-like of shape (d,), default=0.005
        Standard deviation of the noise in the units of X, for all columns or for each: the default
        is meant for columns scaled to [0, 1].
    n_affine : int or None, default=None
        Shadows in a mean; ``None``: as many as there are columns.
    embedding : object with ``fit_transform`` or None, default=None
        Where neighbourhoods are looked up; the paper takes ``TSNE(2)``. ``None``: in X itself.

    Raises
    ------
    DataError
        If a class has fewer than ``n_neighbors`` rows.
    ParameterError
        If a parameter is outside its rule, ``std`` has not d values, or ``n_affine`` exceeds the
        shadows of a neighbourhood.

    Notes
    -----
    O(n_c^2 d) for the neighbourhoods of a class of n_c rows, O(n_c k n_shadow d + n_new n_affine d)
    for the new rows, which are dense. Every row of the class is the middle of as many new rows as
    every other, up to one (the paper: the class difference over n_c, rounded down). The first
    parent is that row, the others are those whose shadows went into the mean.

    References
    ----------
    .. [Bej2021] Bej, S.; Davtyan, N.; Wolfien, M.; Nassar, M.; Wolkenhauer, O. LoRAS: an
       oversampling approach for imbalanced datasets. Machine Learning 110, 2021.

    Examples
    --------
    >>> X, y = np.arange(18.0).reshape(9, 2) / 18, np.array(["no"] * 6 + ["yes"] * 3)
    >>> X_new, y_new = LoRAS(random_state=0).fit_resample(X, y)
    >>> X_new[9:].round(2).tolist()
    [[0.89, 0.94], [0.85, 0.91], [0.69, 0.75]]
    """

    sparse_too = False
    n_neighbors: Annotated[int | None, OneOf(None, Int(min=1))] = None
    n_shadow: Annotated[int | None, OneOf(None, Int(min=1))] = None
    std: Annotated[Any, StdRule] = 0.005
    n_affine: Annotated[int | None, OneOf(None, Int(min=1))] = None
    embedding: Annotated[Any, EmbeddingRule] = None
    neighbors: Backend = None

    def _grow(self, data: Checked, code: int, n_new: int) -> Explicit:
        members, d, rng = data.rows_of(code), data.X.shape[1], data.rng
        std, k = self._std(d), self._size(data, code)
        n_shadow, n_affine = self._shadows(k, d)
        near = self._near(data.X[members], k)
        base = np.sort(even_bases(rng, len(members), n_new))
        rows = np.empty((n_new, d))
        parents = np.empty((n_new, 1 + n_affine), dtype=np.intp)
        parents[:, 0] = members[base]
        starts = np.searchsorted(base, np.arange(len(members) + 1))
        for middle, (low, high) in enumerate(pairwise(starts)):
            if low == high:
                continue
            around = np.repeat(members[near[middle]], n_shadow)
            shadows = data.X[around] + std * rng.normal(size=(len(around), d))
            chosen = rng.integers(len(around), size=(high - low, n_affine))
            weights = rng.dirichlet(np.ones(n_affine), size=high - low)
            rows[low:high] = affine_means(shadows, chosen, weights)
            parents[low:high, 1:] = around[chosen]
        return Explicit(rows, parents)

    def _std(self, d: int) -> np.ndarray:
        std = np.asarray(self.std, dtype=float)
        if std.ndim == 0:
            return np.full(d, float(std))
        if std.shape != (d,) or not np.all(std >= 0):
            raise ParameterError(
                f"{type(self).__name__}: std={self.std!r} is not allowed; X has {d} columns: give "
                "one number >= 0, or one for each of them."
            )
        return std

    def _size(self, data: Checked, code: int) -> int:
        n = int(data.counts[code])
        if self.n_neighbors is None:
            return min(n, 30 if n >= 100 else 8)
        if self.n_neighbors > n:
            raise self._refusal(
                data,
                code,
                f"is too small for neighbourhoods of n_neighbors={self.n_neighbors} rows. Use "
                f"n_neighbors<={n}, or None, which takes as many as there are.",
            )
        return int(self.n_neighbors)

    def _shadows(self, k: int, d: int) -> tuple[int, int]:
        n_affine = d if self.n_affine is None else int(self.n_affine)
        n_shadow = math.ceil(2 * n_affine / k) if self.n_shadow is None else int(self.n_shadow)
        if n_affine > k * n_shadow:
            raise ParameterError(
                f"{type(self).__name__}: n_affine={n_affine} is not allowed with n_shadow="
                f"{n_shadow} shadows of {k} rows; it must be no more than {k * n_shadow}."
            )
        return n_shadow, n_affine

    def _near(self, X: np.ndarray, k: int) -> np.ndarray:
        if self.embedding is not None:
            X = clone(self.embedding).fit_transform(X)
        return fitted_search(self, X, k, extra=0).kneighbors(X, return_distance=False)
