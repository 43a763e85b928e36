"""What a fit costs: seconds of the reference machine, computed from the shape of the rows.

A schedule made of these is the same on every machine, however busy. The constants in
``fit_cost.json`` are measured by ``benchmarks/fit_costs.py``: for each method one coefficient for
each feature below.
"""

import inspect
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rarebird._errors import ParameterError
from rarebird.registry import method

from .candidates import Candidate, Setting, learner_settings
from .rows import Rows

PATH = Path(__file__).with_name("fit_cost.json")
CONSTANTS: Mapping[str, Any] = json.loads(PATH.read_text("utf-8"))
VERSION: int = CONSTANTS["version"]
_LEVELS = 51  # columns that one of categories becomes, at most
_FREQUENT = 10  # rows of a category that has a column of its own
_UNKNOWN = "lightgbm"  # a learner that was never measured costs as much as the costliest of it

Features = dict[str, float]


@dataclass(frozen=True)
class Shape:
    """The shape of the rows that a fit learns from."""

    n_rows: int
    n_columns: int  # of the matrix; categories are one column of codes
    n_encoded: int  # of the matrix after one-hot encoding
    n_classes: int
    rare_share: float  # of the rarest class

    def with_rows(self, n_rows: int) -> "Shape":
        """Return the shape of another number of such rows."""
        return replace(self, n_rows=n_rows)

    @property
    def class_shares(self) -> np.ndarray:
        """Shares of the classes, ascending: from the rarest, each larger by the same factor."""
        n, rare = self.n_classes, self.rare_share
        low, high = 0.0, -math.log(max(rare, 1e-12))
        for _ in range(60):  # the factor's logarithm
            middle = (low + high) / 2
            small = rare * np.exp(middle * np.arange(n)).sum() < 1
            low, high = (middle, high) if small else (low, middle)
        shares = rare * np.exp(high * np.arange(n))
        return shares / shares.sum()


def shape_of(rows: Rows) -> Shape:
    """Return the shape of some rows."""
    n, d = rows.X.shape
    encoded = d - len(rows.categorical)
    for column in rows.categorical:
        counts = np.unique(rows.X[:, column], return_counts=True)[1]
        often = int((counts >= _FREQUENT).sum())
        encoded += min(often + bool(often < len(counts)), _LEVELS)
    counts = np.bincount(rows.y)
    counts = counts[counts > 0]
    return Shape(n, d, encoded, len(counts), float(counts.min() / n))


def _outputs(shape: Shape) -> int:
    return shape.n_classes if shape.n_classes > 2 else 1


def _boosted_fit(params: Mapping[str, Any], shape: Shape) -> Features:
    m, d = shape.n_rows, shape.n_columns
    trees = params["n_estimators"] * _outputs(shape)
    leaves = min(params["num_leaves"], 1 + m / max(params["min_child_samples"], 1))
    return {
        "fit": 1,
        "bins": m * d,
        "trees": trees,
        "leaves columns": trees * leaves * d,
        "leaves levels": trees * leaves * (shape.n_encoded - d),
        "rows": trees * m,
        "rows columns": trees * m * d,
    }


def _boosted_predict(params: Mapping[str, Any], shape: Shape, rows: int) -> Features:
    trees = params["n_estimators"] * _outputs(shape)
    return {
        "call": 1,
        "trees": trees,
        "rows columns": rows * shape.n_columns,
        "rows trees": rows * trees,
        "rows depth": rows * trees * math.log2(params["num_leaves"]),
    }


def _forest_depth(params: Mapping[str, Any], shape: Shape) -> tuple[int, float]:
    """Return the rows of a tree, and the depth of an even one."""
    most = params.get("max_rows")
    m = shape.n_rows if most is None else min(shape.n_rows, most)
    leaf = params["min_samples_leaf"]
    return m, math.log2(2 + m / (leaf if leaf >= 1 else leaf * m))


def _forest_fit(params: Mapping[str, Any], shape: Shape) -> Features:
    m, depth = _forest_depth(params, shape)
    trees = params["n_estimators"]
    return {
        "fit": 1,
        "trees": trees,
        "rows columns": trees * m * shape.n_columns,
        "rows depth": trees * m * depth,
        "rows depth tried": trees * m * depth * math.sqrt(shape.n_columns),
        "rows classes": trees * m * shape.n_classes,
    }


def _forest_predict(params: Mapping[str, Any], shape: Shape, rows: int) -> Features:
    trees = params["n_estimators"]
    return {
        "trees": trees,
        "rows columns": rows * shape.n_columns,
        "rows depth": rows * trees * _forest_depth(params, shape)[1],
        "rows classes": rows * trees * shape.n_classes,
    }


def _linear_fit(params: Mapping[str, Any], shape: Shape) -> Features:
    m, d, encoded, outputs = shape.n_rows, shape.n_columns, shape.n_encoded, _outputs(shape)
    return {
        "fit": 1,
        "rows": m,
        "cells": m * d,
        "encoded": outputs * encoded,
        "rows encoded": outputs * m * encoded,
    }


def _linear_predict(params: Mapping[str, Any], shape: Shape, rows: int) -> Features:
    return {
        "call": 1,
        "columns": shape.n_columns,
        "rows columns": rows * shape.n_columns,
        "rows encoded": rows * shape.n_encoded * _outputs(shape),
    }


KINDS = {
    "boosted trees": (_boosted_fit, _boosted_predict),
    "forest": (_forest_fit, _forest_predict),
    "linear": (_linear_fit, _linear_predict),
}


def _price(coefficients: Mapping[str, float], features: Features) -> float:
    return sum(coefficients[name] * value for name, value in features.items())


@cache
def parameters(role: str, name: str) -> Mapping[str, Any]:
    """Return the parameters of a method that no setting states."""
    known = inspect.signature(method(role, name)).parameters
    return {key: each.default for key, each in known.items()}


def learner_fit(name: str, params: Mapping[str, Any], shape: Shape) -> float:
    """Return the seconds that a bare learner takes to fit."""
    known = CONSTANTS["learners"].get(name)
    if known is None:
        return max(learner_fit(_UNKNOWN, each, shape) for each in learner_settings(_UNKNOWN))
    features = KINDS[known["kind"]][0](parameters("learner", name) | params, shape)
    return _price(known["fit"], features)


def learner_predict(name: str, params: Mapping[str, Any], shape: Shape, rows: int) -> float:
    """Return the seconds that a learner, fitted on such rows, takes to predict ``rows``."""
    known = CONSTANTS["learners"].get(name)
    if known is None:
        return max(
            learner_predict(_UNKNOWN, each, shape, rows) for each in learner_settings(_UNKNOWN)
        )
    features = KINDS[known["kind"]][1](parameters("learner", name) | params, shape, rows)
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
class Plan:
    """What a treatment makes of a fit: so many models of a learner, on so many rows each."""

    learner: str
    params: Mapping[str, Any]
    models: int
    seen: Shape


def plan_of(candidate: Candidate, setting: Setting, shape: Shape) -> Plan:
    """Return what a setting fits."""
    known = CONSTANTS["treatments"].get(candidate.name, {})
    dials = dict(known.get("dials", {}))
    for name, value in setting.treatment.items():
        dials |= value if isinstance(value, Mapping) else {name: value}
    seen = shape.with_rows(learned_rows(dials, shape))
    if setting.learner:
        return Plan(setting.learner, setting.params, dials.get("n_estimators", 1), seen)
    if "as" not in known:
        raise ParameterError(
            f"{candidate.name!r} has no learner and no measured cost; run benchmarks/fit_costs.py."
        )
    return Plan(known["as"], setting.treatment, 1, seen)


def treatment_fit(plan: Plan, shape: Shape) -> Features:
    """Return what the cost of a treated fit is made of."""
    n, d = shape.n_rows, shape.n_columns
    n_small = n * (1 - float(shape.class_shares[-1]))  # rows outside the largest class
    m = plan.seen.n_rows
    return {
        "models": plan.models * learner_fit(plan.learner, plan.params, plan.seen),
        "fit": 1,
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
