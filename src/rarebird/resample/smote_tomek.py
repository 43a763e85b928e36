"""SMOTE, then Tomek links of both classes."""

from typing import Annotated, Any

from rarebird.registry import register

from .checked import FOR_CLASSES
from .combined import Combined, OnePass, part
from .tomek_links import TomekLinks


@register(
    name="smote-tomek",
    **FOR_CLASSES,
    summary="New rare rows by SMOTE, then both ends of Tomek links are dropped.",
    evidence="imbalanced-learn 0.14.2: identical rows",
    rare_cases="a class with no more rows than k_neighbors is refused, or a smote that takes it",
    example={"random_state": 0},
)
class SMOTETomek(Combined):
    """Over-samples with SMOTE, then drops both ends of Tomek links.

    Parameters
    ----------
    tomek : TomekLinks or None, default=None
        ``None``: ``TomekLinks(sampling_strategy="all")``. Imbalanced-learn's, too.

    Attributes
    ----------
    smote_ : resampler
        The over-sampler used, fitted.
    tomek_ : resampler
        The cleaner used; its ``sample_indices_`` are rows of what the over-sampler gave.

    {raises_small_class}

    Notes
    -----
    The cost of both; the new rows' parents and siblings serve as certificates that a row
    has no link. Batista, Bazzan and Monard (2003).

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.arange(16.0)[:, None], np.repeat([0, 1], [10, 6])
    >>> sampler = SMOTETomek(random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> np.bincount(y_new).tolist(), int(sampler.is_synthetic_.sum())
    ([10, 10], 4)
    """

    cleans = "tomek"
    cleaner = TomekLinks
    tomek: Annotated[Any, part(TomekLinks, OnePass(TomekLinks))] = None
