"""A resampler in one file: the first rows of each targeted class."""

import numpy as np

from rarebird.registry import register
from rarebird.resample.checked import Checked
from rarebird.resample.under_sampler import UnderSampler


@register(
    name="dummy-sampler",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="The first rows of each common class are kept.",
    evidence="closed form",
    rare_cases="one row suffices; a single class is refused",
    example={},
    papers=("Doe2000",),
)
class DummySampler(UnderSampler):
    """Under-sample by keeping the first rows of each targeted class.

    References
    ----------
    .. [Doe2000] Doe, J. Keep the first. Journal of Dummies, 2000.

    Examples
    --------
    >>> X, y = np.arange(4.0)[:, None], np.array([0, 0, 0, 1])
    >>> DummySampler().fit_resample(X, y)[1].tolist()
    [0, 1]
    """

    def _shrink(self, data: Checked, code: int, n_keep: int) -> np.ndarray:
        return data.rows_of(code)[:n_keep]
