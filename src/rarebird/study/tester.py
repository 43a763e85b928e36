"""Tests of differences between arms, over the rows that they have not seen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rarebird._errors import DataError
from rarebird.metrics.kinds import Metric
from rarebird.metrics.lookup import get_metric
from rarebird.metrics.pooled import pooled_differences
from rarebird.metrics.significance import Difference

from .scores import Scores, Seen


@dataclass(frozen=True)
class Tester:
    """Differences between arms over the rows that both have not seen."""

    __test__ = False  # no test case, whatever its name

    scores: Scores
    metric: str = ""  # by default the goal's

    def _metric(self, where: np.ndarray) -> Metric:
        if self.metric:
            return get_metric(self.metric)
        return self.scores.schedule.goal.on(self.scores.rows.costs_of(where)).metric

    def _outputs(self, metric: Metric, seen: Sequence[Seen]) -> np.ndarray:
        kept = self._kept(seen[0])
        return np.stack([metric.choose(s.proba[kept], s.predicted[kept]) for s in seen])

    def _kept(self, seen: Seen) -> np.ndarray:
        return ~np.isin(self.scores.rows.y[seen.rows], self.scores.schedule.unassessed)

    def blocks(self, seen: Seen) -> np.ndarray:
        """Return what rows are drawn together: equal rows, the user's groups, stretches of time."""
        key = self.scores.rows.design.key[seen.rows]
        if self.scores.rows.design.kind == "time":  # 5 successive blocks a fold
            rank = np.argsort(np.argsort(key, kind="stable"), kind="stable")
            return rank * 5 * len(np.unique(seen.fold)) // len(key)
        return np.unique(key, return_inverse=True)[1].ravel()

    def differences(
        self, pairs: Sequence[tuple[Sequence[Seen], Sequence[Seen]]], *, entered: int | None = None
    ) -> list[Difference | None]:
        """Return the difference of each pair, in the metric's direction; None where none can be."""
        if not pairs:
            return []
        first, rows, s = pairs[0][0][0], self.scores.rows, self.scores.schedule
        kept = self._kept(first)
        where = first.rows[kept]
        metric = self._metric(where)
        sign = 1.0 if metric.greater_is_better else -1.0
        outputs: dict[tuple[int, ...], np.ndarray] = {}  # of each model once: draws are shared

        def output(seen: Sequence[Seen]) -> np.ndarray:
            return outputs.setdefault(tuple(map(id, seen)), self._outputs(metric, seen))

        try:
            found = pooled_differences(
                metric,
                rows.y[where],
                [(output(new), output(old)) for new, old in pairs],
                blocks=self.blocks(first)[kept],
                sample_weight=None if rows.weight is None else rows.weight[where],
                n_classes=rows.n_classes,
                entered=entered,
                random_state=s.seed,
            )
        except DataError:  # too few blocks or groups: nothing can be told apart
            return [None] * len(pairs)
        return [_signed(each, sign) for each in found]


def _signed(gain: Difference, sign: float) -> Difference:
    """Return a gain as the difference of the metric, which falls where less is better."""
    low, high = sorted((sign * gain.low, sign * gain.high))
    return replace(gain, value=sign * gain.value, low=low, high=high)
