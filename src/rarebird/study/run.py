"""``Study``: the main job, end to end."""

import contextlib
import datetime
import hashlib
import json
import logging
import os
import platform
import shutil
import time as clock
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from rarebird import __version__
from rarebird._errors import DataError, ParameterError, StoreError
from rarebird._params import Int, check_params
from rarebird._random import seed_of
from rarebird.data import data_hash, read_table, to_polars
from rarebird.decide import Decision
from rarebird.diagnose import Check, label_noise_check, needed_positives
from rarebird.registry import method

from .cell import write_rows
from .compare import LEVEL, Comparison, compare
from .fit import Fitted, Rows, fit_candidate, fit_estimator
from .model import StudyModel
from .objective import Objective, parse_objective
from .outcome import class_table, curves, importance, measured, outcome, paired, slider
from .plan import candidates, cap_rows, make_plan
from .pool import n_workers, run_cells
from .prepare import FEW_ROWS, Prepared, prepare
from .store import Store, write_whole

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
_OURS = {
    "report.html": "this report",
    "model.skops": "the model, for `rarebird predict`",
    "manifest.json": "versions, hashes, priors, threshold and columns of the model",
    "results.parquet": "a row for each cell of the comparison",
    "study.toml": "runs the study again: `rarebird study study.toml`",
    "verdict.json": "the verdict, for programs",
}
_MIN_BUDGET = 5.0
_THREAD_ROWS = 50_000


@dataclass
class StudyResult:
    """What a study found.

    Parameters
    ----------
    verdict : dict
        As in ``verdict.json``.
    report : dict
        Everything the report shows, as plain values.
    model : StudyModel or None
        None where there were too few rows.
    cells : list of dict
        A row a cell.
    folder : Path or None
        Where the files are.
    """

    verdict: dict[str, Any]
    report: dict[str, Any]
    model: StudyModel | None
    cells: list[dict[str, Any]]
    folder: Path | None = None

    @property
    def chosen(self) -> str | None:
        """Card name of the remedy that helps, or None."""
        return self.verdict["chosen"]

    def sentences(self) -> dict[str, str]:
        """Return the verdict in plain words: headline, what to do, what it catches, how sure."""
        from .report import words

        return {
            "headline": words.headline(self.report),
            "lede": words.lede(self.report),
            "what_to_do": " ".join(words.what_to_do(self.report)),
            "cost_and_catch": " ".join(words.cost_and_catch(self.report)),
            "how_sure": " ".join(words.how_sure(self.report)),
        }

    def html(self) -> str:
        """Return the whole report as one HTML page."""
        from .report import render

        return render(self.report)

    def _repr_html_(self) -> str:
        from .report import render_inline

        return render_inline(self.report)


def _quiet(stage: str, done: int, total: int) -> None:
    return None


class Study:
    """Compares remedies for a rare class with doing nothing, honestly, and fits the model to use.

    Parameters
    ----------
    objective : str, optional
        A metric's name: ap, roc-auc, brier, logloss, f1, f2, mcc, gmean, balanced-accuracy,
        recall@K, ... Average precision without it and without a wish.
    cost, min_precision, min_recall, capacity : optional
        One wish at most: costs ("fp=1,fn=50", or a matrix cost[predicted, true]), a floor, or the
        alerts that can be worked through (500 a file, or "5/1000").
    positive : optional
        The label of interest of two; the rarer one by default.
    time, group : str, optional
        A column: test on the last rows by time, or on whole groups.
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
    remedies : list of str, optional
        Card names; all that apply by default. Doing nothing is always there.
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
        capacity: Any = None,
        positive: Any = None,
        time: str | None = None,
        group: str | None = None,
        time_budget: float | None = None,
        quick: bool = False,
        n_jobs: int | None = -1,
        seed: int = 0,
        out: Any = None,
        remedies: list[str] | None = None,
        progress: Progress | None = None,
    ):
        self.objective = objective
        self.cost = cost
        self.min_precision = min_precision
        self.min_recall = min_recall
        self.capacity = capacity
        self.positive = positive
        self.time = time
        self.group = group
        self.time_budget = time_budget
        self.quick = quick
        self.n_jobs = n_jobs
        self.seed = seed
        self.out = out
        self.remedies = remedies
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
            "capacity": self.capacity,
            "positive": self.positive,
            "time": self.time,
            "group": self.group,
            "quick": self.quick,
            "time_budget": self.time_budget,
            "seed": self.seed,
            "remedies": self.remedies,
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
            The untouched part; by default a fifth of the rows is put away.
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
            seed=self.seed,
        )
        objective = parse_objective(
            [str(label) for label in ready.classes],
            objective=self.objective,
            cost=self.cost,
            min_precision=self.min_precision,
            min_recall=self.min_recall,
            capacity=self.capacity,
            n_rows=len(ready.rows.y),
        )
        candidates(objective, len(ready.classes), self.remedies)  # a wrong name shows here
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
        job = _Job(self, ready, objective, fingerprint, name or "table", command, origin, progress)
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


class _Job:
    """One run: the steps of `Study.run` after the table is ready."""

    def __init__(
        self,
        study: Study,
        ready: Prepared,
        objective: Objective,
        fingerprint: dict[str, Any],
        name: str,
        command: str,
        origin: dict[str, Any],
        progress: Progress,
    ):
        import tempfile

        self.study, self.ready, self.objective = study, ready, objective
        self.fingerprint = json.loads(json.dumps(fingerprint, default=str))
        self.name, self.command, self.progress = name, command, progress
        self.origin = origin
        self.temporary = tempfile.TemporaryDirectory() if study.out is None else None
        self.folder = Path(self.temporary.name if self.temporary else study.out)
        self.store = Store(self.folder / "store")
        self.jobs = n_workers(study.n_jobs)
        self.checks: list[Check] = list(ready.checks)

    def close(self) -> None:
        """Remove what only the run itself needed."""
        if self.store.mine:
            shutil.rmtree(self.store.folder / "rows", ignore_errors=True)
        self.store.close()
        if self.temporary:
            self.temporary.cleanup()

    def run(self, budget_left: float) -> StudyResult:
        """Plan, compare, choose, decide, measure, write."""
        plan = self._open()
        ready = self.ready
        if not len(ready.test):
            return self._finish(self._few_rows())
        if plan is None:
            plan = self._plan(budget_left)
        part = ready.rows.take(ready.train)
        sample = self._capped(part, plan["row_cap"])
        write_rows(self.store.folder / "rows", sample)
        run_cells(
            self.store,
            plan,
            jobs=self.jobs,
            progress=lambda done, total: self.progress("comparing", done, total),
        )
        self.progress("choosing", 0, 1)
        found = compare(self.store, plan, sample)
        tuning = self._capped(part, plan["refit_cap"])
        with threadpool_limits(limits=1, user_api="blas"):  # as in the workers
            data = self._conclude(plan, found, part, tuning)
        return self._finish(data)

    def _capped(self, part: Rows, cap: int) -> Rows:
        rows, weight = cap_rows(part.y, cap, self.study.seed)
        return part if len(rows) == len(part.y) else replace(part.take(rows), weight=weight)

    def _open(self) -> dict[str, Any] | None:
        """Return the plan of an earlier run of the same study, or make the folder ready."""
        if self.folder.exists() and not self.folder.is_dir():
            raise StoreError(f"{self.folder} is a file; give a folder with --out.")
        plan = self.store.plan() if self.folder.exists() else None
        if plan is None and self.folder.exists() and self.temporary is None:
            foreign = [p.name for p in self.folder.iterdir() if p.name not in {*_OURS, "store"}]
            if foreign:
                raise StoreError(
                    f"The folder {self.folder} holds other files ({foreign[0]!r}); give an empty or "
                    "a new one with --out."
                )
            if any((self.folder / name).exists() for name in _OURS):
                raise StoreError(
                    f"The folder {self.folder} holds a study whose store is gone, so it cannot go "
                    "on. Give another --out, or remove that folder."
                )
        if plan is not None and plan["fingerprint"] != self.fingerprint:
            old = plan["fingerprint"]
            keys = sorted({*old, *self.fingerprint})
            different = [k for k in keys if old.get(k) != self.fingerprint.get(k)]
            raise StoreError(
                f"The folder {self.folder} belongs to another study (different: "
                f"{', '.join(different)}). Give another --out, or remove that folder."
            )
        self.store.create()
        probe = self.folder / ".rarebird-write-test"
        try:
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise StoreError(f"Cannot write into {self.folder}: {error.strerror}.") from error
        if plan is not None and not plan["cells"]:
            return None
        return plan

    def _plan(self, budget_left: float) -> dict[str, Any]:
        self.progress("planning", 0, 1)
        ready, study = self.ready, self.study
        plan = make_plan(
            ready.rows.take(ready.train),
            self.objective,
            candidates(self.objective, len(ready.classes), study.remedies),
            budget_s=budget_left,
            quick=study.quick,
            jobs=self.jobs,
            seed=study.seed,
        )
        plan |= {
            "fingerprint": self.fingerprint,
            "unassessed": ready.unassessed,
            "version": __version__,
            "budget_left_s": round(budget_left, 1),
        }
        self.store.write_plan(plan)
        return plan

    def _few_rows(self) -> dict[str, Any]:
        self.store.write_plan({"fingerprint": self.fingerprint, "cells": []})
        ready = self.ready
        counts = np.bincount(ready.rows.y[ready.train], minlength=2)
        code = int(np.argmin(counts))
        label, n = str(ready.classes[code]), int(counts[code])
        needed = needed_positives()
        few = {
            "message": ready.few,
            "can_see": [
                f"{len(ready.train):,} rows, {n} of them {label!r}",
                *[check.message for check in self.checks if check.code in ("RB003", "RB005")],
            ],
            "cannot_learn": [
                "whether any remedy helps",
                "how good a model would be on new rows",
                "a threshold, or true probabilities",
            ],
            "needed": max(0, needed - n),
            "needed_to_start": max(0, FEW_ROWS - n),
        }
        return {"few_rows": few, "verdict": self._verdict(None, None, None, None, None, None)}

    def _refit(
        self, found: Comparison, name: str, plan: dict[str, Any], part: Rows, tuning: Rows
    ) -> Fitted:
        """Tune, calibrate and decide on ``tuning``, and fit on all training rows.

        Where the cells have compared on as many rows, the setting is what most of them chose.
        """
        remedy = method("remedy", name)
        settings = remedy.settings(plan["effort"])
        if plan["refit_cap"] <= plan["row_cap"]:
            wanted = found.row(name)["config"]
            settings = [setting for setting in settings if str(setting) == wanted]
        seed = seed_of(self.study.seed, "refit", name)
        fitted = fit_candidate(
            remedy, settings, tuning, self.objective,
            n_inner=plan["n_inner"], seed=seed, threads=self._threads(tuning), n_boot=200,
        )  # fmt: skip
        if len(tuning.y) == len(part.y):
            return fitted
        model = remedy.build(
            fitted.setting, categorical=part.categorical,
            seed=seed_of(seed, str(fitted.setting)), threads=self._threads(part),
        )  # fmt: skip
        return replace(fitted, estimator=fit_estimator(model, part), n_fits=fitted.n_fits + 1)

    def _threads(self, rows: Rows) -> int:
        """Return threads for one fit: small fits lose more by waiting than they gain."""
        return self.jobs if len(rows.y) > _THREAD_ROWS else 1

    def _model(self, fitted: Fitted, part: Rows, sample: Rows) -> StudyModel:
        ready = self.ready
        prior = np.bincount(part.y, minlength=len(ready.classes)) / len(part.y)
        weight = None if sample.weight is None else sample.weight[fitted.oof_rows]
        specs = [
            {
                "name": c.name, "kind": c.kind, "dtype": c.dtype, "format": c.format,
                "levels": list(c.levels),
            }
            for c in ready.profile.columns
            if c.used
        ]  # fmt: skip
        return StudyModel(
            columns=specs,
            target=ready.profile.target,
            classes=ready.classes,
            estimator=fitted.estimator,
            calibrator=fitted.calibrator,
            decision=fitted.decision,
            training_prior=prior.tolist(),
            oof_y=sample.y[fitted.oof_rows],
            oof_proba=fitted.oof_proba,
            oof_weight=weight,
        )

    def _conclude(
        self, plan: dict[str, Any], found: Comparison, part: Rows, sample: Rows
    ) -> dict[str, Any]:
        """Refit doing nothing and the chosen one, and measure both once on the untouched part."""
        ready, objective, seed = self.ready, self.objective, self.study.seed
        chosen = found.chosen
        names = ["nothing"] + ([chosen] if chosen else [])
        self.progress("fitting the final model", 0, len(names))
        X, y = ready.rows.X[ready.test], ready.rows.y[ready.test]
        kept = ~np.isin(y, ready.unassessed)
        X, y = X[kept], y[kept]
        models, outputs, fits = {}, {}, {}
        for i, name in enumerate(names):
            fits[name] = self._refit(found, name, plan, part, sample)
            models[name] = self._model(fits[name], part, sample)
            proba = models[name].proba_of_matrix(X)
            outputs[name] = (proba, models[name].decision.predict(proba))
            self.progress("fitting the final model", i + 1, len(names))
        final = names[-1]
        model, fitted = models[final], fits[final]
        proba, predicted = outputs[final]
        self.progress("measuring", 0, 1)
        baseline = measured(objective, y, *outputs["nothing"], seed)
        test = baseline if not chosen else measured(objective, y, proba, predicted, seed)
        difference = None
        if chosen:
            row = found.row(chosen)
            row["test_difference"] = paired(objective, y, outputs[chosen], outputs["nothing"], seed)
            d = row["difference"]
            difference = {k: d[k] for k in ("value", "low", "high")} | {"p": d["p_adjusted"]}
        noise = label_noise_check(
            fits["nothing"].oof_proba, sample.y[fits["nothing"].oof_rows], classes=ready.classes
        )
        self.checks += [noise] if noise else []
        costs = None
        if objective.wish and objective.wish["kind"] == "cost":
            costs = np.asarray(objective.wish["value"], dtype=float)
        binary = len(ready.classes) == 2
        state = fitted.decision.state()
        oof_y = sample.y[fitted.oof_rows]
        oof_weight = None if sample.weight is None else sample.weight[fitted.oof_rows]
        if objective.wish and objective.wish.get("count"):  # what is shipped decides on whole files
            whole = objective.decision(len(ready.classes), whole=True)
            model.decision = whole.fit(fitted.oof_proba, oof_y, oof_weight)
        data: dict[str, Any] = {
            "verdict": self._verdict(chosen, test, baseline, difference, model, model.decision),
            "candidates": found.rows,
            "importance": importance(model, objective, X, y, seed),
            "plan": plan,
            "cells": found.cells,
            "model": model,
            "curves": None,
            "per_class": None,
            "outcome": None,
            "slider": None,
        }
        if binary:
            threshold = state.get("threshold_")
            data["curves"] = curves(
                y, proba, predicted, outputs["nothing"][0] if chosen else None, costs, threshold
            )
            data["outcome"] = outcome(y, predicted, costs, seed)
            points = slider(oof_y, fitted.oof_proba[:, 1], oof_weight, seed)
            data["slider"] = {
                **points,
                "threshold": threshold,
                "prior": model.training_prior[1],
                "costs": None
                if costs is None
                else {"fp": costs[1, 0] - costs[0, 0], "fn": costs[0, 1] - costs[1, 1]},
            }
        else:
            data["per_class"] = class_table(objective, y, proba, predicted, ready.classes, seed)
        return data

    def _verdict(
        self,
        chosen: str | None,
        test: dict | None,
        baseline: dict | None,
        difference: dict | None,
        model: StudyModel | None,
        decision: Decision | None,
    ) -> dict[str, Any]:
        ready = self.ready
        labels = [str(label) for label in ready.classes]
        told = {"kind": None, "threshold": None, "low": None, "high": None}
        if decision is not None:
            state = decision.state()
            told = {
                "kind": decision.kind,
                "threshold": state.get("threshold_"),
                "low": state.get("low_"),
                "high": state.get("high_"),
                "describe": state["describe"],
                "tuned": state.get("tuned_", True),
                "why": state.get("why_", ""),
            }
            if decision.kind == "cost" and self.objective.wish:
                told["costs"] = self.objective.wish["value"]
            if "multipliers_" in state:
                told["multipliers"] = dict(zip(labels, state["multipliers_"], strict=True))
        prior = (
            np.bincount(ready.rows.y[ready.train], minlength=len(labels)) / len(ready.train)
        ).tolist()
        named = dict(zip(labels, prior, strict=True))
        return {
            "target": ready.profile.target,
            "classes": labels,
            "objective": self.objective.name,
            "chosen": chosen,
            "nothing_helps": chosen is None and test is not None,
            "test": test,
            "doing_nothing": baseline,
            "difference": difference,
            "decision": told,
            "prior": {"training": named, "deployment": named},
            "checks": [
                {"code": c.code, "severity": c.severity, "message": c.message} for c in self.checks
            ],
        }

    def _finish(self, data: dict[str, Any]) -> StudyResult:
        """Put the report together and write the files."""
        self.progress("writing", 0, 1)
        ready, study = self.ready, self.study
        model: StudyModel | None = data.pop("model", None)
        cells = data.pop("cells", [])
        plan = data.pop("plan", None)
        verdict = data["verdict"]
        verdict["checks"] = [
            {"code": c.code, "severity": c.severity, "message": c.message} for c in self.checks
        ]
        y = ready.rows.y
        counts = [
            {
                "class": str(label),
                "n": int((y == code).sum()),
                "share": float((y == code).mean()),
                "train": int((y[ready.train] == code).sum()),
                "test": int((y[ready.test] == code).sum()),
            }
            for code, label in enumerate(ready.classes)
        ]
        described = self.objective.as_dict()
        if described["wish"]:
            why = verdict["decision"].get("why") or ""
            met = getattr(model.decision, "met_", True) if model else None
            described["wish"] = {**described["wish"], "met": met, "why": why}
        described["objective"] = described.pop("family")
        report = {
            "title": f"Study of {ready.profile.target}",
            "file": self.name,
            "target": ready.profile.target,
            "task": "binary" if len(ready.classes) == 2 else "multiclass",
            "classes": verdict["classes"],
            "positive": str(ready.classes[1]) if len(ready.classes) == 2 else None,
            "n_rows": len(y),
            "n_columns": len(ready.profile.columns),
            "created": datetime.date.today().isoformat(),
            "version": __version__,
            "few_rows": None,
            "candidates": [],
            **data,
            "verdict": {
                **verdict,
                "candidates_compared": sum(
                    row["role"] != "nothing" and row["status"] == "ok"
                    for row in data.get("candidates", [])
                ),
                "level": LEVEL,
            },
            "objective": described,
            "counts": counts,
            "unassessed": [str(ready.classes[code]) for code in ready.unassessed],
            "columns": [
                {
                    "name": c.name, "kind": c.kind, "n_missing": c.n_missing,
                    "n_unique": c.n_unique, "used": c.used, "why": c.why,
                }
                for c in ready.profile.columns
            ],
            "reproduce": {
                "command": self.command or None,
                "python": f"rarebird.Study({', '.join(f'{k}={v!r}' for k, v in study.options().items())})"
                f".run(frame, target={ready.profile.target!r})",
                "data_hash": self.fingerprint["data"],
                "seed": study.seed,
                "versions": _versions(),
                "cells": len(cells),
                "budget": self.fingerprint["budget"],
                "row_cap": plan["row_cap"] if plan else None,
                "n_train": len(ready.train),
                "n_folds": plan["n_folds"] if plan else None,
                "n_repeats": plan["n_repeats"] if plan else None,
                "design": ready.rows.design.kind,
                "files": [{"name": name, "what": what} for name, what in _OURS.items()],
            },
        }  # fmt: skip
        result = StudyResult(verdict, report, model, cells, None if self.temporary else self.folder)
        if self.temporary is None:
            self._write(result)
        self.progress("done", 1, 1)
        return result

    def _write(self, result: StudyResult) -> None:
        import polars as pl

        folder, study = self.folder, self.study
        if result.model is not None:
            digest = result.model.save(folder / "model.skops")
            manifest = {
                "model_sha256": digest,
                "versions": _versions(),
                "data_hash": self.fingerprint["data"],
                "target": result.verdict["target"],
                "classes": result.verdict["classes"],
                "chosen": result.verdict["chosen"],
                "training_prior": result.model.training_prior,
                "deployment_prior": result.model.deployment_prior,
                "decision": result.verdict["decision"],
                "threshold": result.verdict["decision"]["threshold"],
                "costs": result.verdict["decision"].get("costs"),
                "objective": self.objective.as_dict(),
                "seed": study.seed,
                "columns": [
                    {"name": c["name"], "kind": c["kind"], "dtype": c["dtype"]}
                    for c in result.model.columns
                ],
            }
            write_whole(folder / "manifest.json", _json(manifest))
        if result.cells:
            import io

            buffer = io.BytesIO()
            pl.DataFrame(result.cells, infer_schema_length=None).write_parquet(buffer)
            write_whole(folder / "results.parquet", buffer.getvalue())
        lines = {**self.origin, "target": result.verdict["target"], **study.options()}
        text = "".join(f"{key} = {_toml(value)}\n" for key, value in lines.items())
        head = "# `rarebird study study.toml` runs this study again.\n"
        write_whole(folder / "study.toml", (head + text).encode())
        write_whole(folder / "report.html", result.html().encode())
        write_whole(folder / "verdict.json", _json(result.verdict))  # the last: all is there


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_toml(str(k))} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    value = value.item() if isinstance(value, np.generic) else value
    # JSON's texts are TOML's, but for the escapes of rare characters, which stay as they are
    return json.dumps(value, ensure_ascii=False, default=str).replace("\x7f", "\\u007f")


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False, default=float).encode()


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version(), "rarebird": __version__}
    for package in ("numpy", "scipy", "scikit-learn", "lightgbm", "polars", "skops"):
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found
