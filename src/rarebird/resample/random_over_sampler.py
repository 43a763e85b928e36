"""Random over-sampling: rows of the rare classes again, as they are or smoothed."""

from collections.abc import Mapping
from numbers import Real as Number
from typing import Annotated, Any

import numpy as np
from scipy import sparse

from rarebird._errors import DataError, ParameterError
from rarebird._params import Instance, OneOf, Real
from rarebird.registry import register
from rarebird.tables.columns import finite_numbers
from rarebird.tables.plan import Plan
from rarebird.tables.sources import Kept, Perturbed
from rarebird.tables.table import Table

from .around import smoothing
from .checked import FOR_CLASSES, Checked
from .over_sampler import OverSampler

ShrinkageRule = OneOf(None, Real(min=0), Instance("a dict of numbers", types=(Mapping,)))


@register(
    name="random-over",
    **FOR_CLASSES,
    summary="Rows of the rare classes are drawn again until the classes are level.",
    evidence="imbalanced-learn 0.14.2: identical rows, with and without shrinkage",
    rare_cases="one row suffices; a single class is refused",
    example={"random_state": 0},
    keeps_conditional=True,
)
class RandomOverSampler(OverSampler):
    """Over-samples by drawing rows of each targeted class with replacement.

    With ``shrinkage`` h the drawn rows are smoothed: x = x_i + h (4/((d+2) n))^(1/(d+4)) s e, with
    e ~ N(0, 1) in each column and s the class's standard deviation there (ROSE).

    Parameters
    ----------
    shrinkage : float, dict of label to float, or None, default=None
        h >= 0; ``None`` repeats rows as they are, of any type, missing values too.

    Raises
    ------
    ParameterError
        If a targeted class has no shrinkage or a negative one.
    DataError
        If there is shrinkage and a column holds no numbers, or misses some.

    Notes
    -----
    O(n_new d) time; Chawla et al. (2002) compare with it; smoothed: Menardi and Torelli (2014).

    Examples
    --------
    >>> X, y = np.arange(6.0)[:, None], np.array(["no"] * 5 + ["yes"])
    >>> RandomOverSampler(random_state=0).fit_resample(X, y)[1].tolist().count("yes")
    5
    """

    reads = "labels"
    missing_too = True
    legacy_rng = True
    shrinkage: Annotated[Any, ShrinkageRule] = None

    def _grow(self, data: Checked, code: int, n_new: int) -> Kept | Perturbed:
        members = data.rows_of(code)
        drawn = data.rng.choice(members, size=n_new, replace=True)
        shrinkage = data.once("shrinkage", lambda: self._shrinkage(data))
        if shrinkage is None:
            return Kept(drawn)
        X = data.once("numbers", lambda: self._finite(data.table))
        part = X[members]
        if sparse.issparse(part):
            part = part.toarray()
        noise = data.rng.randn(n_new, X.shape[1])
        noise *= shrinkage[data.classes[code]] * smoothing(*X.shape) * np.std(part, axis=0)
        return Perturbed(drawn, noise)

    def _plan(self, data: Checked) -> Plan:
        self.shrinkage_ = data.once("shrinkage", lambda: self._shrinkage(data))
        return super()._plan(data)

    def _shrinkage(self, data: Checked) -> dict[Any, float] | None:
        if self.shrinkage is None:
            return None
        wanted = [data.classes[code] for code in data.targets]
        if isinstance(self.shrinkage, Number):
            return dict.fromkeys(wanted, float(self.shrinkage))
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
            return finite_numbers(table, type(self).__name__)
        except DataError as error:
            raise DataError(
                f"{error} (When shrinkage is not None, X needs to contain only numerical data to "
                "later generate a smoothed bootstrap sample.)"
            ) from None
