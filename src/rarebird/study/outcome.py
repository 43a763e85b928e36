"""What the test set says, measured once: values, intervals, curves and what drives them."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rarebird._random import seed_of
from rarebird.decide.base import plain
from rarebird.metrics.curves import calibration_bins, cost_curve, gain, precision_recall
from rarebird.metrics.estimate import Estimate, Range
from rarebird.metrics.kinds import Metric
from rarebird.metrics.lookup import get_metric
from rarebird.metrics.proportions import precision_score, recall_score
from rarebird.metrics.scoring import per_class

from .goal import Goal
from .model import StudyModel
from .rows import Rows

_IMPORTANCE_ROWS = 4_000
_SHUFFLES = 5
_SLIDER_ROWS = 4_000


@dataclass(frozen=True)
class TestSet:
    """What a model makes of the test set."""

    __test__ = False  # no test case, whatever its name

    y: np.ndarray  # (n,): class codes
    proba: np.ndarray  # (n, n_classes)
    predicted: np.ndarray  # (n,): decided codes
    seed: int  # of every interval
    costs: np.ndarray | None = None  # (n, C, C): each row's own costs, where there are such

    @property
    def n_classes(self) -> int:
        """Classes of the study."""
        return self.proba.shape[1]


def _share(metric: Metric, y: np.ndarray, predicted: np.ndarray, seed: int) -> Estimate:
    """Return recall or precision of one class against the rest."""
    return metric.interval(y, predicted, n_classes=2, random_state=seed)


def measured(goal: Goal, test: TestSet) -> dict[str, Any]:
    """Return metric, value, interval and row counts for the verdict."""
    metric = goal.headline
    output = metric.choose(test.proba, test.predicted)
    found = metric.interval(test.y, output, n_classes=test.n_classes, random_state=test.seed)
    counts = np.bincount(test.y, minlength=test.n_classes)
    return plain(
        {
            "metric": metric.name,
            "value": found.value,
            "low": found.low,
            "high": found.high,
            "method": found.method,
            "n": len(test.y),
            "n_positive": counts[1] if test.n_classes == 2 else counts[counts > 0].min(),
        }
    )


def paired(goal: Goal, new: TestSet, old: TestSet) -> dict[str, Any]:
    """Return the difference of two models on the same test set."""
    outputs = [goal.headline.choose(each.proba, each.predicted) for each in (new, old)]
    found = goal.headline.difference(
        new.y, *outputs, n_classes=new.n_classes, random_state=new.seed
    )
    return plain({"value": found.value, "low": found.low, "high": found.high})


def curves(
    test: TestSet, baseline: TestSet | None, cost: np.ndarray | None, threshold: float | None
) -> dict[str, Any]:
    """Return what the report draws for two classes."""
    y, p, alerts = test.y, test.proba[:, 1], test.predicted == 1
    found = gain(y, p)
    drawn: dict[str, Any] = {
        "precision_recall": asdict(precision_recall(y, p)),
        "baseline_precision_recall": None
        if baseline is None
        else asdict(precision_recall(y, baseline.proba[:, 1])),
        "calibration": [asdict(each) for each in calibration_bins(y, p)],
        "operating": {
            "threshold": threshold,
            "recall": alerts[y == 1].mean() if (y == 1).any() else None,
            "precision": y[alerts].mean() if alerts.any() else None,
            "alerts_share": alerts.mean(),
        },
        "gain": {"alerts_share": found.alerts, "recall": found.recall},
        "cost": None
        if cost is None or test.costs is not None  # then a row's threshold is its own
        else asdict(cost_curve(y, p, **_mistakes(cost))),
    }
    return plain(drawn)


def _mistakes(cost: np.ndarray) -> dict[str, float]:
    """Return what a false alarm and a miss cost more than being right."""
    return {"fp": cost[1, 0] - cost[0, 0], "fn": cost[0, 1] - cost[1, 1]}


def outcome(test: TestSet, cost: np.ndarray | None) -> dict[str, Any]:
    """Return what the decision finds and costs, for two classes, with intervals."""
    y, predicted = test.y, test.predicted
    alerts, n, positives = predicted == 1, len(y), int(y.sum())
    recall = _share(recall_score, y, predicted, test.seed)
    precision = _share(precision_score, y, predicted, test.seed) if alerts.any() else None
    told: dict[str, Any] = {
        "n": n,
        "n_positive": positives,
        "found": y[alerts].sum(),
        "found_low": recall.low * positives,
        "found_high": recall.high * positives,
        "alerts": alerts.sum(),
        "per_1000_alerts": 1000 * alerts.mean(),
        "precision": precision and precision.value,
        "precision_low": precision and precision.low,
        "precision_high": precision and precision.high,
        "cost_per_1000": None,
        "cost_no_model_per_1000": None,
    }
    if cost is not None:
        each = np.broadcast_to(cost, (n, 2, 2)) if test.costs is None else test.costs
        rows = np.arange(n)
        told["cost_per_1000"] = 1000 * each[rows, predicted, y].mean()
        told["cost_no_model_per_1000"] = 1000 * min(each[rows, c, y].mean() for c in (0, 1))
    return plain(told)


def class_table(goal: Goal, test: TestSet, classes: list) -> list[dict[str, Any]]:
    """Return a row for each class, for many classes."""
    pairs = goal.cost is not None and not goal.rank_by  # a cost belongs to a pair of classes
    metric = get_metric("f1") if pairs else goal.headline
    C = test.n_classes
    output = metric.choose(test.proba, test.predicted)
    values = per_class(metric, test.y, output, n_classes=C)
    rows = []
    for code, label in enumerate(classes):
        has, called = test.y == code, test.predicted == code
        row = {"class": str(label), "n_test": has.sum(), "value": values[code]}
        row |= {"low": None, "high": None, "recall": None, "precision": None}
        if has.any():
            recall = _share(recall_score, has.astype(int), called.astype(int), test.seed)
            row |= {"recall": recall.value, "recall_low": recall.low, "recall_high": recall.high}
        if called.any():
            row["precision"] = has[called].mean()
        rows.append(plain(row))
    return rows


def slider(
    y: np.ndarray, p: np.ndarray, weight: np.ndarray | None, cost: np.ndarray | None, seed: int
) -> dict[str, Any]:
    """Return out-of-fold scores for the page, thinned by class with weights that undo it."""
    weight = np.ones(len(y)) if weight is None else weight
    rng = np.random.default_rng(seed_of(seed, "slider"))
    chosen, weights = [], []
    for code in (0, 1):
        rows = np.flatnonzero(y == code)
        take = min(len(rows), _SLIDER_ROWS // 2)
        part = np.sort(rng.choice(rows, take, replace=False)) if take < len(rows) else rows
        scale = weight[rows].sum() / max(weight[part].sum(), 1e-12)
        chosen.append(part)
        weights.append(weight[part] * scale)
    rows = np.concatenate(chosen)
    return {
        "p": [float(f"{v:.4g}") for v in p[rows]],
        "y": y[rows].astype(int).tolist(),
        "w": [round(float(v), 4) for v in np.concatenate(weights)],
        "costs": None if cost is None else plain(_mistakes(cost)),
    }


def importance(model: StudyModel, goal: Goal, test: Rows, seed: int) -> list[dict[str, Any]]:
    """Return the loss in the goal's metric when a column is shuffled among held-out rows.

    Each column of the table is shuffled `_SHUFFLES` times (all matrix columns made from it
    together); the rows hold the mean, least and largest loss: a `Range`, not an interval.
    """
    rng = np.random.default_rng(seed_of(seed, "importance"))
    X, y = test.X, test.y
    if len(y) > _IMPORTANCE_ROWS:  # keep the rare rows
        common = y == np.bincount(y).argmax()
        rare, common = np.flatnonzero(~common), np.flatnonzero(common)
        if len(rare) > _IMPORTANCE_ROWS // 2:
            rare = rng.choice(rare, _IMPORTANCE_ROWS // 2, replace=False)
        take = min(len(common), _IMPORTANCE_ROWS - len(rare))
        rows = np.sort(np.concatenate([rare, rng.choice(common, take, replace=False)]))
        X, y, goal = X[rows], y[rows], goal.on(test.costs_of(rows))

    def value(matrix: np.ndarray) -> float:
        proba = model.model.predict_proba(matrix)
        predicted = model.decision.act(proba, context=goal.context).codes
        return goal.sign * goal.value(y, proba, predicted)

    base = value(X)
    sources = np.array(model.codebook.sources)
    found = []
    for name in dict.fromkeys(sources.tolist()):
        columns = np.flatnonzero(sources == name)
        losses = []
        for _ in range(_SHUFFLES):
            shuffled = X.copy()
            shuffled[:, columns] = X[rng.permutation(len(y))][:, columns]
            losses.append(base - value(shuffled))
        found.append({"column": name, **asdict(Range.of(losses))})
    return sorted(found, key=lambda row: -row["value"])
