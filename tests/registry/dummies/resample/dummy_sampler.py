"""A resampler in one file: the first rows of each targeted class."""

from typing import Any, ClassVar

import numpy as np

from rarebird.registry import register
from rarebird.resample.base import Checked, Resampler
from rarebird.tables.plan import Kept, Plan


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
class DummySampler(Resampler):
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

    kind = "under"
    rules: ClassVar = {}

    def __init__(self, *, sampling_strategy: Any = "auto"):
        self.sampling_strategy = sampling_strategy

    def _plan(self, data: Checked) -> Plan:
        rows = [data.rows_of(code)[: data.targets.get(code)] for code in range(len(data.classes))]
        return Plan((Kept(np.concatenate(rows)),))
