"""ML-RUS: rows with frequent labels are dropped, label by label in turns."""

from typing import Annotated, Any

import numpy as np

from rarebird._params import Real
from rarebird.registry import register
from rarebird.tables.plan import Plan
from rarebird.tables.sources import Kept

from .label_imbalance import draw_deletions
from .multilabel import FOR_LABEL_SETS, Labelled, MultilabelResampler
from .parameters import Flag


@register(
    name="ml-rus",
    **FOR_LABEL_SETS,
    summary="Rows with frequent labels are dropped.",
    evidence="slow reference",
    rare_cases="a label without rows is left out; where no label is more frequent than the mean "
    "nothing is dropped",
    example={"random_state": 0},
    papers=("Charte2015",),
)
class MLRUS(MultilabelResampler):
    """Under-samples multi-label data by dropping rows with frequent labels.

    A label is frequent if IRLbl < MeanIR (`irlbl`, `mean_ir`). In turns, a row of each frequent
    label is drawn and dropped; a label leaves when IRLbl >= MeanIR of the input (Charte et al.,
    2015).

    Parameters
    ----------
    percentage : float, default=25.0
        Rows to drop, in percent of n. The paper tries 10, 20 and 25.
    keep_rare : bool, default=True
        Never drop a row that has a rare label (IRLbl > MeanIR), as in the package of the authors'
        group; ``False``: any row of a frequent label, as in Mulan.

    {raises_no_sets}

    Notes
    -----
    O(n L). floor(n percentage / 100) rows are dropped, or fewer if every label has left or its rows
    have run out. The rows that stay keep their order.

    References
    ----------
    .. [Charte2015] Charte, F.; Rivera, A. J.; del Jesus, M. J.; Herrera, F. Addressing imbalance in
       multilabel classification: measures and random resampling algorithms. Neurocomputing 163,
       2015.

    Examples
    --------
    >>> X, Y = np.arange(8)[:, None], np.array([[1, 0]] * 6 + [[1, 1]] * 1 + [[0, 1]])
    >>> X_new, Y_new = MLRUS(random_state=0).fit_resample(X, Y)
    >>> X_new.ravel().tolist()
    [0, 1, 2, 4, 6, 7]
    """

    sampling_type = "under"
    reads = "labels"
    missing_too = True
    percentage: Annotated[float, Real(min=0, max=100)] = 25.0
    random_state: Any = None
    keep_rare: Flag = True

    def _plan(self, data: Labelled) -> Plan:
        n = data.table.n_rows
        wanted = int(n * self.percentage / 100)
        dropped = draw_deletions(data.rng, data.sets, wanted, keep_rare=self.keep_rare)
        return Plan((Kept(np.setdiff1d(np.arange(n), dropped)),))
