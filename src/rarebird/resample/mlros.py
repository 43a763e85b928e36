"""ML-ROS: rows with rare labels again, label by label in turns."""

from typing import Annotated, Any, ClassVar

import numpy as np

from rarebird._params import Real
from rarebird.registry import register
from rarebird.tables.plan import Plan
from rarebird.tables.sources import AllRows, Kept

from .label_imbalance import ratios
from .multilabel import Labelled, MultilabelResampler


def draw_clones(Y: np.ndarray, n_clones: int, rng: np.random.RandomState) -> np.ndarray:
    """Return the rows to be repeated: in turns one of each rare label, until it is rare no more.

    Parameters
    ----------
    Y : ndarray of bool of shape (n, L)
        Label sets.
    n_clones : int
        At most so many; fewer if no label stays rare.
    rng : RandomState
        Draws one ``randint`` a clone.

    Notes
    -----
    A label is rare while its ratio, clones counted, is above the mean ratio of the input.

    Examples
    --------
    >>> Y = np.array([[1, 0], [1, 0], [1, 0], [1, 0], [1, 0], [0, 1]]) == 1
    >>> draw_clones(Y, 9, np.random.RandomState(0)).tolist()
    [5]
    """
    counts = Y.sum(axis=0)
    ratio = ratios(counts)
    limit = np.nanmean(ratio)
    bags = {label: np.flatnonzero(Y[:, label]) for label in np.flatnonzero(ratio > limit)}
    clones: list[int] = []
    while bags and len(clones) < n_clones:
        for label, bag in list(bags.items())[: n_clones - len(clones)]:
            row = bag[rng.randint(len(bag))]
            clones.append(row)
            counts = counts + Y[row]
            if counts.max() / counts[label] <= limit:
                del bags[label]
    return np.array(clones, dtype=np.intp)


@register(
    name="ml-ros",
    role="resampler",
    place="data",
    tasks=("multilabel",),
    inputs=("table",),
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
    {random_state}

    Raises
    ------
    DataError
        If y is no matrix of 0 and 1, or no row has a label.
    ParameterError
        If a parameter is outside its rule.

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
    >>> X, Y = np.arange(8)[:, None], np.array([[1, 0]] * 6 + [[1, 1]] * 1 + [[0, 1]])
    >>> X_new, Y_new = MLROS(random_state=0).fit_resample(X, Y)
    >>> X_new[8:].ravel().tolist(), Y_new[8:].tolist()
    ([6, 7], [[1, 1], [0, 1]])
    """

    reads: ClassVar[str] = "labels"
    missing_too: ClassVar[bool] = True
    percentage: Annotated[float, Real(min=0)] = 25.0
    random_state: Any = None

    def _plan(self, data: Labelled) -> Plan:
        n = data.table.n_rows
        clones = draw_clones(data.sets, int(n * self.percentage / 100), data.rng)
        return Plan((AllRows(n), Kept(clones)))
