import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve, precision_score, recall_score

from rarebird.decide import MinimumPrecision, MinimumRecall


def sample(seed, n=300, ties=False):
    rng = np.random.default_rng(seed)
    p = rng.beta(0.8, 2, n)
    p = p.round(1) if ties else p
    return p, (rng.random(n) < p).astype(int), rng.exponential(size=n)


@pytest.mark.parametrize("minimum", [0.3, 0.5, 0.6])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_other_side_is_as_large_as_the_peers_curve_allows(minimum, ties, weighted):
    p, y, w = sample(3, ties=ties)
    w = w if weighted else np.ones(len(y))
    precision, recall, _ = precision_recall_curve(y, p, sample_weight=w)
    precision, recall = precision[:-1], recall[:-1]
    first = MinimumPrecision(minimum, n_boot=2).fit(p, y, w)
    assert first.met_ and first.recall_ == pytest.approx(recall[precision >= minimum].max())
    second = MinimumRecall(minimum, n_boot=2).fit(p, y, w)
    assert second.met_ and second.precision_ == pytest.approx(precision[recall >= minimum].max())
    for rule in (first, second):
        predicted = rule.predict(p)
        assert precision_score(y, predicted, sample_weight=w) == pytest.approx(rule.precision_)
        assert recall_score(y, predicted, sample_weight=w) == pytest.approx(rule.recall_)
    assert first.precision_ >= minimum and second.recall_ >= minimum


def test_an_unmet_constraint_is_an_answer_in_words():
    p = np.r_[np.full(50, 0.8), np.full(150, 0.1)]
    y = np.r_[np.ones(31, int), np.zeros(19, int), np.ones(30, int), np.zeros(120, int)]
    rule = MinimumPrecision(0.9).fit(p, y)
    assert rule.met_ is False and rule.tuned_
    assert rule.why_ == (
        "precision 0.9 is not reached on the folds; the best is 0.62 at recall 0.508"
    )
    assert rule.predict([0.8, 0.1]).tolist() == [1, 0]
    assert rule.low_ <= rule.threshold_ <= rule.high_


def test_a_met_constraint_says_what_it_reaches():
    p, y, _ = sample(0, n=2000)
    rule = MinimumPrecision(0.6).fit(p, y)
    assert rule.met_ is True and rule.why_.startswith("precision 0.6")
    assert rule.low_ < rule.threshold_ < rule.high_


def test_of_equals_the_fewer_alerts_win():
    p = np.r_[np.full(30, 0.9), np.full(30, 0.5), np.full(30, 0.1)]
    y = np.r_[np.ones(30, int), np.zeros(60, int)]
    assert MinimumPrecision(0.3).fit(p, y).threshold_ == pytest.approx(0.7)
    assert MinimumRecall(1.0).fit(p, y).threshold_ == pytest.approx(0.7)
    w = np.r_[np.ones(30), np.zeros(30), np.ones(30)]  # rows without weight change no ratio
    assert MinimumPrecision(0.9).fit(p, y, w).threshold_ == pytest.approx(0.7)


@pytest.mark.parametrize("rule", [MinimumPrecision(0.5), MinimumRecall(0.5)])
def test_with_few_positives_the_probabilities_stand_in_for_the_labels(rule):
    rng = np.random.default_rng(0)
    p = rng.beta(1, 9, 500)
    y = np.r_[np.ones(7, int), np.zeros(493, int)]
    rule.fit(p, y)
    order = np.sort(p)[::-1]
    precision = np.cumsum(order) / np.arange(1, 501)
    recall = np.cumsum(order) / order.sum()
    kept, free = (precision, recall) if rule.keeps == "precision" else (recall, precision)
    assert not rule.tuned_ and np.isnan(rule.low_) and rule.met_
    assert "7 positive and 493 negative rows are too few" in rule.why_
    reached = rule.recall_ if rule.keeps == "precision" else rule.precision_
    assert reached == pytest.approx(free[kept >= 0.5].max())
    flipped = type(rule)(0.5).fit(p, 1 - y)  # labels do not matter
    assert flipped.threshold_ == rule.threshold_


def test_no_chance_at_all_is_said():
    rule = MinimumRecall(0.8).fit(np.zeros(50), np.zeros(50, int))
    assert rule.met_ is False and "not reached" in rule.why_
