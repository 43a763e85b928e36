"""Random walk over-sampling: each rare row takes small steps, categories by roulette."""

import numpy as np

from rarebird.registry import register
from rarebird.tables.columns import read_columns, split_columns
from rarebird.tables.sources import Perturbed

from .around import step_lengths
from .between import even_bases
from .checked import FOR_CLASSES, Checked
from .over_sampler import OverSampler
from .parameters import Columns
from .votes import roulette


@register(
    name="random-walk",
    **FOR_CLASSES,
    summary="Rare rows with small normal steps, and categories drawn as often as the class has "
    "them.",
    evidence="slow reference; closed form of mean, variance and level shares",
    rare_cases="one row suffices, and is repeated; a single class is refused",
    example={"random_state": 0},
    papers=("Zhang2014",),
)
class RandomWalkOversampler(OverSampler):
    """Over-samples so that mean and variance of each column stay what they are in the class.

    Numbers: x_new = x - (s / sqrt(n)) e, e ~ N(0, 1), s the class's standard deviation in the
    column and n its rows. Categories: drawn from the class's levels, each with its share
    (RWO-sampling; Zhang and Li, 2014).

    Raises
    ------
    DataError
        If a column holds neither numbers nor categories.
    ParameterError
        If a parameter is outside its rule, or names no column.

    Notes
    -----
    O(n_new d). Every row of the class is a base row as often as every other, up to one (the paper
    adds whole multiples of the class). Steps of different columns are independent, and so are
    categories: dependence between categories is lost. Where the base row has no value, the new row
    has none. Columns of whole numbers in a frame are cut to whole numbers.

    References
    ----------
    .. [Zhang2014] Zhang, H.; Li, M. RWO-sampling: a random walk over-sampling approach to
       imbalanced data classification. Information Fusion 20, 2014.

    Examples
    --------
    >>> X, y = np.arange(9.0)[:, None], np.array(["no"] * 6 + ["yes"] * 3)
    >>> X_new, y_new = RandomWalkOversampler(random_state=0).fit_resample(X, y)
    >>> X_new[9:].round(2).ravel().tolist()
    [5.7, 6.95, 8.25]
    """

    reads = "table"
    sparse_too = False
    missing_too = True
    categorical_features: Columns = "auto"

    def _grow(self, data: Checked, code: int, n_new: int) -> Perturbed:
        X, codes, voted = self._read(data)
        members, rng = data.rows_of(code), data.rng
        base = even_bases(rng, len(members), n_new)
        noise = -step_lengths(X[members]) * rng.normal(size=(n_new, X.shape[1]))
        donors = [roulette(rng, column, base) for column in codes[members].T]
        chosen = members[np.column_stack(donors)] if voted else None
        return Perturbed(members[base], noise, donors=chosen)

    def _voted(self, data: Checked) -> tuple[int, ...]:
        return tuple(self._read(data)[2])

    def _read(self, data: Checked) -> tuple[np.ndarray, np.ndarray, list[int]]:
        """Return the numbers, the categories' codes, and the categories' columns."""

        def read() -> tuple[np.ndarray, np.ndarray, list[int]]:
            owner = type(self).__name__
            numeric, voted = split_columns(data.table, self.categorical_features, owner)
            return (*read_columns(data.table, numeric, voted, owner), voted)

        return data.once("columns", read)
