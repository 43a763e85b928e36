"""How much each class counts, from the number of rows that it has."""

from typing import Any

import numpy as np

__all__ = ["class_weights"]


def class_weights(counts: Any, exponent: float = 1.0) -> np.ndarray:
    """Return one weight for each class, w_c = (n / (C n_c))^exponent, with a mean of 1 over rows.

    Exponent 1 is scikit-learn's ``"balanced"``, 0 is no weighting; an empty class gets 0.

    Parameters
    ----------
    counts : array-like of shape (n_classes,)
        Rows per class.
    exponent : float
        Between 0 and 1 as a rule.

    Returns
    -------
    ndarray of shape (n_classes,)

    Notes
    -----
    O(n_classes).

    Examples
    --------
    >>> class_weights([90, 10]).round(3).tolist()
    [0.556, 5.0]
    """
    counts = np.asarray(counts, dtype=float)
    present = counts > 0
    weights = np.zeros(len(counts))
    weights[present] = (counts.sum() / (present.sum() * counts[present])) ** exponent
    scale = (weights * counts).sum()
    return weights * counts.sum() / scale if scale else weights
