"""Rows whose label the other rows contradict (confident learning)."""

from typing import Any

import numpy as np

from rarebird._errors import DataError

from .check import Check, check, register_check
from .evidence import rare_class
from .one_column import auc_of_counts, counts_of

__all__ = ["confident_labels"]

MIN_AUC = 0.8  # below this, a model that disagrees with a label says little about the label


def confident_labels(proba: Any, y: Any) -> np.ndarray:
    """Return for each row the class it confidently belongs to, or -1.

    With t_j the mean of p_j over the rows labelled j, a row belongs to the class of the highest p_j
    among those with p_j >= t_j; a class without rows gets none. Source: see `label_noise_check`.

    Parameters
    ----------
    proba, y : array of shape (n, C), int array of shape (n,)
        Out-of-fold probabilities; codes 0..C-1.

    Examples
    --------
    >>> confident_labels([[0.9, 0.1], [0.7, 0.3], [0.1, 0.9], [0.95, 0.05]], [0, 0, 1, 1]).tolist()
    [0, -1, 1, 0]
    """
    proba, y = np.asarray(proba, dtype=float), np.asarray(y)
    n_classes = proba.shape[1]
    counts = np.bincount(y, minlength=n_classes)
    own = np.bincount(y, weights=proba[np.arange(len(y)), y], minlength=n_classes)
    threshold = np.where(counts > 0, own / np.maximum(counts, 1), np.inf)
    kept = np.where(proba >= threshold - 1e-9, proba, -1.0)  # a mean is rounded
    best = kept.argmax(axis=1)
    return np.where(kept[np.arange(len(y)), best] >= 0, best, -1)


@register_check(
    name="label-noise",
    inputs=("probabilities",),
    summary="Rows whose out-of-fold probabilities point confidently at another class.",
    evidence="slow reference: a loop over rows; planted label errors are found",
    rare_cases="Fewer than 5 rare rows, or a model that cannot rank them: no finding.",
    example={"proba": [[0.9, 0.1]] * 12 + [[0.2, 0.8]] * 6, "y": [0] * 12 + [1] * 6},
    papers=("northcutt2021confident",),
)
def label_noise_check(
    proba: Any,
    y: Any,
    *,
    classes: Any = None,
    rare: int | None = None,
) -> Check | None:
    """Return RB004, or ``None`` where nothing is suspected or nothing can be said.

    Nothing can be said where the rare class has fewer than 5 rows, or where the probabilities rank
    it with an area under the ROC curve below 0.8.

    Parameters
    ----------
    proba, y : array of shape (n, C), int array of shape (n,)
        Out-of-fold probabilities, each by a model that has not seen the row; codes 0..C-1.
    classes, rare : sequence of length C and int, optional
        Labels for the message; the code looked at, by default 1 of two, else the smallest class.

    Raises
    ------
    DataError
        If the shapes differ or a probability is missing.

    Notes
    -----
    O(n C + n log n) time, O(n C) memory.

    References
    ----------
    .. [northcutt2021confident] Northcutt, C.; Jiang, L.; Chuang, I. Confident learning: estimating
       uncertainty in dataset labels. Journal of Artificial Intelligence Research 70, 2021.

    Examples
    --------
    >>> p = np.repeat([0.01, 0.99], 50)
    >>> y = (p > 0.5).astype(int)
    >>> y[0] = 1
    >>> label_noise_check(np.c_[1 - p, p], y).details["rows"]
    [0]
    """
    proba, y = np.asarray(proba, dtype=float), np.asarray(y)
    if proba.ndim != 2 or len(proba) != len(y) or not np.isfinite(proba).all():
        raise DataError(
            f"label noise: probabilities of shape {proba.shape} for {len(y)} rows; one finite row "
            "of probabilities for each row is needed."
        )
    code, label = rare_class(y, classes, rare, proba.shape[1])
    is_rare = y == code
    n_rare = int(is_rare.sum())
    if n_rare < 5 or n_rare == len(y):
        return None
    ranks = np.unique(proba[:, code], return_inverse=True)[1]
    if auc_of_counts(*counts_of(ranks, is_rare)) < MIN_AUC:
        return None
    belongs = confident_labels(proba, y)
    wrong = np.flatnonzero(is_rare & (belongs != code) & (belongs >= 0))
    missed = np.flatnonzero(~is_rare & (belongs == code))
    missed = missed[proba[missed, code] > 0.5]
    if not wrong.size and not missed.size:
        return None
    wrong = wrong[np.argsort(proba[wrong, code], kind="stable")]
    missed = missed[np.argsort(-proba[missed, code], kind="stable")]
    share = len(wrong) / n_rare
    severe = share > 0.05 or len(missed) > 0.05 * n_rare
    text = (
        f"{len(wrong)} of {n_rare} {label!r} rows ({share:.0%}) look like another class, and "
        f"{len(missed)} other rows look like {label!r}: labelled wrongly, or truly hard."
    )
    details: dict[str, Any] = {"n_suspected": len(wrong), "n_missed": len(missed), "share": share}
    details |= {"rows": wrong[:100], "missed_rows": missed[:100]}
    return check("RB004", "warning" if severe else "info", text, **details)
