"""What the test set says, measured once: values, intervals, curves and what drives them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rarebird._errors import DataError
from rarebird._random import seed_of
from rarebird.metrics.curves import calibration_bins, cost_curve, gain, precision_recall
from rarebird.metrics.estimate import Estimate, Range
from rarebird.metrics.lookup import get_metric
from rarebird.metrics.proportions import precision_score, recall_score
from rarebird.metrics.scoring import per_class

from .goal import Goal
from .model import StudyModel
from .report.content import ClassResult, Curves, Importance, Measurement, Outcome
from .rows import Rows

_IMPORTANCE_ROWS = 4_000
_SHUFFLES = 5
_MOST_SHUFFLED, _MOST_PREDICTED = 200, 25_000  # tables and rows, over all columns
_BATCH = 20_000  # rows of a prediction


@dataclass(frozen=True)
class TestSet:
    """What a model makes of the test set."""

    __test__ = False  # no test case, whatever its name

    y: np.ndarray  # (n,): class codes
    proba: np.ndarray  # (n, n_classes)
    predicted: np.ndarray  # (n,): decided codes
    seed: int  # of every interval
    costs: np.ndarray | None = None  # (n, C, C): each row's own costs, where there are such
    groups: np.ndarray | None = None  # (n,): equal rows, or the user's groups, which vary together

    @property
    def n_classes(self) -> int:
        """Classes of the study."""
        return self.proba.shape[1]

    def how(self, n_classes: int) -> dict[str, Any]:
        """Return what an interval depends on beside the rows."""
        return {"n_classes": n_classes, "random_state": self.seed, "groups": self.groups}


def measured(goal: Goal, test: TestSet) -> Measurement:
    """Return what the goal reports of a model, for the verdict."""
    metric = goal.headline
    output = metric.choose(test.proba, test.predicted)
    counts = np.bincount(test.y, minlength=test.n_classes)
    return Measurement(
        metric=metric.name,
        estimate=metric.interval(test.y, output, **test.how(test.n_classes)),
        n=len(test.y),
        n_positive=int(counts[1] if test.n_classes == 2 else counts[counts > 0].min()),
    )


def paired(goal: Goal, new: TestSet, old: TestSet) -> Estimate | None:
    """Return the difference of two models on the same test set; None where it cannot vary."""
    outputs = [goal.headline.choose(each.proba, each.predicted) for each in (new, old)]
    try:
        return goal.headline.difference(new.y, *outputs, **new.how(new.n_classes))
    except DataError:  # one row, or one group of equal rows, of a class
        return None


def mistakes(cost: np.ndarray | None) -> Mapping[str, float] | None:
    """Return what a false alarm and a miss cost more than being right."""
    if cost is None:
        return None
    return {"fp": float(cost[1, 0] - cost[0, 0]), "fn": float(cost[0, 1] - cost[1, 1])}


def curves(test: TestSet, baseline: TestSet | None, cost: np.ndarray | None) -> Curves:
    """Return what the report draws for two classes."""
    y, p = test.y, test.proba[:, 1]
    costs = None if test.costs is not None else mistakes(cost)  # each row has its own threshold
    return Curves(
        precision_recall=precision_recall(y, p),
        gain=gain(y, p),
        calibration=tuple(calibration_bins(y, p)),
        baseline=None if baseline is None else precision_recall(y, baseline.proba[:, 1]),
        cost=None if costs is None else cost_curve(y, p, fp=costs["fp"], fn=costs["fn"]),
    )


def outcome(test: TestSet, cost: np.ndarray | None, threshold: float | None) -> Outcome:
    """Return what the decision finds and costs, for two classes, with intervals."""
    y, predicted = test.y, test.predicted
    alerts, rows = predicted == 1, np.arange(len(y))
    how = test.how(2)
    costs = None if cost is None else np.broadcast_to(cost, (len(y), 2, 2))
    costs = costs if test.costs is None else test.costs
    no_model = None if costs is None else min(costs[rows, code, y].mean() for code in (0, 1))
    return Outcome(
        n=len(y),
        n_positive=int(y.sum()),
        found=int(y[alerts].sum()),
        alerts=int(alerts.sum()),
        recall=recall_score.interval(y, predicted, **how),
        precision=precision_score.interval(y, predicted, **how) if alerts.any() else None,
        threshold=threshold,
        cost=None if costs is None else float(costs[rows, predicted, y].mean()),
        cost_without_model=None if no_model is None else float(no_model),
    )


def class_table(goal: Goal, test: TestSet, classes: Sequence[Any]) -> tuple[ClassResult, ...]:
    """Return what the model makes of each of many classes, the rarest first."""
    pairs = goal.cost is not None and not goal.rank_by  # a cost belongs to a pair of classes
    metric = get_metric("f1") if pairs else goal.headline
    output = metric.choose(test.proba, test.predicted)
    values = per_class(metric, test.y, output, n_classes=test.n_classes)
    rows, how = [], test.how(2)
    for code, label in enumerate(classes):
        has, called = (test.y == code).astype(int), (test.predicted == code).astype(int)
        rows.append(
            ClassResult(
                label=str(label),
                n=int(has.sum()),
                value=float(values[code]),
                recall=recall_score.interval(has, called, **how) if has.any() else None,
                precision=float(has[called == 1].mean()) if called.any() else None,
            )
        )
    return tuple(sorted(rows, key=lambda row: row.n))


def importance(model: StudyModel, goal: Goal, test: Rows, seed: int) -> tuple[Importance, ...]:
    """Return the loss in the goal's metric when a column is shuffled among held-out rows.

    Each column of the table is shuffled `_SHUFFLES` times (all matrix columns made from it
    together); once, and on fewer rows, where there are so many columns that this would take long.
    """
    rng = np.random.default_rng(seed_of(seed, "importance"))
    sources = np.array(model.codebook.sources)
    names = list(dict.fromkeys(sources.tolist()))
    shuffles = int(np.clip(_MOST_SHUFFLED // len(names), 1, _SHUFFLES))
    cap = int(np.clip(_MOST_PREDICTED // (len(names) * shuffles), 200, _IMPORTANCE_ROWS))
    test = test.capped(cap, seed)  # with weights, where classes are thinned unequally
    X, y, goal = test.X, test.y, goal.on(test.costs)
    batch = max(1, _BATCH // len(y))

    def value(proba: np.ndarray) -> float:
        predicted = model.decision.act(proba, context=goal.context).codes
        return goal.sign * goal.value(y, proba, predicted, test.weight)

    base, losses = value(model.model.predict_proba(X)), dict[str, list[float]]()
    todo = [name for name in names for _ in range(shuffles)]
    for start in range(0, len(todo), batch):  # several shuffled tables in one prediction
        part = todo[start : start + batch]
        matrix = np.tile(X, (len(part), 1))
        for i, name in enumerate(part):
            rows = slice(i * len(y), (i + 1) * len(y))
            matrix[rows, sources == name] = X[rng.permutation(len(y))][:, sources == name]
        found = np.split(model.model.predict_proba(matrix), len(part))
        for name, proba in zip(part, found, strict=True):
            losses.setdefault(name, []).append(base - value(proba))
    each = [Importance(name, Range.of(lost)) for name, lost in losses.items()]
    return tuple(sorted(each, key=lambda row: -row.loss.value))
