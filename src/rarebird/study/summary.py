"""A study in plain values: the verdict for programs, and all that the report shows."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rarebird._version import __version__
from rarebird.decide.base import Decision
from rarebird.diagnose.check import Check

from .compare import LEVEL
from .files import OURS, versions
from .goal import Goal
from .model import StudyModel
from .prepare import Prepared
from .schedule import Schedule


@dataclass(frozen=True)
class Conclusion:
    """What a study ends with; the model is None where there were too few rows."""

    verdict: dict[str, Any]  # as in ``verdict.json``
    parts: dict[str, Any]  # what the report shows beside it
    model: StudyModel | None = None
    cells: Sequence[dict[str, Any]] = ()


def verdict_of(
    ready: Prepared,
    goal: Goal,
    checks: list[Check],
    *,
    chosen: str | None = None,
    test: dict[str, Any] | None = None,
    baseline: dict[str, Any] | None = None,
    difference: dict[str, Any] | None = None,
    decision: Decision | None = None,
) -> dict[str, Any]:
    """Return what ``verdict.json`` holds; without a test it is that of too few rows."""
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
        if goal.cost is not None:
            told["costs"] = goal.cost.tolist()
        if "weights_" in state:
            told["weights"] = dict(zip(labels, state["weights_"], strict=True))
    prior = (
        np.bincount(ready.rows.y[ready.train], minlength=len(labels)) / len(ready.train)
    ).tolist()
    named = dict(zip(labels, prior, strict=True))
    return {
        "target": ready.profile.target,
        "classes": labels,
        "objective": goal.metric.name,
        "chosen": chosen,
        "nothing_helps": chosen is None and test is not None,
        "test": test,
        "baseline": baseline,
        "difference": difference,
        "decision": told,
        "prior": {"training": named, "deployment": named},
        "checks": [{"code": c.code, "severity": c.severity, "message": c.message} for c in checks],
    }


def report_of(
    ready: Prepared,
    goal: Goal,
    conclusion: Conclusion,
    schedule: Schedule | None,
    *,
    name: str,
    command: str,
    options: Mapping[str, Any],
    data_hash: str,
    budget: float,
    seed: int,
) -> dict[str, Any]:
    """Return everything the report shows, as plain values."""
    y, verdict, parts = ready.rows.y, conclusion.verdict, conclusion.parts
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
    stated = ", ".join(f"{key}={value!r}" for key, value in options.items())
    return {
        "title": f"Study of {ready.profile.target}",
        "file": name,
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
        **parts,
        "verdict": {
            **verdict,
            "candidates_compared": sum(
                row["role"] != "baseline" and row["status"] == "ok"
                for row in parts.get("candidates", [])
            ),
            "level": LEVEL,
        },
        "objective": _described(goal, conclusion, many=len(ready.classes) > 2),
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
            "command": command or None,
            "python": f"rarebird.Study({stated}).run(frame, target={ready.profile.target!r})",
            "data_hash": data_hash,
            "seed": seed,
            "versions": versions(),
            "cells": len(conclusion.cells),
            "budget": budget,
            "row_cap": schedule.row_cap if schedule else None,
            "n_train": len(ready.train),
            "n_folds": schedule.n_folds if schedule else None,
            "n_repeats": schedule.n_repeats if schedule else None,
            "design": ready.rows.design.kind,
            "files": [{"name": name, "what": what} for name, what in OURS.items()],
        },
    }  # fmt: skip


def _described(goal: Goal, conclusion: Conclusion, *, many: bool) -> dict[str, Any]:
    """Return the goal as the report shows it, and whether the decision keeps it."""
    wish = None
    if goal.sentence:
        met = getattr(conclusion.model.decision, "met_", True) if conclusion.model else None
        why = conclusion.verdict["decision"].get("why") or ""
        wish = {"kind": goal.kind, "text": goal.sentence, "met": met, "why": why}
    return {
        "name": goal.metric.name,
        "title": goal.metric.title,
        "greater_is_better": goal.sign > 0,
        "objective": "decision" if goal.tunes_threshold else "",
        "averaging": goal.metric.averaging if many else "",
        "wish": wish,
    }
