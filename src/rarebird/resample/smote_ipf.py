"""SMOTE-IPF: SMOTE, and then a filter that drops rows which most of several trees get wrong."""

from typing import Annotated, Any

import numpy as np
from sklearn.base import clone
from sklearn.tree import DecisionTreeClassifier

from rarebird._errors import DataError
from rarebird._params import Instance, Int, OneOf, Real
from rarebird.registry import register
from rarebird.tables.convert import as_table
from rarebird.tables.plan import Plan
from rarebird.tables.sources import Interpolated

from .checked import FOR_CLASSES, Checked
from .mixed_rows import NumberRows
from .over_sampler import OverSampler
from .parameters import Backend, NeighborsOrAuto, Positive

ClassifierRule = OneOf(None, Instance("a classifier", methods=("fit", "predict", "get_params")))


def partitions(y: np.ndarray, n_parts: int, rng: Any) -> np.ndarray:
    """Return a part 0 .. n_parts - 1 for each row, each class spread evenly over the parts.

    Examples
    --------
    >>> np.bincount(partitions(np.array([0] * 6 + [1] * 4), 2, np.random.RandomState(0))).tolist()
    [5, 5]
    """
    shuffled = rng.permutation(len(y))
    order = shuffled[np.argsort(y[shuffled], kind="stable")]
    parts = np.empty(len(y), dtype=np.intp)
    parts[order] = np.arange(len(y)) % n_parts
    return parts


def iterative_partitioning_filter(
    X: Any,
    y: np.ndarray,
    estimator: Any,
    rng: Any,
    *,
    n_parts: int = 9,
    voting: str = "majority",
    patience: int = 3,
    tolerance: float = 0.01,
) -> np.ndarray:
    """Return the rows that stay when noisy ones are dropped, round after round.

    In each round one classifier is fitted on each of ``n_parts`` parts of the rows X (n, d), of the
    class codes y, that are still there; a row is noisy if most of them (or all) miss its label. It
    ends after ``patience`` rounds in a row with fewer than ``tolerance * n`` noisy rows, or when a
    class has no row left. ``rng``, a RandomState, draws the parts and the classifiers' seeds.
    """
    kept, quiet, n_classes = np.arange(len(y)), 0, len(np.unique(y))
    seeded = "random_state" in estimator.get_params()
    while quiet < patience and len(np.unique(y[kept])) == n_classes:
        n = min(n_parts, len(kept))
        parts = partitions(y[kept], n, rng)
        wrong = np.zeros(len(kept), dtype=int)
        for part in range(n):
            rows = kept[parts == part]
            member = clone(estimator)
            if seeded:
                member.set_params(random_state=rng.randint(np.iinfo(np.int32).max))
            wrong += member.fit(X[rows], y[rows]).predict(X[kept]) != y[kept]
        noisy = wrong == n if voting == "consensus" else 2 * wrong > n
        quiet = quiet + 1 if noisy.sum() < tolerance * len(y) else 0
        kept = kept[~noisy]
    return kept


@register(
    name="smote-ipf",
    **FOR_CLASSES,
    summary="SMOTE, then every row, real or new, that most of several trees miss is dropped.",
    evidence="imbalanced-learn 0.14.2: SMOTE's rows before the filter; slow reference of it",
    rare_cases="as SMOTE; a class that the filter would empty is refused",
    example={"random_state": 0},
    papers=("Saez2015",),
)
class SMOTEIPF(OverSampler):
    """Over-samples by SMOTE and cleans the result with the iterative-partitioning filter.

    After SMOTE, with n trees each fitted on one n-th of the rows, row i is dropped if
    sum_t [tree_t(x_i) != y_i] > n / 2 (majority) or = n (consensus); again, until for ``patience``
    rounds fewer than ``tolerance`` of the rows are dropped (Saez, Luengo, Stefanowski and Herrera,
    2015). The defaults n = 9, patience 3 (their k), tolerance 1% (their p) and the majority are
    the paper's.

    Parameters
    ----------
    sampling_strategy : str, float, dict or callable, default="auto"
        See `sampling_targets`; counts before the filter, which drops rows of every class.
    random_state : int, RandomState or None, default=None
        Seed; an integer gives `SMOTE`'s rows before the filter.
    k_neighbors : int, neighbours object or "auto", default=5
        As in `SMOTE`.
    n_partitions : int, default=9
        Parts, and so trees, in a round.
    voting : {"majority", "consensus"}, default="majority"
        Whether most or all trees must miss a row.
    patience : int, default=3
        Quiet rounds in a row that end the filter.
    tolerance : float, default=0.01
        A round is quiet if it drops less than this share of the rows there were after SMOTE.
    estimator : classifier or None, default=None
        ``None``: scikit-learn's tree with entropy and two rows a leaf, in place of the paper's
        pruned C4.5. One that fits its own part without error can never be part of a consensus.

    Raises
    ------
    DataError
        If a targeted class has no more than ``k_neighbors`` rows, or the filter would leave a
        class without rows.

    Notes
    -----
    SMOTE's time, and O(d n log n) for the trees of a round over the n rows after SMOTE. The trees
    are fitted on one part each, as the paper has it; smote-variants fits each on all but one.

    References
    ----------
    .. [Saez2015] Saez, J. A.; Luengo, J.; Stefanowski, J.; Herrera, F. SMOTE-IPF: addressing the
       noisy and borderline examples problem in imbalanced classification by a re-sampling method
       with filtering. Information Sciences 291, 2015.

    Examples
    --------
    >>> X = np.arange(40.0)[:, None]
    >>> y = np.where(X.ravel() < 28, "no", "yes")
    >>> y[3] = "yes"
    >>> sampler = SMOTEIPF(n_partitions=3, k_neighbors=2, random_state=0)
    >>> 3 in set(sampler.fit_resample(X, y) and sampler.sample_indices_)
    False
    """

    legacy_rng = True
    k_neighbors: NeighborsOrAuto = 5
    n_partitions: Annotated[int, Int(min=2)] = 9
    voting: Annotated[str, OneOf("majority", "consensus")] = "majority"
    patience: Positive = 3
    tolerance: Annotated[float, Real(min=0, max=1, open_low=True)] = 0.01
    estimator: Annotated[Any, ClassifierRule] = None
    neighbors: Backend = None

    def _grow(self, data: Checked, code: int, n_new: int) -> Interpolated:
        return NumberRows(data.X).grow(self, data, code, n_new)

    def _plan(self, data: Checked) -> Plan:
        plan = super()._plan(data)
        codes = plan.y_of(data.codes)
        # As the paper's C4.5 no leaf of one row: a tree that fits its own part outvotes a consensus
        tree = DecisionTreeClassifier(criterion="entropy", min_samples_leaf=2)
        kept = iterative_partitioning_filter(
            as_table(data.X).build(plan),
            codes,
            tree if self.estimator is None else self.estimator,
            data.start(),
            n_parts=self.n_partitions,
            voting=self.voting,
            patience=self.patience,
            tolerance=self.tolerance,
        )
        lost = np.setdiff1d(codes, codes[kept])
        if len(lost):
            raise DataError(
                f"{type(self).__name__}: the filter takes every row of class {data.name(lost[0])} "
                "for noise. Use voting='consensus', fewer n_partitions, or SMOTE, which drops none."
            )
        return plan.take(kept)
