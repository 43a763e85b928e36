"""Squared distances in low precision with bounds that hold: the screen before an exact search."""

from typing import Any

import numpy as np

from rarebird._threads import n_threads, parallel_map, single_threaded

__all__ = ["Screen"]

_QUERIES = 256  # rows of one product; 256 x 4096 numbers of four bytes stay near the core
_BLOCK = 4096
_CHUNK = 512
_CROWD = 64  # candidates for each of k + 16 rows beyond which no more are collected


def squared_distances(X: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Return the float64 squared distances of the pairs of rows (i, j); O(p d) for p pairs."""
    i, j = np.asarray(i), np.asarray(j)
    out = np.empty(len(i))
    step = max(1, 2**20 // max(1, X.shape[1]))
    for start in range(0, len(i), step):
        part = slice(start, start + step)
        difference = X[i[part]].astype(float)
        difference -= X[j[part]]
        out[part] = np.einsum("ij,ij->i", difference, difference)
    return out


class Screen:
    """Bounds on the squared distances between rows of one matrix, by products of small blocks.

    With z the centred and scaled row and u the unit roundoff, the product of
    ``[z_i, 1, a |z_i|^2]`` and ``[-2 z_j, a |z_j|^2, 1]`` is |z_i - z_j|^2 up to an error below
    2 (d + 10) u (|z_i|^2 + |z_j|^2); a = 1 -+ 2 (d + 10) u makes it a lower or an upper bound.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Finite numbers.
    dtype : dtype, optional
        float32 or float64; by default float32 unless its error would blur near neighbours.
    n_jobs : int, optional
        Threads; None is what the linear algebra may use now.

    Notes
    -----
    A pair costs 2 (d + 2) operations. Coordinates are scaled by a power of two, which is exact, so
    that nothing overflows.

    Examples
    --------
    >>> screen = Screen(np.array([[0.0], [3.0], [7.0]]))
    >>> near = screen.nearest(np.array([2]), np.array([0, 1]), 1)
    >>> near[0].tolist(), near[1].tolist()
    ([[1]], [[16.0]])
    """

    def __init__(self, X: np.ndarray, *, dtype: Any = None, n_jobs: int | None = None) -> None:
        self.X = X
        self.n_jobs = n_jobs
        Z = X.astype(float)
        largest = np.abs(Z).max(initial=0.0)
        Z -= Z.mean(axis=0)
        spread = np.abs(Z).max(initial=0.0)
        # Rows that hardly differ beside their lengths stay small: nothing of theirs is certain.
        scale = 2.0 ** -max(int(np.frexp(spread)[1]), int(np.frexp(largest)[1]) - 40, -400)
        Z *= scale
        self.unit = float(scale) ** 2
        self._norms = np.einsum("ij,ij->i", Z, Z)
        longest = np.sqrt(self._norms.max(initial=0.0))
        # Centring rounds each coordinate once; the rest is for products that underflow.
        moved = np.sqrt(Z.shape[1]) * 2.0**-52 * largest * scale
        self._blur = 4 * moved * (2 * longest + moved) + 1e-30
        if Z.shape[1] > 15:
            # There scikit-learn itself rounds by the lengths of the rows as they came; what is
            # certain must be certain for it too.
            longest = np.sqrt(Z.shape[1]) * largest * scale
            self._blur += 4 * (Z.shape[1] + 8) * 2.0**-53 * float(longest) ** 2
        if dtype is None:
            dtype = np.float32 if self._is_sharp(Z, np.float32) else np.float64
        self.dtype = np.dtype(dtype)
        self.Z = Z.astype(self.dtype)
        self._slack = self._relative_error(Z.shape[1], self.dtype)

    @staticmethod
    def _relative_error(d: int, dtype: Any) -> float:
        return 2 * (d + 10) * float(np.finfo(dtype).eps) / 2

    def _is_sharp(self, Z: np.ndarray, dtype: Any) -> bool:
        """Say whether the error is small beside the distances to near rows, by a small sample."""
        n = len(Z)
        rows, cols = Z[:: max(1, n // 64)][:64], Z[:: max(1, n // 1024)][:1024]
        far = np.einsum("ij,ij->i", cols, cols)
        own = np.einsum("ij,ij->i", rows, rows)
        with single_threaded():
            squared = own[:, None] + far - 2 * rows @ cols.T
        squared[squared <= 1e-12 * (own[:, None] + far)] = np.inf  # the row itself and its copies
        nearest = squared.min(axis=1, initial=np.inf)
        error = 2 * self._relative_error(Z.shape[1], dtype) * own
        return bool(np.median(error / nearest) < 0.02)

    def left(self, rows: np.ndarray, sign: int) -> np.ndarray:
        """Return the left factors of lower (sign -1) or upper (1) bounds; shape (rows, d + 2)."""
        ones = np.ones(len(rows), self.dtype)
        return np.column_stack([self.Z[rows], ones, self._lengths(rows, sign)])

    def right(self, cols: np.ndarray, sign: int) -> np.ndarray:
        """Return the right factors of lower (sign -1) or upper (1) bounds; shape (cols, d + 2)."""
        ones = np.ones(len(cols), self.dtype)
        return np.column_stack([-2 * self.Z[cols], self._lengths(cols, sign), ones])

    def _lengths(self, rows: np.ndarray, sign: int) -> np.ndarray:
        lengths = self._norms[rows] * (1 + sign * self._slack) + sign * self._blur
        return lengths.astype(self.dtype)

    def round_down(self, squared: np.ndarray) -> np.ndarray:
        """Return squared distances in the screen's units, rounded down."""
        scaled = np.minimum(np.asarray(squared) * self.unit, 1e30)
        return np.nextafter(scaled.astype(self.dtype), self.dtype.type(-np.inf))

    def lower_minima(
        self, rows: np.ndarray, cols: np.ndarray, *, both: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return lower bounds of the least squared distance of rows and, if ``both``, columns."""
        low, across = self._minima(rows, cols, -1, both)
        return np.maximum(low, 0), np.maximum(across, 0)

    def upper_minima(self, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
        """Return an upper bound of each row's smallest squared distance to the columns."""
        return self._minima(rows, cols, 1, False)[0]

    def _minima(
        self, rows: np.ndarray, cols: np.ndarray, sign: int, both: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        right = self.right(cols, sign)

        def task(part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            low, across = (np.full(len(side), np.inf, self.dtype) for side in (part, cols))
            buffer = np.empty(_QUERIES * _BLOCK, self.dtype)
            for i in range(0, len(part), _QUERIES):
                left = self.left(part[i : i + _QUERIES], sign)
                own = low[i : i + _QUERIES]
                for j in range(0, len(cols), _BLOCK):
                    values = _product(left, right[j : j + _BLOCK], buffer)
                    np.minimum(own, values.min(axis=1), out=own)
                    if both:
                        there = across[j : j + _BLOCK]
                        np.minimum(there, values.min(axis=0), out=there)
            return low, across

        done = parallel_map(task, np.array_split(rows, n_threads(self.n_jobs)), self.n_jobs)
        low, across = zip(*done, strict=True)
        lowest = np.minimum.reduce(across).astype(float)
        return np.concatenate(low).astype(float) / self.unit, lowest / self.unit

    def nearest(self, rows: np.ndarray, cols: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return each row's k nearest columns and their float64 squared distances, in order.

        The k-th smallest of the upper bounds of chunks of columns bounds the k-th distance; only
        pairs that may be nearer are measured in float64. A row with a crowd of candidates that the
        screen cannot tell apart comes back with indices -1 and distances 0.
        A row among the columns is its own neighbour; k is at most ``len(cols)``. O(r m d) for r
        rows and m columns.
        """
        upper, lower = self.right(cols, 1), self.right(cols, -1)
        size = int(np.clip(len(cols) // (4 * k), 1, _CHUNK))
        edge = np.maximum.reduceat(self._norms[cols], np.arange(0, len(cols), size))

        def task(start: int) -> tuple[np.ndarray, np.ndarray]:
            part = rows[start : start + 2 * _QUERIES]
            minima = self._chunk_minima(self.left(part, 1), upper, size)
            limit = np.partition(minima, k - 1, axis=1)[:, k - 1]
            width = 2.1 * self._slack * (self._norms[part][:, None] + edge) + 4 * self._blur
            open_ = minima - width <= limit[:, None]
            i, j, crowded = self._candidates(self.left(part, -1), lower, size, open_, limit, k)
            j = cols[j]
            squared = squared_distances(self.X, part[i], j)
            order = np.lexsort((j, squared, i))
            i, j, squared = i[order], j[order], squared[order]
            found, distances = np.full((len(part), k), -1), np.zeros((len(part), k))
            clear = np.flatnonzero(~crowded)
            first = np.searchsorted(i, clear)[:, None] + np.arange(k)
            found[clear], distances[clear] = j[first], squared[first]
            return found, distances

        done = parallel_map(task, range(0, len(rows), 2 * _QUERIES), self.n_jobs)
        if not done:
            return np.empty((0, k), int), np.empty((0, k))
        return np.concatenate([a for a, _ in done]), np.concatenate([b for _, b in done])

    def _chunk_minima(self, left: np.ndarray, right: np.ndarray, size: int) -> np.ndarray:
        """Return each row's least product with each chunk of columns."""
        minima = np.empty((len(left), -(-len(right) // size)), self.dtype)
        buffer = np.empty(len(left) * min(_BLOCK, len(right)), self.dtype)
        per_block = max(1, _BLOCK // size)
        for chunk in range(0, minima.shape[1], per_block):
            block = right[chunk * size : (chunk + per_block) * size]
            values = _product(left, block, buffer)
            whole = len(block) // size
            minima[:, chunk : chunk + whole] = (
                values[:, : whole * size].reshape(len(left), whole, size).min(axis=2)
            )
            if whole * size < len(block):
                minima[:, chunk + whole] = values[:, whole * size :].min(axis=1)
        return minima

    def _candidates(
        self,
        left: np.ndarray,
        right: np.ndarray,
        size: int,
        open_: np.ndarray,
        limit: np.ndarray,
        k: int,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return pairs (i, j) that may be nearer than the limit, and the rows with too many."""
        counts = np.zeros(len(left), int)
        buffer = np.empty(len(left) * size, self.dtype)
        found = []
        for chunk in np.flatnonzero(open_.any(axis=0)):
            which = np.flatnonzero(open_[:, chunk] & (counts <= _CROWD * (k + 16)))
            values = _product(left[which], right[chunk * size : (chunk + 1) * size], buffer)
            i, j = np.nonzero(values <= limit[which, None])
            counts += np.bincount(which[i], minlength=len(left))
            found.append((which[i], chunk * size + j))
        i, j = (np.concatenate(side) for side in zip(*found, strict=True))
        crowded = counts > _CROWD * (k + 16)
        clear = ~crowded[i]
        return i[clear], j[clear], crowded


def _product(left: np.ndarray, right: np.ndarray, buffer: np.ndarray) -> np.ndarray:
    """Return left @ right.T in memory that is already there."""
    out = buffer[: len(left) * len(right)].reshape(len(left), len(right))
    return np.matmul(left, right.T, out=out)
