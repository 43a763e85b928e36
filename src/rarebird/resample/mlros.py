"""ML-ROS: rows with rare labels again, label by label in turns."""

from typing import Annotated, Any

from rarebird._params import Real
from rarebird.registry import register
from rarebird.tables.plan import Plan
from rarebird.tables.sources import AllRows, Kept

from .label_imbalance import draw_clones
from .multilabel import FOR_LABEL_SETS, Labelled, MultilabelResampler


@register(
    name="ml-ros",
    **FOR_LABEL_SETS,
    summary="Rows with rare labels are drawn again.",
    evidence="slow reference",
    rare_cases="one row of a label suffices; a label without rows is left out; where no label is "
    "rarer than the mean nothing is added",
    example={"random_state": 0},
    papers=("Charte2015",),
)
class MLROS(MultilabelResampler):
    """Over-samples multi-label data by repeating rows with rare labels.

    A label is rare if IRLbl > MeanIR (`irlbl`, `mean_ir`). In turns, a row of each rare label is
    drawn and repeated, with all its labels; a label leaves when IRLbl <= MeanIR of the input
    (Charte et al., 2015).

    Parameters
    ----------
    percentage : float, default=25.0
        Rows to add, in percent of n. The paper tries 10, 20 and 25.

    {raises_no_sets}

    Notes
    -----
    O(n L + n_new L). floor(n percentage / 100) rows are added, or fewer if every label has left.
    Rows that have rare and frequent labels raise both; `scumble` says how often that is.

    References
    ----------
    .. [Charte2015] Charte, F.; Rivera, A. J.; del Jesus, M. J.; Herrera, F. Addressing imbalance in
       multilabel classification: measures and random resampling algorithms. Neurocomputing 163,
       2015.

    Examples
    --------
    >>> import numpy as np
    >>> X, Y = np.arange(8)[:, None], np.array([[1, 0]] * 6 + [[1, 1]] * 1 + [[0, 1]])
    >>> X_new, Y_new = MLROS(random_state=0).fit_resample(X, Y)
    >>> X_new[8:].ravel().tolist(), Y_new[8:].tolist()
    ([7, 7], [[0, 1], [0, 1]])
    """

    reads = "labels"
    missing_too = True
    percentage: Annotated[float, Real(min=0)] = 25.0
    random_state: Any = None

    def _plan(self, data: Labelled) -> Plan:
        n = data.table.n_rows
        clones = draw_clones(data.rng, data.sets, int(n * self.percentage / 100))
        return Plan((AllRows(n), Kept(clones)))
