"""F scores: precision and recall in one number (van Rijsbergen, 1979)."""

from functools import partial
from typing import Any

import numpy as np
from sklearn import metrics as sk

from rarebird.registry import register

from .cells import ratio
from .label_kinds import CellMetric


def _f_beta(tp: Any, fp: Any, fn: Any, tn: Any, *, beta: float) -> np.ndarray:
    hit = (1 + beta**2) * np.asarray(tp)
    return np.where(tp + fn > 0, ratio(hit, hit + beta**2 * np.asarray(fn) + fp), np.nan)


def _metric_of(beta: float) -> CellMetric:
    cells, score = partial(_f_beta, beta=beta), partial(sk.fbeta_score, beta=beta)
    return CellMetric(f"f{beta:g}", f"F{beta:g}", requires=(1,), cells=cells, score=score)


f1_score, f2_score, f05_score = (_metric_of(beta) for beta in (1.0, 2.0, 0.5))
for _metric, _text in (
    (f1_score, "F1: 2 tp / (2 tp + fp + fn), precision and recall alike."),
    (f2_score, "F2: 5 tp / (5 tp + 4 fn + fp), recall counting twice as much as precision."),
    (f05_score, "F0.5: 5 tp / (5 tp + fn + 4 fp), precision counting twice as much as recall."),
):
    register(**_metric.card_fields(_text))(_metric)
