"""Average precision and the area under the ROC curve."""

import numpy as np
from sklearn import metrics as sk

from rarebird.registry import register

from .cells import ratio
from .draws import RankedWeights
from .ranking_kind import RankingMetric


def _ap(w: RankedWeights) -> np.ndarray:
    (all_pos, all_neg), extra = w.totals, np.asarray(w.extra_pos)
    fp = w.above + w.inside * w.negatives
    tp = np.cumsum(w.pos, 1) - w.own * w.pos + (extra.reshape(-1, 1) if w.good else 0.0)
    end = extra if w.good else extra * ratio(all_pos, all_pos + all_neg)
    return ratio((w.pos * ratio(tp, tp + fp)).sum(1) + end, all_pos, np.nan)


def _auc(w: RankedWeights) -> np.ndarray:
    all_pos, all_neg = w.totals
    lost = w.above + w.inside * w.between + w.tied / 2
    won = (w.pos * (all_neg[:, None] - lost)).sum(1) + (w.extra_pos * all_neg if w.good else 0.0)
    return ratio(won, all_pos * all_neg, np.nan)


average_precision_score = RankingMetric(
    "ap", "average precision", requires=(1,), score=sk.average_precision_score, weighted=_ap,
    logit=True,
)  # fmt: skip
roc_auc_score = RankingMetric(
    "roc-auc", "ROC AUC", requires=(0, 1), score=sk.roc_auc_score, weighted=_auc
)

_AP = "The mean, over positives, of the precision at the positive's own score; no interpolation."
_AUC = "Area under the ROC curve: how often a positive outranks a negative, ties counting half."
for _metric, _text in ((average_precision_score, _AP), (roc_auc_score, _AUC)):
    _evidence = "scikit-learn 1.9: equal values; slow loop over pairs"
    register(**_metric.card_fields(_text, _evidence))(_metric)
