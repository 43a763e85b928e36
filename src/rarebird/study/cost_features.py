"""What the seconds of a learner are made of: amounts of work, each with its own coefficient.

They are computed from the shape of the rows and the learner's parameters, so that a new setting of
a known learner has a price without a measurement.
"""

import math
from collections.abc import Mapping
from typing import Any

from .shape import Shape

Features = dict[str, float]
Params = Mapping[str, Any]


def _outputs(shape: Shape) -> int:
    return shape.n_classes if shape.n_classes > 2 else 1


def _boosted_fit(params: Params, shape: Shape) -> Features:
    m = shape.n_rows * params.get("subsample", 1)
    d = shape.n_columns * params.get("feature_fraction", 1)
    trees = params["n_estimators"] * _outputs(shape)
    leaves = min(params["num_leaves"], 1 + m / max(params["min_child_samples"], 1))
    return {
        "fit": 1,
        "bins": shape.n_rows * shape.n_columns,
        "trees": trees,
        "leaves": trees * leaves,
        "leaves columns": trees * leaves * d,
        "leaves levels": trees * leaves * (shape.n_encoded - shape.n_columns),
        "rows": trees * shape.n_rows,
        "rows columns": trees * m * d,
        "rows columns depth": trees * m * d * math.log2(1 + leaves),
    }


def _boosted_predict(params: Params, shape: Shape, rows: int) -> Features:
    trees = params["n_estimators"] * _outputs(shape)
    return {
        "call": 1,
        "trees": trees,
        "rows columns": rows * shape.n_columns,
        "rows trees": rows * trees,
        "rows depth": rows * trees * math.log2(params["num_leaves"]),
    }


def _tree(params: Params, shape: Shape) -> tuple[int, float, float]:
    """Return the rows of a tree, the depth of an even one, and the columns tried at a split."""
    most, d = params.get("max_rows"), shape.n_columns
    m = shape.n_rows if most is None else min(shape.n_rows, most)
    leaf, tried = params["min_samples_leaf"], params["max_features"]
    tried = tried * d if isinstance(tried, float) else math.sqrt(d)
    return m, math.log2(2 + m / (leaf if leaf >= 1 else leaf * m)), max(1.0, tried)


def _forest_fit(params: Params, shape: Shape) -> Features:
    m, depth, tried = _tree(params, shape)
    trees, mixed = params["n_estimators"], 1 - float(shape.class_shares[-1])
    return {
        "trees": trees,
        "rows columns": trees * m * shape.n_columns,
        "rows depth": trees * m * depth,
        "rows tried": trees * m * tried,
        "rows depth tried": trees * m * depth * tried,
        "mixed rows depth": trees * m * mixed * depth,
        "mixed rows depth tried": trees * m * mixed * depth * tried,
        "mixed rows classes": trees * m * mixed * _outputs(shape),
    }


def _forest_predict(params: Params, shape: Shape, rows: int) -> Features:
    trees = params["n_estimators"]
    return {
        "trees": trees,
        "rows columns": rows * shape.n_columns,
        "rows depth": rows * trees * _tree(params, shape)[1],
        "rows classes": rows * trees * shape.n_classes,
    }


def _linear_fit(params: Params, shape: Shape) -> Features:
    m, d, outputs = shape.n_rows, shape.n_columns, _outputs(shape)
    tents = _tents(params, shape)
    width = shape.n_encoded + tents
    steps = params["C"] ** 0.3  # the weaker the penalty, the more iterations
    return {
        "fit": 1,
        "columns": width,
        "rows": m,
        "cells": m * d,
        "tents": m * tents,
        "iterated": steps * outputs,
        "iterated rows": steps * outputs * m,
        "iterated cells": steps * outputs * m * width,
        "wide iterated cells": steps * outputs * m * width**1.5,
    }


def _tents(params: Params, shape: Shape) -> int:
    """Return the columns of the splines, of which a wide table has fewer for each number."""
    numbers = shape.n_columns - shape.n_categorical
    return numbers * min(params.get("knots", 0), 500 // max(numbers, 1))


def _linear_predict(params: Params, shape: Shape, rows: int) -> Features:
    tents = _tents(params, shape)
    return {
        "call": 1,
        "columns": shape.n_columns + tents,
        "rows columns": rows * shape.n_columns,
        "rows tents": rows * tents,
        "rows encoded": rows * (shape.n_encoded + tents) * _outputs(shape),
    }


def _kernel_fit(params: Params, shape: Shape) -> Features:
    m, outputs = shape.n_rows, _outputs(shape)
    k = min(params["n_landmarks"], m)
    steps = params["C"] ** 0.3
    return {
        "fit": 1,
        "columns": shape.n_columns,
        "cells": m * shape.n_columns,
        "distances": m * k,
        "distances columns": m * k * shape.n_encoded,
        "landmarks": k**3,
        "rows landmarks": m * k**2,
        "iterated": steps * outputs * m * k,
    }


def _kernel_predict(params: Params, shape: Shape, rows: int) -> Features:
    k = min(params["n_landmarks"], shape.n_rows)
    return {
        "call": 1,
        "columns": shape.n_columns,
        "rows columns": rows * shape.n_columns,
        "distances": rows * k,
        "distances columns": rows * k * shape.n_encoded,
        "scores": rows * k * _outputs(shape),
    }


KINDS = {  # name: what fitting is made of, and what predicting is
    "boosted trees": (_boosted_fit, _boosted_predict),
    "forest": (_forest_fit, _forest_predict),
    "linear": (_linear_fit, _linear_predict),
    "kernel": (_kernel_fit, _kernel_predict),
}
