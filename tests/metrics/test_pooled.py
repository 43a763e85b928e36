"""Tests of differences of pooled predictions: a slow reference, bounds, what is refused."""

import numpy as np
import pytest
from sklearn import metrics as sk

from rarebird import metrics as rm
from rarebird._errors import DataError, ParameterError

FORM = {
    "scores": lambda s: s,
    "labels": lambda s: (s > 1).astype(int),
    "probabilities": lambda s: 1 / (1 + np.exp(2 - s)),
}


def pooled(seed=0, g=40, size=25, gain=1.0, repeats=2):
    """Return the truth, blocks with a shift of their own, and scores (R, n) of three models."""
    rng = np.random.default_rng(seed)
    blocks = np.repeat(np.arange(g), size)
    y = (rng.random(g * size) < 0.15).astype(int)
    shift = rng.normal(0, 0.5, g)[blocks]
    base = rng.normal(size=len(y)) + y + shift + 0.3 * rng.normal(size=(repeats, len(y)))
    return y, blocks, {"plain": base, "better": base + gain * y, "same": base.copy()}


@pytest.mark.parametrize(
    "name", ["ap", "roc-auc", "recall@5%", "recall@100", "f1", "brier", "logloss"]
)
def test_a_better_model_is_found_and_a_copy_is_equal(name):
    y, blocks, scores = pooled()
    metric = rm.get_metric(name)
    out = {key: FORM[metric.needs](value) for key, value in scores.items()}
    pairs = [(out["better"], out["plain"]), (out["same"], out["plain"])]
    better, same = rm.pooled_differences(metric, y, pairs, blocks=blocks)
    sign = 1 if metric.greater_is_better else -1
    gains = [metric(y, b) - metric(y, a) for b, a in zip(*pairs[0], strict=True)]
    assert better.value == pytest.approx(sign * np.mean(gains))
    assert better.p <= better.p_adjusted < 0.05 and better.low > 0
    assert (same.value, same.p, same.p_adjusted) == (0, 1, 1)


def test_the_standard_error_is_that_of_a_slow_bootstrap_of_blocks():
    y, blocks, out = pooled(gain=0.3, repeats=1)
    pair = np.repeat(out["better"], 2, axis=0), np.repeat(out["plain"], 2, axis=0)
    metric, rng = rm.get_metric("ap"), np.random.default_rng(9)
    [found] = rm.pooled_differences(metric, y, [pair], blocks=blocks, n_boot=2000)
    members = [np.flatnonzero(blocks == b) for b in range(40)]
    slow = []
    for _ in range(600):
        rows = np.concatenate([members[b] for b in rng.integers(0, 40, 40)])
        slow.append(metric(y[rows], pair[0][0, rows]) - metric(y[rows], pair[1][0, rows]))
    assert found.standard_error == pytest.approx(np.std(slow), rel=0.15)
    assert 20 < found.df < 39  # a block with more positives counts for more


def test_repeats_that_disagree_widen_the_interval_and_one_repeat_is_cautious():
    y, _, out = pooled(gain=0.2, repeats=3)
    rng, base = np.random.default_rng(1), out["plain"]
    shaken = base + np.array([0.1, 0.8, 1.6])[:, None] * y + 0.01 * rng.normal(size=base.shape)
    steady = base + 0.8 * y
    found = rm.pooled_differences("ap", y, [(shaken, base), (steady, base)])
    assert found[0].standard_error > 1.5 * found[1].standard_error
    assert found[0].df < 5 < found[1].df
    [one] = rm.pooled_differences("ap", y, [(steady[:1], base)])  # the first repeat of both
    assert one.standard_error > found[1].standard_error


def test_copies_of_rows_in_one_block_are_no_evidence():
    y, _, out = pooled(g=10, gain=0.4, repeats=1)
    pair = out["better"], out["plain"]
    [once] = rm.pooled_differences("ap", y, [pair])
    many = [np.tile(x, (1, 4)) for x in pair]
    [copies] = rm.pooled_differences(
        "ap", np.tile(y, 4), [many], blocks=np.tile(np.arange(len(y)), 4)
    )
    [weighted] = rm.pooled_differences("ap", y, [pair], sample_weight=np.full(len(y), 4.0))
    for found in (copies, weighted):
        assert found.standard_error == pytest.approx(once.standard_error, rel=1e-3)
        assert found.df == pytest.approx(once.df)


def test_pairs_that_a_race_dropped_count():
    y, _, out = pooled(gain=0.1)
    pairs = [(out["better"], out["plain"]), (out["plain"], out["better"])]
    two = rm.pooled_differences("ap", y, pairs)
    ten = rm.pooled_differences("ap", y, pairs, entered=10)
    assert ten[0].p == two[0].p
    assert ten[0].p_adjusted == pytest.approx(1 - (1 - two[0].p_adjusted) ** 5)
    with pytest.raises(ParameterError, match="entered"):
        rm.pooled_differences("ap", y, pairs, entered=1)


def test_many_classes_and_own_metrics():
    rng = np.random.default_rng(2)
    y = rng.choice(3, 600, p=[0.7, 0.2, 0.1])
    p = rng.dirichlet(np.ones(3), (2, 600))
    good = p + np.eye(3)[y]
    pair = good / good.sum(-1, keepdims=True), p
    options = {"blocks": np.arange(600) // 20, "n_classes": 3}
    for name in ("ap", "brier", "f1"):
        labels = rm.get_metric(name).needs == "labels"
        of = [x.argmax(-1) for x in pair] if labels else pair
        [found] = rm.pooled_differences(name, y, [of], **options)
        assert found.p_adjusted < 0.01
    slow = rm.RankingMetric("slow", "slow", score=sk.average_precision_score, requires=(1,))
    a, b = (
        rm.pooled_differences(m, y, [pair], n_boot=100, **options)[0]
        for m in (rm.get_metric("ap"), slow)
    )
    assert a.standard_error == pytest.approx(b.standard_error, rel=1e-4)


def test_the_seed_decides_and_nothing_is_nothing():
    y, _, out = pooled()
    pairs = [(out["better"], out["plain"])]
    first, again = (rm.pooled_differences("ap", y, pairs, random_state=3) for _ in range(2))
    assert first == again and rm.pooled_differences("ap", y, []) == []


def test_what_cannot_be_tested_is_refused():
    y, blocks, out = pooled()
    pairs = [(out["better"], out["plain"])]
    with pytest.raises(DataError, match="1 block"):
        rm.pooled_differences("ap", y, pairs, blocks=np.zeros(len(y)))
    with pytest.raises(DataError, match="for 1000 rows"):
        rm.pooled_differences("ap", y, pairs, blocks=blocks[:-1])
    with pytest.raises(DataError, match="undefined"):
        rm.pooled_differences("ap", np.zeros(1000, int), pairs)
    with pytest.raises(DataError, match="pair 0 has no repeat"):
        rm.pooled_differences("ap", y, [(out["better"][:0], out["plain"])])
