"""A metric of a ranking in one file: how much more often a positive outranks than is outranked."""

import numpy as np
from sklearn.metrics import roc_auc_score

from rarebird.metrics.cells import ratio
from rarebird.metrics.draws import RankedWeights
from rarebird.metrics.ranking_kind import RankingMetric
from rarebird.registry import register


def _gini(y_true: np.ndarray, y_score: np.ndarray, sample_weight: np.ndarray) -> float:
    return 2 * roc_auc_score(y_true, y_score, sample_weight=sample_weight) - 1


def _weighted(w: RankedWeights) -> np.ndarray:
    positives, negatives = w.totals
    lost = (w.pos * (w.above + w.inside * w.between + w.tied / 2)).sum(1)
    lost = lost + (0 if w.good else w.extra_pos * negatives)
    return 1 - 2 * ratio(lost, positives * negatives, np.nan)


dummy_gini = RankingMetric(
    "dummy-gini", "Gini index", requires=(0, 1), score=_gini, weighted=_weighted
)
register(**dummy_gini.card_fields("Twice the AUC less one.", "closed form"))(dummy_gini)
