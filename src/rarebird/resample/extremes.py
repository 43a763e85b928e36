"""Nearest and farthest rows by blocks of products, and sums of distances that decide ties."""

from collections.abc import Callable

import numpy as np

from rarebird._threads import parallel_map

BLOCK = 2**20  # distances that one thread holds


def extremes(
    Q: np.ndarray, R: np.ndarray, k: int, *, far: bool = False, n_jobs: int | None = None
) -> np.ndarray:
    """Return the k rows of R nearest to (or farthest from) each row of Q; shape (q, k), any order.

    argmin_r |r|^2 - 2 q r, over blocks of products in float32; rows whose choice float32 cannot
    make sure are chosen in float64, up to its rounding.

    Examples
    --------
    >>> Q, R = np.array([[0.0], [9.0]]), np.array([[1.0], [4.0], [6.0]])
    >>> extremes(Q, R, 1).tolist(), extremes(Q, R, 1, far=True).tolist()
    ([[0], [2]], [[2], [0]])
    """
    centre = R.mean(axis=0, dtype=float)
    scale = max(np.abs(Q - centre).max(), np.abs(R - centre).max()) or 1.0
    left = np.column_stack([(Q - centre) / scale, np.ones(len(Q))])
    R = (R - centre) / scale
    norms = np.einsum("ij,ij->i", R, R)
    right = np.vstack([-2 * R.T, norms]) * (-1 if far else 1)
    longest = np.sqrt(norms.max())
    error = np.finfo(np.float32).eps * (Q.shape[1] + 8)
    quick_left, quick_right = left.astype(np.float32), right.astype(np.float32)
    step = max(1, BLOCK // len(R))

    def task(start: int) -> np.ndarray:
        parts = []
        space = np.empty((step, len(R)), dtype=np.float32)  # made once: fresh memory is slow
        for low in range(start, min(start + 16 * step, len(Q)), step):
            part = quick_left[low : low + step]
            found, apart = _least(np.matmul(part, quick_right, out=space[: len(part)]), k)
            part = left[low : low + step]
            length = np.sqrt(np.einsum("ij,ij->i", part[:, :-1], part[:, :-1])) + longest
            doubtful = np.flatnonzero(apart <= error * length**2)
            if len(doubtful):
                found[doubtful] = _least(part[doubtful] @ right, k)[0]
            parts.append(found)
        return np.concatenate(parts)

    return np.concatenate(parallel_map(task, range(0, len(Q), 16 * step), n_jobs))


def _least(values: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns of each row's k least values, and how far the next one is; spoils them."""
    count, more = np.arange(len(values)), min(k + 1, values.shape[1])
    if more > 16:
        found = np.argpartition(values, (k - 1, more - 1), axis=1)[:, :more]
        edge = np.take_along_axis(values, found[:, k - 1 :], axis=1)
    else:
        found = np.empty((len(values), more), dtype=np.intp)
        least = np.empty((len(values), more))
        for column in range(more):
            found[:, column] = values.argmin(axis=1)
            least[:, column] = values[count, found[:, column]]
            values[count, found[:, column]] = np.inf
        edge = least[:, k - 1 :]
    if more <= k:
        return found[:, :k], np.full(len(values), np.inf)
    return found[:, :k], np.subtract(edge[:, -1], edge[:, 0], dtype=float)


def first_few(
    sums: np.ndarray, slack: np.ndarray, n_keep: int, settle: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Return the positions of the n_keep smallest sums, smallest first, equal ones in their order.

    The sums that count, as another library computes them, are within ``slack`` (n,) of ``sums``;
    ``settle`` returns those of the positions it gets, and is asked only where ours cannot decide.

    Examples
    --------
    >>> sums, slack = np.array([3.0, 1.0, 2.0, 1.05]), np.full(4, 0.1)
    >>> first_few(sums, slack, 3, lambda positions: -positions).tolist()
    [3, 1, 2]
    """
    low, high = sums - slack, sums + slack
    order = np.argsort(low, kind="stable")
    apart = low[order[1:]] > np.maximum.accumulate(high[order])[:-1]
    group = np.concatenate([[0], np.cumsum(apart)])
    wanted = group <= group[min(n_keep, len(order)) - 1]
    positions, group = order[wanted], group[wanted]
    doubtful = (np.bincount(group) > 1)[group]
    if doubtful.any():
        rows = np.sort(positions[doubtful])
        sums = sums.copy()
        sums[rows] = settle(rows)
    return positions[np.lexsort((positions, sums[positions], group))][:n_keep]


def distance_sums(Q: np.ndarray, R: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's summed distance to its found rows, and how far scikit-learn's may be.

    Examples
    --------
    >>> Q, R = np.array([[0.0], [9.0]]), np.array([[1.0], [4.0]])
    >>> distance_sums(Q, R, np.array([[0, 1], [0, 1]]))[0].tolist()
    [5.0, 13.0]
    """
    # |q|^2 - 2 q r + |r|^2 errs by a share of the squared lengths, in theirs and in our choice.
    q, r = np.einsum("ij,ij->i", Q, Q, dtype=float), np.einsum("ij,ij->i", R, R, dtype=float)
    squared = (Q.shape[1] + 8) * 2.0**-51 * (q + r.max())
    sums, slack = np.zeros(len(Q)), np.zeros(len(Q))
    for near in found.T:
        apart = Q - R[near].astype(float)
        distance = np.sqrt(np.einsum("ij,ij->i", apart, apart))
        sums += distance
        slack += squared / np.maximum(np.maximum(distance, np.sqrt(squared)), 1e-300)
    return sums, 2 * slack + 2.0**-50 * len(found.T) * sums
