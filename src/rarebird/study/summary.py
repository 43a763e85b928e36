"""A study in plain values: the verdict for programs, and all that the report shows."""

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np

from rarebird._version import __version__
from rarebird.decide.base import Decision
from rarebird.diagnose.check import Check

from .compare import LEVEL
from .files import OURS, versions
from .model import StudyModel
from .objective import Objective
from .prepare import Prepared


def verdict_of(
    ready: Prepared,
    objective: Objective,
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
        if decision.kind == "cost" and objective.wish:
            told["costs"] = objective.wish["value"]
        if "weights_" in state:
            told["weights"] = dict(zip(labels, state["weights_"], strict=True))
    prior = (
        np.bincount(ready.rows.y[ready.train], minlength=len(labels)) / len(ready.train)
    ).tolist()
    named = dict(zip(labels, prior, strict=True))
    return {
        "target": ready.profile.target,
        "classes": labels,
        "objective": objective.name,
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
    objective: Objective,
    verdict: dict[str, Any],
    parts: dict[str, Any],
    *,
    model: StudyModel | None,
    plan: dict[str, Any] | None,
    n_cells: int,
    name: str,
    command: str,
    options: Mapping[str, Any],
    data_hash: str,
    budget: float,
    seed: int,
) -> dict[str, Any]:
    """Return everything the report shows, as plain values."""
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
    described = objective.as_dict()
    if described["wish"]:
        why = verdict["decision"].get("why") or ""
        met = getattr(model.decision, "met_", True) if model else None
        described["wish"] = {**described["wish"], "met": met, "why": why}
    described["objective"] = described.pop("family")
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
            "command": command or None,
            "python": f"rarebird.Study({stated}).run(frame, target={ready.profile.target!r})",
            "data_hash": data_hash,
            "seed": seed,
            "versions": versions(),
            "cells": n_cells,
            "budget": budget,
            "row_cap": plan["row_cap"] if plan else None,
            "n_train": len(ready.train),
            "n_folds": plan["n_folds"] if plan else None,
            "n_repeats": plan["n_repeats"] if plan else None,
            "design": ready.rows.design.kind,
            "files": [{"name": name, "what": what} for name, what in OURS.items()],
        },
    }  # fmt: skip
