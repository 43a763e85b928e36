"""Probabilities under another class prior."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rarebird._errors import DataError, ParameterError, format_label, suggest
from rarebird.registry import register

from .base import Calibrator, as_columns

__all__ = ["class_shares", "correct_prior", "prior_correctable"]


def _as_prior(prior: Any, n_classes: int, name: str) -> np.ndarray:
    prior = np.asarray(prior, dtype=float)
    if prior.shape == () and n_classes == 2:
        prior = np.array([1.0 - prior, prior])
    if prior.shape != (n_classes,):
        raise DataError(
            f"correct_prior: {name} of shape {prior.shape} for {n_classes} classes; one share a "
            "class, or the positive share alone for two classes."
        )
    if not np.all(np.isfinite(prior)) or prior.min() < 0 or not prior.sum() > 0:
        raise DataError(f"correct_prior: {name}={prior.tolist()} needs shares >= 0, not all 0.")
    return prior / prior.sum()


def prior_correctable(part: Any) -> bool:
    """Say whether a method's own card says that it keeps p(x | class), as `correct_prior` needs.

    Of a class derived from a registered one nothing is known.

    Examples
    --------
    >>> from rarebird.resample import SMOTE, RandomUnderSampler
    >>> prior_correctable(RandomUnderSampler()), prior_correctable(SMOTE())
    (True, False)
    """
    card = vars(type(part)).get("card")
    return card is not None and card.keeps_conditional


def class_shares(prior: Any, classes: np.ndarray, training_prior: np.ndarray) -> np.ndarray:
    """Return the share of each class from what a user states, shape (C,).

    Parameters
    ----------
    prior : float, array-like of shape (C,) or mapping
        The share of the second of two classes; shares in the order of ``classes``; or a share for
        each label (or its text).
    classes, training_prior : ndarray of shape (C,)
        The labels, and the shares of the training data; a class that has none there gets none.

    Raises
    ------
    ParameterError
        If a class is unknown or lacks its share, a share is not between 0 and 1, or the sum not 1.

    Examples
    --------
    >>> class_shares({"yes": 0.1, "no": 0.9}, np.array(["no", "yes"]), np.array([0.5, 0.5]))
    array([0.9, 0.1])
    """
    labels = classes.tolist()

    def refusal(why: str) -> ParameterError:
        return ParameterError(f"prior={prior!r} is not allowed: {why}")

    values = prior
    if isinstance(prior, Mapping):
        label_of = {str(label): label for label in labels} | {label: label for label in labels}
        given = {label_of.get(key, label_of.get(str(key), key)): v for key, v in prior.items()}
        unknown = [label for label in given if label not in label_of]
        if unknown:
            near = suggest(str(unknown[0]), map(str, labels))
            raise refusal(f"{format_label(unknown[0])} is not among the classes {labels}.{near}")
        missing = [label for label in labels if label not in given]
        if missing:
            raise refusal(f"class {format_label(missing[0])} of {labels} lacks its share.")
        values = [given[label] for label in labels]
    try:
        shares = np.array(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise refusal("shares are numbers.") from error
    if shares.shape == () and len(labels) == 2:
        shares = np.array([1 - shares, shares])
    if shares.shape != classes.shape:
        raise refusal(
            f"its shape is {shares.shape} for the {len(labels)} classes {labels}; give a share for "
            "each in this order, a mapping from label to share, or the second of two shares alone."
        )
    unseen = (training_prior == 0) & (shares != 0)
    if unseen.any():
        raise refusal(
            f"class {format_label(classes[unseen][0])} had 0 rows in training, so nothing is "
            "known about it; its share must be 0."
        )
    wrong = (training_prior > 0) & ~((shares > 0) & (shares <= 1))
    if wrong.any():
        raise refusal(
            f"class {format_label(classes[wrong][0])} has {shares[wrong][0]:g}; a share lies "
            "between 0 and 1."
        )
    if abs(shares.sum() - 1) > 1e-6:
        raise refusal(f"the shares sum to {shares.sum():g}; they must sum to 1.")
    return shares


def correct_prior(y_proba: Any, training_prior: Any, target_prior: Any) -> np.ndarray:
    """Return the probabilities (n, C) that hold where classes have another prior than in training.

    p'_c is proportional to p_c * target_c / training_c: exact where p(x | class) is the same, as
    after random resampling or class weights.

    Parameters
    ----------
    y_proba : array-like of shape (n, C) or (n,)
        Probabilities under the training prior.
    training_prior, target_prior : array-like of shape (C,), or float for two classes
        Class shares, scaled to sum to 1; a float is the share of code 1.

    Raises
    ------
    DataError
        If a share is negative, or a class with a target share > 0 had none in training.

    Notes
    -----
    O(n C). A class with a target share of 0 gets probability 0; a row that has probability only in
    such classes gets the target prior.
    Source: Elkan, IJCAI 2001, theorem 2; Saerens, Latinne and Decaestecker 2002, equation 2.4.

    Examples
    --------
    >>> correct_prior([0.5, 0.9], 0.5, 0.01)[:, 1].round(4).tolist()
    [0.01, 0.0833]
    """
    y_proba = as_columns(y_proba, "correct_prior")
    training = _as_prior(training_prior, y_proba.shape[1], "training_prior")
    target = _as_prior(target_prior, y_proba.shape[1], "target_prior")
    lost = np.flatnonzero((training == 0) & (target > 0))
    if lost.size:
        raise DataError(
            f"correct_prior: class {format_label(lost[0])} has no share in training but "
            f"{target[lost[0]]:.4g} in the target; nothing was learned about it. Give it rows, or "
            "a target share of 0."
        )
    ratio = np.divide(target, training, out=np.zeros_like(target), where=training > 0)
    scaled = y_proba * ratio
    total = scaled.sum(axis=1, keepdims=True)
    return np.where(total > 0, scaled / np.where(total > 0, total, 1.0), target)


@register(
    name="prior-correction",
    role="correction",
    place="decision",
    tasks=("binary", "multiclass"),
    inputs=("probabilities",),
    summary="Restore the true class shares in probabilities learned under changed ones.",
    evidence="closed form: Bayes' rule on Gaussian classes, and the inverse of itself",
    rare_cases="a class absent from the fitted rows gets probability 0",
    example={},
    papers=("saerens2002adjusting",),
)
class PriorCorrection(Calibrator):
    """Correct probabilities from the prior the learner saw to that of the rows given to ``fit``.

    p'_c is proportional to p_c * target_c / training_c: see `correct_prior`.

    Parameters
    ----------
    training_prior : array-like of shape (C,), float or None
        Class shares that the learner saw (after resampling or weights); None for equal shares.

    Attributes
    ----------
    training_prior_, target_prior_ : ndarray of shape (C,)
        The shares used; the target has the weighted class shares of ``fit``.

    References
    ----------
    .. [saerens2002adjusting] Saerens, M.; Latinne, P.; Decaestecker, C. Adjusting the outputs of a
       classifier to new a priori probabilities: a simple procedure. Neural Computation 14, 2002.

    Examples
    --------
    >>> PriorCorrection().fit([0.5] * 10, [1] + [0] * 9).transform([0.5]).round(3).tolist()
    [[0.9, 0.1]]
    """

    def __init__(self, training_prior: Any = None) -> None:
        self.training_prior = training_prior

    def _fit(self, y_proba: np.ndarray, y: np.ndarray, weight: np.ndarray) -> None:
        equal = np.full(self.n_classes_, 1 / self.n_classes_)
        given = equal if self.training_prior is None else self.training_prior
        self.training_prior_ = _as_prior(given, self.n_classes_, "training_prior")
        self.target_prior_ = np.bincount(y, weight, self.n_classes_) / weight.sum()

    def _transform(self, y_proba: np.ndarray) -> np.ndarray:
        return correct_prior(y_proba, self.training_prior_, self.target_prior_)
