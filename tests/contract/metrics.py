"""What every metric must do, by what it is computed from."""

import inspect
import pickle
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from contract.checks import Method, check
from contract.rare import RARE, Rare
from rarebird._errors import DataError, ParameterError, RarebirdError
from rarebird.metrics import Estimate, Metric, per_class, pooled_differences
from rarebird.metrics.rows import reweighted

SECOND = {"labels": "y_pred", "values": "y_pred", "scores": "y_score", "probabilities": "y_proba"}
PURPOSE = {
    "labels": "decision", "scores": "ranking", "probabilities": "probability",
    "values": "regression",
}  # fmt: skip
TASKS = ("binary", "multiclass", "regression")


@dataclass(frozen=True)
class Given:
    """The truth, what two models give for it, and the number of classes (None for values)."""

    y: np.ndarray
    out: np.ndarray
    other: np.ndarray
    n_classes: int | None

    def take(self, rows: np.ndarray) -> "Given":
        """Return some of the rows."""
        return Given(self.y[rows], self.out[rows], self.other[rows], self.n_classes)


def given(metric: Metric, case: Rare) -> Given:
    """Return a rare case as what the metric is computed from."""
    rng = np.random.default_rng(11)
    if metric.needs == "values":
        y = np.nan_to_num(case.X[:, 0])
        noise = rng.normal(size=(2, len(y)))
        return Given(y, y + 0.3 * noise[0], y + noise[1], None)
    y, proba, c = case.codes, case.proba, len(case.classes)
    if c > 2 and "multiclass" not in metric.tasks:  # the last class against the rest
        y, proba, c = (y == c - 1).astype(int), np.column_stack([1 - proba[:, -1], proba[:, -1]]), 2
    other = 0.5 * proba + 0.5 * rng.dirichlet(np.ones(c), len(y))
    if metric.needs == "labels":
        return Given(y, proba.argmax(1), other.argmax(1), c)
    proba[0] = np.eye(c)[(y[0] + 1) % c]  # a sure mistake
    return Given(y, proba, other, c)


def plain(metric: Metric, task: str) -> Given:
    """Return 120 rows of a task, in the form of the metric where it serves the task."""
    rng = np.random.default_rng(5)
    if task == "regression":
        y = rng.normal(size=120)
        return Given(y, y + 0.1 * rng.normal(size=120), rng.normal(size=120), None)
    c = 2 if task == "binary" else 3
    y = np.arange(120) % c
    good, bad = (rng.dirichlet(np.ones(c), 120) + weight * np.eye(c)[y] for weight in (0.7, 0))
    good = good / good.sum(1, keepdims=True)
    if metric.needs == "labels":
        return Given(y, good.argmax(1), bad.argmax(1), c)
    return Given(y, good, bad, c)


def value_of(metric: Metric, on: Given, **more: Any) -> float:
    return metric.value(metric.check(on.y, on.out, more.get("sample_weight"), on.n_classes))


def is_defined(metric: Metric, on: Given) -> bool:
    """Say whether every class that the metric says it requires has rows."""
    present = set(np.unique(on.y).tolist())
    if on.n_classes is None:
        return True
    if on.n_classes == 2:
        return set(metric.requires) <= present
    return 0 not in metric.requires or len(present) > 1


@check("metric")
def the_card_says_what_the_metric_says(method: Method) -> None:
    metric, card = method.object, method.card
    assert isinstance(metric, Metric)
    said = (card.name, card.title, card.tasks, card.inputs)
    assert said == (metric.name, metric.title, metric.tasks, (metric.needs,))
    assert metric.purpose == PURPOSE[metric.needs]
    parameters = inspect.signature(metric).parameters
    assert list(parameters)[:3] == ["y_true", SECOND[metric.needs], "sample_weight"]
    assert parameters["sample_weight"].kind is inspect.Parameter.KEYWORD_ONLY
    assert bool(metric.averaging) == ("multiclass" in metric.tasks)


@check("metric")
def the_example_of_the_card_runs(method: Method) -> None:
    value = method.object(**method.card.arguments())
    assert isinstance(value, float) and np.isfinite(value)


@check("metric")
def each_claimed_task_is_served_and_every_other_refused(method: Method) -> None:
    metric = method.object
    for task in TASKS:
        on = plain(metric, task)
        if task in metric.tasks:
            assert metric.require("here", task=task) is metric
            assert np.isfinite(value_of(metric, on))
            found = metric.interval(on.y, on.out, n_classes=on.n_classes)
            assert found.low <= found.value <= found.high and found.low < found.high
            continue
        with pytest.raises(ParameterError, match=f"here: {metric.name} .*{task}"):
            metric.require("here", task=task)
        with pytest.raises(RarebirdError):
            value_of(metric, on)


@check("metric", per_case=True)
def a_metric_of_a_rare_case_is_a_number_or_nan_for_a_class_it_needs(
    method: Method, case: Rare
) -> None:
    metric, on = method.object, given(method.object, case)
    value = value_of(metric, on)
    assert isinstance(value, float)
    assert np.isfinite(value) == is_defined(metric, on)
    assert np.isfinite(value) or "nan" in method.card.rare_cases


@check("metric", per_case=True)
def an_interval_of_a_rare_case_holds_the_value(method: Method, case: Rare) -> None:
    metric, on = method.object, given(method.object, case)
    found = metric.interval(on.y, on.out, n_classes=on.n_classes, level=0.9, random_state=3)
    assert isinstance(found, Estimate) and found.level == 0.9 and found.method
    assert np.array_equal(found.value, value_of(metric, on), equal_nan=True)
    if np.isnan(found.value):
        assert np.isnan([found.low, found.high]).all() and "undefined" in found.method
        return
    assert found.low <= found.value <= found.high and found.high - found.low > 1e-9
    order = np.random.default_rng(0).permutation(len(on.y))
    moved = on.take(order)
    again = metric.interval(moved.y, moved.out, n_classes=on.n_classes, level=0.9, random_state=3)
    assert (again.low, again.high) == pytest.approx((found.low, found.high), abs=1e-9)


@check("metric", per_case=True)
def a_difference_of_a_rare_case_has_an_interval_or_names_the_class(
    method: Method, case: Rare
) -> None:
    metric, on = method.object, given(method.object, case)
    other = value_of(metric, Given(on.y, on.other, on.out, on.n_classes))
    try:
        found = metric.difference(on.y, on.out, on.other, n_classes=on.n_classes)
    except DataError as error:
        rows = np.bincount(on.y)
        assert any(f"class {c} has {n} rows" in str(error) for c, n in enumerate(rows) if n < 2)
        return
    expected = value_of(metric, on) - other
    assert np.array_equal(found.value, expected, equal_nan=True)
    if np.isnan(expected):
        return
    assert isinstance(found, Estimate) and found.method
    assert found.low < expected < found.high
    same = metric.difference(on.y, on.out, on.out, n_classes=on.n_classes)
    assert (same.value, same.low, same.high) == (0, 0, 0)


@check("metric", per_case=True)
def sums_under_weights_are_the_value_under_weights(method: Method, case: Rare) -> None:
    """The kernel of the intervals is the same metric as the value, which others compute."""
    metric, on = method.object, given(method.object, case)
    weights = np.random.default_rng(1).integers(0, 4, (3, len(on.y))).astype(float)
    weights[:, 0] = 1
    found = reweighted(metric.sums(metric.check(on.y, on.out, None, on.n_classes)), weights)
    slow = [value_of(metric, on, sample_weight=row) for row in weights]
    np.testing.assert_allclose(found, slow, rtol=1e-9, atol=1e-9)


@check("metric")
def a_better_model_is_found_in_blocks_and_a_copy_is_equal(method: Method) -> None:
    metric = method.object
    on = plain(metric, metric.tasks[0])
    base = on.other[None]
    [better, same] = pooled_differences(
        metric, on.y, [(on.out[None], base), (base.copy(), base)],
        blocks=np.arange(len(on.y)) // 6, n_classes=on.n_classes, n_boot=150,
    )  # fmt: skip
    assert (same.value, same.p) == (0, 1)
    assert better.value > 0 or "@" in metric.name  # of two rows at the top nothing can be said
    assert isinstance(better, Estimate)


@check("metric")
def a_perfect_prediction_beats_a_wrong_one(method: Method) -> None:
    metric = method.object
    for task in metric.tasks:
        on = plain(metric, task)
        if on.n_classes is None:
            right, wrong = on.y, -on.y
        else:
            right = np.eye(on.n_classes)[on.y]
            wrong = np.roll(right, 1, axis=1)
            if metric.needs == "labels":
                right, wrong = right.argmax(1), wrong.argmax(1)
        values = [value_of(metric, Given(on.y, out, out, on.n_classes)) for out in (right, wrong)]
        assert (values[0] > values[1]) == metric.greater_is_better and values[0] != values[1]


@check("metric")
def rows_may_come_in_any_order_and_twice(method: Method) -> None:
    metric = method.object
    for case in (RARE["string_labels"](), RARE["seven_rows"]()):
        on = given(metric, case)
        value = value_of(metric, on)
        order = np.random.default_rng(0).permutation(len(on.y))
        assert value == pytest.approx(value_of(metric, on.take(order)), abs=1e-12)
        weight = np.where(np.arange(len(on.y)) % 3 == 0, 2, 1)
        rows = np.repeat(np.arange(len(on.y)), weight)
        twice = value_of(metric, on, sample_weight=weight.astype(float))
        assert twice == pytest.approx(value_of(metric, on.take(rows)), abs=1e-12)
        dropped = value_of(metric, on, sample_weight=(weight > 1).astype(float))
        assert dropped == pytest.approx(value_of(metric, on.take(weight > 1)), abs=1e-12)


@check("metric")
def inputs_that_are_not_what_it_needs_are_refused(method: Method) -> None:
    metric = method.object
    on = plain(metric, metric.tasks[0])
    bad = on.out.astype(float).copy()
    bad[3] = np.nan
    wrong: list[tuple[Any, Any, Any]] = [
        (on.y, bad, None),
        (on.y[:-1], on.out, None),
        (on.y, on.out, np.r_[-1.0, np.ones(119)]),
        (on.y, on.out, np.ones(5)),
        (np.where(on.y > 0, "yes", "no"), on.out, None),
        (on.y, np.full((120, 2, 2), 0.5), None),
        (on.y, np.full(120, "a"), None),
    ]
    if metric.needs == "labels":
        wrong += [(on.y, np.full((120, 2), 0.5), None), (on.y - 1, on.out, None)]
    if metric.needs == "probabilities":
        wrong += [(on.y, on.out * 1.5, None), (on.y, on.out * [0.9, 0.8], None)]
    for y, out, weight in wrong:
        with pytest.raises(DataError, match=metric.title):
            metric.check(y, out, weight, on.n_classes)
    with pytest.raises(ParameterError, match="level"):
        metric.interval(on.y, on.out, level=1.5)


@check("metric")
def counts_give_the_value_or_are_refused(method: Method) -> None:
    metric = method.object
    if not metric.counted:
        with pytest.raises(ParameterError, match=f"here: {metric.name}"):
            metric.require("here", counted=True)
        with pytest.raises(ParameterError, match="not a confusion matrix"):
            metric.from_cells(1, 1, 1, 1)
        return
    assert metric.require("here", counted=True) is metric
    for task in metric.tasks:
        on = plain(metric, task)
        matrix = np.zeros((on.n_classes, on.n_classes))
        np.add.at(matrix, (on.y, on.out), 1)
        value = value_of(metric, on)
        assert metric.from_confusion(matrix) == pytest.approx(value, abs=1e-12)
        if task == "binary":
            (tn, fp), (fn, tp) = matrix
            assert metric.from_cells(tp, fp, fn, tn) == pytest.approx(value, abs=1e-12)
        elif metric.class_sums() is not None:
            assert metric.class_sums()(matrix) == pytest.approx(value, abs=1e-12)


@check("metric")
def a_value_of_every_class_is_that_of_the_class_against_the_rest(method: Method) -> None:
    metric = method.object
    for task in {"binary", "multiclass"} & set(metric.tasks):
        on = plain(metric, task)
        each = per_class(metric, on.y, on.out, n_classes=on.n_classes)
        assert each.shape == (on.n_classes,) and np.isfinite(each).all()
        c = on.n_classes - 1
        own = on.out == c if metric.needs == "labels" else on.out[:, c]
        assert each[c] == pytest.approx(metric(on.y == c, own))


@check("metric")
def a_metric_is_a_value_and_leaves_its_inputs_alone(method: Method) -> None:
    metric = method.object
    on = plain(metric, metric.tasks[0])
    copies = on.y.copy(), on.out.copy()
    on.y.setflags(write=False)
    on.out.setflags(write=False)
    value = value_of(metric, on)
    for again in (pickle.loads(pickle.dumps(metric)), deepcopy(metric), metric.take([0, 1])):
        assert value_of(again, on) == value
        assert (again.name, again.title) == (metric.name, metric.title)
    np.testing.assert_array_equal(on.y, copies[0])
    np.testing.assert_array_equal(on.out, copies[1])
    with pytest.raises(AttributeError):
        metric.name = "other"
