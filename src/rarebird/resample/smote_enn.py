"""SMOTE, then edited nearest neighbours over both classes."""

from typing import Annotated, Any

from rarebird.registry import StudyUse, register

from .checked import FOR_CLASSES, OVER_STRENGTHS
from .combined import Combined, OnePass, part
from .edited_nearest_neighbours import EditedNearestNeighbours
from .smote import SMOTE


@register(
    name="smote-enn",
    **FOR_CLASSES,
    summary="New rare rows by SMOTE, then rows at odds with their neighbours are dropped.",
    evidence="imbalanced-learn 0.14.2: identical rows",
    rare_cases="a class with no more rows than k_neighbors is refused, or a smote that takes it",
    example={"random_state": 0},
    title="SMOTE with edited neighbours",
    study=StudyUse(
        after="borderline-smote",
        effort=None,
        strengths=tuple({f"smote__{name}": each[name] for name in each} for each in OVER_STRENGTHS),
        params=lambda: {"smote": SMOTE(k_neighbors="auto")},
        quick=False,
    ),
)
class SMOTEENN(Combined):
    """Over-samples with SMOTE, then edits all classes.

    Parameters
    ----------
    enn : EditedNearestNeighbours or None, default=None
        ``None``: ``EditedNearestNeighbours(sampling_strategy="all")``. Imbalanced-learn's, too.

    Attributes
    ----------
    smote_ : resampler
        The over-sampler used, fitted.
    enn_ : resampler
        The cleaner used; its ``sample_indices_`` are rows of what the over-sampler gave.

    {raises_small_class}

    Notes
    -----
    The cost of both; the new rows' parents and siblings serve as certificates that a row agrees
    with its neighbours. Batista, Prati and Monard (2004).

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.arange(16.0)[:, None], np.repeat([0, 1], [10, 6])
    >>> sampler = SMOTEENN(random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> np.bincount(y_new).tolist(), int(sampler.is_synthetic_.sum())
    ([9, 9], 4)
    """

    cleans = "enn"
    cleaner = EditedNearestNeighbours
    enn: Annotated[Any, part(EditedNearestNeighbours, OnePass(EditedNearestNeighbours))] = None
