"""New rows around a base row: how far a row may be moved, and in which direction."""

import numpy as np


def smoothing(n_rows: int, n_columns: int) -> float:
    """Return Silverman's factor of the smoothed bootstrap, (4 / ((d + 2) n))^(1 / (d + 4)).

    Examples
    --------
    >>> smoothing(2, 0)
    1.0
    """
    return (4 / ((n_columns + 2) * n_rows)) ** (1 / (n_columns + 4))


def step_lengths(X: np.ndarray) -> np.ndarray:
    """Return s / sqrt(n) of each column of a class, s^2 = sum (x - mean)^2 / n, without NaN.

    With steps of these lengths times e ~ N(0, 1) from every row, the mean stays what it is, and the
    variance grows by the factor 1 + 1 / n.

    Examples
    --------
    >>> step_lengths(np.array([[1.0, 7.0], [3.0, np.nan], [1.0, np.nan], [3.0, np.nan]])).tolist()
    [0.5, 0.0]
    """
    X = np.asarray(X, dtype=float)
    n = np.maximum(np.sum(~np.isnan(X), axis=0), 1)
    centred = np.nan_to_num(X - np.nansum(X, axis=0) / n)
    return np.sqrt(np.sum(centred**2, axis=0)) / n


def ball_points(normals: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return points that are uniform in the unit ball: shares^(1/d) normals / |normals|.

    ``normals`` (n, d) are standard normal draws and say where to; ``shares`` (n,), uniform on
    [0, 1), are the part of the ball's volume that lies nearer to the centre.

    Examples
    --------
    >>> ball_points(np.array([[3.0, 4.0]]), np.array([0.25])).round(2).tolist()
    [[0.3, 0.4]]
    """
    lengths = np.linalg.norm(normals, axis=1)
    scale = shares ** (1 / normals.shape[1]) / np.where(lengths > 0, lengths, 1)
    return normals * scale[:, None]


def truncate_and_deform(
    points: np.ndarray, axes: np.ndarray, truncation: float, deformation: float
) -> np.ndarray:
    """Return points e of the unit ball, mirrored into what is kept of it and drawn to the axis.

    With e1 = (e . axis) axis: where |truncation - e . axis| > 1, e is replaced by e - 2 e1; then by
    e - deformation (e - e1). Truncation 1 keeps the half ball on the axis's side, 0 the ball, -1
    the other half; deformation, in [0, 1], 1 leaves the axis itself. ``points`` (n, d), ``axes``
    (n, d) of unit vectors; a zero vector leaves its point where it is.

    Examples
    --------
    >>> truncate_and_deform(np.array([[-0.5, 0.4]]), np.array([[1.0, 0.0]]), 1.0, 0.5).tolist()
    [[0.5, 0.2]]
    """
    along = np.einsum("ij,ij->i", points, axes)[:, None]
    mirrored = np.abs(truncation - along) > 1
    points = np.where(mirrored, points - 2 * along * axes, points)
    along = np.where(mirrored, -along, along)
    return points - deformation * (points - along * axes)


def affine_means(shadows: np.ndarray, chosen: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return sum_m w_m s_m of the chosen shadow rows, one mean for each row of ``chosen``.

    For m independent shadows of variance v and weights ~ Dirichlet(1, .., 1) the mean has the
    variance 2 v / (m + 1). ``shadows`` (p, d) are noisy copies of rows, ``chosen`` (n, m) positions
    among them; ``weights`` (n, m) are not negative and each row sums to 1.

    Examples
    --------
    >>> shadows = np.array([[0.0, 0.0], [4.0, 8.0]])
    >>> affine_means(shadows, np.array([[0, 1]]), np.array([[0.75, 0.25]])).tolist()
    [[1.0, 2.0]]
    """
    return np.einsum("nm,nmd->nd", weights, shadows[chosen])
