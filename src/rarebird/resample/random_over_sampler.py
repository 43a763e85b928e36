"""Random over-sampling: rows of the rare classes again, as they are or smoothed."""

from collections.abc import Mapping
from numbers import Real as Number
from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from sklearn.utils import check_random_state

from rarebird._errors import DataError, ParameterError
from rarebird._params import Instance, OneOf, Real
from rarebird.registry import register
from rarebird.tables.convert import Table
from rarebird.tables.plan import AllRows, Kept, Perturbed, Plan

from .base import Checked, Resampler


def smoothing(n_rows: int, n_columns: int) -> float:
    """Return Silverman's factor of the smoothed bootstrap, (4 / ((d + 2) n))^(1 / (d + 4)).

    Examples
    --------
    >>> smoothing(2, 0)
    1.0
    """
    return (4 / ((n_columns + 2) * n_rows)) ** (1 / (n_columns + 4))


@register(
    name="random-over",
    role="resampler",
    place="data",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Rows of the rare classes are drawn again until the classes are level.",
    evidence="imbalanced-learn 0.14.2: identical rows, with and without shrinkage",
    rare_cases="one row suffices; a single class is refused",
    example={"random_state": 0},
    keeps_conditional=True,
)
class RandomOverSampler(Resampler):
    """Over-samples by drawing rows of each targeted class with replacement.

    With ``shrinkage`` h the drawn rows are smoothed: x = x_i + h (4/((d+2) n))^(1/(d+4)) s e, with
    e ~ N(0, 1) in each column and s the class's standard deviation there (ROSE).

    Parameters
    ----------
    sampling_strategy : str, float, dict or callable, default="auto"
        See `sampling_targets`.
    random_state : int, RandomState or None, default=None
        Seed; an integer gives the rows that imbalanced-learn gives.
    shrinkage : float, dict of label to float, or None, default=None
        h >= 0; ``None`` repeats rows as they are, of any type and with gaps.

    Raises
    ------
    ParameterError
        If a targeted class has no shrinkage or a negative one.
    DataError
        If there is shrinkage and a column holds no numbers, or gaps.

    Notes
    -----
    O(n_new d) time; Chawla et al. (2002) compare with it; smoothed: Menardi and Torelli (2014).

    Examples
    --------
    >>> X, y = np.arange(6.0)[:, None], np.array(["no"] * 5 + ["yes"])
    >>> RandomOverSampler(random_state=0).fit_resample(X, y)[1].tolist().count("yes")
    5
    """

    kind = "over"
    reads = "baseline"
    missing_too = True
    rules: ClassVar = {
        "shrinkage": OneOf(None, Real(min=0), Instance("a dict of numbers", types=(Mapping,)))
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        shrinkage: Any = None,
    ):
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.shrinkage = shrinkage

    def _plan(self, data: Checked) -> Plan:
        rng = check_random_state(self.random_state)
        shrinkage = self.shrinkage_ = self._shrinkage(data)
        X = None if shrinkage is None else self._finite(data.table)
        sources: list[Any] = [AllRows(data.table.n_rows)]
        for code, n_new in data.targets.items():
            members = data.rows_of(code)
            drawn = rng.choice(members, size=n_new, replace=True)
            if shrinkage is None:
                sources.append(Kept(drawn))
                continue
            part = X[members]
            if sparse.issparse(part):
                part = part.toarray()
            width = shrinkage[data.classes[code]] * smoothing(*X.shape) * np.std(part, axis=0)
            noise = rng.randn(n_new, X.shape[1])
            noise *= width
            sources.append(Perturbed(drawn, noise, np.full(n_new, code)))
        return Plan(tuple(sources))

    def _shrinkage(self, data: Checked) -> dict[Any, float] | None:
        if self.shrinkage is None:
            return None
        wanted = [data.classes[code] for code in data.targets]
        if isinstance(self.shrinkage, Number):
            return dict.fromkeys(wanted, self.shrinkage)
        missing = [label for label in wanted if label not in self.shrinkage]
        if missing:
            raise ParameterError(
                "RandomOverSampler: `shrinkage` should contain a shrinkage factor for each class "
                f"that will be resampled. The missing classes are: {missing!r}."
            )
        for label, factor in self.shrinkage.items():
            if factor < 0:
                raise ParameterError(
                    "RandomOverSampler: the shrinkage factor needs to be >= 0. "
                    f"Got {factor} for class {label!r}."
                )
        return dict(self.shrinkage)

    def _finite(self, table: Table) -> Any:
        """Return the numbers that noise can be added to."""
        try:
            return self._numbers(table, type(self).__name__, missing_too=False)
        except DataError as error:
            raise DataError(
                f"{error} (When shrinkage is not None, X needs to contain only numerical data to "
                "later generate a smoothed bootstrap sample.)"
            ) from None
