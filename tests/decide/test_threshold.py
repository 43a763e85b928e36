import numpy as np
import pytest
from sklearn.metrics import (
    balanced_accuracy_score,
    cohen_kappa_score,
    f1_score,
    fbeta_score,
    matthews_corrcoef,
    recall_score,
)

from rarebird.decide import TunedThreshold
from rarebird.decide.cuts import Cuts, bootstrap_interval, plateau_middle
from rarebird.metrics import cost_metric


def gmean(y, predicted, sample_weight=None):
    sides = [
        recall_score(y, predicted, pos_label=c, sample_weight=sample_weight, zero_division=0)
        for c in (0, 1)
    ]
    return np.sqrt(sides[0] * sides[1])


PEERS = {
    "f1": lambda *a, **k: f1_score(*a, zero_division=0, **k),
    "f2": lambda *a, **k: fbeta_score(*a, beta=2, zero_division=0, **k),
    "balanced-accuracy": balanced_accuracy_score,
    "gmean": gmean,
    "mcc": matthews_corrcoef,
    "kappa": cohen_kappa_score,
}


def sample(seed, n=150, ties=False):
    rng = np.random.default_rng(seed)
    p = rng.beta(0.8, 2, n)
    p = p.round(1) if ties else p
    return p, (rng.random(n) < p).astype(int), rng.exponential(size=n)


@pytest.mark.parametrize("metric", PEERS)
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_no_cut_is_better_by_the_peers_metric(metric, ties, weighted):
    for seed in range(2):
        p, y, w = sample(seed, n=90, ties=ties)
        w = w if weighted else np.ones(len(y))
        rule = TunedThreshold(metric, n_boot=2, min_positives=9).fit(p, y, w)
        peer = PEERS[metric]
        cuts = [*np.unique(p), 2.0]
        values = [peer(y, (p >= t).astype(int), sample_weight=w) for t in cuts]
        assert rule.tuned_
        assert rule.value_ == pytest.approx(max(values), abs=1e-12)
        assert peer(y, rule.predict(p), sample_weight=w) == pytest.approx(max(values), abs=1e-12)


def test_the_threshold_is_halfway_between_neighbours():
    p, y = np.r_[np.full(30, 0.2), np.full(30, 0.4)], np.r_[np.zeros(30, int), np.ones(30, int)]
    assert TunedThreshold().fit(p, y).threshold_ == pytest.approx(0.3)


def test_equally_good_cuts_give_the_middle_of_their_run():
    # Rows of weight 0 between the classes change nothing: five cuts are equally good.
    p = np.r_[np.full(30, 0.1), [0.2, 0.3, 0.4, 0.5], np.full(30, 0.6)]
    y = np.r_[np.zeros(34, int), np.ones(30, int)]
    w = np.r_[np.ones(30), np.zeros(4), np.ones(30)]
    assert TunedThreshold().fit(p, y, w).threshold_ == pytest.approx(0.35)
    assert plateau_middle(np.array([2.0, 2.0, 1.0, 2.0])) == 0


@pytest.mark.parametrize("low", [0.3, np.nextafter(0.3, 1), 0.0])
def test_neighbouring_floats_still_alert(low):
    high = np.nextafter(low, 1)
    p, y = np.r_[np.full(30, low), np.full(30, high)], np.r_[np.zeros(30, int), np.ones(30, int)]
    assert np.array_equal(TunedThreshold().fit(p, y).predict(p), y)


def test_scores_of_zero_and_one_are_cut_too():
    p, y = np.r_[np.zeros(30), np.ones(30)], np.r_[np.zeros(30, int), np.ones(30, int)]
    assert TunedThreshold().fit(p, y).threshold_ == 0.5
    everybody = TunedThreshold("f1").fit(np.zeros(60), y)
    assert everybody.predict([0.0]).tolist() == [1]


def test_a_metric_object_with_a_bad_direction_is_minimised():
    p, y, _ = sample(0, n=400)
    rule = TunedThreshold(cost_metric([[0, 9], [1, 0]]), n_boot=2).fit(p, y)
    costs = [np.mean(np.where(y == 1, 9 * (p < t), p >= t)) for t in [*np.unique(p), 2.0]]
    assert rule.value_ == pytest.approx(min(costs))


@pytest.mark.parametrize("positives", [0, 1, 7, 19])
@pytest.mark.parametrize("metric", ["f1", "mcc", "balanced-accuracy", "gmean"])
def test_too_few_rows_are_not_tuned_on(metric, positives):
    rng = np.random.default_rng(0)
    y = np.r_[np.ones(positives, int), np.zeros(1000 - positives, int)]
    score = 0.3 * rng.random(1000)
    rule = TunedThreshold(metric).fit(score, y)
    by_prior = metric in ("balanced-accuracy", "gmean") and positives
    assert not rule.tuned_ and np.isnan(rule.low_) and np.isnan(rule.high_)
    if by_prior:
        assert rule.threshold_ == positives / 1000
    else:  # never a threshold that no row reaches
        assert rule.predict(score).sum() == max(positives, 1)
        assert "alerts on about as many rows as are positive" in rule.why_
    assert f"{positives} positive and {1000 - positives} negative" in rule.why_
    few_negatives = TunedThreshold(metric).fit(rng.random(1000), 1 - y)
    assert not few_negatives.tuned_


def test_twenty_rows_are_enough_and_zero_weights_do_not_count():
    y = np.r_[np.ones(20, int), np.zeros(100, int)]
    p = np.linspace(1, 0, 120)
    assert TunedThreshold().fit(p, y).tuned_
    assert not TunedThreshold().fit(p, y, np.r_[0.0, np.ones(119)]).tuned_


def test_the_default_is_the_optimum_of_balanced_accuracy_on_calibrated_scores():
    grid = np.linspace(0.0005, 0.9995, 1000)
    share = np.exp(-8 * grid)
    cuts = Cuts.of(grid, share * grid, share * (1 - grid))
    tp, fp, fn, tn = cuts.counts
    best = cuts.threshold[np.argmax(tp / (tp + fn) + tn / (tn + fp))]
    weight, y = (
        np.r_[share * grid, share * (1 - grid)],
        np.r_[np.ones(1000, int), np.zeros(1000, int)],
    )
    rule = TunedThreshold("balanced-accuracy", min_positives=1001).fit(np.r_[grid, grid], y, weight)
    assert not rule.tuned_ and rule.threshold_ == pytest.approx(best, abs=0.002)


def test_the_base_rate_counts_weights_and_keeps_equal_scores_together():
    p, y = np.r_[0.1, 0.2, 0.2, 0.2, 0.3, 0.4], np.r_[0, 0, 0, 1, 0, 0]
    w = np.r_[5.0, 1, 1, 3, 1, 1]  # the class weighs 3 of 12
    rule = TunedThreshold().fit(p, y, w)
    assert rule.predict(p).tolist() == [0, 0, 0, 0, 1, 1]  # a weight of 2, not of 7
    assert TunedThreshold().fit(np.full(6, 0.2), y, w).predict([0.2]).tolist() == [1]
    unseen = np.r_[np.ones(5), 0.0]  # the largest score has no weight
    assert TunedThreshold().fit(p, 0 * y, unseen).predict(p).tolist() == [0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize("metric", [*PEERS, "f0.5"])
def test_scores_that_rank_the_wrong_way_still_alert_on_a_row(metric):
    y = np.r_[np.zeros(60, int), np.ones(40, int)]
    p = np.where(y == 1, 0.1, 0.2) + np.linspace(0, 0.01, 100)
    rule = TunedThreshold(metric, n_boot=3).fit(p, y)
    assert rule.tuned_ and rule.predict(p).any()
    share = TunedThreshold(metric, min_positives=50).fit(p, y)  # 0.4 is above every score
    assert not share.tuned_ and share.predict(p).any()


def test_costs_may_ask_for_no_alert_and_say_so():
    p, y = sample(0, n=400)[0], np.arange(400) % 2
    rule = TunedThreshold(cost_metric([[0, 1], [99, 0]]), n_boot=2).fit(p, y)
    assert not rule.predict(p).any() and rule.why_.endswith("best where no row alerts")


def slow_bootstrap(p, y, n_boot, level, rng):
    chosen = []
    for _ in range(n_boot):
        rows = np.concatenate([rng.choice(np.flatnonzero(y == c), np.sum(y == c)) for c in (0, 1)])
        chosen.append(TunedThreshold("f1", n_boot=1).fit(p[rows], y[rows]).threshold_)
    return np.quantile(chosen, [(1 - level) / 2, (1 + level) / 2])


def test_the_interval_is_that_of_redrawn_rows():
    rng = np.random.default_rng(5)
    p = rng.beta(0.5, 3, 3000)
    y = (rng.random(3000) < p).astype(int)
    slow = slow_bootstrap(p, y, 400, 0.8, rng)
    fast = TunedThreshold("f1", n_boot=1000, level=0.8).fit(p, y)
    # A weight that differs in one row takes the path that redraws rows.
    rows = TunedThreshold("f1", n_boot=400, level=0.8).fit(p, y, np.r_[1 + 1e-9, np.ones(2999)])
    for rule in (fast, rows):
        assert rule.low_ < rule.threshold_ < rule.high_
        assert [rule.low_, rule.high_] == pytest.approx(slow.tolist(), abs=0.02)
    assert slow[1] - slow[0] > 0.05


def test_the_interval_repeats_with_its_seed_and_narrows_with_its_level():
    p, y, _ = sample(1, n=1000)
    a, b, c = (TunedThreshold(random_state=s).fit(p, y) for s in (0, 0, 1))
    assert (a.low_, a.high_) == (b.low_, b.high_) != (c.low_, c.high_)
    assert TunedThreshold(level=0.5).fit(p, y).high_ < a.high_


def test_a_redraw_counts_what_a_loop_counts():
    p, y, w = sample(2, n=40, ties=True)
    cuts = Cuts.of(p, w * y, w * (1 - y))
    for t, tp, fp in zip(cuts.threshold, cuts.tp, cuts.fp, strict=True):
        assert tp == pytest.approx(w[(p >= t) & (y == 1)].sum())
        assert fp == pytest.approx(w[(p >= t) & (y == 0)].sum())
    seen = []
    bootstrap_interval(
        cuts,
        p,
        y,
        np.ones(40),
        lambda counts: seen.append(counts) or 0,
        n_boot=300,
        level=0.9,
        rng=np.random.default_rng(0),
    )
    corner = np.flatnonzero(np.diff(cuts.tp, prepend=0) > 0)
    plain = Cuts.of(p, y.astype(float), 1.0 - y)
    for part in range(4):
        mean = np.mean([counts[part] for counts in seen], axis=0)
        np.testing.assert_allclose(mean, plain.counts[part][corner], atol=1.0)
    assert all(np.allclose(tp + fn, y.sum()) for tp, _, fn, _ in seen)


def test_a_redraw_counts_rows_that_lie_on_the_threshold():
    y, seen = np.r_[np.ones(20, int), np.zeros(10, int)], []
    bootstrap_interval(
        Cuts.of(np.zeros(30), y.astype(float), 1.0 - y),
        np.zeros(30),
        y,
        np.ones(30),
        lambda counts: seen.append(counts) or 0,
        n_boot=3,
        level=0.9,
        rng=np.random.default_rng(0),
    )
    assert [[float(part[0]) for part in counts] for counts in seen] == [[20, 10, 0, 0]] * 3


def test_many_positives_are_thinned_and_the_interval_stays():
    rng = np.random.default_rng(0)
    p = rng.random(30_000)
    y = (rng.random(30_000) < p).astype(int)
    rule = TunedThreshold("f1", n_boot=30).fit(p, y)
    assert rule.low_ < (3 - 5**0.5) / 2 < rule.high_  # closed form: t^2 - 3t + 1 = 0
    assert rule.high_ - rule.low_ < 0.1
