"""Tomek links: pairs of different classes that are each other's nearest neighbour."""

from typing import Any

import numpy as np

from rarebird.neighbors.tomek import tomek_links
from rarebird.registry import StudyUse, register

from .checked import FOR_CLASSES, Checked
from .cleaning import Cleaner
from .parameters import Backend


@register(
    name="tomek-links",
    **FOR_CLASSES,
    summary="Common rows whose nearest neighbour is rare, and the other way round, are dropped.",
    evidence="imbalanced-learn 0.14.2: identical rows",
    rare_cases="one row suffices; a single class is refused",
    example={},
    title="Tomek links",
    study=StudyUse(after="balanced-random-forest", effort=None, quick=False),
)
class TomekLinks(Cleaner):
    """Drops the targeted ends of Tomek links.

    x and z form a link if their classes differ and each is the other's nearest neighbour.

    Notes
    -----
    At most 2 n_o n d for the n_o rows outside the largest class: only they can start a link, and
    only the rows they point to can end one. Tomek (1976).

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [3.5], [9.0]])
    >>> sampler = TomekLinks()
    >>> sampler.fit_resample(X, np.array(["no", "no", "no", "yes", "yes"]))[1].tolist()
    ['no', 'no', 'yes', 'yes']
    >>> sampler.sample_indices_.tolist()
    [0, 1, 3, 4]
    """

    mixed_too = True
    neighbors: Backend = None

    def _left(self, data: Checked) -> np.ndarray:
        return self.kept(data.X, data.codes, list(data.targets))

    def kept(self, X: Any, codes: np.ndarray, targets: list[int]) -> np.ndarray:
        """Return the rows that stay, given class codes and the codes that may lose rows."""
        search = None if self.neighbors is None else self._search(1)
        return tomek_links(X, codes, targets, neighbors=search, n_jobs=self.n_jobs)
