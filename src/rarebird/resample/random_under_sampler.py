"""Random under-sampling: a part of the common rows."""

from typing import Any

import numpy as np

from rarebird.registry import StudyUse, register

from .checked import FOR_CLASSES, Checked
from .parameters import Flag
from .under_sampler import UnderSampler


@register(
    name="random-under",
    **FOR_CLASSES,
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
class RandomUnderSampler(UnderSampler):
    """Under-samples by drawing rows of each targeted class at random.

    Parameters
    ----------
    replacement : bool, default=False
        Whether a row may be drawn more than once.

    Notes
    -----
    O(n) time; columns of any type, and missing values, stay as they are.

    Examples
    --------
    >>> X, y = np.arange(6.0)[:, None], np.array(["no"] * 5 + ["yes"])
    >>> sampler = RandomUnderSampler(random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> y_new.tolist(), sampler.sample_indices_.tolist()
    (['no', 'yes'], [2, 5])
    """

    reads = "labels"
    missing_too = True
    keeps_index = True
    legacy_rng = True
    random_state: Any = None
    replacement: Flag = False

    def _shrink(self, data: Checked, code: int, n_keep: int) -> np.ndarray:
        members = data.rows_of(code)
        return members[data.rng.choice(len(members), n_keep, replace=self.replacement)]
