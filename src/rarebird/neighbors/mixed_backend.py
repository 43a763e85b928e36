"""Nearest neighbours on tables with categories and missing values, as a search object."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from rarebird._errors import DataError, NotFittedError, ParameterError
from rarebird._threads import parallel_map

from .exact import ExactNeighbors
from .mixed import BLOCK_BYTES, MixedDistance, Numbers, Overlap, deviations, nearest_others

__all__ = ["MixedNeighbors"]


class MixedNeighbors(BaseEstimator):
    """Exact nearest neighbours of rows with numbers, categories and missing values.

    With s_j the standard deviation of a number on the fitted rows, the squared distance is
    sum_j ((x_j - z_j) / s_j)^2 over the numbers plus the number of categories that differ. Where
    numbers are missing, the sum over those that both rows have is scaled up by d / their number, as
    in `sklearn.metrics.pairwise.nan_euclidean_distances`; rows that share none are 2 d apart, as
    two rows are on average, unless neither has any number. A missing category is a level of its
    own. A number without spread on the fitted rows is left out. A fitted row that equals the query,
    missing values included, comes first.

    Parameters
    ----------
    n_neighbors : int, default=5
        Neighbours by default; a row of the fitted data counts itself.
    categorical : sequence of int, default=()
        Columns whose values are codes of categories; NaN is a missing value there, too.
    n_jobs : int or None, default=None
        Threads; the result does not depend on it.

    Attributes
    ----------
    n_features_in_ : int
        Columns of the fitted rows.
    scale_ : ndarray
        Standard deviation of each numeric column, infinite where it has no spread.

    Raises
    ------
    DataError
        If rows hold infinity or anything but numbers, or are fewer than neighbours.
    ParameterError
        If ``categorical`` names a column that is not there, or one twice.

    Notes
    -----
    O(q n (d + c)) time for q queries, d numbers and c categories; without categories and missing
    values the cost of `ExactNeighbors`. This is SMOTE-NC's distance (Chawla et al., 2002) on
    standardised numbers. Of rows at the same distance those that follow the nearest one in a fixed
    shuffled order come first; without categories and missing values scikit-learn's order holds.
    Pass it as ``neighbors=`` to a resampler, or as its number of neighbours.

    Examples
    --------
    >>> X = np.array([[1.0, 0], [1.2, 1], [9.0, 0], [np.nan, 1]])
    >>> search = MixedNeighbors(2, categorical=[1]).fit(X)
    >>> search.kneighbors(np.array([[1.1, 1]]), return_distance=False).tolist()
    [[1, 0]]
    >>> search.kneighbors(X[3:], return_distance=False).tolist()
    [[3, 1]]
    """

    approximate = False

    def __init__(
        self, n_neighbors: int = 5, *, categorical: Sequence[int] = (), n_jobs: int | None = None
    ) -> None:
        self.n_neighbors = n_neighbors
        self.categorical = categorical
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> "MixedNeighbors":
        """Keep the rows that will be searched; X of shape (n, d), y is ignored."""
        X = self._matrix(X)
        self.n_features_in_ = X.shape[1]
        self._is_category = self._mask(X.shape[1])
        spread = deviations(X[:, ~self._is_category])[0]
        self.scale_ = np.where(spread > 0, spread, np.inf)
        columns = X[:, self._is_category].T
        self._levels = [np.unique(column[~np.isnan(column)]) for column in columns]
        self._order = np.random.default_rng(0).permutation(len(X))
        numbers, codes = self._parts(X)
        self._numbers, self._codes = numbers[self._order], codes[self._order]
        self._exact = None
        if not codes.shape[1] and numbers.shape[1] and not np.isnan(numbers).any():
            self._exact = ExactNeighbors(numbers, n_jobs=self.n_jobs)
        return self

    def kneighbors(
        self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True
    ) -> Any:
        """Return distances and indices of the nearest rows, (q, n_neighbors), or indices only.

        The queries X, (q, d), are by default the fitted rows, each among its own neighbours.
        """
        if not hasattr(self, "_order"):
            raise NotFittedError("MixedNeighbors: kneighbors needs fitted rows; call fit first.")
        k = self.n_neighbors if n_neighbors is None else n_neighbors
        n = len(self._order)
        if not 1 <= k <= n:
            raise DataError(
                f"MixedNeighbors: n_neighbors={k}, but {n} rows are fitted "
                "(Expected n_neighbors <= n_samples_fit); use a number from 1 to that."
            )
        if X is None:
            index = np.argsort(self._order)
            numbers, codes = self._numbers[index], self._codes[index]
        else:
            numbers, codes = self._parts(self._matrix(X, self.n_features_in_))
        if self._exact is not None and not np.isnan(numbers).any():
            return self._exact.kneighbors(numbers, k, return_distance=return_distance)
        squared, found = self._search(numbers, codes, k)
        return (np.sqrt(squared), found) if return_distance else found

    def _search(
        self, numbers: np.ndarray, codes: np.ndarray, k: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return squared distances and indices of the k nearest fitted rows, block by block."""
        n = len(self._order)
        numbers = np.concatenate([self._numbers, numbers])
        codes = np.concatenate([self._codes, codes])
        parts = Numbers(numbers, apart=2.0 * numbers.shape[1])
        distance = MixedDistance(len(numbers), parts, Overlap(codes, 1))
        empty = np.isnan(numbers).all(axis=1)
        equal = _first_equal(np.column_stack([numbers, codes]))

        def task(rows: slice) -> tuple[np.ndarray, np.ndarray]:
            block = distance.block(rows, slice(0, n))
            block[np.ix_(empty[rows], empty[:n])] -= parts.apart
            first = np.where(equal[rows] < n, equal[rows], block.argmin(axis=1))[:, None]
            least = np.take_along_axis(block, first, axis=1)
            if k == 1:
                return least, first
            others = nearest_others(block, first[:, 0], k - 1)
            squared = np.take_along_axis(block, others, axis=1)
            return np.hstack([least, squared]), np.hstack([first, others])

        height, end = max(1, BLOCK_BYTES // (8 * n)), len(numbers)
        pieces = [slice(low, min(low + height, end)) for low in range(n, end, height)]
        done = parallel_map(task, pieces, self.n_jobs)
        if not done:
            return np.empty((0, k)), np.empty((0, k), dtype=np.intp)
        squared, found = (np.concatenate(side) for side in zip(*done, strict=True))
        return squared, self._order[found]

    def _matrix(self, X: Any, n_columns: int | None = None) -> np.ndarray:
        """Return X as a checked matrix of floats."""
        try:
            X = np.asarray(X, dtype=float)
        except (TypeError, ValueError) as error:
            raise DataError(
                f"MixedNeighbors: X is not a matrix of numbers ({error}); give categories as codes "
                "and missing values as NaN."
            ) from error
        fits = X.ndim == 2 and (len(X) if n_columns is None else X.shape[1] == n_columns)
        if not fits:
            wanted = "at least one row" if n_columns is None else f"{n_columns} columns as fitted"
            raise DataError(f"MixedNeighbors: X of shape {X.shape} is no matrix of {wanted}.")
        if np.isinf(X).any():
            raise DataError("MixedNeighbors: X contains infinity; replace it by a number or NaN.")
        return X

    def _mask(self, d: int) -> np.ndarray:
        """Return which columns hold categories."""
        given = list(self.categorical)
        if len({*given} & {*range(d)}) < len(given):
            raise ParameterError(
                f"MixedNeighbors: categorical={self.categorical!r} must name columns from 0 to "
                f"{d - 1}, each once."
            )
        mask = np.zeros(d, dtype=bool)
        mask[given] = True
        return mask

    def _parts(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return standardised numbers with spread, and codes of categories: -1 missing, -2 new."""
        some = np.isfinite(self.scale_)
        numbers = X[:, ~self._is_category][:, some] / self.scale_[some]
        codes = np.empty((len(X), len(self._levels)), dtype=np.int32)
        columns = X[:, self._is_category].T
        for j, (column, levels) in enumerate(zip(columns, self._levels, strict=True)):
            index = np.minimum(np.searchsorted(levels, column), max(len(levels) - 1, 0))
            known = levels[index] == column if len(levels) else np.zeros(len(X), dtype=bool)
            codes[:, j] = np.where(np.isnan(column), -1, np.where(known, index, -2))
        return numbers, codes


def _first_equal(X: np.ndarray) -> np.ndarray:
    """Return the index of the first row that equals each row; missing values equal each other."""
    X = np.ascontiguousarray(np.where(np.isnan(X), np.nan, X) + 0.0)  # one NaN, one zero
    if not X.shape[1]:
        return np.zeros(len(X), dtype=np.intp)
    raw = X.view(np.dtype((np.void, X.itemsize * X.shape[1])))[:, 0]
    _, first, inverse = np.unique(raw, return_index=True, return_inverse=True)
    return first[inverse]
