"""A vector quantiser: rows as few centres, by splitting cells from the mean on."""

import numpy as np

from .extremes import extremes


def lloyd(
    X: np.ndarray, centres: np.ndarray, weights: np.ndarray, *, tol: float = 1e-3
) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Return centres, each row's cell, and the distortions on the way, which never rise.

    Each step gives a row to its nearest centre and moves the centre to its rows' weighted mean,
    until the distortion sum_i w_i |x_i - c_i|^2 falls by less than the share ``tol``.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [8.0], [9.0]])
    >>> centres, cells, distortions = lloyd(X, np.array([[0.0], [1.0]]), np.ones(4))
    >>> centres.tolist(), cells.tolist(), distortions
    ([[0.5], [8.5]], [0, 0, 1, 1], [113.0, 14.0, 1.0, 1.0])
    """
    distortions: list[float] = []
    while True:
        cells = extremes(X, centres, 1)[:, 0]
        distortions.append(float(weights @ squared_distances(X, centres, cells)))
        centres = _means(X, weights, cells, centres)
        if len(distortions) > 1 and distortions[-1] >= distortions[-2] * (1 - tol):
            return centres, cells, distortions


def quantize(
    X: np.ndarray, k: int, weights: np.ndarray, *, tol: float = 1e-3
) -> tuple[np.ndarray, np.ndarray]:
    """Return at most k centres, and the cell of each row, none empty.

    From the mean on, every centre is split in two, c +- 0.01 (f - c) with f its farthest row, and
    `lloyd` settles them, until there are k (Linde, Buzo and Gray, 1980); the last split is of the
    cells with the largest distortion. There are fewer than k if fewer rows of X (n, d) differ.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [8.0], [9.0], [20.0]])
    >>> centres, cells = quantize(X, 3, np.ones(5))
    >>> centres.ravel().tolist(), cells.tolist()
    ([20.0, 0.5, 8.5], [1, 1, 2, 2, 0])
    """
    cells = np.zeros(len(X), dtype=np.intp)
    centres = _means(X, weights, cells, np.zeros((1, X.shape[1])))
    total = np.inf
    while len(centres) < k:
        away = squared_distances(X, centres, cells)
        before, total = total, float(weights @ away)
        if not total < before * (1 - 1e-12):
            break  # rounding is all that is left
        spread = np.bincount(cells, weights * away, minlength=len(centres))
        worst = np.argsort(-spread, kind="stable")[: k - len(centres)]
        worst = np.sort(worst[spread[worst] > 0])
        farthest = np.lexsort((-away, cells))[np.searchsorted(np.sort(cells), worst)]
        step = 0.01 * (X[farthest] - centres[worst])
        fresh = centres[worst] - step
        centres[worst] += step
        centres, cells, _ = lloyd(X, np.concatenate([centres, fresh]), weights, tol=tol)
        used, cells = np.unique(cells, return_inverse=True)
        centres = centres[used]
    return centres, cells


def squared_distances(X: np.ndarray, centres: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Return the squared distance of each row to the centre of its cell.

    Examples
    --------
    >>> squared_distances(np.array([[3.0, 4.0]]), np.zeros((1, 2)), np.array([0])).tolist()
    [25.0]
    """
    apart = X - centres[cells]
    return np.einsum("ij,ij->i", apart, apart)


def _means(X: np.ndarray, w: np.ndarray, cells: np.ndarray, old: np.ndarray) -> np.ndarray:
    """Return the weighted mean of each cell's rows, and the old centre of an empty cell."""
    total = np.bincount(cells, w, minlength=len(old))
    sums = np.stack([np.bincount(cells, w * column, minlength=len(old)) for column in X.T], axis=1)
    return np.where(total[:, None] > 0, sums / np.maximum(total, 1e-300)[:, None], old)
