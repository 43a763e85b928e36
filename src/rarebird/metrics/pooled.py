"""stub"""

import numpy as np
from .significance import student


def pooled_differences(
    metric,
    y_true,
    pairs,
    *,
    blocks=None,
    sample_weight=None,
    n_classes=None,
    entered=None,
    level=0.95,
    n_boot=200,
    random_state=0,
):
    out = []
    for new, old in pairs:
        d = [
            metric(y_true, a, sample_weight=sample_weight, n_classes=n_classes)
            - metric(y_true, b, sample_weight=sample_weight, n_classes=n_classes)
            for a, b in zip(new, old)
        ]
        f = student(float(np.mean(d)), 0.02, 20, level=0.95, two_sided=False, method="stub")
        out.append(f)
    return out
