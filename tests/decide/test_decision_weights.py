import numpy as np
import pytest
from sklearn.metrics import (
    balanced_accuracy_score,
    f1_score,
    fbeta_score,
    matthews_corrcoef,
    recall_score,
)
from sklearn.naive_bayes import GaussianNB

from rarebird._errors import class_names
from rarebird.decide import DecidedClassifier, DecisionWeights, TunedThreshold
from rarebird.decide.decision_weights import best_factor

PEERS = {
    "f1": lambda y, p, w: f1_score(y, p, average="macro", sample_weight=w, zero_division=0),
    "f2": lambda y, p, w: fbeta_score(
        y, p, beta=2, average="macro", sample_weight=w, zero_division=0
    ),
    "balanced-accuracy": lambda y, p, w: balanced_accuracy_score(y, p, sample_weight=w),
    "gmean": lambda y, p, w: float(
        np.prod(recall_score(y, p, average=None, sample_weight=w)) ** (1 / len(set(y)))
    ),
    "mcc": lambda y, p, w: matthews_corrcoef(y, p, sample_weight=w),
}


def sample(seed, n=400, alpha=(4.0, 1.0, 0.5), ties=False):
    rng = np.random.default_rng(seed)
    proba = rng.dirichlet(alpha, n)
    if ties:
        proba = np.round(proba * 8) / 8
        proba[:, 0] = 1 - proba[:, 1:].sum(axis=1)
        proba = np.clip(proba, 0, 1)
        proba /= proba.sum(axis=1, keepdims=True)
    y = (proba.cumsum(axis=1) > rng.random(n)[:, None]).argmax(axis=1)
    return proba, y, rng.exponential(size=n)


@pytest.mark.parametrize("metric", PEERS)
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_one_coordinate_is_exact(metric, ties, weighted):
    proba, y, w = sample(0, n=60, ties=ties)
    w = w if weighted else np.ones(len(y))
    start = np.array([1.0, 1.7, 0.6])
    for c in range(3):
        m, value = best_factor(proba, y, w, start, c, metric)
        tried = start.copy()
        tried[c] = m
        assert PEERS[metric](y, (proba * tried).argmax(axis=1), w) == pytest.approx(value)
        with np.errstate(divide="ignore", invalid="ignore"):
            switch = np.unique(np.delete(proba * start, c, 1).max(axis=1) / proba[:, c])
        switch = switch[np.isfinite(switch) & (switch > 0)]
        grid = np.r_[switch[0] / 2, np.sqrt(switch[1:] * switch[:-1]), switch[-1] * 2]
        slow = []
        for other in grid:
            tried[c] = other
            slow.append(PEERS[metric](y, (proba * tried).argmax(axis=1), w))
        assert value == pytest.approx(max(slow), abs=1e-9)


def test_a_row_that_is_sure_of_a_class_cannot_leave_it():
    proba = np.array([[0.0, 1.0]] * 10 + [[0.6, 0.4]] * 10)
    y, w = np.r_[np.zeros(10, int), np.tile([0, 1], 5)], np.ones(20)
    m, value = best_factor(proba, y, w, np.ones(2), 1, "balanced-accuracy")
    assert m > 0
    assert value == pytest.approx(balanced_accuracy_score(y, (proba * [1, m]).argmax(axis=1)))


@pytest.mark.parametrize("metric", ["f1", "balanced-accuracy"])
def test_the_mean_is_over_the_classes_present(metric):
    proba, y, w = sample(5)
    y[y == 2] = 0
    m, value = best_factor(proba, y, w, np.ones(3), 1, metric)
    predicted = (proba * [1, m, 1]).argmax(axis=1)
    peer = f1_score if metric == "f1" else recall_score
    assert value == pytest.approx(
        peer(y, predicted, labels=[0, 1], average="macro", sample_weight=w)
    )


@pytest.mark.parametrize("metric", PEERS)
def test_a_grid_of_all_weights_is_hardly_better(metric):
    proba, y, _ = sample(1)
    rule = DecisionWeights(metric).fit(proba, y)
    grid = np.geomspace(0.3, 20, 12)
    best = max(
        PEERS[metric](y, (proba * [1, a, b]).argmax(axis=1), None) for a in grid for b in grid
    )
    plain = PEERS[metric](y, proba.argmax(axis=1), None)
    assert rule.tuned_ and rule.value_ >= best - 0.01 and rule.value_ > plain
    assert rule.value_ == pytest.approx(PEERS[metric](y, rule.predict(proba), None))
    assert rule.weights_[0] == 1.0


@pytest.mark.parametrize("metric", ["balanced-accuracy", "gmean", "mcc"])
def test_two_classes_are_a_threshold(metric):
    rng = np.random.default_rng(4)
    p = rng.beta(0.8, 3, 600)
    y = (rng.random(600) < p).astype(int)
    by_cut = TunedThreshold(metric, n_boot=1).fit(p, y)
    by_product = DecisionWeights(metric).fit(p, y)
    assert by_product.value_ == pytest.approx(by_cut.value_)


def test_equal_weights_where_nothing_is_gained():
    y = np.repeat([0, 1, 2], 30)
    rule = DecisionWeights("f1").fit(np.eye(3)[y] * 0.7 + 0.1, y)
    assert rule.value_ == 1.0 and rule.weights_.tolist() == [1, 1, 1]


@pytest.mark.parametrize("metric", PEERS)
def test_too_few_rows_fall_back_to_theory(metric):
    proba, _, _ = sample(0, n=68)
    y = np.r_[np.zeros(60, int), np.ones(1, int), np.full(7, 2)]
    rule = DecisionWeights(metric).fit(proba, y)
    by_prior = metric in ("balanced-accuracy", "gmean")
    assert not rule.tuned_ and "class 1 has 1 row, 2 has 7 rows, too few" in rule.why_
    expected = [1, 60, 60 / 7] if by_prior else [1, 1, 1]
    np.testing.assert_allclose(rule.weights_, expected)


@pytest.mark.parametrize("metric", PEERS)
def test_a_class_of_few_rows_leaves_the_others_to_be_tuned(metric):
    proba, y, w = sample(3, alpha=(4.0, 1.0, 0.6, 0.5))
    few = np.flatnonzero(y == 1)[7:]
    proba, y, w = (np.delete(part, few, axis=0) for part in (proba, y, w))
    rule, others = DecisionWeights(metric).fit(proba, y, w), y != 1
    part = proba[others][:, [0, 2, 3]]
    alone = DecisionWeights(metric).fit(
        part / part.sum(axis=1, keepdims=True), np.array([0, -1, 1, 2])[y[others]], w[others]
    )
    assert rule.tuned_ and "class 1 has 7 rows, too few to tune on (it takes 8)" in rule.why_
    np.testing.assert_allclose(rule.weights_[[0, 2, 3]], alone.weights_)
    by_prior = metric in ("balanced-accuracy", "gmean")
    assert rule.weights_[1] == pytest.approx(w[y == 0].sum() / w[y == 1].sum() if by_prior else 1)


def test_classes_are_named_by_their_labels():
    y = np.r_[np.zeros(60, int), np.ones(33, int), np.full(7, 2)]
    with class_names(["ok", "late", "lost"]):
        rule = DecisionWeights().fit(sample(0, n=100)[0], y)
        assert rule.describe().endswith("'lost': 1)")
    assert "class 'lost' has 7 rows" in rule.why_
    labels = np.array(["ok", "late", "lost"])[y]
    X = np.eye(3)[y] + np.random.default_rng(0).normal(size=(100, 3))
    model = DecidedClassifier(GaussianNB(), DecisionWeights()).fit(X, labels)
    assert "class 'lost' has 7 rows" in model.decision_.why_


def test_an_absent_class_keeps_one():
    proba, y, _ = sample(2)
    y[y == 2] = 1
    rule = DecisionWeights("f1").fit(proba, y)
    raw = rule.weights_
    assert rule.tuned_ and np.all(raw > 0) and np.all(np.isfinite(raw))
    assert rule.value_ >= f1_score(y, proba.argmax(axis=1), labels=[0, 1], average="macro")


def test_one_class_alone_is_said():
    rule = DecisionWeights().fit(np.full((30, 3), 1 / 3), np.ones(30, int))
    assert not rule.tuned_ and "only class 1" in rule.why_


def test_probabilities_of_zero_are_legal():
    y = np.repeat([0, 1, 2], 40)
    proba = np.eye(3)[np.r_[y[:100], (y[100:] + 1) % 3]]
    rule = DecisionWeights("f1").fit(proba, y)
    assert np.array_equal(rule.predict(proba), proba.argmax(axis=1))
