"""A metric of the user's own does all that a registered one does."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as sk

import contract.metrics  # noqa: F401 - its checks join the list
from contract.checks import CHECKS, Method
from contract.rare import RARE
from rarebird import metrics as rm
from rarebird.decide import DecisionWeights, TunedThreshold
from rarebird.metrics.cells import ratio
from rarebird.registry import Card


def jaccard(tp, fp, fn, tn):
    return np.where(tp + fn > 0, ratio(tp, tp + fp + fn), np.nan)


def reciprocal_rank(y_true, y_score, sample_weight=None):
    """The weighted mean, over positives, of 1 / rank."""
    rank = (y_score >= y_score[:, None]) @ sample_weight
    own = sample_weight * y_true
    return float((own / rank).sum() / own.sum())


JACCARD = rm.CellMetric(
    "jaccard", "Jaccard index", cells=jaccard, score=sk.jaccard_score, requires=(1,)
)
# Those of tests/registry/dummies go through the contract as well; these are what they are not.
OWN = [
    replace(JACCARD, name="own-jaccard", tasks=("binary",), averaging="", score=None),
    rm.RankingMetric("mrr", "reciprocal rank", score=reciprocal_rank, requires=(1,)),
]
ASKED = [check for check in CHECKS if "metric" in check.kinds]
LIGHT = ("one_in_10k",)  # a metric that is called once a draw takes minutes there


@pytest.mark.parametrize("metric", OWN, ids=lambda metric: metric.name)
@pytest.mark.parametrize("check", ASKED, ids=lambda check: check.name)
def test_an_own_metric_passes_the_contract(metric, check):
    card = Card(**metric.card_fields("A metric of the user's own.", "slow reference"))
    if not check.per_case:
        check.function(Method(card, metric))
        return
    for name in [name for name in RARE if name not in LIGHT]:
        check.function(Method(card, metric), RARE[name]())


def test_the_contract_asks_for_enough():
    assert len(ASKED) >= 15


def test_an_own_metric_tunes_decisions():
    rng = np.random.default_rng(0)
    y = (rng.random(400) < 0.3).astype(int)
    p = np.clip(0.3 * y + 0.7 * rng.random(400), 0, 1)
    rule = TunedThreshold(JACCARD, n_boot=2).fit(p, y)
    assert rule.value_ == max(sk.jaccard_score(y, p >= t) for t in np.unique(p))
    f1 = TunedThreshold("f1", n_boot=2).fit(p, y)
    assert rule.threshold_ == f1.threshold_  # the two rise together
    three = rng.dirichlet([4, 1, 1], 500)
    codes = (three.cumsum(1) > rng.random((500, 1))).argmax(1)
    weights = DecisionWeights(JACCARD).fit(three, codes)
    plain = sk.jaccard_score(codes, three.argmax(1), average="macro")
    assert weights.tuned_ and weights.value_ > plain
