"""Squared distances in low precision with bounds that hold: the screen before an exact search."""

from itertools import pairwise
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from rarebird._threads import n_threads, parallel_map

__all__ = ["Screen"]

_QUERIES = 256  # rows of one product; 256 x 4096 numbers of four bytes stay near the core
_BLOCK = 4096
_CHUNK = 512
_LEAF = 256
_SHARE = 0.15  # of the leaves around a row; what is not certified there is searched for exactly


def squared_distances(X: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Return the float64 squared distances of the pairs of rows (i, j), as sums of differences.

    Examples
    --------
    >>> squared_distances(np.array([[0.0, 0.0], [3.0, 4.0]]), [0, 1], [1, 1]).tolist()
    [25.0, 0.0]
    """
    i, j = np.asarray(i), np.asarray(j)
    out = np.empty(len(i))
    step = max(1, 2**20 // max(1, X.shape[1]))
    for start in range(0, len(i), step):
        part = slice(start, start + step)
        gap = X[i[part]].astype(float)
        gap -= X[j[part]]
        out[part] = np.einsum("ij,ij->i", gap, gap)
    return out


class Screen:
    """Bounds on the squared distances between rows of one matrix, by products of small blocks.

    With z the centred and scaled row and u the unit roundoff, the product of
    ``[z_i, 1, a |z_i|^2]`` and ``[-2 z_j, a |z_j|^2, 1]`` is |z_i - z_j|^2 up to an error below
    2 (d + 10) u (|z_i|^2 + |z_j|^2). The factor a = 1 -+ 2 (d + 10) u therefore makes the product
    a true lower or a true upper bound of each pair, at no cost a pair.

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
    A pair costs 2 (d + 2) operations and four bytes written to cache. Coordinates are scaled by a
    power of two, which is exact, so that nothing overflows.

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
        self._Z = Z.astype(self.dtype)
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
        gaps = own[:, None] + far - 2 * rows @ cols.T
        gaps[gaps <= 1e-12 * (own[:, None] + far)] = np.inf  # the row itself and its copies
        nearest = gaps.min(axis=1, initial=np.inf)
        error = 2 * self._relative_error(Z.shape[1], dtype) * own
        return bool(np.median(error / nearest) < 0.02)

    def _left(self, rows: np.ndarray, sign: int) -> np.ndarray:
        out = np.empty((len(rows), self._Z.shape[1] + 2), self.dtype)
        out[:, :-2] = self._Z[rows]
        out[:, -2] = 1
        out[:, -1] = self._norms[rows] * (1 + sign * self._slack) + sign * self._blur
        return out

    def _right(self, cols: np.ndarray, sign: int) -> np.ndarray:
        out = np.empty((len(cols), self._Z.shape[1] + 2), self.dtype)
        np.multiply(self._Z[cols], -2, out=out[:, :-2])
        out[:, -2] = self._norms[cols] * (1 + sign * self._slack) + sign * self._blur
        out[:, -1] = 1
        return out

    def _down(self, squared: np.ndarray) -> np.ndarray:
        """Return squared distances in the screen's units, rounded down."""
        scaled = np.minimum(np.asarray(squared) * self.unit, 1e30)
        return np.nextafter(scaled.astype(self.dtype), self.dtype.type(-np.inf))

    def upper(self, squared: np.ndarray) -> np.ndarray:
        """Return float64 squared distances raised by all that rounding may have taken."""
        return squared * (1 + 1e-12) + 2 * self._blur / self.unit

    def lower_minima(
        self, rows: np.ndarray, cols: np.ndarray, *, both: bool = False
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return a lower bound of each row's smallest squared distance to the columns.

        Parameters
        ----------
        rows, cols : ndarray of int
            Places in the matrix.
        both : bool
            Also return each column's bound over the rows, in the same pass.
        """
        right = self._right(cols, -1)
        pieces = [rows[start : start + _QUERIES] for start in range(0, len(rows), _QUERIES)]
        workers = max(1, min(n_threads(self.n_jobs), len(pieces)))

        def task(own: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray | None]:
            across = np.full(len(cols), np.inf, self.dtype) if both else None
            buffer = np.empty(_QUERIES * _BLOCK, self.dtype)
            down = []
            for piece in own:
                left = self._left(piece, -1)
                low = np.full(len(piece), np.inf, self.dtype)
                for start in range(0, len(cols), _BLOCK):
                    values = _product(left, right[start : start + _BLOCK], buffer)
                    np.minimum(low, values.min(axis=1), out=low)
                    if across is not None:
                        part = across[start : start + _BLOCK]
                        np.minimum(part, values.min(axis=0), out=part)
                down.append(low)
            return np.concatenate(down) if down else np.empty(0), across

        size = -(-len(pieces) // workers) if pieces else 1
        if not both:
            size = min(size, 4)
        groups = [pieces[start : start + size] for start in range(0, len(pieces), size)]
        done = parallel_map(task, groups, self.n_jobs)
        low = np.concatenate([part[0] for part in done]) if done else np.empty(0)
        low = np.maximum(low.astype(float), 0) / self.unit
        if not both:
            return low, None
        across = np.full(len(cols), np.inf)
        for part in done:
            np.minimum(across, part[1], out=across)
        return low, np.maximum(across, 0) / self.unit

    def upper_minima(self, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
        """Return an upper bound of each row's smallest squared distance to the columns."""
        right = self._right(cols, 1)

        def task(start: int) -> np.ndarray:
            left = self._left(rows[start : start + _QUERIES], 1)
            high = np.full(len(left), np.inf, self.dtype)
            buffer = np.empty(len(left) * _BLOCK, self.dtype)
            for first in range(0, len(cols), _BLOCK):
                values = _product(left, right[first : first + _BLOCK], buffer)
                np.minimum(high, values.min(axis=1), out=high)
            return high

        done = parallel_map(task, range(0, len(rows), _QUERIES), self.n_jobs)
        return np.concatenate(done).astype(float) / self.unit if done else np.empty(0)

    def certify(
        self, rows: np.ndarray, cols: "Partition", radius: np.ndarray, need: int
    ) -> np.ndarray:
        """Return ``need`` columns that are surely nearer than the radius, or a row of -1.

        Rows are taken in groups that lie together, and each group looks into the leaves around it,
        nearest first, until a row has enough or a share of all leaves has been seen: -1 therefore
        means "not found", not "not there".

        Parameters
        ----------
        rows : ndarray of int of shape (q,)
            Places in the matrix, among ``cols``; a row never is its own witness.
        cols : Partition
            Where witnesses are looked for.
        radius : ndarray of shape (q,)
            Squared distances.
        need : int
            Witnesses a row.
        """
        witness = np.full((len(rows), need), -1)
        if len(cols.order) < need:
            return witness
        right = self._right(cols.order, 1)
        limits = self._down(radius)
        n_leaves = len(cols.edges) - 1
        budget = min(max(16, int(_SHARE * n_leaves)), n_leaves)
        # Most rows are certified in their own leaf; the others are then put together anew.
        wider = [step for step in (1, 4, *range(10, budget, 10)) if step < budget]
        for steps in ([0, 1], [*wider, budget]):
            open_ = np.flatnonzero(witness[:, -1] < 0)
            self._look(rows, open_, cols, right, limits, steps, witness)
        return witness

    def _look(
        self,
        rows: np.ndarray,
        open_: np.ndarray,
        cols: "Partition",
        right: np.ndarray,
        limits: np.ndarray,
        steps: list[int],
        witness: np.ndarray,
    ) -> None:
        """Fill in the witnesses found in the leaves from step to step around each group."""
        need = witness.shape[1]
        along = open_[np.argsort(cols.rank[rows[open_]])]

        def task(start: int) -> None:
            part = along[start : start + _QUERIES]
            left = self._left(rows[part], 1)
            found = np.zeros(len(part), int)
            mine = np.full((len(part), need), -1)
            active = np.arange(len(part))
            middle = self._Z[rows[part]].mean(axis=0)
            away = ((cols.centres - middle) ** 2).sum(axis=1)
            turn = np.argsort(away, kind="stable")
            for first, last in pairwise(steps):
                there = cols.places(turn[first:last])
                values = left[active] @ right[there].T
                names = rows[part[active]]
                lines = np.arange(len(active))
                for _ in range(need + 1):  # one more, as the row may meet itself
                    best = values.argmin(axis=1)
                    near = values[lines, best] < limits[part[active]]
                    if not near.any():
                        break
                    values[lines, best] = np.inf
                    j = cols.order[there[best]]
                    near &= (j != names) & (found[active] < need)
                    mine[active[near], found[active[near]]] = j[near]
                    found[active[near]] += 1
                active = active[found[active] < need]
                if not len(active):
                    break
            mine[found < need] = -1
            witness[part] = mine

        parallel_map(task, range(0, len(along), _QUERIES), self.n_jobs)

    def partition(self, cols: np.ndarray) -> "Partition":
        """Return the columns in leaves of about 256 that lie together."""
        tree = cKDTree(self._Z[cols], leafsize=_LEAF // 2, compact_nodes=False)
        return Partition(self._Z, cols[np.asarray(tree.indices)])

    def nearest(self, rows: np.ndarray, cols: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return each row's k nearest columns and their float64 squared distances, in order.

        Of the minima of chunks of columns, in upper bounds, the k-th smallest bounds the k-th
        distance; only chunks that may hold something nearer are looked into, and only pairs that
        may be nearer are measured in float64.

        Parameters
        ----------
        rows, cols : ndarray of int
            Places in the matrix; a row among the columns is its own neighbour.
        k : int
            At most ``len(cols)``.
        """
        upper, lower = self._right(cols, 1), self._right(cols, -1)
        size = int(np.clip(len(cols) // (4 * k), 1, _CHUNK))
        n_chunks = -(-len(cols) // size)
        edge = self._norms[cols]
        edge = np.maximum.reduceat(edge, np.arange(0, len(cols), size))
        per_block = max(1, _BLOCK // size)

        def task(start: int) -> tuple[np.ndarray, np.ndarray]:
            part = rows[start : start + 2 * _QUERIES]
            left = self._left(part, 1)
            buffer = np.empty(len(part) * min(_BLOCK, len(cols)), self.dtype)
            minima = np.empty((len(part), n_chunks), self.dtype)
            for chunk in range(0, n_chunks, per_block):
                block = upper[chunk * size : (chunk + per_block) * size]
                values = _product(left, block, buffer)
                whole = len(block) // size
                minima[:, chunk : chunk + whole] = (
                    values[:, : whole * size].reshape(len(part), whole, size).min(axis=2)
                )
                if whole * size < len(block):
                    minima[:, chunk + whole] = values[:, whole * size :].min(axis=1)
            if n_chunks > 1:
                limit = np.partition(minima, k - 1, axis=1)[:, k - 1]
            else:
                limit = np.partition(values, k - 1, axis=1)[:, k - 1]
            own = self._norms[part]
            width = 2.1 * self._slack * (own[:, None] + edge) + 4 * self._blur
            open_ = minima - width <= limit[:, None]
            left = self._left(part, -1)
            found_i, found_j = [], []
            for chunk in np.flatnonzero(open_.any(axis=0)):
                which = np.flatnonzero(open_[:, chunk])
                block = lower[chunk * size : (chunk + 1) * size]
                values = _product(left[which], block, buffer)
                i, j = np.nonzero(values <= limit[which, None])
                found_i.append(which[i])
                found_j.append(chunk * size + j)
            i, j = np.concatenate(found_i), cols[np.concatenate(found_j)]
            gaps = squared_distances(self.X, part[i], j)
            order = np.lexsort((j, gaps, i))
            i, j, gaps = i[order], j[order], gaps[order]
            place = np.searchsorted(i, np.arange(len(part)))[:, None] + np.arange(k)
            return j[place], gaps[place]

        done = parallel_map(task, range(0, len(rows), 2 * _QUERIES), self.n_jobs)
        if not done:
            return np.empty((0, k), int), np.empty((0, k))
        return np.concatenate([a for a, _ in done]), np.concatenate([b for _, b in done])


def _product(left: np.ndarray, right: np.ndarray, buffer: np.ndarray) -> np.ndarray:
    """Return left @ right.T in memory that is already there."""
    out = buffer[: len(left) * len(right)].reshape(len(left), len(right))
    return np.matmul(left, right.T, out=out)


class Partition:
    """Rows in an order that keeps near rows together, cut into leaves.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        All rows, centred.
    order : ndarray of int of shape (m,)
        Places in ``Z``, near ones together.

    Examples
    --------
    >>> Partition(np.zeros((4, 1), np.float32), np.array([2, 0])).places(np.array([0])).tolist()
    [0, 1]
    """

    def __init__(self, Z: np.ndarray, order: np.ndarray) -> None:
        self._Z = Z
        self.order = order
        self.edges = np.linspace(0, len(order), max(1, len(order) // _LEAF) + 1).astype(int)
        self.rank = np.zeros(len(Z), int)
        self.rank[order] = np.arange(len(order))
        sizes = np.diff(self.edges)[:, None].astype(Z.dtype)
        self.centres = np.add.reduceat(Z[order], self.edges[:-1], axis=0) / sizes

    def places(self, leaves: np.ndarray) -> np.ndarray:
        """Return the places in ``order`` that belong to the leaves."""
        return np.concatenate([np.arange(self.edges[i], self.edges[i + 1]) for i in leaves])

    def without(self, gone: np.ndarray) -> "Partition":
        """Return the partition of the rows for which the mask ``gone`` is false."""
        return Partition(self._Z, self.order[~gone[self.order]])
