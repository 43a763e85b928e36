"""Another resampler's plan on standardised numbers, so that no column counts by its unit."""

from dataclasses import field, replace
from typing import Annotated, Any

import numpy as np
from sklearn.base import clone

from rarebird._errors import ParameterError
from rarebird._params import Instance
from rarebird.registry import register
from rarebird.tables.columns import read_columns, split_columns
from rarebird.tables.plan import Plan
from rarebird.tables.sources import Explicit, Interpolated, Perturbed, Source

from .base import Resampler
from .checked import FOR_CLASSES, Checked
from .parameters import Columns
from .smote import SMOTE


def _standardise(X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return columns with mean 0 and standard deviation 1, their means and their deviations.

    Missing values stay; a column without spread, or without values, is divided by 1.

    Examples
    --------
    >>> _standardise(np.array([[1.0, 5.0], [3.0, np.nan]]))[0].tolist()
    [[-1.0, 0.0], [1.0, nan]]
    """
    X = np.asarray(X, dtype=float)
    n = np.maximum(np.sum(~np.isnan(X), axis=0), 1)
    mean = np.nansum(X, axis=0) / n
    scale = np.sqrt(np.nansum((X - mean) ** 2, axis=0) / n)
    scale = np.where(scale > 0, scale, 1.0)
    return (X - mean) / scale, mean, scale


@register(
    name="standardized",
    **FOR_CLASSES,
    summary="Another resampler, for which no column counts by its unit, on tables of any kind.",
    evidence="slow reference: the inner resampler on a table that was standardised by hand",
    rare_cases="as the inner resampler: what it refuses is refused",
    example=lambda: {"resampler": SMOTE(random_state=0)},
)
class Standardized(Resampler):
    """Plans with another resampler on standardised numbers, and resamples the table as it is.

    The inner resampler sees (x_j - mean_j) / deviation_j in each numeric column j. Its plan is
    carried out on the table: kept rows are as they were, and new ones in the units of the table.

    Parameters
    ----------
    resampler : resampler of rarebird
        Cloned. On a table with categories or missing values one that reads categories gets
        ``categorical_features``; one that only searches for neighbours searches by
        `rarebird.neighbors.MixedNeighbors` (SMOTEENN and SMOTETomek: each part so).

    Attributes
    ----------
    resampler_ : resampler
        The copy that planned, fitted.

    Raises
    ------
    DataError
        As the inner resampler; if a column holds neither numbers nor categories, or X is sparse.
    ParameterError
        If a parameter is outside its rule, or the table has categories or missing values and the
        inner resampler takes none.

    Notes
    -----
    The cost of the inner resampler, and O(n d). Categories are never one-hot: a new row has its
    base row's category, or what the inner resampler's neighbours vote for (`SMOTE`).

    Examples
    --------
    >>> X = np.array([[0.1, 9e6], [0.2, 5e6], [0.3, 1e6], [0.8, 4e6], [0.9, 2e6]])
    >>> y = np.array([0, 0, 0, 1, 1])
    >>> sampler = Standardized(SMOTE(k_neighbors=1, random_state=0))
    >>> sampler.fit_resample(X, y)[0][5].round(2).tolist()
    [0.86, 2814310.76]
    """

    reads = "table"
    sparse_too = False
    missing_too = True
    resampler: Annotated[
        Any, Instance("a resampler of rarebird with a plan", types=(Resampler,))
    ] = field(kw_only=False)
    categorical_features: Columns = "auto"

    @property
    def sampling_type(self) -> str:  # type: ignore[override]
        """What the inner resampler does."""
        return self.resampler.sampling_type

    def _plan(self, data: Checked) -> Plan:
        owner, table = type(self).__name__, data.table
        numeric, voted = split_columns(table, self.categorical_features, owner)
        X, codes = read_columns(table, numeric, voted, owner)
        numbers, mean, scale = _standardise(X)
        view = np.empty((table.n_rows, table.n_columns))
        view[:, numeric] = numbers
        view[:, voted] = np.where(codes < 0, np.nan, codes)
        inner = clone(self.resampler)
        if voted or np.isnan(numbers).any():
            try:
                inner = inner._for_mixed(voted)
            except ParameterError as error:
                which = [table.name(j) for j in voted] + [
                    table.name(j) for j in numeric if np.isnan(view[:, j]).any()
                ]
                raise ParameterError(
                    f"{owner}: columns {', '.join(which)} hold categories or miss values, and "
                    f"{error}"
                ) from None
        plan = inner.plan(view, data.classes[data.codes])
        self.resampler_ = inner
        if hasattr(inner, "sampling_strategy_"):
            self.sampling_strategy_ = inner.sampling_strategy_
        columns = np.arange(len(numeric)) if plan.voted else np.array(numeric, dtype=np.intp)
        sources = tuple(_in_units(source, columns, mean, scale) for source in plan.sources)
        return replace(plan, sources=sources, voted=plan.voted or tuple(voted))


def _in_units(source: Source, columns: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> Source:
    """Return a source over standardised numbers as one over these ``columns`` in their units."""
    if isinstance(source, Interpolated) and source.steps.ndim == 3:
        return replace(source, steps=source.steps[:, :, columns])
    if isinstance(source, Perturbed):
        return replace(source, noise=source.noise[:, columns] * scale)
    if isinstance(source, Explicit):
        return replace(source, rows=source.rows[:, columns] * scale + mean)
    return source
