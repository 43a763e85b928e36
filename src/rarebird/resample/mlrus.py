"""ML-RUS: rows with frequent labels are dropped, label by label in turns."""

from typing import Annotated, Any, ClassVar

import numpy as np

from rarebird._params import Real
from rarebird.registry import register
from rarebird.tables.plan import Plan
from rarebird.tables.sources import Kept

from .label_imbalance import ratios
from .multilabel import Labelled, MultilabelResampler
from .parameters import Flag


def draw_deletions(
    Y: np.ndarray, n_deleted: int, rng: np.random.RandomState, *, keep_rare: bool = True
) -> np.ndarray:
    """Return the rows to be dropped: in turns one of each frequent label, until it is rarer.

    Parameters
    ----------
    Y : ndarray of bool of shape (n, L)
        Label sets.
    n_deleted : int
        At most so many; fewer if no label stays frequent, or its rows run out.
    rng : RandomState
        Draws one ``randint`` a row.
    keep_rare : bool, default=True
        Leave rows that have a rare label.

    Notes
    -----
    A label is frequent while its ratio in what is left is below the mean ratio of the input.

    Examples
    --------
    >>> Y = np.array([[1, 0], [1, 0], [1, 0], [1, 1], [0, 1]]) == 1
    >>> draw_deletions(Y, 2, np.random.RandomState(0)).tolist()
    [0, 1]
    """
    counts = Y.sum(axis=0)
    ratio = ratios(counts)
    limit = np.nanmean(ratio)
    free = ~(Y & (ratio > limit)).any(axis=1) if keep_rare else np.ones(len(Y), dtype=bool)
    bags = {
        label: np.flatnonzero(Y[:, label] & free).tolist()
        for label in np.flatnonzero(ratio < limit)
    }
    deleted: set[int] = set()
    while bags and len(deleted) < n_deleted:
        for label, bag in list(bags.items()):
            if len(deleted) == n_deleted:
                break
            row = _take(bag, deleted, rng)
            if row is not None:
                deleted.add(row)
                counts = counts - Y[row]
            if row is None or not counts[label] or counts.max() / counts[label] >= limit:
                del bags[label]
    return np.array(sorted(deleted), dtype=np.intp)


def _take(bag: list[int], deleted: set[int], rng: np.random.RandomState) -> int | None:
    """Take a random row out of the bag that is not deleted; None if there is none left."""
    while bag:
        place = rng.randint(len(bag))
        bag[place], bag[-1] = bag[-1], bag[place]
        row = bag.pop()
        if row not in deleted:
            return row
    return None


@register(
    name="ml-rus",
    role="resampler",
    place="data",
    tasks=("multilabel",),
    inputs=("table",),
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
    {random_state}
    keep_rare : bool, default=True
        Never drop a row that has a rare label (IRLbl > MeanIR), as in the package of the authors'
        group; ``False``: any row of a frequent label, as in Mulan.

    Raises
    ------
    DataError
        If y is no matrix of 0 and 1, or no row has a label.
    ParameterError
        If a parameter is outside its rule.

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
    [1, 2, 3, 5, 6, 7]
    """

    sampling_type: ClassVar[str] = "under"
    reads: ClassVar[str] = "labels"
    missing_too: ClassVar[bool] = True
    percentage: Annotated[float, Real(min=0, max=100)] = 25.0
    random_state: Any = None
    keep_rare: Flag = True

    def _plan(self, data: Labelled) -> Plan:
        n = data.table.n_rows
        wanted = int(n * self.percentage / 100)
        dropped = draw_deletions(data.sets, wanted, data.rng, keep_rare=self.keep_rare)
        return Plan((Kept(np.setdiff1d(np.arange(n), dropped)),))
