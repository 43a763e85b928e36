"""The models that a study measures and writes: fitted fold by fold, averaged, and decided."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from rarebird._errors import StoreError
from rarebird.decide.bias_corrected_temperature import BiasCorrectedTemperature
from rarebird.decide.cross_fitting import OutOfFold
from rarebird.decide.decided_classifier import DecidedClassifier
from rarebird.decide.mean_of_models import MeanOfModels

from .candidates import Arm
from .cell import Task, outer_folds
from .goal import Goal
from .model import StudyModel
from .prepare import Prepared
from .rows import Rows, write_rows
from .schedule import Cell, Schedule

_N_BOOT = 200  # replicates for the interval of a threshold
Run = Callable[[Path, Sequence[Task]], list[tuple[dict[str, Any], dict[str, Any], Any]]]


@dataclass(frozen=True)
class Workshop:
    """Where the last fits are made.

    Parameters
    ----------
    folder : Path
        Where the rows are written to.
    run : callable
        Runs tasks on the rows of a file and returns what came of them, in order.
    """

    schedule: Schedule
    folder: Path
    run: Run
    done: dict[Any, Any] = field(default_factory=dict)  # what came of tasks, and files

    def model(
        self, arms: Sequence[Arm], rows: Rows, *, which: str, single: bool, folds: int
    ) -> DecidedClassifier:
        """Fit arms on rows, with calibrator and decision from their out-of-fold scores.

        ``which`` names the rows: fits of rows of one name are made once.
        The model is the mean of every arm's models of the folds, or of one model each of all the
        rows where ``single``.
        """
        s = self.schedule
        if s.final_cap < s.n_rows:
            rows = rows.capped(s.final_cap, s.seed)
        path = self.folder / f"rows-{which}.joblib"
        if path.name not in self.done:  # workers map the file
            write_rows(path, rows)
            self.done[path.name] = True
        parts = outer_folds(rows, folds, 0, s.seed)
        tasks = [
            Task(Cell(arm, 0, fold), folds, s.seed, keep=not single or fold < 0)
            for arm in arms
            for fold in [*range(len(parts)), *[-1] * single]
        ]

        def name(task: Task) -> tuple[str, int, str]:
            return path.name, folds, task.cell.id

        new = [task for task in tasks if name(task) not in self.done]
        for task, made in zip(new, self.run(path, new), strict=True):
            self.done[name(task)] = made  # the baseline may be a part of the choice
        found = [self.done[name(task)] for task in tasks]
        for task, (meta, *_) in zip(tasks, found, strict=True):
            if meta["status"] != "ok":
                raise StoreError(
                    f"The model could not be fitted ({task.cell.arm.id}: {meta.get('why', '')}). "
                    "Leave that learner or treatment out, or give a larger time budget."
                )
        where = np.concatenate([test for _, test in parts])
        order = np.argsort(where)
        n, means, models, calibrators = len(parts) + single, [], [], []
        for i in range(len(arms)):
            mine = found[i * n : (i + 1) * n]
            raw = OutOfFold(
                np.concatenate([a["proba"] for _, a, _ in mine[: len(parts)]]).astype(float)[order],
                rows.y[where][order],
                np.repeat(range(len(parts)), [len(test) for _, test in parts])[order],
                None if rows.weight is None else rows.weight[where][order],
                where[order],
                np.arange(rows.n_classes),
                rows.design.kind == "time",
            )
            raw = replace(raw, proba=raw.proba / raw.proba.sum(axis=1, keepdims=True))
            means.append(raw.calibrated(BiasCorrectedTemperature()))
            own = [model for *_, model in mine if model is not None]
            models += own
            calibrator = BiasCorrectedTemperature().fit(raw.proba, raw.y, raw.weight)
            calibrators += [calibrator] * len(own)
        scores = replace(means[0], proba=np.mean([m.proba for m in means], axis=0))
        mean = MeanOfModels(models, calibrators, np.arange(rows.n_classes))
        decision = s.goal.decision(rows.n_classes, n_boot=_N_BOOT)
        decided = DecidedClassifier(mean, decision, cv="prefit")
        return decided.fit(rows.X, rows.y, rows.weight, oof=scores)


def study_model(model: DecidedClassifier, ready: Prepared, goal: Goal) -> StudyModel:
    """Return the model from the user's table to labels around one from the matrix to codes."""
    keys = ("name", "kind", "dtype", "format")
    return StudyModel(
        columns=[
            {**{key: getattr(c, key) for key in keys}, "levels": list(c.levels)}
            for c in ready.profile.columns
            if c.used
        ],
        target=ready.profile.target,
        classes=ready.classes,
        model=model.fitted(),
        costs=None if goal.columns is None else [list(row) for row in goal.columns.cells],
    )
