"""How good it is, and how sure one can be: metrics, curves, intervals, tests."""

from .blocks import block_bootstrap
from .confusion import confusion
from .curves import (
    CalibrationBin,
    CostCurve,
    Gain,
    PrecisionRecall,
    calibration_bins,
    cost_curve,
    gain,
    precision_recall,
)
from .estimate import Estimate, Range
from .functions import (
    average_precision,
    balanced_accuracy,
    brier,
    cohen_kappa,
    f_beta,
    geometric_mean,
    log_loss,
    mcc,
    mean_cost,
    precision,
    precision_at_k,
    recall,
    recall_at_k,
    roc_auc,
    specificity,
    total_cost,
)
from .intervals import clopper_pearson, interval, paired_difference, wilson
from .scoring import score
from .significance import Difference, corrected_t, family_wise
from .table import Metric, cost_metric, get_metric, metric_names, per_class

__all__ = [
    "CalibrationBin",
    "CostCurve",
    "Difference",
    "Estimate",
    "Gain",
    "Metric",
    "PrecisionRecall",
    "Range",
    "average_precision",
    "balanced_accuracy",
    "block_bootstrap",
    "brier",
    "calibration_bins",
    "clopper_pearson",
    "cohen_kappa",
    "confusion",
    "corrected_t",
    "cost_curve",
    "cost_metric",
    "f_beta",
    "family_wise",
    "gain",
    "geometric_mean",
    "get_metric",
    "interval",
    "log_loss",
    "mcc",
    "mean_cost",
    "metric_names",
    "paired_difference",
    "per_class",
    "precision",
    "precision_at_k",
    "precision_recall",
    "recall",
    "recall_at_k",
    "roc_auc",
    "score",
    "specificity",
    "total_cost",
    "wilson",
]
