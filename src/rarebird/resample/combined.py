"""Over-sampling, then cleaning what came out: one plan over the other."""

from typing import Any, ClassVar

import numpy as np
from sklearn.base import clone

from rarebird._params import Instance, Int, OneOf
from rarebird.counts import ClassCounts

from .base import Checked, Resampler
from .plan import Interpolated, Plan
from .smote import SMOTE
from .tables import ArrayTable, SparseTable
from .targets import sampling_targets

_OURS = Instance("a resampler of rarebird", types=(Resampler,))


class Combined(Resampler):
    """Base of SMOTE followed by cleaning; a subclass gives the default cleaner."""

    kind = "over"
    rules: ClassVar = {
        "smote": OneOf(None, _OURS),
        "enn": OneOf(None, _OURS),
        "tomek": OneOf(None, _OURS),
        "n_jobs": OneOf(None, Int()),
    }

    def _cleaner(self) -> Any:
        """Return the cleaner, not yet cloned."""
        raise NotImplementedError

    def _plan(self, data: Checked) -> Plan:
        over = self.smote
        if over is None:
            over = SMOTE(sampling_strategy=self.sampling_strategy, random_state=self.random_state)
        over, cleaner = clone(over), clone(self._cleaner())
        over.fit_resample(data.X, data.classes[data.codes])
        plan = over.plan_
        table = SparseTable if data.table.is_sparse else ArrayTable
        X = table(data.X, type(self).__name__).build(plan)
        codes = plan.labels(data.codes)
        present = ClassCounts(np.bincount(codes, minlength=len(data.classes)), data.classes)
        aims = sampling_targets(
            cleaner.sampling_strategy, None, "clean", counts=present, owner=type(cleaner).__name__
        )
        targets = [int(np.flatnonzero(data.classes == label)[0]) for label in aims]
        return plan.take(cleaner.kept(X, codes, targets, witness=family(plan)))


def family(plan: Plan) -> np.ndarray:
    """Return, for each planned row, rows of its class that are probably near; shape (n, 4).

    A new row's are its parents and the new rows beside it that share its base; a real row's are
    its nearest children. -1 fills up.

    Examples
    --------
    >>> from rarebird.resample import AllRows
    >>> two = np.array([1, 1])
    >>> new = Interpolated(np.array([0, 0]), two, np.array([0.2, 0.9]), two)
    >>> family(Plan((AllRows(2), new))).tolist()
    [[2, 3, -1, -1], [-1, -1, -1, -1], [0, 1, -1, 3], [0, 1, 2, -1]]
    """
    found = np.full((len(plan), 4), -1)
    start = 0
    for source in plan.sources:
        if isinstance(source, Interpolated) and source.steps.ndim == 1 and start:
            order = np.lexsort((np.abs(source.steps), source.base))
            base = source.base[order]
            rows = start + order
            same = base[1:] == base[:-1]
            found[rows, 0], found[rows, 1] = base, source.others[order]
            found[rows[1:][same], 2] = rows[:-1][same]
            found[rows[:-1][same], 3] = rows[1:][same]
            first = np.flatnonzero(np.append(True, ~same))
            for place in range(4):
                here = first[first + place < len(base)] + place
                here = here[base[here] == base[here - place]]
                found[base[here], place] = rows[here]
        start += len(source)
    return found
