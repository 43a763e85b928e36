"""Random under-sampling: a part of the common rows."""

from typing import Any, ClassVar

import numpy as np
from sklearn.utils import check_random_state

from rarebird._params import OneOf
from rarebird.registry import StudyUse, register
from rarebird.tables.plan import Kept, Plan

from .base import Checked, Resampler


@register(
    name="random-under",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Common rows are dropped at random until the classes are level.",
    evidence="imbalanced-learn 0.14.2: identical rows",
    rare_cases="one row suffices; a single class is refused",
    example={"random_state": 0},
    title="random under-sampling",
    study=StudyUse(
        after="class-weights",
        effort=1.0,
        strengths=(
            {"sampling_strategy": {"max_ratio": 1.0}},
            {"sampling_strategy": {"max_ratio": 5.0}},
        ),
    ),
    keeps_conditional=True,
)
class RandomUnderSampler(Resampler):
    """Under-samples by drawing rows of each targeted class at random.

    Parameters
    ----------
    sampling_strategy : str, float, dict or callable, default="auto"
        See `sampling_targets`.
    random_state : int, RandomState or None, default=None
        Seed; an integer gives the rows that imbalanced-learn gives.
    replacement : bool, default=False
        Whether a row may be drawn more than once.

    Raises
    ------
    DataError, ParameterError
        As `Resampler.fit_resample`.

    Notes
    -----
    O(n) time; columns of any type, and gaps, stay as they are.

    Examples
    --------
    >>> X, y = np.arange(6.0)[:, None], np.array(["no"] * 5 + ["yes"])
    >>> sampler = RandomUnderSampler(random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> y_new.tolist(), sampler.sample_indices_.tolist()
    (['no', 'yes'], [2, 5])
    """

    kind = "under"
    reads = "baseline"
    missing_too = True
    keeps_index = True
    rules: ClassVar = {"replacement": OneOf(True, False)}

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        replacement: bool = False,
    ):
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.replacement = replacement

    def _plan(self, data: Checked) -> Plan:
        rng = check_random_state(self.random_state)
        parts = []
        for code in range(len(data.classes)):
            members = data.rows_of(code)
            if code in data.targets:
                drawn = rng.choice(len(members), data.targets[code], replace=self.replacement)
                members = members[drawn]
            parts.append(members)
        return Plan((Kept(np.concatenate(parts)),))
