"""From an encoded table to columns of numbers for a model that is linear in them."""

from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from .linear_splines import LinearSplines
from .quantile_clipper import QuantileClipper


def encoder(n_columns: int, categorical: tuple[int, ...], knots: int = 0) -> ColumnTransformer:
    """Return an unfitted encoder: levels one-hot, splines where there are knots, then numbers.

    Numbers are clipped to their 0.1% and 99.9% quantiles, scaled to unit variance and filled with
    the median, with an indicator where values were missing.
    """
    numbers = make_pipeline(
        QuantileClipper(),
        StandardScaler(),
        SimpleImputer(strategy="median", add_indicator=True),
    )
    levels = OneHotEncoder(
        handle_unknown="infrequent_if_exist", min_frequency=10, max_categories=51
    )
    numeric = [j for j in range(n_columns) if j not in categorical]
    parts: list[tuple[str, Any, list[int]]] = [("levels", levels, list(categorical))]
    if knots and numeric:
        parts.append(("splines", make_pipeline(QuantileClipper(), LinearSplines(knots)), numeric))
    return ColumnTransformer([*parts, ("numbers", numbers, numeric)])
