"""What the test set says, measured once: values, intervals, curves and what drives them."""

from dataclasses import asdict
from typing import Any

import numpy as np

from rarebird._random import seed_of
from rarebird.metrics.curves import calibration_bins, cost_curve, gain, precision_recall
from rarebird.metrics.estimate import Estimate, Range
from rarebird.metrics.lookup import get_metric
from rarebird.metrics.proportions import precision_score, recall_score
from rarebird.metrics.scoring import per_class

from .model import StudyModel
from .objective import Objective

_IMPORTANCE_ROWS = 4_000
_SHUFFLES = 5
_SLIDER_ROWS = 4_000


def headline(objective: Objective) -> Any:
    """Return the metric that is reported from the test set.

    It is the objective's own, but for a floor: there it is the recall (the precision) that the
    decision reaches, since the threshold was set on other rows.
    """
    if objective.name == "recall@precision":
        return recall_score
    if objective.name == "precision@recall":
        return precision_score
    return objective.metric


def measured(
    objective: Objective, y: np.ndarray, proba: np.ndarray, predicted: np.ndarray, seed: int
) -> dict[str, Any]:
    """Return metric, value, interval and row counts for the verdict."""
    metric = headline(objective)
    output = metric.choose(proba, predicted)
    found = metric.interval(y, output, n_classes=proba.shape[1], random_state=seed)
    rare = np.bincount(y, minlength=proba.shape[1])
    positives = rare[1] if proba.shape[1] == 2 else rare[rare > 0].min()
    return {
        "metric": metric.name,
        "value": _plain(found.value),
        "low": _plain(found.low),
        "high": _plain(found.high),
        "method": found.method,
        "n": len(y),
        "n_positive": int(positives),
    }


def paired(
    objective: Objective,
    y: np.ndarray,
    new: tuple[np.ndarray, np.ndarray],
    old: tuple[np.ndarray, np.ndarray],
    seed: int,
) -> dict[str, Any]:
    """Return the difference of two models on the test set, (proba, predicted) each."""
    metric = headline(objective)
    found: Estimate = metric.difference(
        y, metric.choose(*new), metric.choose(*old), n_classes=new[0].shape[1], random_state=seed
    )
    return {"value": _plain(found.value), "low": _plain(found.low), "high": _plain(found.high)}


def curves(
    y: np.ndarray,
    proba: np.ndarray,
    predicted: np.ndarray,
    baseline: np.ndarray | None,
    costs: np.ndarray | None,
    threshold: float | None,
) -> dict[str, Any]:
    """Return what the report draws for two classes."""
    p = proba[:, 1]
    alerts = predicted == 1
    pr = precision_recall(y, p)
    out: dict[str, Any] = {
        "precision_recall": {
            "recall": pr.recall.tolist(),
            "precision": pr.precision.tolist(),
            "threshold": pr.threshold.tolist(),
        },
        "baseline_precision_recall": None,
        "calibration": [
            {
                "mean_p": b.mean_proba,
                "share": b.share.value,
                "low": b.share.low,
                "high": b.share.high,
                "n": float(b.n),
            }
            for b in calibration_bins(y, p)
        ],
        "cost": None,
        "operating": {
            "threshold": threshold,
            "recall": float(alerts[y == 1].mean()) if (y == 1).any() else None,
            "precision": float(y[alerts].mean()) if alerts.any() else None,
            "alerts_share": float(alerts.mean()),
        },
    }
    if baseline is not None:
        base = precision_recall(y, baseline[:, 1])
        out["baseline_precision_recall"] = {
            "recall": base.recall.tolist(),
            "precision": base.precision.tolist(),
            "threshold": base.threshold.tolist(),
        }
    found = gain(y, p)
    out["gain"] = {"alerts_share": found.alerts.tolist(), "recall": found.recall.tolist()}
    if costs is not None:
        cost = cost_curve(y, p, fp=costs[1, 0] - costs[0, 0], fn=costs[0, 1] - costs[1, 1])
        out["cost"] = {"threshold": cost.threshold.tolist(), "cost": cost.cost.tolist()}
    return out


def outcome(
    y: np.ndarray, predicted: np.ndarray, costs: np.ndarray | None, seed: int
) -> dict[str, Any]:
    """Return what the decision finds and costs, for two classes, with intervals."""
    alerts = predicted == 1
    found = int(y[alerts].sum())
    n, positives = len(y), int(y.sum())
    recall = recall_score.interval(y, predicted, n_classes=2, random_state=seed)
    precision = precision_score.interval(y, predicted, n_classes=2, random_state=seed)
    out = {
        "n": n,
        "n_positive": positives,
        "found": found,
        "found_low": _plain(recall.low * positives),
        "found_high": _plain(recall.high * positives),
        "alerts": int(alerts.sum()),
        "per_1000_alerts": 1000 * float(alerts.mean()),
        "precision": _plain(precision.value) if alerts.any() else None,
        "precision_low": _plain(precision.low) if alerts.any() else None,
        "precision_high": _plain(precision.high) if alerts.any() else None,
        "cost_per_1000": None,
        "cost_no_model_per_1000": None,
    }
    if costs is not None:
        out["cost_per_1000"] = 1000 * float(costs[predicted, y].mean())
        out["cost_no_model_per_1000"] = 1000 * float(
            min(costs[np.zeros(n, int), y].mean(), costs[np.ones(n, int), y].mean())
        )
    return out


def class_table(
    objective: Objective,
    y: np.ndarray,
    proba: np.ndarray,
    predicted: np.ndarray,
    classes: list,
    seed: int,
) -> list[dict[str, Any]]:
    """Return a row a class, for many classes."""
    C = proba.shape[1]
    metric = headline(objective) if objective.name != "cost" else get_metric("f1")
    values = per_class(metric, y, metric.choose(proba, predicted), n_classes=C)
    rows = []
    for code, label in enumerate(classes):
        has = y == code
        row = {"class": str(label), "n_test": int(has.sum()), "value": _plain(values[code])}
        row |= {"low": None, "high": None, "recall": None, "precision": None}
        if has.any():
            recall = recall_score.interval(
                has.astype(int),
                (predicted == code).astype(int),
                n_classes=2,
                random_state=seed,
            )
            row |= {
                "recall": _plain(recall.value),
                "recall_low": _plain(recall.low),
                "recall_high": _plain(recall.high),
            }
        if (predicted == code).any():
            row["precision"] = float(has[predicted == code].mean())
        rows.append(row)
    return rows


def slider(
    y: np.ndarray, p: np.ndarray, weight: np.ndarray | None, seed: int
) -> dict[str, list[float]]:
    """Return out-of-fold scores for the page, thinned by class with weights that undo it."""
    weight = np.ones(len(y)) if weight is None else weight
    rng = np.random.default_rng(seed_of(seed, "slider"))
    parts = []
    for code in (0, 1):
        rows = np.flatnonzero(y == code)
        take = min(len(rows), _SLIDER_ROWS // 2)
        chosen = np.sort(rng.choice(rows, take, replace=False)) if take < len(rows) else rows
        scale = weight[rows].sum() / max(weight[chosen].sum(), 1e-12)
        parts.append((chosen, weight[chosen] * scale))
    rows = np.concatenate([rows for rows, _ in parts])
    weights = np.concatenate([w for _, w in parts])
    return {
        "p": [float(f"{v:.4g}") for v in p[rows]],
        "y": y[rows].astype(int).tolist(),
        "w": [round(float(v), 4) for v in weights],
    }


def importance(
    model: StudyModel, objective: Objective, X: np.ndarray, y: np.ndarray, seed: int
) -> list[dict[str, Any]]:
    """Return the loss in the objective when a column is shuffled among held-out rows.

    Each column of the table is shuffled `_SHUFFLES` times (all matrix columns made from it
    together); the rows hold the mean, least and largest loss: a `Range`, not an interval.
    """
    rng = np.random.default_rng(seed_of(seed, "importance"))
    if len(y) > _IMPORTANCE_ROWS:  # keep the rare rows
        rare = np.flatnonzero(y != np.bincount(y).argmax())
        if len(rare) > _IMPORTANCE_ROWS // 2:
            rare = rng.choice(rare, _IMPORTANCE_ROWS // 2, replace=False)
        common = np.flatnonzero(y == np.bincount(y).argmax())
        take = min(len(common), _IMPORTANCE_ROWS - len(rare))
        rows = np.sort(np.concatenate([rare, rng.choice(common, take, replace=False)]))
        X, y = X[rows], y[rows]

    def value(matrix: np.ndarray) -> float:
        proba = model.proba_of_matrix(matrix)
        return objective.sign * objective.value(y, proba, model.decision.predict(proba))

    base = value(X)
    sources = np.array(model.codebook.sources)
    rows = []
    for name in dict.fromkeys(sources.tolist()):
        columns = np.flatnonzero(sources == name)
        losses = []
        for _ in range(_SHUFFLES):
            shuffled = X.copy()
            shuffled[:, columns] = X[rng.permutation(len(y))][:, columns]
            losses.append(base - value(shuffled))
        rows.append({"column": name, **asdict(Range.of(losses))})
    return sorted(rows, key=lambda row: -row["value"])


def _plain(value: Any) -> float | None:
    value = float(value)
    return value if np.isfinite(value) else None
