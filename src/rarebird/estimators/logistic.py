"""Logistic regression on an encoded table, out of scikit-learn's parts."""

from typing import Annotated, Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils import Tags

from rarebird._params import Int, Real, check_params
from rarebird._typing import LabelsLike, TableLike
from rarebird.registry import StudyUse, register
from rarebird.resample.parameters import Declared

from .checks import check_columns, labels_of, shape_of
from .encoding import encoder


@register(
    name="logistic",
    role="learner",
    place="around",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Logistic regression on scaled numbers and one-hot categories.",
    evidence="scikit-learn 1.9: equal coefficients on numeric tables without clipping",
    rare_cases="an absent class is left out; a single class gives a constant",
    example={},
    study=StudyUse(
        after="",
        effort=None,
        strengths=({"C": 0.1, "knots": 7}, {"C": 1.0, "knots": 0}, {"C": 0.05, "knots": 0}),
    ),
)
class Logistic(ClassifierMixin, Declared):
    """Penalised logistic regression on an encoded table.

    It minimises sum_i w_i log(1 + exp(-y_i f(x_i))) + |beta|^2 / (2 C) with f linear in the encoded
    columns. Numbers are clipped to their 0.1% and 99.9% quantiles, scaled to unit variance and
    filled with the median, with an indicator where values were missing. Category codes get a
    column each, missing being a category; those with fewer than 10 rows, those beyond the 50 most
    frequent and those never seen share one.

    Parameters
    ----------
    categorical : tuple of int, default=()
        Columns that hold category codes.
    C : float, default=1.0
        Inverse strength of the penalty.
    knots : int, default=0
        Inner knots of the linear splines that each number gets beside itself; see `LinearSplines`.

    Attributes
    ----------
    encoder_ : ColumnTransformer
        From the table to columns of numbers; None where there is one class.
    model_ : LogisticRegression
        On these columns; None where there is one class.

    Notes
    -----
    O(n d) per iteration of L-BFGS, at most 1,000 of them.

    Examples
    --------
    >>> X, y = np.arange(20.0)[:, None], np.repeat([0, 1], 10)
    >>> Logistic().fit(X, y).predict([[2.0]]).tolist()
    [0]
    """

    categorical: tuple[int, ...] = ()
    C: Annotated[float, Real(min=0, open_low=True)] = 1.0
    knots: Annotated[int, Int(min=0)] = 0

    def fit(self, X: TableLike, y: LabelsLike, sample_weight: Any = None) -> "Logistic":
        """Fit on X of shape (n, d), labels y of shape (n,) and weights of shape (n,)."""
        check_params("Logistic", self.rules, self.get_params())
        y = labels_of(X, y, "Logistic")
        self.n_features_in_ = shape_of(X, "Logistic")[1]
        self.classes_, self.encoder_, self.model_ = np.unique(y), None, None
        if len(self.classes_) < 2:
            return self
        self.encoder_ = encoder(self.n_features_in_, self.categorical, self.knots)
        encoded = self.encoder_.fit_transform(X)
        self.model_ = LogisticRegression(C=self.C, max_iter=1000)
        self.model_.fit(encoded, y, sample_weight=sample_weight)
        return self

    def predict_proba(self, X: TableLike) -> np.ndarray:
        """Return probabilities of shape (n, n_classes), in the order of ``classes_``."""
        n_rows = check_columns(self, X)
        if self.encoder_ is None or self.model_ is None:
            return np.ones((n_rows, 1))
        return self.model_.predict_proba(self.encoder_.transform(X))

    def predict(self, X: TableLike) -> np.ndarray:
        """Return the most probable label of each row."""
        codes = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[codes]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
