"""Which threshold is best for F1, and how sure can one be of it?"""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from rarebird.decide import TunedThreshold

for n_rare in (10, 40, 400):
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [19 * n_rare, n_rare])
    X = rng.normal(size=(len(y), 3)) + 1.2 * y[:, None]
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    p = cross_val_predict(LogisticRegression(), X, y, cv=folds, method="predict_proba")
    rule = TunedThreshold("f1", n_boot=500).fit(p, y)  # scores of rows not fitted on
    between = f" [{rule.low_:.2f}, {rule.high_:.2f}]" if rule.tuned_ else ""
    print(f"{n_rare} rare rows: threshold {rule.threshold_:.2f}{between}; {rule.why_}")
