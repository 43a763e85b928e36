"""Tables that imbalanced-learn refuses: polars, text with missing values, rows with weights."""

import numpy as np
import polars as pl

from rarebird.resample import SMOTE, TomekLinks

rng = np.random.default_rng(0)
y = np.repeat(["ok", "fraud"], [270, 30])
frame = pl.DataFrame({"amount": rng.gamma(2, 50, 300), "hour": rng.integers(0, 24, 300)})

# 1. A polars frame comes back as one, with its types
cleaned, y_cleaned = TomekLinks().fit_resample(frame, y)
print(f"polars: {len(frame)} rows, {len(cleaned)} after cleaning, {cleaned.schema}")

# 2. Text and missing values: neighbours vote on text, numbers are interpolated, and no value goes
#    missing that its parents have
mixed = frame.with_columns(
    pl.Series("country", rng.choice(["fr", "de", None], 300).tolist()),
    pl.when(pl.col("hour") > 20).then(None).otherwise(pl.col("amount")).alias("amount"),
)
sampler = SMOTE(random_state=0)
more, y_more = sampler.fit_resample(mixed, y)
print(f"text and missing values: {(y_more == 'fraud').sum()} frauds, {set(more['country'])}")
print("the first new row comes from rows", sampler.parents_[len(mixed)].tolist())

# 3. Weights follow their rows; a new row's weight lies between those of its parents
weights = rng.uniform(1, 3, 300)
*_, new_weights = SMOTE(random_state=0).fit_resample(frame, y, sample_weight=weights)
print(f"weights: {len(new_weights)}, from {new_weights.min():.2f} to {new_weights.max():.2f}")
