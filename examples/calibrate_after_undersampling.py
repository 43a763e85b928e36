"""Under-sampling makes probabilities too high. How are they corrected?"""

import numpy as np
from sklearn.linear_model import LogisticRegression

from rarebird.decide import correct_prior
from rarebird.metrics import log_loss

rng = np.random.default_rng(0)
y = (rng.random(40_000) < 0.02).astype(int)
X = rng.normal(size=(40_000, 3)) + 1.0 * y[:, None]
train, test = np.arange(20_000), np.arange(20_000, 40_000)

rare = train[y[train] == 1]
common = rng.choice(train[y[train] == 0], len(rare), replace=False)
balanced = np.concatenate([rare, common])  # half of it rare: not the shares in use
model = LogisticRegression().fit(X[balanced], y[balanced])

before = model.predict_proba(X[test])
after = correct_prior(before, training_prior=0.5, target_prior=y[train].mean())

print(f"share of rare rows:           {y[test].mean():.3f}")
print(f"mean probability before:      {before[:, 1].mean():.3f}")
print(f"mean probability after:       {after[:, 1].mean():.3f}")
print(f"log loss before:              {log_loss(y[test], before):.3f}")
print(f"log loss after:               {log_loss(y[test], after):.3f}")
