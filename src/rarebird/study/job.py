"""One run of a study, after its table is ready: plan, compare, choose, decide, measure, write."""

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from rarebird._errors import StoreError
from rarebird._random import seed_of
from rarebird._version import __version__
from rarebird.diagnose.check import Check
from rarebird.diagnose.evidence import needed_positives
from rarebird.diagnose.label_noise import label_noise_check

from .candidates import Candidate, Setting, candidate
from .cell import write_rows
from .compare import Comparison, compare
from .files import OURS, write_files
from .fit import Fitted, Rows, fit_candidate, fit_estimator
from .model import StudyModel
from .objective import Objective
from .outcome import class_table, curves, importance, measured, outcome, paired, slider
from .plan import candidates, cap_rows, make_plan
from .pool import n_workers, run_cells
from .prepare import FEW_ROWS, Prepared
from .result import StudyResult
from .store import Store
from .summary import report_of, verdict_of

Progress = Callable[[str, int, int], None]
_THREAD_ROWS = 50_000


class Job:
    """One run: the steps of `Study.run` after the table is ready."""

    def __init__(
        self,
        study: Any,
        ready: Prepared,
        objective: Objective,
        fingerprint: dict[str, Any],
        name: str,
        command: str,
        origin: dict[str, Any],
        progress: Progress,
    ):
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
        with threadpool_limits(limits=1, user_api="blas"):  # as in the workers
            data = self._conclude(plan, found, part)
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
            foreign = [p.name for p in self.folder.iterdir() if p.name not in {*OURS, "store"}]
            if foreign:
                raise StoreError(
                    f"The folder {self.folder} holds other files ({foreign[0]!r}); give an empty "
                    "or a new one with --out."
                )
            if any((self.folder / name).exists() for name in OURS):
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
        with threadpool_limits(limits=1):  # timed as the workers will run
            plan = make_plan(
                ready.rows.take(ready.train),
                self.objective,
                candidates(len(ready.classes), study.treatments, quick=study.quick),
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
                "whether any treatment helps",
                "how good a model would be on new rows",
                "a threshold, or true probabilities",
            ],
            "needed": max(0, needed - n),
            "needed_to_start": max(0, FEW_ROWS - n),
        }
        return {"few_rows": few, "verdict": verdict_of(ready, self.objective, self.checks)}

    def _refit(self, found: Comparison, name: str, plan: dict[str, Any], part: Rows) -> Fitted:
        """Tune, calibrate and decide, and fit on all training rows.

        The setting is tuned on the plan's ``refit_cap`` rows (where the cells saw as many, it is
        what most of them chose); calibrator and decision come from out-of-fold scores on its
        ``final_cap`` rows: those of models that learn from far fewer rows than the final one
        would not fit it.
        """
        tried = candidate(name)
        settings = tried.settings(plan["effort"])
        seed = seed_of(self.study.seed, "refit", name)

        def fit(among: list[Setting], cap: int) -> Fitted:
            rows = self._capped(part, cap)
            return fit_candidate(
                tried,
                among,
                rows,
                self.objective,
                n_inner=plan["n_inner"],
                seed=seed,
                threads=self._threads(rows),
                n_boot=200,
            )

        if plan["refit_cap"] > plan["row_cap"]:
            fitted = fit(settings, plan["refit_cap"])
            if plan["refit_cap"] >= plan["final_cap"]:
                return self._on_all(fitted, tried, plan, part, seed)
            settings = [fitted.setting]
        else:
            wanted = found.row(name)["config"]
            settings = [setting for setting in settings if str(setting) == wanted]
        return self._on_all(fit(settings, plan["final_cap"]), tried, plan, part, seed)

    def _on_all(
        self, fitted: Fitted, tried: Candidate, plan: dict[str, Any], part: Rows, seed: int
    ) -> Fitted:
        """Fit the estimator on all training rows where it has not seen them all."""
        if plan["final_cap"] >= len(part.y):
            return fitted
        model = tried.build(
            fitted.setting,
            categorical=part.categorical,
            seed=seed_of(seed, str(fitted.setting)),
            threads=self._threads(part),
        )
        return replace(fitted, estimator=fit_estimator(model, part), n_fits=fitted.n_fits + 1)

    def _threads(self, rows: Rows) -> int:
        """Return threads for one fit: small fits lose more by waiting than they gain."""
        return self.jobs if len(rows.y) > _THREAD_ROWS else 1

    def _model(self, fitted: Fitted, part: Rows) -> StudyModel:
        ready = self.ready
        prior = np.bincount(part.y, minlength=len(ready.classes)) / len(part.y)
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
            oof_y=fitted.oof_y,
            oof_proba=fitted.oof_proba,
            oof_weight=fitted.oof_weight,
        )

    def _conclude(self, plan: dict[str, Any], found: Comparison, part: Rows) -> dict[str, Any]:
        """Refit the baseline and the chosen one, and measure both once on the test set."""
        ready, objective, seed = self.ready, self.objective, self.study.seed
        chosen = found.chosen
        names = ["baseline"] + ([chosen] if chosen else [])
        self.progress("fitting the final model", 0, len(names))
        X, y = ready.rows.X[ready.test], ready.rows.y[ready.test]
        kept = ~np.isin(y, ready.unassessed)
        X, y = X[kept], y[kept]
        models, outputs, fits = {}, {}, {}
        for i, name in enumerate(names):
            fits[name] = self._refit(found, name, plan, part)
            found.row(name)["config"] = str(fits[name].setting)
            models[name] = self._model(fits[name], part)
            proba = models[name].proba_of_matrix(X)
            outputs[name] = (proba, models[name].decision.predict(proba))
            self.progress("fitting the final model", i + 1, len(names))
        final = names[-1]
        model, fitted = models[final], fits[final]
        proba, predicted = outputs[final]
        self.progress("measuring", 0, 1)
        baseline = measured(objective, y, *outputs["baseline"], seed)
        test = baseline if not chosen else measured(objective, y, proba, predicted, seed)
        difference = None
        if chosen:
            row = found.row(chosen)
            row["test_difference"] = paired(
                objective, y, outputs[chosen], outputs["baseline"], seed
            )
            d = row["difference"]
            difference = {k: d[k] for k in ("value", "low", "high")} | {"p": d["p_adjusted"]}
        noise = label_noise_check(
            fits["baseline"].oof_proba, fits["baseline"].oof_y, classes=ready.classes
        )
        self.checks += [noise] if noise else []
        costs = None
        if objective.wish and objective.wish["kind"] == "cost":
            costs = np.asarray(objective.wish["value"], dtype=float)
        binary = len(ready.classes) == 2
        state = fitted.decision.state()
        if objective.wish and objective.wish.get("count"):  # what is shipped decides on whole files
            whole = objective.decision(len(ready.classes), whole=True)
            model.decision = whole.fit(fitted.oof_proba, fitted.oof_y, fitted.oof_weight)
        data: dict[str, Any] = {
            "verdict": verdict_of(
                ready,
                objective,
                self.checks,
                chosen=chosen,
                test=test,
                baseline=baseline,
                difference=difference,
                decision=model.decision,
            ),
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
                y, proba, predicted, outputs["baseline"][0] if chosen else None, costs, threshold
            )
            data["outcome"] = outcome(y, predicted, costs, seed)
            points = slider(fitted.oof_y, fitted.oof_proba[:, 1], fitted.oof_weight, seed)
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

    def _finish(self, parts: dict[str, Any]) -> StudyResult:
        """Put the report together and write the files."""
        self.progress("writing", 0, 1)
        model, cells, plan = (parts.pop(key, None) for key in ("model", "cells", "plan"))
        verdict, cells = parts.pop("verdict"), cells or []
        options, data_hash = self.study.options(), self.fingerprint["data"]
        report = report_of(
            self.ready,
            self.objective,
            verdict,
            parts,
            model=model,
            plan=plan,
            n_cells=len(cells),
            name=self.name,
            command=self.command,
            options=options,
            data_hash=data_hash,
            budget=self.fingerprint["budget"],
            seed=self.study.seed,
        )
        result = StudyResult(verdict, report, model, cells, None if self.temporary else self.folder)
        if self.temporary is None:
            write_files(
                self.folder,
                result,
                objective=self.objective,
                options=options,
                origin=self.origin,
                data_hash=data_hash,
                seed=self.study.seed,
            )
        self.progress("done", 1, 1)
        return result
