"""``Study``: the main job, end to end."""

import os
import time as clock
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rarebird._errors import ParameterError
from rarebird._params import Int, check_params
from rarebird._version import __version__
from rarebird.data.frames import data_hash, to_polars
from rarebird.data.read import read_table

from .job import Job, Progress
from .objective import parse_objective
from .plan import candidates
from .pool import n_workers
from .prepare import prepare
from .result import StudyResult

__all__ = ["Study"]

_MIN_BUDGET = 5.0


def _quiet(stage: str, done: int, total: int) -> None:
    return None


class Study:
    """Compares treatments for a rare class with the baseline, honestly, and fits the model to use.

    Parameters
    ----------
    objective : str, optional
        A metric's name: ap, roc-auc, brier, logloss, f1, f2, mcc, gmean, balanced-accuracy,
        recall@K, ... Average precision without it and without a wish.
    cost, min_precision, min_recall, alert_budget : optional
        One wish at most: costs ("fp=1,fn=50", or a matrix cost[predicted, true]), a constraint, or
        the alerts that can be worked through (500 a file, or "5/1000").
    positive : optional
        The label of interest of two; the rarer one by default.
    time, group : str, optional
        A column: test on the last rows by time, or on whole groups.
    drop : list of str, optional
        Columns to leave out: known only after the outcome, or not to be used.
    time_budget : float, default=600
        Seconds for the whole study, turned into a fixed list of fits before any is made.
    quick : bool, default=False
        Fewer settings and rows, and 45 seconds where no budget is given.
    n_jobs : int, default=-1
        Processes; the result does not depend on it.
    seed : int, default=0
        Everything random depends on it.
    out : path, optional
        Folder for the files; without it nothing is written, and an interrupted study is lost.
    treatments : list of str, optional
        Card names; all that apply by default. The baseline is always there.
    progress : callable, optional
        Called as (stage, done, total).

    Raises
    ------
    DataError, ParameterError, StoreError
        See `run`.

    Notes
    -----
    Cells of the comparison run in processes of their own; a stored cell is never computed again.

    Examples
    --------
    >>> from rarebird.data import example
    >>> frame, target = example("digits")
    >>> result = Study(quick=True, time_budget=20).run(frame, target=target)  # doctest: +SKIP
    >>> result.chosen  # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        objective: str | None = None,
        cost: Any = None,
        min_precision: Any = None,
        min_recall: Any = None,
        alert_budget: Any = None,
        positive: Any = None,
        time: str | None = None,
        group: str | None = None,
        drop: list[str] | None = None,
        time_budget: float | None = None,
        quick: bool = False,
        n_jobs: int | None = -1,
        seed: int = 0,
        out: Any = None,
        treatments: list[str] | None = None,
        progress: Progress | None = None,
    ):
        self.objective = objective
        self.cost = cost
        self.min_precision = min_precision
        self.min_recall = min_recall
        self.alert_budget = alert_budget
        self.positive = positive
        self.time = time
        self.group = group
        self.drop = drop
        self.time_budget = time_budget
        self.quick = quick
        self.n_jobs = n_jobs
        self.seed = seed
        self.out = out
        self.treatments = treatments
        self.progress = progress

    def options(self) -> dict[str, Any]:
        """Return what the result depends on, as plain values."""
        wishes = {
            "objective": self.objective,
            "cost": self.cost
            if self.cost is None or isinstance(self.cost, str)
            else np.asarray(self.cost).tolist()
            if not isinstance(self.cost, Mapping)
            else dict(self.cost),
            "min_precision": self.min_precision,
            "min_recall": self.min_recall,
            "alert_budget": self.alert_budget,
            "positive": self.positive,
            "time": self.time,
            "group": self.group,
            "drop": self.drop,
            "quick": self.quick,
            "time_budget": self.time_budget,
            "seed": self.seed,
            "treatments": self.treatments,
        }
        kept = {key: value for key, value in wishes.items() if value is not None}
        return {key: kept[key] for key in kept if key != "quick" or self.quick}

    def run(
        self,
        frame: Any,
        target: str,
        *,
        test: Any = None,
        name: str = "",
        command: str = "",
        source: Mapping[str, Any] | None = None,
        test_source: str | None = None,
    ) -> StudyResult:
        """Run the study on a table.

        Parameters
        ----------
        frame : data frame or path
            pandas, polars, PyArrow, a dict of columns, or a file.
        target : str
            The column to predict.
        test : data frame or path, optional
            The test set; by default a fifth of the rows is put away.
        name, command : str, optional
            What the report calls the table, and how it says to run the study again.
        source, test_source : optional
            Where the tables came from, for ``study.toml``: ``{"file": path}`` or
            ``{"example": name}``, and the path of the test file.

        Raises
        ------
        DataError
            If the table cannot be studied.
        ParameterError
            If a wish does not parse, makes no sense, or two are given.
        StoreError
            If the folder belongs to another study, is damaged or cannot be written.
        """
        started = clock.monotonic()
        budget = self._budget()
        n_workers(self.n_jobs)
        check_params("study", {"seed": Int(0, 2**32 - 1)}, {"seed": self.seed})
        progress = self.progress or _quiet
        progress("reading", 0, 1)
        frame, name = self._table(frame, name)
        if test is not None:
            test, _ = self._table(test, "")
        progress("looking at the data", 0, 1)
        ready = prepare(
            frame,
            target,
            positive=self.positive,
            time=self.time,
            group=self.group,
            test=test,
            drop=self.drop or (),
            seed=self.seed,
        )
        objective = parse_objective(
            [str(label) for label in ready.classes],
            objective=self.objective,
            cost=self.cost,
            min_precision=self.min_precision,
            min_recall=self.min_recall,
            alert_budget=self.alert_budget,
            n_rows=len(ready.rows.y),
        )
        candidates(len(ready.classes), self.treatments)  # a wrong name shows here
        fingerprint = {
            "data": data_hash(frame),
            "test": data_hash(test) if test is not None else "",
            "target": target,
            **{k: v for k, v in self.options().items() if k != "time_budget"},
            "stated": objective.as_dict(),
            "budget": budget,
            "version": __version__,
        }
        origin = {**(source or {}), **({"test": test_source} if test_source else {})}
        job = Job(self, ready, objective, fingerprint, name or "table", command, origin, progress)
        try:
            return job.run(budget - (clock.monotonic() - started))
        finally:
            job.close()

    def _budget(self) -> float:
        if self.time_budget is None:
            return 45.0 if self.quick else 600.0
        try:
            budget = float(self.time_budget)
        except (TypeError, ValueError):
            budget = -1.0
        if not _MIN_BUDGET <= budget < float("inf"):
            raise ParameterError(
                f"time_budget={self.time_budget!r} is not allowed; it must be at least "
                f"{_MIN_BUDGET:g} seconds."
            )
        return budget

    @staticmethod
    def _table(frame: Any, name: str) -> tuple[Any, str]:
        if isinstance(frame, (str, os.PathLike)):
            return read_table(frame), name or Path(frame).name
        return to_polars(frame), name
