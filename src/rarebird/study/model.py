"""The model a study writes: from a table to probabilities and decisions."""

from pathlib import Path
from typing import Any

import numpy as np

from rarebird._errors import DataError, ModelFileError, suggest
from rarebird.data.frames import to_polars
from rarebird.decide.base import Decision
from rarebird.decide.prior import class_shares
from rarebird.decide.probability_model import FittedModel
from rarebird.decide.stated_costs import StatedCosts
from rarebird.estimators.trees import check_estimator

from .encode import Codebook
from .model_file import read_object, write_object

__all__ = ["StudyModel", "load_model"]


class StudyModel:
    """Maps a table to calibrated probabilities and decisions, under a prior that can be changed.

    Parameters
    ----------
    columns : list of dict
        Name, kind, format and levels of the columns it reads.
    target : str
        The column it predicts.
    classes : list
        The labels in code order; of two the second is the rare one.
    model : FittedModel
        From the matrix of `matrix` to class codes.
    costs : list of list of float or str, optional
        costs[predicted][true], numbers or the columns that hold them, where the decision takes
        costs that differ from row to row.
    """

    def __init__(
        self,
        *,
        columns: list[dict[str, Any]],
        target: str,
        classes: list,
        model: FittedModel,
        costs: list[list[float | str]] | None = None,
    ):
        self.columns = columns
        self.target = target
        self.classes = classes
        self.model = model
        self.costs = costs

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

    @property
    def decision(self) -> Decision:
        """The fitted rule from probabilities to actions."""
        return self.model.decision_

    @property
    def prior_note(self) -> str:
        """What became of the decision in `set_prior`."""
        return self.model.prior_note_

    def predict_proba(self, frame: Any) -> np.ndarray:
        """Return probabilities of shape (n, n_classes), columns in the order of ``classes``."""
        return self.model.predict_proba(self.matrix(frame)[0])

    def decide(self, proba: np.ndarray, frame: Any = None) -> np.ndarray:
        """Return the decided label of each row of probabilities.

        Parameters
        ----------
        proba : ndarray of shape (n, n_classes)
            Probabilities.
        frame : data frame, optional
            The rows; needed where the costs differ from row to row.
        """
        context = None
        if self.costs is not None:
            stated = StatedCosts("the model", tuple(tuple(row) for row in self.costs))
            if frame is None:
                raise DataError(
                    "The costs of this model differ from row to row; give the rows, with "
                    f"{', '.join(map(repr, stated.columns))}."
                )
            context = stated.for_rows(to_polars(frame))
        return self.decision.act(proba, context=context).labels(np.array(self.classes))

    def predict(self, frame: Any) -> np.ndarray:
        """Return the decided label of each row of a table."""
        return self.decide(self.predict_proba(frame), frame)

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
        training = self.model.training_prior_
        self.model.set_prior(class_shares(prior, np.array(self.classes), training))
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
        n_classes, model = len(self.classes), self.model
        if self.costs is not None and not (
            [len(row) for row in self.costs] == [n_classes] * n_classes
            and all(isinstance(cell, (str, int, float)) for row in self.costs for cell in row)
        ):
            raise ModelFileError("The costs of this model are damaged.")
        proba = model.predict_proba(np.zeros((1, len(self.codebook.names))))
        self.decision.predict(proba)
        m = len(model.oof_y_)
        stored: list[Any] = [model.training_prior_, model.prior_, model.oof_proba_, model.oof_y_]
        wanted = [(n_classes,), (n_classes,), (m, n_classes), (m,)]
        if proba.shape != (1, n_classes) or [np.shape(each) for each in stored] != wanted:
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
        check_estimator(found.model)
        found.check()

    return read_object(Path(path), check)
