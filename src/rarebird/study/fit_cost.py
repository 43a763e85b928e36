"""What a fit costs: seconds of the reference machine, computed from the shape of the rows.

A schedule made of these is the same on every machine, however busy. The constants in
``fit_cost.json`` are measured by ``benchmarks/fit_costs.py``: for each method one coefficient for
each of its features.
"""

import inspect
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rarebird._errors import ParameterError
from rarebird.registry import method

from .candidates import Candidate, Setting, learner_settings
from .cost_features import KINDS, Features, Params
from .shape import Shape

PATH = Path(__file__).with_name("fit_cost.json")
CONSTANTS: Mapping[str, Any] = json.loads(PATH.read_text("utf-8"))
VERSION: int = CONSTANTS["version"]
_UNKNOWN = "lightgbm"  # a learner that was never measured costs as much as the costliest of it


def _price(coefficients: Mapping[str, float], features: Features) -> float:
    return sum(value * features[name] for name, value in coefficients.items())


@cache
def parameters(role: str, name: str) -> Mapping[str, Any]:
    """Return the parameters of a method that no setting states."""
    known = inspect.signature(method(role, name)).parameters
    return {key: each.default for key, each in known.items()}


def learner_fit(name: str, params: Params, shape: Shape) -> float:
    """Return the seconds that a bare learner takes to fit."""
    known = CONSTANTS["learners"].get(name)
    if known is None:
        return max(learner_fit(_UNKNOWN, each, shape) for each in learner_settings(_UNKNOWN))
    features = KINDS[known["kind"]][0]({**parameters("learner", name), **params}, shape)
    return _price(known["fit"], features)


def learner_predict(name: str, params: Params, shape: Shape, rows: int) -> float:
    """Return the seconds that a learner, fitted on such rows, takes to predict ``rows``."""
    known = CONSTANTS["learners"].get(name)
    if known is None:
        return max(
            learner_predict(_UNKNOWN, each, shape, rows) for each in learner_settings(_UNKNOWN)
        )
    features = KINDS[known["kind"]][1]({**parameters("learner", name), **params}, shape, rows)
    return _price(known["predict"], features)


def learned_rows(dials: Mapping[str, Any], shape: Shape) -> int:
    """Return how many rows a learner sees, or one member of an ensemble, after a treatment.

    >>> shape = Shape(1000, 5, 5, 2, 0.1)
    >>> [learned_rows(dials, shape) for dials in ({"ratio": 4.0}, {"min_ratio": 1.0}, {})]
    [500, 1800, 1000]
    """
    share = 1.0
    shares = shape.class_shares
    if "fraction" in dials:
        share = dials["fraction"]
    elif "ratio" in dials:  # as `ensemble.draws.balanced.Balanced` counts
        share = np.minimum(shares, dials["ratio"] * shares[(len(shares) - 1) // 2]).sum()
    elif "max_ratio" in dials:
        share = np.minimum(shares, dials["max_ratio"] * shares[0]).sum()
    elif "min_ratio" in dials:
        share = np.maximum(shares, dials["min_ratio"] * shares[-1]).sum()
    return max(2, round(float(share) * shape.n_rows))


@dataclass(frozen=True)
class _Plan:
    """What a treatment makes of a fit: so many models of a learner, on so many rows each."""

    learner: str
    params: Params
    models: int
    seen: Shape


def plan_of(candidate: Candidate, setting: Setting, shape: Shape) -> _Plan:
    """Return what a setting fits."""
    known = CONSTANTS["treatments"].get(candidate.name, {})
    dials = dict(known.get("dials", {}))
    for name, value in setting.treatment.items():
        dials |= value if isinstance(value, Mapping) else {name: value}
    seen = shape.with_rows(learned_rows(dials, shape))
    if setting.learner:
        return _Plan(setting.learner, setting.params, dials.get("n_estimators", 1), seen)
    if "as" not in known:
        raise ParameterError(
            f"{candidate.name!r} has no learner and no measured cost; run benchmarks/fit_costs.py."
        )
    return _Plan(known["as"], setting.treatment, 1, seen)


def treatment_fit(plan: _Plan, shape: Shape) -> Features:
    """Return what the cost of a treated fit is made of."""
    n, d = shape.n_rows, shape.n_columns
    n_small = n * (1 - float(shape.class_shares[-1]))  # rows outside the largest class
    m = plan.seen.n_rows
    return {
        "models": plan.models * learner_fit(plan.learner, plan.params, plan.seen),
        "fit": 1,
        "members": plan.models,
        "rows": n,
        "cells": n * d,
        "drawn cells": plan.models * m * d,
        "among small": n_small * n_small * d,
        "small to all": n_small * n * d,
        "all to all": m * m * d,
        "all by tree": m * math.log2(2 + m) * d,
    }


def _fit(candidate: Candidate, setting: Setting, shape: Shape) -> float:
    """Return the seconds of a fit."""
    plan = plan_of(candidate, setting, shape)
    features = treatment_fit(plan, shape)
    known = CONSTANTS["treatments"].get(candidate.name)
    if known is not None:
        return _price(known["fit"], features)
    if candidate.use.effort is None:
        raise ParameterError(
            f"The cost of {candidate.name!r} is not known: give StudyUse(effort=...) on its card, "
            "or run benchmarks/fit_costs.py."
        )
    return candidate.use.effort * features["models"] / plan.models


def _predict(candidate: Candidate, setting: Setting, shape: Shape, rows: int) -> float:
    """Return the seconds of a prediction."""
    plan = plan_of(candidate, setting, shape)
    return plan.models * learner_predict(plan.learner, plan.params, plan.seen, rows)


def _told(value: float) -> float:
    """Return four digits: what the logarithms of two machines differ in is cut off."""
    return float(f"{value:.4g}")


def fit_seconds(candidate: Candidate, setting: Setting, shape: Shape) -> float:
    """Return the seconds of one fit on these rows and the prediction of a quarter as many.

    One thread of the reference machine.
    """
    rows = max(1, shape.n_rows // 4)
    return _told(_fit(candidate, setting, shape) + _predict(candidate, setting, shape, rows))


def predict_ms(candidate: Candidate, setting: Setting, shape: Shape) -> float:
    """Return the milliseconds a row that one model takes, fitted on such rows.

    In batches of 1,000 rows.
    """
    return _told(_predict(candidate, setting, shape, 1000))  # seconds of 1,000 rows


def overhead_s(shape: Shape) -> float:
    """Return the seconds of everything of a study outside its fits.

    The shape is that of all rows. It reads and prepares the table, starts the worker processes
    and writes the report.
    """
    n, d = shape.n_rows, shape.n_columns
    features = {"study": 1.0, "rows": n, "columns": d, "cells": n * d}
    return _told(_price(CONSTANTS["overhead"], features))
