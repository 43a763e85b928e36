"""A resampler around a learner of a study: numbers, category codes and gaps as they come."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import has_fit_parameter

from rarebird._errors import DataError, format_label
from rarebird.counts import encode
from rarebird.decide.prior import correct_prior
from rarebird.resample.borderline_smote import BorderlineSMOTE
from rarebird.resample.edited_nearest_neighbours import EditedNearestNeighbours
from rarebird.resample.random_under_sampler import RandomUnderSampler
from rarebird.resample.smote import SMOTE
from rarebird.resample.smote_enn import SMOTEENN
from rarebird.resample.tomek_links import TomekLinks
from rarebird.tables.aligned import resample_aligned
from rarebird.tables.array_table import ArrayTable
from rarebird.tables.plan import Plan

__all__ = ["ResampledLearner"]

FEW_LEVELS = 20  # a category with more levels takes no part in distances of the numeric methods


def _smote(targets: dict[int, int], counts: np.ndarray, categorical: tuple[int, ...], seed: int):
    return SMOTE(
        sampling_strategy=targets,
        k_neighbors="auto",
        categorical_features=list(categorical) or "auto",
        random_state=seed,
    )


def _borderline(targets: dict[int, int], counts: np.ndarray, categorical: Any, seed: int):
    return BorderlineSMOTE(
        sampling_strategy=targets,
        k_neighbors=_k(targets, counts),
        m_neighbors=int(min(10, counts.sum() - 1)),
        random_state=seed,
    )


def _smote_enn(targets: dict[int, int], counts: np.ndarray, categorical: Any, seed: int):
    over = SMOTE(sampling_strategy=targets, k_neighbors=_k(targets, counts), random_state=seed)
    return SMOTEENN(smote=over, enn=EditedNearestNeighbours(sampling_strategy="all"))


def _tomek(targets: dict[int, int], counts: np.ndarray, categorical: Any, seed: int):
    return TomekLinks()


def _under(targets: dict[int, int], counts: np.ndarray, categorical: Any, seed: int):
    return RandomUnderSampler(sampling_strategy=targets, random_state=seed)


def _k(targets: dict[int, int], counts: np.ndarray) -> int:
    return int(min([5, *(counts[code] - 1 for code in targets)]))


# how a resampler is made for class targets; what it does to the counts; how it reads the table
METHODS: dict[str, tuple[Callable[..., Any], str, str]] = {
    "smote": (_smote, "over", "mixed"),
    "borderline-smote": (_borderline, "over", "numbers"),
    "smote-enn": (_smote_enn, "over", "numbers"),
    "tomek-links": (_tomek, "clean", "numbers"),
    "random-under": (_under, "under", "mixed"),
}


def class_targets(counts: np.ndarray, kind: str, strength: float) -> dict[int, int]:
    """Return the rows that each class is to have, for the classes that change.

    Over: classes of at least two rows rise to strength x the largest. Under: classes fall to
    strength x the smaller of two, of many the lower median, so that one tiny class does not throw
    the table away. Cleaning aims at no counts.

    Examples
    --------
    >>> class_targets(np.array([90, 10, 1]), "over", 0.5)
    {1: 45}
    >>> class_targets(np.array([90, 10, 1]), "under", 2.0)
    {0: 20}
    """
    if kind == "over":
        goal = int(strength * counts.max())
        return {int(c): goal for c in np.flatnonzero((counts >= 2) & (counts < goal))}
    if kind == "under":
        present = np.sort(counts[counts > 0])
        goal = max(1, round(strength * present[(len(present) - 1) // 2]))
        return {int(c): goal for c in np.flatnonzero(counts > goal)}
    return {}


class ResampledLearner(ClassifierMixin, BaseEstimator):
    """Fits a classifier on the rows that a resampler leaves and makes.

    Neighbours are found on standardised numbers, so that no column counts by its unit; the plan
    is then carried out on the table as it is. New rows have their base row's category (SMOTE: the
    neighbours' vote) and its gaps. Only random under-sampling keeps p(x | class) and is corrected
    here for its class shares; all others need a calibrator that saw real rows, as a study gives.

    Parameters
    ----------
    estimator : classifier
        Fitted on the resampled table.
    method : str, default="smote"
        A name in `METHODS`.
    strength : float, default=1.0
        See `class_targets`.
    categorical : tuple of int, default=()
        Columns that hold category codes.
    random_state : int, default=0
        Seed.

    Raises
    ------
    DataError
        If the method cannot be applied: there is one class only, it refuses the rows, has nothing
        to add or to take away, or would take a whole class away.

    Notes
    -----
    The cost of the method. Nothing of the resampler is kept.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = np.arange(20.0)[:, None], np.repeat([0, 1], [16, 4])
    >>> ResampledLearner(LogisticRegression()).fit(X, y).predict([[0.0], [19.0]]).tolist()
    [0, 1]
    """

    def __init__(
        self,
        estimator: Any,
        *,
        method: str = "smote",
        strength: float = 1.0,
        categorical: tuple[int, ...] = (),
        random_state: int = 0,
    ):
        self.estimator = estimator
        self.method = method
        self.strength = strength
        self.categorical = categorical
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "ResampledLearner":
        """Fit on X of shape (n, d), labels y of shape (n,) and weights of shape (n,)."""
        X, y = np.asarray(X, dtype=float), np.asarray(y)
        self.classes_, codes = encode(y)
        counts = np.bincount(codes)
        plan = self._plan(X, codes, counts)
        X_new = ArrayTable(X, "study").build(plan)
        codes_new = plan.y_of(codes)
        weight = None
        if sample_weight is not None and has_fit_parameter(self.estimator, "sample_weight"):
            given = np.asarray(sample_weight, dtype=float)
            weight = resample_aligned(given, plan, len(y), "sample_weight", "study")
        self.prior_ = self.training_prior_ = None
        if METHODS[self.method][1] == "under":
            self.prior_ = _shares(codes, sample_weight, len(counts))
            self.training_prior_ = _shares(codes_new, weight, len(counts))
        more = {} if weight is None else {"sample_weight": weight}
        self.estimator_ = clone(self.estimator).fit(X_new, self.classes_[codes_new], **more)
        return self

    def _plan(self, X: np.ndarray, codes: np.ndarray, counts: np.ndarray) -> Plan:
        make, kind, reads = METHODS[self.method]
        if len(counts) < 2:
            raise self._refusal(f"there is one class only, {_rows(self.classes_[0], counts[0])}")
        targets = class_targets(counts, kind, self.strength)
        rarest = int(np.argmin(counts))
        smallest = _rows(self.classes_[rarest], counts[rarest])
        if kind != "clean" and not targets:
            what = "add to" if kind == "over" else "take away from"
            raise self._refusal(
                f"there is nothing to {what} at strength {self.strength:g}; the smallest class is "
                f"{smallest}"
            )
        view = standardised(X, self.categorical)
        if reads == "numbers":
            view = filled(view, self.categorical)
        sampler = make(targets, counts, self.categorical, self.random_state)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # told below, if no class grows
                plan = sampler.plan(view, codes)
        except DataError as error:
            raise self._refusal(str(error)) from error
        left = np.bincount(plan.y_of(codes), minlength=len(counts))
        if not left.all():
            gone = int(np.argmin(left))
            raise self._refusal(f"class {_rows(self.classes_[gone], counts[gone])} would vanish")
        if kind == "over" and plan.only_kept:
            raise self._refusal(f"no new row could be made; the smallest class is {smallest}")
        return plan if plan.voted else replace(plan, voted=tuple(self.categorical))

    def _refusal(self, why: str) -> DataError:
        return DataError(f"{self.method} cannot be applied: {why}.")

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return probabilities of shape (n, n_classes), in the order of ``classes_``."""
        proba = self.estimator_.predict_proba(np.asarray(X, dtype=float))
        if self.training_prior_ is None or len(self.classes_) < 2:
            return proba
        return correct_prior(proba, self.training_prior_, self.prior_)

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable label of each row."""
        return self.classes_[np.argmax(self.predict_proba(X), axis=1)]


def _rows(label: Any, n: int) -> str:
    return f"{format_label(label)} with {n} row{'s' if n != 1 else ''}"


def _shares(codes: np.ndarray, weight: Any, n_classes: int) -> np.ndarray:
    mass = np.bincount(codes, weights=weight, minlength=n_classes)
    return mass / mass.sum()


def standardised(X: np.ndarray, categorical: tuple[int, ...]) -> np.ndarray:
    """Return numbers with mean 0 and standard deviation 1, gaps and category codes as they are."""
    out = X.copy()
    for j in np.setdiff1d(np.arange(X.shape[1]), categorical):
        known = X[~np.isnan(X[:, j]), j]
        scale = known.std() if len(known) else 0.0
        out[:, j] = (X[:, j] - (known.mean() if len(known) else 0.0)) / (scale or 1.0)
    return out


def filled(view: np.ndarray, categorical: tuple[int, ...]) -> np.ndarray:
    """Return columns fit for distances: gaps at the median, few levels one-hot, many left out.

    A one-hot column is 0 or 1/sqrt(2), so that two different levels are 1 apart.
    """
    numeric = np.setdiff1d(np.arange(view.shape[1]), categorical)
    parts = [np.zeros((len(view), 1))]
    for j in numeric:
        known = view[~np.isnan(view[:, j]), j]
        middle = np.median(known) if len(known) else 0.0
        parts.append(np.where(np.isnan(view[:, j]), middle, view[:, j])[:, None])
    for j in categorical:
        levels = np.unique(view[:, j])  # gaps are a level of their own
        if len(levels) <= FEW_LEVELS:
            same = (view[:, [j]] == levels) | (np.isnan(view[:, [j]]) & np.isnan(levels))
            parts.append(same / np.sqrt(2))
    return np.concatenate(parts[1:] if len(parts) > 1 else parts, axis=1)
