"""Probabilities of rows by classifiers, and calibrators, that have not seen them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.dummy import DummyClassifier

from rarebird._errors import DataError, RarebirdError, format_label
from rarebird._typing import LabelsLike, TableLike
from rarebird.tables.rows import take_rows

from .base import Calibrator, as_codes, as_columns, as_weights, codes_of
from .folds import as_folds
from .identity import Identity

__all__ = ["OutOfFold", "align_proba", "fit_folds", "held_out_scores", "out_of_fold"]

_WHO = "OutOfFold"


def align_proba(estimator: Any, X: TableLike, classes: np.ndarray) -> np.ndarray:
    """Return a fitted classifier's probabilities with a column for each of ``classes``.

    Parameters
    ----------
    estimator : fitted classifier
        Its own classes are among ``classes``; those that it lacks get probability 0.
    X, classes : array-like of shape (n, d), ndarray of shape (C,)
        Rows, and all labels.

    Raises
    ------
    DataError
        If the classifier knows another class.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> knows_two = DummyClassifier().fit([[0], [1], [2], [3]], ["a", "a", "a", "c"])
    >>> align_proba(knows_two, [[0]], np.array(["a", "b", "c"])).tolist()
    [[0.75, 0.0, 0.25]]
    """
    proba = np.asarray(estimator.predict_proba(X))
    own = np.asarray(estimator.classes_)
    if np.array_equal(own, classes):
        return proba
    out = np.zeros((len(proba), len(classes)))
    out[:, codes_of(own, classes, "align_proba")] = proba
    return out


def fit_learner(who: str, learner: Any, X: TableLike, y: Any, **more: Any) -> Any:
    """Return a learner fitted on rows; what it refuses them for is a DataError.

    Errors of ours pass as they are, and so does scikit-learn's for a parameter, a TypeError too.
    """
    try:
        return learner.fit(X, y, **more)
    except ValueError as error:
        if isinstance(error, RarebirdError | TypeError):
            raise
        raise DataError(f"{who}: {type(learner).__name__} refuses the rows: {error}") from error


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Probabilities of rows, each by a classifier that has not seen the row.

    Parameters
    ----------
    proba : array-like of shape (m, C) or (m,)
        Probabilities, one column a class.
    y, fold : array-like of int of shape (m,)
        Class codes 0..C-1, and the fold in which each row was held out.
    weight, rows : array-like of shape (m,), optional
        Weights, and the index of each row in the training data; 0..m-1 unless given.
    classes : array-like of shape (C,), optional
        The labels in the order of the columns; 0..C-1 unless given.
    forward : bool, default=False
        Whether the folds follow one another in time, in the order of their numbers: then nothing
        about a fold is learned from a later one.

    Raises
    ------
    DataError
        If the arrays do not fit together.

    Examples
    --------
    >>> from rarebird.decide import BiasCorrectedTemperature
    >>> scores = OutOfFold([0.2, 0.9, 0.3, 0.8], [0, 1, 0, 1], fold=[0, 0, 1, 1])
    >>> scores.calibrated(BiasCorrectedTemperature()).proba.shape
    (4, 2)
    """

    proba: np.ndarray
    y: np.ndarray
    fold: np.ndarray
    weight: np.ndarray | None = None
    rows: np.ndarray = None  # type: ignore[assignment]
    classes: np.ndarray = None  # type: ignore[assignment]
    forward: bool = False

    def __post_init__(self) -> None:
        proba = as_columns(self.proba, _WHO)
        n, n_classes = proba.shape
        checked: dict[str, Any] = {"proba": proba, "y": as_codes(self.y, n, n_classes, _WHO)}
        if self.weight is not None:
            checked["weight"] = as_weights(self.weight, n, _WHO)
        for name, size in (("fold", n), ("rows", n), ("classes", n_classes)):
            given = getattr(self, name)
            checked[name] = np.arange(size) if given is None else np.asarray(given)
            if checked[name].shape != (size,):
                raise DataError(
                    f"{_WHO}: {name} of shape {checked[name].shape} for probabilities of shape "
                    f"{proba.shape}; expected ({size},)."
                )
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def calibrated(self, calibrator: Calibrator) -> "OutOfFold":
        """Return the rows with the probabilities of calibrators that have not seen them either.

        A clone of ``calibrator`` is fitted for each fold on the others (with ``forward`` on the
        earlier ones). The rows of a fold for which these hold fewer than two classes are left out,
        unless this is so for all folds: then all rows stay as they are.

        Raises
        ------
        DataError
            If there is one fold only, without ``forward``.
        """
        if isinstance(calibrator, Identity):
            return self
        numbers = np.unique(self.fold)
        if len(numbers) < 2 and not self.forward:
            raise DataError(
                f"{_WHO}: one fold of {len(self.y)} rows; at least 2 are needed, so that no row is "
                "calibrated by itself."
            )
        weight = as_weights(self.weight, len(self.y), _WHO)
        proba, done = self.proba.copy(), np.zeros(len(self.y), dtype=bool)
        for number in numbers:
            held = self.fold == number
            others = self.fold < number if self.forward else ~held
            if len(np.unique(self.y[others & (weight > 0)])) < 2:
                continue
            part = clone(calibrator).fit(self.proba[others], self.y[others], weight[others])
            proba[held] = part.transform(self.proba[held])
            done |= held
        if not done.any():
            return self
        kept = {name: getattr(self, name)[done] for name in ("y", "fold", "rows")}
        kept["weight"] = None if self.weight is None else self.weight[done]
        return replace(self, proba=proba[done], **kept)


def out_of_fold(
    estimator: Any,
    X: TableLike,
    y: LabelsLike,
    folds: Iterable[tuple[Any, Any]],
    sample_weight: Any = None,
    *,
    classes: Any = None,
    forward: bool = False,
) -> OutOfFold:
    """Fit a classifier on each training part, and return its probabilities for the test part.

    Rows are in the order of the training data. A class that a fold's training part lacks has
    probability 0 there; a class that it has alone has 1, and nothing is fitted. Rows of weight 0
    are absent from training parts.

    Parameters
    ----------
    estimator : classifier with ``predict_proba``
        Cloned for each fold.
    X : array, sparse matrix or data frame of shape (n, d)
        Rows.
    y, sample_weight : array-like of shape (n,)
        Labels, and weights in fitting and beside the scores (optional).
    folds : iterable of (train, test)
        Row numbers; a row is in one test part at most.
    classes, forward : array-like of shape (C,) and bool, optional
        All labels, those of ``y`` unless given; see `OutOfFold`.

    Raises
    ------
    DataError
        If test parts overlap, no row with weight is tested, or the classifier refuses the rows of
        a fold.

    Notes
    -----
    One fit for each fold.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], ["no", "yes", "no", "yes"]
    >>> scores = out_of_fold(LogisticRegression(), X, y, [([0, 1], [2, 3]), ([2, 3], [0, 1])])
    >>> scores.fold.tolist(), scores.classes.tolist()
    ([1, 1, 0, 0], ['no', 'yes'])
    """
    return fit_folds(estimator, X, y, folds, sample_weight, classes=classes, forward=forward)[0]


def fit_folds(
    estimator: Any,
    X: TableLike,
    y: LabelsLike,
    folds: Iterable[tuple[Any, Any]],
    sample_weight: Any = None,
    *,
    classes: Any = None,
    forward: bool = False,
) -> tuple[OutOfFold, list[Any]]:
    """Return the probabilities of `out_of_fold`, and the fitted model of each fold.

    Parameters
    ----------
    estimator, X, y, folds, sample_weight, classes, forward
        See `out_of_fold`.

    Raises
    ------
    DataError
        See `out_of_fold`.

    Notes
    -----
    One fit for each fold. Where a training part has one class alone, its model is constant.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], ["no", "yes", "no", "yes"]
    >>> halves = [([0, 1], [2, 3]), ([2, 3], [0, 1])]
    >>> len(fit_folds(LogisticRegression(), X, y, halves)[1])
    2
    """
    who, y = "out_of_fold", np.asarray(y)
    classes = np.unique(y) if classes is None else np.asarray(classes)
    codes = codes_of(y, classes, who)
    weight = None if sample_weight is None else as_weights(sample_weight, len(y), who)
    folds = list(folds)
    proba, fold = np.zeros((len(y), len(classes))), np.full(len(y), -1)
    models: list[Any] = []
    for number, (train, test) in enumerate(folds):
        if np.any(fold[test] >= 0):
            raise DataError(f"{who}: the test folds overlap; each row may be tested once.")
        fold[test] = number
        if weight is not None:
            train = np.arange(len(y))[train]
            train = train[weight[train] > 0]
        present = np.unique(codes[train])
        if len(present) == 1:
            proba[test, present[0]] = 1.0
            models.append(DummyClassifier().fit(take_rows(X, np.asarray(train[:1])), y[train[:1]]))
            continue
        part = {} if weight is None else {"sample_weight": weight[train]}
        try:
            model = clone(estimator).fit(take_rows(X, np.asarray(train)), y[train], **part)
        except ValueError as error:
            where = f"training part of fold {number + 1} of {len(folds)}"
            raise DataError(f"{error} ({where})") from error
        models.append(model)
        proba[test] = align_proba(model, take_rows(X, np.asarray(test)), classes)
    rows = np.flatnonzero(fold >= 0)
    if not rows.size or (weight is not None and not weight[rows].sum() > 0):
        raise DataError(f"{who}: no row with weight is in a test fold.")
    seen = None if weight is None else weight[rows]
    found = OutOfFold(proba[rows], codes[rows], fold[rows], seen, rows, classes, forward)
    return found, models


def held_out_scores(
    model: Any,
    X: TableLike,
    y: np.ndarray,
    codes: np.ndarray,
    weight: np.ndarray | None,
    cv: Any,
    seed: int,
    *,
    cause: str,
) -> OutOfFold:
    """Return a model's probabilities of its own training rows, by clones that have not seen them.

    Parameters
    ----------
    model : classifier
        Unfitted, so that it does not calibrate itself.
    X : array, sparse matrix or data frame of shape (n, d)
        Training rows.
    y, codes : ndarray of shape (n,)
        Labels, and class codes.
    weight : ndarray of shape (n,) or None
        Weights of the rows.
    cv : int, splitter or iterable of (train, test)
        Folds.
    seed : int
        Of the folds.
    cause : str
        What makes a calibration necessary, for messages.

    Raises
    ------
    DataError
        If a class has one row only, or the model refuses the rows of a fold.
    """
    who = type(model).__name__
    counts = np.bincount(codes)
    code = int(counts.argmin())
    rarest = f"class {format_label(y[codes == code][0])} has {counts[code]} row"
    way_out = "Or use correct_prior=False, which needs no held-out rows."
    if counts[code] < 2:
        raise DataError(
            f"{who}: {cause} needs a calibration on held-out rows, but {rarest}, which cannot be "
            f"both learned from and held out. Add rows or leave the class out. {way_out}"
        )
    try:
        return out_of_fold(model, X, y, as_folds(cv, X, y, codes, seed), weight)
    except DataError as error:
        if error.__cause__ is None:  # the folds themselves are wrong
            raise
        raise DataError(
            f"{who}: all rows could be learned from, but not all parts of them on whose held-out "
            f"rows the probabilities are calibrated: {error}; {rarest}s in all. {way_out}"
        ) from error
