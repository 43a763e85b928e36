"""The model a study writes: from a table to probabilities and decisions."""

from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone

from rarebird._errors import DataError, ModelFileError, suggest
from rarebird.decide.base import Calibrator, Decision
from rarebird.decide.prior import class_shares, correct_prior

from .encode import Codebook
from .fit import spread
from .model_file import read_object, write_object
from .trees import check_estimator

__all__ = ["StudyModel", "load_model"]


class StudyModel:
    """Maps a table to calibrated probabilities and decisions, under a prior that can be changed.

    p'(c | x) is proportional to p(c | x) * pi'_c / pi_c when the deployment prior pi' differs from
    the training prior pi; cost rules follow, and a tuned threshold is tuned again on the stored
    out-of-fold scores under the new prior.

    Parameters
    ----------
    columns : list of dict
        Name, kind, format and levels of the columns it reads.
    classes : list
        The labels in code order; of two the second is the rare one.
    estimator, calibrator, decision : fitted parts
        Applied in this order.
    training_prior : list of float
        Class shares of the training rows.
    oof_y, oof_proba : ndarray of shape (m,) and (m, n_classes)
        Out-of-fold scores from which the decision was fitted.
    """

    def __init__(
        self,
        *,
        columns: list[dict[str, Any]],
        target: str,
        classes: list,
        estimator: Any,
        calibrator: Calibrator,
        decision: Decision,
        training_prior: list[float],
        oof_y: np.ndarray,
        oof_proba: np.ndarray,
        oof_weight: np.ndarray | None = None,
    ):
        self.columns = columns
        self.target = target
        self.classes = classes
        self.estimator = estimator
        self.calibrator = calibrator
        self.decision = decision
        self.training_prior = training_prior
        self.deployment_prior = list(training_prior)
        self.oof_y = oof_y
        self.oof_proba = oof_proba
        self.oof_weight = oof_weight
        self.prior_note = ""

    @property
    def codebook(self) -> Codebook:
        """How a table becomes the estimator's matrix."""
        return Codebook([(c["name"], c["kind"], list(c["levels"])) for c in self.columns])

    def matrix(self, frame: Any) -> tuple[np.ndarray, list[str]]:
        """Return the estimator's matrix for a table, and notes on what was unusual in it.

        Raises
        ------
        DataError
            If a column is missing, or cannot be read at all.
        """
        import polars as pl

        from rarebird.data.frames import to_polars
        from rarebird.diagnose.column import Column
        from rarebird.diagnose.profile import typed_column

        frame = to_polars(frame)
        missing = [c["name"] for c in self.columns if c["name"] not in frame.columns]
        if missing:
            raise DataError(
                f"The table lacks {len(missing)} of the {len(self.columns)} columns of this model: "
                f"{', '.join(map(repr, missing[:8]))}.{suggest(missing[0], frame.columns)}"
            )
        notes, typed = [], []
        for spec in self.columns:
            name, kind = spec["name"], spec["kind"]
            series = frame[name]
            column = Column(name, kind, spec["dtype"], 0, 0, format=spec["format"])
            try:
                read = typed_column(series, column)
            except pl.exceptions.PolarsError as error:
                raise DataError(
                    f"Column {name!r} has type {series.dtype} and cannot be read as {kind}."
                ) from error
            lost = int(read.null_count()) - int(series.null_count())
            if kind == "numeric" and series.dtype.is_float():
                lost = 0
            if lost > 0 and lost == len(series) - series.null_count():
                raise DataError(
                    f"Column {name!r}: no value can be read as {kind}; the first is "
                    f"{series.drop_nulls()[0]!r}."
                )
            if lost > 0:
                notes.append(f"column {name!r}: {lost} values are not {kind}; taken as missing")
            if kind == "categorical":
                unseen = read.drop_nulls().unique().to_list()
                unseen = sorted(set(unseen) - set(spec["levels"]))
                if unseen:
                    notes.append(
                        f"column {name!r}: {len(unseen)} categories not seen in training "
                        f"({', '.join(map(repr, unseen[:3]))}); taken as missing"
                    )
            typed.append(read)
        return self.codebook.matrix(pl.DataFrame(typed)), notes

    def proba_of_matrix(self, X: np.ndarray) -> np.ndarray:
        """Return probabilities of shape (n, n_classes) under the deployment prior."""
        proba = self.calibrator.transform(spread(self.estimator, X, len(self.classes)))
        if self.deployment_prior != self.training_prior:
            proba = correct_prior(proba, self.training_prior, self.deployment_prior)
        return proba

    def predict_proba(self, frame: Any) -> np.ndarray:
        """Return probabilities of shape (n, n_classes), columns in the order of ``classes``."""
        return self.proba_of_matrix(self.matrix(frame)[0])

    def decide(self, proba: np.ndarray) -> np.ndarray:
        """Return the decided label of each row of probabilities."""
        return np.array(self.classes)[self.decision.predict(proba)]

    def predict(self, frame: Any) -> np.ndarray:
        """Return the decided label of each row of a table."""
        return self.decide(self.predict_proba(frame))

    def set_prior(self, prior: Any) -> "StudyModel":
        """Set the class shares where the model is used, and let the decision follow.

        Parameters
        ----------
        prior : float or dict
            The share of the rare class of two, or a share for every class.

        Raises
        ------
        ParameterError
            If a share is not between 0 and 1, a class is unknown, or they do not sum to 1.

        Returns
        -------
        StudyModel
            The same object; ``prior_note`` says what became of the decision.
        """
        training = np.array(self.training_prior)
        shares = class_shares(prior, np.array(self.classes), training)
        self.deployment_prior = shares.tolist()
        if self.decision.card.follows_prior:
            self.prior_note = "the decision follows from the probabilities"
            return self
        tuned = getattr(self.decision, "tuned_", True)
        if not tuned or not len(self.oof_y):
            self.prior_note = "the threshold is kept: there were too few rows to tune one"
            return self
        weight = (shares / training)[self.oof_y] * (
            1.0 if self.oof_weight is None else self.oof_weight
        )
        proba = correct_prior(self.oof_proba, self.training_prior, shares)
        self.decision = clone(self.decision).fit(proba, self.oof_y, weight)
        self.prior_note = "the threshold was tuned again on out-of-fold scores under this prior"
        return self

    def check(self) -> None:
        """Run every part once, on one row of zeros, so that damage shows before it is used.

        Raises
        ------
        ModelFileError
            If the parts do not fit together.
        """
        from rarebird.diagnose.column import DATE_FORMATS, KINDS

        for spec in self.columns:
            texts = [spec[key] for key in ("name", "dtype", "kind", "format")]
            if (
                not all(isinstance(text, str) for text in (*texts, *spec["levels"]))
                or spec["kind"] not in KINDS
                or spec["format"] not in ("", *DATE_FORMATS)
            ):
                raise ModelFileError("The columns of this model are damaged.")
        if len({type(label) for label in self.classes}) != 1:
            raise ModelFileError("The class labels of this model are of several types.")
        n_classes = len(self.classes)
        proba = self.proba_of_matrix(np.zeros((1, len(self.codebook.names))))
        self.decision.predict(proba)
        shapes = (np.shape(self.training_prior), np.shape(self.oof_proba), np.shape(self.oof_y))
        wanted = ((n_classes,), (len(self.oof_y), n_classes), (len(self.oof_y),))
        if proba.shape != (1, n_classes) or shapes != wanted:
            raise ModelFileError("The parts of this model have different numbers of classes.")

    def save(self, path: Path | str) -> str:
        """Write a skops file and return its SHA-256."""
        return write_object(Path(path), self)


def load_model(path: Path | str) -> StudyModel:
    """Read a model file that a study wrote.

    Types that are not on the allow-list (registered methods and their parts) are refused, and
    where a ``manifest.json`` lies beside the file, its hash must fit.

    Parameters
    ----------
    path : path
        ``model.skops``, or the folder of a study.

    Raises
    ------
    ModelFileError
        If the file is missing, truncated, altered, foreign, or holds types not on the list.
    """

    def check(found: Any) -> None:
        if not isinstance(found, StudyModel):
            raise ModelFileError(f"{path} holds a {type(found).__name__}, not a model of a study.")
        check_estimator(found.estimator)
        found.check()

    return read_object(Path(path), check)
