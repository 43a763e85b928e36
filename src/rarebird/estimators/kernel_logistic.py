"""Logistic regression in the space of a Gaussian kernel, for small tables."""

from typing import Annotated, Any

import numpy as np
from scipy.spatial.distance import cdist, pdist
from scipy.special import expit, softmax
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils import Tags

from rarebird._params import Real, check_params
from rarebird._random import RandomState, as_seed
from rarebird._typing import LabelsLike, TableLike
from rarebird.registry import StudyUse, register
from rarebird.resample.parameters import Declared, Positive

from .checks import check_columns, labels_of, shape_of
from .encoding import encoder

_BLOCK = 8_192  # rows whose kernel values are in memory at once when predicting
_RELATIVE = 1e-8  # directions of the kernel matrix below this share of the largest are rounding


@register(
    name="kernel",
    role="learner",
    place="around",
    tasks=("binary", "multiclass"),
    inputs=("table",),
    summary="Logistic regression with a Gaussian kernel on at most 500 landmark rows.",
    evidence="slow reference: the dual problem minimised over all rows by a general solver",
    rare_cases="an absent class is left out; a single class gives a constant",
    example={},
    study=StudyUse(after="logistic", effort=None, strengths=({}, {"gamma": 0.3})),
)
class KernelLogistic(ClassifierMixin, Declared):
    """Fit f(x) = b + sum_j a_j k(x, z_j) with k(x, z) = exp(-gamma |x - z|^2 / m).

    It minimises sum_i w_i log(1 + exp(-y_i f(x_i))) + a' K a / (2 C) with K the kernel matrix of
    the landmarks z_j and m the median of their squared distances. The columns are those of
    `Logistic`. Up to ``n_landmarks`` rows every row is a landmark; beyond that they are drawn,
    from each class as evenly as it has rows.

    Parameters
    ----------
    categorical : tuple of int, default=()
        Columns that hold category codes.
    C : float, default=10.0
        Inverse strength of the penalty.
    gamma : float, default=1.0
        How fast the kernel falls with the distance.
    n_landmarks : int, default=500
        Landmarks, at most.

    Attributes
    ----------
    encoder_ : ColumnTransformer
        From the table to columns of numbers; None where there is one class.
    landmarks_ : ndarray of shape (m, d')
        z, encoded.
    dual_ : ndarray of shape (m, n_functions)
        a; one function for two classes, else one a class.
    intercept_ : ndarray of shape (n_functions,)
        b.

    Notes
    -----
    O(n m d' + m^3), and O(n m) per iteration of L-BFGS.

    Examples
    --------
    >>> X, y = np.arange(20.0)[:, None], np.repeat([0, 1, 0], [7, 6, 7])
    >>> KernelLogistic().fit(X, y).predict([[2.0], [10.0], [19.0]]).tolist()
    [0, 1, 0]
    """

    categorical: tuple[int, ...] = ()
    C: Annotated[float, Real(min=0, open_low=True)] = 10.0
    gamma: Annotated[float, Real(min=0, open_low=True)] = 1.0
    n_landmarks: Positive = 500
    random_state: RandomState = 0

    def fit(self, X: TableLike, y: LabelsLike, sample_weight: Any = None) -> "KernelLogistic":
        """Fit on X of shape (n, d), labels y of shape (n,) and weights of shape (n,)."""
        check_params("KernelLogistic", self.rules, self.get_params())
        y = labels_of(X, y, "KernelLogistic")
        self.n_features_in_ = shape_of(X, "KernelLogistic")[1]
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.encoder_ = None
        if len(self.classes_) < 2:
            return self
        self.encoder_ = encoder(self.n_features_in_, self.categorical)
        encoded = _dense(self.encoder_.fit_transform(X))
        self.landmarks_ = encoded[self._landmarks(codes)]
        spread = np.median(pdist(self.landmarks_, "sqeuclidean"))
        self.rate_ = self.gamma / (spread if spread > 0 else 1.0)
        # coordinates in which the penalty is a sum of squares
        values, vectors = np.linalg.eigh(self._kernel(self.landmarks_))
        kept = values > _RELATIVE * values[-1]
        white = vectors[:, kept] / np.sqrt(values[kept])
        model = LogisticRegression(C=self.C, max_iter=1000)
        model.fit(self._kernel(encoded) @ white, codes, sample_weight=sample_weight)
        self.dual_, self.intercept_ = white @ model.coef_.T, model.intercept_
        return self

    def _landmarks(self, codes: np.ndarray) -> np.ndarray:
        """Return row numbers, ascending: the classes' shares as even as their rows allow."""
        n = min(self.n_landmarks, len(codes))
        rng = np.random.default_rng(as_seed(self.random_state))
        order = rng.permutation(len(codes))
        rank = np.empty(len(codes), dtype=int)  # of a row among those of its class
        for code in range(len(self.classes_)):
            rows = order[codes[order] == code]
            rank[rows] = np.arange(len(rows))
        return np.sort(order[np.argsort(rank[order], kind="stable")[:n]])

    def _kernel(self, encoded: np.ndarray) -> np.ndarray:
        return np.exp(-self.rate_ * cdist(encoded, self.landmarks_, "sqeuclidean"))

    def predict_proba(self, X: TableLike) -> np.ndarray:
        """Return probabilities of shape (n, n_classes), in the order of ``classes_``."""
        n_rows = check_columns(self, X)
        if self.encoder_ is None:
            return np.ones((n_rows, 1))
        encoded = _dense(self.encoder_.transform(X))
        parts = [
            self._kernel(encoded[start : start + _BLOCK]) @ self.dual_
            for start in range(0, max(n_rows, 1), _BLOCK)
        ]
        scores = np.concatenate(parts) + self.intercept_
        if scores.shape[1] > 1:
            return softmax(scores, axis=1)
        return np.column_stack([expit(-scores), expit(scores)])

    def predict(self, X: TableLike) -> np.ndarray:
        """Return the most probable label of each row."""
        codes = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[codes]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _dense(encoded: Any) -> np.ndarray:
    return encoded.toarray() if hasattr(encoded, "toarray") else encoded
